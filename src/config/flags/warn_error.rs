//! What becomes of a warning: shown, turned into an error, or silenced.

use crate::base::Diagnostic;
use crate::base::Severity;
use crate::base::event_name;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The fate of one warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Warn,
    Error,
    Silence,
}

/// The choice made with `--warn-error` or `--warn-error-options`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarnErrorOptions {
    error: Names,
    /// Exceptions from `error` and `silence`.
    warn: Names,
    silence: Names,
}

/// Names of events, or all of them. `Deprecations` stands for every event that ends in `Deprecation`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Names {
    /// The word as written, `all` or `*`.
    All(String),
    Listed(Vec<String>),
}

impl Default for Names {
    fn default() -> Self {
        Names::Listed(Vec::new())
    }
}

impl WarnErrorOptions {
    /// What plain `--warn-error` means.
    pub fn all() -> Self {
        WarnErrorOptions {
            error: Names::All("all".to_string()),
            ..WarnErrorOptions::default()
        }
    }

    /// Takes what can be understood; [`WarnErrorOptions::mistake`] tells the rest.
    pub fn from_mapping(mapping: &Map<String, Value>) -> Self {
        let names = |new: &str, old: &str| {
            let value = mapping.get(new).or_else(|| mapping.get(old));
            value.map_or_else(Names::default, Names::read)
        };
        WarnErrorOptions {
            error: names("error", "include"),
            warn: names("warn", "exclude"),
            silence: names("silence", "silence"),
        }
    }

    /// What is wrong with the value of `--warn-error-options`; `None` when it is right.
    pub fn mistake(mapping: &Map<String, Value>) -> Option<String> {
        for key in ["error", "include", "warn", "exclude", "silence"] {
            let Some(value) = mapping.get(key).filter(|value| !value.is_null()) else {
                continue;
            };
            match Names::read(value) {
                Names::All(_) => {}
                Names::Listed(_) if !value.is_array() => {
                    return Some(format!("`{key}` must be `all`, `*` or a list of names"));
                }
                Names::Listed(names) => {
                    if let Some(unknown) = names.iter().find(|name| !is_name(name)) {
                        return Some(format!("`{unknown}` is not a valid dbt error name"));
                    }
                }
            }
        }
        for (modern, old) in [("error", "include"), ("warn", "exclude")] {
            if mapping.contains_key(modern) && mapping.contains_key(old) {
                return Some(format!(
                    "Only `{old}` or `{modern}` can be specified in `warn_error_options`, not both"
                ));
            }
        }
        let options = WarnErrorOptions::from_mapping(mapping);
        let broad = [&options.error, &options.silence]
            .iter()
            .any(|names| names.is_all() || names.holds(DEPRECATIONS));
        let exceptions = options.warn != Names::default();
        (exceptions && !broad).then(|| {
            "`warn` can only be specified if `error` is one of ('all', '*') or Deprecations is in `error` or `silence`"
                .to_string()
        })
    }

    /// What becomes of a warning with this event name. A name says more than `Deprecations`,
    /// that says more than `all`, and among equals silence is weaker than a warning or an error.
    pub fn verdict(&self, event: &str) -> Verdict {
        let deprecation = is_deprecation(event);
        let rules = [
            (&self.warn, Verdict::Warn),
            (&self.silence, Verdict::Silence),
            (&self.error, Verdict::Error),
        ];
        let named = rules.iter().find(|(names, _)| names.holds(event));
        let grouped = rules
            .iter()
            .find(|(names, _)| deprecation && names.holds(DEPRECATIONS));
        let all = rules.iter().find(|(names, _)| names.is_all());
        named
            .or(grouped)
            .or(all)
            .map_or(Verdict::Warn, |(_, verdict)| *verdict)
    }

    /// A warning as it is to be told: as it is, as an error, or not at all. Errors and
    /// remarks stay what they are.
    pub fn judge(&self, found: Diagnostic) -> Option<Diagnostic> {
        if found.severity != Severity::Warning {
            return Some(found);
        }
        match self.verdict(found.event.unwrap_or_default()) {
            Verdict::Warn => Some(found),
            Verdict::Silence => None,
            Verdict::Error => Some(Diagnostic {
                severity: Severity::Error,
                ..found
            }),
        }
    }

