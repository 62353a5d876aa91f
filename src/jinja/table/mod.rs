//! Query results as templates see them: `run_query(..).columns[0].values()`, `print_table`, `order_by`.

mod data_type;
mod groups;
mod sequences;

use crate::adapter::Cell;
use crate::adapter::Table;
use crate::adapter::print;
use crate::jinja::call::Args;
use crate::jinja::call::current;
use crate::jinja::error::fail;
use crate::jinja::python::decimal;
use crate::jinja::python::modules::datetime;
use crate::jinja::values;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Rest;
use minijinja::value::Value;
use minijinja::value::ValueOrKwargs;
use sequences::Columns;
use sequences::Rows;
use sequences::rows;
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

/// Python's name for the class of a result or of a part of it; `None` for any other value.
pub fn class_of(value: &Value) -> Option<&'static str> {
    match value.downcast_object_ref::<TableValue>() {
        Some(_) => Some("Table"),
        None => sequences::class_of(value),
    }
}

/// One cell as a value: decimals and dates as Python's.
pub fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Null => values::none(),
        Cell::Bool(value) => Value::from(*value),
        Cell::Int(value) => Value::from(*value),
        Cell::Float(value) if !value.is_finite() => decimal::of_float(*value),
        Cell::Float(value) => Value::from(*value),
        Cell::Decimal(value) => decimal::of_exact(*value),
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

const METHODS: [&str; 9] = [
    "distinct",
    "exclude",
    "group_by",
    "limit",
    "order_by",
    "print_table",
    "rename",
    "select",
    "to_json",
];

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
                    .map(|column| data_type::data_type(column.kind)),
            )),
            method => METHODS.contains(&method).then(|| bound(self, method)),
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
                if let Some(print) = current(state)?.scope.get("print") {
                    print.call(state, &[text])?;
                }
                Ok(values::none())
            }
            "limit" => {
                let limit = usize::try_from(args.required_int("n")?).unwrap_or(0);
                let mut limited = (*self.0).clone();
                limited.rows.truncate(limit);
                Ok(table(limited))
            }
            "select" => {
                let kept = positions(&self.0, &args.required("key")?)?;
                Ok(table(with_columns(&self.0, &kept)))
            }
            "exclude" => {
                let left_out = positions(&self.0, &args.required("key")?)?;
                let all = 0..self.0.columns.len();
                let kept: Vec<usize> = all.filter(|at| !left_out.contains(at)).collect();
                Ok(table(with_columns(&self.0, &kept)))
            }
            "rename" => rename(&self.0, args),
            "order_by" => order_by(&self.0, args),
            "distinct" => distinct(&self.0, args),
            "group_by" => groups::group_by(&self.0, args),
            "to_json" => Ok(Value::from(
                serde_json::Value::Array(self.0.to_json()).to_string(),
            )),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str("<agate.table.Table object>"),
            false => write_structure(f, &self.0),
        }
    }
}

/// A method that is handed on without being called: `table.print_table is callable`.
fn bound(table: &Arc<TableValue>, method: &str) -> Value {
    let (table, method) = (table.clone(), method.to_string());
    Value::from_function(
        move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
            table.call_method(state, &method, &args.into_values())
        },
    )
}

/// The columns with what they hold, as agate prints a table.
fn write_structure(f: &mut fmt::Formatter<'_>, table: &Table) -> fmt::Result {
    let columns = table.columns.iter();
    let lines = columns.map(|column| (column.name.clone(), column.kind.as_str().to_string()));
    write_lines(f, ("column", "data_type"), lines)
}

/// Two columns with their heads, each as wide as the longest of its texts.
fn write_lines(
    f: &mut fmt::Formatter<'_>,
    heads: (&str, &str),
    lines: impl Iterator<Item = (String, String)>,
) -> fmt::Result {
    let mut lines: Vec<(String, String)> = lines.collect();
    lines.insert(0, (heads.0.to_string(), heads.1.to_string()));
    let widths = lines
        .iter()
        .map(|(left, right)| (left.chars().count(), right.chars().count()));
    let (left_width, right_width) =
        widths.fold((0, 0), |widest, (l, r)| (widest.0.max(l), widest.1.max(r)));
    lines.insert(1, ("-".repeat(left_width), "-".repeat(right_width)));
    lines
        .iter()
        .try_for_each(|(left, right)| writeln!(f, "| {left:left_width$} | {right:right_width$} |"))
}

/// `print_table(max_rows=20, max_columns=6, max_column_width=20, max_precision=3)`
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
        precision: limit("max_precision", usual.precision),
    };
    args.finish()?;
    Ok(print::table(table, limits).trim_end().to_string())
}

fn with_columns(table: &Table, kept: &[usize]) -> Table {
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
