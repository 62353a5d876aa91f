//! Reads properties files (any `.yml` below the model, seed, snapshot, test and macro folders).
//! What is written about a node is kept as a [`Patch`] until that node is captured.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::node::Columns;
use crate::node::Constraint;
use crate::node::Function;
use crate::node::MacroDoc;
use crate::node::Node;
use crate::node::Resource;
use crate::node::SparseMap;
use crate::parse::columns;
use crate::parse::columns::TestEntry;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::functions;
use crate::parse::semantic;
use crate::parse::semantic::Entries;
use crate::parse::strange_keys;
use crate::parse::versions;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

/// Renders the Jinja in one text of a properties file; `None` leaves the text as it is.
pub(super) type RenderText<'a> = dyn Fn(&Yaml) -> Option<Data> + Sync + 'a;

/// Everything that the properties files of one package say.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub patches: Vec<Patch>,
    pub sources: Vec<Entry>,
    pub exposures: Vec<Entry>,
    pub unit_tests: Vec<Entry>,
    pub groups: Vec<Entry>,
    pub semantic: Entries,
    /// Each with its place, for messages.
    pub macros: Vec<(MacroDoc, Place)>,
}

/// One entry of a section, rendered, for the file that reads its kind.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub file: Arc<SourceFile>,
    pub package: String,
    pub yaml: Yaml,
    /// The same before Jinja.
    pub raw: Yaml,
}

/// What a properties file says about one model, seed, snapshot, analysis or singular test.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    /// `models`, `seeds`, `snapshots`, `analyses`, `functions` or `data_tests`.
    pub section: &'static str,
    pub package: String,
    pub name: String,
    pub file: Arc<SourceFile>,
    /// The name in the file, for messages.
    pub place: Place,
    /// `package://path`.
    pub patch_path: String,
    pub description: String,
    pub columns: Columns,
    pub config: SparseMap,
    /// `config` before Jinja.
    pub config_as_written: SparseMap,
    pub constraints: Vec<Constraint>,
    pub deprecation_date: Option<String>,
    pub time_spine: Option<Box<Value>>,
    pub tests: Vec<TestEntry>,
    pub version: Option<Box<Version>>,
    /// `relation:` of a snapshot that is written in YAML alone: `ref(..)` or `source(..)`.
    pub relation: Option<Box<Yaml>>,
    /// Arguments and result of a function.
    pub function: Option<Box<Function>>,
}

impl Patch {
    /// Whether it may describe one of these nodes.
    pub(super) fn is_of_any(&self, nodes: &[Node]) -> bool {
        let file = self
            .version
            .as_ref()
            .map(|version| version.defined_in.as_str());
        let mut own = nodes.iter().filter(|node| node.package == self.package);
        own.any(|node| {
            let has_file =
                !matches!(node.resource, Resource::Source | Resource::Test) || node.code.is_some();
            has_file && (node.name == self.name || file == Some(files::stem(&node.path)))
        })
    }
}

/// Which of a model's versions a patch is for.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub version: Value,
    pub latest: Value,
    /// Whether the file is named by the user, and not by the usual rule.
    pub is_placed: bool,
    /// File name, without ending, that holds the code.
    pub defined_in: String,
}

const SECTIONS: [&str; 16] = [
    "version",
    "models",
    "seeds",
    "snapshots",
    "sources",
    "tests",
    "data_tests",
    "exposures",
    "unit_tests",
    "functions",
    "macros",
    "analyses",
    "groups",
    "metrics",
    "semantic_models",
    "saved_queries",
];

/// Sections of dbt that name things sqlmill loads elsewhere or not yet.
const OTHER_SECTIONS: [&str; 1] = ["anchors"];

/// Reads one properties file.
pub(super) fn read(
    file: &Arc<SourceFile>,
    package: &str,
    below: &str,
    render: &RenderText<'_>,
    bag: &Bag,
) -> Properties {
    let mut properties = Properties::default();
    let Some(root) = crate::config::yaml::parse(file, bag) else {
        return properties;
    };
    if root.is_null() {
        return properties;
    }
    if !root.is_map() {
        let message = format!(
            "a properties file holds sections such as `models:`, not {}",
            root.kind()
        );
        bag.add(Diagnostic::error("properties-shape", message).at(root.place()));
        return properties;
    }
    let reader = Reader {
        file,
        package,
        below,
        render,
        bag,
    };
    for (key, value) in root.entries() {
        reader.section(key, value, &mut properties);
    }
    properties
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    package: &'a str,
    /// Path of the file below its package.
    below: &'a str,
    render: &'a RenderText<'a>,
    bag: &'a Bag,
}

