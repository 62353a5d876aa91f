//! Settings as written, held against the earlier ones.

use crate::config::keys;
use crate::state::pair::Pair;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;

/// Settings that place or label a node: a change of them builds nothing else.
const LEFT_ASIDE: [&str; 5] = ["alias", "schema", "database", "tags", "group"];

/// What a test's outcome hangs on; nothing else of a test counts.
const OF_TESTS: [&str; 8] = [
    "severity",
    "where",
    "limit",
    "fail_calc",
    "warn_if",
    "error_if",
    "store_failures",
    "store_failures_as",
];

/// Whether the settings of a node differ.
pub(super) fn differ(pair: &Pair<'_>) -> bool {
    let (now, then) = written(pair);
    let names: BTreeSet<&str> = now
        .keys()
        .chain(then.keys())
        .map(|key| key.as_str())
        .collect();
    names
        .into_iter()
        .filter(|name| !LEFT_ASIDE.contains(name))
        .any(|name| now.get(name) != then.get(name))
}

/// Whether any setting differs: of what only YAML declares, nothing is left aside.
pub(super) fn all_differ(pair: &Pair<'_>) -> bool {
    let (now, then) = written(pair);
    now != then
}

/// Whether what decides over the outcome of a test differs.
pub(super) fn of_test_differ(pair: &Pair<'_>) -> bool {
    let (now, then) = written(pair);
    OF_TESTS
        .iter()
        .any(|name| now.get(*name) != then.get(*name))
}

/// Whether the places that a node's relation is made of differ.
pub(super) fn places_differ(pair: &Pair<'_>) -> bool {
    let (now, then) = written(pair);
    let places = ["database", "schema", "alias"];
    places.iter().any(|name| {
        let set = |map: &Map<String, Value>| map.get(*name).filter(|v| !v.is_null()).cloned();
        set(&now) != set(&then)
    })
}

/// Settings before Jinja, both times under the same spellings of their names.
fn written(pair: &Pair<'_>) -> (Map<String, Value>, Map<String, Value>) {
    let of = |map: &Map<String, Value>| match map.get("unrendered_config") {
        Some(Value::Object(written)) => {
            let entries = written.iter();
            entries
                .map(|(key, value)| (keys::canonical(key).to_string(), value.clone()))
                .collect()
        }
        _ => Map::new(),
    };
    (of(pair.now), of(pair.then))
}
