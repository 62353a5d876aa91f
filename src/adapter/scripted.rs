//! A warehouse for tests: gives prepared answers and remembers every statement.
//! Promise: works without any real warehouse; a statement without a prepared answer succeeds with no rows.

use crate::adapter::Adapter;
use crate::adapter::AdapterError;
use crate::adapter::Capabilities;
use crate::adapter::Cell;
use crate::adapter::Column;
use crate::adapter::Connection;
use crate::adapter::ErrorKind;
use crate::adapter::Interrupt;
use crate::adapter::Relation;
use crate::adapter::Response;
use crate::adapter::Result;
use crate::adapter::Setup;
use crate::adapter::Table;
use crate::sql::Dialect;
use fancy_regex::Regex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// The fake. Clones share what they remember.
#[derive(Clone)]
pub struct Scripted {
    dialect: &'static Dialect,
    setup: Setup,
    script: Arc<Mutex<Script>>,
    cancelled: Arc<AtomicBool>,
}

#[derive(Default)]
struct Script {
    answers: Vec<(Regex, Result<Table>)>,
    /// Failures that happen once.
    failures: Vec<(Regex, AdapterError)>,
    relations: Vec<(Relation, Vec<Column>)>,
    statements: Vec<Statement>,
}

/// One statement as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub connection: String,
    pub sql: String,
}

impl Scripted {
    pub fn new(dialect: &'static Dialect) -> Self {
        Scripted {
            dialect,
            setup: Setup::default(),
            script: Arc::default(),
            cancelled: Arc::default(),
        }
    }

    /// Answers statements that fit a regular expression. Later answers win over earlier ones.
    pub fn answer(self, pattern: &str, answer: Result<Table>) -> Self {
        let pattern = Regex::new(pattern).expect("a test's pattern is a valid regular expression");
        self.lock().answers.push((pattern, answer));
        self
    }

    /// Fails at the first statement that fits, and not again.
    pub fn fail_once(self, pattern: &str, error: AdapterError) -> Self {
        let pattern = Regex::new(pattern).expect("a test's pattern is a valid regular expression");
        self.lock().failures.push((pattern, error));
        self
    }

    /// Holds a relation from the start.
    pub fn hold(self, relation: Relation, columns: Vec<Column>) -> Self {
        self.lock().relations.push((relation, columns));
        self
    }

    /// Everything that arrived so far, on all connections, in order.
    pub fn statements(&self) -> Vec<Statement> {
        self.lock().statements.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

static CAPABILITIES: Capabilities = Capabilities {
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch"],
    file_carriers: &[],
};

impl Adapter for Scripted {
    fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn connect(&self, name: &str) -> Result<Box<dyn Connection>> {
        Ok(Box::new(ScriptedConnection {
            name: name.to_string(),
            warehouse: self.clone(),
        }))
    }

    fn cancel_all(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
    }

    fn close(&self) {}
}

struct ScriptedConnection {
    name: String,
    warehouse: Scripted,
}

impl ScriptedConnection {
    fn send(&self, sql: &str) -> Result<Table> {
        if self.warehouse.cancelled.load(Ordering::SeqCst) {
            return Err(AdapterError::new(ErrorKind::Interrupted, "interrupted"));
        }
        let mut script = self.warehouse.lock();
        script.statements.push(Statement {
            connection: self.name.clone(),
            sql: sql.to_string(),
        });
        let fits = |pattern: &Regex| pattern.is_match(sql).unwrap_or(false);
        if let Some(at) = script
            .failures
            .iter()
            .position(|(pattern, _)| fits(pattern))
        {
            return Err(script.failures.remove(at).1);
        }
        let mut answers = script.answers.iter().rev();
        match answers.find(|(pattern, _)| fits(pattern)) {
            Some((_, answer)) => answer.clone(),
            None => Ok(Table::default()),
        }
    }
}

impl Connection for ScriptedConnection {
    fn begin(&mut self) -> Result<()> {
        self.send("begin").map(drop)
    }

    fn commit(&mut self) -> Result<()> {
        self.send("commit").map(drop)
    }

    fn rollback(&mut self) -> Result<()> {
        self.send("rollback").map(drop)
    }

    fn execute(&mut self, sql: &str, _: &[Cell]) -> Result<Response> {
        self.send(sql).map(|_| Response::ok())
    }

    fn fetch(&mut self, sql: &str, limit: Option<usize>) -> Result<(Response, Table)> {
        let mut table = self.send(sql)?;
        table.rows.truncate(limit.unwrap_or(usize::MAX));
        Ok((Response::ok(), table))
    }

    fn load_rows(&mut self, relation: &Relation, rows: &Table) -> Result<Response> {
        self.send(&format!("load {} rows into {relation}", rows.rows.len()))?;
        Ok(Response {
            rows_affected: i64::try_from(rows.rows.len()).ok(),
            ..Response::ok()
        })
    }

    fn list_schemas(&mut self, database: &str) -> Result<Vec<String>> {
        let script = self.warehouse.lock();
        let relations = script.relations.iter().map(|(relation, _)| relation);
        let own = relations.filter(|r| r.matches(Some(database), None, None));
        let schemas: BTreeSet<String> = own.filter_map(|r| r.schema.clone()).collect();
        Ok(schemas.into_iter().collect())
    }

    fn list_relations(&mut self, database: &str, schemas: &[String]) -> Result<Vec<Relation>> {
        let script = self.warehouse.lock();
        let relations = script.relations.iter().map(|(relation, _)| relation);
        let wanted = |r: &&Relation| {
            let mut schemas = schemas.iter();
            schemas.any(|schema| r.matches(Some(database), Some(schema), None))
        };
        Ok(relations.filter(wanted).cloned().collect())
    }

    fn columns_of(&mut self, relation: &Relation) -> Result<Vec<Column>> {
        let script = self.warehouse.lock();
        let mut relations = script.relations.iter();
        let found = relations.find(|(held, _)| held.is_same(relation));
        Ok(found
            .map(|(_, columns)| columns.clone())
            .unwrap_or_default())
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(Cancel(self.warehouse.cancelled.clone()))
    }
}

struct Cancel(Arc<AtomicBool>);

impl Interrupt for Cancel {
    fn interrupt(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
