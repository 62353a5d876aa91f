//! Events that commands make themselves, with dbt's names, texts and fields.

use crate::adapter::print;
use crate::adapter::print::Limits;
use crate::adapter::table::Table;
use crate::base::DBT_VERSION;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::event::Level;
use crate::config::Flags;
use crate::config::flags::OutputForm;
use crate::report::count::listed;
use crate::report::diagnostics;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// The first line of every call. Callers cut the `=` off the version.
pub fn version() -> Event {
    Event::with_data(
        "MainReportVersion",
        Level::Info,
        format!(
            "Running with dbt={DBT_VERSION} (sqlmill {})",
            env!("CARGO_PKG_VERSION")
        ),
        json!({"log_version": 3, "version": format!("={DBT_VERSION}")}),
    )
}

/// The options of this call, for the log.
pub fn arguments(flags: &Flags) -> Event {
    let texts: Map<String, Value> = flags
        .args_json()
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(text) => (name, json!(text)),
            other => (name, json!(other.to_string())),
        })
        .collect();
    Event::with_data(
        "MainReportArgs",
        Level::Debug,
        format!("running dbt with arguments {}", json!(texts)),
        json!({"args": texts}),
    )
}

/// `Found 3 models, 2 data tests, 12 macros`; kinds of which there are none are left out.
pub fn found(counts: &[(&str, usize)]) -> Event {
    let stat_line = listed(counts);
    Event::with_data(
        "FoundStats",
        Level::Info,
        format!("Found {stat_line}"),
        json!({"stat_line": stat_line}),
    )
}

/// An empty line.
pub fn gap() -> Event {
    Event::with_data("Formatting", Level::Info, "", json!({"msg": ""}))
}

pub fn concurrency(threads: usize, target: &str, nodes: usize) -> Event {
    Event::with_data(
        "ConcurrencyLine",
        Level::Info,
        format!("Concurrency: {threads} threads (target='{target}')"),
        json!({"node_count": nodes, "num_threads": threads, "target_name": target}),
    )
}

pub fn nothing_to_do() -> Event {
    Event::note(
        "NothingToDo",
        Level::Warn,
        "Nothing to do. Try checking your model configs and model specification args",
    )
}

/// `kind` is dbt's name of the record: `WritableManifest`, `RunExecutionResult`, ...
pub fn artifact_written(kind: &str, path: &Path) -> Event {
    let path = path.display();
    Event::with_data(
        "ArtifactWritten",
        Level::Debug,
        format!("Wrote artifact {kind} to {path}"),
        json!({"artifact_path": path.to_string(), "artifact_type": kind}),
    )
}

/// An error that ended the call. `text` begins with dbt's family, such as `Runtime Error\n  ...`.
pub fn encountered_error(text: &str) -> Event {
    Event::with_data(
        "MainEncounteredError",
        Level::Error,
        format!("Encountered an error:\n{text}"),
        json!({"exc": text}),
    )
}

/// `seed --show`: the first rows of a seed.
pub fn seed_rows(relation: &str, rows: &Table) -> Event {
    let heading = format!("Random sample of table: {relation}");
    let rule = "-".repeat(heading.len());
    Event::Output {
        name: "SeedHeader",
        heading: Some(format!("{heading}\n{rule}")),
        text: print::table(rows, SHOWN),
        data: json!({"header": heading, "separator": rule}),
    }
}

/// `docs generate` begins to ask the warehouse.
pub fn building_catalog() -> Event {
    Event::info("BuildingCatalog", "Building catalog")
}

/// `docs generate` has written its catalog.
pub fn catalog_written(path: &Path) -> Event {
    let path = path.display().to_string();
    Event::with_data(
        "CatalogWritten",
        Level::Info,
        format!("Catalog written to {path}"),
        json!({"path": path}),
    )
}

/// `docs generate --static` has written its page.
pub fn page_written(path: &Path) -> Event {
    Event::info(
        "Note",
        format!("Documentation written to {}", path.display()),
    )
}

