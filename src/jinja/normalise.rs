//! Forms of Jinja2 that the parser does not know, rewritten into forms that it does.
//! Used only after a parse failed. Columns stay where possible: a sign that has no meaning becomes
//! a blank; tuples without brackets and `do` of a plain expression move what follows on their line.

use minijinja::machinery::Token;
use minijinja::machinery::ast::Expr;
use minijinja::machinery::parse_expr;
use minijinja::machinery::tokenize;
use std::ops::Range;

/// The text in the parser's forms; `None` where there was nothing to rewrite.
pub(crate) fn normalise(text: &str) -> Option<String> {
    let tokens = read(text);
    let mut edits = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.sign {
            Sign::Colon if is(&tokens, at + 1, Sign::TagEnd) => edits.push(blank(token)),
            Sign::Plus if !ends_operand(tokens.get(at.wrapping_sub(1))) => edits.push(blank(token)),
            Sign::Open('[') if ends_operand(tokens.get(at.wrapping_sub(1))) => {
                subscript(&tokens, at, &mut edits);
            }
            Sign::PrintStart => print(&tokens, at, &mut edits),
            Sign::TagStart => tag(text, &tokens, at, &mut edits),
            _ => {}
        }
    }
    (!edits.is_empty()).then(|| apply(text, edits))
}

/// A token, as far as the rewriting cares.
#[derive(Debug, Clone)]
struct Piece {
    sign: Sign,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    PrintStart,
    PrintEnd,
    TagStart,
    TagEnd,
    Open(char),
    Close,
    Comma,
    Colon,
    Plus,
    /// A word that an operator may follow or precede, such as `and`.
    Keyword,
    If,
    In,
    For,
    Do,
    Recursive,
    /// A name, number or string.
    Operand,
    Other,
}

