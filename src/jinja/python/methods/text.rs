//! Methods of `str`: case, padding, searching, replacing, formatting.

use super::text_split;
use super::text_test;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::format;
use crate::jinja::python::numbers;
use crate::jinja::python::type_name;
use crate::jinja::values::dict;
use minijinja::Error;
use minijinja::value::Value;

/// `None` where strings have no such method.
pub(super) fn call(s: &str, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let answer = match name {
        "upper" => plain(name, args, || s.to_uppercase()),
        "lower" => plain(name, args, || s.to_lowercase()),
        "capitalize" => plain(name, args, || capitalize(s)),
        "casefold" => plain(name, args, || casefold(s)),
        "swapcase" => plain(name, args, || swapcase(s)),
        "title" => plain(name, args, || title(s)),
        "center" => pad(s, name, args, Side::Both),
        "ljust" => pad(s, name, args, Side::Right),
        "rjust" => pad(s, name, args, Side::Left),
        "zfill" => zfill(s, args),
        "expandtabs" => expandtabs(s, args),
        "strip" => strip(s, name, args, true, true),
        "lstrip" => strip(s, name, args, true, false),
        "rstrip" => strip(s, name, args, false, true),
        "removeprefix" => remove(name, args, |part| s.strip_prefix(part).unwrap_or(s)),
        "removesuffix" => remove(name, args, |part| s.strip_suffix(part).unwrap_or(s)),
        "replace" => replace(s, args),
        "translate" => translate(s, args),
        "maketrans" => maketrans(args),
        "count" => count(s, args),
        "find" => find(s, name, args, End::First).map(Value::from),
        "rfind" => find(s, name, args, End::Last).map(Value::from),
        "index" => index(s, name, args, End::First),
        "rindex" => index(s, name, args, End::Last),
        "startswith" => affix(s, name, args, |part, wanted| part.starts_with(wanted)),
        "endswith" => affix(s, name, args, |part, wanted| part.ends_with(wanted)),
        "format" => format::format(s, args).map(Value::from),
        "format_map" => bind(name, ["mapping"], args)
            .and_then(|[mapping]| required(name, "mapping", mapping))
            .and_then(|mapping| format::format_map(s, &mapping))
            .map(Value::from),
        "encode" => bind(name, ["encoding", "errors"], args)
            .map(|_| Value::from_bytes(s.as_bytes().to_vec())),
        _ => {
            return text_split::call(s, name, args).or_else(|| text_test::call(s, name, args));
        }
    };
    Some(answer)
}

/// Methods of `bytes`, as far as a template meets them.
pub(super) fn call_bytes(bytes: &[u8], name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let answer = match name {
        "decode" => bind(name, ["encoding", "errors"], args)
            .map(|_| Value::from(String::from_utf8_lossy(bytes).into_owned())),
        "hex" => bind(name, [], args).map(|_| {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            Value::from(digits.collect::<String>())
        }),
        _ => return None,
    };
    Some(answer)
}

/// First character upper, the others lower case.
pub fn capitalize(s: &str) -> String {
    let mut chars = s.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.as_str().to_lowercase().chars()).collect()
}

