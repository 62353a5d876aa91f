//! Warehouses behind one trait: connections, results, relations, what they complain about.
//! Promise: `open` is the only function that names the concrete warehouses; all else is theirs alike.
//! Not here: how a statement is spelled (`templates`), when it is sent (`run`).

pub mod cache;
pub mod cell;
pub mod column;
pub mod credentials;
pub mod decimal;
mod dependents;
#[cfg(feature = "duckdb")]
pub mod duckdb;
pub mod error;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod print;
pub mod relation;
pub mod scripted;
pub mod seed;
pub mod session;
pub mod table;
pub mod undo;

pub use cache::RelationCache;
pub use cell::Cell;
pub use column::Column;
pub use credentials::Credentials;
pub use error::AdapterError;
pub use error::ErrorKind;
pub use error::Result;
pub use relation::Relation;
pub use relation::RelationKind;
pub use session::Session;
pub use table::Kind;
pub use table::Table;

use crate::base::Context;
use crate::sql::Dialect;
use std::path::Path;
use std::sync::Arc;

/// A warehouse that was opened once and hands out connections to all workers.
pub trait Adapter: Send + Sync {
    fn dialect(&self) -> &'static Dialect;

    fn capabilities(&self) -> &'static Capabilities;

    /// What the profile says beyond the connection.
    fn setup(&self) -> &Setup;

    /// Opens a connection; the name is for people (`model.shop.orders`).
    fn connect(&self, name: &str) -> Result<Box<dyn Connection>>;

    /// Stops what runs on any connection, from any thread; those calls end as `Interrupted`.
    fn cancel_all(&self);

    /// Lets go of the warehouse (and of a database file's lock) once all connections are dropped.
    fn close(&self);

    /// What the warehouse's grammar has against a text, asked without running it; `None` where it has
    /// nothing against it, or cannot say.
    fn check_syntax(&self, sql: &str) -> Option<SyntaxMistake> {
        let _ = sql;
        None
    }

    /// The `type` of a profile, which also starts the names of the warehouse's macros.
    fn kind(&self) -> &'static str {
        self.dialect().name
    }
}

/// Why a text is no SQL of a warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxMistake {
    /// The warehouse's own words.
    pub message: String,
    /// Bytes counted from 0; `None` where the warehouse does not say.
    pub offset: Option<usize>,
}

/// One line to a warehouse, used by one worker at a time.
pub trait Connection: Send {
    fn begin(&mut self) -> Result<()>;
    fn commit(&mut self) -> Result<()>;
    fn rollback(&mut self) -> Result<()>;

    /// Runs a text of one or more statements; bindings fill the placeholders of the last one.
    fn execute(&mut self, sql: &str, bindings: &[Cell]) -> Result<Response>;

    /// Like `execute`, and reads the rows of the last statement, at most `limit` of them.
    fn fetch(&mut self, sql: &str, limit: Option<usize>) -> Result<(Response, Table)>;

    /// Adds rows to an existing relation, column by column in the table's order.
    fn load_rows(&mut self, relation: &Relation, rows: &Table) -> Result<Response>;

    /// Schemas of a database, in order.
    fn list_schemas(&mut self, database: &str) -> Result<Vec<String>>;

    /// Relations of some schemas of a database, in order, with their kinds.
    fn list_relations(&mut self, database: &str, schemas: &[String]) -> Result<Vec<Relation>>;

    /// Pairs of a view and a relation that it reads, for warehouses where dropping the latter takes
    /// the former with it. Empty where a view stays.
    fn list_dependents(&mut self) -> Result<Vec<(Relation, Relation)>> {
        Ok(Vec::new())
    }

    /// Columns in the relation's order; empty where there is no such relation.
    fn columns_of(&mut self, relation: &Relation) -> Result<Vec<Column>>;

    /// Columns that a query gives, with types that a cast takes; the query should give no rows.
    fn columns_of_query(&mut self, sql: &str) -> Result<Vec<Column>> {
        let (_, table) = self.fetch(sql, Some(0))?;
        let columns = table.columns.into_iter();
        Ok(columns
            .map(|column| Column::new(column.name, column.type_name))
            .collect())
    }

