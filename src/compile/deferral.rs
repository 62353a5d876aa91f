//! Reading nodes where another environment has them.

use crate::adapter::Relation;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::compile::lock;
use crate::graph::Index;
use crate::node::DeferRelation;
use crate::node::Resource;
use rustc_hash::FxHashMap;

/// The other environment, and when it is read.
#[derive(Debug, Default)]
pub struct Deferral {
    /// Where the other environment has each node.
    pub relations: FxHashMap<Index, DeferRelation>,
    pub rule: DeferRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeferRule {
    /// The relations are known (to templates, to `clone`), but never read in place of our own.
    #[default]
    Never,
    /// Where our own environment has no such relation.
    WhereMissing,
    /// So too, and for all nodes that this call does not build.
    FavorOther,
}

impl World {
    /// What to read in place of a node's own relation; `None` for that one itself.
    pub(super) fn deferred(
        &self,
        target: Index,
        session: Option<&SessionHandle>,
    ) -> Option<Relation> {
        let other = self.deferral.relations.get(&target)?;
        let is_function = self.graph.node(target).resource == Resource::Function;
        let is_read = match self.deferral.rule {
            DeferRule::Never => false,
            // Which functions there are is not looked up.
            _ if is_function => !self.is_selected(target),
            DeferRule::FavorOther if !self.is_selected(target) => true,
            DeferRule::FavorOther | DeferRule::WhereMissing => {
                !session.is_some_and(|session| self.exists(target, session))
            }
        };
        is_read.then(|| self.defer_relation(other))
    }

    fn is_selected(&self, target: Index) -> bool {
        // Both are in the order of ids.
        let id = self.graph.node(target).unique_id.as_str();
        let place = self.selected.binary_search_by(|own| own.as_str().cmp(id));
        place.is_ok()
    }

    /// Whether what the node reads depends on what the warehouse holds.
    pub(super) fn may_defer(&self, reader: Index) -> bool {
        let known = &self.deferral.relations;
        let mut parents = self.graph.parents(reader).iter();
        self.deferral.rule != DeferRule::Never && parents.any(|parent| known.contains_key(parent))
    }

    /// The relation of the other environment, quoted as this project quotes.
    pub fn defer_relation(&self, other: &DeferRelation) -> Relation {
        let database = other.database.as_deref();
        let relation = Relation::new(
            self.dialect,
            database,
            Some(&other.schema),
            Some(&other.alias),
        );
        let own = other.config.get("quoting");
        relation.with_quote(self.quoting_with(|key| own?.get(key)?.as_bool()))
    }

    /// Whether the warehouse holds the node's own relation. What cannot be looked up is not there.
    fn exists(&self, target: Index, session: &SessionHandle) -> bool {
        let node = self.graph.node(target);
        let (database, schema) = (node.database.as_str(), node.schema.as_str());
        let mut session = lock(session);
        if !session.shared().cache.knows(database, schema) {
            let schemas = [schema.to_string()];
            if session.fill_cache(database, &schemas).is_err() {
                return false;
            }
        }
        let cache = &session.shared().cache;
        cache.get(database, schema, &node.alias).is_some()
    }
}
