//! The difference of two tables in few lines: rows that only one side has, cells that changed, and a
//! row of the same around them. Rows stand in no order; a row that moved is no difference.
//!
//! ```text
//! @@ ,id,name
//!    ,1 ,a
//! →  ,2 ,b→c
//! +++,3 ,only in actual
//! ---,4 ,only expected
//! ```

use crate::adapter::Cell;
use rustc_hash::FxHashMap;

/// The expected rows against the actual ones; `None` where they are the same.
pub(super) fn table(
    names: &[&str],
    expected: &[Vec<Cell>],
    actual: &[Vec<Cell>],
) -> Option<String> {
    let sides = Sides {
        expected: texts(expected),
        actual: texts(actual),
        columns: names.len(),
    };
    let rows = sides.rows();
    if rows.iter().all(|row| matches!(row, Row::Same(_))) {
        return None;
    }
    let mut lines = vec![line("@@", names.iter().map(|name| name.to_string()))];
    lines.extend(shown(&rows, names.len()));
    Some(aligned(&lines))
}

/// A cell as it is compared; `None` for null.
type Text = Option<String>;

fn texts(rows: &[Vec<Cell>]) -> Vec<Vec<Text>> {
    let text = |cell: &Cell| (!cell.is_null()).then(|| cell.to_string());
    rows.iter()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

/// One row of the comparison.
enum Row<'a> {
    Same(&'a [Text]),
    Changed(&'a [Text], &'a [Text]),
    Added(&'a [Text]),
    Missing(&'a [Text]),
}

struct Sides {
    expected: Vec<Vec<Text>>,
    actual: Vec<Vec<Text>>,
    columns: usize,
}

impl Sides {
    /// In the order of the actual rows, missing ones where they would stand.
    fn rows(&self) -> Vec<Row<'_>> {
        let partner = self.partners();
        let mut taken = vec![false; self.expected.len()];
        for at in partner.iter().flatten() {
            taken[*at] = true;
        }
        let mut rows = Vec::new();
        let mut next = 0;
        for (actual, partner) in self.actual.iter().zip(&partner) {
            let Some(at) = *partner else {
                rows.push(Row::Added(actual));
                continue;
            };
            while next < at {
                if !taken[next] {
                    rows.push(Row::Missing(&self.expected[next]));
                }
                next += 1;
            }
            let expected = &self.expected[at];
            rows.push(match expected == actual {
                true => Row::Same(actual),
                false => Row::Changed(expected, actual),
            });
        }
        let rest = self.expected.iter().zip(&taken).skip(next);
        rows.extend(
            rest.filter(|(_, taken)| !**taken)
                .map(|(row, _)| Row::Missing(row)),
        );
        rows
    }

    /// For each actual row the expected one that it stands for: equal ones first, then those that
    /// some columns tell apart from all others.
    fn partners(&self) -> Vec<Option<usize>> {
        let mut links = Links {
            of_actual: vec![None; self.actual.len()],
            of_expected: vec![None; self.expected.len()],
        };
        let mut waiting: FxHashMap<&[Text], Vec<usize>> = FxHashMap::default();
        for (at, row) in self.expected.iter().enumerate().rev() {
            waiting.entry(row.as_slice()).or_default().push(at);
        }
        for (at, row) in self.actual.iter().enumerate() {
            if let Some(expected) = waiting.get_mut(row.as_slice()).and_then(Vec::pop) {
                links.join(expected, at);
            }
        }
        for columns in column_sets(self.columns) {
            links.join_unique(self, &columns);
        }
        links.of_actual
    }
}

/// Which rows belong together so far.
struct Links {
    of_actual: Vec<Option<usize>>,
    of_expected: Vec<Option<usize>>,
}

impl Links {
    fn join(&mut self, expected: usize, actual: usize) {
        self.of_actual[actual] = Some(expected);
        self.of_expected[expected] = Some(actual);
    }

    /// Joins open rows that have the same values in some columns, where no other row has these.
    fn join_unique(&mut self, sides: &Sides, columns: &[usize]) {
        let of_expected = by_key(&sides.expected, columns);
        let of_actual = by_key(&sides.actual, columns);
        for (key, actual) in of_actual {
            let expected = of_expected.get(&key).map_or(&[][..], Vec::as_slice);
            if let ([expected], [actual]) = (expected, actual.as_slice())
                && self.of_expected[*expected].is_none()
                && self.of_actual[*actual].is_none()
            {
                self.join(*expected, *actual);
            }
        }
    }
}

fn by_key<'a>(rows: &'a [Vec<Text>], columns: &[usize]) -> FxHashMap<Vec<&'a Text>, Vec<usize>> {
    let mut found: FxHashMap<Vec<&Text>, Vec<usize>> = FxHashMap::default();
    for (at, row) in rows.iter().enumerate() {
        let key = columns.iter().map(|column| &row[*column]).collect();
        found.entry(key).or_default().push(at);
    }
    found
}

