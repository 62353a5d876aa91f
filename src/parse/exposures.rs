//! Exposures: what outside of the project reads its models.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::yaml::Yaml;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Exposure;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::capture::CaptureScope;
use crate::parse::capture::Captured;
use crate::parse::capture::Subject;
use crate::parse::declared;
use crate::parse::declared::Written;
use crate::parse::groups;
use crate::parse::properties::Entry;
use crate::parse::shape;
use crate::parse::shape::Absent;
use crate::parse::shape::Field;
use crate::parse::shape::Kind;
use crate::parse::shape::Words;
use crate::parse::shape::optional;
use crate::parse::shape::or;
use crate::parse::shape::required;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

const EXPOSURE: &[Field] = &[
    required("name", Kind::Text),
    required(
        "type",
        Kind::Word(words(&[
            "dashboard",
            "notebook",
            "analysis",
            "ml",
            "application",
        ])),
    ),
    required("owner", Kind::Map),
    or("description", Kind::Text, Absent::Word("")),
    optional("label", Kind::Text),
    optional("maturity", Kind::Word(words(&["low", "medium", "high"]))),
    optional("url", Kind::Text),
    or("depends_on", Kind::List(&Kind::Text), Absent::EmptyList),
    or("meta", Kind::Map, Absent::Missing),
    or("tags", Kind::Texts, Absent::EmptyList),
    or("config", Kind::Map, Absent::Missing),
];

const fn words(values: &'static [&'static str]) -> Words {
    Words { values, name: None }
}

/// The node of one exposure; `None` when it is wrong. Its references are read as a model's are.
pub(super) fn node(site: &Site<'_>, entry: &Entry) -> Option<Node> {
    let mut fields = shape::read("exposures", EXPOSURE, &entry.yaml, site.bag)?;
    let owner = groups::owner("exposures", "Exposure", entry, &fields, site.bag)?;
    let text = |key: &str| fields[key].as_str().map(str::to_string);
    let detail = Exposure {
        kind: text("type").unwrap_or_default(),
        label: text("label"),
        maturity: text("maturity"),
        url: text("url"),
        owner,
    };
    let written = Written {
        entry,
        resource: Resource::Exposure,
        name: text("name").unwrap_or_default(),
        description: text("description").unwrap_or_default(),
        config: map(fields.remove("config")),
    };
    check_name(entry, &written.name, site.bag);
    let mut node = declared::node(site, written, Detail::Exposure(Box::new(detail)));
    let captured = references(site, entry, &node.name);
    node.refs = captured.refs;
    node.sources = captured.sources;
    node.metrics = captured.metrics;
    node.functions = captured.functions;
    take_meta(&mut node, map(fields.remove("meta")));
    node.tags = declared::sorted_tags(declared::texts(&fields["tags"]), node.config.tags());
    node.config.put("tags", Value::from(node.tags.clone()));
    Some(node)
}

/// Meta beside the config lies below what the config says.
fn take_meta(node: &mut Node, mut meta: Map<String, Value>) {
    meta.extend(node.config.meta());
    node.meta = meta.clone().into();
    node.config.put("meta", Value::Object(meta));
}

fn map(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn check_name(entry: &Entry, name: &str, bag: &Bag) {
    if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return;
    }
    let place = entry.yaml.place_of("name");
    let said = format!(
        "Starting in v1.3, the 'name' of an exposure should contain only letters, numbers, and underscores. \
         {name} does not follow this pattern."
    );
    let warning = Diagnostic::warning("exposure-name", said)
        .at(place)
        .hint("shorten the `name`, and put the title for people into `label`")
        .event("ExposureNameDeprecation");
    bag.add(warning.field("exposure", name));
}

/// Runs the `ref(..)`, `source(..)` and `metric(..)` texts of `depends_on` against recording stand-ins.
fn references(site: &Site<'_>, entry: &Entry, name: &str) -> Captured {
    let package = entry.package.as_str();
    let subject = Subject {
        package,
        this: site.relation(site.default_database(), site.default_schema(), name),
        model: values::none(),
    };
    let scope = CaptureScope::new(subject, site.globals_of(package), site.watch(&entry.file));
    let dyn_scope: Arc<dyn Scope> = scope.clone();
    let written = entry.yaml.get("depends_on").and_then(Yaml::as_list);
    for text in written.unwrap_or_default() {
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
