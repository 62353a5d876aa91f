//! Hands steps to worker threads: a step starts as soon as all it waits for has ended well, the one
//! with the longest way still to go first.
//! Promise: every step with a result ends exactly once, as done, skipped or cancelled.

use crate::base::event::Status;
use crate::compile::SessionHandle;
use crate::plan::Plan;
use crate::plan::StepId;
use crate::plan::Work;
use std::collections::BinaryHeap;
use std::sync::Arc;
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

/// A worker: its line to the warehouse, and its name in records.
pub(super) struct Hand {
    pub session: SessionHandle,
    pub thread: String,
}

/// Work in parts that may be done side by side, by whoever is idle.
pub(super) trait Parts: Send + Sync {
    fn count(&self) -> usize;

    /// Does one part; numbers count from 0. Does not panic.
    fn part(&self, number: usize, hand: &Hand);
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
    state: Mutex<State<'a>>,
    /// There is something to take, or nothing will come any more.
    work: Condvar,
    /// A part of somebody's work has ended.
    part_done: Condvar,
    over: Condvar,
}

struct State<'a> {
    /// How many steps each step still waits for.
    waiting: Vec<usize>,
    /// The failed step that each step is skipped for.
    blocked: Vec<Option<StepId>>,
    ready: BinaryHeap<Ready>,
    /// Work of busy workers that idle ones may help with.
    shared: Vec<Share<'a>>,
    open: usize,
    /// Workers that wait for something to take.
    idle: usize,
    stopped: bool,
    is_over: bool,
}

struct Share<'a> {
    /// The step it belongs to.
    owner: StepId,
    parts: Arc<dyn Parts + 'a>,
    taken: usize,
    done: usize,
}

/// What an idle worker found to do.
enum Turn<'a> {
    Step(StepId, Order),
    Help(StepId, Arc<dyn Parts + 'a>, usize),
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
            shared: Vec::new(),
            open: waiting.len(),
            idle: 0,
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
            work: Condvar::new(),
            part_done: Condvar::new(),
            over: Condvar::new(),
        }
    }

    /// The loop of one worker: takes steps until none is left, or the call is stopped, and helps
    /// others in between. `act` carries out an order and says how it ended.
    pub(super) fn work(&self, hand: &Hand, mut act: impl FnMut(StepId, Order) -> Status) {
        while let Some(turn) = self.next() {
            match turn {
                Turn::Help(owner, parts, number) => self.help(owner, &*parts, number, hand),
                Turn::Step(id, order) => {
                    let is_passage = self.plan.steps[id].work == Work::Passage;
                    let status = match order {
                        Order::Skip { .. } if is_passage => Status::Skipped,
                        Order::Run if is_passage => Status::Success,
                        order => act(id, order),
                    };
                    self.finish(id, order, status);
                }
            }
        }
    }

    /// Does the parts of a step's work, together with the workers that are idle. Returns when all
    /// have ended; after a stop from outside, when those that were begun have.
    pub(super) fn share(&self, owner: StepId, parts: &Arc<dyn Parts + 'a>, hand: &Hand) {
        self.lock().shared.push(Share {
            owner,
            parts: parts.clone(),
            taken: 0,
            done: 0,
        });
        self.work.notify_all();
        while let Some(number) = self.take_part(owner) {
            self.help(owner, &**parts, number, hand);
        }
        let mut state = self.lock();
        while state
            .share_of(owner)
            .is_some_and(|share| share.done < share.taken)
        {
            state = self
                .part_done
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.shared.retain(|share| share.owner != owner);
    }

    /// Whether the call was stopped before all steps had their turn.
    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped || self.cancelled.load(Ordering::Relaxed)
    }

    /// All workers have gone home.
    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.over.notify_all();
    }

    /// Blocks until the work is over or the call is stopped; then idle workers are woken.
    pub(super) fn wait_for_end(&self) -> Ending {
        let mut state = self.lock();
        while !state.is_over {
            if self.cancelled.load(Ordering::Relaxed) {
                drop(state);
                self.work.notify_all();
                self.part_done.notify_all();
                return Ending::Cancelled;
            }
            let waited = self.over.wait_timeout(state, LOOK_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ending::Over
    }

    fn help(&self, owner: StepId, parts: &dyn Parts, number: usize, hand: &Hand) {
        parts.part(number, hand);
        if let Some(share) = self.lock().share_of(owner) {
            share.done += 1;
        }
        self.part_done.notify_all();
    }

    fn take_part(&self, owner: StepId) -> Option<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return None;
        }
        self.lock().share_of(owner)?.take()
    }

    /// Blocks until there is something to do; `None` once nothing will come any more. Who takes
    /// something while there is more wakes one other worker: no more of them wake than find work.
    fn next(&self) -> Option<Turn<'a>> {
        let mut state = self.lock();
        loop {
            if state.open == 0 || state.stopped || self.cancelled.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(turn) = state.take() {
                if state.idle > 0 && !state.ready.is_empty() {
                    self.work.notify_one();
                }
                return Some(turn);
            }
            state.idle += 1;
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
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
        if state.open == 0 || state.stopped {
            drop(state);
            self.work.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share<'_> {
    /// The number of a part that nobody does yet.
    fn take(&mut self) -> Option<usize> {
        let number = self.taken;
        (number < self.parts.count()).then(|| {
            self.taken += 1;
            number
        })
    }
}

impl<'a> State<'a> {
    fn share_of(&mut self, owner: StepId) -> Option<&mut Share<'a>> {
        self.shared.iter_mut().find(|share| share.owner == owner)
    }

    fn take(&mut self) -> Option<Turn<'a>> {
        if let Some((owner, parts, number)) = self.part_of_another() {
            return Some(Turn::Help(owner, parts, number));
        }
        let Ready { earlier, .. } = self.ready.pop()?;
        let std::cmp::Reverse(id) = earlier;
        let order = match self.blocked[id] {
            Some(cause) => Order::Skip { cause },
            None => Order::Run,
        };
        Some(Turn::Step(id, order))
    }

    fn part_of_another(&mut self) -> Option<(StepId, Arc<dyn Parts + 'a>, usize)> {
        let found = |share: &mut Share<'a>| Some((share.owner, share.parts.clone(), share.take()?));
        self.shared.iter_mut().find_map(found)
    }

    fn push(&mut self, plan: &Plan, id: StepId) {
        let remaining = plan.steps[id].remaining;
        self.ready.push(Ready {
            remaining,
            earlier: std::cmp::Reverse(id),
        });
    }
}
