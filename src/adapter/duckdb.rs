//! DuckDB inside this process: one database instance, one connection per worker.
//! Promise: the file's lock is gone once the adapter is closed and its connections are dropped.
//! Not here: what a profile may say (`credentials`).

mod catalog;
mod connect;
mod convert;
mod errors;
mod library;
mod syntax;
mod types;

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
use crate::adapter::SyntaxMistake;
use crate::adapter::Table;
use crate::adapter::credentials::DuckDbProfile;
use crate::adapter::table::TableColumn;
use crate::sql::Dialect;
use crate::sql::dialect::DUCKDB;
use crate::sql::lex;
use crate::sql::quote;
use duckdb::InterruptHandle;
use duckdb::params_from_iter;
use duckdb::types::Value;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// For whoever calls the `duckdb` crate beside sqlmill, as tests do.
pub use library::load as load_library;

/// Of the library.
pub(super) const VERSION: &str = "1.5.6";

/// The open database.
pub struct DuckDb {
    profile: DuckDbProfile,
    setup: Setup,
    /// Where relative paths start.
    folder: PathBuf,
    /// The first connection, from which the others are cloned; `None` once closed.
    root: Mutex<Option<duckdb::Connection>>,
    /// Handles of all connections ever made, for `cancel_all`.
    running: Mutex<Vec<Weak<InterruptHandle>>>,
    cancelled: Arc<AtomicBool>,
}

impl DuckDb {
    /// Opens the database, loads extensions, makes secrets and attachments.
    /// Relative paths start at `folder`.
    pub fn open(profile: &DuckDbProfile, folder: &Path) -> Result<Self> {
        Ok(DuckDb {
            root: Mutex::new(Some(connect::open(profile, folder)?)),
            profile: profile.clone(),
            setup: setup(profile),
            folder: folder.to_path_buf(),
            running: Mutex::default(),
            cancelled: Arc::default(),
        })
    }
}

fn setup(profile: &DuckDbProfile) -> Setup {
    let attached = profile.attach.iter().filter(|one| one.is_lake());
    let mut ducklakes: Vec<String> = attached.filter_map(|one| one.alias.clone()).collect();
    if profile.is_ducklake || profile.path.starts_with("ducklake:") {
        ducklakes.push(profile.database.clone());
    }
    Setup {
        external_root: profile.external_root.clone(),
        transactions: !profile.disable_transactions,
        ducklakes,
        python: profile.python.clone(),
        module_paths: profile.module_paths.clone(),
    }
}

static CAPABILITIES: Capabilities = Capabilities {
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch"],
    file_carriers: &[
        ("UHUGEINT", "VARCHAR"),
        ("HUGEINT", "DECIMAL(38,0)"),
        ("BIGNUM", "VARCHAR"),
        ("BIT", "VARCHAR"),
        ("TIME WITH TIME ZONE", "VARCHAR"),
        ("TIMESTAMP_S", "TIMESTAMP"),
        ("TIMESTAMP_MS", "TIMESTAMP"),
        ("TIME_NS", "VARCHAR"),
    ],
};

impl Adapter for DuckDb {
    fn dialect(&self) -> &'static Dialect {
        &DUCKDB
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn connect(&self, _: &str) -> Result<Box<dyn Connection>> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(root) = root.as_ref() else {
            let message = "the database is closed";
            return Err(AdapterError::new(ErrorKind::Internal, message));
        };
        let connection = root.try_clone().map_err(|e| errors::of(&e, ""))?;
        connect::apply_settings(&connection, &self.profile, &self.folder)?;
        let handle = connection.interrupt_handle();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|handle| handle.strong_count() > 0);
        running.push(Arc::downgrade(&handle));
        Ok(Box::new(DuckDbConnection {
            connection,
            handle,
            cancelled: self.cancelled.clone(),
            attempts: self.profile.retries.query_attempts,
            retryable: self.profile.retries.retryable.clone(),
            with_transactions: !self.profile.disable_transactions,
        }))
    }

    fn check_syntax(&self, sql: &str) -> Option<SyntaxMistake> {
        let mut connection = self.connect("syntax").ok()?;
        let question = format!("select json_serialize_sql({})", quote::text(sql));
        let (_, answer) = connection.fetch(&question, Some(1)).ok()?;
        let told = answer.rows.first()?.first()?.to_string();
        syntax::mistake(&serde_json::from_str(&told).ok()?)
    }

    fn cancel_all(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for handle in running.iter().filter_map(Weak::upgrade) {
            handle.interrupt();
        }
    }

    fn close(&self) {
        let mut root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        *root = None;
    }
}

struct DuckDbConnection {
    connection: duckdb::Connection,
    handle: Arc<InterruptHandle>,
    cancelled: Arc<AtomicBool>,
    /// Tries at a statement in all.
    attempts: usize,
    retryable: Vec<String>,
    with_transactions: bool,
}

/// Whether the rows of a result are of interest.
#[derive(Clone, Copy)]
enum Rows {
    Skipped,
    Read { limit: usize },
}

impl DuckDbConnection {
    fn run(&self, sql: &str, bindings: &[Cell], rows: Rows) -> Result<(Response, Table)> {
        if lex::is_empty(sql, &DUCKDB) {
            return Ok((Response::ok(), Table::default()));
        }
        let mut left = self.attempts;
        loop {
            left -= 1;
            if self.cancelled.load(Ordering::SeqCst) {
                return Err(AdapterError::new(ErrorKind::Interrupted, "Interrupted!"));
            }
            match self.run_once(sql, bindings, rows) {
                Err(e) if left > 0 && errors::is_retryable(&e, &self.retryable) => {}
                outcome => return outcome,
            }
        }
    }

