//! `str.format`: replacement fields, conversions and the format mini-language.

use crate::jinja::call;
use crate::jinja::fail;
use crate::jinja::python::modules::datetime;
use crate::jinja::python::numbers;
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

/// A parsed `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
struct Spec<'a> {
    type_name: &'a str,
    fill: char,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl<'a> Spec<'a> {
    fn parse(text: &str, type_name: &'a str) -> Result<Self, Error> {
        let mut spec = Spec {
            type_name,
            fill: ' ',
            align: None,
            sign: None,
            alternate: false,
            zero: false,
            width: 0,
            grouping: None,
            precision: None,
            kind: None,
        };
        let chars: Vec<char> = text.chars().collect();
        let mut rest = spec.take_alignment(&chars);
        spec.sign = take(&mut rest, &['+', '-', ' ']);
        take(&mut rest, &['z']);
        spec.alternate = take(&mut rest, &['#']).is_some();
        spec.zero = take(&mut rest, &['0']).is_some();
        spec.width = take_number(&mut rest)?.unwrap_or(0);
        spec.grouping = take(&mut rest, &[',', '_']);
        if take(&mut rest, &['.']).is_some() {
            let precision = take_number(&mut rest)?;
            spec.precision =
                Some(precision.ok_or_else(|| fail("Format specifier missing precision"))?);
        }
        match rest {
            [] => {}
            [kind] => spec.kind = Some(*kind),
            _ => {
                return Err(fail(format!(
                    "Invalid format specifier '{text}' for object of type '{type_name}'"
                )));
            }
        }
        spec.check_grouping()
    }

    fn check_grouping(self) -> Result<Self, Error> {
        let kind = self.kind.unwrap_or(match self.type_name {
            "str" => 's',
            _ => 'd',
        });
        let allowed = match self.grouping {
            None => return Ok(self),
            Some('_') => "deEfFgG%boxX",
            Some(_) => "deEfFgG%",
        };
        match (self.grouping, allowed.contains(kind)) {
            (Some(separator), false) => {
                Err(fail(format!("Cannot specify '{separator}' with '{kind}'.")))
            }
            _ => Ok(self),
        }
    }

    fn take_alignment<'c>(&mut self, chars: &'c [char]) -> &'c [char] {
        let is_align = |c: &char| matches!(c, '<' | '>' | '=' | '^');
        match chars {
            [fill, align, rest @ ..] if is_align(align) => {
                self.fill = *fill;
                self.align = Some(*align);
                rest
            }
            [align, rest @ ..] if is_align(align) => {
                self.align = Some(*align);
                rest
            }
            rest => rest,
        }
    }

    fn text(&self, text: &str) -> Result<String, Error> {
        match self.kind {
            None | Some('s') => {}
            Some(other) => return Err(self.unknown(other)),
        }
        match self.sign {
            None => {}
            Some(' ') => return Err(fail("Space not allowed in string format specifier")),
            Some(_) => return Err(fail("Sign not allowed in string format specifier")),
        }
        if self.alternate {
            return Err(fail(
                "Alternate form (#) not allowed in string format specifier",
            ));
        }
        if self.align == Some('=') {
            return Err(fail("'=' alignment not allowed in string format specifier"));
        }
        let text: String = match self.precision {
            Some(limit) => text.chars().take(limit).collect(),
            None => text.to_string(),
        };
        Ok(self.pad("", &text, '<'))
    }

    fn number(&self, number: Number) -> Result<String, Error> {
        match (number, self.kind) {
            (Number::Int(int), None | Some('d' | 'n' | 'b' | 'o' | 'x' | 'X' | 'c')) => {
                self.integer(int)
            }
            (_, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%')) => {
                Ok(self.float(number.as_f64()))
            }
            (_, Some(other)) => Err(self.unknown(other)),
        }
    }

    fn integer(&self, int: i128) -> Result<String, Error> {
        if self.precision.is_some() {
            return Err(fail("Precision not allowed in integer format specifier"));
        }
        let size = int.unsigned_abs();
        let (prefix, digits, group) = match self.kind {
            Some('b') => ("0b", format!("{size:b}"), 4),
            Some('o') => ("0o", format!("{size:o}"), 4),
            Some('x') => ("0x", format!("{size:x}"), 4),
            Some('X') => ("0X", format!("{size:X}"), 4),
            Some('c') => {
                self.check_character()?;
                let c = u32::try_from(int).ok().and_then(char::from_u32);
                let c = c.ok_or_else(|| fail("%c arg not in range(0x110000)"))?;
                return Ok(self.pad("", &c.to_string(), '<'));
            }
            _ => ("", size.to_string(), 3),
        };
        let prefix = if self.alternate { prefix } else { "" };
        let sign = format!("{}{prefix}", self.sign_of(int < 0));
        Ok(self.pad(&sign, &self.group(digits, group, sign.len()), '>'))
    }

    fn check_character(&self) -> Result<(), Error> {
        let wrong = match (self.sign, self.alternate) {
            (None, false) => return Ok(()),
            (Some(_), _) => "Sign",
            (None, true) => "Alternate form (#)",
        };
        Err(fail(format!(
            "{wrong} not allowed with integer format specifier 'c'"
        )))
    }

    fn float(&self, float: f64) -> String {
        let size = float.abs();
        let precision = self.precision.unwrap_or(6);
        let mut text = match self.kind.map(|c| c.to_ascii_lowercase()) {
            Some('e') => numbers::scientific(size, precision),
            Some('f') => numbers::fixed(size, precision),
            Some('%') => numbers::fixed(size * 100.0, precision) + "%",
            Some(_) => numbers::general(size, precision, self.alternate),
            None => self.plain_float(size),
        };
        if self.alternate {
            text = numbers::with_point(text);
        }
        if self.kind.is_some_and(|c| c.is_ascii_uppercase()) {
            text.make_ascii_uppercase();
        }
        let sign = self.sign_of(float.is_sign_negative() && !float.is_nan());
        self.pad(sign, &self.group(text, 3, sign.len()), '>')
    }

    /// No type given: like `g`, but with at least one digit after the point.
    fn plain_float(&self, size: f64) -> String {
        let Some(precision) = self.precision else {
            return numbers::float_repr(size);
        };
        let text = numbers::general(size, precision, false);
        let exponent = if size == 0.0 {
            0.0
        } else {
            size.log10().floor()
        };
        if text.contains(['.', 'e', 'n']) {
            text
        } else if exponent >= precision as f64 - 1.0 {
            numbers::scientific(size, precision.saturating_sub(1))
        } else {
            text + ".0"
        }
    }

    /// Thousands separators; zero padding is grouped too, as in Python.
    fn group(&self, digits: String, size: usize, sign: usize) -> String {
        let Some(separator) = self.grouping else {
            return digits;
        };
        let mut digits = digits;
        let mut grouped = numbers::group_digits(&digits, separator, size);
        let zeros = match self.align {
            None => self.zero,
            Some(align) => align == '=' && (self.fill == '0' || (self.zero && self.fill == ' ')),
        };
        while zeros && grouped.chars().count() + sign < self.width {
            digits.insert(0, '0');
            grouped = numbers::group_digits(&digits, separator, size);
        }
        grouped
    }

    fn sign_of(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        }
    }

    fn pad(&self, sign: &str, body: &str, default: char) -> String {
        let (fill, align) = match (self.align, self.zero) {
            (Some(align), false) => (self.fill, align),
            (Some(align), true) if self.fill == ' ' => ('0', align),
            (Some(align), true) => (self.fill, align),
            (None, true) if default == '>' => ('0', '='),
            (None, true) => ('0', default),
            (None, false) => (' ', default),
        };
        let missing = self
            .width
            .saturating_sub(sign.chars().count() + body.chars().count());
        let fill = |count: usize| fill.to_string().repeat(count);
        match align {
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!(
                "{}{sign}{body}{}",
                fill(missing / 2),
                fill(missing - missing / 2)
            ),
            '=' => format!("{sign}{}{body}", fill(missing)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }

    fn unknown(&self, kind: char) -> Error {
        fail(format!(
            "Unknown format code '{kind}' for object of type '{}'",
            self.type_name
        ))
    }
}

fn take(rest: &mut &[char], wanted: &[char]) -> Option<char> {
    let (first, after) = rest.split_first()?;
    wanted.contains(first).then(|| {
        *rest = after;
        *first
    })
}

fn take_number(rest: &mut &[char]) -> Result<Option<usize>, Error> {
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let text: String = rest[..digits].iter().collect();
    *rest = &rest[digits..];
    match text.is_empty() {
        true => Ok(None),
        false => text
            .parse()
            .map(Some)
            .map_err(|_| fail("Too many decimal digits in format string")),
    }
}
