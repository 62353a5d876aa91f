//! Cuts SQL into pieces by bytes: blanks, comments, words, quoted names, strings, the rest.
//! Promise: every byte belongs to one piece, in order; nothing is an error (an open string runs to the end).
//! Not here: grammar (`parse`).

use crate::sql::dialect::Dialect;
use std::iter::FusedIterator;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Blank,
    Comment,
    /// A keyword or a name without quotes.
    Word,
    /// A quoted name.
    Name,
    /// A string.
    Text,
    Number,
    /// One character of anything else.
    Symbol,
}

/// A stretch of SQL: byte offsets counted from 0, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Piece {
    pub fn text(self, sql: &str) -> &str {
        &sql[self.start..self.end]
    }

    /// Whether the piece is this keyword, in any case.
    pub fn is_word(self, sql: &str, word: &str) -> bool {
        self.kind == Kind::Word && self.text(sql).eq_ignore_ascii_case(word)
    }

    pub fn is_symbol(self, sql: &str, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text(sql) == symbol
    }

    /// Neither blank nor comment.
    pub fn is_code(self) -> bool {
        !matches!(self.kind, Kind::Blank | Kind::Comment)
    }
}

/// All pieces of a text.
pub fn pieces<'a>(
    sql: &'a str,
    dialect: &'static Dialect,
) -> impl FusedIterator<Item = Piece> + use<'a> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let piece = next(sql, at, dialect)?;
        at = piece.end;
        Some(piece)
    })
    .fuse()
}

/// The pieces that mean something: no blanks, no comments.
pub fn code<'a>(
    sql: &'a str,
    dialect: &'static Dialect,
) -> impl FusedIterator<Item = Piece> + use<'a> {
    pieces(sql, dialect).filter(|piece| piece.is_code())
}

/// The text with each comment made one space, so that words stay apart.
pub fn without_comments(sql: &str, dialect: &'static Dialect) -> String {
    let mut out = String::with_capacity(sql.len());
    for piece in pieces(sql, dialect) {
        match piece.kind {
            Kind::Comment => out.push(' '),
            _ => out.push_str(piece.text(sql)),
        }
    }
    out
}

/// Whether there is nothing to run in the text.
pub fn is_empty(sql: &str, dialect: &'static Dialect) -> bool {
    code(sql, dialect).all(|piece| piece.is_symbol(sql, ";"))
}

fn next(sql: &str, start: usize, dialect: &Dialect) -> Option<Piece> {
    let rest = &sql[start..];
    let first = rest.chars().next()?;
    let (kind, length) = match first {
        c if c.is_whitespace() => (Kind::Blank, run(rest, char::is_whitespace)),
        '-' if rest.starts_with("--") => (Kind::Comment, line(rest)),
        '/' if rest.starts_with("/*") => (Kind::Comment, block_comment(rest, dialect)),
        '\'' => (Kind::Text, quoted(rest, '\'', dialect.backslash_escapes)),
        '"' | '`' if first == dialect.quote => (Kind::Name, quoted(rest, first, false)),
        '"' => (Kind::Text, quoted(rest, '"', dialect.backslash_escapes)),
        'e' | 'E' if rest[1..].starts_with('\'') => {
            (Kind::Text, 1 + quoted(&rest[1..], '\'', true))
        }
        '$' if dialect.dollar_strings => match dollar_string(rest) {
            Some(length) => (Kind::Text, length),
            None => (Kind::Symbol, 1),
        },
        c if c.is_ascii_digit() => (Kind::Number, number(rest)),
        c if is_word_start(c) => (Kind::Word, run(rest, is_word_part)),
        c => (Kind::Symbol, c.len_utf8()),
    };
    Some(Piece {
        kind,
        start,
        end: start + length,
    })
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

fn line(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let signed_exponent = matches!(byte, b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E');
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || signed_exponent {
            at += 1;
        } else {
            break;
        }
    }
    at
}

fn block_comment(rest: &str, dialect: &Dialect) -> usize {
    let bytes = rest.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" if depth == 0 || dialect.nested_comments => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// Length of a quoted stretch, both quotes included; a doubled quote stays inside.
fn quoted(rest: &str, quote: char, backslash: bool) -> usize {
    let bytes = rest.as_bytes();
    let quote = quote as u8;
    let mut at = 1;
    while at < bytes.len() {
        if backslash && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    rest.len()
}

/// `$tag$ ... $tag$`; `None` where the dollar opens no string (a parameter such as `$1`).
fn dollar_string(rest: &str) -> Option<usize> {
    let tag_end = 1 + rest[1..].find('$')?;
    let tag = &rest[..=tag_end];
    let name = &rest[1..tag_end];
    if name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_word_part) {
        return None;
    }
    let body = &rest[tag.len()..];
    Some(match body.find(tag) {
        Some(at) => tag.len() + at + tag.len(),
        None => rest.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;

    fn shown(sql: &str) -> String {
        code(sql, &DUCKDB)
            .map(|piece| format!("{:?}:{}", piece.kind, piece.text(sql)))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn strings_and_comments_hide_what_they_hold() {
        let rows = [
            ("a -- ; with\n b", "Word:a Word:b"),
            ("/* /* x */ ; */ a", "Word:a"),
            ("'it''s; --' x", "Text:'it''s; --' Word:x"),
            ("e'a\\'b' c", "Text:e'a\\'b' Word:c"),
            ("\"a\"\"b\".c", "Name:\"a\"\"b\" Symbol:. Word:c"),
            (
                "$$ ; $$ $1 $t$ $$ $t$",
                "Text:$$ ; $$ Symbol:$ Number:1 Text:$t$ $$ $t$",
            ),
            ("1.5e-3-2", "Number:1.5e-3 Symbol:- Number:2"),
            ("'open", "Text:'open"),
            ("é + ×", "Word:é Symbol:+ Symbol:×"),
        ];
        for (sql, expected) in rows {
            assert_eq!(shown(sql), expected, "{sql}");
            let covered: usize = pieces(sql, &DUCKDB).map(|p| p.end - p.start).sum();
            assert_eq!(covered, sql.len(), "{sql}");
        }
    }

    #[test]
    fn comments_leave_words_apart() {
        assert_eq!(
            without_comments("a/* x */b -- c\n'--'", &DUCKDB),
            "a b  \n'--'"
        );
        assert!(is_empty(" -- x\n;/* */", &DUCKDB));
        assert!(!is_empty("select 1", &DUCKDB));
    }
}
