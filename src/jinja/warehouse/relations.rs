//! Relations and schemas: looked up in the cache, changed through macros that users may override.

use super::Call;
use super::call::from_and_to;
use super::call::refused;
use super::call::relation_argument;
use crate::adapter::Cell;
use crate::adapter::Relation;
use crate::adapter::RelationKind;
use crate::adapter::Table;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::functions::fail_at_run;
use crate::jinja::relation::relation;
use crate::jinja::relation::relation_of;
use crate::jinja::values;
use crate::sql::quote;
use minijinja::Error;
use minijinja::value::Value;

/// `get_relation(database, schema, identifier)`: what the warehouse holds under that name, or none.
pub(super) fn get_relation(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let database = args.optional_str("database")?;
    let schema = args.optional_str("schema")?;
    let identifier = args.optional_str("identifier")?;
    args.finish()?;
    let (Some(database), Some(schema), Some(identifier)) = (database, schema, identifier) else {
        return Ok(values::none());
    };
    let found = find(call, &database, &schema, &identifier)?;
    Ok(found.map_or_else(values::none, relation))
}

pub(super) fn list_relations(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let database = args.required_str("database")?;
    let schema = args.required_str("schema")?;
    args.finish()?;
    know(call, &database, &schema)?;
    let found = call.session()?.shared().cache.list(&database, &schema);
    Ok(values::list(
        found.unwrap_or_default().into_iter().map(relation),
    ))
}

/// `list_relations_without_caching(schema_relation)`
pub(super) fn list_uncached(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let schema = relation_argument(&args.required("schema_relation")?)?;
    args.finish()?;
    Ok(values::list(
        read_schema(call, &schema)?.into_iter().map(relation),
    ))
}

/// `already_exists(schema, name)` in the target's database.
pub(super) fn already_exists(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let schema = args.required_str("schema")?;
    let name = args.required_str("name")?;
    args.finish()?;
    let database = target_database(call)?;
    Ok(Value::from(
        find(call, &database, &schema, &name)?.is_some(),
    ))
}

pub(super) fn drop_relation(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let value = args.required("relation")?;
    args.finish()?;
    let dropped = relation_argument(&value)?;
    if dropped.kind.is_none() {
        return Err(fail(format!(
            "Tried to drop relation {dropped}, but its type is null."
        )));
    }
    call.run_macro("drop_relation", &[value])?;
    call.session()?.change_cache(|cache| cache.remove(&dropped));
    Ok(values::none())
}

pub(super) fn rename_relation(call: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    let (from, to) = from_and_to(args)?;
    let (old, new) = renamed(&from, &to)?;
    call.run_macro("rename_relation", &[from, to])?;
    call.session()?
        .change_cache(|cache| cache.rename(&old, &new));
    Ok(values::none())
}

pub(super) fn truncate_relation(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let value = args.required("relation")?;
    args.finish()?;
    call.run_macro("truncate_relation", &[value])?;
    Ok(values::none())
}

pub(super) fn create_schema(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let value = args.required("relation")?;
    args.finish()?;
    call.run_macro("create_schema", &[value])?;
    call.session()?.commit().map_err(refused)?;
    Ok(values::none())
}

pub(super) fn drop_schema(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let value = args.required("relation")?;
    args.finish()?;
    let dropped = relation_argument(&value)?;
    call.run_macro("drop_schema", &[value])?;
    let mut session = call.session()?;
    session.commit().map_err(refused)?;
    if let (Some(database), Some(schema)) = (&dropped.database, &dropped.schema) {
        session.shared().cache.drop_schema(database, schema);
    }
    Ok(values::none())
}

/// `list_schemas(database)`: their names.
pub(super) fn list_schemas(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let database = args.required_str("database")?;
    args.finish()?;
    let names = schema_names(call, &database)?;
    Ok(values::list(names.into_iter().map(Value::from)))
}

pub(super) fn check_schema_exists(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let database = args.required_str("database")?;
    let schema = args.required_str("schema")?;
    args.finish()?;
    if !call.is_overridden("check_schema_exists") {
        let wanted = Relation::new(call.dialect, None, Some(&schema), None);
        let names = call.session()?.list_schemas(&database).map_err(refused)?;
        let exists = names
            .iter()
            .any(|name| wanted.matches(None, Some(name), None));
        return Ok(Value::from(exists));
    }
    let asked = Relation::new(call.dialect, Some(&database), None, None);
    let information_schema = relation(asked.information_schema(None));
    let rows = call.run_query_macro(
        "check_schema_exists",
        &[information_schema, Value::from(schema)],
    )?;
    let count = rows.rows.first().and_then(|row| row.first()?.as_int());
    Ok(Value::from(count.unwrap_or(0) > 0))
}

