//! How nodes ended, as data. `artifacts` writes it down, `report` tells it.

use crate::base::Diagnostic;
use crate::base::event::Status;
use crate::node::UniqueId;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Everything a call has to say in the end.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order in which the nodes ended.
    pub results: Vec<NodeResult>,
    /// From the first step to the last.
    pub elapsed: Duration,
    /// Whether Ctrl-C or a failure with `--fail-fast` ended the call before all had their turn.
    pub stopped_early: bool,
}

/// How one node ended.
#[derive(Debug, Clone)]
pub struct NodeResult {
    pub unique_id: UniqueId,
    pub status: Status,
    /// The warehouse's word for success, or what failed; `None` for a test that passed.
    pub message: Option<String>,
    /// Rows that failed a test; `None` for anything but a test.
    pub failures: Option<i64>,
    /// What the warehouse said (`_message`, `code`, `rows_affected`); empty where nothing was asked.
    pub adapter_response: Map<String, Value>,
    pub timing: Vec<Timing>,
    /// `Thread-1 (worker)`.
    pub thread: String,
    pub execution_time: Duration,
    /// The final SQL; `None` where the node was not rendered.
    pub compiled_code: Option<Arc<str>>,
    pub relation_name: Option<String>,
    /// The failure with its place.
    pub found: Option<Box<Diagnostic>>,
}

/// One phase of a node.
#[derive(Debug, Clone)]
pub struct Timing {
    /// `compile` or `execute`.
    pub name: &'static str,
    pub started_at: Timestamp,
    pub completed_at: Timestamp,
}

impl Outcome {
    /// Whether the call as a whole failed.
    pub fn has_failures(&self) -> bool {
        self.stopped_early || self.results.iter().any(|result| result.status.is_failure())
    }
}
