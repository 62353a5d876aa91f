//! What values the known settings of nodes may have.
//! Not here: what a value means to who reads it (`node_config`).

use serde_json::Value;

/// The values that a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Flag,
    MaybeFlag,
    Text,
    MaybeText,
    MaybeTexts,
    MaybeInteger,
    /// A list of texts; one alone has become such a list.
    Texts,
    Map,
    /// A map in which this key is a flag.
    MapWithFlag(&'static str),
    /// Hooks, each a record with its SQL.
    Hooks,
    /// What a change of a relation's settings leads to.
    Change,
    Severity,
}

/// The shape of a known setting; `None` where anything goes, or other code looks closer.
pub fn of(key: &str) -> Option<Shape> {
    Some(match key {
        "enabled" => Shape::Flag,
        "full_refresh" | "store_failures" | "quote_columns" => Shape::MaybeFlag,
        "materialized" | "fail_calc" | "warn_if" | "error_if" | "delimiter" => Shape::Text,
        "alias" | "schema" | "database" | "group" | "where" => Shape::MaybeText,
        "unique_key" => Shape::MaybeTexts,
        "limit" => Shape::MaybeInteger,
        "on_schema_change" | "incremental_strategy" => Shape::MaybeText,
        "tags" | "packages" => Shape::Texts,
        "meta" | "persist_docs" | "column_types" | "grants" | "quoting" => Shape::Map,
        "docs" => Shape::MapWithFlag("show"),
        "contract" => Shape::MapWithFlag("enforced"),
        "pre-hook" | "post-hook" => Shape::Hooks,
        "on_configuration_change" => Shape::Change,
        "severity" => Shape::Severity,
        _ => return None,
    })
}

/// The shape of a setting that only snapshots know.
pub fn of_snapshot(key: &str) -> Option<Shape> {
    Some(match key {
        "strategy"
        | "updated_at"
        | "target_schema"
        | "target_database"
        | "dbt_valid_to_current" => Shape::MaybeText,
        "check_cols" => Shape::MaybeTexts,
        "snapshot_meta_column_names" => Shape::Map,
        _ => return None,
    })
}

impl Shape {
    pub fn admits(self, value: &Value) -> bool {
        let is_flag = || value.is_boolean() || value.as_str().is_some_and(is_flag_word);
        match self {
            Shape::Flag => is_flag(),
            Shape::MaybeFlag => value.is_null() || is_flag(),
            Shape::Text => value.is_string(),
            Shape::MaybeText => value.is_null() || value.is_string(),
            Shape::MaybeTexts => match value {
                Value::Array(items) => items.iter().all(Value::is_string),
                other => other.is_null() || other.is_string(),
            },
            Shape::MaybeInteger => value.is_null() || value.is_i64() || value.is_u64(),
            Shape::Texts => items(value).is_some_and(|items| items.iter().all(Value::is_string)),
            Shape::Map => value.is_object(),
            Shape::MapWithFlag(key) => {
                let is_shown = |flag: &Value| flag.is_boolean() || flag.is_null();
                value.is_object() && value.get(key).is_none_or(is_shown)
            }
            Shape::Hooks => {
                let is_hook = |hook: &Value| hook["sql"].is_string();
                items(value).is_some_and(|items| items.iter().all(is_hook))
            }
            Shape::Change => matches!(value.as_str(), Some("apply" | "continue" | "fail")),
            Shape::Severity => value.as_str().is_some_and(is_severity),
        }
    }

    /// dbt's word for the type, where it has one.
    pub fn type_name(self) -> Option<&'static str> {
        match self {
            Shape::Flag => Some("boolean"),
            Shape::Text => Some("string"),
            Shape::Map | Shape::MapWithFlag(_) => Some("object"),
            _ => None,
        }
    }

    /// What to write instead of something else.
    pub fn advice(self) -> &'static str {
        match self {
            Shape::Flag | Shape::MaybeFlag => "write `true` or `false`",
            Shape::Text | Shape::MaybeText => "write a text",
            Shape::MaybeTexts => "write a text, or a list of texts",
            Shape::MaybeInteger => "write a whole number",
            Shape::Texts => "write a list of texts, those that look like numbers in quotes",
            Shape::Map => "write a mapping of names to values",
            Shape::MapWithFlag("show") => "write `docs: {show: true}` or `docs: {show: false}`",
            Shape::MapWithFlag(_) => "write `contract: {enforced: true}`",
            Shape::Hooks => "write SQL as a text, or a list of such",
            Shape::Change => "write `apply`, `continue` or `fail`",
            Shape::Severity => "write `warn` or `error`",
        }
    }
}

fn items(value: &Value) -> Option<&[Value]> {
    value.as_array().map(Vec::as_slice)
}

/// Texts that mean a flag; templates without native types make such.
fn is_flag_word(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off"];
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_severity(text: &str) -> bool {
    text.eq_ignore_ascii_case("warn") || text.eq_ignore_ascii_case("error")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_setting_admits_its_values() {
        let rows = [
            ("enabled", json!(true), true),
            ("enabled", json!("False"), true),
            ("enabled", json!(["yes"]), false),
            ("enabled", json!(null), false),
            ("full_refresh", json!(null), true),
            ("unique_key", json!(["a", "b"]), true),
            ("unique_key", json!([1]), false),
            ("limit", json!(5), true),
            ("limit", json!("5"), false),
            ("severity", json!("WARN"), true),
            ("severity", json!("fatal"), false),
            ("meta", json!([]), false),
            ("tags", json!(["a", 2020]), false),
            ("docs", json!({"show": "maybe"}), false),
            ("contract", json!(true), false),
            ("contract", json!({"enforced": true}), true),
            ("pre-hook", json!([{"sql": "select 1"}]), true),
            ("pre-hook", json!([{"sql": 5}]), false),
            ("on_configuration_change", json!("nope"), false),
        ];
        for (key, value, expected) in rows {
            let admitted = of(key).is_none_or(|shape| shape.admits(&value));
            assert_eq!(admitted, expected, "{key}: {value}");
        }
    }
}
