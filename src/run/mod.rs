//! Carries out a plan: workers, order, materialization calls, hooks, cancellation.

pub mod result;
mod schedule;
mod verdict;

pub use result::NodeResult;
pub use result::Outcome;
pub use result::Timing;
