//! Reads the server's complaints: their kind by SQLSTATE, their text as libpq writes it, their place.

use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use crate::base::event::Family;
use crate::sql::dialect::POSTGRES;
use crate::sql::lex;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;
use std::io;

/// The fields of a complaint or a notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Complaint {
    /// `ERROR`, `FATAL`, ... in English.
    pub(super) severity: String,
    /// SQLSTATE: five letters or digits.
    pub(super) code: String,
    pub(super) message: String,
    pub(super) detail: Option<String>,
    pub(super) hint: Option<String>,
    /// Characters of the statement, counted from 1.
    pub(super) position: Option<usize>,
    internal_query: Option<String>,
    internal_position: Option<usize>,
    context: Option<String>,
}

impl Complaint {
    pub(super) fn read(mut fields: ErrorFields<'_>) -> io::Result<Self> {
        let mut found = Complaint::default();
        while let Some(field) = fields.next()? {
            let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'S' if found.severity.is_empty() => found.severity = text,
                b'V' => found.severity = text,
                b'C' => found.code = text,
                b'M' => found.message = text,
                b'D' => found.detail = Some(text),
                b'H' => found.hint = Some(text),
                b'P' => found.position = text.parse().ok(),
                b'q' => found.internal_query = Some(text),
                b'p' => found.internal_position = text.parse().ok(),
                b'W' => found.context = Some(text),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The complaint about a statement.
    pub(super) fn of(&self, sql: &str) -> AdapterError {
        let place = self.position.and_then(|position| place(sql, position));
        let kind = kind(&self.code, &self.message);
        let mut text = self.text(sql);
        if kind == ErrorKind::Disconnected {
            text +=
                "\nHINT:  The connection to the server was lost; what was not committed is undone.";
        }
        AdapterError {
            line: place.as_ref().map(|place| place.line),
            column: place.as_ref().map(|place| place.column),
            ..new(kind, text)
        }
    }

    /// Message, the line it is about, detail, hint and context.
    fn text(&self, sql: &str) -> String {
        let mut text = self.message.clone();
        let pointed = match (self.position, self.internal_position, &self.internal_query) {
            (Some(position), _, _) => place(sql, position),
            (None, Some(position), Some(query)) => place(query, position),
            _ => None,
        };
        let mut push = |line: String| {
            text.push('\n');
            text.push_str(&line);
        };
        if let Some(place) = pointed {
            push(place.drawn);
        }
        let labelled = [
            ("DETAIL", &self.detail),
            ("HINT", &self.hint),
            ("QUERY", &self.internal_query),
            ("CONTEXT", &self.context),
        ];
        for (label, said) in labelled {
            if let Some(said) = said {
                push(format!("{label}:  {said}"));
            }
        }
        text
    }
}

/// A complaint of our own.
pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> AdapterError {
    AdapterError::new(kind, message).of_family(Family::Database)
}

/// A refusal for want of rights names who wanted what; the server names the object alone.
pub(super) fn with_role(mut error: AdapterError, role: &str, sql: &str) -> AdapterError {
    if error.kind == ErrorKind::Privilege {
        let bare = lex::without_comments(sql, &POSTGRES);
        let line = bare.lines().map(str::trim).find(|line| !line.is_empty());
        let statement: String = line
            .unwrap_or_default()
            .chars()
            .take(SHOWN_OF_STATEMENT)
            .collect();
        error.message += &format!("\nROLE:  {role}\nSTATEMENT:  {statement}");
    }
    error
}

/// What becomes of a connection whose socket fails.
pub(super) fn lost(error: &io::Error) -> AdapterError {
    let reason = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server closed the connection unexpectedly".to_string(),
        _ => error.to_string(),
    };
    let message = format!("the connection to the server was lost: {reason}");
    new(ErrorKind::Disconnected, message)
}

/// A text that cannot be sent.
pub(super) fn unsendable(error: &io::Error) -> AdapterError {
    let message = format!("the statement cannot be sent: {error}");
    new(ErrorKind::Syntax, message)
}

fn kind(code: &str, message: &str) -> ErrorKind {
    match code {
        "42601" => ErrorKind::Syntax,
        "42501" => ErrorKind::Privilege,
        "42P01" | "42P07" | "42P06" | "42P04" | "42710" | "42704" | "3D000" | "3F000" | "2BP01" => {
            ErrorKind::Catalog
        }
        "25006" => ErrorKind::ReadOnly,
        "55P03" => ErrorKind::Conflict,
        "57014" if message.contains("user request") => ErrorKind::Interrupted,
        // Taken down by an administrator, by a crash, or too idle for the server's liking.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" => ErrorKind::Disconnected,
        _ => match code.get(..2) {
            Some("42") => ErrorKind::Binder,
            Some("23") => ErrorKind::Constraint,
            Some("22") => ErrorKind::Data,
            Some("40") => ErrorKind::Conflict,
            Some("28") => ErrorKind::Config,
            Some("08") => ErrorKind::Disconnected,
            Some("53" | "54" | "58") => ErrorKind::Io,
            Some("XX") => ErrorKind::Internal,
            _ => ErrorKind::Other,
        },
    }
}

/// A character of a statement, and its line drawn with a mark below it.
struct Place {
    /// Both counted from 1.
    line: usize,
    column: usize,
    drawn: String,
}

/// Characters of a statement that are named at most.
const SHOWN_OF_STATEMENT: usize = 120;

/// Characters of a line that are shown at most.
const SHOWN: usize = 60;

/// Characters to the right of the mark that are kept.
const KEPT_RIGHT: usize = 10;

/// `None` where the statement has no such character.
fn place(sql: &str, position: usize) -> Option<Place> {
    let (at, _) = sql.char_indices().nth(position.checked_sub(1)?)?;
    let start = sql[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = sql[..start].matches('\n').count() + 1;
    let mark = sql[start..at].chars().count();
    let text = sql[start..].lines().next().unwrap_or_default();
    Some(Place {
        line,
        column: mark + 1,
        drawn: drawn(line, text, mark),
    })
}

/// `LINE 3: ...where foo = 1` and a mark below; long lines are cut at both ends, the right one first.
fn drawn(line: usize, text: &str, mark: usize) -> String {
    let text: Vec<char> = text.replace('\t', " ").chars().collect();
    let (mut from, mut to) = (0, text.len());
    if to > SHOWN {
        if SHOWN >= mark + KEPT_RIGHT {
            to = SHOWN;
        } else {
            to = to.min(mark + KEPT_RIGHT);
            from = to.saturating_sub(SHOWN);
        }
    }
    let (before, after) = (from > 0, to < text.len());
    let dots = |cut: bool| if cut { "..." } else { "" };
    let head = format!("LINE {line}: {}", dots(before));
    let shown: String = text[from..to].iter().collect();
    let indent = " ".repeat(head.chars().count() + mark - from);
    format!("{head}{shown}{}\n{indent}^", dots(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_their_mark() {
        let long = format!("select {}, nocol, {}", "a".repeat(60), "b".repeat(60));
        let at = long.find("nocol").unwrap() + 1;
        let place = place(&long, at).unwrap();
        assert_eq!((place.line, place.column), (1, at));
        let lines: Vec<&str> = place.drawn.lines().collect();
        let mark = lines[1].find('^').unwrap();
        assert!(lines[0].starts_with("LINE 1: ...aaa"), "{}", place.drawn);
        assert!(lines[0][mark..].starts_with("nocol, bb"), "{}", place.drawn);
        assert!(lines[0].ends_with("..."), "{}", place.drawn);
    }

    #[test]
    fn positions_count_characters_and_lines() {
        let found = place("select 'é',\n\tx", 14).unwrap();
        assert_eq!((found.line, found.column), (2, 2));
        assert_eq!(found.drawn, "LINE 2:  x\n         ^");
        assert!(place("select", 9).is_none());
    }
}
