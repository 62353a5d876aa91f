//! How a call of the program ended.

use crate::support::filters;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

/// Exit code and output, with what changes from call to call replaced by words in brackets.
pub(crate) struct Ended {
    /// -1 where a signal ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub(crate) fn new(output: &Output, root: &Path) -> Self {
        let text = |bytes: &[u8]| filters::steady(&String::from_utf8_lossy(bytes), root);
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Everything in one text, for snapshots.
    pub(crate) fn all(&self) -> String {
        let mut text = format!("exit {}\n", self.code);
        for (name, output) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !output.is_empty() {
                text.push_str(&format!("-- {name}\n{output}"));
            }
        }
        text
    }

    /// The lines of stdout as JSON; a line that is none fails the test.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        self.stdout.lines().map(read).collect()
    }

    /// No trace of a mistake of ours.
    pub(crate) fn is_orderly(&self) -> bool {
        let text = format!("{}{}", self.stdout, self.stderr);
        let broken = [
            "panicked at",
            "RUST_BACKTRACE",
            "error[internal]",
            "stack overflow",
        ];
        (0..=2).contains(&self.code) && !broken.iter().any(|trace| text.contains(trace))
    }
}
