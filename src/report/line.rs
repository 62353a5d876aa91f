//! One line of the log as data: dbt's event name, level, message and fields.
//! Promise: messages carry their colours; whoever writes them decides whether to keep these.

use crate::base::event::Level;
use crate::base::event::NodeInfo;
use crate::base::event_name;
use console::Style;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What is to be said, before anyone decided where and how.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// dbt's event name.
    pub(super) name: &'static str,
    pub(super) level: Level,
    pub(super) message: String,
    /// Fields of the event, without `node_info`.
    pub(super) data: Map<String, Value>,
    pub(super) node: Option<NodeView<'a>>,
    /// What dbt's events have no field for: code, place and hint of a diagnostic.
    pub(super) extra: Map<String, Value>,
}

/// A node as it stands when something is said about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeView<'a> {
    pub(super) info: &'a NodeInfo,
    /// `started`, `success`, ...; `None` where its state is not the point.
    pub(super) status: Option<&'a str>,
    pub(super) finished_at: Option<Timestamp>,
}

impl<'a> Line<'a> {
    /// `data` has to be an object or null.
    pub(super) fn new(
        name: &'static str,
        level: Level,
        message: impl Into<String>,
        data: Value,
    ) -> Self {
        Line {
            name,
            level,
            message: message.into(),
            data: match data {
                Value::Object(map) => map,
                _ => Map::new(),
            },
            node: None,
            extra: Map::new(),
        }
    }

    /// An empty line between groups of lines.
    pub(super) fn gap() -> Self {
        Line::new("Formatting", Level::Info, "", json!({"msg": ""}))
    }

    pub(super) fn about(self, node: NodeView<'a>) -> Self {
        Line {
            node: Some(node),
            ..self
        }
    }

    /// dbt's code of the event; empty for events that dbt does not have.
    pub(super) fn code(&self) -> &'static str {
        event_name::code(self.name).unwrap_or_default()
    }
}

impl<'a> NodeView<'a> {
    pub(super) fn new(info: &'a NodeInfo, status: &'a str) -> Self {
        NodeView {
            info,
            status: Some(status),
            finished_at: None,
        }
    }

    pub(super) fn finished(info: &'a NodeInfo, status: &'a str, at: Timestamp) -> Self {
        NodeView {
            finished_at: Some(at),
            ..NodeView::new(info, status)
        }
    }

    /// For the summary after the run, where only its identity counts.
    pub(super) fn bare(info: &'a NodeInfo) -> Self {
        NodeView {
            info,
            status: None,
            finished_at: None,
        }
    }

    /// `node_info` of JSON logs.
    pub(super) fn as_json(&self) -> Value {
        let info = self.info;
        let time = |at: Option<Timestamp>| at.map(short_time).unwrap_or_default();
        let started_at = self.status.and(info.started_at);
        json!({
            "materialized": info.materialized,
            "meta": match &info.meta {
                Value::Null => json!({}),
                meta => meta.clone(),
            },
            "node_checksum": info.checksum,
            "node_finished_at": time(self.finished_at),
            "node_name": info.name,
            "node_path": info.path,
            "node_relation": {
                "alias": info.alias,
                "database": info.database,
                "relation_name": info.relation_name,
                "schema": info.schema,
            },
            "node_started_at": time(started_at),
            "node_status": self.status.unwrap_or("None"),
            "resource_type": info.resource_type,
            "unique_id": info.unique_id,
        })
    }
}

/// UTC with microseconds: `2024-01-02T03:04:05.000000Z`.
pub(super) fn full_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// As [`full_time`], without the `Z`.
fn short_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

pub(super) fn green(text: &str) -> String {
    paint(Style::new().green(), text)
}

pub(super) fn yellow(text: &str) -> String {
    paint(Style::new().yellow(), text)
}

pub(super) fn red(text: &str) -> String {
    paint(Style::new().red(), text)
}

fn paint(style: Style, text: &str) -> String {
    style.force_styling(true).apply_to(text).to_string()
}
