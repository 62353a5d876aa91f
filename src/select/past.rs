//! What earlier calls left behind, for the methods that compare with it.
//! Not here: reading their files (`artifacts`), the comparison of nodes (`state`).

use crate::base::Bag;
use crate::graph::Index;
use crate::node::Aspect;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

/// What a call knows of the past; a part is `None` where nobody named its file.
#[derive(Clone)]
pub struct Past<'a> {
    pub nodes: Option<&'a dyn EarlierNodes>,
    /// Status words of earlier results, such as `error`, by id.
    pub statuses: Option<FxHashMap<String, String>>,
    /// Ids of sources whose rows are newer than at an earlier look at their freshness.
    pub fresher: Result<FxHashSet<String>, MissingLook>,
}

/// Nodes as an earlier manifest has them.
pub trait EarlierNodes {
    /// Whether the earlier manifest has this node.
    fn has(&self, index: Index) -> bool;

    /// Whether the node differs in that way; one that is new differs in most.
    /// What a person has to be told about the difference goes to the bag.
    fn differs(&self, index: Index, aspect: Aspect, bag: &Bag) -> bool;

    /// Tells of what is gone although others were promised it.
    fn tell_of_removed(&self, bag: &Bag);
}

/// Which of two looks at the freshness of sources did not take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingLook {
    Earlier,
    Present,
}

impl Past<'_> {
    /// Nobody named anything.
    pub const NONE: Past<'static> = Past {
        nodes: None,
        statuses: None,
        fresher: Err(MissingLook::Earlier),
    };
}
