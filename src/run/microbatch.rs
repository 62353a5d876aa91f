//! Builds a microbatch model: its batches one after another or side by side, each with SQL, a
//! transaction and a result of its own.
//! Promise: the first batch runs alone, and so does the last; where the first fails, nothing follows.

use crate::adapter::session::Task;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::event::BatchEnd;
use crate::base::event::BatchInfo;
use crate::base::event::Status;
use crate::compile;
use crate::compile::Batch;
use crate::compile::Compiled;
use crate::compile::Subject;
use crate::graph::Index;
use crate::node::Node;
use crate::plan::StepId;
use crate::run::BatchResults;
use crate::run::Call;
use crate::run::batches;
use crate::run::comment;
use crate::run::materialize;
use crate::run::schedule::Hand;
use crate::run::schedule::Parts;
use crate::run::schedule::Schedule;
use crate::run::step;
use crate::run::step::Done;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

/// The step whose node is built in batches.
pub(super) struct Turn {
    pub id: StepId,
    pub index: Index,
    pub node_info: Arc<NodeInfo>,
}

pub(super) fn run<'a>(
    call: &'a Call<'a>,
    turn: &Turn,
    hand: &Hand,
    schedule: &Schedule<'a>,
) -> (Done, BatchResults) {
    let node = call.world.graph.node(turn.index);
    let batches = batches::of(call, node, &hand.session);
    let work = Arc::new(Work {
        call,
        index: turn.index,
        node_info: turn.node_info.clone(),
        statuses: Mutex::new(vec![Status::Skipped; batches.len()]),
        middle: 1..batches.len().max(2) - 1,
        batches,
    });
    let first = work.one(0, hand);
    if first == Status::Success {
        match runs_side_by_side(node) {
            true => schedule.share(turn.id, &(work.clone() as Arc<dyn Parts + 'a>), hand),
            false => work.middle.clone().for_each(|number| {
                work.one(number, hand);
            }),
        }
        if work.batches.len() > 1 {
            work.one(work.batches.len() - 1, hand);
        }
    }
    let statuses = work.statuses().clone();
    let results = results(&work.batches, &statuses);
    work.tell_skipped(&statuses);
    let done = done(&results);
    (done, batches::with_earlier(call, node, results))
}

/// The model's own word, or else whether its code looks at what earlier batches have built.
fn runs_side_by_side(node: &Node) -> bool {
    node.config
        .flag("concurrent_batches")
        .unwrap_or_else(|| !asks_for_this(&node.raw_code))
}

/// Whether `this` stands in an expression or a statement of the code.
fn asks_for_this(code: &str) -> bool {
    let inside = code.split("{{").chain(code.split("{%")).skip(1);
    let mut inside = inside.filter_map(|rest| rest.split(['}', '%']).next());
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    inside.any(|text| text.split(|c| !is_part(c)).any(|word| word == "this"))
}

/// The batches of one model in one call.
struct Work<'a> {
    call: &'a Call<'a>,
    index: Index,
    node_info: Arc<NodeInfo>,
    batches: Vec<Arc<Batch>>,
    /// All but the first and the last.
    middle: std::ops::Range<usize>,
    /// By number; a batch that had no turn is skipped.
    statuses: Mutex<Vec<Status>>,
}

impl Parts for Work<'_> {
    fn count(&self) -> usize {
        self.middle.len()
    }

    fn part(&self, number: usize, hand: &Hand) {
        self.one(self.middle.start + number, hand);
    }
}

impl Work<'_> {
    /// Runs one batch, unless the call was stopped.
    fn one(&self, number: usize, hand: &Hand) -> Status {
        if self.call.is_cancelled() {
            return Status::Skipped;
        }
        let started = Instant::now();
        let info = self.info(number);
        let observer = &self.call.warehouse.observer;
        observer.on(&Event::BatchStarted(info.clone()));
        let work = AssertUnwindSafe(|| self.attempt(number, &info.node, hand));
        let outcome = catch_unwind(work)
            .unwrap_or_else(|panic| Err(step::our_mistake(&info.node, panic.as_ref())));
        step::leave(&hand.session);
        let status = match &outcome {
            Ok(_) => Status::Success,
            Err(_) => Status::Error,
        };
        self.statuses()[number] = status;
        let (message, found) = match outcome {
            Ok(done) => (done.message, None),
            Err(found) => (None, Some(found)),
        };
        observer.on(&Event::BatchFinished(Box::new(BatchEnd {
            batch: info,
            status,
            message,
            found,
            took: started.elapsed(),
            finished_at: self.call.context.now(),
        })));
        status
    }

    fn attempt(
        &self,
        number: usize,
        node_info: &Arc<NodeInfo>,
        hand: &Hand,
    ) -> Result<Done, Box<Diagnostic>> {
        let call = self.call;
        let node = call.world.graph.node(self.index);
        let batch = &self.batches[number];
        compile::lock(&hand.session).enter(Task {
            name: node.unique_id.as_str().to_string(),
            node: Some(node_info.clone()),
            comment: comment::of_node(call, self.index)?,
        });
        let subject = Subject {
            index: self.index,
            batch: Some(batch.clone()),
        };
        let compiled: Compiled = compile::node(call.world, subject.clone(), Some(&hand.session))?;
        call.recorder.compiled(node, Some(batch), &compiled.code);
        step::record_ephemeral(call, &compiled);
        materialize::run(call, &subject, Some(&compiled), &hand.session)
    }

    /// Batches that had no turn are told too.
    fn tell_skipped(&self, statuses: &[Status]) {
        let skipped = statuses.iter().enumerate();
        for (number, _) in skipped.filter(|(_, status)| **status == Status::Skipped) {
            let end = BatchEnd {
                batch: self.info(number),
                status: Status::Skipped,
                message: None,
                found: None,
                took: std::time::Duration::ZERO,
                finished_at: self.call.context.now(),
            };
            let observer = &self.call.warehouse.observer;
            observer.on(&Event::BatchFinished(Box::new(end)));
        }
    }

    fn info(&self, number: usize) -> Arc<BatchInfo> {
        let node = NodeInfo {
            started_at: Some(self.call.context.now()),
            ..NodeInfo::clone(&self.node_info)
        };
        Arc::new(BatchInfo {
            node: Arc::new(node),
            label: self.batches[number].label(),
            number: number + 1,
            total: self.batches.len(),
        })
    }

    fn statuses(&self) -> std::sync::MutexGuard<'_, Vec<Status>> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn results(batches: &[Arc<Batch>], statuses: &[Status]) -> BatchResults {
    let mut results = BatchResults::default();
    for (batch, status) in batches.iter().zip(statuses) {
        match status {
            Status::Success => results.successful.push(batch.window),
            _ => results.failed.push(batch.window),
        }
    }
    results
}

/// The model as a whole, by what became of its batches.
fn done(results: &BatchResults) -> Done {
    let worked = results.successful.len();
    let all = worked + results.failed.len();
    let (status, message) = match worked {
        _ if worked == all => (Status::Success, "SUCCESS".to_string()),
        0 => (Status::Error, "ERROR".to_string()),
        _ => (
            Status::PartialSuccess,
            format!("PARTIAL SUCCESS ({worked}/{all})"),
        ),
    };
    Done {
        status: Some(status),
        message: Some(message),
        failures: Some(0),
        ..Done::default()
    }
}
