//! The program: everything is in the library.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A project is some millions of small texts; the system's allocator takes twice as long for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    sqlmill::cli::main(arguments)
}
