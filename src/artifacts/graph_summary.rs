//! `graph_summary.json`: the graph as numbered nodes, as linked and with the edges by which tests hold nodes back.

use crate::artifacts::metadata::Metadata;
use crate::artifacts::object::Object;
use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Resource;
use crate::plan;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    resource: &'static str,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    succ: BTreeSet<usize>,
}

/// Nodes by their position.
pub(super) fn write(graph: &Graph, about: &Metadata, out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<Index> = graph.indices().collect();
    let mut file = Object::new(out);
    file.put("_invocation_id", &about.invocation_id());
    for (key, with_tests) in [("linked", false), ("with_test_edges", true)] {
        file.section(key, &all, |index| {
            let position = index.index().to_string();
            (position, entry(graph, *index, with_tests))
        });
    }
    file.finish()
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
