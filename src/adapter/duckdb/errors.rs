//! Reads DuckDB's complaints: their kind, and the place in the statement they point at.

use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;

/// A complaint about a statement; `sql` serves to find the column of shortened lines.
pub(super) fn of(error: &duckdb::Error, sql: &str) -> AdapterError {
    let message = match error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    let place = place(&message, sql);
    AdapterError {
        line: place.map(|(line, _)| line),
        column: place.and_then(|(_, column)| column),
        ..AdapterError::new(kind(&message), message.trim_end())
    }
}

/// Whether a profile's `retryable_exceptions` (`IOException`, ...) name this kind of error.
pub(super) fn is_retryable(error: &AdapterError, names: &[String]) -> bool {
    names.iter().any(|name| {
        let word = name.strip_suffix("Exception").unwrap_or(name);
        let said = error.message.split(" Error").next().unwrap_or_default();
        said.replace([' ', '-'], "").eq_ignore_ascii_case(word)
    })
}

fn kind(message: &str) -> ErrorKind {
    let (head, rest) = message.split_once(" Error: ").unwrap_or(("", message));
    if rest.contains("read-only mode") {
        return ErrorKind::ReadOnly;
    }
    match head {
        "Parser" | "Syntax" => ErrorKind::Syntax,
        "Binder" => ErrorKind::Binder,
        "Catalog" | "Dependency" => ErrorKind::Catalog,
        "Constraint" => ErrorKind::Constraint,
        "Conversion" | "Out of Range" | "Invalid Input" | "Mismatch Type" => ErrorKind::Data,
        "TransactionContext" => ErrorKind::Conflict,
        "INTERRUPT" => ErrorKind::Interrupted,
        "IO" if rest.starts_with("Could not set lock") => ErrorKind::Locked,
        "IO" | "HTTP" | "Out of Memory" | "Permission" => ErrorKind::Io,
        "INTERNAL" | "FATAL" => ErrorKind::Internal,
        _ => ErrorKind::Other,
    }
}

/// Line and column out of `LINE 3: where foo = 1` and the caret below it.
fn place(message: &str, sql: &str) -> Option<(usize, Option<usize>)> {
    let mut lines = message
        .lines()
        .skip_while(|line| !line.starts_with("LINE "));
    let shown = lines.next()?;
    let (number, text) = shown.strip_prefix("LINE ")?.split_once(": ")?;
    let line: usize = number.parse().ok()?;
    let prefix = shown.chars().count() - text.chars().count();
    let caret = lines.next().and_then(|line| line.find('^'));
    let within = caret.and_then(|caret| caret.checked_sub(prefix));
    Some((
        line,
        within.and_then(|within| column(within, text, line, sql)),
    ))
}

/// Column in the statement of a character of the shown line, which DuckDB may have cut at both ends.
fn column(within: usize, shown: &str, line: usize, sql: &str) -> Option<usize> {
    let Some(cut) = shown.strip_prefix("...") else {
        return Some(within + 1);
    };
    let kept = cut.strip_suffix("...").unwrap_or(cut);
    let whole = sql.lines().nth(line - 1)?;
    let start = whole[..whole.find(kept)?].chars().count();
    Some(start + within.checked_sub(3)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_first_words() {
        let rows = [
            (
                "Parser Error: syntax error at or near \"selec\"",
                ErrorKind::Syntax,
            ),
            (
                "Catalog Error: Table with name nope does not exist!",
                ErrorKind::Catalog,
            ),
            (
                "IO Error: Could not set lock on file \"x\": Conflicting lock is held",
                ErrorKind::Locked,
            ),
            ("IO Error: Cannot open file", ErrorKind::Io),
            ("INTERRUPT Error: Interrupted!", ErrorKind::Interrupted),
            (
                "Invalid Input Error: Cannot execute statement of type \"CREATE\" on database \"x\" \
                 which is attached in read-only mode!",
                ErrorKind::ReadOnly,
            ),
            ("something else", ErrorKind::Other),
        ];
        for (message, expected) in rows {
            assert_eq!(kind(message), expected, "{message}");
        }
    }

    #[test]
    fn carets_point_into_the_statement() {
        let sql = "select 1\nfrom u\nwhere foo = 1";
        let message = "Binder Error: no\n\nLINE 3: where foo = 1\n              ^";
        assert_eq!(place(message, sql), Some((3, Some(7))));
        let message = "Binder Error: no\n\nLINE 3: ...foo = 1\n           ^";
        assert_eq!(place(message, sql), Some((3, Some(7))));
        assert_eq!(place("IO Error: none", sql), None);
    }
}