impl Reader<'_> {
    fn section(&self, key: &Yaml, value: &Yaml, into: &mut Properties) {
        let name = key.key_text();
        match &*name {
            "models" | "seeds" | "snapshots" | "analyses" | "functions" | "tests"
            | "data_tests" => {
                let section = match &*name {
                    "models" => "models",
                    "seeds" => "seeds",
                    "snapshots" => "snapshots",
                    "analyses" => "analyses",
                    "functions" => "functions",
                    _ => "data_tests",
                };
                for entry in self.named(&name, value) {
                    into.patches.extend(self.patches(section, entry));
                }
            }
            "sources" => into
                .sources
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "exposures" => into
                .exposures
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "unit_tests" => into
                .unit_tests
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "groups" => into
                .groups
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "semantic_models" => into
                .semantic
                .models
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "metrics" => into
                .semantic
                .metrics
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "saved_queries" => into
                .semantic
                .saved_queries
                .extend(self.named(&name, value).map(|entry| self.entry(entry))),
            "macros" => into.macros.extend(
                self.named(&name, value)
                    .map(|entry| (self.macro_doc(entry), entry.place_of("name"))),
            ),
            name if SECTIONS.contains(&name) || OTHER_SECTIONS.contains(&name) => {}
            name => {
                let known = SECTIONS.iter().chain(&OTHER_SECTIONS).copied();
                self.bag.add(
                    Diagnostic::warning(
                        "unknown-section",
                        format!("`{name}` is no section of a properties file"),
                    )
                    .at(key.place())
                    .note("this part is ignored")
                    .maybe_hint(nearest(name, known).map(|n| format!("did you mean `{n}`?")))
                    .event("CustomTopLevelKeyDeprecation")
                    .field("msg", format!("Unexpected top-level key {name}"))
                    .field("file", self.file.shown.as_str()),
                );
            }
        }
    }

    /// The entries of a section that are mappings with a name; others are reported.
    fn named<'b>(&'b self, section: &'b str, value: &'b Yaml) -> impl Iterator<Item = &'b Yaml> {
        let items = fields::list(value, section, self.bag);
        items.iter().filter(move |entry| {
            let has_name = entry.get("name").is_some_and(|name| !name.is_null());
            if !has_name {
                let found = if entry.is_map() {
                    "one without".to_string()
                } else {
                    entry.kind().to_string()
                };
                let message =
                    format!("every entry of `{section}` is a mapping with a `name`, found {found}");
                let found = Diagnostic::error("missing-name", message).at(entry.place());
                self.bag.add(found.hint("begin it with `- name: ...`"));
            }
            has_name
        })
    }

    fn entry(&self, yaml: &Yaml) -> Entry {
        Entry {
            file: self.file.clone(),
            package: self.package.to_string(),
            yaml: self.rendered(yaml),
            raw: yaml.clone(),
        }
    }

    /// Renders all texts except those that are rendered later, with more at hand.
    fn rendered(&self, yaml: &Yaml) -> Yaml {
        yaml.map_texts(&mut |path, value| {
            if is_rendered_later(path) || !value.as_text().is_some_and(has_jinja) {
                None
            } else {
                (self.render)(value)
            }
        })
    }

    /// One patch, or one for each version of the model.
    fn patches(&self, section: &'static str, raw: &Yaml) -> Vec<Patch> {
        let yaml = self.rendered(raw);
        strange_keys::of_node(&yaml, self.bag);
        let base = Patch {
            config_as_written: self.config(raw).into(),
            ..self.patch(section, &yaml)
        };
        match (section, yaml.get("versions")) {
            ("models", Some(list)) => versions::patches(base, &yaml, list, self.bag),
            ("models", None) => {
                versions::check_latest(&base, &yaml, self.bag);
                vec![base]
            }
            _ => vec![base],
        }
    }

    fn patch(&self, section: &'static str, yaml: &Yaml) -> Patch {
        let name = yaml
            .get("name")
            .map(|n| n.printed().into_owned())
            .unwrap_or_default();
        let mut tests = Vec::new();
        let columns = columns::read(yaml, &mut tests, self.bag);
        tests.extend(columns::below(yaml, None, self.bag));
        tests.shrink_to_fit();
        let time_spine = semantic::time_spine(yaml, &columns, self.bag);
        let relation = yaml.get("relation").filter(|r| !r.is_null());
        Patch {
            section,
            package: self.package.to_string(),
            file: self.file.clone(),
            place: yaml.place_of("name"),
            patch_path: format!("{}://{}", self.package, self.below),
            description: fields::text(yaml, "description", self.bag).unwrap_or_default(),
            columns: columns.into(),
            config: self.config(yaml).into(),
            config_as_written: SparseMap::default(),
            constraints: columns::constraints(yaml, self.bag),
            deprecation_date: versions::deprecation_date(yaml, self.bag),
            time_spine: time_spine.map(Box::new),
            tests,
            version: None,
            function: (section == "functions")
                .then(|| Box::new(functions::signature(yaml, self.bag))),
            relation: relation.cloned().map(Box::new),
            name,
        }
    }

    /// `config:` with the settings that may also stand beside it.
    fn config(&self, yaml: &Yaml) -> Map<String, Value> {
        let mut config = Map::new();
        for key in ["docs", "meta", "group", "access", "freshness", "enabled"] {
            if let Some(value) = yaml.get(key).filter(|v| !v.is_null()) {
                config.insert(key.to_string(), value.to_json());
            }
        }
        if let Some(written) = yaml.get("config").filter(|c| !c.is_null())
            && fields::is_map(written, "config", self.bag)
        {
            self.report_both_places(yaml, written);
            config.extend(written.to_json_map());
        }
        config
    }

    /// Some settings may stand in one place only.
    fn report_both_places(&self, yaml: &Yaml, config: &Yaml) {
        for key in ["docs", "meta", "group", "access"] {
            if let (Some((beside, _)), Some((within, _))) = (yaml.entry(key), config.entry(key)) {
                let message = format!(
                    "In {}: found {key} dictionary in 'config' dictionary and as top-level key. Remove \
                     the top-level key and define it under 'config' dictionary only.",
                    self.file.shown
                );
                let found = Diagnostic::error("setting-in-two-places", message).at(beside.place());
                let found = found.related(within.place(), "given here too");
                self.bag.add(found.headline("Parsing Error"));
            }
        }
    }

    fn macro_doc(&self, raw: &Yaml) -> MacroDoc {
        let yaml = self.rendered(raw);
        let config = self.config(&yaml);
        let object = |key: &str| {
            config
                .get(key)
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default()
        };
        let arguments = yaml
            .get("arguments")
            .map_or(&[][..], |list| fields::list(list, "arguments", self.bag));
        MacroDoc {
            package: self.package.to_string(),
            name: yaml
                .get("name")
                .map(|n| n.printed().into_owned())
                .unwrap_or_default(),
            description: fields::text(&yaml, "description", self.bag).unwrap_or_default(),
            meta: object("meta"),
            docs: object("docs"),
            arguments: arguments
                .iter()
                .map(|argument| {
                    let text = |key: &str| fields::text(argument, key, self.bag);
                    (
                        text("name").unwrap_or_default(),
                        text("type"),
                        text("description").unwrap_or_default(),
                    )
                })
                .collect(),
            patch_path: Some(format!("{}://{}", self.package, self.below)),
        }
    }
}

/// Descriptions wait for docs blocks, tests for their node, hooks for the run; conditions of metrics
/// are in a Jinja of their own. What a test is set to is no argument of it, and waits for nothing.
fn is_rendered_later(path: &[&Yaml]) -> bool {
    let keys: Vec<&str> = path.iter().filter_map(|key| key.as_text()).collect();
    let waits = keys.iter().position(|key| WAITING.contains(key));
    waits.is_some_and(|at| !columns::TESTS.contains(&keys[at]) || !is_test_setting(&keys[at + 1..]))
}

/// Whether a path within a test's entry, with or without the test's name first, leads to a setting.
fn is_test_setting(path: &[&str]) -> bool {
    let is_setting = |key: &&str| *key == "config" || columns::TEST_SETTINGS.contains(key);
    path.iter().take(2).any(is_setting)
}

const WAITING: [&str; 11] = [
    "description",
    "tests",
    "data_tests",
    "pre-hook",
    "pre_hook",
    "post-hook",
    "post_hook",
    "sql_header",
    "filter",
    "where",
    "loaded_at_query",
];

/// Whether a text can change by rendering at all.
pub(super) fn has_jinja(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}
