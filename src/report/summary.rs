//! What is said after the last node: counts, each failure with its place, each warning, the totals.

use crate::base::event::Level;
use crate::base::event::NodeEnd;
use crate::base::event::Status;
use crate::report::count::counted;
use crate::report::count::listed;
use crate::report::diagnostics;
use crate::report::line::Line;
use crate::report::line::NodeView;
use crate::report::line::green;
use crate::report::line::red;
use crate::report::line::yellow;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// All lines after a run.
pub(super) fn lines(ends: &[&NodeEnd], elapsed: Duration, interrupted: bool) -> Vec<Line<'static>> {
    let mut lines = vec![Line::gap(), finished_running(ends, elapsed)];
    lines.push(Line::gap());
    lines.push(completed(ends, interrupted));
    let has_failed =
        |end: &&&NodeEnd| end.status.is_failure() && end.status != Status::PartialSuccess;
    for end in ends.iter().filter(has_failed) {
        lines.extend(failure(end));
    }
    for end in ends.iter().filter(|end| end.status == Status::Warn) {
        lines.extend(warning(end));
    }
    lines.push(Line::gap());
    lines.push(totals(ends));
    lines
}

/// All lines after a look at the freshness of sources; what is stale is told, nothing is counted.
pub(super) fn of_freshness(ends: &[&NodeEnd], elapsed: Duration) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if !ends.is_empty() {
        lines.extend([Line::gap(), finished_running(ends, elapsed)]);
    }
    for end in ends.iter().filter(|end| end.status.is_failure()) {
        lines.extend(failure(end));
    }
    let done = Line::new("FreshnessCheckComplete", Level::Info, "Done.", json!({}));
    lines.push(done);
    lines
}

fn finished_running(ends: &[&NodeEnd], elapsed: Duration) -> Line<'static> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for end in ends {
        *counts.entry(kind(end)).or_default() += 1;
    }
    let counts: Vec<(&str, usize)> = counts.iter().map(|(k, n)| (k.as_str(), *n)).collect();
    let stat_line = listed(&counts);
    let seconds = elapsed.as_secs_f64();
    let whole = elapsed.as_secs();
    let execution = format!(
        " in {} hours {} minutes and {:.2} seconds",
        whole / 3600,
        whole / 60 % 60,
        seconds - (whole / 60 * 60) as f64,
    );
    Line::new(
        "FinishedRunningStats",
        Level::Info,
        format!("Finished running {stat_line}{execution} ({seconds:.2}s)."),
        json!({"execution": execution, "execution_time": seconds, "stat_line": stat_line}),
    )
}

/// What is counted together: `view model`, `seed`, `test`, `project hook`.
fn kind(end: &NodeEnd) -> String {
    match end.node.resource_type {
        "model" => format!("{} model", end.node.materialized),
        "operation" => "project hook".to_string(),
        kind @ ("unit_test" | "saved_query") => kind.replace('_', " "),
        other => other.to_string(),
    }
}

fn completed(ends: &[&NodeEnd], interrupted: bool) -> Line<'static> {
    let count = |wanted: fn(Status) -> bool| ends.iter().filter(|e| wanted(e.status)).count();
    let is_error = |end: &&&NodeEnd| {
        let is_skipped_hook =
            end.status == Status::Skipped && end.node.resource_type == "operation";
        end.status != Status::PartialSuccess && (end.has_failed() || is_skipped_hook)
    };
    let errors = ends.iter().filter(is_error).count();
    let partial = count(|s| s == Status::PartialSuccess);
    let warnings = count(|s| s == Status::Warn);
    let text = match (interrupted, errors + partial, warnings) {
        (true, ..) => yellow("Exited because of keyboard interrupt"),
        (_, 0, 0) => green("Completed successfully"),
        (_, 0, _) => yellow(&format!("Completed with {}:", counted(warnings, "warning"))),
        _ if errors == 0 => yellow(&format!(
            "Completed with {} and {}",
            counted(partial, "partial success"),
            counted(warnings, "warning"),
        )),
        _ => red(&format!(
            "Completed with {}, {}, and {}:",
            counted(errors, "error"),
            counted(partial, "partial success"),
            counted(warnings, "warning"),
        )),
    };
    Line::new(
        "EndOfRunSummary",
        Level::Info,
        text,
        json!({
            "keyboard_interrupt": interrupted,
            "num_errors": errors,
            "num_partial_success": partial,
            "num_warnings": warnings,
        }),
    )
}

fn failure(end: &NodeEnd) -> Vec<Line<'static>> {
    let mut lines = vec![
        Line::gap(),
        headline(end, "RunResultFailure", Level::Error, red),
    ];
    match end.message.as_deref().filter(|text| !text.is_empty()) {
        Some(message) => lines.push(Line::new(
            "RunResultError",
            Level::Error,
            format!("  {message}{}", place(end)),
            json!({"msg": message, "node_info": NodeView::bare(&end.node).as_json()}),
        )),
        None => lines.push(Line::new(
            "RunResultErrorNoMessage",
            Level::Error,
            format!("  Status: {}{}", end.status.as_str(), place(end)),
            json!({"status": end.status.as_str(), "node_info": NodeView::bare(&end.node).as_json()}),
        )),
    }
    lines.extend(compiled_path(end));
    lines.extend(stored_failures(end));
    lines
}

