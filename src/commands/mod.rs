//! One file per command; connects rooms, holds no logic.

mod clean;
mod clone;
mod compile;
mod debug;
mod deps;
mod desk;
mod docs;
mod freshness;
mod init;
mod list;
mod load;
mod operation;
mod parse;
mod past;
mod reading;
mod records;
mod retry;
mod serve;
mod show;
mod templates;
mod work;

use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::config::Flags;
use crate::config::flags::Command;
use crate::report::Reporter;
use crate::report::say;
use crate::run::STACK_BYTES;
use desk::Desk;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// How a command ended that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Well,
    /// Something in the project failed.
    WithFailures,
}

/// Does what the flags ask for. `found` are diagnostics about the flags themselves.
/// Works on a thread of its own: templates call one another deeper than usual stacks allow.
pub fn run(flags: Flags, found: Vec<Diagnostic>, context: Arc<Context>) -> ExitCode {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES);
    // Only a second pool in one process is an error; the first serves as well.
    let _ = pool.build_global();
    let thread = std::thread::Builder::new()
        .name("main".to_string())
        .stack_size(STACK_BYTES);
    let work = thread.spawn(move || answer(flags, found, context));
    let ended = work.map(std::thread::JoinHandle::join);
    // The panic of that thread was printed where it happened.
    ended.map_or(ExitCode::from(2), |code| code.unwrap_or(ExitCode::from(2)))
}

fn answer(flags: Flags, found: Vec<Diagnostic>, context: Arc<Context>) -> ExitCode {
    let reporter = Arc::new(Reporter::new(&flags, context.clone()));
    let cancelled = Arc::new(AtomicBool::new(false));
    stop_on_signal(&cancelled);
    let desk = Desk {
        flags: Arc::new(flags),
        context,
        observer: reporter.clone(),
        cancelled,
        again: None,
    };
    reporter.on(&say::version());
    reporter.on(&say::arguments(&desk.flags));
    if desk.flags.upload_artifacts {
        reporter.on(&say::no_upload());
    }
    let outcome = match desk.check(found) {
        Ok(()) => dispatch(&desk),
        Err(told) => Err(told),
    };
    let outcome = outcome.map(|ended| {
        if reporter.has_failed() {
            Ended::WithFailures
        } else {
            ended
        }
    });
    reporter.finish(matches!(outcome, Ok(Ended::Well)));
    ExitCode::from(match outcome {
        Ok(Ended::Well) => 0,
        Ok(Ended::WithFailures) => 1,
        Err(desk::Told) => 2,
    })
}

fn dispatch(desk: &Desk) -> Result<Ended, desk::Told> {
    match desk.flags.command {
        Command::Run | Command::Test | Command::Build | Command::Seed | Command::Snapshot => {
            work::run(desk)
        }
        Command::Compile => compile::run(desk),
        Command::Parse => parse::run(desk),
        Command::List => list::run(desk),
        Command::Show => show::run(desk),
        Command::RunOperation => operation::run(desk),
        Command::Debug => debug::run(desk),
        Command::Clean => clean::run(desk),
        Command::Init => init::run(desk),
        Command::Deps => deps::run(desk),
        Command::DocsGenerate => docs::run(desk),
        Command::DocsServe => serve::run(desk),
        Command::Clone => clone::run(desk),
        Command::Retry => retry::run(desk),
        Command::Freshness => freshness::run(desk),
    }
}

/// The first Ctrl-C lets running statements be interrupted and the rest be reported; the second ends
/// the process at once.
fn stop_on_signal(cancelled: &Arc<AtomicBool>) {
    let cancelled = cancelled.clone();
    let handler = move || {
        if cancelled.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    };
    // Only a second handler in one process is an error; tests that call twice keep the first.
    let _ = ctrlc::set_handler(handler);
}

/// Says one thing.
fn tell(desk: &Desk, event: &Event) {
    desk.observer.on(event);
}
