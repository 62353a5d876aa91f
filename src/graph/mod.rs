//! The nodes of a project and the edges between them.
//! Promise: every edge points at a node that exists and is enabled, and there is no cycle.
//! Not here: relation names (`compile`), selection (`select`), order of work (`plan`).

mod access;
mod cycle;
pub mod deprecated;
mod link;
mod lookup;
pub mod microbatch;
mod written;

use crate::node::Group;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Resource;
use crate::node::UniqueId;
use petgraph::graph::DiGraph;
use petgraph::graph::NodeIndex;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

pub use link::Declared;
pub use link::link;
pub use lookup::Lookup;
pub use lookup::Search;
pub use lookup::Target;
pub use petgraph::Direction;

/// Position of a node in one [`Graph`]; nodes are in the order of their ids.
pub type Index = NodeIndex<u32>;

/// All enabled nodes of a project with their edges, parent to child.
#[derive(Debug)]
pub struct Graph {
    /// In the order of ids; an [`Index`] is a position here.
    nodes: Vec<Node>,
    edges: DiGraph<(), ()>,
    by_id: FxHashMap<UniqueId, Index>,
    /// Parents in the order in which the node names them: sources first, then refs.
    parents: Vec<Vec<Index>>,
    disabled: Vec<Node>,
    groups: Vec<Group>,
    lookup: Lookup,
    root_package: String,
}

impl Graph {
    fn with_groups(mut self, mut groups: Vec<Group>) -> Self {
        groups.sort_by(|a, b| a.unique_id.cmp(&b.unique_id));
        self.groups = groups;
        self
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All positions, in the order of ids.
    pub fn indices(&self) -> impl Iterator<Item = Index> + use<> {
        self.edges.node_indices()
    }

    /// All nodes, in the order of ids.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    pub fn node(&self, index: Index) -> &Node {
        &self.nodes[index.index()]
    }

    pub fn find(&self, id: &str) -> Option<Index> {
        self.by_id.get(id).copied()
    }

    /// Nodes it needs, in the order in which it names them.
    pub fn parents(&self, index: Index) -> &[Index] {
        &self.parents[index.index()]
    }

    /// Nodes that need it, in the order of ids.
    pub fn children(&self, index: Index) -> Vec<Index> {
        let mut children: Vec<Index> = self
            .edges
            .neighbors_directed(index, Direction::Outgoing)
            .collect();
        children.sort_unstable();
        children
    }

    /// Its parents (`Incoming`) or children (`Outgoing`), in no order.
    pub fn neighbors(
        &self,
        index: Index,
        direction: Direction,
    ) -> impl Iterator<Item = Index> + '_ {
        self.edges.neighbors_directed(index, direction)
    }

    pub fn parent_ids(&self, index: Index) -> Vec<UniqueId> {
        self.parents(index)
            .iter()
            .map(|p| self.node(*p).unique_id.clone())
            .collect()
    }

    /// Nodes that the project turned off.
    pub fn disabled(&self) -> &[Node] {
        &self.disabled
    }

    /// In the order of ids.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub fn root_package(&self) -> &str {
        &self.root_package
    }

    /// What a `ref()` in a node of `package` means.
    pub fn resolve_ref(&self, search: &Search<'_>) -> Target {
        self.lookup.find(search, &self.root_package)
    }

    /// What a `source()` in a node of `package` means.
    pub fn resolve_source(&self, source: &str, table: &str, package: &str) -> Target {
        self.lookup
            .find_source(source, table, package, &self.root_package)
    }

    /// What a `function()` in a node of `package` means.
    pub fn resolve_function(&self, written: &Ref, package: &str) -> Target {
        self.lookup
            .find_function(written, package, &self.root_package)
    }

    /// What a `metric()` in a node of `package` means.
    pub fn resolve_metric(&self, metric: &Ref, package: &str) -> Target {
        self.lookup.find_metric(metric, package, &self.root_package)
    }

    /// Everything reachable from `start` within `depth` steps (`None`: any number), without `start`.
    pub fn reach(&self, start: Index, direction: Direction, depth: Option<usize>) -> Vec<Index> {
        let mut seen = vec![false; self.len()];
        seen[start.index()] = true;
        let mut queue = VecDeque::from([(start, 0)]);
        let mut found = Vec::new();
        while let Some((at, distance)) = queue.pop_front() {
            if depth.is_some_and(|limit| distance >= limit) {
                continue;
            }
            for next in self.edges.neighbors_directed(at, direction) {
                if !std::mem::replace(&mut seen[next.index()], true) {
                    found.push(next);
                    queue.push_back((next, distance + 1));
                }
            }
        }
        found
    }

    /// All nodes so that each stands after its parents; ties are in the order of ids.
    pub fn topological(&self) -> Vec<Index> {
        let mut waiting: Vec<usize> = self.parents.iter().map(Vec::len).collect();
        let ready = self.indices().filter(|i| waiting[i.index()] == 0);
        let mut heap: std::collections::BinaryHeap<_> = ready.map(std::cmp::Reverse).collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(std::cmp::Reverse(at)) = heap.pop() {
            order.push(at);
            for child in self.edges.neighbors_directed(at, Direction::Outgoing) {
                waiting[child.index()] -= 1;
                if waiting[child.index()] == 0 {
                    heap.push(std::cmp::Reverse(child));
                }
            }
        }
        order
    }

    /// Tests that were written under a node, or that read it.
    pub fn tests_of(&self, index: Index) -> Vec<Index> {
        let mut tests = self.children(index);
        tests.retain(|child| self.node(*child).resource == Resource::Test);
        tests
    }
}
