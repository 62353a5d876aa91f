//! One worker's line to the warehouse while it works on a node: connection, transaction, comment, events.
//! Promise: every statement sent is emitted, with its outcome; the connection opens with the first one.
//! A connection that breaks is replaced, and its statement sent again, only where nothing can be done
//! twice by it.
//! Not here: what to send (`templates`), when to begin and end a node (`run`).

use crate::adapter::Adapter;
use crate::adapter::Cell;
use crate::adapter::Column;
use crate::adapter::Connection;
use crate::adapter::ErrorKind;
use crate::adapter::Relation;
use crate::adapter::RelationCache;
use crate::adapter::Response;
use crate::adapter::Result;
use crate::adapter::Table;
use crate::adapter::undo::Undo;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::Observer;
use crate::base::event::Level;
use crate::sql::Parts;
use crate::sql::effect;
use crate::sql::split;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

/// What all sessions of a run share.
#[derive(Clone)]
pub struct Shared {
    pub adapter: Arc<dyn Adapter>,
    pub cache: Arc<RelationCache>,
    pub observer: Arc<dyn Observer>,
    /// Which parts of names the project puts in quotes.
    pub quoting: Parts,
    /// Warnings of macros that were given already.
    warned: Arc<Mutex<BTreeSet<String>>>,
}

pub struct Session {
    shared: Shared,
    connection: Option<Box<dyn Connection>>,
    task: Task,
    in_transaction: bool,
    /// Whether the connection may have been told something for this task that a new one would not know.
    has_spoken: bool,
    /// The way back from what the open transaction changed in the cache.
    changes: Vec<Undo>,
}

/// What a session is used for at the moment.
#[derive(Clone, Default)]
pub struct Task {
    /// Name in logs, such as `model.shop.orders` or `master`.
    pub name: String,
    pub node: Option<Arc<NodeInfo>>,
    pub comment: QueryComment,
}

/// A comment that goes with every statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryComment {
    /// Without the comment marks; empty for none.
    pub text: String,
    /// Behind the statement instead of in front.
    pub append: bool,
}

/// Whether a statement opens a transaction if none is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoBegin {
    Yes,
    No,
}

/// Whether work that a lost connection cut short is done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Once,
    Never,
}

impl Shared {
    pub fn new(adapter: Arc<dyn Adapter>, observer: Arc<dyn Observer>) -> Self {
        Shared {
            cache: Arc::new(RelationCache::new(adapter.dialect())),
            quoting: adapter.dialect().quoting,
            warned: Arc::default(),
            adapter,
            observer,
        }
    }
}

impl Shared {
    /// Whether a warning is given for the first time in this run; from now on it is not.
    pub fn is_new_warning(&self, message: &str) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        warned.insert(message.to_string())
    }
}

impl Session {
    pub fn new(shared: Shared, task: Task) -> Self {
        Session {
            shared,
            connection: None,
            task,
            in_transaction: false,
            has_spoken: false,
            changes: Vec::new(),
        }
    }

    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Turns to another node; the connection stays. Call `leave` before.
    pub fn enter(&mut self, task: Task) {
        self.task = task;
        self.has_spoken = false;
    }

    /// Ends the work on a node: what was not committed is undone.
    pub fn leave(&mut self) -> Result<()> {
        self.rollback()
    }

    /// Drops the connection; the next statement opens a new one.
    pub fn disconnect(&mut self) {
        self.connection = None;
        self.in_transaction = false;
        self.take_back();
    }

    /// Changes the shared cache; what the open transaction has changed is taken back with it.
    pub fn change_cache(&mut self, change: impl FnOnce(&RelationCache) -> Undo) {
        let undo = change(&self.shared.cache);
        if self.in_transaction {
            self.changes.push(undo);
        }
    }

    fn take_back(&mut self) {
        for change in self.changes.drain(..).rev() {
            self.shared.cache.undo(change);
        }
    }

    pub fn is_in_transaction(&self) -> bool {
        self.in_transaction
    }

