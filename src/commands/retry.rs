//! `retry`: what an earlier call left undone, under the options of that call.

use crate::artifacts::earlier;
use crate::artifacts::earlier::EarlierResult;
use crate::artifacts::earlier::EarlierRun;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::commands::Ended;
use crate::commands::desk::Again;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::dispatch;
use crate::commands::tell;
use crate::config::Flags;
use crate::config::flags::Command;
use crate::node::UniqueId;
use crate::project;
use crate::project::Options;
use crate::report::say;
use crate::run::BatchResults;
use serde_json::Value;
use std::sync::Arc;

/// How nodes end that have to be worked on once more.
const UNDONE: [&str; 5] = [
    "error",
    "fail",
    "skipped",
    "runtime error",
    "partial success",
];

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let earlier = earlier_run(desk)?;
    let flags = desk.flags.again(&earlier.args);
    let flags = flags.ok_or_else(|| desk.stop(not_repeatable(&earlier)))?;
    let again = undone(&earlier);
    if flags.command == Command::RunOperation && again.ids.is_empty() {
        tell(desk, &say::nothing_to_do());
        return Ok(Ended::Well);
    }
    dispatch(&Desk {
        flags: Arc::new(flags),
        context: desk.context.clone(),
        observer: desk.observer.clone(),
        cancelled: desk.cancelled.clone(),
        again: Some(again),
    })
}

/// The results in the folder that `--state` names, else in the target folder.
fn earlier_run(desk: &Desk) -> Result<EarlierRun, Told> {
    let shown = match &desk.flags.state {
        Some(state) => state.clone(),
        None => target_folder(&desk.flags, desk),
    };
    let found = earlier::run_results(&desk.flags.project_dir.join(&shown));
    let found = found.map_err(|error| desk.fail("unusable-artifact", error))?;
    found.ok_or_else(|| desk.stop(no_earlier_run(&shown)))
}

/// What is wrong with the project is told once it is read under the earlier options.
fn target_folder(flags: &Flags, desk: &Desk) -> String {
    if let Some(path) = &flags.target_path {
        return path.clone();
    }
    let options = Options::from_flags(flags);
    let settings = project::load_settings(&options, &desk.context, &Bag::new());
    settings.map_or("target".to_string(), |settings| settings.target_path)
}

fn undone(earlier: &EarlierRun) -> Again {
    let is_undone = |result: &&EarlierResult| UNDONE.contains(&result.status.as_str());
    let results: Vec<&EarlierResult> = earlier.results.iter().filter(is_undone).collect();
    // Hooks run in every call.
    let nodes = results
        .iter()
        .filter(|result| !result.unique_id.starts_with("operation."));
    let batches = results.iter().filter_map(|result| {
        let record = Value::Object(result.batch_results.clone()?);
        let batches = BatchResults::from_json(&record);
        let is_partly_done = !batches.successful.is_empty() && !batches.failed.is_empty();
        is_partly_done.then(|| (UniqueId::new(result.unique_id.as_str()), batches))
    });
    Again {
        ids: nodes.map(|result| result.unique_id.clone()).collect(),
        batches: batches.collect(),
    }
}

fn no_earlier_run(folder: &str) -> Diagnostic {
    let message = format!("Could not find previous run in '{folder}' target directory");
    Diagnostic::error("no-earlier-run", message)
        .hint("there is nothing to retry before a `run`, `build`, `test` or the like")
        .headline("Runtime Error")
}

fn not_repeatable(earlier: &EarlierRun) -> Diagnostic {
    let which = earlier.args.get("which").and_then(Value::as_str);
    let which = which.unwrap_or("a command without a name");
    let message = format!("the earlier call was `{which}`, which cannot be retried");
    Diagnostic::error("no-earlier-run", message).headline("Runtime Error")
}
