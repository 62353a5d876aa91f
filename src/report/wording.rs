//! What is said while nodes run, in dbt's words: one start line and one end line per node.

use crate::base::event::Level;
use crate::base::event::NodeEnd;
use crate::base::event::NodeInfo;
use crate::base::event::Status;
use crate::report::line::Line;
use crate::report::line::NodeView;
use crate::report::line::full_time;
use crate::report::line::green;
use crate::report::line::red;
use crate::report::line::yellow;
use crate::report::summary;
use serde_json::Value;
use serde_json::json;

/// A node has begun.
pub(super) fn started(node: &NodeInfo, width: usize) -> Vec<Line<'_>> {
    let view = NodeView::new(node, "started");
    if node.resource_type == "operation" {
        let hook = hook_name(node);
        let line = Line::new(
            "LogHookStartLine",
            Level::Info,
            dotted(node, &format!("START hook: {hook}"), "[RUN]", width),
            json!({"index": node.index, "statement": hook, "total": node.total}),
        );
        return vec![line.about(view)];
    }
    let began = Line::new(
        "NodeStart",
        Level::Debug,
        format!("Began running node {}", node.unique_id),
        Value::Null,
    );
    let compiling = Line::new(
        "NodeCompiling",
        Level::Debug,
        format!("Began compiling node {}", node.unique_id),
        Value::Null,
    );
    if !is_worked_on(node) {
        return vec![began.about(view)];
    }
    let description = description(node);
    let line = Line::new(
        "LogStartLine",
        Level::Info,
        dotted(node, &format!("START {description}"), "[RUN]", width),
        json!({"description": description, "index": node.index, "total": node.total}),
    );
    vec![began.about(view), line.about(view), compiling.about(view)]
}

/// Exposures and saved queries only take part; nothing is done about them.
fn is_worked_on(node: &NodeInfo) -> bool {
    !matches!(node.resource_type, "exposure" | "saved_query")
}

/// A node has ended.
pub(super) fn finished(end: &NodeEnd, width: usize) -> Vec<Line<'_>> {
    let node = &*end.node;
    let view = NodeView::finished(node, end.status.as_str(), end.finished_at);
    if node.resource_type == "operation" {
        return vec![hook_line(end, width).about(view)];
    }
    let mut lines = Vec::new();
    if end.status == Status::Skipped {
        lines.extend(started(node, width).into_iter().take(1));
    }
    if matches!(end.status, Status::Error | Status::RuntimeError) {
        lines.push(failure_line(end));
    }
    lines.push(result_line(end, width).about(view));
    if end.is_skipped_by_mistake() {
        lines.extend(summary::mistake(end));
    }
    let ended = Line::new(
        "NodeFinished",
        Level::Debug,
        format!("Finished running node {}", node.unique_id),
        json!({"run_result": run_result(end)}),
    );
    lines.push(ended.about(view));
    if end.status.is_failure() || end.status == Status::Skipped {
        lines.push(children_line(end));
    }
    lines
}

/// `sql view model main.orders`, `seed file main.raw_orders`, `test unique_orders_id`.
pub(super) fn description(node: &NodeInfo) -> String {
    let NodeInfo {
        resource_type,
        materialized,
        language,
        ..
    } = node;
    match *resource_type {
        "model" if node.is_batched => format!("{language} microbatch model {}", relation(node)),
        "model" => format!("{language} {materialized} model {}", relation(node)),
        "seed" => format!("seed file {}", relation(node)),
        "snapshot" => format!("snapshot {}", relation(node)),
        "function" => format!("function {}", relation(node)),
        "source" => format!("freshness of {}", source_name(node)),
        "saved_query" => format!("saved query {}", node.name),
        _ => format!("{resource_type} {}", shown_name(node)),
    }
}

/// A unit test is told with its model, `orders::adds_up`; it stands in its id.
fn shown_name(node: &NodeInfo) -> String {
    let mut parts = node.unique_id.split('.').skip(2);
    match (node.resource_type, parts.next(), parts.next()) {
        ("unit_test", Some(model), Some(name)) => format!("{model}::{name}"),
        _ => node.name.clone(),
    }
}

/// `p.on-run-start.0`, made of the node's name `p-on-run-start-0`.
pub(super) fn hook_name(node: &NodeInfo) -> String {
    for moment in ["on-run-start", "on-run-end"] {
        if let Some((package, index)) = node.name.split_once(&format!("-{moment}-")) {
            return format!("{package}.{moment}.{index}");
        }
    }
    node.name.clone()
}

