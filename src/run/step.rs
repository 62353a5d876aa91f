//! One step of a plan: rendered, carried out, and told how it ended.

use crate::adapter::session::Task;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::event::Age;
use crate::base::event::NodeEnd;
use crate::base::event::Status;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::SessionHandle;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::plan::Plan;
use crate::plan::Step;
use crate::plan::StepId;
use crate::plan::Work;
use crate::run::BatchResults;
use crate::run::Call;
use crate::run::NodeResult;
use crate::run::OnFailure;
use crate::run::bare_end;
use crate::run::check;
use crate::run::clone;
use crate::run::comment;
use crate::run::freshness;
use crate::run::info;
use crate::run::materialize;
use crate::run::microbatch;
use crate::run::microbatch::Turn;
use crate::run::schedule::Hand;
use crate::run::schedule::Schedule;
use crate::run::unit_test;
use serde_json::Map;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;

/// How the work at a step ended.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub status: Option<Status>,
    pub message: Option<String>,
    pub failures: Option<i64>,
    pub adapter_response: Map<String, Value>,
    pub age: Option<Age>,
}

pub(super) fn run<'a>(
    call: &'a Call<'a>,
    plan: &'a Plan,
    id: StepId,
    hand: &Hand,
    schedule: &Schedule<'a>,
) -> NodeResult {
    let step = &plan.steps[id];
    let started_at = call.context.now();
    let started = Instant::now();
    let node_info = Arc::new(NodeInfo {
        started_at: Some(started_at),
        ..info::of_step(call, plan, id)
    });
    call.warehouse
        .observer
        .on(&Event::NodeStarted(node_info.clone()));
    let mut end = NodeEnd {
        node: node_info.clone(),
        ..bare_end(call, plan, id, Status::Success, &hand.thread)
    };
    let mut compiled = None;
    let mut batches = None;
    if step.work == Work::NoOp {
        end.status = Status::NoOp;
        end.message = Some("NO-OP".to_string());
    } else if node_info.is_batched {
        let turn = Turn {
            id,
            index: step.node,
            node_info: node_info.clone(),
        };
        batches = Some(in_batches(call, &turn, hand, schedule, &mut end));
    } else {
        let session = &hand.session;
        let work =
            AssertUnwindSafe(|| attempt(call, step, &node_info, session, &mut compiled, &mut end));
        if let Err(found) =
            catch_unwind(work).unwrap_or_else(|panic| Err(our_mistake(&node_info, panic.as_ref())))
        {
            match compile::broken_ephemeral(call.world, step.node, &found) {
                Some(broken) if step.work != Work::Render => skip(&mut end, broken, found),
                _ => fail(&mut end, found),
            }
        }
        leave(session);
    }
    end.took = started.elapsed();
    end.finished_at = call.context.now();
    let node = call.world.graph.node(step.node);
    let (compiled_code, extra_ctes, macros) = match compiled {
        Some(compiled) => (Some(compiled.code), compiled.extra_ctes, compiled.macros),
        None => (None, Vec::new(), Vec::new()),
    };
    NodeResult {
        unique_id: node.unique_id.clone(),
        compiled_code,
        extra_ctes,
        macros,
        relation_name: node.relation_name.clone(),
        end: Arc::new(end),
        batches,
    }
}

pub(super) fn skipped(
    call: &Call<'_>,
    plan: &Plan,
    id: StepId,
    cause: StepId,
    thread: &str,
) -> NodeResult {
    let blamed = call.world.graph.node(plan.steps[cause].node);
    let end = NodeEnd {
        message: Some(format!("Skipped: {} failed", blamed.title())),
        ..bare_end(call, plan, id, Status::Skipped, thread)
    };
    without_code(call, plan, id, end)
}

/// The result of a step that had no turn because the call was stopped.
pub(super) fn not_run(call: &Call<'_>, plan: &Plan, id: StepId) -> NodeResult {
    let end = NodeEnd {
        message: Some(match call.on_failure {
            OnFailure::Stop => "Skipping due to fail_fast".to_string(),
            OnFailure::KeepGoing => "Skipped: the call was stopped".to_string(),
        }),
        ..bare_end(call, plan, id, Status::Skipped, "")
    };
    without_code(call, plan, id, end)
}

fn without_code(call: &Call<'_>, plan: &Plan, id: StepId, end: NodeEnd) -> NodeResult {
    let node = call.world.graph.node(plan.steps[id].node);
    NodeResult {
        unique_id: node.unique_id.clone(),
        end: Arc::new(end),
        compiled_code: None,
        extra_ctes: Vec::new(),
        macros: Vec::new(),
        relation_name: node.relation_name.clone(),
        batches: None,
    }
}

