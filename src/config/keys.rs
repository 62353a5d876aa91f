//! The known settings of nodes as a table: names, defaults, order and how layers merge.
//! The defaults and their order are those that dbt 1.11 writes into a manifest.

use crate::config::node_config::Family;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::LazyLock;

/// How a later layer meets an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    Replace,
    /// Lists grow; a single value counts as a list of one.
    Append,
    /// Maps take over the new keys.
    Update,
    Grants,
}

/// Both spellings of a hook are one key.
pub fn canonical(key: &str) -> &str {
    match key {
        "pre_hook" => "pre-hook",
        "post_hook" => "post-hook",
        "data_tests" => "tests",
        other => other,
    }
}

pub fn merge_rule(key: &str) -> Merge {
    match key {
        "tags" | "pre-hook" | "post-hook" | "packages" => Merge::Append,
        "meta" | "quoting" | "column_types" | "docs" | "contract" => Merge::Update,
        "grants" => Merge::Grants,
        _ => Merge::Replace,
    }
}

/// Gives a value the shape that its key has everywhere: lists for lists, hooks as records, a day
/// as a moment.
pub fn shaped(key: &str, value: Value) -> Value {
    match key {
        "pre-hook" | "post-hook" => match as_list(value) {
            Value::Array(hooks) => hooks.into_iter().map(hook).collect(),
            other => other,
        },
        "begin" => moment(value),
        _ if merge_rule(key) == Merge::Append => as_list(value),
        _ => value,
    }
}

/// A day is its first moment; what is no moment stays, and is told where it is needed.
fn moment(value: Value) -> Value {
    let parsed = value.as_str().map(str::parse::<jiff::civil::DateTime>);
    match parsed {
        Some(Ok(moment)) => Value::String(moment.to_string()),
        _ => value,
    }
}

/// A hook as a record. A text may itself hold that record as JSON (`before_begin()` makes such).
pub fn hook(value: Value) -> Value {
    let record = match value {
        Value::String(text) => match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(map)) if map.contains_key("sql") => Value::Object(map),
            _ => json!({ "sql": text }),
        },
        Value::Object(map) => Value::Object(map),
        other => json!({ "sql": other }),
    };
    let field = |name: &str, absent: Value| record.get(name).cloned().unwrap_or(absent);
    json!({
        "sql": field("sql", Value::Null),
        "transaction": field("transaction", Value::Bool(true)),
        "index": field("index", Value::Null),
    })
}

/// A list stays, null is an empty list, anything else becomes a list of one.
pub fn as_list(value: Value) -> Value {
    match value {
        Value::Array(_) => value,
        Value::Null => Value::Array(Vec::new()),
        one => Value::Array(vec![one]),
    }
}

/// Whether a key of a project file without `+` is a setting although its value is a map.
pub fn is_known_map(key: &str) -> bool {
    matches!(merge_rule(canonical(key)), Merge::Update | Merge::Grants)
        || matches!(key, "freshness" | "contract" | "persist_docs")
}

/// Whether dbt knows this setting for any family of nodes.
pub fn is_known(family: Family, key: &str) -> bool {
    defaults(family).contains_key(canonical(key))
        || matches!(
            canonical(key),
            "sql_header" | "location" | "predicates" | "incremental_predicates"
        )
}

/// Known keys and defaults of a family, one record for all its nodes.
pub fn defaults(family: Family) -> &'static Arc<Map<String, Value>> {
    static ALL: LazyLock<Vec<Arc<Map<String, Value>>>> = LazyLock::new(|| {
        let families = Family::ALL.into_iter();
        families.map(|family| Arc::new(table(family))).collect()
    });
    &ALL[family as usize]
}

