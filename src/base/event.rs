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
    /// Path relative to its project.
    pub path: String,
    pub materialized: String,
    pub database: String,
    pub schema: String,
    pub alias: String,
    /// Quoted name in the warehouse; empty for a node without one.
    pub relation_name: String,
    pub checksum: String,
    pub meta: serde_json::Value,
    pub index: usize,
    pub total: usize,
    pub started_at: Option<Timestamp>,
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
    NodeStarted {
        node: Arc<NodeInfo>,
        /// `view model main.orders`, `test not_null_orders_id`.
        description: String,
    },
    NodeFinished {
        node: Arc<NodeInfo>,
        description: String,
        status: Status,
        /// The warehouse's word for success (`SELECT 5`, `OK`) or the failure's text.
        message: String,
        /// Failing rows of a test; `None` for other nodes.
        failures: Option<i64>,
        took: Duration,
        finished_at: Timestamp,
        thread: String,
        /// The failure with its place, when there is one.
        found: Option<Box<Diagnostic>>,
    },
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
        Event::Note {
            name,
            level,
            message: message.into(),
            data: serde_json::Value::Null,
        }
    }
}
