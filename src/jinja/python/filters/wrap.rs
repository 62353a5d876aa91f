//! The filter `wordwrap`: text in lines of at most so many characters.

use super::is_given;
use super::is_true;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::methods;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;
use minijinja::value::ValueKind;

pub(super) fn wordwrap(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [width, long_words, wrapstring, hyphens] = bind(
        "wordwrap",
        [
            "width",
            "break_long_words",
            "wrapstring",
            "break_on_hyphens",
        ],
        args,
    )?;
    if !matches!(value.kind(), ValueKind::String | ValueKind::Undefined) {
        return Err(fail(format!(
            "'{}' object has no attribute 'splitlines'",
            type_name(value)
        )));
    }
    let width = int_or(width.as_ref(), 79)?;
    if width <= 0 {
        return Err(fail(format!("invalid width {width} (must be > 0)")));
    }
    let wrap = Wrap {
        width: width as usize,
        long_words: !is_given(&long_words) || is_true(&long_words),
        hyphens: !is_given(&hyphens) || is_true(&hyphens),
    };
    let end = match wrapstring {
        Some(end) if !end.is_none() => repr::str(&end),
        _ => "\n".to_string(),
    };
    let text = repr::str(value);
    let lines = methods::lines(&text, false).into_iter();
    let wrapped: Vec<String> = lines.map(|line| wrap.lines(line).join(&end)).collect();
    Ok(Value::from(wrapped.join(&end)))
}

struct Wrap {
    width: usize,
    /// Whether a word longer than a line is broken.
    long_words: bool,
    /// Whether a line may end after a hyphen within a word.
    hyphens: bool,
}

impl Wrap {
    fn lines(&self, text: &str) -> Vec<String> {
        let mut chunks = self.chunks(text);
        chunks.reverse();
        let mut lines: Vec<String> = Vec::new();
        while let Some(chunk) = chunks.last() {
            if is_blank(chunk) && !lines.is_empty() {
                chunks.pop();
                continue;
            }
            let line = self.line(&mut chunks);
            if !line.is_empty() {
                lines.push(line);
            }
        }
        lines
    }

    /// Takes as many chunks as fit on one line, or a part of one that fits on none.
    fn line(&self, chunks: &mut Vec<String>) -> String {
        let mut line: Vec<String> = Vec::new();
        let mut room = self.width;
        while let Some(chunk) = chunks.pop() {
            let len = chunk.chars().count();
            if len <= room {
                room -= len;
                line.push(chunk);
                continue;
            }
            if len <= self.width || (!self.long_words && !line.is_empty()) {
                chunks.push(chunk);
            } else if self.long_words {
                let cut = self.place_to_break(&chunk, room);
                line.push(chunk[..cut].to_string());
                chunks.push(chunk[cut..].to_string());
            } else {
                line.push(chunk);
            }
            break;
        }
        if line.last().is_some_and(|chunk| is_blank(chunk)) {
            line.pop();
        }
        line.concat()
    }

    /// Byte offset at which a long word is broken: after a hyphen where one fits.
    fn place_to_break(&self, chunk: &str, room: usize) -> usize {
        let room = room.max(1);
        let end = chunk
            .char_indices()
            .nth(room)
            .map_or(chunk.len(), |(at, _)| at);
        let hyphen = chunk[..end]
            .rfind('-')
            .filter(|at| self.hyphens && *at > 0 && chunk[..*at].contains(|c: char| c != '-'));
        hyphen.map_or(end, |at| at + 1)
    }

    /// Words and the white space between them; words with hyphens in pieces.
    fn chunks(&self, text: &str) -> Vec<String> {
        let mut chunks: Vec<String> = Vec::new();
        let mut current = String::new();
        let chars: Vec<char> = text.chars().collect();
        for (at, c) in chars.iter().enumerate() {
            let blank = c.is_whitespace();
            let turn = current
                .chars()
                .last()
                .is_some_and(|last| last.is_whitespace() != blank);
            if turn {
                chunks.push(std::mem::take(&mut current));
            }
            current.push(*c);
            if self.hyphens && ends_piece(&chars, at) {
                chunks.push(std::mem::take(&mut current));
            }
        }
        if !current.is_empty() {
            chunks.push(current);
        }
        chunks
    }
}

fn is_blank(chunk: &str) -> bool {
    chunk.chars().all(char::is_whitespace)
}

/// Whether the character is a hyphen between two parts of a word that both hold letters.
fn ends_piece(chars: &[char], at: usize) -> bool {
    let word = |at: Option<&char>| at.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let letter = |at: Option<&char>| at.is_some_and(|c| c.is_alphabetic() || *c == '_');
    let before = |steps: usize| at.checked_sub(steps).and_then(|at| chars.get(at));
    chars[at] == '-'
        && letter(before(1))
        && word(before(2))
        && word(chars.get(at + 1))
        && (letter(chars.get(at + 1)) && !matches!(chars.get(at + 2), Some('-'))
            || letter(chars.get(at + 2)))
}
