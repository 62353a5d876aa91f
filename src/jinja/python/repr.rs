//! How Python prints a value: `repr` and `str`, and the writer behind `{{ }}`.
//! Convention for objects: a plain object prints its `str` from `Object::render`; where its `repr`
//! differs, `render` looks at `Formatter::alternate`.

use crate::jinja::python::named::NamedTuple;
use crate::jinja::python::numbers;
use crate::jinja::python::range::Range;
use crate::jinja::python::set::Set;
use crate::jinja::table;
use crate::jinja::values::View;
use minijinja::Error;
use minijinja::Output;
use minijinja::State;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::fmt::Write;

/// Containers nested deeper than this print as `[...]`; Python does so for a list that holds itself.
const MAX_DEPTH: usize = 100;

/// What `{{ value }}` writes: undefined is nothing, everything else its `str`.
pub fn write_output(out: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    let written = match value.kind() {
        ValueKind::Undefined => return Ok(()),
        ValueKind::Invalid => return Err(invalid(value)),
        ValueKind::String => out.write_str(value.as_str().unwrap_or_default()),
        _ => out.write_str(&str(value)),
    };
    written.map_err(Error::from)
}

/// `str(value)`; an undefined value is empty.
pub fn str(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined => String::new(),
        ValueKind::String => value.as_str().unwrap_or_default().to_string(),
        ValueKind::Plain => value.to_string(),
        _ if prints_itself(value) => value.to_string(),
        _ => repr(value),
    }
}

/// `repr(value)`: strings quoted, containers with the `repr` of what they hold.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(&mut out, value, 0);
    out
}

/// A string in Python's quotes: single ones, unless it holds single and no double ones.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(&mut out, text);
    out
}

fn write_repr(out: &mut String, value: &Value, depth: usize) {
    match value.kind() {
        ValueKind::Undefined => out.push_str("Undefined"),
        ValueKind::String => write_quoted(out, value.as_str().unwrap_or_default()),
        ValueKind::Bytes => write_bytes(out, value.as_bytes().unwrap_or_default()),
        ValueKind::Number if !value.is_integer() => {
            out.push_str(&numbers::float_repr(
                f64::try_from(value.clone()).unwrap_or(f64::NAN),
            ));
        }
        ValueKind::Seq | ValueKind::Iterable if prints_itself(value) => {
            _ = write!(out, "{value:#?}");
        }
        ValueKind::Map => write_map(out, value, depth),
        ValueKind::Seq => write_sequence(out, value, depth),
        ValueKind::Iterable if value.len().is_some() => write_sequence(out, value, depth),
        ValueKind::Iterable => out.push_str("<generator object>"),
        ValueKind::Plain => _ = write!(out, "{value:#?}"),
        _ => _ = write!(out, "{value}"),
    }
}

/// Sequences that do not look like lists.
fn prints_itself(value: &Value) -> bool {
    let object = value.as_object();
    object.is_some_and(|object| object.is::<Set>() || object.is::<Range>() || object.is::<View>())
        || table::class_of(value).is_some()
}

fn write_sequence(out: &mut String, value: &Value, depth: usize) {
    if depth > MAX_DEPTH {
        return out.push_str("[...]");
    }
    let is_tuple = value.is_tuple() || value.downcast_object_ref::<NamedTuple>().is_some();
    out.push(if is_tuple { '(' } else { '[' });
    let mut count = 0;
    for item in value.try_iter().into_iter().flatten() {
        if count > 0 {
            out.push_str(", ");
        }
        write_repr(out, &item, depth + 1);
        count += 1;
    }
    if is_tuple && count == 1 {
        out.push(',');
    }
    out.push(if is_tuple { ')' } else { ']' });
}

fn write_map(out: &mut String, value: &Value, depth: usize) {
    if depth > MAX_DEPTH {
        return out.push_str("{...}");
    }
    out.push('{');
    let pairs = value.as_object().and_then(|object| object.try_iter_pairs());
    for (at, (key, item)) in pairs.into_iter().flatten().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_repr(out, &key, depth + 1);
        out.push_str(": ");
        write_repr(out, &item, depth + 1);
    }
    out.push('}');
}

fn write_quoted(out: &mut String, text: &str) {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => write_escape(out, c),
        }
    }
    out.push(quote);
}

fn write_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

fn write_bytes(out: &mut String, bytes: &[u8]) {
    let quote = match bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        true => b'"',
        false => b'\'',
    };
    out.push('b');
    out.push(char::from(quote));
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if byte == quote => {
                out.push('\\');
                out.push(char::from(byte));
            }
            0x20..0x7f => out.push(char::from(byte)),
            _ => _ = write!(out, "\\x{byte:02x}"),
        }
    }
    out.push(char::from(quote));
}

/// Whether Python prints the character as it is: no control, no formatting mark, no odd space.
pub fn is_printable(c: char) -> bool {
    if c.is_control() || (c.is_whitespace() && c != ' ') {
        return false;
    }
    !matches!(
        u32::from(c),
        0xad | 0x600..=0x605
            | 0x61c
            | 0x6dd
            | 0x70f
            | 0x180e
            | 0x200b..=0x200f
            | 0x202a..=0x202e
            | 0x2060..=0x206f
            | 0xe000..=0xf8ff
            | 0xfeff
            | 0xfff0..=0xfffb
            | 0xfffe..=0xffff
            | 0xe0000..=0x0010_ffff
    )
}

fn invalid(value: &Value) -> Error {
    match value.try_iter().err() {
        Some(error) => error,
        None => Error::new(minijinja::ErrorKind::InvalidOperation, value.to_string()),
    }
}
