//! The program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    sqlmill::cli::main(arguments)
}
