//! Replaces what differs from call to call: times, durations, versions, ids, folders.

use fancy_regex::Regex;
use std::path::Path;
use std::sync::LazyLock;

/// Patterns and what stands for what they find. The order counts.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        // A time stamp, in logs and artifacts.
        (
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?",
            "[stamp]",
        ),
        // The time of day before each line.
        (r"(?m)^\d\d:\d\d:\d\d(\.\d+)?  ", ""),
        (r"\b\d\d:\d\d:\d\d(\.\d+)?\b", "[time]"),
        (
            r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "[id]",
        ),
        (
            r"dbt=\d+\.\d+\.\d+ \(sqlmill [\d.]+\)",
            "dbt=[version] (sqlmill [version])",
        ),
        (
            r"\d+ hours \d+ minutes and [\d.]+ seconds \([\d.]+s\)",
            "[took]",
        ),
        (r"\bin \d+\.\d\ds", "in [took]"),
        (r"after \d+\.\d\d seconds", "after [took]"),
        // How many come with sqlmill is nobody's promise.
        (r"\b\d+ macros\b", "[n] macros"),
        (r"sqlmill[_a-z]*\d{8,}[_a-z0-9]*", "[temporary]"),
    ]
    .map(|(pattern, word)| (Regex::new(pattern).expect("a pattern"), word))
    .into()
});

/// The text with everything unsteady replaced; `root` is the project's folder.
pub(crate) fn steady(text: &str, root: &Path) -> String {
    let mut text = text.replace(&root.display().to_string(), "[project]");
    if let Some(above) = root.parent() {
        text = text.replace(&above.display().to_string(), "[home]");
    }
    for (pattern, word) in PATTERNS.iter() {
        text = pattern.replace_all(&text, *word).into_owned();
    }
    text
}

/// Words as a shell splits them, and whether a word was quoted.
pub(crate) fn words(line: &str) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after, is_quoted) = match rest.strip_prefix('\'') {
            Some(quoted) => {
                let (word, after) = quoted.split_once('\'').expect("a closing quote");
                (word, after, true)
            }
            None => {
                let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
                (word, after, false)
            }
        };
        words.push((word.to_string(), is_quoted));
        rest = after.trim_start();
    }
    words
}
