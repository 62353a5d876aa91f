//! Old spellings: each kind is told in full once, then counted, and summed up at the end.

use crate::base::event::Level;
use crate::base::event_name;
use crate::report::count::counted;
use crate::report::line::Line;
use crate::report::line::yellow;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Deprecations {
    counts: BTreeMap<&'static str, usize>,
}

impl Deprecations {
    /// Counts one; tells whether it is the first of its kind.
    pub(super) fn is_first(&mut self, event: &'static str) -> bool {
        let count = self.counts.entry(event).or_default();
        *count += 1;
        *count == 1
    }

    /// The summary, once; `None` where there is nothing to sum up.
    pub(super) fn summary(&mut self, all_shown: bool) -> Option<Line<'static>> {
        let counts = std::mem::take(&mut self.counts);
        if counts.is_empty() {
            return None;
        }
        let lines: Vec<String> = counts
            .iter()
            .map(|(event, count)| format!("- {event}: {}", counted(*count, "occurrence")))
            .collect();
        let summaries: Vec<Value> = counts
            .iter()
            .map(|(event, count)| {
                json!({
                    "event_code": event_name::code(event).unwrap_or_default(),
                    "event_name": event,
                    "occurrences": count,
                })
            })
            .collect();
        let hint = match all_shown {
            true => "",
            false => {
                "\nTo see all deprecation instances instead of just the first occurrence of each, \
                 run command again with the `--show-all-deprecations` flag."
            }
        };
        Some(Line::new(
            "DeprecationsSummary",
            Level::Warn,
            format!(
                "[{}][DeprecationsSummary]: Deprecated functionality\n\
                 Summary of encountered deprecations:\n{}{hint}",
                yellow("WARNING"),
                lines.join("\n"),
            ),
            json!({"show_all_hint": !all_shown, "summaries": summaries}),
        ))
    }
}
