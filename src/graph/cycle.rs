//! Finds cycles and words them as the path of names that a person can follow.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::graph::written;
use crate::node::Node;
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;
use rustc_hash::FxHashSet;

/// One diagnostic for each knot of nodes that need each other.
pub(super) fn report(nodes: &[Node], edges: &DiGraph<(), ()>) -> Vec<Diagnostic> {
    let knots = tarjan_scc(edges)
        .into_iter()
        .filter(|knot| knot.len() > 1 || has_self_loop(edges, knot[0]));
    let mut found: Vec<Diagnostic> = knots
        .map(|knot| diagnostic(nodes, &shortest_path(edges, knot)))
        .collect();
    found.sort_by(|a, b| a.message.cmp(&b.message));
    found
}

fn has_self_loop(edges: &DiGraph<(), ()>, at: NodeIndex) -> bool {
    edges.find_edge(at, at).is_some()
}

/// The shortest way from the first node of a knot (by id) back to itself.
fn shortest_path(edges: &DiGraph<(), ()>, knot: Vec<NodeIndex>) -> Vec<NodeIndex> {
    let start = knot
        .iter()
        .copied()
        .min()
        .expect("a knot has at least one node");
    let within: FxHashSet<NodeIndex> = knot.into_iter().collect();
    let mut paths = std::collections::VecDeque::from([vec![start]]);
    let mut seen = FxHashSet::default();
    while let Some(path) = paths.pop_front() {
        let at = *path.last().expect("a path has its start");
        let mut next: Vec<NodeIndex> = edges.neighbors_directed(at, Direction::Incoming).collect();
        next.sort_unstable();
        for node in next {
            if node == start {
                return path;
            }
            if within.contains(&node) && seen.insert(node) {
                let mut longer = path.clone();
                longer.push(node);
                paths.push_back(longer);
            }
        }
    }
    vec![start]
}

fn diagnostic(nodes: &[Node], path: &[NodeIndex]) -> Diagnostic {
    let node = |at: NodeIndex| &nodes[at.index()];
    let first = node(path[0]);
    let mut names: Vec<&str> = path.iter().map(|at| node(*at).unique_id.as_str()).collect();
    names.push(first.unique_id.as_str());
    let mut diagnostic =
        Diagnostic::error("cycle", format!("found a cycle: {}", names.join(" --> ")))
            .at(ref_place(first, node(*path.get(1).unwrap_or(&path[0]))))
            .note("each needs the next")
            .hint("remove one of these references, or move what both need into a model of its own");
    for (position, at) in path.iter().enumerate().skip(1) {
        let needs = node(*path.get(position + 1).unwrap_or(&path[0]));
        diagnostic = diagnostic.related(
            ref_place(node(*at), needs),
            format!("needs `{}`", needs.name),
        );
    }
    diagnostic
}

/// The place in `node` where it refers to `target`; its first line if the reference is out of sight.
pub(super) fn ref_place(node: &Node, target: &Node) -> Place {
    written::place(node, "ref", &target.name)
}
