//! A line as one JSON record in the shape of dbt's structured log.

use crate::base::event::Level;
use crate::report::line::Line;
use crate::report::line::full_time;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What is the same for every line of a call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) invocation_id: String,
    pub(super) process_id: u32,
    /// `DBT_ENV_CUSTOM_ENV_NAME` of the environment, by `NAME`.
    pub(super) extra: Map<String, Value>,
}

/// The record, without a line break. Colours are left out.
pub(super) fn record(line: &Line<'_>, call: &Call, thread: &str, at: Timestamp) -> String {
    let mut data = line.data.clone();
    if let Some(node) = &line.node {
        data.insert("node_info".to_string(), node.as_json());
    }
    let mut extra = call.extra.clone();
    extra.extend(line.extra.clone());
    let message = console::strip_ansi_codes(&line.message);
    json!({
        "data": data,
        "info": {
            "category": "",
            "code": line.code(),
            "extra": extra,
            "invocation_id": call.invocation_id,
            "level": level(line.level),
            "msg": message,
            "name": line.name,
            "pid": call.process_id,
            "thread": thread,
            "ts": full_time(at),
        },
    })
    .to_string()
}

pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info | Level::Print => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}
