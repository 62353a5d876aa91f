//! The mistakes in a file's grammar that can be told from its tokens, in Python's words.

use super::lex::Broken;
use super::lex::Kind;
use super::lex::Result;
use super::lex::Token;

/// Statements with a block, and what Python calls them.
const BLOCKS: [(&str, &str); 12] = [
    ("def", "function definition"),
    ("class", "class definition"),
    ("if", "'if' statement"),
    ("elif", "'elif' statement"),
    ("else", "'else' statement"),
    ("for", "'for' statement"),
    ("while", "'while' statement"),
    ("try", "'try' statement"),
    ("except", "'except' statement"),
    ("finally", "'finally' statement"),
    ("with", "'with' statement"),
    ("async", "function definition"),
];

const KEYWORDS: [&str; 32] = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Names that begin a statement of their own only in some places.
const SOFT_KEYWORDS: [&str; 3] = ["match", "case", "type"];

pub(super) fn check(text: &str, tokens: &[Token]) -> Result<()> {
    let checker = Checker { text, tokens };
    let mut header: Option<usize> = None;
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].kind {
            Kind::Indent if header.take().is_none() => {
                return Err(checker.wrong(at, "unexpected indent".to_string()));
            }
            Kind::Indent | Kind::Dedent => at += 1,
            _ => {
                if let Some(header) = header {
                    return Err(checker.no_block(header, at));
                }
                let end = checker.line_end(at);
                checker.line(at, end)?;
                header = (checker.word(end - 1) == ":").then_some(at);
                at = end + 1;
            }
        }
    }
    match header {
        Some(header) => Err(checker.no_block(header, tokens.len() - 1)),
        None => Ok(()),
    }
}

struct Checker<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl Checker<'_> {
    /// The token that ends the logical line.
    fn line_end(&self, at: usize) -> usize {
        let rest = &self.tokens[at..];
        let len = rest.iter().position(|token| token.kind == Kind::Newline);
        at + len.unwrap_or(rest.len())
    }

    fn line(&self, at: usize, end: usize) -> Result<()> {
        let first = self.word(at);
        let has_block = BLOCKS.iter().any(|(word, _)| *word == first);
        if has_block && !self.has_colon(at, end) {
            return Err(self.wrong(end, "expected ':'".to_string()));
        }
        let start = at + usize::from(SOFT_KEYWORDS.contains(&first));
        for next in start + 1..end {
            let are_texts = self.is_text(next - 1) && self.is_text(next);
            if self.ends_value(next - 1) && self.is_value(next) && !are_texts {
                return Err(self.wrong(next, "invalid syntax".to_string()));
            }
        }
        Ok(())
    }

    fn has_colon(&self, at: usize, end: usize) -> bool {
        let mut depth = 0i32;
        (at..end).any(|at| {
            match self.word(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                ":" if depth == 0 => return true,
                _ => {}
            }
            false
        })
    }

    fn is_text(&self, at: usize) -> bool {
        matches!(self.tokens[at].kind, Kind::Text(_))
    }

    /// A name, number or text, not a keyword.
    fn is_value(&self, at: usize) -> bool {
        match self.tokens[at].kind {
            Kind::Name => !KEYWORDS.contains(&self.word(at)),
            Kind::Number | Kind::Text(_) => true,
            _ => false,
        }
    }

    fn ends_value(&self, at: usize) -> bool {
        self.is_value(at) || [")", "]", "}"].contains(&self.word(at))
    }

    fn no_block(&self, header: usize, at: usize) -> Broken {
        let first = self.word(header);
        let name = BLOCKS.iter().find(|(word, _)| *word == first);
        let name = name.map_or_else(
            || format!("'{first}' statement"),
            |(_, name)| name.to_string(),
        );
        let line = self.text[..self.tokens[header].start].matches('\n').count() + 1;
        self.wrong(
            at,
            format!("expected an indented block after {name} on line {line}"),
        )
    }

    fn word(&self, at: usize) -> &str {
        let token = self.tokens.get(at);
        token.map_or("", |token| &self.text[token.start..token.end])
    }

    fn wrong(&self, at: usize, message: String) -> Broken {
        let token = self.tokens.get(at).or(self.tokens.last());
        let (start, end) = token.map_or((0, 0), |token| (token.start, token.end));
        Broken {
            message,
            start,
            end: end.max(start + 1),
        }
    }
}
