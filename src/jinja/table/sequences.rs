//! Columns, rows and cells of a query's result: by position, by name, one after the other.

use super::cell;
use super::data_type::data_type;
use super::groups::Groups;
use super::position;
use crate::adapter::Table;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::operators;
use crate::jinja::python::repr;
use crate::jinja::values;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// Items that a printed sequence shows.
const SHOWN: usize = 5;

/// Python's name for the class of a sequence; `None` for any other value.
pub(super) fn class_of(value: &Value) -> Option<&'static str> {
    let object = value.as_object()?;
    if object.is::<Row>() {
        Some("Row")
    } else if object.is::<Column>() {
        Some("Column")
    } else if object.is::<Rows>() || object.is::<Columns>() {
        Some("MappedSequence")
    } else if object.is::<Groups>() {
        Some("TableSet")
    } else {
        None
    }
}

/// All columns: by position, by name, one after the other.
#[derive(Debug)]
pub(super) struct Columns(pub(super) Arc<Table>);

impl Object for Columns {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.columns.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = position(key, self.0.columns.len(), |name| self.0.position(name))?;
        Some(Value::from_object(Column {
            table: self.0.clone(),
            column: at,
        }))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let columns = || columns(&self.0);
        match method {
            "values" => Ok(values::tuple(columns())),
            "keys" => Ok(values::tuple(self.0.names().map(Value::from))),
            "items" => {
                let pairs = self.0.names().map(Value::from).zip(columns());
                Ok(values::tuple(
                    pairs.map(|(name, column)| values::tuple([name, column])),
                ))
            }
            "get" => {
                let mut args = Args::new(method, args);
                let key = args.required("key")?;
                let default = args.optional("default").unwrap_or_else(values::none);
                Ok(self.get_value(&key).unwrap_or(default))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sample(f, "MappedSequence", columns(&self.0))
    }
}

#[derive(Debug)]
struct Column {
    table: Arc<Table>,
    column: usize,
}

impl Column {
    fn cells(&self) -> impl Iterator<Item = Value> {
        self.table.rows.iter().map(|row| cell(&row[self.column]))
    }
}

impl Object for Column {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.table.rows.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(name) = key.as_str() {
            let column = &self.table.columns[self.column];
            return match name {
                "name" => Some(Value::from(column.name.as_str())),
                "data_type" => Some(data_type(column.kind)),
                "index" => Some(Value::from(self.column)),
                _ => None,
            };
        }
        let at = position(key, self.table.rows.len(), |_| None)?;
        Some(cell(&self.table.rows[at][self.column]))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        let present = || self.cells().filter(|value| !value.is_none());
        match method {
            "values" => Ok(values::tuple(self.cells())),
            "values_without_nulls" => Ok(values::tuple(present())),
            "values_distinct" => {
                let mut distinct: Vec<Value> = Vec::new();
                for value in self.cells().filter(|value| !value.is_undefined()) {
                    if !distinct.iter().any(|seen| operators::equal(seen, &value)) {
                        distinct.push(value);
                    }
                }
                Ok(values::tuple(distinct))
            }
            "values_sorted" => {
                let mut sorted: Vec<Value> = present().collect();
                sorted.sort();
                Ok(values::list(sorted))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sample(f, "Column", self.cells())
    }
}

/// All rows: by position, one after the other.
#[derive(Debug)]
pub(super) struct Rows(pub(super) Arc<Table>);

impl Object for Rows {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.rows.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let row = position(key, self.0.rows.len(), |_| None)?;
        Some(Value::from_object(Row {
            table: self.0.clone(),
            row,
        }))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "values" => Ok(values::tuple(rows(&self.0))),
            "keys" => Ok(values::none()),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sample(f, "MappedSequence", rows(&self.0).into_iter())
    }
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) table: Arc<Table>,
    pub(super) row: usize,
}

impl Row {
    fn cells(&self) -> impl Iterator<Item = Value> {
        self.table.rows[self.row].iter().map(cell)
    }
}

impl Object for Row {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.table.columns.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = position(key, self.table.columns.len(), |name| {
            self.table.position(name)
        })?;
        Some(cell(&self.table.rows[self.row][at]))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let names = || self.table.names().map(Value::from);
        match method {
            "values" => Ok(values::tuple(self.cells())),
            "keys" => Ok(values::tuple(names())),
            "items" => Ok(values::tuple(
                names()
                    .zip(self.cells())
                    .map(|(k, v)| values::tuple([k, v])),
            )),
            "dict" => Ok(values::dict(names().zip(self.cells()))),
            "get" => {
                let mut args = Args::new(method, args);
                let key = args.required("key")?;
                let default = args.optional("default").unwrap_or_else(values::none);
                Ok(self.get_value(&key).unwrap_or(default))
            }
            other => Err(fail(format!("a row has no method `{other}`"))),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_sample(f, "Row", self.cells())
    }
}

/// All rows of a result.
pub(super) fn rows(table: &Arc<Table>) -> Vec<Value> {
    let row = |row| {
        let table = table.clone();
        Value::from_object(Row { table, row })
    };
    (0..table.rows.len()).map(row).collect()
}

fn columns(table: &Arc<Table>) -> impl Iterator<Item = Value> {
    (0..table.columns.len()).map(|column| {
        let table = table.clone();
        Value::from_object(Column { table, column })
    })
}

/// `<agate.Row: (1, 'x')>`: the first items, and dots where there are more.
fn write_sample(
    f: &mut fmt::Formatter<'_>,
    class: &str,
    mut items: impl Iterator<Item = Value>,
) -> fmt::Result {
    let shown: Vec<String> = items
        .by_ref()
        .take(SHOWN)
        .map(|item| repr::repr(&item))
        .collect();
    let dots = if items.next().is_some() { ", ..." } else { "" };
    write!(f, "<agate.{class}: ({}{dots})>", shown.join(", "))
}