    pub fn execute(&mut self, sql: &str, begin: AutoBegin, bindings: &[Cell]) -> Result<Response> {
        self.begin_if(begin)?;
        let sql = self.task.comment.on(sql);
        let repeat = self.repeat(&sql);
        let work = |connection: &mut dyn Connection| connection.execute(&sql, bindings);
        let response = self.send(&sql, repeat, work, |r| r)?;
        self.heed(&sql);
        Ok(response)
    }

    /// Runs a text and reads its rows, as macros expect to see them.
    pub fn fetch(
        &mut self,
        sql: &str,
        begin: AutoBegin,
        limit: Option<usize>,
    ) -> Result<(Response, Table)> {
        self.begin_if(begin)?;
        let sql = self.task.comment.on(sql);
        let repeat = self.repeat(&sql);
        let work = |connection: &mut dyn Connection| connection.fetch(&sql, limit);
        let (response, table) = self.send(&sql, repeat, work, |(r, _)| r)?;
        self.heed(&sql);
        Ok((response, table.settled()))
    }

    /// Notes that the text itself has ended the open transaction, so that nobody ends it twice.
    fn heed(&mut self, sql: &str) {
        let dialect = self.shared.adapter.dialect();
        if self.in_transaction && split::ends_transaction(sql, dialect) {
            self.in_transaction = false;
            self.changes.clear();
        }
    }

    /// Opens a transaction, unless one is open.
    pub fn begin(&mut self) -> Result<()> {
        self.begin_if(AutoBegin::Yes)
    }

    /// Commits the open transaction, if there is one.
    pub fn commit(&mut self) -> Result<()> {
        if !self.in_transaction {
            return Ok(());
        }
        self.in_transaction = false;
        let committed = self.send_word("COMMIT", |connection| connection.commit());
        match committed.is_ok() {
            true => self.changes.clear(),
            false => self.take_back(),
        }
        committed.map_err(|mut e| {
            if e.kind == ErrorKind::Disconnected {
                e.message += "\nThis happened while committing: whether the changes took effect is not known.";
            }
            e
        })
    }

    /// Undoes the open transaction, if there is one.
    pub fn rollback(&mut self) -> Result<()> {
        if !self.in_transaction {
            return Ok(());
        }
        self.in_transaction = false;
        self.take_back();
        self.send_word("ROLLBACK", |connection| connection.rollback())
    }

    pub fn load_rows(&mut self, relation: &Relation, rows: &Table) -> Result<Response> {
        self.begin()?;
        let told = format!("-- {} rows into {relation}", rows.rows.len());
        let repeat = self.repeat("insert");
        let work = |connection: &mut dyn Connection| connection.load_rows(relation, rows);
        self.send(&told, repeat, work, |r| r)
    }

    pub fn list_schemas(&mut self, database: &str) -> Result<Vec<String>> {
        self.attempt(self.repeat(""), |line| line.list_schemas(database))
    }

    pub fn list_relations(&mut self, database: &str, schemas: &[String]) -> Result<Vec<Relation>> {
        self.attempt(self.repeat(""), |line| {
            line.list_relations(database, schemas)
        })
    }

    pub fn columns_of(&mut self, relation: &Relation) -> Result<Vec<Column>> {
        self.attempt(self.repeat(""), |line| line.columns_of(relation))
    }

    pub fn key_constraints(&mut self, relation: &Relation) -> Result<Vec<String>> {
        self.attempt(self.repeat(""), |line| line.key_constraints(relation))
    }

    /// As the connection tells them; the query should give no rows.
    pub fn columns_of_query(&mut self, sql: &str) -> Result<Vec<Column>> {
        let sql = self.task.comment.on(sql);
        let repeat = self.repeat(&sql);
        let mut columns = Vec::new();
        let work = |connection: &mut dyn Connection| {
            columns = connection.columns_of_query(&sql)?;
            Ok(Response::ok())
        };
        self.send(&sql, repeat, work, |r| r)?;
        Ok(columns)
    }