/// `verify_database(database)`: fails where a name is not in the database that is connected to, for
/// warehouses whose connections see no other.
pub(super) fn verify_database(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let asked = args.required_str("database")?;
    args.finish()?;
    let own = target_database(call)?;
    let asked = quote::unquoted(&asked);
    match asked.to_lowercase() == own.to_lowercase() {
        true => Ok(Value::from("")),
        false => Err(fail_at_run(format!(
            "ERROR: Cross-db references not allowed in {} ({asked} vs {own})",
            call.dialect.name
        ))),
    }
}

pub(super) fn cache_added(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let added = relation_argument(&args.required("relation")?)?;
    args.finish()?;
    call.session()?.change_cache(|cache| cache.add(&added));
    Ok(Value::from(""))
}

pub(super) fn cache_dropped(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let dropped = relation_argument(&args.required("relation")?)?;
    args.finish()?;
    call.session()?.change_cache(|cache| cache.remove(&dropped));
    Ok(Value::from(""))
}

pub(super) fn cache_renamed(call: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    let (from, to) = from_and_to(args)?;
    let (old, new) = renamed(&from, &to)?;
    call.session()?
        .change_cache(|cache| cache.rename(&old, &new));
    Ok(Value::from(""))
}

/// A relation by name, reading its schema first where that is not known.
pub(super) fn find(
    call: &mut Call<'_, '_, '_>,
    database: &str,
    schema: &str,
    identifier: &str,
) -> Result<Option<Relation>, Error> {
    know(call, database, schema)?;
    Ok(call
        .session()?
        .shared()
        .cache
        .get(database, schema, identifier))
}

pub(super) fn target_database(call: &Call<'_, '_, '_>) -> Result<String, Error> {
    let target = call.site.scope.get("target");
    let database = target.and_then(|target| target.get_attr("database").ok());
    let database = database.and_then(|name| name.as_str().map(str::to_string));
    database.ok_or_else(|| fail("the target has no database"))
}

/// The relations of a renaming.
fn renamed(from: &Value, to: &Value) -> Result<(Relation, Relation), Error> {
    let (Some(old), Some(new)) = (relation_of(from), relation_of(to)) else {
        let name = |value: &Value| match value.is_none() {
            true => "null relation".to_string(),
            false => value.to_string(),
        };
        let (from, to) = (name(from), name(to));
        return Err(fail(format!("Attempted to rename {from} to {to}")));
    };
    Ok((old, new))
}

/// Reads a schema into the cache, unless it is there.
fn know(call: &mut Call<'_, '_, '_>, database: &str, schema: &str) -> Result<(), Error> {
    let cache = call.session()?.shared().cache.clone();
    if !cache.knows(database, schema) {
        if !call.is_overridden("list_relations_without_caching") {
            let schemas = [schema.to_string()];
            let filled = call.session()?.fill_cache(database, &schemas);
            return filled.map_err(refused);
        }
        let asked = Relation::new(call.dialect, Some(database), Some(schema), None);
        cache.fill(database, schema, read_schema(call, &asked)?);
    }
    Ok(())
}

/// The relations of a schema: by one question of our own, or as the user's macro lists them.
fn read_schema(call: &mut Call<'_, '_, '_>, asked: &Relation) -> Result<Vec<Relation>, Error> {
    if call.is_overridden("list_relations_without_caching") {
        let argument = relation(asked.without_identifier());
        let rows = call.run_query_macro("list_relations_without_caching", &[argument])?;
        return Ok(relations_in(call, &rows));
    }
    let database = asked.database.clone().unwrap_or_default();
    let schema = asked.schema.clone().unwrap_or_default();
    call.session()?
        .list_relations(&database, &[schema])
        .map_err(refused)
}

/// Rows of (database, name, schema, type) as relations; a type that we do not know counts as a view.
fn relations_in(call: &Call<'_, '_, '_>, rows: &Table) -> Vec<Relation> {
    let relation = |row: &Vec<Cell>| {
        let text = |index: usize| match row.get(index) {
            Some(Cell::Str(text)) => Some(text.as_ref()),
            _ => None,
        };
        let (database, name, schema) = (text(0), text(1)?, text(2));
        let kind = RelationKind::named(text(3)?).unwrap_or(RelationKind::View);
        Some(Relation::new(call.dialect, database, schema, Some(name)).of_kind(kind))
    };
    rows.rows.iter().filter_map(relation).collect()
}

fn schema_names(call: &mut Call<'_, '_, '_>, database: &str) -> Result<Vec<String>, Error> {
    if !call.is_overridden("list_schemas") {
        return call.session()?.list_schemas(database).map_err(refused);
    }
    let rows = call.run_query_macro("list_schemas", &[Value::from(database)])?;
    let names = rows.rows.iter().filter_map(|row| row.first());
    Ok(names.map(Cell::to_string).collect())
}