    pub fn as_json(&self) -> Value {
        json!({
            "error": self.error.as_json(),
            "warn": self.warn.as_json(),
            "silence": self.silence.as_json(),
        })
    }
}

/// Whether an event tells of an old spelling: what `Deprecations` stands for, and what is summed up.
pub fn is_deprecation(event: &str) -> bool {
    let code = event_name::code(event).unwrap_or_default();
    code.starts_with('D') && !NOT_SUMMED_UP.contains(&event)
}

/// Events numbered among the old spellings that are warnings of their own.
const NOT_SUMMED_UP: &[&str] = &[
    "DeprecationsSummary",
    "GetMetaKeyWarning",
    "SpacesInResourceNameDeprecation",
];

const DEPRECATIONS: &str = "Deprecations";

fn is_name(name: &str) -> bool {
    name == DEPRECATIONS || event_name::code(name).is_some()
}

impl Names {
    fn read(value: &Value) -> Self {
        match value {
            Value::String(word) if word == "all" || word == "*" => Names::All(word.clone()),
            Value::Array(names) => {
                let texts = names.iter().filter_map(Value::as_str);
                Names::Listed(texts.map(str::to_string).collect())
            }
            _ => Names::default(),
        }
    }

    fn is_all(&self) -> bool {
        matches!(self, Names::All(_))
    }

    fn holds(&self, name: &str) -> bool {
        match self {
            Names::All(_) => false,
            Names::Listed(names) => names.iter().any(|listed| listed == name),
        }
    }

    fn as_json(&self) -> Value {
        match self {
            Names::All(word) => json!(word),
            Names::Listed(names) => json!(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_rule_wins() {
        let rows = [
            (json!({}), "NoNodesForSelectionCriteria", Verdict::Warn),
            (
                json!({"error": "all"}),
                "NoNodesForSelectionCriteria",
                Verdict::Error,
            ),
            (json!({"include": "*"}), "UnusedTables", Verdict::Error),
            (
                json!({"error": "all", "warn": ["UnusedTables"]}),
                "UnusedTables",
                Verdict::Warn,
            ),
            (
                json!({"error": "all", "silence": ["Deprecations"]}),
                "ModelParamUsageDeprecation",
                Verdict::Silence,
            ),
            (
                json!({"error": ["Deprecations"], "warn": ["ModelParamUsageDeprecation"]}),
                "ModelParamUsageDeprecation",
                Verdict::Warn,
            ),
            (
                json!({"silence": ["Deprecations"], "error": ["ModelParamUsageDeprecation"]}),
                "ModelParamUsageDeprecation",
                Verdict::Error,
            ),
            (
                json!({"error": ["Deprecations"]}),
                "UnusedTables",
                Verdict::Warn,
            ),
        ];
        for (options, event, expected) in rows {
            let map = options.as_object().unwrap();
            assert_eq!(WarnErrorOptions::mistake(map), None, "{options}");
            let verdict = WarnErrorOptions::from_mapping(map).verdict(event);
            assert_eq!(verdict, expected, "{options} {event}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        let rows = [
            (
                json!({"error": "some"}),
                "`error` must be `all`, `*` or a list of names",
            ),
            (
                json!({"error": ["Foo"]}),
                "`Foo` is not a valid dbt error name",
            ),
            (
                json!({"error": "all", "include": "all"}),
                "Only `include` or `error` can be specified in `warn_error_options`, not both",
            ),
            (
                json!({"warn": ["UnusedTables"]}),
                "`warn` can only be specified if `error` is one of ('all', '*') or Deprecations is in `error` or `silence`",
            ),
        ];
        for (options, expected) in rows {
            let mistake = WarnErrorOptions::mistake(options.as_object().unwrap());
            assert_eq!(mistake.as_deref(), Some(expected));
        }
    }
}
