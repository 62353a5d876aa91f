//! What happened, as data. Every room may emit; only `report` draws, only `artifacts` records.

use crate::base::diagnostic::Diagnostic;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Receives events, from any thread.
pub trait Observer: Send + Sync {
    fn on(&self, event: &Event);
}

/// Hears nothing. For tests and for work whose events nobody wants.
#[derive(Debug)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _: &Event) {}
}

/// What events and logs say about the node they belong to.
#[derive(Debug, Clone, Default)]
pub struct NodeInfo {
    pub unique_id: String,
    pub name: String,
    /// `model`, `seed`, `test`, `operation`, ...
    pub resource_type: &'static str,
    /// Path below the folder of its kind (`staging/orders.sql`).
    pub path: String,
    /// Path below its project (`models/staging/orders.sql`).
    pub original_file_path: String,
    pub materialized: String,
    /// `sql` or `python`; empty for a node without code.
    pub language: &'static str,
    pub database: String,
    pub schema: String,
    pub alias: String,
    /// Quoted name in the warehouse; empty for a node without one.
    pub relation_name: String,
    pub checksum: String,
    pub meta: serde_json::Value,
    /// Id of the node that a test belongs to; empty for anything else.
    pub attached_node: String,
    /// Place among the nodes of this call, counted from 1.
    pub index: usize,
    pub total: usize,
    pub started_at: Option<Timestamp>,
    /// Whether it is built in batches of time.
    pub is_batched: bool,
}

impl NodeInfo {
    /// dbt's first line of a failure: `Compilation Error in model orders (models/orders.sql)`.
    pub fn headline(&self, family: Family) -> String {
        let NodeInfo {
            name,
            resource_type,
            original_file_path,
            ..
        } = self;
        let family = family.as_str();
        format!("{family} Error in {resource_type} {name} ({original_file_path})")
    }
}

/// dbt's family of an error: the first word of its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// A template that cannot be rendered, or asks for something that is not there.
    Compilation,
    /// The warehouse refused a statement (with most warehouses).
    Database,
    /// A file that cannot be understood.
    Parsing,
    /// Everything else; some warehouses' refusals too.
    Runtime,
}

impl Family {
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Compilation => "Compilation",
            Family::Database => "Database",
            Family::Parsing => "Parsing",
            Family::Runtime => "Runtime",
        }
    }
}

/// How a node ended. The words are those of `run_results.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Success,
    Error,
    Skipped,
    Pass,
    Fail,
    Warn,
    PartialSuccess,
    RuntimeError,
    NoOp,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Success => "success",
            Status::Error => "error",
            Status::Skipped => "skipped",
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Warn => "warn",
            Status::PartialSuccess => "partial success",
            Status::RuntimeError => "runtime error",
            Status::NoOp => "no-op",
        }
    }

    /// Whether the call as a whole failed because of this.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Status::Error | Status::Fail | Status::PartialSuccess | Status::RuntimeError
        )
    }
}

/// How loud an event is. `Print` is what `{{ print() }}` says: shown even when quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
    Print,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A mistake or warning found in the project or while running.
    Found(Diagnostic),
    /// A plain line with dbt's event name and code (`MainReportVersion`, `A001`), data included.
    Note {
        name: &'static str,
        level: Level,
        message: String,
        data: serde_json::Value,
    },
    /// `{{ log() }}` and `{{ print() }}`.
    JinjaLog {
        level: Level,
        message: String,
        node: Option<Arc<NodeInfo>>,
    },
    Sql {
        connection: String,
        node: Option<Arc<NodeInfo>>,
        sql: Arc<str>,
    },
    SqlDone {
        connection: String,
        node: Option<Arc<NodeInfo>>,
        /// `OK`, `ERROR` or the warehouse's own word.
        status: String,
        took: Duration,
    },
    NodeStarted(Arc<NodeInfo>),
    NodeFinished(Arc<NodeEnd>),
    /// One batch of a model has begun.
    BatchStarted(Arc<BatchInfo>),
    BatchFinished(Box<BatchEnd>),
    /// All nodes had their turn, or the call was stopped.
    RunEnded {
        elapsed: Duration,
        /// Whether a person stopped it.
        interrupted: bool,
    },
    /// What the command was asked for: rows, SQL, names. Goes where a pipe can take it.
    Output {
        /// dbt's event name, such as `ShowNode`.
        name: &'static str,
        /// A line for people above the text, such as `Previewing node 'orders':`.
        heading: Option<String>,
        text: String,
        data: serde_json::Value,
    },
}

