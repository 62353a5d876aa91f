//! Python literals as text, for values of YAML that name their type: `"{{ '[1, 2]' | as_native }}"`.

use crate::jinja::python::filters;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::numbers::int_value;
use crate::jinja::python::operators;
use crate::jinja::values::dict;
use crate::jinja::values::list;
use crate::jinja::values::tuple;
use minijinja::value::Value;

/// `ast.literal_eval(text)`; `None` where Python raises.
pub fn parse(text: &str) -> Option<Value> {
    let mut parser = Parser {
        rest: text.trim_start_matches([' ', '\t']),
    };
    let value = parser.sequence_or_value()?;
    parser.skip_space();
    parser.rest.is_empty().then_some(value)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    /// At the top level, commas alone make a tuple.
    fn sequence_or_value(&mut self) -> Option<Value> {
        let first = self.value()?;
        if !self.take(',') {
            return Some(first);
        }
        let mut items = vec![first];
        while !self.at_end() {
            items.push(self.value()?);
            if !self.take(',') {
                break;
            }
        }
        Some(tuple(items))
    }

    fn value(&mut self) -> Option<Value> {
        self.skip_space();
        match self.rest.chars().next()? {
            '[' => self.items('[', ']').map(|(items, _)| list(items)),
            '(' => self.tuple(),
            '{' => self.dict(),
            '-' => {
                self.take('-');
                operators::negate(&self.number()?).ok()
            }
            '+' => {
                self.take('+');
                self.number()
            }
            '\'' | '"' => self.texts(),
            c if c.is_ascii_digit() || c == '.' => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Option<Value> {
        let words = [
            ("True", Value::from(true)),
            ("False", Value::from(false)),
            ("None", Value::from(())),
        ];
        let (word, value) = words.into_iter().find(|(word, _)| {
            let after = self.rest.strip_prefix(word);
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })?;
        self.rest = &self.rest[word.len()..];
        Some(value)
    }

    fn number(&mut self) -> Option<Value> {
        self.skip_space();
        let mut end = 0;
        for (at, c) in self.rest.char_indices() {
            let after_e = self.rest[..at].ends_with(['e', 'E']) && !self.rest.starts_with("0x");
            if !(c.is_ascii_alphanumeric()
                || matches!(c, '.' | '_')
                || (after_e && "+-".contains(c)))
            {
                break;
            }
            end = at + c.len_utf8();
        }
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        let is_octal_of_old = text.len() > 1
            && text.starts_with('0')
            && text.chars().all(|c| c.is_ascii_digit() || c == '_')
            && text.chars().any(|c| ('1'..='9').contains(&c));
        if is_octal_of_old || !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        filters::parse_int(text, 0)
            .map(int_value)
            .or_else(|| filters::parse_float(text).map(|float| Number::Float(float).into()))
    }

    /// Strings side by side are one.
    fn texts(&mut self) -> Option<Value> {
        let mut text = self.text()?;
        self.skip_space();
        while self.rest.starts_with(['\'', '"']) {
            text.push_str(&self.text()?);
            self.skip_space();
        }
        Some(Value::from(text))
    }

    fn text(&mut self) -> Option<String> {
        let triple = ["'''", "\"\"\""]
            .into_iter()
            .find(|quotes| self.rest.starts_with(quotes));
        let quotes = triple.unwrap_or(&self.rest[..1]).to_string();
        self.rest = &self.rest[quotes.len()..];
        let mut text = String::new();
        loop {
            if let Some(after) = self.rest.strip_prefix(quotes.as_str()) {
                self.rest = after;
                return Some(text);
            }
            match self.next()? {
                '\\' => self.escape(&mut text)?,
                '\n' if quotes.len() == 1 => return None,
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Option<()> {
        match self.next()? {
            '\n' => {}
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'a' => text.push('\x07'),
            'b' => text.push('\x08'),
            'f' => text.push('\x0c'),
            'v' => text.push('\x0b'),
            c @ ('\\' | '\'' | '"') => text.push(c),
            'x' => text.push(self.code_point(2)?),
            'u' => text.push(self.code_point(4)?),
            'U' => text.push(self.code_point(8)?),
            '0' => text.push('\0'),
            other => text.extend(['\\', other]),
        }
        Some(())
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let text = self.rest.get(..digits)?;
        self.rest = &self.rest[digits..];
        char::from_u32(u32::from_str_radix(text, 16).ok()?)
    }

    fn tuple(&mut self) -> Option<Value> {
        let (mut items, comma) = self.items('(', ')')?;
        match items.len() == 1 && !comma {
            true => items.pop(),
            false => Some(tuple(items)),
        }
    }

    /// What stands between brackets, and whether a comma follows the last item.
    fn items(&mut self, open: char, close: char) -> Option<(Vec<Value>, bool)> {
        self.take(open);
        let mut items = Vec::new();
        let mut comma = false;
        while !self.take(close) {
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(self.value()?);
            comma = self.take(',');
        }
        Some((items, comma))
    }

    fn dict(&mut self) -> Option<Value> {
        self.take('{');
        let mut pairs = Vec::new();
        let mut comma = true;
        while !self.take('}') {
            if !comma {
                return None;
            }
            let key = self.value()?;
            if !self.take(':') {
                return None;
            }
            pairs.push((key, self.value()?));
            comma = self.take(',');
        }
        Some(dict(pairs))
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        self.skip_space();
        let after = self.rest.strip_prefix(wanted);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn at_end(&mut self) -> bool {
        self.skip_space();
        self.rest.is_empty()
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jinja::python::repr;

    #[test]
    fn literals_are_read_and_nothing_else() {
        for (text, wanted) in [
            ("[1, 'a', -2.5,]", "[1, 'a', -2.5]"),
            ("{'a': (1,), \"b\": None}", "{'a': (1,), 'b': None}"),
            ("1, 2", "(1, 2)"),
            ("0x1f", "31"),
            ("1_000", "1000"),
            ("1e3", "1000.0"),
            (" True", "True"),
        ] {
            assert_eq!(
                parse(text).map(|value| repr::repr(&value)).as_deref(),
                Some(wanted)
            );
        }
        for text in ["true", "012", "abc", "1 + 1", "[1 2]", "f()", ""] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
