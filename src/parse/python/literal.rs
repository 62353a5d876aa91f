//! Calls and literal values out of tokens: what can be known of an expression without running it.

use super::lex::Kind;
use super::lex::Token;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

/// The arguments of a call, all literal.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Arguments {
    pub positional: Vec<Value>,
    pub named: Map<String, Value>,
}

/// An expression that is no literal: where it begins and ends.
#[derive(Debug, PartialEq)]
pub(super) struct NotLiteral {
    pub start: usize,
    pub end: usize,
}

type Result<T> = std::result::Result<T, NotLiteral>;

/// Reads the arguments of a call whose opening bracket is `tokens[at]`.
pub(super) fn arguments(text: &str, tokens: &[Token], at: usize) -> Result<Arguments> {
    let mut reader = Reader {
        text,
        tokens,
        at: at + 1,
    };
    let mut found = Arguments::default();
    while !reader.skips(")") {
        match reader.keyword() {
            Some(name) => {
                let value = reader.value()?;
                found.named.insert(name, value);
            }
            None => {
                let value = reader.value()?;
                found.positional.push(value);
            }
        }
        reader.separator(")")?;
    }
    Ok(found)
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value> {
        let start = self.at;
        let Some(token) = self.tokens.get(start) else {
            return Err(self.not_literal(start));
        };
        self.at += 1;
        match (&token.kind, self.word(start)) {
            (Kind::Text(Some(_)), _) => {
                self.at = start;
                self.joined_texts()
            }
            (Kind::Number, word) => number(word).ok_or_else(|| self.not_literal(start)),
            (Kind::Name, "None") => Ok(Value::Null),
            (Kind::Name, "True") => Ok(Value::Bool(true)),
            (Kind::Name, "False") => Ok(Value::Bool(false)),
            (Kind::Sign, "-") => self.negative(start),
            (Kind::Sign, "+") => self.value(),
            (Kind::Sign, "[") => self.items("]").map(|(items, _)| Value::Array(items)),
            (Kind::Sign, "(") => self.in_brackets(),
            (Kind::Sign, "{") => self.in_braces(),
            _ => Err(self.not_literal(start)),
        }
    }

    /// Strings that follow one another are one.
    fn joined_texts(&mut self) -> Result<Value> {
        let mut joined = String::new();
        while let Some(Token {
            kind: Kind::Text(text),
            ..
        }) = self.tokens.get(self.at)
        {
            let Some(text) = text else {
                return Err(self.not_literal(self.at));
            };
            joined.push_str(text);
            self.at += 1;
        }
        Ok(Value::String(joined))
    }

    fn negative(&mut self, start: usize) -> Result<Value> {
        match self.value()? {
            Value::Number(number) => {
                let negated = match number.as_i64() {
                    Some(int) => int.checked_neg().map(Number::from),
                    None => number.as_f64().and_then(|float| Number::from_f64(-float)),
                };
                negated
                    .map(Value::Number)
                    .ok_or_else(|| self.not_literal(start))
            }
            _ => Err(self.not_literal(start)),
        }
    }

    /// A tuple, or a value in brackets.
    fn in_brackets(&mut self) -> Result<Value> {
        let (mut items, ends_in_comma) = self.items(")")?;
        match items.len() {
            1 if !ends_in_comma => Ok(items.remove(0)),
            _ => Ok(Value::Array(items)),
        }
    }

    /// A dictionary or a set.
    fn in_braces(&mut self) -> Result<Value> {
        let mut map = Map::new();
        if self.skips("}") {
            return Ok(Value::Object(map));
        }
        let start = self.at;
        let first = self.value()?;
        if !self.skips(":") {
            self.at = start;
            return self.items("}").map(|(items, _)| Value::Array(items));
        }
        map.insert(key(first), self.value()?);
        self.separator("}")?;
        while !self.skips("}") {
            let start = self.at;
            let name = self.value()?;
            if !self.skips(":") {
                return Err(self.not_literal(start));
            }
            map.insert(key(name), self.value()?);
            self.separator("}")?;
        }
        Ok(Value::Object(map))
    }

    /// Values up to a closing bracket, and whether a comma stands before it.
    fn items(&mut self, closing: &str) -> Result<(Vec<Value>, bool)> {
        let mut items = Vec::new();
        let mut ends_in_comma = false;
        while !self.skips(closing) {
            items.push(self.value()?);
            ends_in_comma = self.separator(closing)?;
        }
        Ok((items, ends_in_comma))
    }

    /// Whether a comma was there; without one the closing bracket has to follow.
    fn separator(&mut self, closing: &str) -> Result<bool> {
        match (self.skips(","), self.is(closing)) {
            (false, false) => Err(self.not_literal(self.at)),
            (comma, _) => Ok(comma),
        }
    }

    fn keyword(&mut self) -> Option<String> {
        let is_name = self.tokens.get(self.at)?.kind == Kind::Name;
        let name = self.word(self.at).to_string();
        let is_keyword = is_name && self.word(self.at + 1) == "=";
        is_keyword.then(|| {
            self.at += 2;
            name
        })
    }

    fn skips(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn is(&self, sign: &str) -> bool {
        let token = self.tokens.get(self.at);
        token.is_some_and(|token| token.kind == Kind::Sign) && self.word(self.at) == sign
    }

    fn word(&self, at: usize) -> &str {
        let token = self.tokens.get(at);
        token.map_or("", |token| &self.text[token.start..token.end])
    }

    fn not_literal(&self, at: usize) -> NotLiteral {
        match self.tokens.get(at).or(self.tokens.last()) {
            Some(token) => NotLiteral {
                start: token.start,
                end: token.end.max(token.start + 1),
            },
            None => NotLiteral { start: 0, end: 0 },
        }
    }
}

fn number(word: &str) -> Option<Value> {
    let word = word.replace('_', "").to_ascii_lowercase();
    let in_base = |digits: &str, base| i64::from_str_radix(digits, base).ok();
    let whole = match word.get(..2) {
        Some("0x") => in_base(&word[2..], 16),
        Some("0o") => in_base(&word[2..], 8),
        Some("0b") => in_base(&word[2..], 2),
        _ => word.parse().ok(),
    };
    let float = || Number::from_f64(word.parse().ok()?);
    whole.map(Number::from).or_else(float).map(Value::Number)
}

/// A key of a dictionary; settings have texts as keys.
fn key(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::python::lex::tokens;

    #[test]
    fn literals_are_values() {
        let rows = [
            ("f('a', \"b\" 'c')", r#"["a","bc"] {}"#),
            ("f(x=-1, y=1.50, z=0x1F, )", r#"[] {"x":-1,"y":1.5,"z":31}"#),
            (
                "f([1, [2]], (3,), (4), {5, 6}, {})",
                "[[1,[2]],[3],4,[5,6],{}] {}",
            ),
            ("f({'a': None, 1: True})", r#"[{"a":null,"1":true}] {}"#),
            ("f(1e3, 1_000)", "[1000.0,1000] {}"),
        ];
        for (text, expected) in rows {
            let found = arguments(text, &tokens(text).unwrap(), 1).unwrap();
            let named = Value::Object(found.named);
            let shown = format!("{} {named}", Value::Array(found.positional));
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        let rows = [
            ("f(a)", "a"),
            ("f('x' + y)", "+"),
            ("f(f'a{b}')", "f'a{b}'"),
            ("f(**d)", "**"),
            ("f(x=[g()])", "g"),
        ];
        for (text, expected) in rows {
            let wrong = arguments(text, &tokens(text).unwrap(), 1).unwrap_err();
            assert_eq!(&text[wrong.start..wrong.end], expected, "{text}");
        }
    }
}
