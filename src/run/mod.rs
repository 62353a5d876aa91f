//! Carries out a plan: workers, order, materialization calls, hooks, cancellation.
//! Promise: every step with a result ends exactly once; what a failed step did not commit is undone.
//! Not here: how a statement is spelled (`templates`), what is written down (`artifacts`).

mod batches;
mod blame;
pub mod catalog;
mod check;
mod clone;
mod comment;
mod freshness;
pub mod hooks;
mod info;
mod materialize;
mod microbatch;
pub mod operation;
pub mod prepare;
pub mod preview;
mod python;
pub mod result;
mod result_value;
mod row_diff;
mod schedule;
mod seed;
mod step;
mod unit_test;
mod verdict;

use crate::adapter::Session;
use crate::adapter::session::Shared;
use crate::adapter::session::Task;
use crate::base::Context;
use crate::base::Event;
use crate::base::event::NodeEnd;
use crate::base::event::Status;
use crate::compile::Ahead;
use crate::compile::Batch;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::node::Node;
use crate::node::UniqueId;
use crate::plan::Plan;
use crate::plan::StepId;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use schedule::Hand;
use schedule::Order;
use schedule::Schedule;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Instant;

pub use batches::builds_in_batches;
pub use result::BatchResults;
pub use result::NodeResult;
pub use result::Outcome;
pub use schedule::OnFailure;

/// What a whole call works with.
pub struct Call<'a> {
    pub world: &'a Arc<World>,
    /// Texts that need not be rendered again.
    pub ahead: Ahead,
    pub warehouse: Shared,
    pub context: &'a Context,
    pub recorder: Arc<dyn Recorder>,
    pub threads: usize,
    pub on_failure: OnFailure,
    /// What became of the batches of models in an earlier call, of which this one makes up for what failed.
    pub earlier_batches: FxHashMap<UniqueId, BatchResults>,
    /// Set from outside when a person stops the call.
    pub cancelled: Arc<AtomicBool>,
}

impl Call<'_> {
    /// Whether a person stopped the call.
    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// A line to the warehouse outside of the workers.
    pub fn session(&self, name: &str) -> SessionHandle {
        let task = Task {
            name: name.to_string(),
            ..Task::default()
        };
        Arc::new(Mutex::new(Session::new(self.warehouse.clone(), task)))
    }
}

/// Keeps the SQL of each node. Implemented by the room that owns the target folder.
pub trait Recorder: Send + Sync {
    /// The final SQL of a node, or of one batch of it.
    fn compiled(&self, node: &Node, batch: Option<&Batch>, sql: &str);

    /// The statement by which a node, or one batch of it, was built or checked.
    fn ran(&self, node: &Node, batch: Option<&Batch>, sql: &str);
}

/// Threads render templates that call one another deeply.
pub const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Runs all steps of a plan on worker threads.
pub fn execute(call: &Call<'_>, plan: &Plan) -> Outcome {
    let started = Instant::now();
    let results = Mutex::new(Vec::with_capacity(plan.results));
    let schedule = Schedule::new(plan, call.on_failure, &call.cancelled);
    std::thread::scope(|threads| {
        let watcher = threads.spawn(|| watch(call, &schedule));
        let workers: Vec<_> = (1..=call.threads.clamp(1, plan.steps.len().max(1)))
            .map(|number| {
                let (schedule, results) = (&schedule, &results);
                let name = format!("Thread-{number} (worker)");
                let work = move || worker(call, plan, schedule, results, number);
                let builder = std::thread::Builder::new()
                    .name(name)
                    .stack_size(STACK_BYTES);
                builder.spawn_scoped(threads, work)
            })
            .collect();
        for worker in workers.into_iter().flatten() {
            // A worker that panicked is reported by the node it worked on.
            let _ = worker.join();
        }
        schedule.end();
        let _ = watcher.join();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    if schedule.is_stopped() {
        cancel_rest(call, plan, &mut results);
    }
    Outcome {
        results,
        elapsed: started.elapsed(),
        stopped_early: schedule.is_stopped(),
        interrupted: call.cancelled.load(Ordering::Relaxed),
    }
}

/// The outcome where nothing may run, because a hook failed before the first step.
pub fn skip_all(call: &Call<'_>, plan: &Plan) -> Outcome {
    let mut results = Vec::new();
    cancel_rest(call, plan, &mut results);
    Outcome {
        results,
        ..Outcome::default()
    }
}

fn worker<'a>(
    call: &'a Call<'a>,
    plan: &'a Plan,
    schedule: &Schedule<'a>,
    results: &Mutex<Vec<NodeResult>>,
    number: usize,
) {
    let session = Session::new(call.warehouse.clone(), Task::default());
    let hand = Hand {
        thread: format!("Thread-{number} (worker)"),
        session: Arc::new(Mutex::new(session)),
    };
    schedule.work(&hand, |id, order| {
        let result = match order {
            Order::Run => step::run(call, plan, id, &hand, schedule),
            Order::Skip { cause } => step::skipped(call, plan, id, cause, &hand.thread),
        };
        let status = match result.end.is_skipped_by_mistake() {
            true => Status::Error,
            false => result.end.status,
        };
        call.warehouse
            .observer
            .on(&Event::NodeFinished(result.end.clone()));
        results
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(result);
        status
    });
}

/// Waits for the end of the schedule, or for a person to stop it: then running statements are
/// interrupted and idle workers are woken.
fn watch(call: &Call<'_>, schedule: &Schedule<'_>) {
    if schedule.wait_for_end() == schedule::Ending::Cancelled {
        call.warehouse.adapter.cancel_all();
    }
}

/// After a stop, the steps that had no turn are told as skipped.
fn cancel_rest(call: &Call<'_>, plan: &Plan, results: &mut Vec<NodeResult>) {
    let done: FxHashSet<UniqueId> = results.iter().map(|r| r.unique_id.clone()).collect();
    for (id, step) in plan.steps.iter().enumerate() {
        let unique_id = &call.world.graph.node(step.node).unique_id;
        if step.number > 0 && !done.contains(unique_id) {
            let result = step::not_run(call, plan, id);
            let finished = Event::NodeFinished(result.end.clone());
            call.warehouse.observer.on(&finished);
            results.push(result);
        }
    }
}

/// The end of a node as listeners hear it, with nothing but a status.
fn bare_end(call: &Call<'_>, plan: &Plan, id: StepId, status: Status, thread: &str) -> NodeEnd {
    NodeEnd {
        node: Arc::new(info::of_step(call, plan, id)),
        status,
        message: None,
        failures: None,
        took: std::time::Duration::ZERO,
        finished_at: call.context.now(),
        thread: thread.to_string(),
        phases: Vec::new(),
        adapter_response: serde_json::Map::new(),
        compiled_path: None,
        age: None,
        found: None,
    }
}
