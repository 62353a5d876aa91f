//! Python's pattern syntax in that of the regex library.

use crate::jinja::fail;
use minijinja::Error;

pub(super) const IGNORE_CASE: i64 = 2;
pub(super) const LOCALE: i64 = 4;
pub(super) const MULTI_LINE: i64 = 8;
pub(super) const DOT_ALL: i64 = 16;
pub(super) const UNICODE: i64 = 32;
pub(super) const VERBOSE: i64 = 64;
pub(super) const ASCII: i64 = 256;

/// The pattern for the library, with the flags written into it.
pub(super) fn translate(pattern: &str, flags: i64) -> Result<String, Error> {
    let flags = flags | inline_flags(pattern);
    let mut writer = Writer {
        chars: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 8),
        flags,
    };
    for (flag, letter) in [
        (IGNORE_CASE, 'i'),
        (MULTI_LINE, 'm'),
        (DOT_ALL, 's'),
        (VERBOSE, 'x'),
    ] {
        if flags & flag != 0 {
            writer.out.push_str(&format!("(?{letter})"));
        }
    }
    writer.pattern()?;
    Ok(writer.out)
}

struct Writer {
    chars: Vec<char>,
    at: usize,
    out: String,
    flags: i64,
}

impl Writer {
    fn pattern(&mut self) -> Result<(), Error> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '$' if self.flags & MULTI_LINE == 0 => self.out.push_str(r"(?=\n?\z)"),
                '(' if self.starts_with("?#") => self.skip_comment()?,
                '(' if self.starts_with("?") => self.group(),
                '{' => self.repeat(),
                '#' if self.flags & VERBOSE != 0 => self.skip_line(),
                c => self.out.push(c),
            }
        }
        Ok(())
    }

    /// `(?…`: global flags were read ahead and are dropped here, the rest means the same.
    fn group(&mut self) {
        let letters: String = self.chars[self.at + 1..]
            .iter()
            .take_while(|c| c.is_ascii_alphabetic())
            .collect();
        let end = self.at + 1 + letters.len();
        if !letters.is_empty() && self.chars.get(end) == Some(&')') && is_flags(&letters) {
            self.at = end + 1;
            return;
        }
        self.out.push('(');
    }

    fn escape(&mut self) -> Result<(), Error> {
        let (c, start) = self.escaped()?;
        let ascii = self.flags & ASCII != 0;
        match c {
            'Z' => self.out.push_str(r"\z"),
            'd' if ascii => self.out.push_str("[0-9]"),
            'D' if ascii => self.out.push_str("[^0-9]"),
            'w' if ascii => self.out.push_str("[A-Za-z0-9_]"),
            'W' if ascii => self.out.push_str("[^A-Za-z0-9_]"),
            's' if ascii => self.out.push_str(r"[ \t\n\r\x0b\x0c]"),
            'S' if ascii => self.out.push_str(r"[^ \t\n\r\x0b\x0c]"),
            'A' | 'b' | 'B' | 'd' | 'D' | 's' | 'S' | 'w' | 'W' | '1'..='9' => {
                self.out.extend(['\\', c]);
            }
            _ => self.character(c, start)?,
        }
        Ok(())
    }

    /// The character behind a backslash, and where that backslash stands.
    fn escaped(&mut self) -> Result<(char, usize), Error> {
        let start = self.at - 1;
        let c = self.next();
        let c =
            c.ok_or_else(|| fail(format!("bad escape (end of pattern) at position {start}")))?;
        Ok((c, start))
    }

    /// An escaped character that stands for itself or a code, in a class or outside.
    fn character(&mut self, c: char, start: usize) -> Result<(), Error> {
        let code = match c {
            'n' => 0x0a,
            't' => 0x09,
            'r' => 0x0d,
            'f' => 0x0c,
            'v' => 0x0b,
            'a' => 0x07,
            'x' => self.code(2, start)?,
            'u' => self.code(4, start)?,
            'U' => self.code(8, start)?,
            '0' => self.octal(),
            c if c.is_ascii_alphanumeric() => {
                return Err(fail(format!("bad escape \\{c} at position {start}")));
            }
            c => u32::from(c),
        };
        self.literal(code);
        Ok(())
    }

    fn literal(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(c) if c.is_alphanumeric() || c == '_' => self.out.push(c),
            _ => self.out.push_str(&format!("\\x{{{code:X}}}")),
        }
    }

    fn code(&mut self, digits: usize, start: usize) -> Result<u32, Error> {
        let end = (self.at + digits).min(self.chars.len());
        let text: String = self.chars[self.at..end].iter().collect();
        let code = u32::from_str_radix(&text, 16).ok();
        self.at = end;
        code.filter(|_| text.len() == digits)
            .ok_or_else(|| fail(format!("incomplete escape \\x{text} at position {start}")))
    }

    fn octal(&mut self) -> u32 {
        let mut code = 0;
        for _ in 0..2 {
            let digit = self.chars.get(self.at).and_then(|c| c.to_digit(8));
            let Some(digit) = digit else { break };
            code = code * 8 + digit;
            self.at += 1;
        }
        code
    }

    /// `[…]`: the library knows nested classes and set operators, Python does not.
    fn class(&mut self) -> Result<(), Error> {
        let start = self.at - 1;
        self.out.push('[');
        if self.chars.get(self.at) == Some(&'^') {
            self.at += 1;
            self.out.push('^');
        }
        let first = self.at;
        while let Some(c) = self.next() {
            match c {
                ']' if self.at - 1 > first => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.class_escape()?,
                '-' if self.is_range(first) => self.out.push('-'),
                c => self.literal(u32::from(c)),
            }
        }
        Err(fail(format!(
            "unterminated character set at position {start}"
        )))
    }

    fn class_escape(&mut self) -> Result<(), Error> {
        let (c, start) = self.escaped()?;
        let ascii = self.flags & ASCII != 0;
        match c {
            'b' => self.literal(8),
            'd' if ascii => self.out.push_str("0-9"),
            'w' if ascii => self.out.push_str("A-Za-z0-9_"),
            's' if ascii => self.out.push_str(r" \t\n\r\x0b\x0c"),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => self.out.extend(['\\', c]),
            _ => self.character(c, start)?,
        }
        Ok(())
    }

    /// Whether a hyphen in a class stands between two ends of a range.
    fn is_range(&self, first: usize) -> bool {
        let after = self.chars.get(self.at);
        let before = self.at.checked_sub(2).map(|at| &self.chars[at..at + 1]);
        let is_set = self.at >= 3
            && self.chars[self.at - 3] == '\\'
            && before.is_some_and(|c| matches!(c[0], 'd' | 'D' | 's' | 'S' | 'w' | 'W'));
        self.at - 1 > first && after.is_some_and(|c| *c != ']') && !is_set
    }

    /// `{,n}` means from none; a brace that opens no count stands for itself.
    fn repeat(&mut self) {
        let rest: String = self.chars[self.at..]
            .iter()
            .take_while(|c| **c != '}')
            .collect();
        let is_count = self.chars.get(self.at + rest.chars().count()) == Some(&'}')
            && rest.chars().all(|c| c.is_ascii_digit() || c == ',')
            && rest.chars().any(|c| c.is_ascii_digit())
            && rest.matches(',').count() <= 1;
        match (is_count, rest.starts_with(',')) {
            (true, true) => self.out.push_str("{0"),
            (true, false) => self.out.push('{'),
            (false, _) => self.out.push_str(r"\{"),
        }
    }

    fn skip_comment(&mut self) -> Result<(), Error> {
        let start = self.at - 1;
        while let Some(c) = self.next() {
            if c == ')' {
                return Ok(());
            }
        }
        Err(fail(format!(
            "missing ), unterminated comment at position {start}"
        )))
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|c| c != '\n') {}
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(i, c)| self.chars.get(self.at + i) == Some(&c))
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += 1;
        c
    }
}

/// `(?im)` at the start of a pattern.
fn inline_flags(pattern: &str) -> i64 {
    let mut flags = 0;
    let mut rest = pattern;
    while let Some((letters, after)) = rest.strip_prefix("(?").and_then(|r| r.split_once(')')) {
        if letters.is_empty() || !is_flags(letters) {
            break;
        }
        for letter in letters.chars() {
            flags |= match letter {
                'i' => IGNORE_CASE,
                'm' => MULTI_LINE,
                's' => DOT_ALL,
                'x' => VERBOSE,
                'a' => ASCII,
                _ => 0,
            };
        }
        rest = after;
    }
    flags
}

fn is_flags(letters: &str) -> bool {
    letters.chars().all(|c| "aiLmsux".contains(c))
}
