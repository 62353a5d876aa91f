//! What every command works with: options, the outside world, listeners, and how mistakes are told.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::config::Flags;
use crate::node::UniqueId;
use crate::run::BatchResults;
use crate::run::Outcome;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(super) struct Desk {
    pub flags: Arc<Flags>,
    pub context: Arc<Context>,
    pub observer: Arc<dyn Observer>,
    /// Set when a person stops the call.
    pub cancelled: Arc<AtomicBool>,
    /// What is left of an earlier call; `None` for a call of its own.
    pub again: Option<Again>,
}

/// The nodes that an earlier call left undone: they are worked on, whatever the flags select.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// Ids of the nodes.
    pub ids: BTreeSet<String>,
    /// What became of the batches of those that were built in part.
    pub batches: FxHashMap<UniqueId, BatchResults>,
}

/// A command could not do its work; why was told already.
#[derive(Debug)]
pub(super) struct Told;

impl Desk {
    /// Tells everything in a bag; an error among it ends the command.
    pub(super) fn tell(&self, bag: &Bag) -> Result<(), Told> {
        self.check(bag.take())
    }

    /// Tells diagnostics; an error among them ends the command.
    pub(super) fn check(&self, found: Vec<Diagnostic>) -> Result<(), Told> {
        let warn_error = &self.flags.warn_error;
        let judged = found.iter().filter_map(|one| warn_error.judge(one.clone()));
        let has_errors = judged.into_iter().any(|one| one.is_error());
        for diagnostic in found {
            self.observer.on(&Event::Found(diagnostic));
        }
        if has_errors { Err(Told) } else { Ok(()) }
    }

    /// Tells why nodes failed, where nothing else tells of nodes; a failure ends the command.
    pub(super) fn check_nodes(&self, outcome: &Outcome) -> Result<(), Told> {
        let ends = outcome.results.iter().map(|result| &result.end);
        let found = ends.filter_map(|end| end.found.as_deref().cloned());
        self.check(found.collect())?;
        if outcome.stopped_early {
            Err(Told)
        } else {
            Ok(())
        }
    }

    /// Tells one mistake that ends the command.
    pub(super) fn stop(&self, diagnostic: Diagnostic) -> Told {
        self.observer.on(&Event::Found(diagnostic));
        Told
    }

    /// Ends the command with a failure of the outside world: disk, network, warehouse.
    pub(super) fn fail(&self, code: &'static str, error: impl std::fmt::Display) -> Told {
        self.stop(Diagnostic::error(code, error.to_string()))
    }
}
