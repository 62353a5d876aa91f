//! The dictionaries of metrics and what goes with them, and of groups.

use crate::node::Group;
use crate::node::Metric;
use crate::node::Node;
use crate::node::SavedQuery;
use crate::node::SemanticModel;
use crate::node::dictionary::Surroundings;
use crate::node::dictionary::depends_on;
use crate::node::dictionary::into_map;
use crate::node::dictionary::refs;
use crate::node::dictionary::sources;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

pub(super) fn metric(
    node: &Node,
    metric: &Metric,
    around: &Surroundings<'_>,
) -> Map<String, Value> {
    let mut map = common(node, around);
    map.extend(into_map(json!({
        "label": metric.label,
        "type": metric.kind,
        "type_params": metric.type_params,
        "filter": metric.filter,
        "metadata": null,
        "time_granularity": metric.time_granularity,
        "meta": node.meta,
        "tags": node.tags,
        "sources": sources(&node.sources),
        "metrics": [],
    })));
    map
}

pub(super) fn semantic_model(
    node: &Node,
    model: &SemanticModel,
    around: &Surroundings<'_>,
) -> Map<String, Value> {
    let mut map = common(node, around);
    map.extend(into_map(json!({
        "description": said(&node.description),
        "label": model.label,
        "model": model.model,
        "node_relation": {
            "alias": node.alias,
            "schema_name": node.schema,
            "database": node.database,
            "relation_name": node.relation_name,
        },
        "defaults": model.defaults,
        "entities": model.entities,
        "dimensions": model.dimensions,
        "measures": model.measures,
        "primary_entity": model.primary_entity,
        "metadata": null,
    })));
    map
}

pub(super) fn saved_query(
    node: &Node,
    query: &SavedQuery,
    around: &Surroundings<'_>,
) -> Map<String, Value> {
    let mut map = common(node, around);
    map.extend(into_map(json!({
        "description": said(&node.description),
        "label": query.label,
        "query_params": query.query_params,
        "exports": query.exports,
        "metadata": null,
        "tags": node.tags,
    })));
    map
}

/// What all of them have.
fn common(node: &Node, around: &Surroundings<'_>) -> Map<String, Value> {
    into_map(json!({
        "name": node.name,
        "resource_type": node.resource.as_str(),
        "package_name": node.package,
        "path": node.path,
        "original_file_path": node.original_file_path,
        "unique_id": node.unique_id.as_str(),
        "fqn": node.fqn,
        "description": node.description,
        "config": node.config.values(),
        "unrendered_config": node.unrendered_config,
        "group": node.group(),
        "depends_on": depends_on(node, around),
        "refs": refs(&node.refs),
        "created_at": node.created_at,
    }))
}

/// Null where nothing was said.
fn said(description: &str) -> Option<&str> {
    (!description.is_empty()).then_some(description)
}

pub fn group(group: &Group) -> Map<String, Value> {
    into_map(json!({
        "name": group.name,
        "resource_type": "group",
        "package_name": group.package,
        "path": group.path,
        "original_file_path": group.original_file_path,
        "unique_id": group.unique_id,
        "owner": group.owner,
        "description": group.description,
        "config": group.config,
    }))
}