/// Each letter that follows no letter upper, all others lower case; letters without case divide.
fn title(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut in_word = false;
    for c in s.chars() {
        match in_word {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        in_word = c.is_uppercase() || c.is_lowercase();
    }
    out
}

fn casefold(s: &str) -> String {
    s.to_lowercase().replace('ß', "ss").replace('ς', "σ")
}

fn swapcase(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match c.is_uppercase() {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
    }
    out
}

fn plain(name: &str, args: &[Value], answer: impl Fn() -> String) -> Result<Value, Error> {
    bind(name, [], args).map(|_| Value::from(answer()))
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
    Both,
}

fn pad(s: &str, name: &str, args: &[Value], side: Side) -> Result<Value, Error> {
    let [width, fill] = bind(name, ["width", "fillchar"], args)?;
    let width = int(&required(name, "width", width)?)?.max(0) as usize;
    let fill = match fill {
        Some(fill) => text(name, &fill)?,
        None => " ".to_string(),
    };
    if fill.chars().count() != 1 {
        return Err(fail(
            "The fill character must be exactly one character long",
        ));
    }
    let missing = width.saturating_sub(s.chars().count());
    // Python puts the odd one out to the left when the width is odd.
    let left = match side {
        Side::Left => missing,
        Side::Right => 0,
        Side::Both => missing / 2 + (missing & width & 1),
    };
    Ok(Value::from(format!(
        "{}{s}{}",
        fill.repeat(left),
        fill.repeat(missing - left)
    )))
}

fn zfill(s: &str, args: &[Value]) -> Result<Value, Error> {
    let [width] = bind("zfill", ["width"], args)?;
    let width = int(&required("zfill", "width", width)?)?.max(0) as usize;
    let zeros = "0".repeat(width.saturating_sub(s.chars().count()));
    let sign = s.len() - s.strip_prefix(['+', '-']).unwrap_or(s).len();
    Ok(Value::from(format!("{}{zeros}{}", &s[..sign], &s[sign..])))
}

fn expandtabs(s: &str, args: &[Value]) -> Result<Value, Error> {
    let [size] = bind("expandtabs", ["tabsize"], args)?;
    let size = int_or(size.as_ref(), 8)?.max(0) as usize;
    let mut out = String::with_capacity(s.len());
    let mut column = 0;
    for c in s.chars() {
        match c {
            '\t' if size == 0 => {}
            '\t' => {
                let spaces = size - column % size;
                out.push_str(&" ".repeat(spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    Ok(Value::from(out))
}

fn strip(s: &str, name: &str, args: &[Value], left: bool, right: bool) -> Result<Value, Error> {
    let [chars] = bind(name, ["chars"], args)?;
    let set = match chars {
        Some(chars) if !chars.is_none() => Some(text(name, &chars)?),
        _ => None,
    };
    Ok(Value::from(strip_chars(s, set.as_deref(), left, right)))
}

/// `s` without the characters of `set` at its ends; without white space where `set` is `None`.
fn strip_chars<'a>(s: &'a str, set: Option<&str>, left: bool, right: bool) -> &'a str {
    let unwanted = |c: char| match set {
        Some(set) => set.contains(c),
        None => text_split::is_space(c),
    };
    let s = if left {
        s.trim_start_matches(unwanted)
    } else {
        s
    };
    if right {
        s.trim_end_matches(unwanted)
    } else {
        s
    }
}

fn remove<'a>(name: &str, args: &[Value], cut: impl Fn(&str) -> &'a str) -> Result<Value, Error> {
    let [part] = bind(name, ["part"], args)?;
    let part = text(name, &required(name, "part", part)?)?;
    Ok(Value::from(cut(&part)))
}

fn replace(s: &str, args: &[Value]) -> Result<Value, Error> {
    let [old, new, count] = bind("replace", ["old", "new", "count"], args)?;
    let old = text("replace", &required("replace", "old", old)?)?;
    let new = text("replace", &required("replace", "new", new)?)?;
    let count = int_or(count.as_ref(), -1)?;
    Ok(Value::from(match usize::try_from(count) {
        Ok(count) => s.replacen(&old, &new, count),
        Err(_) => s.replace(&old, &new),
    }))
}

/// Characters through a table of code points: to a string, to a code point, or to nothing.
fn translate(s: &str, args: &[Value]) -> Result<Value, Error> {
    let [table] = bind("translate", ["table"], args)?;
    let table = required("translate", "table", table)?;
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        let found = table.get_item(&Value::from(u32::from(c)))?;
        if found.is_undefined() {
            out.push(c);
        } else if let Some(code) = numbers::as_int(&found) {
            out.extend(u32::try_from(code).ok().and_then(char::from_u32));
        } else if let Some(text) = found.as_str() {
            out.push_str(text);
        }
    }
    Ok(Value::from(out))
}

fn maketrans(args: &[Value]) -> Result<Value, Error> {
    let [from, to, drop] = bind("maketrans", ["x", "y", "z"], args)?;
    let from = required("maketrans", "x", from)?;
    let code = |c: char| Value::from(u32::from(c));
    let Some(to) = to else {
        let pairs = from.as_object().and_then(|map| map.try_iter_pairs());
        let pairs = pairs.into_iter().flatten().map(|(key, value)| {
            let first = key.as_str().and_then(|text| text.chars().next());
            (first.map_or(key, code), value)
        });
        return Ok(dict(pairs));
    };
    let (from, to) = (text("maketrans", &from)?, text("maketrans", &to)?);
    if from.chars().count() != to.chars().count() {
        return Err(fail(
            "the first two maketrans arguments must have equal length",
        ));
    }
    let mut pairs: Vec<_> = from.chars().map(code).zip(to.chars().map(code)).collect();
    if let Some(drop) = drop {
        let gone = text("maketrans", &drop)?;
        pairs.extend(gone.chars().map(|c| (code(c), Value::from(()))));
    }
    Ok(dict(pairs))
}

fn count(s: &str, args: &[Value]) -> Result<Value, Error> {
    let [sub, start, end] = bind("count", ["sub", "start", "end"], args)?;
    let sub = text("count", &required("count", "sub", sub)?)?;
    let found = window(s, start.as_ref(), end.as_ref())?
        .map_or(0, |(_, part)| part.matches(sub.as_str()).count());
    Ok(Value::from(found))
}

/// Where in the text to look: the first match, or the last.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

/// Index in characters, -1 where `sub` does not occur.
fn find(s: &str, name: &str, args: &[Value], from: End) -> Result<i64, Error> {
    let [sub, start, end] = bind(name, ["sub", "start", "end"], args)?;
    let sub = text(name, &required(name, "sub", sub)?)?;
    let Some((offset, part)) = window(s, start.as_ref(), end.as_ref())? else {
        return Ok(-1);
    };
    let found = match from {
        End::First => part.find(&sub),
        End::Last => part.rfind(&sub),
    };
    Ok(found.map_or(-1, |at| (offset + part[..at].chars().count()) as i64))
}

fn index(s: &str, name: &str, args: &[Value], from: End) -> Result<Value, Error> {
    match find(s, name, args, from)? {
        -1 => Err(fail("substring not found")),
        at => Ok(Value::from(at)),
    }
}

/// `startswith` and `endswith`: one string, or a tuple of strings.
fn affix(
    s: &str,
    name: &str,
    args: &[Value],
    matches: fn(&str, &str) -> bool,
) -> Result<Value, Error> {
    let [wanted, start, end] = bind(name, ["prefix", "start", "end"], args)?;
    let wanted = required(name, "prefix", wanted)?;
    let candidates: Vec<Value> = match wanted.is_tuple() {
        true => wanted.try_iter()?.collect(),
        false => vec![wanted],
    };
    let Some((_, part)) = window(s, start.as_ref(), end.as_ref())? else {
        return Ok(Value::from(false));
    };
    for candidate in &candidates {
        let Some(candidate) = candidate.as_str() else {
            return Err(fail(format!(
                "{name} first arg must be str or a tuple of str, not {}",
                type_name(candidate)
            )));
        };
        if matches(part, candidate) {
            return Ok(Value::from(true));
        }
    }
    Ok(Value::from(false))
}

/// The stretch `s[start:end]` in characters, with its start; `None` where start lies past the end.
fn window<'a>(
    s: &'a str,
    start: Option<&Value>,
    end: Option<&Value>,
) -> Result<Option<(usize, &'a str)>, Error> {
    if start.is_none() && end.is_none() {
        return Ok(Some((0, s)));
    }
    let len = s.chars().count() as i64;
    let place = |at: i64| if at < 0 { (at + len).max(0) } else { at };
    let start = place(int_or(start, 0)?);
    let end = place(int_or(end, len)?).min(len);
    if start > end {
        return Ok(None);
    }
    let byte = |at: i64| {
        s.char_indices()
            .nth(at as usize)
            .map_or(s.len(), |(b, _)| b)
    };
    Ok(Some((start as usize, &s[byte(start)..byte(end)])))
}
