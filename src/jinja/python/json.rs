//! JSON as Python's `json.dumps` writes it: `", "` and `": "`, everything beyond ASCII escaped.

use crate::jinja::fail;
use crate::jinja::python::numbers;
use crate::jinja::python::repr;
use crate::jinja::python::set::Set;
use crate::jinja::python::sorting;
use crate::jinja::python::sorting::Direction;
use crate::jinja::python::type_name;
use crate::jinja::table;
use minijinja::Error;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::fmt::Write;

/// Values nested deeper than this hold themselves.
const MAX_DEPTH: usize = 200;

/// Python's words for a value that holds itself.
pub const CIRCULAR: &str = "Circular reference detected";

#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    pub sort_keys: bool,
    /// Blanks per level; `None` for everything on one line.
    pub indent: Option<usize>,
}

/// `json.dumps(value)`. Fails on what JSON cannot say, such as a date.
pub fn dumps(value: &Value, style: Style) -> Result<String, Error> {
    let mut writer = Writer {
        out: String::new(),
        style,
    };
    writer.value(value, 0)?;
    Ok(writer.out)
}

/// A string with its quotes.
pub fn quote(text: &str) -> String {
    let mut writer = Writer {
        out: String::new(),
        style: Style::default(),
    };
    writer.text(text);
    writer.out
}

struct Writer {
    out: String,
    style: Style,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            return Err(fail(CIRCULAR));
        }
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(bool_word(value)),
            ValueKind::Number => self.out.push_str(&number(value)),
            ValueKind::String => self.text(value.as_str().unwrap_or_default()),
            ValueKind::Seq if table::class_of(value).is_none() => self.sequence(value, depth)?,
            ValueKind::Iterable if value.len().is_some() && is_list(value) => {
                self.sequence(value, depth)?
            }
            ValueKind::Map => self.map(value, depth)?,
            _ => {
                let name = type_name(value);
                let name = name.rsplit('.').next().unwrap_or(name);
                return Err(fail(format!(
                    "Object of type {name} is not JSON serializable"
                )));
            }
        }
        Ok(())
    }

    fn sequence(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        let items: Vec<Value> = value.try_iter()?.collect();
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            self.separate(at, depth + 1);
            self.value(item, depth + 1)?;
        }
        self.close(items.is_empty(), depth, ']');
        Ok(())
    }

    fn map(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        let pairs = value.as_object().and_then(|map| map.try_iter_pairs());
        let mut pairs: Vec<(Value, Value)> = pairs.into_iter().flatten().collect();
        if self.style.sort_keys {
            pairs = sorted_by_key(pairs)?;
        }
        self.out.push('{');
        for (at, (key, item)) in pairs.iter().enumerate() {
            self.separate(at, depth + 1);
            self.key(key)?;
            self.out.push_str(": ");
            self.value(item, depth + 1)?;
        }
        self.close(pairs.is_empty(), depth, '}');
        Ok(())
    }

    fn key(&mut self, key: &Value) -> Result<(), Error> {
        match key.kind() {
            ValueKind::String => self.text(key.as_str().unwrap_or_default()),
            ValueKind::None => self.out.push_str("\"null\""),
            ValueKind::Bool => _ = write!(self.out, "\"{}\"", bool_word(key)),
            ValueKind::Number => _ = write!(self.out, "\"{}\"", number(key)),
            _ => {
                return Err(fail(format!(
                    "keys must be str, int, float, bool or None, not {}",
                    type_name(key)
                )));
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\x08' => self.out.push_str("\\b"),
                '\x0c' => self.out.push_str("\\f"),
                ' '..='\x7e' => self.out.push(c),
                c => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
            }
        }
        self.out.push('"');
    }

    fn separate(&mut self, at: usize, depth: usize) {
        match (at, self.style.indent) {
            (0, None) => {}
            (_, None) => self.out.push_str(", "),
            (at, Some(indent)) => {
                self.out.push_str(if at == 0 { "\n" } else { ",\n" });
                self.out.push_str(&" ".repeat(indent * depth));
            }
        }
    }

    fn close(&mut self, empty: bool, depth: usize, bracket: char) {
        if let (false, Some(indent)) = (empty, self.style.indent) {
            self.out.push('\n');
            self.out.push_str(&" ".repeat(indent * depth));
        }
        self.out.push(bracket);
    }
}

/// Pairs in the order of their keys, which must be of comparable types.
pub fn sorted_by_key(pairs: Vec<(Value, Value)>) -> Result<Vec<(Value, Value)>, Error> {
    let keyed = pairs.into_iter().map(Value::from).collect();
    let sorted = sorting::sort_by_key(keyed, Direction::Ascending, |pair| {
        pair.get_item_by_index(0)
    })?;
    sorted
        .iter()
        .map(|pair| Ok((pair.get_item_by_index(0)?, pair.get_item_by_index(1)?)))
        .collect()
}

fn is_list(value: &Value) -> bool {
    value.downcast_object_ref::<Set>().is_none() && table::class_of(value).is_none()
}

fn bool_word(value: &Value) -> &'static str {
    if value.is_true() { "true" } else { "false" }
}

fn number(value: &Value) -> String {
    if value.is_integer() {
        return repr::repr(value);
    }
    match f64::try_from(value.clone()).unwrap_or_default() {
        float if float.is_nan() => "NaN".to_string(),
        float if float == f64::INFINITY => "Infinity".to_string(),
        float if float == f64::NEG_INFINITY => "-Infinity".to_string(),
        float => numbers::float_repr(float),
    }
}
