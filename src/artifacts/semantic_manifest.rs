//! `semantic_manifest.json`: metrics and what they are built on, for the programs that ask them questions.
//! Its records are those of the manifest, cut down to the fields that such programs know.

use crate::graph::Graph;
use crate::node::Detail;
use crate::node::Node;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The model that older projects have in place of a `time_spine:`.
const UNCONFIGURED_SPINE: &str = "metricflow_time_spine";

const SEMANTIC_MODEL: [&str; 11] = [
    "name",
    "defaults",
    "description",
    "node_relation",
    "primary_entity",
    "entities",
    "measures",
    "dimensions",
    "label",
    "metadata",
    "config",
];

const METRIC: [&str; 9] = [
    "name",
    "description",
    "type",
    "type_params",
    "filter",
    "metadata",
    "label",
    "config",
    "time_granularity",
];

const SAVED_QUERY: [&str; 7] = [
    "name",
    "query_params",
    "description",
    "metadata",
    "label",
    "exports",
    "tags",
];

pub(super) fn text(graph: &Graph) -> Vec<u8> {
    let file = json!({
        "semantic_models": section(graph, "semantic_models", &SEMANTIC_MODEL),
        "metrics": section(graph, "metrics", &METRIC),
        "project_configuration": {
            "time_spine_table_configurations": unconfigured_spines(graph),
            "metadata": null,
            "dsi_package_version": {
                "major_version": "0",
                "minor_version": "9",
                "patch_version": "0",
            },
            "time_spines": graph.nodes().filter_map(spine).collect::<Vec<_>>(),
        },
        "saved_queries": section(graph, "saved_queries", &SAVED_QUERY),
    });
    file.to_string().into_bytes()
}

/// The nodes of one section of the manifest, with these fields.
fn section(graph: &Graph, section: &str, fields: &[&str]) -> Vec<Value> {
    let nodes = graph
        .nodes()
        .filter(|node| node.resource.section() == section);
    nodes.map(|node| record(node, fields)).collect()
}

fn record(node: &Node, fields: &[&str]) -> Value {
    let mut all = dictionary::of(node, &Surroundings::default());
    let taken = fields.iter().map(|field| {
        let value = all.remove(*field).unwrap_or_default();
        (field.to_string(), cut(field, value))
    });
    Value::Object(taken.collect())
}

/// What is in a field of the manifest and not here, or the other way round.
fn cut(field: &str, mut value: Value) -> Value {
    match field {
        "config" => json!({"meta": value["meta"]}),
        "entities" | "measures" => {
            each(&mut value, |element| {
                element.insert("metadata".to_string(), Value::Null);
            });
            value
        }
        "exports" => {
            each(&mut value, |export| {
                export.remove("unrendered_config");
                if let Some(Value::Object(config)) = export.get_mut("config") {
                    config.remove("database");
                }
            });
            value
        }
        "type_params" => {
            if let Value::Object(params) = &mut value {
                params.remove("metric_aggregation_params");
                if let Some(Value::Object(cumulative)) = params.get_mut("cumulative_type_params") {
                    cumulative.remove("metric");
                }
            }
            value
        }
        _ => value,
    }
}

fn each(list: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    let items = list.as_array_mut().into_iter().flatten();
    items.filter_map(Value::as_object_mut).for_each(change);
}

fn spine(node: &Node) -> Option<Value> {
    let Detail::Model(model) = &node.detail else {
        return None;
    };
    let spine = model.time_spine.as_ref()?;
    let name = spine["standard_granularity_column"].as_str()?;
    let grain = node.columns.get(name)?.granularity.as_deref()?;
    Some(json!({
        "node_relation": {
            "alias": node.alias,
            "schema_name": node.schema,
            "database": node.database,
            "relation_name": node.relation_name,
        },
        "primary_column": {"name": name, "time_granularity": grain.to_lowercase()},
        "custom_granularities": spine["custom_granularities"],
    }))
}

fn unconfigured_spines(graph: &Graph) -> Vec<Value> {
    let has_metrics = graph
        .nodes()
        .any(|node| matches!(node.detail, Detail::SemanticModel(_) | Detail::Metric(_)));
    let is_old = |node: &&Node| match &node.detail {
        Detail::Model(model) => node.name == UNCONFIGURED_SPINE && model.time_spine.is_none(),
        _ => false,
    };
    let spines = graph.nodes().filter(|node| has_metrics && is_old(node));
    let record = |node: &Node| json!({"location": node.relation_name, "column_name": "date_day", "grain": "day"});
    spines.map(record).collect()
}
