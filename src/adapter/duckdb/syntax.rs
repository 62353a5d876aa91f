//! What DuckDB's grammar has against a text, read from its `json_serialize_sql`.

use crate::adapter::SyntaxMistake;
use serde_json::Value;

/// `None` where the text is fine, or is a statement that the function does not take.
pub(super) fn mistake(answer: &Value) -> Option<SyntaxMistake> {
    let word = |key: &str| answer.get(key).and_then(Value::as_str);
    if word("error_type") != Some("parser") {
        return None;
    }
    Some(SyntaxMistake {
        message: word("error_message")?.to_string(),
        offset: word("position").and_then(|position| position.parse().ok()),
    })
}
