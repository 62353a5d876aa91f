//! Filters of text: case, trimming, replacing, escaping, counting.

use super::is_given;
use super::is_true;
use super::iterate;
use crate::jinja::call::split;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::methods;
use crate::jinja::python::printf;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use crate::jinja::values::dict;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// How much longer than asked a text may be before `truncate` cuts it.
const LEEWAY: i64 = 5;

pub(super) fn string(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("string", [], args)?;
    Ok(Value::from(repr::str(value)))
}

pub(super) fn lower(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("lower", [], args)?;
    Ok(Value::from(repr::str(value).to_lowercase()))
}

pub(super) fn upper(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("upper", [], args)?;
    Ok(Value::from(repr::str(value).to_uppercase()))
}

pub(super) fn capitalize(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("capitalize", [], args)?;
    Ok(Value::from(methods::capitalize(&repr::str(value))))
}

/// Words start after white space, a hyphen or an opening bracket, unlike in `str.title`.
pub(super) fn title(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("title", [], args)?;
    let mut out = String::new();
    let mut at_start = true;
    for c in repr::str(value).chars() {
        if c.is_whitespace() || matches!(c, '-' | '(' | '{' | '[' | '<') {
            out.push(c);
            at_start = true;
        } else if at_start {
            out.extend(c.to_uppercase());
            at_start = false;
        } else {
            out.extend(c.to_lowercase());
        }
    }
    Ok(Value::from(out))
}

pub(super) fn center(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [width] = bind("center", ["width"], args)?;
    let width = int_or(width.as_ref(), 80)?;
    methods::call_text("center", &repr::str(value), &[Value::from(width)])
}

pub(super) fn trim(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [chars] = bind("trim", ["chars"], args)?;
    let chars = chars.unwrap_or(Value::from(()));
    methods::call_text("strip", &repr::str(value), &[chars])
}

pub(super) fn replace(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [old, new, count] = bind("replace", ["old", "new", "count"], args)?;
    let old = repr::str(&required("replace", "old", old)?);
    let new = repr::str(&required("replace", "new", new)?);
    let count = int_or(count.as_ref(), -1)?;
    let args = [Value::from(old), Value::from(new), Value::from(count)];
    methods::call_text("replace", &repr::str(value), &args)
}

/// `%` formatting with the arguments of the filter.
pub(super) fn format(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let (positional, named) = split(args);
    if !positional.is_empty() && !named.is_empty() {
        return Err(fail(
            "can't handle positional and keyword arguments at the same time",
        ));
    }
    let arguments = match named.is_empty() {
        true => tuple(positional.iter().cloned()),
        false => dict(
            named
                .into_iter()
                .map(|(name, item)| (Value::from(name), item)),
        ),
    };
    printf::format(&repr::str(value), &arguments).map(Value::from)
}

/// Every line but the first indented by a number of blanks or a text; empty ones only if `blank`.
pub(super) fn indent(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    if has_no_length(value) {
        return Err(fail(format!(
            "unsupported operand type(s) for +=: '{}' and 'str'",
            type_name(value)
        )));
    }
    let [width, first, blank] = bind("indent", ["width", "first", "blank"], args)?;
    let indention = match &width {
        Some(width) if width.kind() == ValueKind::String => repr::str(width),
        width => " ".repeat(int_or(width.as_ref(), 4)?.max(0) as usize),
    };
    // The added line end lets the last empty line count as one.
    let text = repr::str(value) + "\n";
    let mut out = String::with_capacity(text.len());
    for (at, line) in methods::lines(&text, false).into_iter().enumerate() {
        let indented = match at {
            0 => is_true(&first),
            _ => is_true(&blank) || !line.is_empty(),
        };
        if at > 0 {
            out.push('\n');
        }
        if indented {
            out.push_str(&indention);
        }
        out.push_str(line);
    }
    Ok(Value::from(out))
}