/// The mistake in an ephemeral model because of which a node had no turn.
pub(super) fn mistake(end: &NodeEnd) -> Vec<Line<'static>> {
    let Some(found) = &end.found else {
        return Vec::new();
    };
    let headline = found.headline.as_deref().unwrap_or("Compilation Error");
    let culprit = headline
        .split_once(" in ")
        .map_or(headline, |(_, rest)| rest);
    let message = format!("{headline}\n  {}", found.message.replace('\n', "\n  "));
    let node_info = || NodeView::bare(&end.node).as_json();
    vec![
        Line::gap(),
        Line::new(
            "RunResultFailure",
            Level::Error,
            red(&format!("Failure in {culprit}")),
            json!({"node_info": node_info()}),
        ),
        Line::new(
            "RunResultError",
            Level::Error,
            format!("  {message}{}", place(end)),
            json!({"msg": message, "node_info": node_info()}),
        ),
    ]
}

fn warning(end: &NodeEnd) -> Vec<Line<'static>> {
    let mut lines = vec![
        Line::gap(),
        headline(end, "RunResultWarning", Level::Warn, yellow),
    ];
    if let Some(message) = &end.message {
        lines.push(Line::new(
            "RunResultWarningMessage",
            Level::Warn,
            format!("  {message}{}", place(end)),
            json!({"msg": message, "node_info": NodeView::bare(&end.node).as_json()}),
        ));
    }
    lines.extend(compiled_path(end));
    lines.extend(stored_failures(end));
    lines
}

/// `Failure in model orders (models/orders.sql)`.
fn headline(
    end: &NodeEnd,
    name: &'static str,
    level: Level,
    colour: fn(&str) -> String,
) -> Line<'static> {
    let node = &end.node;
    let word = match level {
        Level::Warn => "Warning",
        _ => "Failure",
    };
    let text = format!(
        "{word} in {} {} ({})",
        node.resource_type, node.name, node.original_file_path
    );
    Line::new(
        name,
        level,
        colour(&text),
        json!({
            "node_info": NodeView::bare(node).as_json(),
            "node_name": node.name,
            "path": node.original_file_path,
            "resource_type": node.resource_type,
        }),
    )
}

/// The source line of the mistake, below the message.
fn place(end: &NodeEnd) -> String {
    match end.found.as_deref().map(diagnostics::draw_place) {
        Some(drawn) if !drawn.is_empty() => format!("\n{drawn}"),
        _ => String::new(),
    }
}

fn compiled_path(end: &NodeEnd) -> Vec<Line<'static>> {
    let Some(path) = &end.compiled_path else {
        return Vec::new();
    };
    let line = Line::new(
        "SQLCompiledPath",
        Level::Info,
        format!("  compiled code at {path}"),
        json!({"path": path, "node_info": NodeView::bare(&end.node).as_json()}),
    );
    vec![Line::gap(), line]
}

/// Where the rows are that made a test fail, if they were kept.
fn stored_failures(end: &NodeEnd) -> Vec<Line<'static>> {
    let relation = &end.node.relation_name;
    let found = end.failures.is_some_and(|count| count > 0);
    if end.node.resource_type != "test" || relation.is_empty() || !found {
        return Vec::new();
    }
    let query = format!("select * from {relation}");
    let rule = "-".repeat(query.chars().count());
    let line = Line::new(
        "CheckNodeTestFailure",
        Level::Info,
        format!("  See test failures:\n  {rule}\n  {query}\n  {rule}"),
        json!({"relation_name": relation, "node_info": NodeView::bare(&end.node).as_json()}),
    );
    vec![Line::gap(), line]
}

fn totals(ends: &[&NodeEnd]) -> Line<'static> {
    let (mut pass, mut warn, mut error, mut skip, mut noop) = (0, 0, 0, 0, 0);
    for end in ends {
        match end.status {
            Status::Success | Status::Pass => pass += 1,
            Status::Warn => warn += 1,
            Status::Skipped => skip += 1,
            Status::NoOp => noop += 1,
            Status::Error | Status::Fail | Status::PartialSuccess | Status::RuntimeError => {
                error += 1;
            }
        }
    }
    let total = ends.len();
    Line::new(
        "StatsLine",
        Level::Info,
        format!(
            "Done. PASS={pass} WARN={warn} ERROR={error} SKIP={skip} NO-OP={noop} TOTAL={total}"
        ),
        json!({"stats": {
            "error": error, "noop": noop, "pass": pass, "skip": skip, "total": total, "warn": warn,
        }}),
    )
}
