//! What is said while a model is built in batches, in dbt's words.

use crate::base::event::BatchEnd;
use crate::base::event::BatchInfo;
use crate::base::event::Level;
use crate::base::event::Status;
use crate::report::diagnostics;
use crate::report::line::Line;
use crate::report::line::NodeView;
use crate::report::line::green;
use crate::report::line::red;
use crate::report::line::yellow;
use serde_json::json;

/// A batch has begun.
pub(super) fn started(batch: &BatchInfo, width: usize) -> Line<'_> {
    let description = description(batch);
    let line = Line::new(
        "LogStartBatch",
        Level::Info,
        dotted(batch, &format!("START {description}"), "[RUN]", width),
        json!({
            "batch_index": batch.number,
            "description": description,
            "total_batches": batch.total,
        }),
    );
    line.about(NodeView::new(&batch.node, "started"))
}

/// A batch has ended: why it failed, if it did, and how it ended.
pub(super) fn finished(end: &BatchEnd, width: usize) -> Vec<Line<'_>> {
    let batch = &*end.batch;
    let (word, level, shown, said) = match end.status {
        Status::Success => {
            let said = end.message.as_deref().unwrap_or("OK");
            ("OK created", Level::Info, green(said), said)
        }
        Status::Skipped => ("SKIP", Level::Info, yellow("SKIPPED"), "skipped"),
        _ => ("ERROR creating", Level::Error, red("ERROR"), "error"),
    };
    let description = description(batch);
    let seconds = end.took.as_secs_f64();
    let status = format!("[{shown} in {seconds:.2}s]");
    let line = Line::new(
        "LogBatchResult",
        level,
        dotted(batch, &format!("{word} {description}"), &status, width),
        json!({
            "batch_index": batch.number,
            "description": description,
            "execution_time": seconds,
            "status": said,
            "total_batches": batch.total,
        }),
    );
    let view = NodeView::finished(&batch.node, end.status.as_str(), end.finished_at);
    let mut lines: Vec<Line<'_>> = failure(end).into_iter().collect();
    lines.push(line.about(view));
    lines
}

fn failure(end: &BatchEnd) -> Option<Line<'_>> {
    let found = end.found.as_deref()?;
    let headline = found.headline.as_deref().unwrap_or("Runtime Error");
    let text = found.message.replace('\n', "\n  ");
    let exc = format!("Exception on worker thread. {headline}\n  {text}");
    let place = diagnostics::draw_place(found);
    let unique_id = &end.batch.node.unique_id;
    let line = Line::new(
        "GenericExceptionOnRun",
        Level::Error,
        format!("Unhandled error while executing \n{exc}\n{place}")
            .trim_end()
            .to_string(),
        json!({"build_path": "", "exc": exc, "unique_id": unique_id}),
    );
    Some(line.about(NodeView::new(&end.batch.node, "executing")))
}

/// `batch 2020-01-01 of main.orders`
fn description(batch: &BatchInfo) -> String {
    let node = &batch.node;
    format!("batch {} of {}.{}", batch.label, node.schema, node.alias)
}

fn dotted(batch: &BatchInfo, left: &str, status: &str, width: usize) -> String {
    // dbt's dots reach so much further here than behind a node.
    const FURTHER: usize = 6;
    let left = format!("Batch {} of {} {left} ", batch.number, batch.total);
    let dots = (width + FURTHER).saturating_sub(left.chars().count());
    format!("{left}{} {status}", ".".repeat(dots))
}
