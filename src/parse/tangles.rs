//! Files that cannot be read again on their own, because what they say reaches into what others say:
//! groups, descriptions of macros, overridden sources, and all that belongs to metrics.

use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::overrides;
use crate::parse::properties::Entry;
use crate::parse::properties::Properties;
use std::collections::BTreeSet;

/// The files of properties with such entries, by their shown paths.
pub(super) fn in_properties(properties: &Properties) -> BTreeSet<String> {
    let semantic = &properties.semantic;
    let entries = [
        &properties.groups,
        &semantic.models,
        &semantic.metrics,
        &semantic.saved_queries,
    ];
    let entries = entries.into_iter().flatten();
    let mut files: BTreeSet<String> = entries.map(|entry| entry.file.shown.clone()).collect();
    let of_macros = properties.macros.iter();
    files.extend(of_macros.map(|(_, place)| place.file.shown.clone()));
    files.extend(of_overrides(&properties.sources));
    files
}

/// Files that override sources, and those of the packages whose sources they override.
fn of_overrides(sources: &[Entry]) -> Vec<String> {
    let targets: Vec<String> = sources
        .iter()
        .filter_map(|entry| overrides::target(&entry.yaml))
        .collect();
    if targets.is_empty() {
        return Vec::new();
    }
    let is_part = |entry: &&Entry| {
        overrides::target(&entry.yaml).is_some() || targets.contains(&entry.package)
    };
    let files = sources.iter().filter(is_part);
    files.map(|entry| entry.file.shown.clone()).collect()
}

/// The files of the models that semantic models and time spines are made of.
pub(super) fn of_semantics(semantic: &[Node], nodes: &[Node]) -> BTreeSet<String> {
    if semantic.is_empty() {
        return BTreeSet::new();
    }
    let named: BTreeSet<&str> = semantic
        .iter()
        .filter(|node| node.resource == Resource::SemanticModel)
        .flat_map(|node| node.refs.iter().map(|r| r.name.as_str()))
        .collect();
    let is_part = |node: &&Node| {
        let spine = matches!(&node.detail, Detail::Model(model) if model.time_spine.is_some());
        spine || (node.resource.is_refable() && named.contains(node.name.as_str()))
    };
    let files = nodes.iter().filter(is_part);
    files.map(|node| node.file.shown.clone()).collect()
}
