//! The `%` operator of strings: `'%s is %05.2f' % (name, price)`, `'%(name)s' % mapping`.

use crate::jinja::fail;
use crate::jinja::python::decimal;
use crate::jinja::python::numbers;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::iter::Peekable;
use std::str::Chars;

/// Fills a format string from a tuple, a mapping, or one value.
pub fn format(template: &str, arguments: &Value) -> Result<String, Error> {
    let mut source = Source::new(arguments);
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = Template::new(template);
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if rest.peek() == Some('%') {
            rest.next();
            out.push('%');
            continue;
        }
        let directive = Directive::parse(&mut rest, &mut source)?;
        out.push_str(&directive.fill(&mut source, rest.index - 1)?);
    }
    source.finish()?;
    Ok(out)
}

/// The characters of a format string, with the index of the next one for messages.
struct Template<'a> {
    chars: Peekable<Chars<'a>>,
    index: usize,
}

impl<'a> Template<'a> {
    fn new(text: &'a str) -> Self {
        Template {
            chars: text.chars().peekable(),
            index: 0,
        }
    }

    fn next(&mut self) -> Option<char> {
        self.index += 1;
        self.chars.next()
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().copied()
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = Some(number.unwrap_or(0usize).saturating_mul(10) + digit as usize);
            self.next();
        }
        number
    }
}

/// Where values come from: one after the other, or by name.
struct Source {
    values: Vec<Value>,
    used: usize,
    mapping: Option<Value>,
}

impl Source {
    fn new(arguments: &Value) -> Self {
        let is_tuple = arguments.is_tuple();
        let has_items = matches!(arguments.kind(), ValueKind::Map | ValueKind::Seq) && !is_tuple;
        Source {
            values: match is_tuple {
                true => arguments.try_iter().into_iter().flatten().collect(),
                false => vec![arguments.clone()],
            },
            used: 0,
            mapping: has_items.then(|| arguments.clone()),
        }
    }

    fn next(&mut self) -> Result<Value, Error> {
        let value = self.values.get(self.used).cloned();
        self.used += 1;
        value.ok_or_else(|| fail("not enough arguments for format string"))
    }

    fn named(&mut self, name: &str) -> Result<Value, Error> {
        let Some(mapping) = &self.mapping else {
            return Err(fail("format requires a mapping"));
        };
        let value = mapping.get_item(&Value::from(name))?;
        match value.is_undefined() {
            true => Err(fail(repr::quote(name))),
            false => Ok(value),
        }
    }

    /// Python complains about values that no directive took, except those of a mapping.
    fn finish(&self) -> Result<(), Error> {
        match self.used < self.values.len() && self.mapping.is_none() {
            true => Err(fail("not all arguments converted during string formatting")),
            false => Ok(()),
        }
    }
}

/// One `%…` of a format string, as parsed.
#[derive(Default)]
struct Directive {
    name: Option<String>,
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

impl Directive {
    fn parse(rest: &mut Template, source: &mut Source) -> Result<Self, Error> {
        let mut directive = Directive::default();
        if rest.peek() == Some('(') {
            directive.name = Some(parse_name(rest)?);
        }
        directive.parse_flags(rest);
        directive.parse_width(rest, source)?;
        if rest.peek() == Some('.') {
            rest.next();
            directive.precision = Some(match rest.peek() {
                Some('*') => star(rest, source)?.max(0) as usize,
                _ => rest.number().unwrap_or(0),
            });
        }
        if matches!(rest.peek(), Some('h' | 'l' | 'L')) {
            rest.next();
        }
        directive.conversion = rest.next().ok_or_else(|| fail("incomplete format"))?;
        Ok(directive)
    }

    fn parse_flags(&mut self, rest: &mut Template) {
        while let Some(c) = rest.peek() {
            match c {
                '-' => self.left = true,
                '+' => self.plus = true,
                ' ' => self.space = true,
                '#' => self.alternate = true,
                '0' => self.zero = true,
                _ => return,
            }
            rest.next();
        }
    }

    fn parse_width(&mut self, rest: &mut Template, source: &mut Source) -> Result<(), Error> {
        if rest.peek() != Some('*') {
            self.width = rest.number().unwrap_or(0);
            return Ok(());
        }
        let width = star(rest, source)?;
        self.left |= width < 0;
        self.width = width.unsigned_abs() as usize;
        Ok(())
    }

    /// Takes the value and spells it.
    fn fill(&self, source: &mut Source, index: usize) -> Result<String, Error> {
        let value = match &self.name {
            Some(name) => source.named(name)?,
            None => source.next()?,
        };
        match self.conversion {
            's' => Ok(self.text(repr::str(&value))),
            'r' => Ok(self.text(repr::repr(&value))),
            'a' => Ok(self.text(ascii(&repr::repr(&value)))),
            'c' => Ok(self.pad("", &character(&value)?, false)),
            'd' | 'i' | 'u' => self.decimal(&value),
            'x' | 'X' | 'o' => self.radix(&value),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => self.float(&value),
            other => Err(fail(format!(
                "unsupported format character '{other}' (0x{:x}) at index {index}",
                u32::from(other)
            ))),
        }
    }

