//! Query results as templates see them: `run_query(..).columns[0].values()`, rows by position and name.

use crate::adapter::Cell;
use crate::adapter::Table;
use crate::adapter::print;
use crate::jinja::call::Args;
use crate::jinja::call::current;
use crate::jinja::error::fail;
use crate::jinja::python::modules::datetime;
use crate::jinja::values;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// A query result as a value.
pub fn table(table: Table) -> Value {
    Value::from_object(TableValue(Arc::new(table)))
}

/// The result in a value; `None` for any other value.
pub fn table_of(value: &Value) -> Option<Arc<Table>> {
    value
        .downcast_object_ref::<TableValue>()
        .map(|found| found.0.clone())
}

/// One cell as a value: decimals as whole or floating numbers, dates as Python's.
pub fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Null => values::none(),
        Cell::Bool(value) => Value::from(*value),
        Cell::Int(value) => Value::from(*value),
        Cell::Float(value) => Value::from(*value),
        // `1.0` stays a fraction, as it does in Python.
        Cell::Decimal(value) => match value.to_integer().filter(|_| value.exponent >= 0) {
            Some(whole) => Value::from(whole),
            None => Value::from(value.to_f64()),
        },
        Cell::Date(date) => datetime::of_date(*date),
        Cell::DateTime(at) => datetime::of_civil(*at),
        Cell::Instant(at) => datetime::of_zoned(at),
        Cell::List(items) => values::list(items.iter().map(self::cell)),
        Cell::Struct(fields) => values::dict(
            fields
                .iter()
                .map(|(name, value)| (name.to_string(), self::cell(value))),
        ),
        other => Value::from(other.to_string()),
    }
}

#[derive(Debug)]
struct TableValue(Arc<Table>);

