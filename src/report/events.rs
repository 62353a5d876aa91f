//! Lines for events that say one thing: notes, logs of templates, statements, diagnostics.

use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::Severity;
use crate::base::event::Level;
use crate::report::diagnostics;
use crate::report::line::Line;
use crate::report::line::NodeView;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

/// The line of an event that has exactly one.
pub(super) fn line(event: &Event) -> Line<'_> {
    match event {
        Event::Note {
            name,
            level,
            message,
            data,
        } => Line::new(name, *level, message.as_str(), data.clone()),
        Event::JinjaLog {
            level,
            message,
            node,
        } => {
            let name = match level {
                Level::Debug => "JinjaLogDebug",
                Level::Warn => "JinjaLogWarning",
                _ => "JinjaLogInfo",
            };
            let line = Line::new(name, *level, message.as_str(), json!({"msg": message}));
            about(line, node.as_ref(), "compiling")
        }
        Event::Sql {
            connection,
            node,
            sql,
        } => {
            let line = Line::new(
                "SQLQuery",
                Level::Debug,
                format!("On {connection}: {sql}"),
                json!({"conn_name": connection, "sql": &**sql}),
            );
            about(line, node.as_ref(), "executing")
        }
        Event::SqlDone {
            status, took, node, ..
        } => {
            let seconds = took.as_secs_f64();
            let line = Line::new(
                "SQLQueryStatus",
                Level::Debug,
                format!("SQL status: {status} in {seconds:.3} seconds"),
                json!({"elapsed": seconds, "query_id": "", "status": status}),
            );
            about(line, node.as_ref(), "executing")
        }
        other => Line::new("Note", Level::Debug, format!("{other:?}"), Value::Null),
    }
}

/// A mistake or a warning, drawn.
pub(super) fn found(found: &Diagnostic) -> Line<'static> {
    let drawn = diagnostics::draw(found);
    let (line, column) = match &found.place {
        Some(place) => place.line_col(),
        None => (0, 0),
    };
    let mut data = json!({
        "code": found.code,
        "column": column,
        "file": found.place.as_ref().map_or("", |place| place.file.shown.as_str()),
        "hint": found.hint.as_deref().unwrap_or_default(),
        "line": line,
        "msg": found.message,
    });
    if !found.is_error() {
        let name = found.event.unwrap_or("Note");
        let level = match found.severity {
            Severity::Remark => Level::Info,
            _ => Level::Warn,
        };
        return Line::new(name, level, drawn, data);
    }
    let headline = found.headline.as_deref().unwrap_or("Compilation Error");
    data["exc"] = json!(format!("{headline}\n  {}", found.message));
    let message = match &found.headline {
        Some(headline) => format!("{headline}\n{drawn}"),
        None => drawn,
    };
    Line::new("MainEncounteredError", Level::Error, message, data)
}

/// A warning that `--warn-error` turned into an error.
pub(super) fn raised(message: &str) -> Line<'static> {
    let exc = format!("Compilation Error\n  {message}");
    Line::new(
        "MainEncounteredError",
        Level::Error,
        format!("Encountered an error:\n{exc}"),
        json!({"exc": exc}),
    )
}

fn about<'a>(line: Line<'a>, node: Option<&'a Arc<NodeInfo>>, status: &'a str) -> Line<'a> {
    match node {
        Some(node) => line.about(NodeView::new(node, status)),
        None => line,
    }
}
