//! Calls one macro by name, as `run-operation` does.

use crate::adapter::session::Task;
use crate::base::Diagnostic;
use crate::base::NodeInfo;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::base::event::NodeEnd;
use crate::base::event::Status;
use crate::compile;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::jinja;
use crate::jinja::Macro;
use crate::jinja::MacroKind;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::UniqueId;
use crate::run::Call;
use crate::run::NodeResult;
use crate::run::Outcome;
use crate::run::comment;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The code of the mistake that there is no such macro.
pub const UNKNOWN_MACRO: &str = "unknown-macro";

/// Runs `name` or `package.name` with named arguments and commits what it did.
pub fn run(
    call: &Call<'_>,
    name: &str,
    arguments: &Map<String, Value>,
    session: &SessionHandle,
) -> Result<(), Box<Diagnostic>> {
    let found = find(call, name).ok_or_else(|| unknown(call, name))?;
    let connection = format!("macro_{}", found.name);
    let comment = comment::of_connection(call, &connection);
    let task = Task {
        comment: comment.map_err(|error| Box::new(error.diagnostic()))?,
        name: connection,
        ..Task::default()
    };
    compile::lock(session).enter(task);
    let package = name.split_once('.').map(|(package, _)| package);
    let root = call.world.graph.root_package();
    let package = package.unwrap_or(root);
    let scope: Arc<dyn Scope> = NodeScope::of_macro(call.world, &found, package, session);
    let named = arguments
        .iter()
        .map(|(key, value)| (key.clone(), values::from_json(value)))
        .collect();
    let called = call.world.engine.call(&found, Vec::new(), named, &scope);
    called.map_err(|error| {
        let diagnostic = error.diagnostic();
        let family = jinja::family_of(diagnostic.code).as_str();
        let header = Place::new(
            &found.file,
            found.block.header.start,
            found.block.header.end,
        );
        let place = diagnostic.place.clone().unwrap_or(header);
        Box::new(diagnostic.at(place).headline(format!("{family} Error")))
    })?;
    let committed = compile::lock(session).commit();
    committed.map_err(|error| {
        let headline = format!("{} Error", error.family.as_str());
        Box::new(error.diagnostic().headline(headline))
    })
}

/// The result of an operation, for `run_results.json`.
pub fn outcome(call: &Call<'_>, name: &str, ok: bool, took: Duration) -> Outcome {
    let (package, bare) = name
        .split_once('.')
        .unwrap_or((call.world.graph.root_package(), name));
    let unique_id = find(call, name).map_or_else(
        || format!("macro.{package}.{bare}"),
        |found| found.unique_id.to_string(),
    );
    let now = call.context.now();
    let started = now.checked_sub(took).unwrap_or(now);
    let node = NodeInfo {
        unique_id: unique_id.clone(),
        name: bare.to_string(),
        resource_type: "macro",
        ..NodeInfo::default()
    };
    let end = NodeEnd {
        node: Arc::new(node),
        status: if ok { Status::Success } else { Status::Error },
        message: None,
        failures: Some(i64::from(!ok)),
        took,
        finished_at: now,
        thread: "MainThread".to_string(),
        phases: vec![("compile", started, started), ("execute", started, now)],
        adapter_response: Map::new(),
        compiled_path: None,
        age: None,
        found: None,
    };
    let unique_id = UniqueId::new(unique_id);
    let result = NodeResult {
        batches: None,
        unique_id,
        end: Arc::new(end),
        compiled_code: None,
        extra_ctes: Vec::new(),
        macros: Vec::new(),
        relation_name: None,
    };
    Outcome {
        results: vec![result],
        elapsed: took,
        ..Outcome::default()
    }
}

/// `package.name`, or a name on its own: of the project, else of any package, else one of ours.
fn find(call: &Call<'_>, name: &str) -> Option<Arc<Macro>> {
    let registry = call.world.engine.registry();
    let root = call.world.graph.root_package();
    let found = match name.split_once('.') {
        Some((package, bare)) => registry.in_package(package, bare),
        None => {
            let mut others = registry
                .packages()
                .filter(|package| !registry.is_internal(package))
                .filter_map(|package| registry.in_package(package, name));
            let own = registry.in_package(root, name);
            own.or_else(|| others.next())
                .or_else(|| registry.find(root, name))
        }
    };
    found.cloned()
}

fn unknown(call: &Call<'_>, name: &str) -> Box<Diagnostic> {
    let bare = name.split_once('.').map_or(name, |(_, bare)| bare);
    let macros = call
        .world
        .engine
        .registry()
        .macros()
        .filter(|m| m.kind == MacroKind::Macro);
    let near = nearest(bare, macros.map(|m| m.name.as_str()))
        .map(|near| format!("did you mean `{near}`?"));
    let message = format!("dbt could not find a macro with the name '{name}' in any package");
    Box::new(runtime_error(UNKNOWN_MACRO, message).maybe_hint(near))
}

fn runtime_error(code: &'static str, message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(code, message).headline("Runtime Error"))
}
