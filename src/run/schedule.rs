//! Hands steps to worker threads: a step starts as soon as all it waits for has ended well, the one
//! with the longest way still to go first.
//! Promise: every step with a result ends exactly once, as done, skipped or cancelled.

use crate::base::event::Status;
use crate::plan::Plan;
use crate::plan::StepId;
use crate::plan::Work;
use std::collections::BinaryHeap;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a worker is told to do with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    /// A step that this one waits for failed.
    Skip {
        cause: StepId,
    },
}

/// Whether the call goes on after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    KeepGoing,
    Stop,
}

/// Why waiting for a schedule ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Over,
    Cancelled,
}

/// A signal handler may not lock, so a stop is looked for this often.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The state that workers share.
pub(super) struct Schedule<'a> {
    plan: &'a Plan,
    on_failure: OnFailure,
    cancelled: &'a AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// How many steps each step still waits for.
    waiting: Vec<usize>,
    /// The failed step that each step is skipped for.
    blocked: Vec<Option<StepId>>,
    ready: BinaryHeap<Ready>,
    open: usize,
    stopped: bool,
    is_over: bool,
}

/// Ordered by the length of the way that is left, then by position.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ready {
    remaining: usize,
    earlier: std::cmp::Reverse<StepId>,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(plan: &'a Plan, on_failure: OnFailure, cancelled: &'a AtomicBool) -> Self {
        let waiting: Vec<usize> = plan.steps.iter().map(|step| step.waits_for.len()).collect();
        let mut state = State {
            blocked: vec![None; waiting.len()],
            ready: BinaryHeap::new(),
            open: waiting.len(),
            stopped: false,
            is_over: false,
            waiting,
        };
        for id in 0..plan.steps.len() {
            if state.waiting[id] == 0 {
                state.push(plan, id);
            }
        }
        Schedule {
            plan,
            on_failure,
            cancelled,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// The loop of one worker: takes steps until none is left, or the call is stopped.
    /// `act` carries out an order and says how it ended.
    pub(super) fn work(&self, mut act: impl FnMut(StepId, Order) -> Status) {
        while let Some((id, order)) = self.next() {
            let is_passage = self.plan.steps[id].work == Work::Passage;
            let status = match order {
                Order::Skip { .. } if is_passage => Status::Skipped,
                Order::Run if is_passage => Status::Success,
                order => act(id, order),
            };
            self.finish(id, order, status);
        }
    }

    /// Whether the call was stopped before all steps had their turn.
    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped || self.cancelled.load(Ordering::Relaxed)
    }

    /// All workers have gone home.
    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    /// Blocks until the work is over or the call is stopped; then idle workers are woken.
    pub(super) fn wait_for_end(&self) -> Ending {
        let mut state = self.lock();
        while !state.is_over {
            if self.cancelled.load(Ordering::Relaxed) {
                drop(state);
                self.changed.notify_all();
                return Ending::Cancelled;
            }
            let waited = self.changed.wait_timeout(state, LOOK_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ending::Over
    }

    fn next(&self) -> Option<(StepId, Order)> {
        let mut state = self.lock();
        loop {
            if state.open == 0 || state.stopped || self.cancelled.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(Ready {
                earlier: std::cmp::Reverse(id),
                ..
            }) = state.ready.pop()
            {
                let order = match state.blocked[id] {
                    Some(cause) => Order::Skip { cause },
                    None => Order::Run,
                };
                return Some((id, order));
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, id: StepId, order: Order, status: Status) {
        let mut state = self.lock();
        state.open -= 1;
        let cause = match order {
            Order::Skip { cause } => Some(cause),
            Order::Run if status.is_failure() => Some(id),
            Order::Run => None,
        };
        if status.is_failure() && self.on_failure == OnFailure::Stop {
            state.stopped = true;
        }
        for next in &self.plan.steps[id].unlocks {
            if let Some(cause) = cause {
                state.blocked[*next].get_or_insert(cause);
            }
            state.waiting[*next] -= 1;
            if state.waiting[*next] == 0 {
                state.push(self.plan, *next);
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push(&mut self, plan: &Plan, id: StepId) {
        let remaining = plan.steps[id].remaining;
        self.ready.push(Ready {
            remaining,
            earlier: std::cmp::Reverse(id),
        });
    }
}