/// Builds the node in batches, each of which is rendered and carried out by itself.
fn in_batches<'a>(
    call: &'a Call<'a>,
    turn: &Turn,
    hand: &Hand,
    schedule: &Schedule<'a>,
    end: &mut NodeEnd,
) -> BatchResults {
    let started = call.context.now();
    end.phases.push(("compile", started, started));
    let (done, batches) = microbatch::run(call, turn, hand, schedule);
    end.phases.push(("execute", started, call.context.now()));
    settle(end, done);
    batches
}

/// Renders the node and does its work; `compiled` and `end` keep what was reached.
fn attempt(
    call: &Call<'_>,
    step: &Step,
    node_info: &Arc<NodeInfo>,
    session: &SessionHandle,
    compiled: &mut Option<Compiled>,
    end: &mut NodeEnd,
) -> Result<(), Box<Diagnostic>> {
    let Step {
        node: index, work, ..
    } = *step;
    let node = call.world.graph.node(index);
    let comment = comment::of_node(call, index)?;
    let task = Task {
        name: node.unique_id.as_str().to_string(),
        node: Some(node_info.clone()),
        comment,
    };
    compile::lock(session).enter(task);
    let compile_started = call.context.now();
    let has_text = node.resource != Resource::Seed;
    if has_text && !matches!(work, Work::Clone | Work::Freshness) {
        let rendered = match call.ahead.get(index) {
            Some(ready) => ready.clone(),
            None => compile::node(call.world, index, Some(session))?,
        };
        call.recorder.compiled(node, None, &rendered.code);
        record_ephemeral(call, &rendered);
        end.compiled_path = Some(call.world.paths.compiled(node, None));
        *compiled = Some(rendered);
    }
    let execute_started = call.context.now();
    end.phases
        .push(("compile", compile_started, execute_started));
    let done = match &node.detail {
        _ if work == Work::Render => Ok(Done::default()),
        _ if work == Work::Clone => clone::run(call, index, session),
        _ if work == Work::Freshness => freshness::run(call, index, session),
        Detail::Test(_) => check::run(call, index, compiled.as_ref(), session),
        Detail::UnitTest(test) => unit_test::run(call, index, test, compiled.as_ref(), session),
        _ => materialize::run(call, &index.into(), compiled.as_ref(), session),
    };
    end.phases
        .push(("execute", execute_started, call.context.now()));
    settle(end, done?);
    Ok(())
}

fn settle(end: &mut NodeEnd, done: Done) {
    end.status = done.status.unwrap_or(Status::Success);
    end.message = done.message;
    end.failures = done.failures;
    end.adapter_response = done.adapter_response;
    end.age = done.age;
}

/// Keeps the SQL of ephemeral models too, once a node that reads them is rendered.
pub(super) fn record_ephemeral(call: &Call<'_>, rendered: &Compiled) {
    for (id, _) in &rendered.extra_ctes {
        let index = call.world.graph.find(id.as_str());
        if let Some((index, own)) =
            index.and_then(|index| Some((index, call.world.remembered(index)?)))
        {
            call.recorder
                .compiled(call.world.graph.node(index), None, &own.code);
        }
    }
}

/// A node that reads an ephemeral model which cannot be rendered has no turn of its own.
fn skip(end: &mut NodeEnd, broken: &Node, found: Box<Diagnostic>) {
    end.status = Status::Skipped;
    end.message = Some(format!(
        "Compilation Error in {}, caused by compilation error in referenced ephemeral model {}",
        end.node.unique_id, broken.unique_id
    ));
    end.found = Some(found);
}

fn fail(end: &mut NodeEnd, found: Box<Diagnostic>) {
    end.status = Status::Error;
    let headline = found.headline.clone().unwrap_or_default();
    end.message = Some(format!(
        "{headline}\n  {}",
        found.message.replace('\n', "\n  ")
    ));
    end.found = Some(found);
}

/// Undoes what the node left open, so that the next one starts clean.
pub(super) fn leave(session: &SessionHandle) {
    let mut session = compile::lock(session);
    if session.leave().is_err() {
        session.disconnect();
    }
}

/// A panic is a mistake of ours; the other nodes go on.
pub(super) fn our_mistake(node: &NodeInfo, panic: &(dyn std::any::Any + Send)) -> Box<Diagnostic> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let message = format!(
        "sqlmill broke while it worked on {}: {text}",
        node.unique_id
    );
    Box::new(Diagnostic::error("internal", message).hint(format!(
        "this is a bug of sqlmill {}; please report it",
        env!("CARGO_PKG_VERSION")
    )))
}
