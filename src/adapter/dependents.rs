//! Which relations go with another one when that is dropped: views over it, and views over those.
//! Promise: follows renames; what was dropped is forgotten with all that went with it.
//! Not here: which relations there are (`cache`), asking the warehouse (`session`).

use crate::adapter::relation::RelationKey;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// By what is read: who reads it.
#[derive(Debug, Default)]
pub(super) struct Dependents(BTreeMap<RelationKey, BTreeSet<RelationKey>>);

/// What goes with a relation that is dropped, in no particular order.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) gone: Vec<RelationKey>,
    /// Pairs of a reader and what it read.
    pub(super) links: Vec<(RelationKey, RelationKey)>,
}

impl Dependents {
    pub(super) fn add(&mut self, dependent: RelationKey, read: RelationKey) {
        self.0.entry(read).or_default().insert(dependent);
    }

    pub(super) fn rename(&mut self, old: &RelationKey, new: &RelationKey) {
        if let Some(readers) = self.0.remove(old) {
            self.0.insert(new.clone(), readers);
        }
        for readers in self.0.values_mut() {
            if readers.remove(old) {
                readers.insert(new.clone());
            }
        }
    }

    /// Drops a relation and what goes with it.
    pub(super) fn take(&mut self, dropped: &RelationKey) -> Taken {
        let mut taken = Taken::default();
        let mut waiting = vec![dropped.clone()];
        while let Some(next) = waiting.pop() {
            for reader in self.0.remove(&next).into_iter().flatten() {
                taken.links.push((reader.clone(), next.clone()));
                waiting.push(reader);
            }
            for (read, readers) in &mut self.0 {
                if readers.remove(&next) {
                    taken.links.push((next.clone(), read.clone()));
                }
            }
            taken.gone.push(next);
        }
        taken.gone.remove(0);
        taken
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> RelationKey {
        RelationKey {
            database: "db".to_string(),
            schema: "main".to_string(),
            identifier: name.to_string(),
        }
    }

    fn dropped(dependents: &mut Dependents, name: &str) -> Vec<String> {
        let mut gone = dependents.take(&key(name)).gone;
        gone.sort();
        gone.into_iter().map(|key| key.identifier).collect()
    }

    #[test]
    fn views_over_views_go_too() {
        let mut dependents = Dependents::default();
        for (view, read) in [("a", "t"), ("b", "a"), ("c", "b"), ("c", "t"), ("d", "u")] {
            dependents.add(key(view), key(read));
        }
        dependents.rename(&key("t"), &key("t_old"));
        assert!(dropped(&mut dependents, "t").is_empty());
        assert_eq!(dropped(&mut dependents, "b"), ["c"]);
        assert_eq!(dropped(&mut dependents, "t_old"), ["a"]);
        assert_eq!(dropped(&mut dependents, "u"), ["d"]);
        assert!(dropped(&mut dependents, "t_old").is_empty());
    }

    #[test]
    fn a_renamed_view_goes_under_its_new_name() {
        let mut dependents = Dependents::default();
        dependents.add(key("a"), key("t"));
        dependents.rename(&key("a"), &key("z"));
        assert_eq!(dropped(&mut dependents, "t"), ["z"]);
    }
}
