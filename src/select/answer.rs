//! From what is asked for to the nodes that are meant.
//!
//! Tests come along indirectly, with the nodes they read. Each part of a request answers with the
//! nodes it takes and the tests that touch them but lack a parent; when parts are put together,
//! some of those tests may have all their parents.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::flags::IndirectSelection;
use crate::graph::Direction;
use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Resource;
use crate::select::Read;
use crate::select::methods;
use crate::select::past::Past;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use crate::select::spec::How;
use crate::select::spec::Reach;
use crate::select::spec::Set;
use crate::select::spec::Spec;

/// The nodes that a request means. `mode` is for parts that have none of their own.
pub(super) fn to(
    graph: &Graph,
    past: &Past<'_>,
    spec: &Spec,
    mode: IndirectSelection,
    bag: &Bag,
) -> Read<NodeSet> {
    let call = Call {
        graph,
        past,
        mode,
        bag,
    };
    call.spec(spec).map(|taken| taken.nodes)
}

struct Call<'a> {
    graph: &'a Graph,
    past: &'a Past<'a>,
    mode: IndirectSelection,
    bag: &'a Bag,
}

/// What a part of a request takes.
struct Taken {
    nodes: NodeSet,
    /// Tests that read one of the nodes, but not only such.
    waiting: NodeSet,
}

