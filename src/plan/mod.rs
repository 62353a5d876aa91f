//! The list of steps of one call as plain data: which nodes, what each waits for, in which order
//! they are most useful. Promise: no warehouse is asked, nothing runs.
//! Not here: how a step is carried out (`run`).

mod edges;

use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Detail;
use crate::node::Freshness;
use crate::node::Node;
use crate::node::Resource;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

pub use edges::held_back;

/// Position of a step in its [`Plan`].
pub type StepId = usize;

/// All steps of one call.
#[derive(Debug, Default)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// How many steps give a result (passages do not).
    pub results: usize,
}

impl Plan {
    /// Nodes whose final SQL the steps need, in order.
    pub fn rendered(&self) -> Vec<Index> {
        let is_rendered =
            |step: &&Step| matches!(step.work, Work::Materialize | Work::Check | Work::Render);
        self.steps
            .iter()
            .filter(is_rendered)
            .map(|step| step.node)
            .collect()
    }
}

/// One node's turn.
#[derive(Debug, Clone)]
pub struct Step {
    pub node: Index,
    pub work: Work,
    /// Steps that must have ended well before.
    pub waits_for: Vec<StepId>,
    /// Steps that wait for this one.
    pub unlocks: Vec<StepId>,
    /// Number of steps on the longest way from here to an end: long ways go first.
    pub remaining: usize,
    /// Position among the steps with results, counted from 1; 0 for a passage.
    pub number: usize,
}

/// What there is to do at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A model, seed or snapshot is brought up to date.
    Materialize,
    /// A model, seed or snapshot is copied from another environment.
    Clone,
    /// A source is asked how old its rows are.
    Freshness,
    /// A test is run.
    Check,
    /// Its final SQL is made, and nothing is sent.
    Render,
    /// Listed with a result of its own, but nothing is done (an exposure, a saved query).
    NoOp,
    /// Nothing to do and nothing to report: an ephemeral model, or a node that was not selected
    /// but stands between two that were. It hands on success and failure.
    Passage,
}

/// Whether tests hold back what depends on the nodes they check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestEdges {
    /// As in `build`: a failed test skips what comes after the tested node.
    Hold,
    Ignore,
}

/// What the steps are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Build(TestEdges),
    /// Only the final SQL is wanted.
    Compile,
    /// The same, but seeds have no SQL: they are loaded, so that their rows can be shown.
    Preview,
    /// Copies from another environment; none of them needs another one.
    Clone,
    /// Sources are looked at.
    Freshness,
}

/// Lays out the steps for the selected nodes.
pub fn build(graph: &Graph, selected: &[Index], purpose: Purpose) -> Plan {
    let wanted: BTreeSet<Index> = selected.iter().copied().collect();
    let members = edges::members(graph, &wanted);
    let mut positions: FxHashMap<Index, StepId> = FxHashMap::default();
    let mut steps: Vec<Step> = Vec::with_capacity(members.len());
    for index in graph
        .topological()
        .into_iter()
        .filter(|index| members.contains(index))
    {
        positions.insert(index, steps.len());
        let work = match purpose {
            _ if !wanted.contains(&index) => Work::Passage,
            Purpose::Build(_) => work(graph.node(index)),
            Purpose::Preview if graph.node(index).resource == Resource::Seed => Work::Materialize,
            Purpose::Compile | Purpose::Preview => rendering(graph.node(index)),
            Purpose::Clone => cloning(graph.node(index)),
            Purpose::Freshness => looking(graph.node(index)),
        };
        steps.push(Step {
            node: index,
            work,
            waits_for: Vec::new(),
            unlocks: Vec::new(),
            remaining: 1,
            number: 0,
        });
    }
    for step in &mut steps {
        if purpose == Purpose::Clone {
            break;
        }
        let parents = edges::needed(graph, step.node).iter();
        step.waits_for = parents
            .filter_map(|parent| positions.get(parent).copied())
            .collect();
    }
    if purpose == Purpose::Build(TestEdges::Hold) {
        edges::add_test_edges(graph, &positions, &mut steps);
    }
    for id in 0..steps.len() {
        for before in steps[id].waits_for.clone() {
            steps[before].unlocks.push(id);
        }
    }
    measure(&mut steps);
    let results = number(&mut steps);
    Plan { steps, results }
}

fn work(node: &Node) -> Work {
    match node.resource {
        Resource::Model if node.is_ephemeral() => Work::Passage,
        Resource::Model | Resource::Seed | Resource::Snapshot | Resource::Function => {
            Work::Materialize
        }
        Resource::Test | Resource::UnitTest => Work::Check,
        Resource::Exposure | Resource::SavedQuery => Work::NoOp,
        Resource::Analysis
        | Resource::Operation
        | Resource::SqlOperation
        | Resource::Source
        | Resource::Metric
        | Resource::SemanticModel => Work::Passage,
    }
}

fn rendering(node: &Node) -> Work {
    match node.resource {
        Resource::Model
        | Resource::Snapshot
        | Resource::Test
        | Resource::Analysis
        | Resource::SqlOperation => Work::Render,
        _ => Work::Passage,
    }
}

fn cloning(node: &Node) -> Work {
    match node.resource {
        Resource::Model | Resource::Seed | Resource::Snapshot if node.has_relation() => Work::Clone,
        _ => Work::Passage,
    }
}

/// Only a source with a limit is looked at.
fn looking(node: &Node) -> Work {
    match &node.detail {
        Detail::Source(source) if source.freshness.as_ref().is_some_and(Freshness::has_limit) => {
            Work::Freshness
        }
        _ => Work::Passage,
    }
}

/// Sets `remaining` of each step. Steps that hold others back stand after them in no order, so this
/// walks from the ends by counting, not by position.
fn measure(steps: &mut [Step]) {
    let mut open: Vec<usize> = steps.iter().map(|step| step.unlocks.len()).collect();
    let mut ends: Vec<StepId> = (0..steps.len()).filter(|id| open[*id] == 0).collect();
    while let Some(id) = ends.pop() {
        let length = steps[id].remaining + 1;
        for before in steps[id].waits_for.clone() {
            steps[before].remaining = steps[before].remaining.max(length);
            open[before] -= 1;
            if open[before] == 0 {
                ends.push(before);
            }
        }
    }
}

fn number(steps: &mut [Step]) -> usize {
    let mut count = 0;
    for step in steps.iter_mut().filter(|step| step.work != Work::Passage) {
        count += 1;
        step.number = count;
    }
    count
}
