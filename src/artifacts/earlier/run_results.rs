//! An earlier `run_results.json`, versions 4 to 6: how its nodes ended, and what was asked for.

use crate::artifacts::earlier::Shape;
use crate::artifacts::earlier::Unusable;
use crate::artifacts::earlier::read;
use serde_json::Map;
use serde_json::Value;
use std::path::Path;

const SHAPE: Shape = Shape {
    name: "run_results.json",
    kind: "RunResultsArtifact",
    schema: "run-results",
    versions: 4..=6,
};

/// What an earlier call did.
#[derive(Debug, Clone, Default)]
pub struct EarlierRun {
    /// Flags of that call, as artifacts name them.
    pub args: Map<String, Value>,
    pub invocation_id: String,
    /// In the order in which the nodes ended.
    pub results: Vec<EarlierResult>,
}

/// How a node ended then.
#[derive(Debug, Clone, Default)]
pub struct EarlierResult {
    pub unique_id: String,
    /// `success`, `error`, `partial success`, ...
    pub status: String,
    /// `successful` and `failed` batches of a microbatch model, each with start and end;
    /// `None` for every other node.
    pub batch_results: Option<Map<String, Value>>,
}

/// The results in a folder; `None` where there are none.
pub fn run_results(folder: &Path) -> Result<Option<EarlierRun>, Unusable> {
    let Some(file) = read(folder, &SHAPE)? else {
        return Ok(None);
    };
    let map = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
    let about = file.get("metadata");
    let id = about
        .and_then(|about| about.get("invocation_id"))
        .and_then(Value::as_str);
    let results = file.get("results").and_then(Value::as_array);
    Ok(Some(EarlierRun {
        args: map(file.get("args")).unwrap_or_default(),
        invocation_id: id.unwrap_or_default().to_string(),
        results: results.into_iter().flatten().map(result).collect(),
    }))
}

fn result(record: &Value) -> EarlierResult {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_string();
    EarlierResult {
        unique_id: text("unique_id"),
        status: text("status"),
        batch_results: record["batch_results"].as_object().cloned(),
    }
}
