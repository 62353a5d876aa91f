//! A set of nodes of one graph: a bit for each position.

use crate::graph::Index;

/// Positions of one graph. Sets that meet in an operation belong to the same graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    pub(super) fn empty(nodes: usize) -> Self {
        NodeSet {
            words: vec![0; nodes.div_ceil(64)],
        }
    }

    pub(super) fn of(nodes: usize, members: impl IntoIterator<Item = Index>) -> Self {
        let mut set = NodeSet::empty(nodes);
        for member in members {
            set.insert(member);
        }
        set
    }

    /// Says whether the member is new.
    pub(super) fn insert(&mut self, member: Index) -> bool {
        let (word, bit) = position(member);
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        is_new
    }

    pub(super) fn contains(&self, member: Index) -> bool {
        let (word, bit) = position(member);
        self.words[word] & bit != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Members in the order of the graph.
    pub(super) fn iter(&self) -> impl Iterator<Item = Index> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then(|| Index::new(at * 64 + bit))
            })
        })
    }

    pub(super) fn unite(&mut self, other: &NodeSet) {
        self.combine(other, |a, b| a | b);
    }

    pub(super) fn intersect(&mut self, other: &NodeSet) {
        self.combine(other, |a, b| a & b);
    }

    pub(super) fn subtract(&mut self, other: &NodeSet) {
        self.combine(other, |a, b| a & !b);
    }

    pub(super) fn united(&self, other: &NodeSet) -> NodeSet {
        let mut both = self.clone();
        both.unite(other);
        both
    }

    fn combine(&mut self, other: &NodeSet, operation: impl Fn(u64, u64) -> u64) {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine = operation(*mine, *theirs);
        }
    }
}

fn position(member: Index) -> (usize, u64) {
    (member.index() / 64, 1 << (member.index() % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_out_in_order() {
        let set = NodeSet::of(200, [130, 0, 63, 64, 199].map(Index::new));
        let members: Vec<usize> = set.iter().map(Index::index).collect();
        assert_eq!(members, [0, 63, 64, 130, 199]);
    }

    #[test]
    fn sets_combine() {
        let a = NodeSet::of(70, [1, 2, 69].map(Index::new));
        let b = NodeSet::of(70, [2, 3].map(Index::new));
        let mut both = a.clone();
        both.intersect(&b);
        assert_eq!(both, NodeSet::of(70, [Index::new(2)]));
        let mut rest = a.clone();
        rest.subtract(&b);
        assert_eq!(rest, NodeSet::of(70, [1, 69].map(Index::new)));
        assert_eq!(a.united(&b).iter().count(), 4);
    }
}