    fn run_once(&self, sql: &str, bindings: &[Cell], rows: Rows) -> Result<(Response, Table)> {
        let fail = |e: duckdb::Error| errors::of(&e, sql);
        let mut statement = self.connection.prepare(sql).map_err(fail)?;
        let values = bindings.iter().map(value_of);
        let changed = statement.execute(params_from_iter(values)).map_err(fail)?;
        let mut table = Table::default();
        let schema = statement.schema();
        for (index, field) in schema.fields().iter().enumerate() {
            let type_name = types::name(&statement.column_logical_type(index));
            table
                .columns
                .push(TableColumn::new(field.name(), type_name));
        }
        let limit = match rows {
            Rows::Read { limit } => limit,
            // A statement that only counts says how much in its one row.
            Rows::Skipped => usize::from(counts(&table)),
        };
        while table.rows.len() < limit {
            let Some(chunk) = statement.step().map_err(fail)? else {
                break;
            };
            convert::push_rows(&mut table, &chunk, limit);
        }
        let response = Response {
            rows_affected: affected(sql, changed, &table),
            ..Response::ok()
        };
        Ok((response, table))
    }

    fn transact(&self, word: &str) -> Result<()> {
        if !self.with_transactions {
            return Ok(());
        }
        let done = self.connection.execute_batch(word);
        done.map_err(|e| errors::of(&e, word))
    }
}

impl Connection for DuckDbConnection {
    fn begin(&mut self) -> Result<()> {
        self.transact("begin")
    }

    fn commit(&mut self) -> Result<()> {
        self.transact("commit")
    }

    fn rollback(&mut self) -> Result<()> {
        self.transact("rollback")
    }

    fn execute(&mut self, sql: &str, bindings: &[Cell]) -> Result<Response> {
        let (response, _) = self.run(sql, bindings, Rows::Skipped)?;
        Ok(response)
    }

    fn fetch(&mut self, sql: &str, limit: Option<usize>) -> Result<(Response, Table)> {
        let limit = limit.unwrap_or(usize::MAX);
        self.run(sql, &[], Rows::Read { limit })
    }

    fn load_rows(&mut self, relation: &Relation, rows: &Table) -> Result<Response> {
        let fail = |e: duckdb::Error| errors::of(&e, "");
        let schema = relation.schema.as_deref().unwrap_or("main");
        let mut appender = match &relation.database {
            Some(database) => {
                let connection = &self.connection;
                connection.appender_to_catalog_and_db(relation.name(), database, schema)
            }
            None => self.connection.appender_to_db(relation.name(), schema),
        }
        .map_err(fail)?;
        for row in &rows.rows {
            let values = row.iter().map(value_of);
            appender
                .append_row(duckdb::appender_params_from_iter(values))
                .map_err(fail)?;
        }
        appender.flush().map_err(fail)?;
        Ok(Response {
            rows_affected: i64::try_from(rows.rows.len()).ok(),
            ..Response::ok()
        })
    }

    fn list_schemas(&mut self, database: &str) -> Result<Vec<String>> {
        let (_, table) = self.fetch(&catalog::schemas(database), None)?;
        Ok(catalog::texts(&table))
    }

    fn list_relations(&mut self, database: &str, schemas: &[String]) -> Result<Vec<Relation>> {
        if schemas.is_empty() {
            return Ok(Vec::new());
        }
        let (_, table) = self.fetch(&catalog::relations(database, schemas), None)?;
        Ok(catalog::to_relations(&table))
    }

    fn columns_of(&mut self, relation: &Relation) -> Result<Vec<Column>> {
        match self.fetch(&catalog::columns(relation), None) {
            Ok((_, table)) => Ok(catalog::to_columns(&table)),
            // The relation does not exist; the open transaction does not mind the question.
            Err(e) if e.kind == ErrorKind::Catalog => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    fn key_constraints(&mut self, relation: &Relation) -> Result<Vec<String>> {
        let (_, table) = self.fetch(&catalog::keys(relation), None)?;
        Ok(catalog::texts(&table))
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        Arc::new(Handle(self.handle.clone()))
    }
}

struct Handle(Arc<InterruptHandle>);

impl Interrupt for Handle {
    fn interrupt(&self) {
        self.0.interrupt();
    }
}

/// Whether the result is DuckDB's way to say how many rows a statement wrote.
fn counts(table: &Table) -> bool {
    matches!(table.columns.as_slice(), [column] if column.name == "Count")
}

/// Rows written; DuckDB tells for changes of rows, and in its count for `create ... as` and `copy`.
fn affected(sql: &str, changed: usize, table: &Table) -> Option<i64> {
    if changed > 0 {
        return i64::try_from(changed).ok();
    }
    let first = lex::code(sql, &DUCKDB).next()?;
    let words = ["create", "copy", "insert", "update", "delete", "merge"];
    if !counts(table) || !words.iter().any(|word| first.is_word(sql, word)) {
        return None;
    }
    match table.rows.first().map(Vec::as_slice) {
        Some([Cell::Int(count)]) => i64::try_from(*count).ok(),
        _ => None,
    }
}

/// A cell as a parameter; what has no plain form goes as text, which DuckDB casts.
fn value_of(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Boolean(*value),
        Cell::Int(value) => i64::try_from(*value).map_or(Value::HugeInt(*value), Value::BigInt),
        Cell::Float(value) => Value::Double(*value),
        Cell::Str(value) => Value::Text(value.to_string()),
        Cell::Blob(value) => Value::Blob(value.to_vec()),
        other => Value::Text(other.to_string()),
    }
}
