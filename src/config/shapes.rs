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
    Map,
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
        "meta" | "persist_docs" | "column_types" => Shape::Map,
        "severity" => Shape::Severity,
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
            Shape::Map => value.is_object(),
            Shape::Severity => value.as_str().is_some_and(is_severity),
        }
    }

    /// dbt's word for the type, where it has one.
    pub fn type_name(self) -> Option<&'static str> {
        match self {
            Shape::Flag => Some("boolean"),
            Shape::Text => Some("string"),
            Shape::Map => Some("object"),
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
            Shape::Map => "write a mapping of names to values",
            Shape::Severity => "write `warn` or `error`",
        }
    }
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
        ];
        for (key, value, expected) in rows {
            let admitted = of(key).is_none_or(|shape| shape.admits(&value));
            assert_eq!(admitted, expected, "{key}: {value}");
        }
    }
}
