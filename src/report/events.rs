//! Lines for events that say one thing: notes, logs of templates, statements, diagnostics.

use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::Severity;
use crate::base::event::Level;
use crate::report::diagnostics;
use crate::report::line::Line;
use crate::report::line::NodeView;
use serde_json::Map;
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
    let line = match found.is_error() {
        true => mistake(found, drawn),
        false => {
            let level = match found.severity {
                Severity::Remark => Level::Info,
                _ => Level::Warn,
            };
            match found.event {
                Some(event) => Line::new(event, level, drawn, json!(found.fields)),
                None => Line::new("Note", level, drawn, json!({"msg": found.message})),
            }
        }
    };
    Line {
        extra: extra(found),
        ..line
    }
}

fn mistake(found: &Diagnostic, drawn: String) -> Line<'static> {
    let headline = found.headline.as_deref().unwrap_or("Compilation Error");
    let exc = format!("{headline}\n  {}", found.message.replace('\n', "\n  "));
    let message = match &found.headline {
        Some(headline) => format!("{headline}\n{drawn}"),
        None => drawn,
    };
    let data = json!({"exc": exc});
    Line::new("MainEncounteredError", Level::Error, message, data)
}

/// Code, place and hint of a diagnostic, as texts: the log knows no other extra fields.
fn extra(found: &Diagnostic) -> Map<String, Value> {
    let mut extra = Map::new();
    extra.insert("diagnostic".to_string(), json!(found.code));
    if let Some(place) = &found.place {
        let (line, column) = place.line_col();
        extra.insert("file".to_string(), json!(place.file.shown));
        extra.insert("line".to_string(), json!(line.to_string()));
        extra.insert("column".to_string(), json!(column.to_string()));
    }
    if let Some(hint) = &found.hint {
        extra.insert("hint".to_string(), json!(hint));
    }
    extra
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