/// `docs serve` is ready.
pub fn serving(address: &str, port: u16) -> Event {
    let message = format!(
        "Serving docs at {port}\nTo access from your browser, navigate to: {address}\n\nPress Ctrl+C to exit."
    );
    Event::info("Note", message)
}

/// An error inside `run-operation`.
pub fn operation_error(found: &Diagnostic) -> Event {
    let headline = found.headline.as_deref().unwrap_or("Compilation Error");
    let text = format!("{headline}\n  {}", found.message.replace('\n', "\n  "));
    let drawn = match diagnostics::draw_place(found) {
        place if place.is_empty() => text.clone(),
        place => format!("{text}\n{place}"),
    };
    Event::with_data(
        "RunningOperationCaughtError",
        Level::Error,
        format!("Encountered an error while running operation: {drawn}"),
        json!({"exc": text}),
    )
}

/// An upload was asked for, and there is none.
pub fn no_upload() -> Event {
    let said = "artifacts stay in the target folder: nothing is uploaded";
    let found = Diagnostic::warning("no-upload", said);
    Event::Found(found.event("ArtifactUploadSkipped").field("msg", said))
}

/// `ls` has found nothing.
pub fn no_nodes_selected() -> Event {
    Event::note("NoNodesSelected", Level::Warn, "No nodes selected!")
}

/// What a preview or a compiled text belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub name: &'a str,
    pub unique_id: &'a str,
    /// Whether the SQL was given with `--inline`.
    pub inline: bool,
}

/// The result of `compile` for one node.
pub fn compiled(subject: Subject<'_>, code: &str, form: OutputForm) -> Event {
    let heading = match subject.inline {
        true => "Compiled inline node is:".to_string(),
        false => format!("Compiled node '{}' is:", subject.name),
    };
    let record = match subject.inline {
        true => json!({"compiled": code}),
        false => json!({"node": subject.name, "compiled": code}),
    };
    let mut data = about(subject, form);
    data.insert("compiled".to_string(), json!(code));
    output(
        "CompiledNode",
        heading,
        code.to_string(),
        &record,
        data,
        form,
    )
}

/// The result of `show` for one node, as a table or as records.
pub fn preview(subject: Subject<'_>, rows: &Table, form: OutputForm) -> Event {
    let heading = match subject.inline {
        true => "Previewing inline node:".to_string(),
        false => format!("Previewing node '{}':", subject.name),
    };
    let records = rows.to_json();
    let drawn = print::table(rows, SHOWN);
    let mut data = about(subject, form);
    let preview = match form {
        OutputForm::Json => json!(records).to_string(),
        _ => drawn.clone(),
    };
    data.insert("preview".to_string(), json!(preview));
    let record = match subject.inline {
        true => json!({"show": records}),
        false => json!({"node": subject.name, "show": records}),
    };
    output("ShowNode", heading, drawn, &record, data, form)
}

/// `--limit` has cut the rows already.
const SHOWN: Limits = Limits {
    rows: None,
    ..Limits::USUAL
};

/// One line of `ls`.
pub fn listed_line(text: String) -> Event {
    let data = json!({"msg": text});
    Event::Output {
        name: "PrintEvent",
        heading: None,
        text,
        data,
    }
}

fn about(subject: Subject<'_>, form: OutputForm) -> Map<String, Value> {
    let form = match form {
        OutputForm::Json => "json",
        _ => "text",
    };
    [
        ("is_inline", json!(subject.inline)),
        ("node_name", json!(subject.name)),
        ("output_format", json!(form)),
        ("quiet", json!(false)),
        ("unique_id", json!(subject.unique_id)),
    ]
    .map(|(key, value)| (key.to_string(), value))
    .into_iter()
    .collect()
}

fn output(
    name: &'static str,
    heading: String,
    text: String,
    record: &Value,
    data: Map<String, Value>,
    form: OutputForm,
) -> Event {
    let (heading, text) = match form {
        OutputForm::Json => (None, format!("{record:#}")),
        _ => (Some(heading), text),
    };
    Event::Output {
        name,
        heading,
        text,
        data: Value::Object(data),
    }
}
