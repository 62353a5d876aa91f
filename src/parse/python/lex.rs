//! The tokens of a Python file, with the line structure that indentation gives it.
//! Promise: brackets, strings and indentation are sound; the rest of the grammar is Python's to check.

use std::borrow::Cow;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// Byte offsets into the file's text, the end not included.
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Names and keywords.
    Name,
    Number,
    /// The text meant; `None` for bytes and for strings with code inside.
    Text(Option<String>),
    /// Operators, brackets and other signs, each of one or more characters.
    Sign,
    /// The end of a logical line.
    Newline,
    Indent,
    Dedent,
}

/// Something that no Python reads, in Python's words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Broken {
    pub message: String,
    pub start: usize,
    pub end: usize,
}

pub(super) type Result<T> = std::result::Result<T, Broken>;

pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut lexer = Lexer {
        text,
        at: 0,
        found: Vec::new(),
        open: Vec::new(),
        indents: vec![0],
    };
    lexer.run()?;
    Ok(lexer.found)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    found: Vec<Token>,
    /// Brackets that wait for their other half.
    open: Vec<usize>,
    /// Widths of the blocks that are open, the outermost first.
    indents: Vec<usize>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<()> {
        let mut at_line_start = true;
        loop {
            if at_line_start && self.open.is_empty() {
                self.indentation()?;
                at_line_start = false;
            }
            self.skip_blanks();
            let start = self.at;
            match self.peek() {
                None => break,
                Some('\n') => {
                    self.at += 1;
                    if self.open.is_empty() {
                        self.end_line(start);
                        at_line_start = true;
                    }
                }
                Some(c) if c == '"' || c == '\'' => self.string("")?,
                Some(c) if c.is_ascii_digit() => self.number(),
                Some('.') if self.second().is_some_and(|c| c.is_ascii_digit()) => self.number(),
                Some(c) if c.is_alphabetic() || c == '_' => self.word()?,
                Some(_) => self.sign()?,
            }
        }
        if let Some(start) = self.open.last() {
            let bracket = &self.text[*start..start + 1];
            return Err(self.broken(*start, format!("'{bracket}' was never closed")));
        }
        self.end_line(self.text.len());
        while self.indents.len() > 1 {
            self.indents.pop();
            self.push(Kind::Dedent, self.text.len());
        }
        Ok(())
    }

    /// Blanks, comments and line ends behind a backslash.
    fn skip_blanks(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with([' ', '\t', '\r', '\u{c}', '\u{feff}']) {
                self.at += rest.chars().next().map_or(0, char::len_utf8);
            } else {
                return;
            }
        }
    }

    /// Compares the width of a new line with the open blocks; empty lines have none.
    fn indentation(&mut self) -> Result<()> {
        let rest = &self.text[self.at..];
        let code = rest.trim_start_matches([' ', '\t', '\r', '\u{c}']);
        let blanks = &rest[..rest.len() - code.len()];
        if code.is_empty() || code.starts_with(['\n', '#']) {
            return Ok(());
        }
        let width = blanks.chars().fold(0, |width, blank| match blank {
            '\t' => (width / 8 + 1) * 8,
            _ => width + 1,
        });
        let at = self.at + blanks.len();
        if width > self.width() {
            self.indents.push(width);
            self.push(Kind::Indent, at);
        }
        while width < self.width() {
            self.indents.pop();
            self.push(Kind::Dedent, at);
        }
        if width != self.width() {
            let message = "unindent does not match any outer indentation level";
            return Err(self.broken(at, message));
        }
        Ok(())
    }

    fn width(&self) -> usize {
        self.indents.last().copied().unwrap_or(0)
    }

    fn end_line(&mut self, at: usize) {
        let is_open = self.found.last().is_some_and(|token| {
            !matches!(token.kind, Kind::Newline | Kind::Indent | Kind::Dedent)
        });
        if is_open {
            self.push(Kind::Newline, at);
        }
    }

    /// A name, or the letters in front of a string.
    fn word(&mut self) -> Result<()> {
        let rest = &self.text[self.at..];
        let len = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let word = &rest[..len];
        let prefix = word.to_ascii_lowercase();
        let is_prefix = ["r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"]
            .contains(&prefix.as_str());
        if is_prefix && rest[len..].starts_with(['"', '\'']) {
            return self.string(&prefix);
        }
        self.take(Kind::Name, len);
        Ok(())
    }

    fn number(&mut self) {
        let rest = &self.text[self.at..];
        let mut len = 0;
        let mut before = ' ';
        for c in rest.chars() {
            let is_hex = rest.starts_with("0x") || rest.starts_with("0X");
            let signs_exponent = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !is_hex;
            if !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || signs_exponent) {
                break;
            }
            before = c;
            len += c.len_utf8();
        }
        self.take(Kind::Number, len);
    }

    /// A string with its prefix, in lower case.
    fn string(&mut self, prefix: &str) -> Result<()> {
        let start = self.at;
        let body = start + prefix.len();
        let rest = &self.text[body..];
        let quote = &rest[..1];
        let triple = quote.repeat(3);
        let (closing, is_long) = match rest.starts_with(&triple) {
            true => (triple.as_str(), true),
            false => (quote, false),
        };
        let has_code = prefix.contains(['f', 't']);
        let inner = body + closing.len();
        let Some(len) = string_len(&self.text[inner..], closing, has_code) else {
            let line = self.text[..start].matches('\n').count() + 1;
            let kind = if is_long {
                "triple-quoted string"
            } else {
                "string"
            };
            let message = format!("unterminated {kind} literal (detected at line {line})");
            return Err(self.broken(start, message));
        };
        let written = &self.text[inner..inner + len];
        let meant = match prefix {
            "" | "u" => Some(unescaped(written).into_owned()),
            "r" => Some(written.to_string()),
            _ => None,
        };
        self.take(Kind::Text(meant), inner + len + closing.len() - start);
        Ok(())
    }

    fn sign(&mut self) -> Result<()> {
        let rest = &self.text[self.at..];
        let long = [
            "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=",
            "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", ":=",
        ];
        let single = rest.chars().next().map_or(1, char::len_utf8);
        let len = long
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .map_or(single, |sign| sign.len());
        match &rest[..len] {
            "(" | "[" | "{" => self.open.push(self.at),
            closing @ (")" | "]" | "}") => self.close(closing)?,
            "$" | "?" | "!" | "`" | "\\" => return Err(self.broken(self.at, "invalid syntax")),
            _ => {}
        }
        self.take(Kind::Sign, len);
        Ok(())
    }

    fn close(&mut self, closing: &str) -> Result<()> {
        let Some(start) = self.open.pop() else {
            return Err(self.broken(self.at, format!("unmatched '{closing}'")));
        };
        let opening = &self.text[start..start + 1];
        if !["()", "[]", "{}"].contains(&format!("{opening}{closing}").as_str()) {
            let message = format!(
                "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'"
            );
            return Err(self.broken(self.at, message));
        }
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn second(&self) -> Option<char> {
        self.text[self.at..].chars().nth(1)
    }

    fn take(&mut self, kind: Kind, len: usize) {
        let start = self.at;
        self.at += len;
        self.found.push(Token {
            kind,
            start,
            end: self.at,
        });
    }

    /// A token without text.
    fn push(&mut self, kind: Kind, at: usize) {
        self.found.push(Token {
            kind,
            start: at,
            end: at,
        });
    }

    fn broken(&self, start: usize, message: impl Into<String>) -> Broken {
        Broken {
            message: message.into(),
            start,
            end: start + 1,
        }
    }
}

