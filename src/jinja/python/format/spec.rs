//! The format mini-language: how wide, how precise and on which side a value is written.

use crate::jinja::fail;
use crate::jinja::python::numbers;
use crate::jinja::python::numbers::Number;
use minijinja::Error;

/// A parsed `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
pub struct Spec<'a> {
    type_name: &'a str,
    fill: char,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    pub precision: Option<usize>,
    pub kind: Option<char>,
}

impl<'a> Spec<'a> {
    pub fn parse(text: &str, type_name: &'a str) -> Result<Self, Error> {
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

    pub fn text(&self, text: &str) -> Result<String, Error> {
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

    pub fn number(&self, number: Number) -> Result<String, Error> {
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
    pub fn group(&self, digits: String, size: usize, sign: usize) -> String {
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

    pub fn sign_of(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        }
    }

    pub fn pad(&self, sign: &str, body: &str, default: char) -> String {
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
