//! An earlier `sources.json`, versions 2 and 3: when the rows of each source were loaded last.

use crate::artifacts::earlier::Shape;
use crate::artifacts::earlier::Unusable;
use crate::artifacts::earlier::read;
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::path::Path;

const SHAPE: Shape = Shape {
    name: "sources.json",
    kind: "FreshnessExecutionResultArtifact",
    schema: "sources",
    versions: 2..=3,
};

/// The latest time that the rows of each source carried, by id; `None` where there is no such file.
/// A source whose freshness could not be told has no time.
pub fn freshness(folder: &Path) -> Result<Option<FxHashMap<String, Option<Timestamp>>>, Unusable> {
    let Some(file) = read(folder, &SHAPE)? else {
        return Ok(None);
    };
    let results = file.get("results").and_then(Value::as_array);
    let times = results.into_iter().flatten().map(|record| {
        let id = record["unique_id"].as_str().unwrap_or_default();
        let latest = record["max_loaded_at"].as_str();
        (id.to_string(), latest.and_then(|text| text.parse().ok()))
    });
    Ok(Some(times.collect()))
}
