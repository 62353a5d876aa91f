//! How nodes ended, as data. `artifacts` writes it down.

use crate::base::Window;
use crate::base::event::NodeEnd;
use crate::base::window;
use crate::node::UniqueId;
use serde_json::json;
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
    /// Whether it was Ctrl-C.
    pub interrupted: bool,
}

/// How one node ended.
#[derive(Debug, Clone)]
pub struct NodeResult {
    pub unique_id: UniqueId,
    /// What the listeners heard.
    pub end: Arc<NodeEnd>,
    /// The final SQL; `None` where the node was not rendered.
    pub compiled_code: Option<Arc<str>>,
    /// Ids and texts of the ephemeral models in front of it.
    pub extra_ctes: Vec<(UniqueId, String)>,
    /// Ids of the macros that its code called while it was rendered.
    pub macros: Vec<String>,
    pub relation_name: Option<String>,
    /// What became of its batches; `None` for a node that is not built in batches.
    pub batches: Option<BatchResults>,
}

/// The windows of a model that worked and those that did not, or were not reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchResults {
    pub successful: Vec<Window>,
    pub failed: Vec<Window>,
}

impl BatchResults {
    /// As records hold it.
    pub fn to_json(&self) -> serde_json::Value {
        let list = |windows: &[Window]| -> Vec<[String; 2]> {
            windows.iter().map(|window| window.to_iso()).collect()
        };
        json!({"successful": list(&self.successful), "failed": list(&self.failed)})
    }

    /// Out of such a record; windows that cannot be read are left out.
    pub fn from_json(record: &serde_json::Value) -> Self {
        let list = |key: &str| {
            let pairs = record.get(key).and_then(serde_json::Value::as_array);
            let end = |pair: &serde_json::Value, at: usize| window::moment(pair.get(at)?.as_str()?);
            let read = |pair: &serde_json::Value| {
                Some(Window {
                    start: end(pair, 0)?,
                    end: end(pair, 1)?,
                })
            };
            pairs.into_iter().flatten().filter_map(read).collect()
        };
        BatchResults {
            successful: list("successful"),
            failed: list("failed"),
        }
    }
}

impl Outcome {
    /// Whether the call as a whole failed.
    pub fn has_failures(&self) -> bool {
        self.stopped_early || self.results.iter().any(|result| result.end.has_failed())
    }
}