impl Object for TableValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(rows(&self.0))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.rows.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let table = &self.0;
        match key.as_str()? {
            "columns" => Some(Value::from_object(Columns(table.clone()))),
            "rows" => Some(Value::from_object(Rows(table.clone()))),
            "column_names" => Some(values::tuple(table.names().map(Value::from))),
            "column_types" => Some(values::tuple(
                table
                    .columns
                    .iter()
                    .map(|column| Value::from(column.kind.as_str())),
            )),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut args = Args::new(method, args);
        match method {
            "print_table" => {
                let text = Value::from(drawn(&self.0, args)?);
                match current(state)?.scope.get("print") {
                    Some(print) => print.call(state, &[text]),
                    None => Ok(values::none()),
                }
            }
            "limit" => {
                let limit = usize::try_from(args.required_int("n")?).unwrap_or(0);
                let mut limited = (*self.0).clone();
                limited.rows.truncate(limit);
                Ok(table(limited))
            }
            "select" | "exclude" => {
                let keys: Vec<String> = values::items(&args.required("key")?)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let wanted = method == "select";
                Ok(table(with_columns(&self.0, |name| {
                    keys.iter().any(|key| key == name) == wanted
                })))
            }
            "rename" => rename(&self.0, args),
            "order_by" => order_by(&self.0, args),
            "distinct" => distinct(&self.0, args),
            "to_json" => Ok(Value::from(
                serde_json::Value::Array(self.0.to_json()).to_string(),
            )),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// `print_table(max_rows=20, max_columns=6, max_column_width=20)`
fn drawn(table: &Table, mut args: Args<'_>) -> Result<String, Error> {
    let mut limit = |name: &str, usual: Option<usize>| match args.optional(name) {
        None => usual,
        Some(value) => value.as_i64().and_then(|limit| usize::try_from(limit).ok()),
    };
    let usual = print::Limits::USUAL;
    let limits = print::Limits {
        rows: limit("max_rows", usual.rows),
        columns: limit("max_columns", usual.columns),
        column_width: limit("max_column_width", usual.column_width),
    };
    args.finish()?;
    Ok(print::table(table, limits).trim_end().to_string())
}

fn rows(table: &Arc<Table>) -> Vec<Value> {
    (0..table.rows.len())
        .map(|row| {
            Value::from_object(Row {
                table: table.clone(),
                row,
            })
        })
        .collect()
}

fn with_columns(table: &Table, keeps: impl Fn(&str) -> bool) -> Table {
    let kept: Vec<usize> = (0..table.columns.len())
        .filter(|at| keeps(&table.columns[*at].name))
        .collect();
    Table {
        columns: kept.iter().map(|at| table.columns[*at].clone()).collect(),
        rows: table
            .rows
            .iter()
            .map(|row| kept.iter().map(|at| row[*at].clone()).collect())
            .collect(),
    }
}

/// `order_by(key, reverse=False)`: by one column or several; nulls come last.
fn order_by(old: &Table, mut args: Args<'_>) -> Result<Value, Error> {
    let keys = positions(old, &args.required("key")?)?;
    let reverse = args.flag("reverse");
    args.finish()?;
    let mut sorted = old.clone();
    sorted.rows.sort_by(|a, b| {
        let order = |at: &usize| match (a[*at].is_null(), b[*at].is_null()) {
            (false, false) => cell(&a[*at]).cmp(&cell(&b[*at])),
            (a, b) => a.cmp(&b),
        };
        let orders = keys.iter().map(order);
        let order = orders.fold(Ordering::Equal, Ordering::then);
        if reverse { order.reverse() } else { order }
    });
    Ok(table(sorted))
}

/// `distinct(key=None)`: the first row of each combination of values.
fn distinct(old: &Table, mut args: Args<'_>) -> Result<Value, Error> {
    let keys = match args.optional("key").filter(|key| !key.is_none()) {
        Some(key) => positions(old, &key)?,
        None => (0..old.columns.len()).collect(),
    };
    args.finish()?;
    let mut seen = HashSet::new();
    let mut kept = old.clone();
    kept.rows.retain(|row| {
        let values: Vec<Value> = keys.iter().map(|at| cell(&row[*at])).collect();
        seen.insert(values)
    });
    Ok(table(kept))
}

/// Positions of the columns that a name or a list of names means.
fn positions(table: &Table, key: &Value) -> Result<Vec<usize>, Error> {
    let names = match key.as_str() {
        Some(_) => vec![key.clone()],
        None => values::items(key),
    };
    let find = |name: &Value| {
        let at = table.position(name.as_str().unwrap_or_default());
        at.ok_or_else(|| fail(format!("the table has no column `{name}`")))
    };
    names.iter().map(find).collect()
}

/// `rename(column_names=[..])` or `rename(column_names={'old': 'new'})`.
fn rename(old: &Table, mut args: Args<'_>) -> Result<Value, Error> {
    let names = args.required("column_names")?;
    let mut renamed = old.clone();
    let pairs = values::pairs(&names);
    let list = values::items(&names);
    for (at, column) in renamed.columns.iter_mut().enumerate() {
        let new = match pairs.iter().find(|(name, _)| *name == column.name) {
            Some((_, new)) => Some(new.to_string()),
            None if pairs.is_empty() => list.get(at).map(ToString::to_string),
            None => None,
        };
        column.name = new.unwrap_or_else(|| column.name.clone());
    }
    Ok(table(renamed))
}

/// All columns: by position, by name, one after the other.
#[derive(Debug)]
struct Columns(Arc<Table>);

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
        let columns = || {
            (0..self.0.columns.len()).map(|column| {
                Value::from_object(Column {
                    table: self.0.clone(),
                    column,
                })
            })
        };
        match method {
            "values" => Ok(values::tuple(columns())),
            "keys" => Ok(values::tuple(self.0.names().map(Value::from))),
            "items" => {
                let pairs = self.0.names().map(Value::from).zip(columns());
                Ok(values::list(
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
                "data_type" => Some(Value::from(column.kind.as_str())),
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
                    if !distinct.contains(&value) {
                        distinct.push(value);
                    }
                }
                Ok(values::tuple(distinct))
            }
            "values_sorted" => {
                let mut sorted: Vec<Value> = present().collect();
                sorted.sort();
                Ok(values::tuple(sorted))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// All rows: by position, one after the other.
#[derive(Debug)]
struct Rows(Arc<Table>);

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
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

struct Row {
    table: Arc<Table>,
    row: usize,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: Vec<String> = self.table.rows[self.row]
            .iter()
            .map(ToString::to_string)
            .collect();
        write!(f, "<Row: ({})>", cells.join(", "))
    }
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
            "items" => Ok(values::list(
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
}

/// A position out of a number (negative ones count from the end) or a name.
fn position(key: &Value, len: usize, named: impl Fn(&str) -> Option<usize>) -> Option<usize> {
    if let Some(name) = key.as_str() {
        return named(name);
    }
    let at = key.as_i64()?;
    let at = if at < 0 {
        at + i64::try_from(len).ok()?
    } else {
        at
    };
    usize::try_from(at).ok().filter(|at| *at < len)
}
