//! What seeds ask: types for their columns, the place of their file, their rows in the warehouse.

use super::Call;
use super::call::refused;
use super::call::relation_argument;
use crate::adapter::Cell;
use crate::adapter::Table;
use crate::adapter::table::Kind;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::results::response_value;
use crate::jinja::table::table;
use crate::jinja::table::table_of;
use minijinja::Error;
use minijinja::value::Value;
use std::path::Path;
use std::sync::Arc;

/// `convert_type(agate_table, col_idx)`: the warehouse's type for a column of values.
pub(super) fn convert_type(_: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let rows = table_argument(&args.required("agate_table")?)?;
    let index = args.required_int("col_idx")?;
    args.finish()?;
    let index = usize::try_from(index)
        .ok()
        .filter(|index| *index < rows.columns.len());
    let index =
        index.ok_or_else(|| fail("convert_type() was asked about a column that does not exist"))?;
    Ok(Value::from(seed_type(&rows, index)))
}

/// The warehouse's type for a column that the table has.
pub fn seed_type(rows: &Table, index: usize) -> &'static str {
    match rows.columns[index].kind {
        Kind::Integer if is_wide(rows, index) => "bigint",
        Kind::Integer => "integer",
        Kind::Number => "float8",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::DateTime => "timestamp without time zone",
        Kind::Text => "text",
    }
}

/// The table with dates and times as texts.
pub(super) fn convert_datetimes_to_strs(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let rows = table_argument(&args.required("table")?)?;
    args.finish()?;
    let mut changed = Table::clone(&rows);
    for index in 0..changed.columns.len() {
        if matches!(changed.columns[index].kind, Kind::Date | Kind::DateTime) {
            changed.columns[index].kind = Kind::Text;
            for row in &mut changed.rows {
                if !row[index].is_null() {
                    row[index] = Cell::text(row[index].to_string());
                }
            }
        }
    }
    Ok(table(changed))
}

/// `get_seed_file_path(model)`
pub(super) fn get_seed_file_path(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let model = args.required("model")?;
    args.finish()?;
    let part = |name: &str| {
        let part = model.get_attr(name).ok()?;
        part.as_str().map(str::to_string)
    };
    let (Some(root), Some(file)) = (part("root_path"), part("original_file_path")) else {
        return Err(fail("the seed has no file"));
    };
    Ok(Value::from(Path::new(&root).join(file).to_string_lossy()))
}

/// `load_rows(relation, agate_table)`: adds rows the fastest way the warehouse has. The table's columns
/// are those of the relation, in its order.
pub(super) fn load_rows(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let relation = relation_argument(&args.required("relation")?)?;
    let rows = table_argument(&args.required("agate_table")?)?;
    args.finish()?;
    let loaded = call.session()?.load_rows(&relation, &rows);
    loaded
        .map(|response| response_value(&response))
        .map_err(refused)
}

fn table_argument(value: &Value) -> Result<Arc<Table>, Error> {
    table_of(value).ok_or_else(|| fail(format!("expected a table, found `{value}`")))
}

/// Whether a value needs more than 32 bits.
fn is_wide(rows: &Table, index: usize) -> bool {
    let mut cells = rows.rows.iter().map(|row| &row[index]);
    cells.any(|cell| matches!(cell, Cell::Int(value) if i32::try_from(*value).is_err()))
}
