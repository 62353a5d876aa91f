//! Makes the record of one node: settings from all layers, code captured, names asked for.

use crate::adapter::Relation;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::Severity;
use crate::base::SourceFile;
use crate::config::Family;
use crate::config::NodeConfig;
use crate::jinja;
use crate::jinja::Engine;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::node::Columns;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::node::SparseMap;
use crate::node::UniqueId;
use crate::parse::capture::CaptureScope;
use crate::parse::capture::Captured;
use crate::parse::capture::Subject;
use crate::parse::constraints;
use crate::parse::contracts;
use crate::parse::names::Defaults;
use crate::parse::node_settings;
use crate::parse::own_hooks;
use crate::parse::properties::Patch;
use crate::parse::python;
use crate::parse::site::Owner;
use crate::parse::site::Site;
use crate::parse::stand_in;
use crate::parse::tests;
use crate::parse::wrong_settings;
use indexmap::IndexSet;
use serde_json::Map;
use std::sync::Arc;

/// What is known of a node before its code is captured.
pub(super) struct Draft<'a> {
    pub resource: Resource,
    pub package: &'a str,
    pub name: String,
    /// `model.shop.orders`, or with more at the end for versions and generic tests.
    pub unique_id: String,
    pub fqn: Vec<String>,
    /// Below the folder of its kind.
    pub path: String,
    /// Below its package.
    pub original_file_path: String,
    pub file: Arc<SourceFile>,
    /// Where its code lies in the file; `None` where the code is made, not written.
    pub code: Option<std::ops::Range<usize>>,
    /// Line of the file where it begins, counted from 1.
    pub first_line: usize,
    pub raw_code: Arc<str>,
    pub checksum: String,
    pub language: &'static str,
    pub patch: Option<&'a Patch>,
    pub detail: Detail,
    /// Tags from the column that a test was written under, or from the event of a hook.
    pub inherited_tags: Vec<String>,
    /// What is written beside the node itself; `None` leaves it to the patch.
    pub description: Option<&'a str>,
}

impl Draft<'_> {
    /// Whether its code is nothing but the call of a macro.
    fn is_generic_test(&self) -> bool {
        matches!(&self.detail, Detail::Test(test) if test.metadata.is_some())
    }
}

/// A finished node, or what kept it from being one.
pub(super) type Made = Result<Node, Box<Diagnostic>>;

pub(super) fn make(site: &Site<'_>, draft: Draft<'_>) -> Made {
    let family = family(draft.resource);
    let mut unrendered = Map::new();
    let mut config = NodeConfig::new(family);
    node_settings::settings_of_project(site, &draft, Owner::Package, &mut config, &mut unrendered);
    if let Some(patch) = draft.patch {
        config.apply(&patch.config);
        node_settings::note(
            &mut unrendered,
            node_settings::written_settings(site, patch),
        );
    }
    // A function in Python is the warehouse's to read.
    let is_python_model = draft.language == "python" && draft.resource == Resource::Model;
    if is_python_model {
        node_settings::settle_python(&mut config, &mut unrendered);
    }
    let is_off = is_off(site, &draft, &config);
    let (mut captured, failed) = match is_python_model {
        true => (capture_python(&draft, is_off)?, None),
        false => capture(site, &draft),
    };
    if draft.is_generic_test() {
        tests::settle(&draft, &mut captured);
    }
    match failed {
        // A disabled node may be broken: nobody asks it for anything.
        Some(error) if !is_off && !is_found_when_run(&error) => {
            return Err(Box::new(headed(error.diagnostic(), &draft)));
        }
        // `tests` has told of a generic test that does not exist.
        Some(error) if draft.is_generic_test() && error.frames.len() == 1 => {}
        // What a value lacks now it may have in the run; a name that nobody knows stays unknown.
        Some(error) if !is_off && error.unknown.is_some() => {
            site.bag.add(ahead_of_time(error.diagnostic(), &draft));
        }
        _ => {}
    }
    for settings in &captured.configs {
        node_settings::layer(&mut config, &mut unrendered, settings);
    }
    node_settings::gather(&mut unrendered, &captured.configs);
    node_settings::settings_of_project(site, &draft, Owner::Root, &mut config, &mut unrendered);
    if config.enabled() {
        captured.absorb(own_hooks::capture(site, &draft, &config)?);
    }
    site.bag.extend(wrong_settings::all(&draft, &config));
    if family == Family::Test {
        config.settle_stored_failures();
    }
    let patch = draft.patch;
    let node = assemble(site, draft, config, unrendered, captured);
    site.bag.extend(contracts::check(&node, patch));
    named(site, node).map_err(|error| Box::new(error.diagnostic()))
}

