//! Hooks of a whole call (`on-run-start`, `on-run-end`), and the comment that goes with statements.

use crate::adapter::session::AutoBegin;
use crate::adapter::session::Task;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::Place;
use crate::base::event::NodeEnd;
use crate::base::event::Status;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::graph::Index;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Node;
use crate::run::Call;
use crate::run::NodeResult;
use crate::run::comment;
use crate::run::info;
use crate::run::result_value;
use minijinja::value::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

/// The thread that hooks run on.
const THREAD: &str = "MainThread";

/// Runs the hooks of one event in order; after a failed one the rest is skipped.
/// `extra` are names that only these hooks see (`results`, `schemas`).
pub fn run(
    call: &Call<'_>,
    event: &'static str,
    extra: &[(&'static str, Value)],
    session: &SessionHandle,
) -> Vec<NodeResult> {
    let mut results: Vec<NodeResult> = Vec::new();
    let hooks = of_event(call, event);
    let total = hooks.len();
    for (position, index) in hooks.into_iter().enumerate() {
        let node = call.world.graph.node(index);
        let is_blocked = results.iter().any(|result| result.end.status.is_failure());
        let node_info = Arc::new(NodeInfo {
            index: position + 1,
            total,
            started_at: Some(call.context.now()),
            ..info::of(node)
        });
        let started = Instant::now();
        let outcome = if is_blocked {
            Ok(None)
        } else {
            send(call, index, &node_info, extra, session).map(Some)
        };
        let (end, compiled) = ended(call, node, node_info, outcome, started);
        call.warehouse
            .observer
            .on(&Event::NodeFinished(Arc::new(end.clone())));
        results.push(NodeResult {
            unique_id: node.unique_id.clone(),
            end: Arc::new(end),
            compiled_code: compiled.as_ref().map(|compiled| compiled.code.clone()),
            batches: None,
            extra_ctes: compiled.map_or_else(Vec::new, |compiled| compiled.extra_ctes),
            macros: Vec::new(),
            relation_name: None,
        });
    }
    results
}

/// Hooks of the root project come first, then those of the packages, each in the order written.
fn of_event(call: &Call<'_>, wanted: &str) -> Vec<Index> {
    let graph = &call.world.graph;
    let number = |index: &Index| match graph.node(*index).detail {
        Detail::Operation { event, index } if event == wanted => Some(index),
        _ => None,
    };
    let mut hooks: Vec<Index> = graph
        .indices()
        .filter(|one| number(one).is_some())
        .collect();
    hooks.sort_by_key(number);
    hooks
}

/// Renders a hook and sends what it holds; the text that was sent.
fn send(
    call: &Call<'_>,
    index: Index,
    node_info: &Arc<NodeInfo>,
    extra: &[(&'static str, Value)],
    session: &SessionHandle,
) -> Result<Compiled, Box<Diagnostic>> {
    let node = call.world.graph.node(index);
    let comment = comment::of_node(call, index)?;
    let name = node.unique_id.as_str().to_string();
    compile::lock(session).enter(Task {
        name,
        node: Some(node_info.clone()),
        comment,
    });
    let mut scope = NodeScope::of(call.world, index, Some(session));
    for (name, value) in extra {
        scope = scope.with(name, value.clone());
    }
    let template = compile::template(node);
    let own: Arc<dyn Scope> = scope.clone();
    let rendered = call.world.engine.render(&template, &own);
    // What it prints while it is rendered stands before the line that tells of it.
    let begun = Event::NodeStarted(node_info.clone());
    call.warehouse.observer.on(&begun);
    let sql = rendered.map_err(|error| compile::headed(error.diagnostic(), node))?;
    let compiled = compile::inject(call.world, sql.trim().to_string(), &scope, Some(session))?;
    let sql = &compiled.code;
    let mut session = compile::lock(session);
    if !sql.is_empty() {
        call.recorder.compiled(node, None, sql);
        session.execute(sql, AutoBegin::No, &[]).map_err(|error| {
            let found = Diagnostic::error("hook-failed", error.to_string());
            let found = found.at(Place::line(&node.file, node.first_line));
            Box::new(found.headline(node_info.headline(error.family)))
        })?;
    }
    session
        .commit()
        .map_err(|error| Box::new(Diagnostic::error("hook-failed", error.to_string())))?;
    drop(session);
    Ok(compiled)
}

fn ended(
    call: &Call<'_>,
    node: &Node,
    node_info: Arc<NodeInfo>,
    outcome: Result<Option<Compiled>, Box<Diagnostic>>,
    started: Instant,
) -> (NodeEnd, Option<Compiled>) {
    let title = title(node);
    let (status, message, found, sql) = match outcome {
        Ok(Some(sql)) => (Status::Success, format!("{title} passed"), None, Some(sql)),
        Ok(None) => (Status::Skipped, format!("{title} skipped"), None, None),
        Err(found) => {
            let message = format!("{title} failed, error:\n {}", found.message);
            (Status::Error, message, Some(found), None)
        }
    };
    let end = NodeEnd {
        status,
        message: Some(message),
        failures: Some(i64::from(status != Status::Success)),
        took: started.elapsed(),
        finished_at: call.context.now(),
        thread: THREAD.to_string(),
        phases: Vec::new(),
        adapter_response: serde_json::Map::new(),
        compiled_path: None,
        age: None,
        found,
        node: node_info,
    };
    (end, sql)
}

/// `shop.on-run-start.0`
fn title(node: &Node) -> String {
    match node.detail {
        Detail::Operation { event, index } => {
            format!("{}.{event}.{}", node.package, index.saturating_sub(1))
        }
        _ => node.name.clone(),
    }
}

/// `results`, `schemas` and `database_schemas`, as `on-run-end` hooks see them.
/// Made only where there is such a hook: they hold a record of every node.
pub fn end_names(call: &Call<'_>, results: &[NodeResult]) -> Vec<(&'static str, Value)> {
    if of_event(call, "on-run-end").is_empty() {
        return Vec::new();
    }
    let is_node = |result: &&NodeResult| result.end.node.resource_type != "operation";
    let schemas: BTreeSet<(&str, &str)> = results.iter().filter_map(built_in).collect();
    let names = schemas.iter().map(|(_, schema)| Value::from(*schema));
    let pairs = schemas
        .iter()
        .map(|(database, schema)| values::tuple([Value::from(*database), Value::from(*schema)]));
    vec![
        (
            "results",
            values::list(
                results
                    .iter()
                    .filter(is_node)
                    .map(|result| result_value::of(call, result)),
            ),
        ),
        ("schemas", values::list(names)),
        ("database_schemas", values::list(pairs)),
    ]
}

/// Database and schema of what stands in the warehouse now because of a result.
fn built_in(result: &NodeResult) -> Option<(&str, &str)> {
    let node = &result.end.node;
    let leaves_relation = match node.resource_type {
        "model" | "seed" | "snapshot" => true,
        // Of a test that keeps its failures.
        "test" => result.relation_name.is_some(),
        _ => false,
    };
    let is_built = leaves_relation
        && !matches!(
            result.end.status,
            Status::Error | Status::Fail | Status::Skipped
        );
    is_built.then_some((node.database.as_str(), node.schema.as_str()))
}
