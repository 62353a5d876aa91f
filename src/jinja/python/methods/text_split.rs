//! Methods of `str` that take it apart or put parts together.

use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::type_name;
use crate::jinja::values::list;
use minijinja::Error;
use minijinja::value::Value;

/// `None` where this file has no such method.
pub(super) fn call(s: &str, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let answer = match name {
        "split" => split(s, name, args, words, pieces),
        "rsplit" => split(s, name, args, last_words, last_pieces),
        "splitlines" => splitlines(s, args),
        "partition" => partition(s, name, args),
        "rpartition" => partition(s, name, args),
        "join" => join(s, args),
        _ => return None,
    };
    Some(answer)
}

/// White space as Python's `str.split` sees it.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// `separator.join(items)`.
fn join(separator: &str, args: &[Value]) -> Result<Value, Error> {
    let [items] = bind("join", ["iterable"], args)?;
    let items = required("join", "iterable", items)?;
    let mut out = String::new();
    for (at, item) in items
        .try_iter()
        .map_err(|_| fail("can only join an iterable"))?
        .enumerate()
    {
        if at > 0 {
            out.push_str(separator);
        }
        let Some(part) = item.as_str() else {
            return Err(fail(format!(
                "sequence item {at}: expected str instance, {} found",
                type_name(&item)
            )));
        };
        out.push_str(part);
    }
    Ok(Value::from(out))
}

/// Lines without their ends; with them where `keep` says so.
pub fn lines(s: &str, keep: bool) -> Vec<&str> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut found = Vec::new();
    let mut rest = s;
    while let Some(at) = rest.find(is_end) {
        let end = match rest[at..].starts_with("\r\n") {
            true => at + 2,
            false => at + rest[at..].chars().next().map_or(1, char::len_utf8),
        };
        found.push(&rest[..if keep { end } else { at }]);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        found.push(rest);
    }
    found
}

fn split(
    s: &str,
    name: &str,
    args: &[Value],
    by_space: fn(&str, usize) -> Vec<&str>,
    by_text: for<'a> fn(&'a str, &str, usize) -> Vec<&'a str>,
) -> Result<Value, Error> {
    let [separator, limit] = bind(name, ["sep", "maxsplit"], args)?;
    let limit = usize::try_from(int_or(limit.as_ref(), -1)?).unwrap_or(usize::MAX);
    let parts = match separator {
        Some(separator) if !separator.is_none() => {
            let separator = text(name, &separator)?;
            if separator.is_empty() {
                return Err(fail("empty separator"));
            }
            by_text(s, &separator, limit)
        }
        _ => by_space(s, limit),
    };
    Ok(list(parts.into_iter().map(Value::from)))
}

fn pieces<'a>(s: &'a str, separator: &str, limit: usize) -> Vec<&'a str> {
    s.splitn(limit.saturating_add(1), separator).collect()
}

fn last_pieces<'a>(s: &'a str, separator: &str, limit: usize) -> Vec<&'a str> {
    let mut parts: Vec<&str> = s.rsplitn(limit.saturating_add(1), separator).collect();
    parts.reverse();
    parts
}

fn words(s: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = s.trim_start_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let end = rest.find(is_space).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_space);
    }
    parts
}

fn last_words(s: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = s.trim_end_matches(is_space);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let before = rest.trim_end_matches(|c| !is_space(c));
        parts.push(&rest[before.len()..]);
        rest = before.trim_end_matches(is_space);
    }
    parts.reverse();
    parts
}

fn splitlines(s: &str, args: &[Value]) -> Result<Value, Error> {
    let [keep] = bind("splitlines", ["keepends"], args)?;
    let keep = keep.is_some_and(|keep| keep.is_true());
    let found = lines(s, keep).into_iter().map(Value::from);
    Ok(list(found))
}

fn partition(s: &str, name: &str, args: &[Value]) -> Result<Value, Error> {
    let [separator] = bind(name, ["sep"], args)?;
    let separator = text(name, &required(name, "sep", separator)?)?;
    if separator.is_empty() {
        return Err(fail("empty separator"));
    }
    let from_left = name == "partition";
    let found = match from_left {
        true => s.split_once(&separator),
        false => s.rsplit_once(&separator),
    };
    Ok(match (found, from_left) {
        (Some((before, after)), _) => Value::from((before, separator, after)),
        (None, true) => Value::from((s, "", "")),
        (None, false) => Value::from(("", "", s)),
    })
}