/// How many columns are looked at together, at most.
const COLUMNS: usize = 5;

/// All choices of the first columns: the first alone, the second alone, both, the third alone, ...
fn column_sets(columns: usize) -> Vec<Vec<usize>> {
    let columns = columns.min(COLUMNS);
    (1_usize..1 << columns)
        .map(|set| (0..columns).filter(|at| set >> at & 1 == 1).collect())
        .collect()
}

/// The rows that differ, one equal row beside each, and dots for what is left out.
fn shown(rows: &[Row<'_>], columns: usize) -> Vec<Vec<String>> {
    let differs = |at: usize| matches!(rows.get(at), Some(row) if !matches!(row, Row::Same(_)));
    let is_shown = |at: usize| differs(at) || differs(at + 1) || at > 0 && differs(at - 1);
    let mut lines = Vec::new();
    let mut dots = false;
    for (at, row) in rows.iter().enumerate() {
        if is_shown(at) {
            lines.push(drawn(row));
        } else if !dots {
            lines.push(line("...", (0..columns).map(|_| "...".to_string())));
        }
        dots = !is_shown(at);
    }
    lines
}

fn drawn(row: &Row<'_>) -> Vec<String> {
    let all = |cells: &[Text], null: &str| -> Vec<String> {
        let cells = cells.iter();
        cells
            .map(|cell| cell.clone().unwrap_or_else(|| null.to_string()))
            .collect()
    };
    match row {
        Row::Same(cells) => line("", all(cells, "NULL").into_iter()),
        Row::Added(cells) => line("+++", all(cells, "null").into_iter()),
        Row::Missing(cells) => line("---", all(cells, "null").into_iter()),
        Row::Changed(expected, actual) => {
            let cells = expected.iter().zip(*actual).map(|(expected, actual)| {
                let shown = |cell: &Text| cell.clone().unwrap_or_else(|| "NULL".to_string());
                match expected == actual {
                    true => shown(actual),
                    false => format!("{}→{}", shown(expected), shown(actual)),
                }
            });
            line("→", cells)
        }
    }
}

fn line(sign: &str, cells: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(sign.to_string())
        .chain(cells.map(|cell| quoted(&cell)))
        .collect()
}

/// In quotes where commas, quotes or line ends would be taken for parts of the table.
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_string(),
    }
}

/// Every column as wide as its widest cell, the last one without spaces behind it.
fn aligned(lines: &[Vec<String>]) -> String {
    let width = |at: usize| {
        let cells = lines.iter().map(|line| line[at].chars().count());
        cells.max().unwrap_or(0)
    };
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(padded.join(",").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of words: `-` is null.
    fn rows(text: &str) -> Vec<Vec<Cell>> {
        let cell = |word: &str| match word {
            "-" => Cell::Null,
            word => Cell::text(word),
        };
        text.lines()
            .map(|line| line.split(' ').map(cell).collect())
            .collect()
    }

    fn drawn(expected: &str, actual: &str) -> String {
        let found = table(&["id", "name"], &rows(expected), &rows(actual));
        found.unwrap_or_default()
    }

    #[test]
    fn rows_that_stand_elsewhere_are_the_same() {
        assert_eq!(drawn("1 a\n2 b\n2 b", "2 b\n1 a\n2 b"), "");
        assert_eq!(drawn("", ""), "");
    }

    #[test]
    fn only_what_differs_is_drawn() {
        let wanted = "\
@@ ,id ,name
...,...,...
   ,3  ,c
→  ,4  ,d→x
   ,5  ,NULL
";
        let expected = "1 a\n2 b\n3 c\n4 d\n5 -";
        assert_eq!(drawn(expected, "1 a\n2 b\n3 c\n4 x\n5 -"), wanted);
        let wanted = "\
@@ ,id,name
   ,1 ,a
+++,1 ,a
---,2 ,null
";
        assert_eq!(drawn("1 a\n2 -", "1 a\n1 a"), wanted);
        let wanted = "@@ ,id,name\n+++,1 ,\"a,\"\"b\"\n---,2 ,b\n";
        assert_eq!(drawn("2 b", "1 a,\"b"), wanted);
    }
}
