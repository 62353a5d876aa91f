//! What the counted failures of a data test mean, by its severity and thresholds.

use crate::base::event::Status;
use crate::config::NodeConfig;
use crate::config::TestSeverity;

/// The one row that a test's query gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub failures: i64,
    pub should_warn: bool,
    pub should_error: bool,
}

/// What `--warn-error` makes of tests that warn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Warnings {
    Stay,
    Fail,
}

/// Status and, unless it passed, the sentence that says why. With `Warnings::Fail` nothing merely warns.
pub(super) fn verdict(
    counted: Counted,
    config: &NodeConfig,
    warnings: Warnings,
) -> (Status, Option<String>) {
    let sentence = |outcome: &str, threshold: &str| {
        let limit = config.text(threshold).unwrap_or("!= 0");
        Some(format!(
            "Got {}, configured to {outcome} if {limit}",
            results(counted.failures)
        ))
    };
    if counted.should_error && config.severity() == TestSeverity::Error {
        (Status::Fail, sentence("fail", "error_if"))
    } else if counted.should_warn && warnings == Warnings::Fail {
        (Status::Fail, sentence("fail", "warn_if"))
    } else if counted.should_warn {
        (Status::Warn, sentence("warn", "warn_if"))
    } else {
        (Status::Pass, None)
    }
}

fn results(count: i64) -> String {
    if count == 1 {
        "1 result".to_string()
    } else {
        format!("{count} results")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Family;
    use serde_json::json;

    #[test]
    fn severity_and_thresholds_decide() {
        let rows = [
            ("error", (0, false, false), Status::Pass, None),
            (
                "error",
                (2, true, true),
                Status::Fail,
                Some("Got 2 results, configured to fail if !=0"),
            ),
            (
                "error",
                (1, true, false),
                Status::Warn,
                Some("Got 1 result, configured to warn if >0"),
            ),
            (
                "warn",
                (2, true, true),
                Status::Warn,
                Some("Got 2 results, configured to warn if >0"),
            ),
            ("WARN", (2, false, true), Status::Pass, None),
        ];
        for (severity, (failures, should_warn, should_error), status, message) in rows {
            let mut config = NodeConfig::new(Family::Test);
            config.apply(
                json!({"severity": severity, "warn_if": ">0", "error_if": "!=0"})
                    .as_object()
                    .unwrap(),
            );
            let counted = Counted {
                failures,
                should_warn,
                should_error,
            };
            assert_eq!(
                verdict(counted, &config, Warnings::Stay),
                (status, message.map(str::to_string)),
                "{severity}"
            );
            if status == Status::Warn {
                let message = message.map(|text| text.replace("warn if", "fail if"));
                assert_eq!(
                    verdict(counted, &config, Warnings::Fail),
                    (Status::Fail, message),
                    "{severity}"
                );
            }
        }
    }
}