fn table(family: Family) -> Map<String, Value> {
    let table = match family {
        Family::Model => [common(json!("view")), node_keys(), model_keys()].concat(),
        Family::Seed => [common(json!("seed")), node_keys(), seed_keys()].concat(),
        Family::Snapshot => [common(json!("snapshot")), node_keys(), snapshot_keys()].concat(),
        Family::Other => [common(json!("view")), node_keys()].concat(),
        Family::Test => [common(json!("test")), test_keys()].concat(),
        Family::Function => [common(json!("function")), node_keys(), function_keys()].concat(),
        Family::Source => source_keys(),
        Family::UnitTest => vec![
            ("tags", json!([])),
            ("meta", json!({})),
            ("enabled", json!(true)),
            ("static_analysis", Value::Null),
        ],
        Family::Exposure => vec![
            ("enabled", json!(true)),
            ("tags", json!([])),
            ("meta", json!({})),
        ],
        Family::Metric | Family::SemanticModel => vec![
            ("enabled", json!(true)),
            ("group", Value::Null),
            ("meta", json!({})),
        ],
        Family::Group => vec![("meta", json!({}))],
        Family::SavedQuery => vec![
            ("enabled", json!(true)),
            ("group", Value::Null),
            ("meta", json!({})),
            ("export_as", Value::Null),
            ("schema", Value::Null),
            ("cache", json!({"enabled": false})),
        ],
    };
    let mut values: Map<String, Value> =
        table.into_iter().map(|(k, v)| (k.to_string(), v)).collect();
    if family == Family::Test {
        values.insert("schema".to_string(), json!("dbt_test__audit"));
    }
    values
}

type Table = Vec<(&'static str, Value)>;

fn common(materialized: Value) -> Table {
    vec![
        ("enabled", json!(true)),
        ("alias", Value::Null),
        ("schema", Value::Null),
        ("database", Value::Null),
        ("tags", json!([])),
        ("meta", json!({})),
        ("group", Value::Null),
        ("static_analysis", Value::Null),
        ("materialized", materialized),
    ]
}

fn node_keys() -> Table {
    vec![
        ("incremental_strategy", Value::Null),
        ("batch_size", Value::Null),
        ("lookback", json!(1)),
        ("begin", Value::Null),
        ("persist_docs", json!({})),
        ("post-hook", json!([])),
        ("pre-hook", json!([])),
        ("quoting", json!({})),
        ("column_types", json!({})),
        ("full_refresh", Value::Null),
        ("unique_key", Value::Null),
        ("on_schema_change", json!("ignore")),
        ("on_configuration_change", json!("apply")),
        ("grants", json!({})),
        ("packages", json!([])),
        ("docs", json!({"show": true, "node_color": null})),
        ("contract", json!({"enforced": false, "alias_types": true})),
        ("event_time", Value::Null),
        ("concurrent_batches", Value::Null),
    ]
}

fn model_keys() -> Table {
    vec![("access", json!("protected")), ("freshness", Value::Null)]
}

fn seed_keys() -> Table {
    vec![("delimiter", json!(",")), ("quote_columns", Value::Null)]
}

fn snapshot_keys() -> Table {
    vec![
        ("strategy", Value::Null),
        ("target_schema", Value::Null),
        ("target_database", Value::Null),
        ("updated_at", Value::Null),
        ("check_cols", Value::Null),
        (
            "snapshot_meta_column_names",
            json!({
                "dbt_valid_to": null, "dbt_valid_from": null, "dbt_scd_id": null,
                "dbt_updated_at": null, "dbt_is_deleted": null
            }),
        ),
        ("dbt_valid_to_current", Value::Null),
    ]
}

fn test_keys() -> Table {
    vec![
        ("severity", json!("ERROR")),
        ("store_failures", Value::Null),
        ("store_failures_as", Value::Null),
        ("where", Value::Null),
        ("limit", Value::Null),
        ("fail_calc", json!("count(*)")),
        ("warn_if", json!("!= 0")),
        ("error_if", json!("!= 0")),
    ]
}

fn function_keys() -> Table {
    vec![
        ("type", json!("scalar")),
        ("volatility", Value::Null),
        ("runtime_version", Value::Null),
        ("entry_point", Value::Null),
    ]
}

fn source_keys() -> Table {
    let no_limit = json!({"count": null, "period": null});
    vec![
        ("enabled", json!(true)),
        ("event_time", Value::Null),
        (
            "freshness",
            json!({"warn_after": no_limit, "error_after": no_limit, "filter": null}),
        ),
        ("loaded_at_field", Value::Null),
        ("loaded_at_query", Value::Null),
        ("meta", json!({})),
        ("tags", json!([])),
        ("static_analysis", Value::Null),
    ]
}
