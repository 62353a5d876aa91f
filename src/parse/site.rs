//! What all readers of one project share: its packages, the engine, and how texts are rendered.

use crate::adapter::Relation;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::config::Flags;
use crate::config::SharedConfigs;
use crate::config::settings::Section;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::jinja::Engine;
use crate::jinja::Globals;
use crate::jinja::Names;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::values;
use crate::node::Columns;
use crate::node::DocBlock;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::docs;
use crate::parse::docs::Docs;
use crate::parse::names::Rules;
use crate::parse::project_settings;
use crate::parse::properties;
use crate::parse::properties::Properties;
use crate::parse::properties::has_jinja;
use crate::parse::uses::Sink;
use crate::parse::uses::UsesByFile;
use crate::parse::uses::Watch;
use crate::project::Package;
use crate::project::Project;
use crate::project::ProjectFile;
use crate::sql::Dialect;
use minijinja::value::Value;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use serde_json::Map;
use std::sync::Arc;

/// What the caller has at hand.
pub struct Inputs<'a> {
    pub project: &'a Project,
    pub engine: &'a Arc<Engine>,
    /// The shared names of templates for each package; `vars` differ between packages.
    pub globals: &'a FxHashMap<String, Arc<Globals>>,
    pub dialect: &'static Dialect,
    /// Database and schema of the target.
    pub database: &'a str,
    pub schema: &'a str,
    /// The query given with `--inline`.
    pub inline: Option<&'a str>,
    /// Seconds since 1970.
    pub created_at: f64,
    pub flags: &'a Flags,
}

pub(super) struct Site<'a> {
    pub bag: &'a Bag,
    pub engine: Arc<Engine>,
    pub docs: Arc<Docs>,
    pub created_at: f64,
    pub configs: SharedConfigs,
    uses: Arc<Sink>,
    wanted: Option<&'a FxHashSet<String>>,
    name_rules: FxHashMap<String, Rules>,
    inputs: &'a Inputs<'a>,
}

/// What a parse is to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent<'a> {
    Whole,
    /// Files by their shown paths; and the docs blocks of the whole project.
    Files(&'a FxHashSet<String>, &'a [DocBlock]),
}

/// Whose project file speaks about a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The package that the node belongs to: its word is weaker than the node's own.
    Package,
    /// The root project, where the node belongs to another package: its word is the last.
    Root,
}

