//! Exposures: what outside of the project reads its models.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::Family;
use crate::config::NodeConfig;
use crate::config::yaml::Yaml;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Exposure;
use crate::node::Node;
use crate::node::Render;
use crate::node::Resource;
use crate::node::UniqueId;
use crate::parse::capture::CaptureScope;
use crate::parse::capture::Captured;
use crate::parse::capture::Subject;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::nodes;
use crate::parse::project_settings;
use crate::parse::properties::Entry;
use crate::parse::site::Site;
use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

/// One exposure, as written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub name: String,
    pub description: String,
    pub detail: Exposure,
    /// Each `ref(..)` or `source(..)` text of `depends_on`.
    pub depends_on: Vec<Yaml>,
    pub config: Map<String, Value>,
}

const KINDS: [&str; 5] = ["dashboard", "notebook", "analysis", "ml", "application"];

pub(super) fn read(entry: &Entry, bag: &Bag) -> Written {
    let yaml = &entry.yaml;
    let name = fields::text(yaml, "name", bag).unwrap_or_default();
    if !is_word(&name) {
        bag.add(spaced_name(yaml, &name));
    }
    let kind = fields::text(yaml, "type", bag)
        .unwrap_or_default()
        .to_lowercase();
    if !KINDS.contains(&kind.as_str()) {
        let place = yaml.get("type").map_or_else(|| yaml.place(), Yaml::place);
        let message = format!(
            "exposure `{name}` needs a type: one of {}",
            KINDS.join(", ")
        );
        bag.add(Diagnostic::error("exposure-type", message).at(place));
    }
    if yaml
        .get("owner")
        .and_then(|o| o.get("name").or(o.get("email")))
        .is_none()
    {
        let place = yaml.get("owner").map_or_else(|| yaml.place(), Yaml::place);
        let message = format!("exposure `{name}` needs an `owner` with a name or an email");
        bag.add(Diagnostic::error("exposure-owner", message).at(place));
    }
    let mut owner = Map::from_iter([
        ("email".to_string(), Value::Null),
        ("name".to_string(), Value::Null),
    ]);
    owner.extend(yaml.get("owner").map(Yaml::to_json_map).unwrap_or_default());
    let depends_on = yaml
        .get("depends_on")
        .map_or(&[][..], |list| fields::list(list, "depends_on", bag));
    Written {
        description: fields::text(yaml, "description", bag).unwrap_or_default(),
        detail: Exposure {
            kind,
            owner,
            label: fields::text(yaml, "label", bag),
            maturity: fields::text(yaml, "maturity", bag),
            url: fields::text(yaml, "url", bag),
        },
        depends_on: depends_on.to_vec(),
        config: config(yaml, bag),
        name,
    }
}

/// Letters, digits and underscores.
fn is_word(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn spaced_name(yaml: &Yaml, name: &str) -> Diagnostic {
    let place = yaml.get("name").map_or_else(|| yaml.place(), Yaml::place);
    let said = format!(
        "Starting in v1.3, the 'name' of an exposure should contain only letters, numbers, and underscores. \
         {name} does not follow this pattern."
    );
    Diagnostic::warning("exposure-name", said)
        .at(place)
        .hint("shorten the `name`, and put the title for people into `label`")
        .event("ExposureNameDeprecation")
        .field("exposure", name)
}

fn config(yaml: &Yaml, bag: &Bag) -> Map<String, Value> {
    let mut config = Map::new();
    for key in ["enabled", "meta", "tags"] {
        if let Some(value) = yaml.get(key).filter(|v| !v.is_null()) {
            config.insert(key.to_string(), value.to_json());
        }
    }
    if let Some(written) = yaml
        .get("config")
        .filter(|c| fields::is_map(c, "config", bag))
    {
        config.extend(written.to_json_map());
    }
    config
}

/// The node of one exposure. Its references are read as a model's are.
pub(super) fn node(site: &Site<'_>, entry: &Entry) -> nodes::Made {
    let written = read(entry, site.bag);
    let package = entry.package.as_str();
    let path = site.path_in_package(package, &entry.file);
    let below = site.below_kind_folder(package, path);
    let mut fqn = files::fqn(package, below);
    *fqn.last_mut().expect("a fqn has a package and a name") = written.name.clone();
    let mut config = NodeConfig::new(Family::Exposure);
    for tree in site.setting_trees(package, Resource::Exposure) {
        for layer in project_settings::layers(tree, &fqn) {
            config.apply(&layer);
        }
    }
    config.apply(&written.config);
    let place = entry
        .yaml
        .get("name")
        .map_or_else(|| entry.yaml.place(), Yaml::place);
    let (description, doc_blocks) = site.described(&written.description, package, &place);
    let captured = references(site, &written, package);
    let in_config = entry.yaml.get("config").map(Yaml::to_json_map);
    Ok(Node {
        unique_id: UniqueId::new(format!("exposure.{package}.{}", written.name)),
        resource: Resource::Exposure,
        package: package.to_string(),
        path: below.to_string(),
        original_file_path: path.to_string(),
        code: None,
        first_line: place.line_col().0,
        file: entry.file.clone(),
        fqn,
        database: String::new(),
        schema: String::new(),
        alias: written.name.clone(),
        relation_name: None,
        checksum: String::new(),
        raw_code: "".into(),
        language: "sql",
        tags: config.tags(),
        meta: config.meta(),
        config,
        unrendered_config: in_config.unwrap_or_default(),
        description,
        doc_blocks,
        columns: IndexMap::new(),
        patch_path: None,
        refs: captured.refs,
        sources: captured.sources,
        metrics: captured.metrics,
        functions: captured.functions,
        macros: Vec::new(),
        render: Render::Ahead,
        created_at: site.created_at,
        name: written.name,
        detail: Detail::Exposure(written.detail),
    })
}

/// Runs the `ref(..)` and `source(..)` texts of `depends_on` against recording stand-ins.
fn references(site: &Site<'_>, written: &Written, package: &str) -> Captured {
    let subject = Subject {
        package,
        this: site.relation(
            site.default_database(),
            site.default_schema(),
            &written.name,
        ),
        model: values::none(),
    };
    let scope = CaptureScope::new(subject, site.globals_of(package));
    let dyn_scope: Arc<dyn Scope> = scope.clone();
    for text in &written.depends_on {
        let expression = text.printed();
        let expression = expression
            .trim()
            .trim_start_matches("{{")
            .trim_end_matches("}}")
            .trim();
        if let Err(error) = site.engine.expression(expression, &dyn_scope) {
            site.bag.add(Diagnostic {
                place: Some(text.place()),
                ..error.diagnostic()
            });
        }
    }
    scope.captured()
}
