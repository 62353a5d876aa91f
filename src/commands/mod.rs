//! One file per command; connects rooms, holds no logic.

use crate::base::Context;
use crate::base::Diagnostic;
use crate::config::Flags;
use std::process::ExitCode;
use std::sync::Arc;

/// Does what the flags ask for. `found` are diagnostics about the flags themselves.
pub fn run(_flags: Flags, _found: Vec<Diagnostic>, _context: Arc<Context>) -> ExitCode {
    ExitCode::from(2)
}
