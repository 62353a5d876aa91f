//! The columns that are a model's key, as its constraints or tests show.

use crate::node::Column;
use crate::node::Detail;
use crate::node::Node;
use crate::node::UniqueId;
use rustc_hash::FxHashMap;
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
        let argument = metadata.kwargs.get("column_name").and_then(|v| v.as_str());
        if let Some(column) = test.column_name.as_deref().or(argument) {
            tested
                .entry(attached.clone())
                .or_default()
                .push((metadata.name.clone(), column.to_string()));
        }
    }
    for node in nodes.iter_mut() {
        let tests = tested.get(&node.unique_id).map_or(&[][..], Vec::as_slice);
        let key = primary_key(node, tests);
        if let Detail::Model(model) = &mut node.detail {
            model.primary_key = key;
        }
    }
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
    let tested = |test: &str| -> BTreeSet<String> {
        let columns = tests.iter().filter(|(name, _)| name == test);
        columns.map(|(_, column)| column.clone()).collect()
    };
    let unique = tested("unique");
    let strict: Vec<String> = unique.intersection(&tested("not_null")).cloned().collect();
    match strict.as_slice() {
        [] => unique.into_iter().collect(),
        _ => strict,
    }
}
