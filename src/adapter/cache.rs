//! What the warehouse holds, as far as this run has looked: relations by schema.
//! Promise: shared by all workers; a schema is either wholly known or not known at all.

use crate::adapter::dependents::Dependents;
use crate::adapter::relation::Relation;
use crate::adapter::relation::RelationKey;
use crate::adapter::relation::fold;
use crate::adapter::undo::Step;
use crate::adapter::undo::Undo;
use crate::base::Event;
use crate::base::Observer;
use crate::base::event::Level;
use crate::sql::Dialect;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;

/// Names compare as the warehouse compares them.
#[derive(Debug)]
pub struct RelationCache {
    dialect: &'static Dialect,
    schemas: Mutex<BTreeMap<SchemaKey, BTreeMap<String, Relation>>>,
    dependents: Mutex<Dependents>,
    listener: OnceLock<Listener>,
}

/// Who wants to hear of every change.
struct Listener(Arc<dyn Observer>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SchemaKey {
    database: String,
    schema: String,
}

impl RelationCache {
    pub fn new(dialect: &'static Dialect) -> Self {
        RelationCache {
            dialect,
            schemas: Mutex::default(),
            dependents: Mutex::default(),
            listener: OnceLock::new(),
        }
    }

    /// From now on this one hears of every change (`--log-cache-events`).
    pub fn tell_to(&self, observer: Arc<dyn Observer>) {
        // The first listener stays.
        drop(self.listener.set(Listener(observer)));
    }

    /// Whether the relations of a schema are known.
    pub fn knows(&self, database: &str, schema: &str) -> bool {
        self.lock().contains_key(&self.schema_key(database, schema))
    }

    /// Makes a schema known: these relations and no others.
    pub fn fill(&self, database: &str, schema: &str, relations: Vec<Relation>) {
        self.tell("add_schema_set", || {
            let names: Vec<Value> = relations.iter().map(|r| key_json(&r.key())).collect();
            let schema = json!({"database": database, "schema": schema, "identifier": ""});
            json!({"ref_key": schema, "ref_list": names})
        });
        let named = relations.into_iter().map(|r| (r.key().identifier, r));
        self.lock()
            .insert(self.schema_key(database, schema), named.collect());
    }

    /// A relation of a known schema; `None` where it does not exist or the schema is not known.
    pub fn get(&self, database: &str, schema: &str, identifier: &str) -> Option<Relation> {
        let schemas = self.lock();
        let relations = schemas.get(&self.schema_key(database, schema))?;
        relations.get(&fold(identifier, self.dialect)).cloned()
    }

    /// All relations of a schema, ordered by name; `None` where the schema is not known.
    pub fn list(&self, database: &str, schema: &str) -> Option<Vec<Relation>> {
        let schemas = self.lock();
        let relations = schemas.get(&self.schema_key(database, schema))?;
        Some(relations.values().cloned().collect())
    }

    /// Notes that a relation was made. Its schema, if not known, stays so.
    pub fn add(&self, relation: &Relation) -> Undo {
        let key = relation.key();
        self.tell("add_relation", || json!({"ref_key": key_json(&key)}));
        Undo(vec![self.put(key, Some(relation.clone()))])
    }

    /// Notes that a view goes with a relation when that is dropped.
    pub fn link(&self, dependent: &Relation, read: &Relation) {
        let (dependent, read) = (dependent.key(), read.key());
        self.tell(
            "add_link",
            || json!({"ref_key": key_json(&dependent), "ref_key_2": key_json(&read)}),
        );
        self.lock_dependents().add(dependent, read);
    }

    /// Notes that a relation was dropped, and with it what depends on it.
    pub fn remove(&self, relation: &Relation) -> Undo {
        let key = relation.key();
        self.tell("drop_relation", || json!({"ref_key": key_json(&key)}));
        let taken = self.lock_dependents().take(&key);
        let links = taken.links.into_iter();
        let mut steps: Vec<Step> = links
            .map(|(dependent, read)| Step::Link { dependent, read })
            .collect();
        let gone = std::iter::once(key).chain(taken.gone);
        steps.extend(gone.map(|key| self.put(key, None)));
        Undo(steps)
    }

    /// Notes that `old` is now called as `new`; the kind stays that of `old` where `new` has none.
    pub fn rename(&self, old: &Relation, new: &Relation) -> Undo {
        let key = old.key();
        self.tell(
            "rename_relation",
            || json!({"ref_key": key_json(&key), "ref_key_2": key_json(&new.key())}),
        );
        self.lock_dependents().rename(&key, &new.key());
        let relinked = Step::Relink {
            from: new.key(),
            to: key.clone(),
        };
        let taken = self.put(key, None);
        let known = match &taken {
            Step::Put(_, Some(known)) => known.kind,
            _ => None,
        };
        let added = self.add(&Relation {
            kind: new.kind.or(known).or(old.kind),
            ..new.clone()
        });
        let mut steps = vec![relinked, taken];
        steps.extend(added.0);
        Undo(steps)
    }

    /// Takes a change back.
    pub fn undo(&self, change: Undo) {
        for step in change.0.into_iter().rev() {
            match step {
                Step::Put(key, relation) => drop(self.put(key, relation)),
                Step::Link { dependent, read } => self.lock_dependents().add(dependent, read),
                Step::Relink { from, to } => self.lock_dependents().rename(&from, &to),
            }
        }
    }

    /// Sets what has a key, if its schema is known. Returns the way back.
    fn put(&self, key: RelationKey, relation: Option<Relation>) -> Step {
        let mut schemas = self.lock();
        let Some(relations) = schemas.get_mut(&schema_of(&key)) else {
            return Step::Put(key, None);
        };
        let before = match relation {
            Some(relation) => relations.insert(key.identifier.clone(), relation),
            None => relations.remove(&key.identifier),
        };
        Step::Put(key, before)
    }

    /// Notes that a schema was dropped with all it held: known, and empty.
    pub fn drop_schema(&self, database: &str, schema: &str) {
        self.fill(database, schema, Vec::new());
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.lock().clear();
        self.lock_dependents().clear();
    }

    /// Says what happens; `what` is only made where somebody listens.
    fn tell(&self, action: &str, what: impl FnOnce() -> Value) {
        let Some(Listener(observer)) = self.listener.get() else {
            return;
        };
        let mut data = what();
        let message = format!("cache: {action} {}", data["ref_key"]);
        data["action"] = json!(action);
        observer.on(&Event::with_data(
            "CacheAction",
            Level::Debug,
            message,
            data,
        ));
    }

    fn schema_key(&self, database: &str, schema: &str) -> SchemaKey {
        SchemaKey {
            database: fold(database, self.dialect),
            schema: fold(schema, self.dialect),
        }
    }

    fn lock_dependents(&self) -> MutexGuard<'_, Dependents> {
        let dependents = self.dependents.lock();
        dependents.unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SchemaKey, BTreeMap<String, Relation>>> {
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_json(key: &RelationKey) -> Value {
    json!({"database": key.database, "schema": key.schema, "identifier": key.identifier})
}

fn schema_of(key: &RelationKey) -> SchemaKey {
    SchemaKey {
        database: key.database.clone(),
        schema: key.schema.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::relation::RelationKind;
    use crate::sql::dialect::DUCKDB;

    fn relation(name: &str) -> Relation {
        Relation::new(&DUCKDB, Some("db"), Some("main"), Some(name))
    }

    #[test]
    fn a_schema_is_known_whole_or_not_at_all() {
        let cache = RelationCache::new(&DUCKDB);
        cache.add(&relation("early"));
        assert!(!cache.knows("db", "main"));
        cache.fill(
            "db",
            "main",
            vec![relation("Orders").of_kind(RelationKind::View)],
        );
        assert!(cache.knows("DB", "MAIN"));
        assert!(cache.get("db", "main", "ORDERS").is_some());
        assert!(cache.get("db", "main", "early").is_none());
        assert_eq!(cache.list("db", "other"), None);
    }

    #[test]
    fn changes_are_followed() {
        let cache = RelationCache::new(&DUCKDB);
        cache.fill(
            "db",
            "main",
            vec![relation("a").of_kind(RelationKind::Table)],
        );
        cache.rename(&relation("a"), &relation("b"));
        assert!(cache.get("db", "main", "a").is_none());
        assert_eq!(
            cache.get("db", "main", "b").unwrap().kind,
            Some(RelationKind::Table)
        );
        cache.remove(&relation("B"));
        assert_eq!(cache.list("db", "main"), Some(vec![]));
    }

    #[test]
    fn changes_are_taken_back() {
        let cache = RelationCache::new(&DUCKDB);
        let held = ["read", "view", "view_over_view"].map(relation).to_vec();
        cache.fill("db", "main", held.clone());
        cache.link(&relation("view"), &relation("read"));
        cache.link(&relation("view_over_view"), &relation("view"));
        let changes = [
            cache.rename(&relation("read"), &relation("old")),
            cache.add(&relation("read").of_kind(RelationKind::Table)),
            cache.remove(&relation("old")),
        ];
        assert_eq!(cache.list("db", "main").unwrap().len(), 1);
        for change in changes.into_iter().rev() {
            cache.undo(change);
        }
        assert_eq!(cache.list("db", "main").unwrap(), held);
        cache.remove(&relation("view"));
        assert!(cache.get("db", "main", "view_over_view").is_none());
    }
}
