//! Semantic models, metrics and saved queries: read, linked with each other, and held against the
//! rules that programs rely on which ask them questions.
//! Promise: a metric lists the measures it is made of, through however many other metrics.

mod check;
mod filters;
mod inputs;
mod metrics;
mod models;
mod queries;
mod spines;
mod tables;

use crate::node::Detail;
use crate::node::Metric;
use crate::node::Node;
use crate::node::SemanticModel;
use crate::parse::properties::Entry;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;

pub(super) use spines::read as time_spine;

/// The entries of all properties files.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub models: Vec<Entry>,
    pub metrics: Vec<Entry>,
    pub saved_queries: Vec<Entry>,
}

impl Entries {
    pub(super) fn extend(&mut self, more: Entries) {
        self.models.extend(more.models);
        self.metrics.extend(more.metrics);
        self.saved_queries.extend(more.saved_queries);
    }
}

/// The nodes of all entries. `found` are the nodes that have files.
pub(super) fn nodes(site: &Site<'_>, entries: &Entries, found: &[Node]) -> Vec<Node> {
    let mut all: Vec<Node> = entries
        .models
        .iter()
        .filter_map(|entry| models::node(site, entry, found))
        .collect();
    let mut measured: Vec<Node> = entries
        .metrics
        .iter()
        .filter_map(|entry| metrics::node(site, entry))
        .collect();
    for node in &mut all {
        if let Some(entry) = entry_of(entries, node) {
            measured.extend(metrics::of_measures(site, entry, node));
        }
    }
    inputs::link(&mut measured, &all, site.bag);
    all.extend(measured);
    let queries = entries.saved_queries.iter();
    all.extend(queries.filter_map(|entry| queries::node(site, entry)));
    spines::check(&all, found, site.bag);
    check::all(&all, found, &site.engine, site.bag);
    all
}

fn entry_of<'e>(entries: &'e Entries, node: &Node) -> Option<&'e Entry> {
    let mut models = entries.models.iter();
    models.find(|entry| {
        entry.package == node.package
            && entry.yaml.get("name").and_then(|name| name.as_text()) == Some(&node.name)
    })
}

/// The enabled semantic models among nodes.
fn semantic_models(nodes: &[Node]) -> impl Iterator<Item = (&Node, &SemanticModel)> {
    nodes.iter().filter_map(|node| match &node.detail {
        Detail::SemanticModel(model) if node.is_enabled() => Some((node, &**model)),
        _ => None,
    })
}

/// The enabled metrics among nodes.
fn metrics(nodes: &[Node]) -> impl Iterator<Item = (&Node, &Metric)> {
    nodes.iter().filter_map(|node| match &node.detail {
        Detail::Metric(metric) if node.is_enabled() => Some((node, &**metric)),
        _ => None,
    })
}

/// The text of a key; empty where there is none.
fn text<'v>(record: &'v Value, key: &str) -> &'v str {
    record.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a key's list.
fn items<'v>(record: &'v Value, key: &str) -> &'v [Value] {
    record
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn take_map(fields: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match fields.remove(key) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn take_text(fields: &Map<String, Value>, key: &str) -> Option<String> {
    fields.get(key)?.as_str().map(str::to_string)
}

fn take_list(fields: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match fields.remove(key) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}