/// One batch of a model that is built in batches.
#[derive(Debug, Clone)]
pub struct BatchInfo {
    pub node: Arc<NodeInfo>,
    /// `2020-01-01`
    pub label: String,
    /// Place among the batches of this call, counted from 1.
    pub number: usize,
    pub total: usize,
}

/// How a batch ended.
#[derive(Debug, Clone)]
pub struct BatchEnd {
    pub batch: Arc<BatchInfo>,
    /// Success, error or skipped.
    pub status: Status,
    /// The warehouse's word for success.
    pub message: Option<String>,
    pub took: Duration,
    pub finished_at: Timestamp,
    pub found: Option<Box<Diagnostic>>,
}

/// How a node ended, for those who listen.
#[derive(Debug, Clone)]
pub struct NodeEnd {
    pub node: Arc<NodeInfo>,
    pub status: Status,
    /// The warehouse's word for success (`SELECT 5`, `OK`) or the failure's text;
    /// `None` for a test that passed.
    pub message: Option<String>,
    /// Failing rows of a test; `None` for other nodes.
    pub failures: Option<i64>,
    pub took: Duration,
    pub finished_at: Timestamp,
    /// `Thread-1 (worker)`.
    pub thread: String,
    /// `compile` and `execute` with their start and end.
    pub phases: Vec<(&'static str, Timestamp, Timestamp)>,
    /// What the warehouse said (`_message`, `code`, `rows_affected`).
    pub adapter_response: serde_json::Map<String, serde_json::Value>,
    /// Path of the compiled SQL relative to the project; `None` where there is none.
    pub compiled_path: Option<String>,
    /// How old the rows of a source are; `None` for anything else, and where it could not be told.
    pub age: Option<Age>,
    /// The failure with its place, when there is one.
    pub found: Option<Box<Diagnostic>>,
}

impl NodeEnd {
    /// Whether the call as a whole failed because of this node: it did, or what it is made of.
    pub fn has_failed(&self) -> bool {
        self.status.is_failure() || self.is_skipped_by_mistake()
    }

    /// The failing rows that are told of it: hooks and nodes without work count as having none.
    pub fn failing_rows(&self) -> Option<i64> {
        let counts_none = self.node.resource_type == "operation" || self.status == Status::NoOp;
        self.failures.or(counts_none.then_some(0))
    }

    /// Whether it had no turn because an ephemeral model in front of it could not be rendered.
    pub fn is_skipped_by_mistake(&self) -> bool {
        self.status == Status::Skipped && self.found.is_some()
    }
}

/// The latest time that the rows of a source carry, and when it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    pub max_loaded_at: Timestamp,
    pub snapshotted_at: Timestamp,
}

impl Age {
    /// A moment as `2024-01-02T03:04:05.000000+00:00`; whole seconds without a fraction.
    pub fn told(at: Timestamp) -> String {
        let fraction = match at.subsec_microsecond() {
            0 => "",
            _ => ".%6f",
        };
        at.strftime(&format!("%Y-%m-%dT%H:%M:%S{fraction}+00:00"))
            .to_string()
    }

    /// How old the youngest row is.
    pub fn seconds(self) -> f64 {
        let age = self.snapshotted_at.duration_since(self.max_loaded_at);
        age.as_secs_f64()
    }
}

impl Event {
    /// A line of information with dbt's event name.
    pub fn info(name: &'static str, message: impl Into<String>) -> Self {
        Event::note(name, Level::Info, message)
    }

    pub fn debug(name: &'static str, message: impl Into<String>) -> Self {
        Event::note(name, Level::Debug, message)
    }

    pub fn note(name: &'static str, level: Level, message: impl Into<String>) -> Self {
        Event::with_data(name, level, message, serde_json::Value::Null)
    }

    pub fn with_data(
        name: &'static str,
        level: Level,
        message: impl Into<String>,
        data: serde_json::Value,
    ) -> Self {
        Event::Note {
            name,
            level,
            message: message.into(),
            data,
        }
    }
}
