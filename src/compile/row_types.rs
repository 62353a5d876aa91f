//! Types of columns told by the rows of a unit test alone, for an input about which nothing else is
//! known: whole numbers, other numbers, yes or no, dates and times, and else texts.

use crate::node::unit_test::Format;
use indexmap::IndexMap;
use jiff::civil::Date;
use jiff::civil::DateTime;
use serde_json::Map;
use serde_json::Value;

/// Every column that a row names, with the type that holds all its values.
pub(super) fn of(rows: &[Map<String, Value>], format: Format) -> IndexMap<String, String> {
    let mut kinds: IndexMap<String, Option<Kind>> = IndexMap::new();
    for (name, value) in rows.iter().flatten() {
        let known = kinds.entry(name.clone()).or_default();
        *known = match (*known, kind(value, format)) {
            (Some(known), Some(kind)) => Some(known.joined(kind)),
            (known, kind) => known.or(kind),
        };
    }
    let words = kinds.into_iter().map(|(name, kind)| {
        let word = kind.map_or("varchar", Kind::as_str);
        (name, word.to_string())
    });
    words.collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Integer,
    Double,
    Date,
    Timestamp,
    Text,
}

impl Kind {
    fn joined(self, other: Kind) -> Kind {
        match (self, other) {
            (a, b) if a == b => a,
            (Kind::Integer | Kind::Double, Kind::Integer | Kind::Double) => Kind::Double,
            (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => Kind::Timestamp,
            _ => Kind::Text,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Integer => "bigint",
            Kind::Double => "double",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::Text => "varchar",
        }
    }
}

/// `None` for null, which every type holds.
fn kind(value: &Value, format: Format) -> Option<Kind> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some(Kind::Boolean),
        Value::Number(number) if number.is_f64() => Some(Kind::Double),
        Value::Number(_) => Some(Kind::Integer),
        Value::String(text) => Some(kind_of_text(text, format)),
        Value::Array(_) | Value::Object(_) => Some(Kind::Text),
    }
}

/// In CSV everything is a text, so numbers are looked for in it too.
fn kind_of_text(text: &str, format: Format) -> Kind {
    if text.len() == 10 && text.parse::<Date>().is_ok() {
        return Kind::Date;
    }
    if text.len() > 10 && text.parse::<DateTime>().is_ok() {
        return Kind::Timestamp;
    }
    if format != Format::Csv {
        return Kind::Text;
    }
    match text {
        "true" | "false" | "True" | "False" => Kind::Boolean,
        text if text.parse::<i64>().is_ok() => Kind::Integer,
        text if text.parse::<f64>().is_ok() => Kind::Double,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_values_of_a_column_tell_its_type() {
        let rows = [
            (json!([1, null, 2]), "bigint", "bigint"),
            (json!([1, 2.5]), "double", "double"),
            (json!(["1", "2"]), "varchar", "bigint"),
            (json!(["1", "x"]), "varchar", "varchar"),
            (json!([true]), "boolean", "boolean"),
            (json!(["2024-01-31"]), "date", "date"),
            (
                json!(["2024-01-31", "2024-01-31 10:00:00"]),
                "timestamp",
                "timestamp",
            ),
            (json!([null]), "varchar", "varchar"),
        ];
        for (values, in_yaml, in_csv) in rows {
            let rows: Vec<Map<String, Value>> = values
                .as_array()
                .unwrap()
                .iter()
                .map(|value| Map::from_iter([("c".to_string(), value.clone())]))
                .collect();
            for (format, expected) in [(Format::Dict, in_yaml), (Format::Csv, in_csv)] {
                assert_eq!(of(&rows, format)["c"], expected, "{values}");
            }
        }
    }
}
