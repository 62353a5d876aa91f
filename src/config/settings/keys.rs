//! The keys of a project file: which there are, which are rendered, and which have a newer name.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Yaml;

/// Old spellings: key, modern key, name of the event that tells.
pub(super) const RENAMED: [(&str, &str, &str); 2] = [
    ("source-paths", "model-paths", "ConfigSourcePathDeprecation"),
    ("data-paths", "seed-paths", "ConfigDataPathDeprecation"),
];

/// Keys that are better given as an option of the call: key, option, event.
const MOVED: [(&str, &str, &str); 2] = [
    (
        "target-path",
        "--target-path` or `DBT_TARGET_PATH",
        "ConfigTargetPathDeprecation",
    ),
    (
        "log-path",
        "--log-path` or `DBT_LOG_PATH",
        "ConfigLogPathDeprecation",
    ),
];

const KNOWN: [&str; 44] = [
    "name",
    "version",
    "config-version",
    "profile",
    "project-root",
    "model-paths",
    "source-paths",
    "seed-paths",
    "data-paths",
    "test-paths",
    "analysis-paths",
    "macro-paths",
    "snapshot-paths",
    "docs-paths",
    "asset-paths",
    "function-paths",
    "target-path",
    "log-path",
    "clean-targets",
    "packages-install-path",
    "packages",
    "require-dbt-version",
    "restrict-access",
    "quoting",
    "query-comment",
    "dispatch",
    "vars",
    "on-run-start",
    "on-run-end",
    "flags",
    "dbt-cloud",
    "models",
    "seeds",
    "snapshots",
    "analyses",
    "sources",
    "tests",
    "data_tests",
    "unit_tests",
    "exposures",
    "metrics",
    "semantic-models",
    "saved-queries",
    "functions",
];

const HOOKS: [&str; 4] = ["pre-hook", "pre_hook", "post-hook", "post_hook"];

/// Whether the text that `path` leads to is a template to render when the project is read.
/// Hooks and query comments are rendered when a node runs.
pub fn is_rendered(path: &[&Yaml]) -> bool {
    let mut path = path.iter().filter_map(|key| key.as_text());
    match path.next() {
        Some("on-run-start" | "on-run-end" | "query-comment" | "vars") => false,
        Some("models" | "seeds" | "snapshots") => {
            !path.any(|key| HOOKS.contains(&key.trim_start_matches('+')))
        }
        _ => true,
    }
}

/// Reports keys that no project file has, old spellings, and a wrong `config-version`.
pub(super) fn check(yaml: &Yaml, bag: &Bag) {
    for (key, _) in yaml.entries() {
        let name = key.key_text();
        if !KNOWN.contains(&&*name) {
            bag.add(unwanted(key));
        }
    }
    for (old, modern, event) in RENAMED {
        if let Some((key, _)) = yaml.entry(old) {
            bag.add(
                renamed(yaml, key, modern, event)
                    .field("deprecated_path", old)
                    .field("exp_path", modern),
            );
        }
    }
    for (name, option, event) in MOVED {
        if let Some((key, _)) = yaml.entry(name).filter(|(_, v)| !is_usual(name, v)) {
            bag.add(
                Diagnostic::warning(
                    "old-spelling",
                    format!("The `{name}` config in `dbt_project.yml` has been deprecated"),
                )
                .at(key.place())
                .hint(format!("use `{option}` instead"))
                .event(event)
                .field("deprecated_path", name),
            );
        }
    }
    check_config_version(yaml, bag);
    check_shapes(yaml, bag);
}

/// A key that no project file has, in the words by which callers know it.
fn unwanted(key: &Yaml) -> Diagnostic {
    let message = format!(
        "Additional properties are not allowed ('{}' was unexpected)",
        key.key_text()
    );
    let found = unknown(key, "a project file", &KNOWN);
    let note = found.message.clone();
    Diagnostic { message, ..found }.note(note)
}

/// What `version:` and `dbt-cloud:` hold, in the words by which callers know it.
fn check_shapes(yaml: &Yaml, bag: &Bag) {
    let is_version = |value: &Yaml| {
        let parts: Vec<&str> = value
            .as_text()
            .unwrap_or("0")
            .split(['.', '-', '+'])
            .collect();
        value.as_text().is_none() || parts.iter().take(3).all(|part| part.parse::<u32>().is_ok())
    };
    let rows = [
        (
            "version",
            is_version as fn(&Yaml) -> bool,
            "write a version such as `1.0.0`",
        ),
        ("dbt-cloud", Yaml::is_map, "write a mapping"),
    ];
    for (name, is_right, hint) in rows {
        let Some(value) = yaml.get(name).filter(|v| !v.is_null() && !is_right(v)) else {
            continue;
        };
        let message = format!(
            "at path ['{name}']: '{}' is not valid under any of the given schemas",
            value.printed()
        );
        let found = Diagnostic::error("wrong-type", message);
        bag.add(found.at(value.place()).hint(hint));
    }
}

/// A key that is not one of `known`; `of` says what has those keys.
pub(super) fn unknown(key: &Yaml, of: &str, known: &[&str]) -> Diagnostic {
    let name = key.key_text();
    let offer = nearest(&name, known.iter().copied());
    Diagnostic::error("unknown-key", format!("`{name}` is not a key of {of}"))
        .at(key.place())
        .maybe_hint(offer.map(|offer| format!("did you mean `{offer}`?")))
}

fn renamed(yaml: &Yaml, key: &Yaml, modern: &str, event: &'static str) -> Diagnostic {
    let old = key.key_text();
    match yaml.entry(modern) {
        Some((twin, _)) => Diagnostic::error(
            "old-spelling",
            format!("`{old}` and `{modern}` cannot both be given"),
        )
        .at(key.place())
        .related(twin.place(), "given here too")
        .hint(format!("keep `{modern}`; `{old}` is its old name")),
        None => Diagnostic::warning(
            "old-spelling",
            format!("The `{old}` config has been renamed to `{modern}`"),
        )
        .at(key.place())
        .hint(format!("write `{modern}`"))
        .event(event),
    }
}

/// `target-path: target` says what goes without saying.
fn is_usual(key: &str, value: &Yaml) -> bool {
    let usual = match key {
        "target-path" => "target",
        _ => "logs",
    };
    value.as_text() == Some(usual)
}

fn check_config_version(yaml: &Yaml, bag: &Bag) {
    let Some(version) = yaml.get("config-version") else {
        return;
    };
    if !version.is_null() && version.printed() != "2" {
        let found = format!("`config-version` has to be 2, found {}", version.printed());
        bag.add(
            Diagnostic::error("project-shape", found)
                .at(version.place())
                .hint("projects of that age have to be migrated first; see dbt's migration guides"),
        );
    }
}
