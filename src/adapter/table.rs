//! The result of a query: named columns and rows in order.
//! Promise: after `settled`, columns and values are those that dbt's macros expect to see.
//! Not here: what Jinja makes of it, how it is drawn (`print`).

use crate::adapter::cell::Cell;
use crate::adapter::decimal::Decimal;
use serde_json::Value as Json;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<TableColumn>,
    /// Each row has one cell per column.
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableColumn {
    pub name: String,
    /// The type in the warehouse's words; empty where nobody said.
    pub type_name: String,
    /// What the values are; told by the values, not by `type_name`.
    pub kind: Kind,
}

/// What the values of a column are. A column without any value counts as `Integer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Integer,
    Number,
    Boolean,
    Date,
    DateTime,
    Text,
}

impl TableColumn {
    pub fn new(name: impl Into<String>, type_name: impl Into<String>) -> Self {
        TableColumn {
            name: name.into(),
            type_name: type_name.into(),
            kind: Kind::Integer,
        }
    }
}

impl Table {
    /// A table as the warehouse gave it.
    pub fn new(columns: Vec<TableColumn>, rows: Vec<Vec<Cell>>) -> Self {
        Table { columns, rows }
    }

    /// The table as macros see it: each name once (`x`, `x_2`), floats as exact decimals,
    /// times, intervals and nested values as text.
    pub fn settled(mut self) -> Self {
        make_names_unique(&mut self.columns);
        for index in 0..self.columns.len() {
            let kind = self.kind_of(index);
            self.columns[index].kind = kind;
            for row in &mut self.rows {
                settle(&mut row[index], kind);
            }
        }
        self
    }

    /// Position of a column; the exact name wins over one that differs by case.
    pub fn position(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|c| c.name == name);
        exact.or_else(|| {
            let mut columns = self.columns.iter();
            columns.position(|c| c.name.eq_ignore_ascii_case(name))
        })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The rows as objects, keys in the order of the columns.
    pub fn to_json(&self) -> Vec<Json> {
        let object = |row: &Vec<Cell>| {
            let cells = self.names().zip(row);
            Json::Object(
                cells
                    .map(|(name, cell)| (name.to_string(), cell.to_json()))
                    .collect(),
            )
        };
        self.rows.iter().map(object).collect()
    }

    fn kind_of(&self, index: usize) -> Kind {
        let cells = self.rows.iter().map(|row| &row[index]);
        let kinds = cells.filter_map(kind_of_cell);
        kinds.reduce(Kind::joined).unwrap_or(Kind::Integer)
    }
}

impl Kind {
    /// The kind that holds values of both.
    pub fn joined(self, other: Kind) -> Kind {
        match (self, other) {
            (a, b) if a == b => a,
            (Kind::Integer | Kind::Number, Kind::Integer | Kind::Number) => Kind::Number,
            (Kind::Date | Kind::DateTime, Kind::Date | Kind::DateTime) => Kind::DateTime,
            _ => Kind::Text,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Integer => "Integer",
            Kind::Number => "Number",
            Kind::Boolean => "Boolean",
            Kind::Date => "Date",
            Kind::DateTime => "DateTime",
            Kind::Text => "Text",
        }
    }
}

/// `None` for null, which fits every kind.
fn kind_of_cell(cell: &Cell) -> Option<Kind> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Bool(_) => Kind::Boolean,
        Cell::Int(_) => Kind::Integer,
        Cell::Float(_) | Cell::Decimal(_) => Kind::Number,
        Cell::Date(_) => Kind::Date,
        Cell::DateTime(_) | Cell::Instant(_) => Kind::DateTime,
        _ => Kind::Text,
    })
}

fn settle(cell: &mut Cell, kind: Kind) {
    let settled = match (kind, &*cell) {
        (_, Cell::Null) => return,
        (Kind::Number, Cell::Int(value)) => Cell::Decimal(Decimal {
            digits: *value,
            exponent: 0,
        }),
        (Kind::Number, Cell::Float(value)) => match Decimal::from_float(*value) {
            Some(decimal) => Cell::Decimal(decimal),
            None => return,
        },
        (Kind::DateTime, Cell::Date(value)) => Cell::DateTime(value.at(0, 0, 0, 0)),
        (Kind::Text, Cell::Str(_)) => return,
        (Kind::Text, other) => Cell::text(other.to_string()),
        _ => return,
    };
    *cell = settled;
}

fn make_names_unique(columns: &mut [TableColumn]) {
    for index in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(index);
        let column = &mut rest[0];
        let taken = |name: &str| before.iter().any(|other| other.name == name);
        if taken(&column.name) {
            let mut names = (2..).map(|number| format!("{}_{number}", column.name));
            column.name = names.find(|name| !taken(name)).expect("numbers do not end");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: Vec<Cell>) -> Table {
        let rows = cells.into_iter().map(|cell| vec![cell]).collect();
        Table::new(vec![TableColumn::new("x", "")], rows).settled()
    }

    #[test]
    fn values_decide_the_kind() {
        let rows = [
            (vec![], Kind::Integer),
            (vec![Cell::Null], Kind::Integer),
            (vec![Cell::Int(1), Cell::Float(2.5)], Kind::Number),
            (vec![Cell::Null, Cell::Bool(true)], Kind::Boolean),
            (vec![Cell::Int(1), Cell::Bool(true)], Kind::Text),
            (vec![Cell::text("1")], Kind::Text),
            (vec![Cell::List(vec![])], Kind::Text),
        ];
        for (cells, kind) in rows {
            assert_eq!(column(cells).columns[0].kind, kind);
        }
        let table = column(vec![Cell::Float(2.0)]);
        assert_eq!(table.rows[0][0].to_string(), "2.0");
    }

    #[test]
    fn repeated_names_are_numbered() {
        let columns = ["x", "x", "X", "x_2", "x"].map(|name| TableColumn::new(name, ""));
        let table = Table::new(columns.to_vec(), vec![]).settled();
        let names: Vec<&str> = table.names().collect();
        assert_eq!(names, ["x", "x_2", "X", "x_2_2", "x_3"]);
    }
}