pub(super) fn family(resource: Resource) -> Family {
    match resource {
        Resource::Model => Family::Model,
        Resource::Seed => Family::Seed,
        Resource::Snapshot => Family::Snapshot,
        Resource::Test => Family::Test,
        Resource::Source => Family::Source,
        Resource::Exposure => Family::Exposure,
        Resource::Metric => Family::Metric,
        Resource::SemanticModel => Family::SemanticModel,
        Resource::SavedQuery => Family::SavedQuery,
        Resource::UnitTest => Family::UnitTest,
        Resource::Function => Family::Function,
        Resource::Analysis | Resource::Operation | Resource::SqlOperation => Family::Other,
    }
}

/// Whether the node is disabled by what is known before its code is read.
fn is_off(site: &Site<'_>, draft: &Draft<'_>, config: &NodeConfig) -> bool {
    let mut config = config.clone();
    node_settings::settings_of_project(site, draft, Owner::Root, &mut config, &mut Map::new());
    !config.enabled()
}

/// What the code of a Python model said; a disabled one may be broken.
fn capture_python(draft: &Draft<'_>, is_off: bool) -> Result<Captured, Box<Diagnostic>> {
    let code = draft.code.clone().unwrap_or_default();
    match python::read(&draft.file, code) {
        Err(_) if is_off => Ok(Captured::default()),
        read => read.map_err(|found| Box::new(headed(*found, draft))),
    }
}

/// What stand-ins need to know about the node.
pub(super) fn subject<'a>(site: &Site<'_>, draft: &Draft<'a>) -> Subject<'a> {
    Subject {
        package: draft.package,
        this: site.relation(site.default_database(), site.default_schema(), &draft.name),
        model: stand_in::model(site, draft),
    }
}

/// What the code said, as far as it could be rendered. Where something is not there yet, it is
/// rendered again without minding that, so that what comes after it is heard too.
fn capture(site: &Site<'_>, draft: &Draft<'_>) -> (Captured, Option<RenderError>) {
    if draft.language != "sql" || draft.resource == Resource::Seed {
        return (Captured::default(), None);
    }
    let (captured, failed) = attempt(site, draft, |engine, template, scope| {
        engine.render(template, scope).map(drop)
    });
    match failed {
        Some(error) if is_found_when_run(&error) => {
            let (captured, again) = attempt(site, draft, Engine::walk);
            let other = again.filter(|error| !is_found_when_run(error));
            (captured, other.or(Some(error)))
        }
        _ => (captured, failed),
    }
}

/// Tests whose list of macros is their own one alone, whatever it calls.
const FIXED_TESTS: [&str; 2] = ["macro.dbt.test_not_null", "macro.dbt.test_unique"];

type Renders = fn(&Arc<Engine>, &Template, &Arc<dyn Scope>) -> Result<(), RenderError>;

fn attempt(
    site: &Site<'_>,
    draft: &Draft<'_>,
    renders: Renders,
) -> (Captured, Option<RenderError>) {
    let scope = CaptureScope::new(
        subject(site, draft),
        site.globals_of(draft.package),
        site.watch(&draft.file),
    );
    let called = tests::macro_id(site, draft);
    if let Some(called) = &called {
        scope.entered(called, 1);
    }
    let failed = render(site, draft, scope.clone(), renders).err();
    if let Some(patch) = draft.patch.filter(|_| draft.resource == Resource::Model) {
        constraints::capture(site, patch, &scope);
    }
    let mut captured = scope.captured();
    if called.is_some_and(|called| FIXED_TESTS.contains(&called.as_str())) {
        captured.macros.truncate(1);
    }
    (captured, failed)
}

fn render(
    site: &Site<'_>,
    draft: &Draft<'_>,
    mut scope: Arc<CaptureScope>,
    renders: Renders,
) -> Result<(), RenderError> {
    if let Detail::Test(test) = &draft.detail
        && let Some(metadata) = &test.metadata
    {
        let dyn_scope: Arc<dyn Scope> = scope.clone();
        let arguments = tests::arguments(&site.engine, &metadata.kwargs, &dyn_scope)?;
        scope = scope.with(tests::KWARGS, arguments);
    }
    let template = match &draft.code {
        Some(code) => Template::part(&draft.file, code.clone()),
        None => Template::made(&Place::line(&draft.file, draft.first_line), &draft.raw_code),
    };
    let scope: Arc<dyn Scope> = scope;
    renders(&site.engine, &template, &scope)
}

/// An unknown name fails the one node that uses it when its turn comes; the others are built.
pub(super) fn is_found_when_run(error: &RenderError) -> bool {
    error.code == "undefined-name"
}

/// The same mistake told as a warning, before anything runs.
fn ahead_of_time(diagnostic: Diagnostic, draft: &Draft<'_>) -> Diagnostic {
    let severity = Severity::Warning;
    Diagnostic {
        severity,
        headline: None,
        ..diagnostic
    }
    .note(format!(
        "{} {} will fail when it is run",
        draft.resource.as_str(),
        draft.name
    ))
}

