//! `graph_summary.json`: the graph as numbered nodes, as linked and with the edges by which tests hold nodes back.

use crate::artifacts::metadata::Metadata;
use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Resource;
use crate::plan;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Nodes by their position.
#[derive(Serialize)]
struct File<'a> {
    _invocation_id: &'a str,
    linked: BTreeMap<usize, Entry<'a>>,
    with_test_edges: BTreeMap<usize, Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    resource: &'static str,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    succ: BTreeSet<usize>,
}

pub(super) fn text(graph: &Graph, about: &Metadata) -> Vec<u8> {
    let numbered = |with_tests: bool| {
        let entry = |index: Index| (index.index(), entry(graph, index, with_tests));
        graph.indices().map(entry).collect()
    };
    let file = File {
        _invocation_id: about.invocation_id(),
        linked: numbered(false),
        with_test_edges: numbered(true),
    };
    serde_json::to_vec(&file).expect("writing JSON to memory cannot fail")
}

fn entry(graph: &Graph, index: Index, with_tests: bool) -> Entry<'_> {
    let node = graph.node(index);
    let mut after = graph.children(index);
    if with_tests && node.resource == Resource::Test {
        after.extend(plan::held_back(graph, index));
    }
    Entry {
        name: node.unique_id.as_str(),
        resource: node.resource.as_str(),
        succ: after.into_iter().map(Index::index).collect(),
    }
}
