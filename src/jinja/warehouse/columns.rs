//! Columns of relations and queries.

use super::Call;
use super::call::from_and_to;
use super::call::refused;
use super::call::relation_argument;
use super::relations;
use crate::adapter::Column;
use crate::adapter::Relation;
use crate::adapter::session::AutoBegin;
use crate::jinja::call::Args;
use crate::jinja::column::column;
use crate::jinja::column::column_of;
use crate::jinja::relation::relation;
use crate::jinja::values;
use minijinja::Error;
use minijinja::value::Value;

pub(super) fn get_columns_in_relation(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let asked = args.required("relation")?;
    args.finish()?;
    // What the user's own macro gives is handed on as it is.
    if call.is_overridden("get_columns_in_relation") {
        relation_argument(&asked)?;
        return call.run_macro("get_columns_in_relation", &[asked]);
    }
    let found = of_relation(call, &asked)?;
    Ok(list(call, found))
}

/// `get_columns_in_table(schema, identifier)` in the target's database.
pub(super) fn get_columns_in_table(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let schema = args.required_str("schema")?;
    let identifier = args.required_str("identifier")?;
    args.finish()?;
    let database = relations::target_database(call)?;
    let asked = Relation::new(
        call.dialect,
        Some(&database),
        Some(&schema),
        Some(&identifier),
    );
    let found = of_relation(call, &relation(asked))?;
    Ok(list(call, found))
}

/// Columns of the first relation that the second does not have.
pub(super) fn get_missing_columns(
    call: &mut Call<'_, '_, '_>,
    args: Args<'_>,
) -> Result<Value, Error> {
    let (from, to) = from_and_to(args)?;
    relation_argument(&from)?;
    relation_argument(&to)?;
    let known = of_relation(call, &to)?;
    let mut missing = of_relation(call, &from)?;
    missing.retain(|column| !known.iter().any(|other| other.name == column.name));
    Ok(list(call, missing))
}

/// Makes room in the string columns of the second relation for the values of the first.
pub(super) fn expand_target_column_types(
    call: &mut Call<'_, '_, '_>,
    args: Args<'_>,
) -> Result<Value, Error> {
    let (from, to) = from_and_to(args)?;
    let sources = of_relation(call, &from)?;
    for target in of_relation(call, &to)? {
        let source = sources.iter().find(|source| source.name == target.name);
        let Some(source) = source.filter(|source| target.can_expand_to(source)) else {
            continue;
        };
        let wanted = Column::string_type(source.string_size().unwrap_or_default());
        let args = [to.clone(), Value::from(target.name), Value::from(wanted)];
        call.run_macro("alter_column_type", &args)?;
    }
    Ok(values::none())
}

/// The columns that a query gives, structs taken apart; the query should give no rows.
pub(super) fn get_column_schema_from_query(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let sql = args.required_str("sql")?;
    args.finish()?;
    let fetched = call.session()?.fetch(&sql, AutoBegin::No, Some(0));
    let (_, rows) = fetched.map_err(refused)?;
    let columns = rows.columns.into_iter();
    let columns = columns.map(|column| Column::new(column.name, column.type_name));
    let columns = columns.flat_map(|column| column.flatten());
    Ok(list(call, columns.collect()))
}

/// By a question of our own, or as the user's macro finds them.
fn of_relation(call: &mut Call<'_, '_, '_>, asked: &Value) -> Result<Vec<Column>, Error> {
    let named = relation_argument(asked)?;
    if call.is_overridden("get_columns_in_relation") {
        let columns = call.run_macro("get_columns_in_relation", std::slice::from_ref(asked))?;
        return Ok(values::items(&columns)
            .iter()
            .filter_map(column_of)
            .collect());
    }
    call.session()?.columns_of(&named).map_err(refused)
}

fn list(call: &Call<'_, '_, '_>, columns: Vec<Column>) -> Value {
    values::list(columns.into_iter().map(|found| column(found, call.dialect)))
}