/// The record of a result in `NodeFinished`.
pub(super) fn run_result(end: &NodeEnd) -> Value {
    let timing: Vec<Value> = end
        .phases
        .iter()
        .map(|(name, started_at, completed_at)| {
            json!({
                "name": name,
                "started_at": full_time(*started_at),
                "completed_at": full_time(*completed_at),
            })
        })
        .collect();
    json!({
        "adapter_response": end.adapter_response,
        "execution_time": end.took.as_secs_f64(),
        "message": end.message.as_deref().unwrap_or_default(),
        "num_failures": end.failures.unwrap_or(0),
        "status": end.status.as_str(),
        "thread": end.thread,
        "timing_info": timing,
    })
}

fn hook_line(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let hook = hook_name(node);
    let (word, level, status) = match end.status {
        Status::Success => ("OK", Level::Info, green("OK")),
        Status::Skipped => ("SKIP", Level::Info, yellow("SKIP")),
        _ => ("ERROR", Level::Error, red("ERROR")),
    };
    let left = format!("{word} hook: {hook}");
    Line::new(
        "LogHookEndLine",
        level,
        dotted(node, &left, &timed(&status, end), width),
        json!({
            "execution_time": end.took.as_secs_f64(),
            "index": node.index,
            "statement": hook,
            "status": end.status.as_str(),
            "total": node.total,
        }),
    )
}

fn children_line(end: &NodeEnd) -> Line<'_> {
    let (id, status) = (&end.node.unique_id, end.status.as_str());
    let reason = match end.message.as_deref() {
        Some(message) => format!("  Reason: {message}."),
        None => String::new(),
    };
    Line::new(
        "MarkSkippedChildren",
        Level::Debug,
        format!(
            "Marking all children of '{id}' to be skipped because of status '{status}'.{reason}"
        ),
        json!({"run_result": run_result(end), "status": status, "unique_id": id}),
    )
}

fn failure_line(end: &NodeEnd) -> Line<'_> {
    let message = end.message.as_deref().unwrap_or_default();
    let view = NodeView::new(&end.node, "executing");
    Line::new(
        "CatchableExceptionOnRun",
        Level::Debug,
        message,
        json!({"exc": message, "exc_info": ""}),
    )
    .about(view)
}

fn result_line(end: &NodeEnd, width: usize) -> Line<'static> {
    match (end.status, end.node.resource_type) {
        (Status::Skipped, _) => skipped(end, width),
        (Status::NoOp, _) => no_op(end, width),
        (_, "test" | "unit_test") => tested(end, width),
        (_, "seed") => loaded(end, width),
        (_, "source") => looked_at(end, width),
        (_, "snapshot") => snapshotted(end, width),
        _ => created(end, width),
    }
}

fn skipped(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    if end.is_skipped_by_mistake() {
        return skipped_by_mistake(end, width);
    }
    let what = match node.resource_type {
        "model" | "seed" | "snapshot" => format!("relation {}", relation(node)),
        other => format!("{other} {}", node.name),
    };
    let status = format!("[{}]", yellow("SKIP"));
    Line::new(
        "SkippingDetails",
        Level::Info,
        dotted(node, &format!("SKIP {what}"), &status, width),
        json!({
            "index": node.index,
            "node_name": node.name,
            "resource_type": node.resource_type,
            "schema": node.schema,
            "total": node.total,
        }),
    )
}

/// An ephemeral model that it reads could not be rendered.
fn skipped_by_mistake(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let left = format!(
        "SKIP relation {} due to ephemeral model status 'error'",
        relation(node)
    );
    let status = format!("[{}]", red("ERROR SKIP"));
    Line::new(
        "LogSkipBecauseError",
        Level::Error,
        dotted(node, &left, &status, width),
        json!({
            "index": node.index,
            "relation": node.alias,
            "schema": node.schema,
            "status": "error",
            "total": node.total,
        }),
    )
}

fn no_op(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let left = format!("NO-OP {}", description(node));
    Line::new(
        "LogNodeNoOpResult",
        Level::Info,
        dotted(node, &left, &timed(&yellow("NO-OP"), end), width),
        described(end, ""),
    )
}

fn tested(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let rows = end.failures.unwrap_or(0);
    let (word, level, status) = match end.status {
        Status::Pass | Status::Success => ("PASS".to_string(), Level::Info, green("PASS")),
        Status::Warn => {
            let word = format!("WARN {rows}");
            (word.clone(), Level::Warn, yellow(&word))
        }
        Status::Fail => {
            let word = format!("FAIL {rows}");
            (word.clone(), Level::Error, red(&word))
        }
        _ => ("ERROR".to_string(), Level::Error, red("ERROR")),
    };
    let left = format!("{word} {}", shown_name(node));
    Line::new(
        "LogTestResult",
        level,
        dotted(node, &left, &timed(&status, end), width),
        json!({
            "attached_node": node.attached_node,
            "execution_time": end.took.as_secs_f64(),
            "index": node.index,
            "name": shown_name(node),
            "num_failures": rows,
            "num_models": node.total,
            "status": end.status.as_str(),
        }),
    )
}