fn assemble(
    site: &Site<'_>,
    draft: Draft<'_>,
    config: NodeConfig,
    unrendered_config: Map<String, serde_json::Value>,
    captured: Captured,
) -> Node {
    let patch = draft.patch;
    let place = patch.map_or_else(|| Place::whole(&draft.file), |patch| patch.place.clone());
    let text = draft
        .description
        .or(patch.map(|patch| patch.description.as_str()))
        .unwrap_or_default();
    let (description, doc_blocks) = site.described(text, draft.package, &place);
    let detail = settled(draft.detail, &config);
    let columns = patch.map_or_else(Columns::default, |patch| {
        site.described_columns(&patch.columns, draft.package, &patch.place)
    });
    let share = |map| site.configs.share_map(map);
    Node {
        unique_id: UniqueId::new(draft.unique_id.as_str()),
        resource: draft.resource,
        package: draft.package.to_string(),
        name: draft.name,
        path: draft.path,
        original_file_path: draft.original_file_path,
        file: draft.file,
        code: draft.code,
        first_line: draft.first_line,
        fqn: draft.fqn,
        database: site.default_database().to_string(),
        schema: site.default_schema().to_string(),
        alias: String::new(),
        relation_name: None,
        checksum: draft.checksum,
        raw_code: draft.raw_code,
        language: draft.language,
        tags: tags(draft.inherited_tags, &config),
        meta: SparseMap::from(config.meta()).kept(share),
        config: site.configs.share(config),
        unrendered_config: SparseMap::from(unrendered_config).kept(share),
        description,
        doc_blocks,
        columns,
        patch_path: patch.map(|patch| patch.patch_path.clone()),
        refs: captured.refs,
        sources: captured.sources,
        metrics: captured.metrics,
        functions: captured.functions,
        macros: captured.macros.into_iter().collect(),
        render: captured.render,
        created_at: site.created_at,
        detail,
    }
}

/// Settings that are a part of the record too.
fn settled(mut detail: Detail, config: &NodeConfig) -> Detail {
    if let Detail::Model(model) = &mut detail
        && let Some(access) = config.text("access")
    {
        model.access = access.to_string();
    }
    detail
}

/// A node's tags, each once.
fn tags(inherited: Vec<String>, config: &NodeConfig) -> Vec<String> {
    let tags: IndexSet<String> = inherited.into_iter().chain(config.tags()).collect();
    tags.into_iter().collect()
}

/// Gives a node its database, schema and alias; hooks and inline queries live nowhere.
fn named(site: &Site<'_>, mut node: Node) -> Result<Node, RenderError> {
    node.alias = node.name.clone();
    if node.resource == Resource::SqlOperation {
        return Ok(node);
    }
    let defaults = Defaults {
        database: site.default_database(),
        schema: site.default_schema(),
    };
    let node = Arc::new(node);
    let scope = || site.names_scope(&node.package, &node.file);
    let found = site
        .name_rules(&node.package)
        .apply(&node, defaults, &site.engine, scope)?;
    let mut node = Arc::unwrap_or_clone(node);
    let target = |key: &str| match node.resource {
        Resource::Snapshot => node.config.text(key).map(str::to_string),
        _ => None,
    };
    // What a snapshot says outright goes by no rule.
    let (database, schema) = (target("target_database"), target("target_schema"));
    node.database = database.unwrap_or(found.database);
    node.schema = schema.unwrap_or(found.schema);
    node.alias = found.alias;
    // With `--store-failures` each test has a relation, also one that keeps its failures to itself.
    let is_stored = node.resource == Resource::Test
        && (site.flags().store_failures || node.config.flag("store_failures") == Some(true));
    if node.has_relation() || is_stored {
        let relation = site.relation(&node.database, &node.schema, &node.alias);
        node.relation_name = Some(quoted(&relation, &node.config.map("quoting")).render());
    }
    Ok(node)
}

/// The relation with a node's own `quoting:` settings.
pub(super) fn quoted(relation: &Relation, quoting: &Map<String, serde_json::Value>) -> Relation {
    let flag = |key: &str| quoting.get(key).and_then(serde_json::Value::as_bool);
    relation.quoting(|parts| {
        parts.database = flag("database").unwrap_or(parts.database);
        parts.schema = flag("schema").unwrap_or(parts.schema);
        parts.identifier = flag("identifier").unwrap_or(parts.identifier);
    })
}

/// A mistake in a node's code with the words by which callers know it.
pub(super) fn headed(diagnostic: Diagnostic, draft: &Draft<'_>) -> Diagnostic {
    let place = Place::whole(&draft.file);
    let diagnostic = if diagnostic.place.is_none() {
        diagnostic.at(place)
    } else {
        diagnostic
    };
    if diagnostic.headline.is_some() {
        return diagnostic;
    }
    let family = jinja::family_of(diagnostic.code).as_str();
    diagnostic.headline(format!(
        "{family} Error in {} {} ({})",
        draft.resource.as_str(),
        draft.name,
        draft.original_file_path
    ))
}
