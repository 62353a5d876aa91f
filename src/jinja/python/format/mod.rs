//! `str.format`: replacement fields and conversions; the format mini-language is in `spec`.

mod spec;

pub use spec::Spec;

use crate::jinja::call;
use crate::jinja::fail;
use crate::jinja::python::decimal;
use crate::jinja::python::modules::datetime;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::printf;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// `template.format(*positional, **named)`.
pub fn format(template: &str, arguments: &[Value]) -> Result<String, Error> {
    let (positional, named) = call::split(arguments);
    let named = Value::from_pairs(named);
    let mut fields = Fields {
        positional,
        named: &named,
        numbering: Numbering::Unknown,
    };
    fields.expand(template, 2)
}

/// `template.format_map(mapping)`.
pub fn format_map(template: &str, mapping: &Value) -> Result<String, Error> {
    let mut fields = Fields {
        positional: &[],
        named: mapping,
        numbering: Numbering::Unknown,
    };
    fields.expand(template, 2)
}

/// `format(value, spec)`, the text of one replacement field.
pub fn format_value(value: &Value, spec: &str) -> Result<String, Error> {
    if spec.is_empty() {
        return Ok(repr::str(value));
    }
    if value.kind() == ValueKind::String {
        return Spec::parse(spec, "str")?.text(value.as_str().unwrap_or_default());
    }
    if let Some(text) = datetime::format(value, spec) {
        return Ok(text);
    }
    if let Some(decimal) = decimal::of(value) {
        return decimal::format(decimal, spec);
    }
    match Number::of(value) {
        Some(number) => Spec::parse(spec, type_name(value))?.number(number),
        None => Err(fail(format!(
            "unsupported format string passed to {}.__format__",
            type_name(value)
        ))),
    }
}

const MIXED_NUMBERING: &str =
    "cannot switch from manual field specification to automatic field numbering";

#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

struct Fields<'a> {
    positional: &'a [Value],
    named: &'a Value,
    numbering: Numbering,
}

impl Fields<'_> {
    /// `depth` says how many levels of fields inside format specs are still allowed.
    fn expand(&mut self, template: &str, depth: usize) -> Result<String, Error> {
        if depth == 0 {
            return Err(fail("Max string recursion exceeded"));
        }
        let mut out = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let tail = &rest[at..];
            if tail.starts_with("{{") || tail.starts_with("}}") {
                out.push_str(&tail[..1]);
                rest = &tail[2..];
                continue;
            }
            if tail.starts_with('}') {
                return Err(fail("Single '}' encountered in format string"));
            }
            let (field, after) = cut_field(&tail[1..])?;
            out.push_str(&self.replace(field, depth)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn replace(&mut self, field: &str, depth: usize) -> Result<String, Error> {
        let (name, conversion, spec) = split_field(field)?;
        let value = self.resolve(name)?;
        let spec = match spec.contains('{') {
            true => self.expand(spec, depth - 1)?,
            false => spec.to_string(),
        };
        match conversion {
            None => format_value(&value, &spec),
            Some(conversion) => format_value(&Value::from(convert(&value, conversion)?), &spec),
        }
    }

    /// `0`, `name`, and what follows: `.attribute`, `[index]`.
    fn resolve(&mut self, name: &str) -> Result<Value, Error> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let mut value = self.first(&name[..end])?;
        let mut rest = &name[end..];
        while !rest.is_empty() {
            let (next, after) = step(&value, rest)?;
            value = next;
            rest = after;
        }
        Ok(value)
    }

    fn first(&mut self, name: &str) -> Result<Value, Error> {
        if name.is_empty() {
            let at = match self.numbering {
                Numbering::Unknown => 0,
                Numbering::Automatic(next) => next,
                Numbering::Manual => return Err(fail(MIXED_NUMBERING)),
            };
            self.numbering = Numbering::Automatic(at + 1);
            return self.at(at);
        }
        if let Ok(at) = name.parse::<usize>() {
            if matches!(self.numbering, Numbering::Automatic(_)) {
                return Err(fail(MIXED_NUMBERING));
            }
            self.numbering = Numbering::Manual;
            return self.at(at);
        }
        let value = self.named.get_item(&Value::from(name))?;
        match value.is_undefined() {
            true => Err(fail(repr::quote(name))),
            false => Ok(value),
        }
    }

    fn at(&self, index: usize) -> Result<Value, Error> {
        let found = self.positional.get(index).cloned();
        found.ok_or_else(|| fail("tuple index out of range"))
    }
}

/// The text up to the brace that closes a field, and what follows it.
fn cut_field(text: &str) -> Result<(&str, &str), Error> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&text[..at], &text[at + 1..]));
        }
    }
    match text.is_empty() {
        true => Err(fail("Single '{' encountered in format string")),
        false => Err(fail("expected '}' before end of string")),
    }
}

/// `name!r:spec` in its three parts.
fn split_field(field: &str) -> Result<(&str, Option<char>, &str), Error> {
    let bracket_end = field.find(']').filter(|_| {
        let first = field.find(['[', ':', '!']);
        first.is_some_and(|at| field[at..].starts_with('['))
    });
    let from = bracket_end.unwrap_or(0);
    let Some(at) = field[from..].find([':', '!']).map(|at| at + from) else {
        return Ok((field, None, ""));
    };
    let (name, rest) = (&field[..at], &field[at..]);
    if let Some(spec) = rest.strip_prefix(':') {
        return Ok((name, None, spec));
    }
    let mut chars = rest[1..].chars();
    let conversion = chars
        .next()
        .ok_or_else(|| fail("end of string while looking for conversion specifier"))?;
    match chars.as_str() {
        "" => Ok((name, Some(conversion), "")),
        after if after.starts_with(':') => Ok((name, Some(conversion), &after[1..])),
        _ => Err(fail("expected ':' after conversion specifier")),
    }
}

fn convert(value: &Value, conversion: char) -> Result<String, Error> {
    match conversion {
        's' => Ok(repr::str(value)),
        'r' => Ok(repr::repr(value)),
        'a' => Ok(printf::ascii(&repr::repr(value))),
        other => Err(fail(format!("Unknown conversion specifier {other}"))),
    }
}

/// One `.attribute` or `[index]`, and the rest of the path.
fn step<'a>(value: &Value, path: &'a str) -> Result<(Value, &'a str), Error> {
    if let Some(path) = path.strip_prefix('[') {
        let (key, rest) = path
            .split_once(']')
            .ok_or_else(|| fail("Missing ']' in format string"))?;
        let key = key.parse::<i64>().map_or(Value::from(key), Value::from);
        return Ok((value.get_item(&key)?, rest));
    }
    let path = path
        .strip_prefix('.')
        .ok_or_else(|| fail("Only '.' or '[' may follow ']' in format field specifier"))?;
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let found = value.get_attr(&path[..end])?;
    match found.is_undefined() {
        true => Err(fail(format!(
            "'{}' object has no attribute '{}'",
            type_name(value),
            &path[..end]
        ))),
        false => Ok((found, &path[end..])),
    }
}
