//! Semantic models: which model they stand on, and what their elements take over from them.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Resource;
use crate::node::SemanticModel;
use crate::node::version_text;
use crate::parse::capture::CaptureScope;
use crate::parse::capture::Subject;
use crate::parse::declared;
use crate::parse::declared::Written;
use crate::parse::properties::Entry;
use crate::parse::semantic::tables::SEMANTIC_MODEL;
use crate::parse::semantic::take_list;
use crate::parse::semantic::take_map;
use crate::parse::semantic::take_text;
use crate::parse::shape;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

pub(super) fn node(site: &Site<'_>, entry: &Entry, found: &[Node]) -> Option<Node> {
    let mut fields = shape::read("semantic_models", SEMANTIC_MODEL, &entry.yaml, site.bag)?;
    let written = Written {
        entry,
        resource: Resource::SemanticModel,
        name: take_text(&fields, "name")?,
        description: take_text(&fields, "description").unwrap_or_default(),
        config: take_map(&mut fields, "config"),
    };
    let model = take_text(&fields, "model")?;
    let refs = references(site, entry, &model);
    let detail = SemanticModel {
        label: take_text(&fields, "label"),
        primary_entity: take_text(&fields, "primary_entity"),
        defaults: fields.remove("defaults").unwrap_or_default(),
        entities: take_list(&mut fields, "entities"),
        dimensions: take_list(&mut fields, "dimensions"),
        measures: take_list(&mut fields, "measures"),
        model,
    };
    let mut node = declared::node(site, written, Detail::SemanticModel(Box::new(detail)));
    node.refs = refs;
    if let Some(base) = base(&node, found) {
        node.database = base.database.clone();
        node.schema = base.schema.clone();
        node.alias = base.alias.clone();
        node.relation_name = base.relation_name.clone();
    }
    let meta = node.config.meta();
    if let Detail::SemanticModel(model) = &mut node.detail {
        settle(model, &meta);
    }
    Some(node)
}

/// Each element takes over the meta of its model, and has a config of nothing else.
fn settle(model: &mut SemanticModel, meta: &Map<String, Value>) {
    let lists = [
        &mut model.entities,
        &mut model.dimensions,
        &mut model.measures,
    ];
    for element in lists.into_iter().flatten().filter_map(Value::as_object_mut) {
        let mut all = meta.clone();
        if let Some(Value::Object(own)) = element.get("config").and_then(|c| c.get("meta")) {
            all.extend(own.clone());
        }
        element.insert("config".to_string(), json!({ "meta": all }));
    }
    for dimension in model.dimensions.iter_mut().filter_map(Value::as_object_mut) {
        dimension.insert("metadata".to_string(), Value::Null);
    }
}

/// The `ref(..)` that says on which model it stands.
fn references(site: &Site<'_>, entry: &Entry, model: &str) -> Vec<Ref> {
    let package = entry.package.as_str();
    let subject = Subject {
        package,
        this: site.relation(site.default_database(), site.default_schema(), model),
        model: values::none(),
    };
    let scope = CaptureScope::new(subject, site.globals_of(package), site.watch(&entry.file));
    let dyn_scope: Arc<dyn Scope> = scope.clone();
    let ended = site.engine.expression(model.trim(), &dyn_scope);
    let refs = scope.captured().refs;
    if ended.is_err() || refs.is_empty() {
        let at = entry.yaml.get("model").unwrap_or(&entry.yaml);
        let message = format!("the `model` of a semantic model is a `ref(..)`, found `{model}`");
        let found = Diagnostic::error("semantic-model-base", message).at(at.place());
        site.bag
            .add(found.hint("write it as `model: ref('orders')`"));
    }
    refs
}

/// The model that it stands on, if there is one.
fn base<'n>(node: &Node, found: &'n [Node]) -> Option<&'n Node> {
    let written = node.refs.first()?;
    let version = written.version.as_deref().map(version_text);
    let fits = |other: &&Node| {
        other.resource.is_refable()
            && other.is_enabled()
            && other.name == written.name
            && written.package.as_ref().is_none_or(|p| *p == other.package)
            && match (&version, &other.detail) {
                (Some(version), _) => other.version().map(version_text).as_ref() == Some(version),
                (None, Detail::Model(model)) => model.version == model.latest_version,
                _ => true,
            }
    };
    let mut candidates: Vec<&Node> = found.iter().filter(fits).collect();
    candidates.sort_by_key(|other| other.package != node.package);
    candidates.first().copied()
}

/// The place of the word behind a `name:`, for messages about one element of an entry.
pub(super) fn place_of(node: &Node, name: &str) -> Place {
    let line = Place::line(&node.file, node.first_line);
    let text = node.file.text();
    let from = node.file.offset(node.first_line, 1);
    let after = text[from..].find(&format!("name: {name}"));
    after.map_or(line, |at| {
        let start = from + at + "name: ".len();
        Place::new(&node.file, start, start + name.len())
    })
}
