//! Which nodes take part in a plan, and the extra edges by which tests hold back later nodes.

use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Resource;
use crate::plan::Step;
use crate::plan::StepId;
use petgraph::Direction;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// The selected nodes and those that stand on a way between two of them.
pub(super) fn members(graph: &Graph, wanted: &BTreeSet<Index>) -> BTreeSet<Index> {
    let order = graph.topological();
    let mut after = vec![false; graph.len()];
    for index in &order {
        after[index.index()] = graph
            .parents(*index)
            .iter()
            .any(|parent| after[parent.index()] || wanted.contains(parent));
    }
    let mut before = vec![false; graph.len()];
    for index in order.iter().rev() {
        let is_needed = before[index.index()] || wanted.contains(index);
        for parent in graph.parents(*index).iter().filter(|_| is_needed) {
            before[parent.index()] = true;
        }
    }
    let between = order
        .into_iter()
        .filter(|i| after[i.index()] && before[i.index()]);
    between.chain(wanted.iter().copied()).collect()
}

/// What has to be built before a node's turn. A unit test comes before the model it tests, and after
/// what that model reads, so that the columns of its inputs are known.
pub(super) fn needed(graph: &Graph, index: Index) -> &[Index] {
    match (graph.node(index).resource, graph.parents(index)) {
        (Resource::UnitTest, [model]) => graph.parents(*model),
        (_, parents) => parents,
    }
}

/// A unit test holds back its model. A test of a node holds back the node's children, as far as they come after everything the test
/// reads: a test of two models must not wait for a child that it waits for itself.
pub(super) fn add_test_edges(
    graph: &Graph,
    positions: &FxHashMap<Index, StepId>,
    steps: &mut [Step],
) {
    let mut added: Vec<(StepId, StepId)> = Vec::new();
    for (test, step) in positions
        .iter()
        .filter(|(index, _)| is_test(graph, **index))
    {
        for child in held_back(graph, *test) {
            if let Some(child) = positions.get(&child) {
                added.push((*step, *child));
            }
        }
    }
    added.sort_unstable();
    for (test, child) in added {
        steps[child].waits_for.push(test);
    }
}

/// The nodes that have to wait for a test when everything is built in order.
pub fn held_back(graph: &Graph, test: Index) -> Vec<Index> {
    let read = graph.parents(test);
    if graph.node(test).resource == Resource::UnitTest {
        return read.to_vec();
    }
    let is_work = |index: &Index| {
        let is_built = !is_test(graph, *index) && graph.node(*index).resource != Resource::Exposure;
        is_built && !read.contains(index)
    };
    match read {
        [] => Vec::new(),
        [one] => graph.children(*one).into_iter().filter(is_work).collect(),
        [first, others @ ..] => {
            let mut common: BTreeSet<Index> = graph
                .reach(*first, Direction::Outgoing, None)
                .into_iter()
                .collect();
            for other in others {
                let reached: BTreeSet<Index> = graph
                    .reach(*other, Direction::Outgoing, None)
                    .into_iter()
                    .collect();
                common.retain(|index| reached.contains(index));
            }
            let children: BTreeSet<Index> = read
                .iter()
                .flat_map(|index| graph.children(*index))
                .collect();
            children
                .into_iter()
                .filter(|index| common.contains(index) && is_work(index))
                .collect()
        }
    }
}

fn is_test(graph: &Graph, index: Index) -> bool {
    matches!(
        graph.node(index).resource,
        Resource::Test | Resource::UnitTest
    )
}