    /// Reads several schemas of a database into the shared cache.
    pub fn fill_cache(&mut self, database: &str, schemas: &[String]) -> Result<()> {
        let relations = self.list_relations(database, schemas)?;
        for schema in schemas {
            let own = relations
                .iter()
                .filter(|r| r.matches(None, Some(schema), None));
            self.shared
                .cache
                .fill(database, schema, own.cloned().collect());
        }
        for (dependent, read) in self.attempt(self.repeat(""), |line| line.list_dependents())? {
            self.shared.cache.link(&dependent, &read);
        }
        Ok(())
    }

    fn begin_if(&mut self, begin: AutoBegin) -> Result<()> {
        if begin == AutoBegin::No || self.in_transaction {
            return Ok(());
        }
        let spoken = self.has_spoken;
        self.send_word("BEGIN", |connection| connection.begin())?;
        self.in_transaction = true;
        // A new connection can be told the same.
        self.has_spoken = spoken;
        Ok(())
    }

    fn send_word(
        &mut self,
        word: &str,
        mut work: impl FnMut(&mut dyn Connection) -> Result<()>,
    ) -> Result<()> {
        let work = |connection: &mut dyn Connection| work(connection).map(|()| Response::ok());
        self.send(word, Repeat::Never, work, |r| r).map(drop)
    }

    /// Whether a text may be sent again over a new connection, should the present one break.
    fn repeat(&self, sql: &str) -> Repeat {
        let adapter = &self.shared.adapter;
        let dialect = adapter.dialect();
        let harmless = match self.in_transaction && adapter.setup().transactions {
            // What the lost transaction did is undone.
            true => !effect::controls_transactions(sql, dialect),
            false => effect::only_reads(sql, dialect),
        };
        match harmless && !self.has_spoken {
            true => Repeat::Once,
            false => Repeat::Never,
        }
    }

    fn send<T>(
        &mut self,
        sql: &str,
        repeat: Repeat,
        work: impl FnMut(&mut dyn Connection) -> Result<T>,
        response: impl FnOnce(&T) -> &Response,
    ) -> Result<T> {
        let name = self.task.name.clone();
        let node = self.task.node.clone();
        let observer = self.shared.observer.clone();
        observer.on(&Event::Sql {
            connection: name.clone(),
            node: node.clone(),
            sql: sql.into(),
        });
        let started = Instant::now();
        let comment_lines = self.task.comment.lines_before();
        let outcome = self.attempt(repeat, work).map_err(|mut e| {
            e.line = e.line.map(|line| line.saturating_sub(comment_lines).max(1));
            e
        });
        observer.on(&Event::SqlDone {
            connection: name,
            node,
            status: match &outcome {
                Ok(done) => response(done).message.clone(),
                Err(_) => "ERROR".to_string(),
            },
            took: started.elapsed(),
        });
        outcome
    }

    /// Does the work over the connection; where that breaks, over a new one, if that is safe.
    fn attempt<T>(
        &mut self,
        repeat: Repeat,
        mut work: impl FnMut(&mut dyn Connection) -> Result<T>,
    ) -> Result<T> {
        let outcome = work(self.connection()?);
        self.has_spoken = true;
        let Err(lost) = &outcome else {
            return outcome;
        };
        if lost.kind != ErrorKind::Disconnected {
            return outcome;
        }
        let in_transaction = self.in_transaction;
        self.disconnect();
        if repeat == Repeat::Never {
            return outcome;
        }
        let reason = lost.message.lines().next().unwrap_or_default();
        let message = format!(
            "{} has lost its connection ({reason}); trying once more",
            self.task.name
        );
        let data = serde_json::json!({"exc": lost.message, "conn_name": self.task.name});
        let note = Event::with_data("AdapterEventWarning", Level::Warn, message, data);
        self.shared.observer.on(&note);
        let connection = self.connection()?;
        if in_transaction {
            connection.begin()?;
        }
        let outcome = work(connection);
        self.in_transaction = in_transaction;
        self.has_spoken = true;
        outcome
    }

    fn connection(&mut self) -> Result<&mut dyn Connection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.shared.adapter.connect(&self.task.name)?,
        };
        Ok(self.connection.insert(connection).as_mut())
    }
}

