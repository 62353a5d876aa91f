//! What the cache was before a change, so that a change which the warehouse took back can be taken back
//! here as well.
//! Not here: the cache itself (`cache`), which changes belong to one transaction (`session`).

use crate::adapter::relation::Relation;
use crate::adapter::relation::RelationKey;

/// Takes one change of the cache back. Steps are carried out from the last to the first.
#[derive(Debug, Default)]
pub struct Undo(pub(super) Vec<Step>);

#[derive(Debug)]
pub(super) enum Step {
    /// The relation that had a key; `None` where there was none.
    Put(RelationKey, Option<Relation>),
    /// A view that goes with a relation.
    Link {
        dependent: RelationKey,
        read: RelationKey,
    },
    /// Views that go with `from` go with `to` again.
    Relink { from: RelationKey, to: RelationKey },
}