/// `raw.orders`; the source's name stands in its id.
fn source_name(node: &NodeInfo) -> String {
    let source = node.unique_id.split('.').nth(2).unwrap_or_default();
    format!("{source}.{}", node.name)
}

fn looked_at(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let (word, level, status) = match (end.status, end.age) {
        (Status::Pass, _) => ("PASS", Level::Info, green("PASS")),
        (Status::Warn, _) => ("WARN", Level::Warn, yellow("WARN")),
        (_, Some(_)) => ("ERROR STALE", Level::Error, red("ERROR STALE")),
        _ => ("ERROR", Level::Error, red("ERROR")),
    };
    let name = source_name(node);
    let source = name.split('.').next().unwrap_or_default();
    Line::new(
        "LogFreshnessResult",
        level,
        dotted(
            node,
            &format!("{word} freshness of {name}"),
            &timed(&status, end),
            width,
        ),
        json!({
            "execution_time": end.took.as_secs_f64(),
            "index": node.index,
            "source_name": source,
            "status": match end.age {
                Some(_) => end.status.as_str(),
                None => "runtime error",
            },
            "table_name": node.name,
            "total": node.total,
        }),
    )
}

fn loaded(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let (word, level, status) = outcome(end, "OK loaded", "ERROR loading");
    let left = format!("{word} {}", description(node));
    Line::new(
        "LogSeedResult",
        level,
        dotted(node, &left, &timed(&status, end), width),
        json!({
            "execution_time": end.took.as_secs_f64(),
            "index": node.index,
            "relation": node.alias,
            "result_message": end.message.as_deref().unwrap_or_default(),
            "schema": node.schema,
            "status": end.status.as_str(),
            "total": node.total,
        }),
    )
}

fn snapshotted(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let (word, level, status) = outcome(end, "OK snapshotted", "ERROR snapshotting");
    let relation = relation(node);
    let mut data = described(end, end.status.as_str());
    data["description"] = json!(relation);
    data["result_message"] = json!(end.message.as_deref().unwrap_or_default());
    Line::new(
        "LogSnapshotResult",
        level,
        dotted(
            node,
            &format!("{word} {relation}"),
            &timed(&status, end),
            width,
        ),
        data,
    )
}

fn created(end: &NodeEnd, width: usize) -> Line<'static> {
    let node = &*end.node;
    let (word, level, status) = match end.status {
        Status::PartialSuccess => (
            "PARTIALLY created",
            Level::Error,
            yellow(end.message.as_deref().unwrap_or("PARTIAL SUCCESS")),
        ),
        _ => outcome(end, "OK created", "ERROR creating"),
    };
    let left = format!("{word} {}", description(node));
    let said = match level {
        Level::Error if end.status != Status::PartialSuccess => end.status.as_str(),
        _ => end.message.as_deref().unwrap_or("OK"),
    };
    let event = match node.resource_type {
        "function" => "LogFunctionResult",
        _ => "LogModelResult",
    };
    Line::new(
        event,
        level,
        dotted(node, &left, &timed(&status, end), width),
        described(end, said),
    )
}

/// Words, level and status of something that either worked or not.
fn outcome(end: &NodeEnd, ok: &'static str, error: &'static str) -> (&'static str, Level, String) {
    match end.status {
        Status::Success | Status::Pass => {
            let said = end.message.as_deref().unwrap_or("OK");
            (ok, Level::Info, green(said))
        }
        _ => (error, Level::Error, red("ERROR")),
    }
}

fn described(end: &NodeEnd, status: &str) -> Value {
    json!({
        "description": description(&end.node),
        "execution_time": end.took.as_secs_f64(),
        "index": end.node.index,
        "status": status,
        "total": end.node.total,
    })
}

/// Schema and name, without quotes.
fn relation(node: &NodeInfo) -> String {
    format!("{}.{}", node.schema, node.alias)
}

fn timed(status: &str, end: &NodeEnd) -> String {
    format!("[{status} in {:.2}s]", end.took.as_secs_f64())
}

/// `1 of 4 START sql view model main.a ............ [RUN]`: dots up to the width, the status after it.
fn dotted(node: &NodeInfo, left: &str, status: &str, width: usize) -> String {
    let left = format!("{} of {} {left} ", node.index, node.total);
    let dots = width.saturating_sub(left.chars().count());
    format!("{left}{} {status}", ".".repeat(dots))
}
