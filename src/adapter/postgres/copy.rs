//! Rows in the text form that `copy ... from stdin` reads.

use crate::adapter::Cell;
use crate::adapter::Relation;
use crate::adapter::cell::Interval;
use bytes::Bytes;

pub(super) fn statement(relation: &Relation) -> String {
    let relation = relation.including(|parts| parts.database = false);
    format!("copy {} from stdin", relation.render())
}

/// One line per row, made when it is asked for.
pub(super) fn lines(rows: &[Vec<Cell>]) -> impl Iterator<Item = Bytes> {
    rows.iter().map(|row| Bytes::from(line(row)))
}

fn line(row: &[Cell]) -> String {
    let mut line = String::new();
    for (index, cell) in row.iter().enumerate() {
        if index > 0 {
            line.push('\t');
        }
        push(&mut line, cell);
    }
    line.push('\n');
    line
}

fn push(line: &mut String, cell: &Cell) {
    if cell.is_null() {
        line.push_str("\\N");
        return;
    }
    for c in text(cell).chars() {
        match c {
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c => line.push(c),
        }
    }
}

/// A value as the server reads it, null apart.
pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Bool(true) => "true".to_string(),
        Cell::Bool(false) => "false".to_string(),
        Cell::Blob(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            format!("\\x{}", digits.collect::<String>())
        }
        Cell::Interval(Interval {
            months,
            days,
            micros,
        }) => format!("{months} months {days} days {micros} microseconds"),
        other => other.to_string(),
    }
}
