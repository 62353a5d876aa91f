//! The columns that are a model's key, as its constraints or tests show.

use crate::node::Column;
use crate::node::Detail;
use crate::node::Node;
use crate::node::UniqueId;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;

/// Notes on each model the columns that its constraints or tests show to be its key.
pub(super) fn note_primary_keys(nodes: &mut [Node]) {
    let mut tested: FxHashMap<UniqueId, Vec<(String, String)>> = FxHashMap::default();
    for node in nodes.iter().filter(|node| node.is_enabled()) {
        let Detail::Test(test) = &node.detail else {
            continue;
        };
        let (Some(metadata), Some(attached)) = (&test.metadata, &test.attached_node) else {
            continue;
        };
        let columns = tested_columns(test.column_name.as_deref(), &metadata.kwargs);
        let tests = tested.entry(attached.clone()).or_default();
        tests.extend(columns.map(|column| (metadata.name.clone(), column.to_string())));
    }
    for node in nodes.iter_mut() {
        let tests = tested.get(&node.unique_id).map_or(&[][..], Vec::as_slice);
        let key = primary_key(node, tests);
        if let Detail::Model(model) = &mut node.detail {
            model.primary_key = key;
        }
    }
}

/// The column that a test is of, or those that `unique_combination_of_columns` of dbt_utils lists.
fn tested_columns<'a>(
    column: Option<&'a str>,
    kwargs: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a str> {
    let column = column.or_else(|| kwargs.get("column_name")?.as_str());
    let listed = kwargs
        .get("combination_of_columns")
        .filter(|_| column.is_none());
    let listed = listed.and_then(Value::as_array).into_iter().flatten();
    column.into_iter().chain(listed.filter_map(Value::as_str))
}

fn primary_key(node: &Node, tests: &[(String, String)]) -> Vec<String> {
    let Detail::Model(model) = &node.detail else {
        return Vec::new();
    };
    if let Some(constraint) = model.constraints.iter().find(|c| c.kind == "primary_key") {
        return constraint.columns.clone();
    }
    let constrained = |column: &&Column| column.constraints.iter().any(|c| c.kind == "primary_key");
    if let Some(column) = node.columns.values().find(constrained) {
        return vec![column.name.clone()];
    }
    let tested = |wanted: &[&str]| -> BTreeSet<String> {
        let columns = tests
            .iter()
            .filter(|(name, _)| wanted.contains(&name.as_str()));
        columns.map(|(_, column)| column.clone()).collect()
    };
    let unique = tested(&["unique", "unique_combination_of_columns"]);
    let strict: Vec<String> = unique
        .intersection(&tested(&["not_null"]))
        .cloned()
        .collect();
    match strict.as_slice() {
        [] => unique.into_iter().collect(),
        _ => strict,
    }
}