impl QueryComment {
    /// How many lines a statement moves down.
    fn lines_before(&self) -> usize {
        match self.text.is_empty() || self.append {
            true => 0,
            false => self.text.lines().count(),
        }
    }

    /// The statement with this comment.
    fn on(&self, sql: &str) -> String {
        if self.text.is_empty() {
            return sql.to_string();
        }
        // A comment must not end early.
        let comment = format!("/* {} */", self.text.replace("*/", "* /"));
        if !self.append {
            return format!("{comment}\n{sql}");
        }
        let sql = sql.trim_end();
        match sql.strip_suffix(';') {
            Some(sql) => format!("{sql}\n{comment};"),
            None => format!("{sql}\n{comment}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::AdapterError;
    use crate::adapter::scripted::Scripted;
    use crate::base::event::Silent;
    use crate::sql::dialect::DUCKDB;

    #[test]
    fn transactions_open_once_and_close_once() {
        let scripted = Scripted::new(&DUCKDB);
        let shared = Shared::new(Arc::new(scripted.clone()), Arc::new(Silent));
        let mut session = Session::new(shared, Task::default());
        session.execute("a", AutoBegin::No, &[]).unwrap();
        session.execute("b", AutoBegin::Yes, &[]).unwrap();
        session.fetch("c", AutoBegin::Yes, None).unwrap();
        session.commit().unwrap();
        session.commit().unwrap();
        session.begin().unwrap();
        session.leave().unwrap();
        let seen: Vec<String> = scripted.statements().into_iter().map(|s| s.sql).collect();
        assert_eq!(
            seen,
            ["a", "begin", "b", "c", "commit", "begin", "rollback"]
        );
    }

    /// What a session over a warehouse that breaks once sends, and what comes of it.
    fn over_a_break(work: impl FnOnce(&mut Session) -> Result<Response>) -> (String, bool) {
        let lost = AdapterError::new(ErrorKind::Disconnected, "gone");
        let scripted = Scripted::new(&DUCKDB).fail_once("^(select|create|commit)", lost);
        let shared = Shared::new(Arc::new(scripted.clone()), Arc::new(Silent));
        let mut session = Session::new(shared, Task::default());
        let ok = work(&mut session).is_ok();
        assert!(ok || !session.is_in_transaction());
        let seen: Vec<String> = scripted.statements().into_iter().map(|s| s.sql).collect();
        (seen.join("; "), ok)
    }

    #[test]
    fn what_a_lost_connection_cut_short_is_repeated_only_where_it_is_safe() {
        let reads = over_a_break(|s| s.execute("select 1", AutoBegin::No, &[]));
        assert_eq!(reads, ("select 1; select 1".to_string(), true));
        let writes = over_a_break(|s| s.execute("create 1", AutoBegin::No, &[]));
        assert_eq!(writes, ("create 1".to_string(), false));
        let first = over_a_break(|s| s.execute("create 1", AutoBegin::Yes, &[]));
        assert_eq!(
            first,
            ("begin; create 1; begin; create 1".to_string(), true)
        );
        let ending = over_a_break(|s| s.execute("create 1; commit", AutoBegin::Yes, &[]));
        assert_eq!(ending, ("begin; create 1; commit".to_string(), false));
        let second = over_a_break(|s| {
            s.execute("set x = 1", AutoBegin::No, &[])?;
            s.execute("select 1", AutoBegin::No, &[])
        });
        assert_eq!(second, ("set x = 1; select 1".to_string(), false));
        let last = over_a_break(|s| {
            s.execute("insert 1", AutoBegin::Yes, &[])?;
            s.commit().map(|()| Response::ok())
        });
        assert_eq!(last, ("begin; insert 1; commit".to_string(), false));
    }

    #[test]
    fn comments_stand_before_or_behind() {
        let comment = |append| QueryComment {
            text: "by */ us".to_string(),
            append,
        };
        assert_eq!(comment(false).on("select 1"), "/* by * / us */\nselect 1");
        assert_eq!(comment(true).on("select 1; "), "select 1\n/* by * / us */;");
        assert_eq!(QueryComment::default().on("a"), "a");
    }
}