impl Call<'_> {
    fn spec(&self, spec: &Spec) -> Read<Taken> {
        match spec {
            Spec::Everything => Ok(Taken {
                nodes: NodeSet::of(self.graph.len(), self.graph.indices()),
                waiting: self.nothing(),
            }),
            Spec::Criterion(criterion) => self.criterion(criterion),
            Spec::Set(set) => self.set(set),
        }
    }

    fn set(&self, set: &Set) -> Read<Taken> {
        let mut parts = Vec::with_capacity(set.parts.len());
        for part in &set.parts {
            let taken = self.spec(part)?;
            let touched = taken.nodes.united(&taken.waiting);
            parts.push((taken.nodes, touched));
        }
        let (nodes, touched): (Vec<NodeSet>, Vec<NodeSet>) = parts.into_iter().unzip();
        let mut nodes = self.combine(set.how, nodes);
        let waiting = self.combine(set.how, touched);
        let mode = set.mode.unwrap_or(self.mode);
        nodes.unite(&self.complete_tests(&nodes, &waiting, mode));
        if let Some(written) = &set.written
            && nodes.is_empty()
        {
            self.bag.add(self.nothing_found(written, set));
        }
        Ok(Taken { nodes, waiting })
    }

    fn combine(&self, how: How, parts: Vec<NodeSet>) -> NodeSet {
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_else(|| self.nothing());
        for part in parts {
            match how {
                How::Union => all.unite(&part),
                How::Intersection => all.intersect(&part),
                How::Difference => all.subtract(&part),
            }
        }
        all
    }

    fn criterion(&self, criterion: &Criterion) -> Read<Taken> {
        let found = methods::find(self.graph, self.past, criterion, self.bag)?;
        let nodes = self.extended(found, criterion);
        let is_everything = criterion.method == "fqn" && criterion.value == "*";
        let mode = criterion.mode.unwrap_or(self.mode);
        if is_everything || mode == IndirectSelection::Empty {
            let waiting = self.nothing();
            return Ok(Taken { nodes, waiting });
        }
        let touching = self.tests_of(&nodes);
        let joining = match mode {
            IndirectSelection::Eager => touching.clone(),
            mode => self.complete_tests(&nodes, &touching, mode),
        };
        let mut waiting = touching;
        waiting.subtract(&joining);
        Ok(Taken {
            nodes: nodes.united(&joining),
            waiting,
        })
    }

    /// What was found, and what the signs around it lead to.
    fn extended(&self, found: NodeSet, criterion: &Criterion) -> NodeSet {
        let mut all = found.clone();
        if criterion.childrens_parents {
            let below = self.reach(&found, Direction::Outgoing, None);
            all.unite(&self.reach(&below, Direction::Incoming, None));
        }
        if let Reach::Steps(limit) = criterion.parents {
            all.unite(&self.reach(&found, Direction::Incoming, limit));
        }
        if let Reach::Steps(limit) = criterion.children {
            all.unite(&self.reach(&found, Direction::Outgoing, limit));
        }
        all
    }

    /// Everything within a number of steps, the start included.
    fn reach(&self, start: &NodeSet, direction: Direction, limit: Option<usize>) -> NodeSet {
        let mut seen = start.clone();
        let mut edge: Vec<Index> = start.iter().collect();
        let mut steps = 0;
        while !edge.is_empty() && limit.is_none_or(|limit| steps < limit) {
            let next = edge
                .iter()
                .flat_map(|at| self.graph.neighbors(*at, direction));
            edge = next.filter(|index| seen.insert(*index)).collect();
            steps += 1;
        }
        seen
    }

    /// Tests that read one of these nodes.
    fn tests_of(&self, nodes: &NodeSet) -> NodeSet {
        let children = nodes
            .iter()
            .flat_map(|index| self.graph.neighbors(index, Direction::Outgoing));
        let tests = children.filter(|child| {
            let resource = self.graph.node(*child).resource;
            matches!(resource, Resource::Test | Resource::UnitTest)
        });
        NodeSet::of(self.graph.len(), tests)
    }

    /// Those of the tests whose parents are all at hand. An eager request has taken its tests already.
    fn complete_tests(&self, nodes: &NodeSet, tests: &NodeSet, mode: IndirectSelection) -> NodeSet {
        let at_hand = match mode {
            IndirectSelection::Eager | IndirectSelection::Empty => return self.nothing(),
            IndirectSelection::Cautious => nodes.clone(),
            IndirectSelection::Buildable => self.buildable(nodes),
        };
        let is_complete = |test: &Index| {
            let mut parents = self.graph.parents(*test).iter();
            parents.all(|parent| at_hand.contains(*parent))
        };
        NodeSet::of(self.graph.len(), tests.iter().filter(is_complete))
    }

    /// Nodes that are built, or were built before them: ancestors and all sources.
    fn buildable(&self, nodes: &NodeSet) -> NodeSet {
        let mut all = self.reach(nodes, Direction::Incoming, None);
        let sources = self
            .graph
            .indices()
            .filter(|index| self.graph.node(*index).resource == Resource::Source);
        all.unite(&NodeSet::of(self.graph.len(), sources));
        all
    }

    fn nothing(&self) -> NodeSet {
        NodeSet::empty(self.graph.len())
    }

    fn nothing_found(&self, written: &str, set: &Set) -> Diagnostic {
        Diagnostic::warning(
            "empty-selection",
            format!("The selection criterion '{written}' does not match any enabled nodes"),
        )
        .maybe_hint(set.parts.iter().find_map(|part| self.hint(part)))
        .event("NoNodesForSelectionCriteria")
        .field("spec_raw", written)
    }

    /// What may have been meant by a criterion that finds nothing.
    fn hint(&self, part: &Spec) -> Option<String> {
        let Spec::Criterion(criterion) = part else {
            return None;
        };
        // What there is to tell of it was told.
        let found = methods::find(self.graph, self.past, criterion, &Bag::new());
        if !found.is_ok_and(|found| found.is_empty()) {
            return None;
        }
        let is_named = |name: &str| criterion.method == "fqn" && criterion.value == name;
        let mut disabled = self.graph.disabled().iter();
        if let Some(node) = disabled.find(|node| is_named(&node.name)) {
            return Some(format!("`{}` is disabled", node.name));
        }
        let near = methods::offer(self.graph, criterion)?;
        Some(format!("did you mean `{near}`?"))
    }
}