    fn text(&self, text: String) -> String {
        let text = match self.precision {
            Some(limit) => text.chars().take(limit).collect(),
            None => text,
        };
        self.pad("", &text, false)
    }

    fn decimal(&self, value: &Value) -> Result<String, Error> {
        let int = match Number::of(value) {
            None if let Some(decimal) = decimal::of(value) => decimal.to_int()?,
            Some(Number::Int(int)) => int,
            Some(Number::Float(float)) => truncate(float)?,
            None => {
                return Err(fail(format!(
                    "%{} format: a real number is required, not {}",
                    self.conversion,
                    type_name(value)
                )));
            }
        };
        Ok(self.integer(int < 0, "", int.unsigned_abs().to_string()))
    }

    fn radix(&self, value: &Value) -> Result<String, Error> {
        let Some(Number::Int(int)) = Number::of(value) else {
            return Err(fail(format!(
                "%{} format: an integer is required, not {}",
                self.conversion,
                type_name(value)
            )));
        };
        let size = int.unsigned_abs();
        let (prefix, digits) = match self.conversion {
            'x' => ("0x", format!("{size:x}")),
            'X' => ("0X", format!("{size:X}")),
            _ => ("0o", format!("{size:o}")),
        };
        let prefix = if self.alternate { prefix } else { "" };
        Ok(self.integer(int < 0, prefix, digits))
    }

    /// Precision of an integer is its least number of digits.
    fn integer(&self, negative: bool, prefix: &str, digits: String) -> String {
        let least = self.precision.unwrap_or(0);
        let zeros = "0".repeat(least.saturating_sub(digits.len()));
        let sign = format!("{}{prefix}", self.sign(negative));
        self.pad(&sign, &format!("{zeros}{digits}"), true)
    }

    fn float(&self, value: &Value) -> Result<String, Error> {
        let floated = decimal::of(value).map(|decimal| Number::Float(decimal.to_f64()));
        let Some(number) = floated.or_else(|| Number::of(value)) else {
            return Err(fail(format!(
                "must be real number, not {}",
                type_name(value)
            )));
        };
        let float = number.as_f64();
        let size = float.abs();
        let precision = self.precision.unwrap_or(6);
        let mut text = match self.conversion.to_ascii_lowercase() {
            'e' => numbers::scientific(size, precision),
            'f' => numbers::fixed(size, precision),
            _ => numbers::general(size, precision, self.alternate),
        };
        if self.alternate {
            text = numbers::with_point(text);
        }
        if self.conversion.is_ascii_uppercase() {
            text.make_ascii_uppercase();
        }
        let negative = float.is_sign_negative() && !float.is_nan();
        Ok(self.pad(self.sign(negative), &text, true))
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    fn pad(&self, sign: &str, body: &str, numeric: bool) -> String {
        let have = sign.chars().count() + body.chars().count();
        let missing = self.width.saturating_sub(have);
        if self.left {
            format!("{sign}{body}{}", " ".repeat(missing))
        } else if self.zero && numeric {
            format!("{sign}{}{body}", "0".repeat(missing))
        } else {
            format!("{}{sign}{body}", " ".repeat(missing))
        }
    }
}

/// The name of `%(name)s`; brackets may nest.
fn parse_name(rest: &mut Template) -> Result<String, Error> {
    rest.next();
    let mut name = String::new();
    let mut depth = 1;
    loop {
        let c = rest.next().ok_or_else(|| fail("incomplete format key"))?;
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok(name);
        }
        name.push(c);
    }
}

fn star(rest: &mut Template, source: &mut Source) -> Result<i64, Error> {
    rest.next();
    numbers::as_int(&source.next()?).ok_or_else(|| fail("* wants int"))
}

fn truncate(float: f64) -> Result<i128, Error> {
    if float.is_nan() {
        return Err(fail("cannot convert float NaN to integer"));
    }
    if float.is_infinite() {
        return Err(fail("cannot convert float infinity to integer"));
    }
    Ok(float.trunc() as i128)
}

fn character(value: &Value) -> Result<String, Error> {
    if let Some(text) = value.as_str() {
        if text.chars().count() == 1 {
            return Ok(text.to_string());
        }
    } else if let Some(code) = numbers::as_int(value) {
        return u32::try_from(code)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .ok_or_else(|| fail("%c arg not in range(0x110000)"));
    }
    Err(fail("%c requires int or char"))
}

/// `ascii()`: everything beyond ASCII as an escape.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0..0x80 => out.push(c),
            code @ 0x80..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}
