//! How nodes ended, as data. `artifacts` writes it down.

use crate::base::event::NodeEnd;
use crate::node::UniqueId;
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
    pub relation_name: Option<String>,
}

impl Outcome {
    /// Whether the call as a whole failed.
    pub fn has_failures(&self) -> bool {
        self.stopped_early
            || self
                .results
                .iter()
                .any(|result| result.end.status.is_failure())
    }
}
