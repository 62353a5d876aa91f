//! `run-operation`: calls one macro.

use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::report::say;
use crate::run::operation;
use std::time::Instant;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let started = Instant::now();
    let opened = load::project(desk)?.open(desk, &[])?;
    let call = opened.call(desk);
    let name = desk.flags.macro_name.as_deref().unwrap_or_default();
    let done = operation::run(&call, name, &desk.flags.macro_args, &call.session("master"));
    if let Err(found) = &done {
        tell(desk, &say::operation_error(found));
    }
    let outcome = operation::outcome(&call, name, done.is_ok(), started.elapsed());
    opened.records.results(desk, &opened.world, &outcome)?;
    match done {
        Ok(()) => Ok(Ended::Well),
        Err(found) if found.code == operation::UNKNOWN_MACRO => Err(Told),
        Err(_) => Ok(Ended::WithFailures),
    }
}
