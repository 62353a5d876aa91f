//! The lines that `ls` gives for nodes, in each of its forms.

use crate::config::flags::OutputForm;
use crate::graph::Graph;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::python::json;
use crate::jinja::python::json::Style;
use crate::node::Detail;
use crate::node::Node;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
use crate::node::version_text;
use serde_json::Map;
use serde_json::Value;

/// What a JSON line holds unless keys are named.
const KEYS: [&str; 10] = [
    "alias",
    "name",
    "package_name",
    "depends_on",
    "tags",
    "config",
    "resource_type",
    "source_name",
    "original_file_path",
    "unique_id",
];

/// One line for each node. `keys` (such as `config.materialized`) are for the JSON form alone.
pub fn lines(graph: &Graph, nodes: &[Index], form: OutputForm, keys: &[String]) -> Vec<String> {
    let line = |index: &Index| {
        let node = graph.node(*index);
        match form {
            OutputForm::Name => name(node),
            OutputForm::Path => node.original_file_path.clone(),
            OutputForm::Json => json_line(graph, *index, keys),
            OutputForm::Selector | OutputForm::Text => selector(node),
        }
    };
    nodes.iter().map(line).collect()
}

/// The name that finds the node again: with the version of a model, the source of a table.
fn name(node: &Node) -> String {
    match &node.detail {
        Detail::Source(source) => format!("{}.{}", source.source_name, node.name),
        _ => match node.version() {
            Some(version) => format!("{}.v{}", node.name, version_text(version)),
            None => node.name.clone(),
        },
    }
}

/// The criterion that selects this node alone.
fn selector(node: &Node) -> String {
    match &node.detail {
        Detail::Source(source) => {
            format!(
                "source:{}.{}.{}",
                node.package, source.source_name, node.name
            )
        }
        // With the version of its model.
        Detail::UnitTest(_) => format!("unit_test:{}.{}", node.package, node.alias),
        Detail::Exposure(_)
        | Detail::Metric(_)
        | Detail::SemanticModel(_)
        | Detail::SavedQuery(_) => {
            format!("{}:{}.{}", node.resource.as_str(), node.package, node.name)
        }
        _ => node.fqn.join("."),
    }
}

fn json_line(graph: &Graph, index: Index, keys: &[String]) -> String {
    let around = Surroundings {
        depends_on: graph.parent_ids(index),
        ..Surroundings::default()
    };
    let mut all = dictionary::of(graph.node(index), &around);
    let chosen: Map<String, Value> = match keys {
        [] => {
            all.retain(|key, _| KEYS.contains(&key.as_str()));
            all
        }
        keys => keys
            .iter()
            .filter_map(|key| Some((key.clone(), value(&all, key)?.clone())))
            .collect(),
    };
    let chosen = Value::Object(chosen);
    // Python gives up on values that nest beyond reason; they are still JSON.
    json::dumps(&jinja::from_json(&chosen), Style::default()).unwrap_or_else(|_| chosen.to_string())
}

/// The value of a key, or of a path of keys joined by dots.
fn value<'a>(all: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    if let Some(value) = all.get(key) {
        return Some(value);
    }
    let (first, rest) = key.split_once('.')?;
    rest.split('.')
        .try_fold(all.get(first)?, |value, key| value.get(key))
}