impl<'a> Site<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>, extent: Extent<'a>, bag: &'a Bag) -> Self {
        let (docs, wanted) = match extent {
            Extent::Whole => (Docs::read_all(inputs.project, bag), None),
            Extent::Files(files, docs) => (Docs::of_blocks(docs), Some(files)),
        };
        let packages = inputs.project.packages();
        let rules = packages.map(|p| (p.name.clone(), Rules::of_package(inputs.engine, &p.name)));
        Site {
            bag,
            configs: SharedConfigs::default(),
            uses: Arc::default(),
            wanted,
            name_rules: rules.collect(),
            engine: inputs.engine.clone(),
            docs: Arc::new(docs),
            created_at: inputs.created_at,
            inputs,
        }
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = &'a Package> + use<'a> {
        self.inputs.project.packages()
    }

    /// Those of the files that are to be read.
    pub(super) fn wanted<'f>(
        &'f self,
        files: &'f [ProjectFile],
    ) -> impl Iterator<Item = &'f ProjectFile> + use<'f, 'a> {
        let is_wanted = |file: &&ProjectFile| {
            self.wanted
                .is_none_or(|wanted| wanted.contains(&file.source.shown))
        };
        files.iter().filter(is_wanted)
    }

    pub(super) fn dialect(&self) -> &'static Dialect {
        self.inputs.dialect
    }

    pub(super) fn flags(&self) -> &'a Flags {
        self.inputs.flags
    }

    pub(super) fn inline(&self) -> Option<&'a str> {
        self.inputs.inline
    }

    pub(super) fn root_package(&self) -> &str {
        &self.inputs.project.root.name
    }

    pub(super) fn default_database(&self) -> &str {
        self.inputs.database
    }

    pub(super) fn default_schema(&self) -> &str {
        self.inputs.schema
    }

    pub(super) fn relation(&self, database: &str, schema: &str, identifier: &str) -> Relation {
        let quoting = self.inputs.project.root.settings.quoting;
        let relation = Relation::new(
            self.inputs.dialect,
            Some(database),
            Some(schema),
            Some(identifier),
        );
        relation.quoting(|parts| {
            parts.database = quoting.database.unwrap_or(parts.database);
            parts.schema = quoting.schema.unwrap_or(parts.schema);
            parts.identifier = quoting.identifier.unwrap_or(parts.identifier);
        })
    }

    /// The trees of settings for a kind of node: of its own package, then of the root project.
    pub(super) fn setting_trees(
        &self,
        package: &str,
        resource: Resource,
    ) -> impl Iterator<Item = &'a Map<String, serde_json::Value>> + use<'a> {
        self.owners(package)
            .filter_map(move |package| package.settings.tree(section(resource)?))
    }

    /// The same trees as written, before Jinja.
    pub(super) fn unrendered_setting_trees(
        &self,
        package: &str,
        resource: Resource,
    ) -> impl Iterator<Item = &'a Map<String, serde_json::Value>> + use<'a> {
        self.owners(package)
            .filter_map(move |package| package.settings.unrendered_tree(section(resource)?))
    }

    /// The trees of one owner alone, after Jinja and as written.
    pub(super) fn trees_of(
        &self,
        package: &str,
        resource: Resource,
        owner: Owner,
    ) -> Option<[&'a Map<String, serde_json::Value>; 2]> {
        let root = &self.inputs.project.root;
        let settings = match owner {
            Owner::Package => &self.inputs.project.package(package)?.settings,
            Owner::Root if package == root.name => return None,
            Owner::Root => &root.settings,
        };
        let section = section(resource)?;
        Some([settings.tree(section)?, settings.unrendered_tree(section)?])
    }

    /// Whose project files speak about a node of a package: its own, then the root project.
    fn owners(&self, package: &str) -> impl Iterator<Item = &'a Package> + use<'a> {
        let root = &self.inputs.project.root;
        let own = self.inputs.project.package(package);
        own.filter(|own| own.name != root.name)
            .into_iter()
            .chain([root])
    }

    pub(super) fn globals_of(&self, package: &str) -> Arc<Globals> {
        self.inputs
            .globals
            .get(package)
            .cloned()
            .unwrap_or_default()
    }

    /// How nodes of a package are named; every package of the project has its rules.
    pub(super) fn name_rules(&self, package: &str) -> &Rules {
        let own = self.name_rules.get(package);
        own.or_else(|| self.name_rules.get(self.root_package()))
            .expect("the root project has its rules")
    }

    /// The names for macros that name a node: no `ref`, but everything shared.
    pub(super) fn names_scope(&self, package: &str, file: &Arc<SourceFile>) -> Arc<dyn Scope> {
        Arc::new(self.with_globals(Names::new(package).with("execute", true), file))
    }

    /// A scope for a text of a file.
    pub(super) fn with_globals(&self, names: Names, file: &Arc<SourceFile>) -> WithGlobals {
        WithGlobals {
            globals: self.globals_of(&names.package),
            watch: self.watch(file),
            names,
        }
    }

    /// Listens to what the texts of a file use.
    pub(super) fn watch(&self, file: &Arc<SourceFile>) -> Watch {
        Watch {
            sink: self.uses.clone(),
            file: file.clone(),
            engine: self.engine.clone(),
        }
    }

    /// All properties files of all packages.
    pub(super) fn properties(&self) -> Properties {
        let files: Vec<_> = self
            .packages()
            .flat_map(|p| self.wanted(&p.files.properties).map(move |file| (p, file)))
            .collect();
        let read = files.par_iter().map(|(package, file)| {
            let scope: Arc<dyn Scope> =
                Arc::new(self.with_globals(Names::new(package.name.clone()), &file.source));
            let render = |text: &Yaml| self.native(text, &scope);
            properties::read(&file.source, &package.name, &file.path, &render, self.bag)
        });
        let mut all = Properties::default();
        for properties in read.collect::<Vec<_>>() {
            all.patches.extend(properties.patches);
            all.sources.extend(properties.sources);
            all.exposures.extend(properties.exposures);
            all.unit_tests.extend(properties.unit_tests);
            all.macros.extend(properties.macros);
            all.groups.extend(properties.groups);
            all.semantic.extend(properties.semantic);
        }
        all
    }

    fn native(&self, text: &Yaml, scope: &Arc<dyn Scope>) -> Option<Data> {
        let place = text.place();
        let template = Template::made(&place, text.as_text()?);
        match self.engine.render_native(&template, scope) {
            Ok(value) => Some(Yaml::from_json(&values::to_json(&value), &place).data),
            Err(error) => {
                self.bag.add(error.diagnostic());
                None
            }
        }
    }

    /// Warns of folders in the settings of the root project that hold no node.
    pub(super) fn report_unused_settings(&self, nodes: &[Node], bag: &Bag) {
        let settings = &self.inputs.project.root.settings;
        let mut paths = Vec::new();
        for resource in CONFIGURED {
            let Some((section, tree)) =
                section(resource).and_then(|s| Some((s, settings.tree(s)?)))
            else {
                continue;
            };
            let used: Vec<&[String]> = nodes
                .iter()
                .filter(|node| node.resource == resource)
                .map(|node| node.fqn.as_slice())
                .collect();
            paths.extend(project_settings::unused(
                tree,
                &section.key().replace('-', "_"),
                &used,
            ));
        }
        if paths.is_empty() {
            return;
        }
        let list: String = paths.iter().map(|path| format!("\n- {path}")).collect();
        let message = format!(
            "Configuration paths exist in your dbt_project.yml file which do not apply to any resources.\n\
             There are {} unused configuration paths:{list}",
            paths.len()
        );
        let warning = Diagnostic::warning("unused-settings", message)
            .hint("look for a folder or a package that is spelled otherwise in dbt_project.yml");
        bag.add(
            warning
                .event("UnusedResourceConfigPath")
                .field("unused_config_paths", paths),
        );
    }

    /// A description with its docs blocks put in, and the ids of those.
    pub(super) fn described(
        &self,
        text: &str,
        package: &str,
        place: &Place,
    ) -> (String, Vec<String>) {
        docs::describe(self, text, package, place)
    }

    /// The columns with docs blocks put into their descriptions; the same ones where no description
    /// has any.
    pub(super) fn described_columns(
        &self,
        columns: &Columns,
        package: &str,
        place: &Place,
    ) -> Columns {
        let mut described = columns.clone();
        let texts = columns.values().map(|column| &column.description);
        for (at, text) in texts.enumerate().filter(|(_, text)| has_jinja(text)) {
            let (text, blocks) = self.described(text, package, place);
            let column = &mut Arc::make_mut(&mut described)[at];
            (column.description, column.doc_blocks) = (text, blocks);
        }
        described
    }

    /// Path of a file below its package.
    pub(super) fn path_in_package<'f>(&self, package: &str, file: &'f Arc<SourceFile>) -> &'f str {
        let folder = self
            .inputs
            .project
            .package(package)
            .map_or("", |p| p.shown_prefix.as_str());
        file.shown.strip_prefix(folder).unwrap_or(&file.shown)
    }

    /// The part of a path below the model, seed, ... folder that it lies in.
    pub(super) fn below_kind_folder<'p>(&self, package: &str, path: &'p str) -> &'p str {
        let folders = self
            .inputs
            .project
            .package(package)
            .map(|p| p.settings.resource_folders())
            .unwrap_or_default();
        let below = folders
            .iter()
            .filter_map(|folder| path.strip_prefix(folder)?.strip_prefix('/'));
        below.min_by_key(|below| below.len()).unwrap_or(path)
    }

    /// The files of a package with rows for unit tests.
    pub(super) fn fixtures(&self, package: &str) -> &'a [ProjectFile] {
        let own = self.inputs.project.package(package);
        own.map_or(&[], |package| &package.files.fixtures)
    }

    pub(super) fn take_uses(&self) -> UsesByFile {
        self.uses.take()
    }

    pub(super) fn into_docs(self) -> Vec<DocBlock> {
        Arc::into_inner(self.docs)
            .map(Docs::into_blocks)
            .unwrap_or_default()
    }
}

