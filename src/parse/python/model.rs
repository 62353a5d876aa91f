//! Whether a file has the one function that dbt calls, with its two parameters and its one result.

use super::lex::Broken;
use super::lex::Kind;
use super::lex::Result;
use super::lex::Token;

const TWO_ARGUMENTS: &str =
    "model function should have two args, `dbt` and a session to current warehouse";
const ONE_RESULT: &str =
    "In current version, model function should return only one dataframe object";

pub(super) fn check(text: &str, tokens: &[Token]) -> Result<()> {
    let view = View { text, tokens };
    let models = view.models();
    let [model] = models.as_slice() else {
        let message = format!(
            "dbt allows exactly one model defined per python file, found {}",
            models.len()
        );
        return Err(view.wrong(models.last().map_or(0, |at| at + 1), &message));
    };
    let bracket = model + 2;
    let end = view.matching(bracket);
    let parameters = view.pieces(bracket + 1, end, ",");
    let is_plain = |start: &usize| !view.word(*start).starts_with(['*', '/']);
    match parameters
        .iter()
        .filter(|(start, _)| is_plain(start))
        .count()
    {
        2 if parameters.len() == 2 => {}
        _ => return Err(view.wrong(model + 1, TWO_ARGUMENTS)),
    }
    if view.word(parameters[0].0) != "dbt" {
        let message = "'dbt' not provided for model as the first argument";
        return Err(view.wrong(parameters[0].0, message));
    }
    let (start, end) = view.last_statement(end);
    let gives_one = view.word(start) == "return" && !view.is_tuple(start + 1, end);
    match gives_one {
        true => Ok(()),
        false => Err(view.wrong(start, ONE_RESULT)),
    }
}

struct View<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl View<'_> {
    /// The `def`s of functions named `model` at the file's top.
    fn models(&self) -> Vec<usize> {
        let mut depth = 0i32;
        let mut found = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            match token.kind {
                Kind::Indent => depth += 1,
                Kind::Dedent => depth -= 1,
                _ => {}
            }
            let is_first =
                at == 0 || matches!(self.tokens[at - 1].kind, Kind::Newline | Kind::Dedent);
            let is_def = self.word(at) == "def" && self.word(at + 1) == "model";
            if depth == 0 && is_first && is_def && self.word(at + 2) == "(" {
                found.push(at);
            }
        }
        found
    }

    /// The bracket that closes the one at a token.
    fn matching(&self, open: usize) -> usize {
        let mut depth = 0i32;
        for at in open..self.tokens.len() {
            depth += self.turn(at);
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// What stands between separators outside of brackets: starts and ends, without empty pieces.
    fn pieces(&self, start: usize, end: usize, separator: &str) -> Vec<(usize, usize)> {
        let mut depth = 0i32;
        let mut from = start;
        let mut found = Vec::new();
        for at in start..end {
            depth += self.turn(at);
            if depth == 0 && self.word(at) == separator {
                found.push((from, at));
                from = at + 1;
            }
        }
        found.push((from, end));
        found.retain(|(start, end)| start < end);
        found
    }

    /// The last statement of a function whose parameters end at a token: where it starts and ends.
    fn last_statement(&self, parameters_end: usize) -> (usize, usize) {
        let end = self.line_end(parameters_end);
        let is_block = self
            .tokens
            .get(end + 1)
            .is_some_and(|t| t.kind == Kind::Indent);
        let (mut start, mut line_end) = match is_block {
            true => (end + 2, self.line_end(end + 2)),
            false => (self.behind_colon(parameters_end, end), end),
        };
        if is_block {
            let mut depth = 0i32;
            for at in end + 2..self.tokens.len() {
                match self.tokens[at].kind {
                    Kind::Indent => depth += 1,
                    Kind::Dedent => depth -= 1,
                    _ => {}
                }
                if depth < 0 {
                    break;
                }
                let follows = matches!(self.tokens[at - 1].kind, Kind::Newline | Kind::Dedent);
                let is_code = !matches!(self.tokens[at].kind, Kind::Indent | Kind::Dedent);
                if depth == 0 && follows && is_code {
                    (start, line_end) = (at, self.line_end(at));
                }
            }
        }
        let pieces = self.pieces(start, line_end, ";");
        pieces.last().copied().unwrap_or((start, line_end))
    }

    /// The start of a body on the same line; a result type may stand before the colon.
    fn behind_colon(&self, from: usize, end: usize) -> usize {
        let colon = (from..end).find(|at| self.word(*at) == ":");
        colon.map_or(end, |at| at + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = self.tokens.get(at..).unwrap_or_default();
        let len = rest.iter().position(|token| token.kind == Kind::Newline);
        at + len.unwrap_or(rest.len())
    }

    /// Whether an expression is several values with commas, in brackets or without.
    fn is_tuple(&self, start: usize, end: usize) -> bool {
        if self.word(start) == "lambda" || start >= end {
            return false;
        }
        let in_brackets = self.word(start) == "(" && self.matching(start) + 1 == end;
        let (inner, inner_end) = match in_brackets {
            true => (start + 1, end - 1),
            false => (start, end),
        };
        let mut depth = 0i32;
        let has_comma = (inner..inner_end).any(|at| {
            depth += self.turn(at);
            depth == 0 && self.word(at) == ","
        });
        has_comma || (in_brackets && inner == inner_end)
    }

    /// 1 for an opening bracket, -1 for a closing one.
    fn turn(&self, at: usize) -> i32 {
        match self.word(at) {
            "(" | "[" | "{" => 1,
            ")" | "]" | "}" => -1,
            _ => 0,
        }
    }

    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(token) if !matches!(token.kind, Kind::Text(_)) => {
                &self.text[token.start..token.end]
            }
            _ => "",
        }
    }

    fn wrong(&self, at: usize, message: &str) -> Broken {
        let (start, end) = self
            .tokens
            .get(at)
            .map_or((0, 0), |token| (token.start, token.end));
        Broken {
            message: message.to_string(),
            start,
            end: end.max(start),
        }
    }
}
