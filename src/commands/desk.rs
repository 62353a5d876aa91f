//! What every command works with: options, the outside world, listeners, and the mistakes so far.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::config::Flags;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub struct Desk {
    pub flags: Arc<Flags>,
    pub context: Arc<Context>,
    pub observer: Arc<dyn Observer>,
    /// Set when a person stops the call.
    pub cancelled: Arc<AtomicBool>,
}

/// Why a command could not do its work; everything was told already.
#[derive(Debug)]
pub struct Told;

impl Desk {
    /// Tells everything in a bag; an error among it ends the command.
    pub fn tell(&self, bag: &Bag) -> Result<(), Told> {
        let found = bag.take();
        let mut has_errors = false;
        for diagnostic in found {
            has_errors |= diagnostic.is_error() || self.flags.warn_error.is_error(&diagnostic);
            self.observer.on(&Event::Found(diagnostic));
        }
        if has_errors { Err(Told) } else { Ok(()) }
    }

    /// Tells one mistake that ends the command.
    pub fn stop(&self, diagnostic: Diagnostic) -> Told {
        self.observer.on(&Event::Found(diagnostic));
        Told
    }
}