/// Kinds of nodes that a project file has a section for.
const CONFIGURED: [Resource; 11] = [
    Resource::Model,
    Resource::Seed,
    Resource::Snapshot,
    Resource::Test,
    Resource::Source,
    Resource::Exposure,
    Resource::Metric,
    Resource::SemanticModel,
    Resource::SavedQuery,
    Resource::UnitTest,
    Resource::Function,
];

/// The section of a project file for a kind of node.
fn section(resource: Resource) -> Option<Section> {
    Some(match resource {
        Resource::Model => Section::Models,
        Resource::Seed => Section::Seeds,
        Resource::Snapshot => Section::Snapshots,
        // Analyses and hooks are models that are not built: they inherit what models do.
        Resource::Analysis | Resource::Operation => Section::Models,
        Resource::Test => Section::DataTests,
        Resource::Source => Section::Sources,
        Resource::Exposure => Section::Exposures,
        Resource::Metric => Section::Metrics,
        Resource::SemanticModel => Section::SemanticModels,
        Resource::SavedQuery => Section::SavedQueries,
        Resource::UnitTest => Section::UnitTests,
        Resource::Function => Section::Functions,
        Resource::SqlOperation => return None,
    })
}

/// Fixed names over the shared ones.
pub(super) struct WithGlobals {
    names: Names,
    globals: Arc<Globals>,
    watch: Watch,
}

impl Scope for WithGlobals {
    fn get(&self, name: &str) -> Option<Value> {
        self.watch.asked(name);
        self.names.get(name).or_else(|| self.globals.get(name))
    }

    fn package(&self) -> &str {
        self.names.package()
    }

    fn entered(&self, macro_id: &str, _: usize) {
        self.watch.entered(macro_id);
    }

    fn names(&self) -> Vec<String> {
        self.names
            .names()
            .into_iter()
            .chain(self.globals.names())
            .collect()
    }
}