pub(super) fn truncate(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    if has_no_length(value) {
        return Err(fail(format!(
            "object of type '{}' has no len()",
            type_name(value)
        )));
    }
    let [length, killwords, end, leeway] =
        bind("truncate", ["length", "killwords", "end", "leeway"], args)?;
    let length = int_or(length.as_ref(), 255)?;
    let end = end.map_or("...".to_string(), |end| repr::str(&end));
    let leeway = int_or(leeway.as_ref(), LEEWAY)?;
    let kept = length - end.chars().count() as i64;
    if kept < 0 {
        let least = end.chars().count();
        return Err(fail(format!("expected length >= {least}, got {length}")));
    }
    let text = repr::str(value);
    if text.chars().count() as i64 <= length + leeway {
        return Ok(Value::from(text));
    }
    let cut: String = text.chars().take(kept as usize).collect();
    let cut = match is_true(&killwords) {
        true => cut.as_str(),
        false => cut
            .rsplit_once(' ')
            .map_or(cut.as_str(), |(before, _)| before),
    };
    Ok(Value::from(format!("{cut}{end}")))
}

pub(super) fn wordcount(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("wordcount", [], args)?;
    let text = repr::str(value);
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    Ok(Value::from(words.filter(|word| !word.is_empty()).count()))
}

pub(super) fn escape(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("escape", [], args)?;
    match value.is_safe() {
        true => Ok(value.clone()),
        false => Ok(Value::from_safe_string(escape_html(&repr::str(value)))),
    }
}

pub(super) fn forceescape(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("forceescape", [], args)?;
    Ok(Value::from_safe_string(escape_html(&repr::str(value))))
}

pub(super) fn safe(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("safe", [], args)?;
    Ok(Value::from_safe_string(repr::str(value)))
}

/// Text without comments and tags, white space as single blanks, entities as characters.
pub(super) fn striptags(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("striptags", [], args)?;
    let text = without(&repr::str(value), "<!--", "-->");
    let text = without(&text, "<", ">");
    let words: Vec<&str> = text.split_whitespace().collect();
    let plain = words
        .join(" ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&");
    Ok(Value::from(plain))
}

/// A text for a URL's path; a mapping or pairs for its query.
pub(super) fn urlencode(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("urlencode", [], args)?;
    let query = |part: &Value| percent_encode(&repr::str(part), "").replace("%20", "+");
    let pair = |key: &Value, item: &Value| format!("{}={}", query(key), query(item));
    let pairs: Vec<String> = match value.kind() {
        ValueKind::Map => {
            let pairs = value.as_object().and_then(|map| map.try_iter_pairs());
            let pairs = pairs.into_iter().flatten();
            pairs.map(|(key, item)| pair(&key, &item)).collect()
        }
        ValueKind::Seq | ValueKind::Iterable => iterate(value)?
            .iter()
            .map(|item| {
                if item.len() != Some(2) {
                    return Err(fail("urlencode needs pairs of a name and a value"));
                }
                Ok(pair(
                    &item.get_item_by_index(0)?,
                    &item.get_item_by_index(1)?,
                ))
            })
            .collect::<Result<_, Error>>()?,
        _ => return Ok(Value::from(percent_encode(&repr::str(value), "/"))),
    };
    Ok(Value::from(pairs.join("&")))
}

/// Attributes of an HTML tag, with a blank before the first unless `autospace` is false.
pub(super) fn xmlattr(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [autospace] = bind("xmlattr", ["autospace"], args)?;
    if value.kind() != ValueKind::Map {
        return Err(fail(format!(
            "'{}' object has no attribute 'items'",
            type_name(value)
        )));
    }
    let pairs = value.as_object().and_then(|map| map.try_iter_pairs());
    let mut attributes = Vec::new();
    for (key, item) in pairs.into_iter().flatten() {
        if item.is_none() || item.is_undefined() {
            continue;
        }
        let key = text("xmlattr", &key)?;
        if key.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=')) {
            return Err(fail(format!(
                "Invalid character in attribute name: {}",
                repr::quote(&key)
            )));
        }
        let item = escape_html(&repr::str(&item));
        attributes.push(format!("{}=\"{item}\"", escape_html(&key)));
    }
    let joined = attributes.join(" ");
    let spaced = !joined.is_empty() && (!is_given(&autospace) || is_true(&autospace));
    let blank = if spaced { " " } else { "" };
    Ok(Value::from_safe_string(format!("{blank}{joined}")))
}

fn has_no_length(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::None | ValueKind::Bool | ValueKind::Number
    )
}

fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
    }
    out
}

/// The text with every stretch from `open` to `close` taken out.
fn without(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        let Some(end) = rest[start..].find(close) else {
            break;
        };
        out.push_str(&rest[..start]);
        rest = &rest[start + end + close.len()..];
    }
    out + rest
}

fn percent_encode(text: &str, safe: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(c) || safe.contains(c) {
            out.push(c);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
