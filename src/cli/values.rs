//! From text to the value of a flag, the same for arguments and variables.

use crate::base::Bag;
use crate::config::flags::Sample;
use crate::config::flags::WarnErrorOptions;
use crate::config::flags::table::Kind;
use crate::config::yaml;
use jiff::civil;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Reads a value, or says what is wrong with it.
pub(super) fn read(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Switch(_) => switch(text),
        Kind::Integer(_) => match text.parse::<i64>() {
            Ok(number) => Ok(json!(number)),
            Err(_) => Err(format!("'{text}' is not a whole number")),
        },
        Kind::Text | Kind::Path => Ok(json!(text)),
        Kind::Moment => moment(text),
        Kind::Sample => Sample::read(text).map(|_| json!(text)),
        Kind::Choice(words, _) => one_of(words, text),
        // An empty word stays: `--select ''` asks for nothing, not for everything.
        Kind::Words => Ok(text.split(' ').collect()),
        Kind::WordsOf(words) => text
            .split_whitespace()
            .map(|word| one_of(words, word))
            .collect(),
        Kind::Mapping => read_mapping(text).map(Value::Object),
        Kind::WarnErrorOptions => {
            let options = read_mapping(text)?;
            match WarnErrorOptions::mistake(&options) {
                Some(mistake) => Err(mistake),
                None => Ok(Value::Object(options)),
            }
        }
    }
}

/// A day or a moment without a zone, as records hold it.
fn moment(text: &str) -> Result<Value, String> {
    let read = |form: &str| civil::DateTime::strptime(form, text);
    let day = civil::Date::strptime("%Y-%m-%d", text).map(|day| day.at(0, 0, 0, 0));
    day.or_else(|_| read("%Y-%m-%dT%H:%M:%S"))
        .or_else(|_| read("%Y-%m-%d %H:%M:%S"))
        .map(|at| json!(at.strftime("%Y-%m-%dT%H:%M:%S").to_string()))
        .map_err(|_| {
            format!(
                "'{text}' does not match the formats '%Y-%m-%d', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M:%S'."
            )
        })
}

fn switch(text: &str) -> Result<Value, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Ok(json!(true)),
        "0" | "false" | "f" | "no" | "n" | "off" => Ok(json!(false)),
        _ => Err(format!("'{text}' is neither true nor false")),
    }
}

fn one_of(words: &[&str], word: &str) -> Result<Value, String> {
    match words.contains(&word) {
        true => Ok(json!(word)),
        false => Err(format!("'{word}' is not one of {}", words.join(", "))),
    }
}

/// A YAML mapping; an empty text is an empty one.
pub(super) fn read_mapping(text: &str) -> Result<Map<String, Value>, String> {
    let yaml = yaml::parse_text("argument", text, &Bag::new())
        .ok_or_else(|| format!("'{text}' is not valid YAML"))?;
    if yaml.is_null() || matches!(yaml.data, yaml::Data::Map(_)) {
        return Ok(yaml.to_json_map());
    }
    let example = "{name: value}";
    Err(format!(
        "'{text}' is not a YAML mapping such as '{example}'"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_values_of_their_kind() {
        let rows = [
            (Kind::Switch(None), "Yes", Ok(json!(true))),
            (
                Kind::Switch(None),
                "banana",
                Err("'banana' is neither true nor false"),
            ),
            (Kind::Integer(None), "-1", Ok(json!(-1))),
            (Kind::Integer(None), "x", Err("'x' is not a whole number")),
            (Kind::Words, "a b+ tag:c", Ok(json!(["a", "b+", "tag:c"]))),
            (Kind::Words, "", Ok(json!([""]))),
            (
                Kind::WordsOf(&["model", "seed"]),
                "seed model",
                Ok(json!(["seed", "model"])),
            ),
            (
                Kind::WordsOf(&["model"]),
                "table",
                Err("'table' is not one of model"),
            ),
            (
                Kind::Mapping,
                "{a: 1, b: [x]}",
                Ok(json!({"a": 1, "b": ["x"]})),
            ),
            (Kind::Mapping, "a: 1", Ok(json!({"a": 1}))),
            (Kind::Mapping, "", Ok(json!({}))),
            (Kind::Mapping, "[a", Err("'[a' is not valid YAML")),
            (Kind::Mapping, "{a: yes}", Ok(json!({"a": true}))),
            (
                Kind::Mapping,
                "a",
                Err("'a' is not a YAML mapping such as '{name: value}'"),
            ),
            (
                Kind::WarnErrorOptions,
                "error: [Foo]",
                Err("`Foo` is not a valid dbt error name"),
            ),
        ];
        for (kind, text, expected) in rows {
            assert_eq!(read(kind, text), expected.map_err(str::to_string), "{text}");
        }
    }
}