/// Bytes up to the closing quotes; `None` where the string does not end.
fn string_len(text: &str, closing: &str, has_code: bool) -> Option<usize> {
    let mut at = 0;
    let mut depth = 0usize;
    while at < text.len() {
        let rest = &text[at..];
        let step = rest.chars().next().map_or(1, char::len_utf8);
        if depth == 0 && rest.starts_with(closing) {
            return Some(at);
        }
        at += match &rest[..step] {
            "\\" => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            "\n" if closing.len() == 1 => return None,
            "{" if has_code && rest.starts_with("{{") && depth == 0 => 2,
            "{" if has_code => {
                depth += 1;
                1
            }
            "}" if has_code => {
                depth = depth.saturating_sub(1);
                1
            }
            quote @ ("\"" | "'") if depth > 0 => 2 + string_len(&rest[1..], quote, false)?,
            _ => step,
        };
    }
    None
}

/// The text that a string without prefix means.
fn unescaped(written: &str) -> Cow<'_, str> {
    if !written.contains('\\') {
        return Cow::Borrowed(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = escape(&rest[at..], &mut text);
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Adds what the escape at the start of `rest` means; what is left behind it.
fn escape<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let mut after = rest.chars();
    after.next();
    let plain = match after.next() {
        Some('\n') => return after.as_str(),
        Some('\\') => '\\',
        Some('\'') => '\'',
        Some('"') => '"',
        Some('a') => '\u{7}',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('v') => '\u{b}',
        Some('x') => return coded(rest, 2..4, 16, text),
        Some('u') => return coded(rest, 2..6, 16, text),
        Some('U') => return coded(rest, 2..10, 16, text),
        Some(digit @ '0'..='7') => {
            let _ = digit;
            let digits = rest[1..].find(|c: char| !c.is_digit(8));
            let end = 1 + digits.unwrap_or(rest.len() - 1).min(3);
            return coded(rest, 1..end, 8, text);
        }
        // Unknown escapes stand for themselves.
        _ => {
            text.push('\\');
            return &rest[1..];
        }
    };
    text.push(plain);
    after.as_str()
}

fn coded<'a>(
    rest: &'a str,
    digits: std::ops::Range<usize>,
    radix: u32,
    text: &mut String,
) -> &'a str {
    let end = digits.end;
    let code = rest
        .get(digits)
        .and_then(|d| u32::from_str_radix(d, radix).ok());
    match code.and_then(char::from_u32) {
        Some(c) => {
            text.push(c);
            &rest[end..]
        }
        None => {
            text.push('\\');
            &rest[1..]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match tokens(text) {
            Err(broken) => format!("{}: {}", broken.start, broken.message),
            Ok(tokens) => {
                let words = tokens.iter().map(|token| match &token.kind {
                    Kind::Text(Some(meant)) => format!("{meant:?}"),
                    Kind::Newline => "NL".to_string(),
                    Kind::Indent => ">>".to_string(),
                    Kind::Dedent => "<<".to_string(),
                    _ => text[token.start..token.end].to_string(),
                });
                words.collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn lines_and_blocks() {
        let rows = [
            ("a = 1  # c\n\n", "a = 1 NL"),
            (
                "def f(\n  x,\n):\n    return x\ny",
                "def f ( x , ) : NL >> return x NL << y NL",
            ),
            ("if a:\n\tb\n\n# c\nd", "if a : NL >> b NL << d NL"),
            ("a \\\n  + b", "a + b NL"),
            ("x = 1.5e-3 ** .5", "x = 1.5e-3 ** .5 NL"),
            (
                "if a:\n    b\n  c",
                "14: unindent does not match any outer indentation level",
            ),
            ("f(a", "1: '(' was never closed"),
            (
                "f(a]",
                "3: closing parenthesis ']' does not match opening parenthesis '('",
            ),
            ("a)", "1: unmatched ')'"),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn strings_mean_their_text() {
        let rows = [
            (r#"'a\'b' "c\n\x41\u00e9\101\q""#, r#""a'b" "c\nAéA\\q" NL"#),
            (r"r'a\n'", r#""a\\n" NL"#),
            ("'''a\n'b'''", r#""a\n'b" NL"#),
            (r#"f"{x["a"]} {{" b'z'"#, r#"f"{x["a"]} {{" b'z' NL"#),
            (
                "x = 'a\n",
                "4: unterminated string literal (detected at line 1)",
            ),
            (
                "'''a",
                "0: unterminated triple-quoted string literal (detected at line 1)",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
