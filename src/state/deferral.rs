//! Where an earlier manifest has the nodes of this project.

use crate::graph::Graph;
use crate::graph::Index;
use crate::node::DeferRelation;
use crate::node::Resource;
use crate::state::Earlier;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;

/// The earlier relation of each node that others can read and that had one.
pub fn relations(graph: &Graph, earlier: &Earlier) -> FxHashMap<Index, DeferRelation> {
    let readable = graph.indices().filter(|index| {
        let resource = graph.node(*index).resource;
        let is_read = resource.is_refable() || resource == Resource::Function;
        is_read && resource != Resource::Source
    });
    let found = readable.filter_map(|index| {
        let then = earlier.nodes.get(graph.node(index).unique_id.as_str())?;
        let config = map(then, "config");
        let is_ephemeral = config.get("materialized").and_then(Value::as_str) == Some("ephemeral");
        (!is_ephemeral).then(|| (index, relation(then, config)))
    });
    found.collect()
}

fn relation(then: &Map<String, Value>, config: Map<String, Value>) -> DeferRelation {
    let text = |key: &str| then.get(key).and_then(Value::as_str).map(str::to_string);
    let tags = then.get("tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten().filter_map(Value::as_str);
    DeferRelation {
        database: text("database"),
        schema: text("schema").unwrap_or_default(),
        alias: text("alias").unwrap_or_default(),
        relation_name: text("relation_name"),
        resource_type: text("resource_type").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        description: text("description").unwrap_or_default(),
        compiled_code: text("compiled_code"),
        meta: map(then, "meta"),
        tags: tags.map(str::to_string).collect(),
        config,
    }
}

fn map(then: &Map<String, Value>, key: &str) -> Map<String, Value> {
    match then.get(key) {
        Some(Value::Object(map)) => map.clone(),
        _ => Map::new(),
    }
}
