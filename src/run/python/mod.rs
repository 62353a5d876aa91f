//! `submit_python_job`: the code of a Python model run by the user's own Python, fed and emptied
//! through Parquet files.
//! Promise: the database stays open here alone; what the model prints never reaches our standard output.
//! Not here: how rows are written and read (`templates`), what the child does (`templates/python`).

mod carrier;
mod child;
mod interpreter;
mod serve;

use crate::adapter::Response;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::fs;
use crate::compile::SessionHandle;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::CallSite;
use crate::jinja::Error;
use crate::jinja::fail;
use crate::jinja::fail_with;
use crate::jinja::values;
use crate::run::Call;
use child::Child;
use child::Ended;
use interpreter::Interpreter;
use minijinja::value::Value;
use serde_json::json;
use serve::Server;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(super) use interpreter::check;

/// The code of mistakes that a model makes while it runs.
const FAILED: &str = "python-failed";

/// `submit_python_job(parsed_model, compiled_code)` for one node.
pub(super) fn submit_function(call: &Call<'_>, index: Index, session: &SessionHandle) -> Value {
    let node = call.world.graph.node(index);
    let job = Job {
        interpreter: Interpreter::find(call),
        file: node.file.clone(),
        first_line: node.first_line,
        database: node.database.clone(),
        schema: node.schema.clone(),
        session: session.clone(),
        cancelled: call.cancelled.clone(),
    };
    jinja::function("submit_python_job", move |site, mut args| {
        let _parsed_model = args.required("parsed_model")?;
        let code = args.required_str("compiled_code")?;
        args.finish()?;
        job.run(site, &code)
    })
}

struct Job {
    interpreter: Result<Interpreter, Box<Diagnostic>>,
    file: Arc<SourceFile>,
    /// Line of the file where the code begins.
    first_line: usize,
    database: String,
    schema: String,
    session: SessionHandle,
    cancelled: Arc<AtomicBool>,
}

impl Job {
    fn run(&self, site: &CallSite, code: &str) -> Result<Value, Error> {
        let interpreter = self.interpreter.as_ref();
        let interpreter = interpreter.map_err(|found| fail_with((**found).clone()))?;
        let folder = fs::temporary_folder(&std::env::temp_dir(), "the rows of a Python model")
            .map_err(|error| fail(error.to_string()))?;
        let mut child = Child::start(interpreter, &self.session)
            .map_err(|message| fail_with(Diagnostic::error(FAILED, message)))?;
        child.send(&json!({
            "code": code,
            "file": self.file.shown,
            "first_line": self.first_line,
            "folder": folder.path(),
            "database": self.database,
            "schema": self.schema,
            "module_paths": interpreter.module_paths,
        }));
        let mut server = Server::new(site, &self.session, folder.path());
        match child.serve(|question| server.answer(question), &self.cancelled) {
            Ended::Done => Ok(jinja::response_value(&Response::ok())),
            Ended::Failed { text, lines } => Err(self.failed(text.trim_end(), &lines)),
            Ended::Gone(reason) => Err(self.failed(&reason, &[])),
        }
    }

    /// The traceback as a mistake at the innermost line of the model in it.
    fn failed(&self, text: &str, lines: &[usize]) -> Error {
        let last = self.file.text().lines().count();
        let line = lines.iter().rev().find(|line| **line <= last);
        let place = Place::line(&self.file, line.copied().unwrap_or(self.first_line));
        let message = format!("Python model failed:\n{text}");
        let mut found = Diagnostic::error(FAILED, message).at(place);
        if text.contains("ModuleNotFoundError")
            && let Ok(interpreter) = &self.interpreter
        {
            found = found.hint(format!(
                "the model runs with {}; install the package there, or activate another environment",
                interpreter.program.display()
            ));
        }
        fail_with(found)
    }
}

/// A macro's text, called as the node's own templates call it.
fn statement(site: &CallSite, name: &str, args: Vec<Value>) -> Result<String, String> {
    let rendered = site
        .engine
        .call_by_name(None, name, args, Vec::new(), &site.scope);
    let rendered = rendered.map_err(|error| error.message)?;
    Ok(rendered.as_str().unwrap_or_default().trim().to_string())
}

/// Columns for a macro: name, type, and the type that carries it (none for itself).
fn columns_value(columns: &[carrier::Carried]) -> Value {
    values::list(columns.iter().map(|column| {
        let carrier = column
            .carrier
            .as_deref()
            .map_or_else(values::none, Value::from);
        values::dict([
            ("name", Value::from(column.name.as_str())),
            ("type", Value::from(column.kind.as_str())),
            ("carrier", carrier),
        ])
    }))
}