type Edit = (Range<usize>, &'static str);

/// The tokens up to the first that cannot be read.
fn read(text: &str) -> Vec<Piece> {
    let tokens = tokenize(text, false, Default::default());
    let tokens = tokens.map_while(Result::ok);
    let pieces = tokens.map(|(token, span)| Piece {
        sign: sign(&token),
        range: span.start_offset as usize..span.end_offset as usize,
    });
    pieces.collect()
}

fn sign(token: &Token<'_>) -> Sign {
    match token {
        Token::VariableStart => Sign::PrintStart,
        Token::VariableEnd => Sign::PrintEnd,
        Token::BlockStart => Sign::TagStart,
        Token::BlockEnd => Sign::TagEnd,
        Token::BracketOpen => Sign::Open('['),
        Token::ParenOpen => Sign::Open('('),
        Token::BraceOpen => Sign::Open('{'),
        Token::BracketClose | Token::ParenClose | Token::BraceClose => Sign::Close,
        Token::Comma => Sign::Comma,
        Token::Colon => Sign::Colon,
        Token::Plus => Sign::Plus,
        Token::Ident("and" | "or" | "not" | "is" | "else" | "elif" | "set") => Sign::Keyword,
        Token::Ident("if") => Sign::If,
        Token::Ident("in") => Sign::In,
        Token::Ident("for") => Sign::For,
        Token::Ident("do") => Sign::Do,
        Token::Ident("recursive") => Sign::Recursive,
        Token::Ident(_)
        | Token::Str(_)
        | Token::String(_)
        | Token::Int(_)
        | Token::Int128(_)
        | Token::Float(_) => Sign::Operand,
        _ => Sign::Other,
    }
}

fn is(tokens: &[Piece], at: usize, sign: Sign) -> bool {
    tokens.get(at).is_some_and(|token| token.sign == sign)
}

fn ends_operand(token: Option<&Piece>) -> bool {
    token.is_some_and(|token| matches!(token.sign, Sign::Operand | Sign::Close))
}

fn blank(token: &Piece) -> Edit {
    (token.range.clone(), " ")
}

/// `x[a, b]` becomes `x[(a, b)]`.
fn subscript(tokens: &[Piece], at: usize, edits: &mut Vec<Edit>) {
    if let Some(end) = tuple_end(tokens, at + 1, |sign| sign == Sign::Close) {
        bracket(tokens, at + 1, end, edits);
    }
}

/// `{{ a, b }}` becomes `{{ (a, b) }}`.
fn print(tokens: &[Piece], at: usize, edits: &mut Vec<Edit>) {
    if let Some(end) = tuple_end(tokens, at + 1, |sign| sign == Sign::PrintEnd) {
        bracket(tokens, at + 1, end, edits);
    }
}

fn tag(text: &str, tokens: &[Piece], at: usize, edits: &mut Vec<Edit>) {
    if is(tokens, at + 1, Sign::For) {
        let rest = tokens.iter().enumerate().skip(at);
        let mut rest = rest.take_while(|(_, token)| token.sign != Sign::TagEnd);
        let Some((inside, _)) = rest.find(|(_, token)| token.sign == Sign::In) else {
            return;
        };
        let ends = |sign| matches!(sign, Sign::TagEnd | Sign::If | Sign::Recursive);
        if let Some(end) = tuple_end(tokens, inside + 1, ends) {
            bracket(tokens, inside + 1, end, edits);
        }
    } else if is(tokens, at + 1, Sign::Do) {
        let mut rest = tokens[at + 2..].iter();
        let Some(end) = rest.find(|token| token.sign == Sign::TagEnd) else {
            return;
        };
        let expression = text[tokens[at + 1].range.end..end.range.start].trim_end_matches('-');
        if !matches!(parse_expr(expression.trim()), Ok(Expr::Call(_))) {
            edits.push((tokens[at + 1].range.clone(), "set _ ="));
        }
    }
}

/// Where a list of expressions with a comma ends; `None` where there is no comma at its own level.
fn tuple_end(tokens: &[Piece], from: usize, ends: impl Fn(Sign) -> bool) -> Option<usize> {
    let mut depth = 0usize;
    let mut commas = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.sign {
            sign if depth == 0 && ends(sign) => return (commas > 0).then_some(at),
            Sign::Open(_) => depth += 1,
            Sign::Close => depth = depth.checked_sub(1)?,
            Sign::Comma if depth == 0 => commas += 1,
            Sign::TagStart | Sign::PrintStart => return None,
            _ => {}
        }
    }
    None
}

/// Puts brackets around the tokens from `start` to before `end`.
fn bracket(tokens: &[Piece], start: usize, end: usize, edits: &mut Vec<Edit>) {
    let first = tokens[start].range.start;
    let last = tokens[end - 1].range.end;
    edits.push((first..first, "("));
    edits.push((last..last, ")"));
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len() + 2 * edits.len());
    let mut from = 0;
    for (range, replacement) in edits {
        out.push_str(&text[from..range.start]);
        out.push_str(replacement);
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_gaps_are_closed() {
        for (text, expected) in [
            ("{% if x: %}", "{% if x  %}"),
            ("{{ f(+1, x[a, b]) }}", "{{ f( 1, x[(a, b)]) }}"),
            ("{{ x[1:2] + +y }}", "{{ x[1:2] +  y }}"),
            ("{% do a() or '' %}", "{% set _ = a() or '' %}"),
            (
                "{% do a(1)(2) -%}{% do b if c %}",
                "{% do a(1)(2) -%}{% set _ = b if c %}",
            ),
            ("{{ 1, [2, 3] }}", "{{ (1, [2, 3]) }}"),
            ("{% for i in 1, 2 if i %}", "{% for i in (1, 2) if i %}"),
        ] {
            assert_eq!(normalise(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["{{ f(a, b) }}", "{{ {'a': [1, 2]}[x] }}", "{{ a + b }}"] {
            assert_eq!(normalise(text), None, "{text}");
        }
    }
}
