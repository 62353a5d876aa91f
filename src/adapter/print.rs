//! Draws a table as text, the way `show` and `print_table` present rows.

use crate::adapter::cell::Cell;
use crate::adapter::decimal::Decimal;
use crate::adapter::table::Kind;
use crate::adapter::table::Table;

/// How much of a table is drawn. `None` draws all.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub rows: Option<usize>,
    pub columns: Option<usize>,
    /// In characters; longer texts end in `...`.
    pub column_width: Option<usize>,
    /// Digits behind the point; a number with more ends in `…`.
    pub precision: Option<usize>,
}

impl Limits {
    pub const USUAL: Limits = Limits {
        rows: Some(20),
        columns: Some(6),
        column_width: Some(20),
        precision: Some(3),
    };
}

/// The table as lines that end in a line break: a head, a rule, the rows.
pub fn table(table: &Table, limits: Limits) -> String {
    let shown_columns = limits
        .columns
        .unwrap_or(usize::MAX)
        .min(table.columns.len());
    let shown_rows = limits.rows.unwrap_or(usize::MAX).min(table.rows.len());
    let rows = &table.rows[..shown_rows];
    let mut columns: Vec<DrawnColumn> = (0..shown_columns)
        .map(|index| DrawnColumn::of(table, index, rows, limits))
        .collect();
    if shown_columns < table.columns.len() {
        columns.push(DrawnColumn::of_dots(shown_rows));
    }
    if shown_rows < table.rows.len() {
        for column in &mut columns {
            column.cells.push("...".to_string());
        }
    }
    let mut out = String::new();
    // Once a column, not once a cell.
    let widths: Vec<usize> = columns.iter().map(DrawnColumn::width).collect();
    let columns = || columns.iter().zip(&widths);
    push_line(
        &mut out,
        columns().map(|(c, width)| c.padded(&c.name, *width)),
    );
    push_line(&mut out, widths.iter().map(|width| "-".repeat(*width)));
    let lines = columns().next().map_or(0, |(c, _)| c.cells.len());
    for line in 0..lines {
        push_line(
            &mut out,
            columns().map(|(c, width)| c.padded(&c.cells[line], *width)),
        );
    }
    out
}

fn push_line(out: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    out.push_str(&format!("| {} |\n", cells.join(" | ")));
}

struct DrawnColumn {
    name: String,
    cells: Vec<String>,
    /// Texts stand on the left, all else on the right.
    left: bool,
}

impl DrawnColumn {
    fn of(table: &Table, index: usize, rows: &[Vec<Cell>], limits: Limits) -> Self {
        let column = &table.columns[index];
        let cells = rows.iter().map(|row| &row[index]);
        let cells: Vec<String> = match column.kind {
            Kind::Number => numbers(cells, limits),
            _ => cells.map(plain).collect(),
        };
        DrawnColumn {
            name: cut(column.name.clone(), limits),
            cells: cells.into_iter().map(|cell| cut(cell, limits)).collect(),
            left: column.kind == Kind::Text,
        }
    }

    fn of_dots(rows: usize) -> Self {
        DrawnColumn {
            name: "...".to_string(),
            cells: vec!["...".to_string(); rows],
            left: true,
        }
    }

    fn width(&self) -> usize {
        let cells = self.cells.iter().chain([&self.name]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    fn padded(&self, text: &str, width: usize) -> String {
        match self.left {
            true => format!("{text:<width$}"),
            false => format!("{text:>width$}"),
        }
    }
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        other => other.to_string(),
    }
}

/// Numbers with as many digits behind the point as the longest of them has.
fn numbers<'a>(cells: impl Iterator<Item = &'a Cell> + Clone, limits: Limits) -> Vec<String> {
    let places = cells.clone().filter_map(|cell| match cell {
        Cell::Decimal(value) => Some(value.places()),
        _ => None,
    });
    let places = places.max().unwrap_or(0);
    let drawn = limits.precision.map_or(places, |most| places.min(most));
    let more = if places > drawn { "…" } else { "" };
    cells
        .map(|cell| match cell {
            Cell::Decimal(value) => format!("{}{more}", grouped(*value, drawn)),
            other => plain(other),
        })
        .collect()
}

/// `1,234.50`
fn grouped(value: Decimal, places: usize) -> String {
    let text = value.fixed(places);
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = sign.to_string();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

fn cut(text: String, limits: Limits) -> String {
    match limits.column_width {
        Some(width) if text.chars().count() > width => {
            let kept: String = text.chars().take(width.saturating_sub(3)).collect();
            kept + "..."
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::table::TableColumn;

    fn drawn(columns: Vec<(&str, Vec<Cell>)>, limits: Limits) -> String {
        let rows = (0..columns[0].1.len())
            .map(|row| {
                columns
                    .iter()
                    .map(|(_, cells)| cells[row].clone())
                    .collect()
            })
            .collect();
        let columns = columns.iter().map(|(name, _)| TableColumn::new(*name, ""));
        table(&Table::new(columns.collect(), rows).settled(), limits)
    }

    #[test]
    fn numbers_are_grouped_and_aligned() {
        let columns = vec![
            ("id", vec![Cell::Int(1), Cell::Int(22_000)]),
            ("b", vec![Cell::Float(1_234_567.5), Cell::Float(2.0)]),
            ("c", vec![Cell::Float(100.0), Cell::Float(0.123_999_9)]),
            ("d", vec![Cell::text("x"), Cell::Null]),
            ("e", vec![Cell::Bool(true), Cell::Null]),
        ];
        insta::assert_snapshot!(drawn(columns, Limits::USUAL), @r"
        |    id |           b |        c | d |    e |
        | ----- | ----------- | -------- | - | ---- |
        |     1 | 1,234,567.5 | 100.000… | x | True |
        | 22000 |         2.0 |   0.124… |   |      |
        ");
    }

    #[test]
    fn digits_are_cut_where_asked() {
        let cells = || vec![("n", vec![Cell::Float(0.123_45), Cell::Float(2.0)])];
        let with = |precision| Limits {
            precision,
            ..Limits::USUAL
        };
        insta::assert_snapshot!(drawn(cells(), with(None)), @r"
        |       n |
        | ------- |
        | 0.12345 |
        | 2.00000 |
        ");
        insta::assert_snapshot!(drawn(cells(), with(Some(1))), @r"
        |    n |
        | ---- |
        | 0.1… |
        | 2.0… |
        ");
    }

    #[test]
    fn what_is_too_much_becomes_dots() {
        let limits = Limits {
            rows: Some(1),
            columns: Some(1),
            column_width: Some(5),
            ..Limits::USUAL
        };
        let columns = vec![
            ("longer name", vec![Cell::text("abcdef"), Cell::text("x")]),
            ("b", vec![Cell::Null, Cell::Null]),
        ];
        insta::assert_snapshot!(drawn(columns, limits), @r"
        | lo... | ... |
        | ----- | --- |
        | ab... | ... |
        | ...   | ... |
        ");
    }
}