    /// Kinds of the keys that a table has (`primary_key`, `unique`, `foreign_key`), in order. Empty where
    /// nobody asks the warehouse for them.
    fn key_constraints(&mut self, relation: &Relation) -> Result<Vec<String>> {
        let _ = relation;
        Ok(Vec::new())
    }

    /// Whether models may be built in a schema, be it there already or to be created; fails with what
    /// is missing. A warehouse that cannot say finds no fault.
    fn check_schema(&mut self, database: &str, schema: &str) -> Result<()> {
        let _ = (database, schema);
        Ok(())
    }

    /// Something that stops this connection's statement from another thread.
    fn interrupter(&self) -> Arc<dyn Interrupt>;
}

/// Stops a running statement. Harmless when none runs.
pub trait Interrupt: Send + Sync {
    fn interrupt(&self);
}

/// What a warehouse says when a statement is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Short, for a person: `OK`, `SELECT 5`.
    pub message: String,
    pub code: Option<String>,
    /// Rows written, removed or given; `None` where the warehouse says nothing of them, and -1 where it
    /// says that it has not counted.
    pub rows_affected: Option<i64>,
}

impl Response {
    /// As artifacts and events write it.
    pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut map = serde_json::Map::new();
        map.insert("_message".to_string(), self.message.as_str().into());
        if let Some(code) = &self.code {
            map.insert("code".to_string(), code.as_str().into());
        }
        if let Some(rows) = self.rows_affected {
            map.insert("rows_affected".to_string(), rows.into());
        }
        map
    }

    pub fn ok() -> Self {
        Response {
            message: "OK".to_string(),
            code: None,
            rows_affected: None,
        }
    }
}

/// Settings of a profile that macros ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Folder or address below which external relations are written.
    pub external_root: String,
    /// Whether statements run in transactions.
    pub transactions: bool,
    /// Databases that are DuckLakes.
    pub ducklakes: Vec<String>,
    /// The program that runs Python models; `None` leaves the choice to the environment.
    pub python: Option<String>,
    /// Folders with modules for Python models.
    pub module_paths: Vec<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            external_root: ".".to_string(),
            transactions: true,
            ducklakes: Vec::new(),
            python: None,
            module_paths: Vec::new(),
        }
    }
}

/// What a warehouse can do beyond the common. A fact stands here once somebody outside asks for it.
#[derive(Debug)]
pub struct Capabilities {
    /// Strategies of incremental models, the default one first.
    pub incremental_strategies: &'static [&'static str],
    /// Types that a Parquet file cannot hold, and those that carry their values to Python models.
    pub file_carriers: &'static [(&'static str, &'static str)],
}

/// The warehouses in this program, by the `type` of their profiles, with what they are.
pub const BUILT_IN: &[(&str, &str)] = &[
    #[cfg(feature = "duckdb")]
    ("duckdb", duckdb::VERSION),
    #[cfg(feature = "postgres")]
    ("postgres", postgres::VERSION),
];

/// Opens the warehouse of a profile. Relative paths start at `folder`.
pub fn open(
    credentials: &Credentials,
    folder: &Path,
    context: &Context,
) -> Result<Arc<dyn Adapter>> {
    match &credentials.warehouse {
        #[cfg(feature = "duckdb")]
        credentials::Warehouse::DuckDb(profile) => {
            Ok(Arc::new(duckdb::DuckDb::open(profile, folder)?))
        }
        #[cfg(feature = "postgres")]
        credentials::Warehouse::Postgres(profile) => {
            Ok(Arc::new(postgres::Postgres::new(profile, context)))
        }
        #[cfg(not(all(feature = "duckdb", feature = "postgres")))]
        _ => {
            let _ = (folder, context);
            let kind = credentials.dialect().title;
            let message = format!("this sqlmill was built without {kind}");
            Err(AdapterError::new(ErrorKind::Config, message))
        }
    }
}
