//! What the database holds: the questions to its catalog, and the answers as our types.

use super::dialogue::Type;
use crate::adapter::Cell;
use crate::adapter::Column;
use crate::adapter::Relation;
use crate::adapter::RelationKind;
use crate::adapter::Table;
use crate::sql::dialect::POSTGRES;
use crate::sql::quote;

pub(super) fn schemas() -> &'static str {
    "select nspname::text from pg_catalog.pg_namespace order by 1"
}

pub(super) fn relations(schemas: &[String]) -> String {
    let schemas: Vec<String> = schemas
        .iter()
        .map(|schema| quote::text(&schema.to_lowercase()))
        .collect();
    format!(
        "select pg_catalog.current_database()::text, n.nspname::text, c.relname::text, \
         case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end \
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where c.relkind in ('r', 'p', 'v', 'm') and pg_catalog.lower(n.nspname) in ({}) \
         order by 2, 3",
        schemas.join(", ")
    )
}

/// Views, and what each of them reads.
pub(super) fn dependents() -> &'static str {
    "select distinct pg_catalog.current_database()::text, vn.nspname::text, v.relname::text, \
     rn.nspname::text, r.relname::text \
     from pg_catalog.pg_rewrite w \
     join pg_catalog.pg_class v on v.oid = w.ev_class \
     join pg_catalog.pg_namespace vn on vn.oid = v.relnamespace \
     join pg_catalog.pg_depend d on d.objid = w.oid \
     and d.classid = 'pg_catalog.pg_rewrite'::regclass \
     and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> v.oid \
     join pg_catalog.pg_class r on r.oid = d.refobjid \
     join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace \
     where rn.nspname <> 'information_schema' and pg_catalog.left(rn.nspname, 3) <> 'pg_' \
     order by 2, 3, 4, 5"
}

/// Name, type and sizes of each column; also of temporary relations, which the search path finds.
pub(super) fn columns(relation: &Relation) -> String {
    let name = quote::text(&relation.including(|parts| parts.database = false).render());
    format!(
        "select a.attname::text, pg_catalog.format_type(a.atttypid, null), \
         case when t.oid in (1042, 1043) and m > 4 then m - 4 \
         when t.oid in (1560, 1562) and m > 0 then m end::int, \
         case t.oid when 21 then 16 when 23 then 32 when 20 then 64 when 700 then 24 when 701 then 53 \
         when 1700 then case when m > 4 then ((m - 4) >> 16) & 65535 end end::int, \
         case when t.oid in (20, 21, 23) then 0 \
         when t.oid = 1700 and m > 4 then (m - 4) & 65535 end::int \
         from pg_catalog.pg_attribute a \
         join pg_catalog.pg_type d on d.oid = a.atttypid \
         join pg_catalog.pg_type t on t.oid = case d.typtype when 'd' then d.typbasetype else d.oid end \
         cross join lateral (select case d.typtype when 'd' then d.typtypmod else a.atttypmod end) s(m) \
         where a.attrelid = pg_catalog.to_regclass({name}) and a.attnum > 0 and not a.attisdropped \
         order by a.attnum"
    )
}

/// Names of types by their numbers and modifiers, in order.
pub(super) fn type_names(types: impl Iterator<Item = Type>) -> String {
    let types: Vec<String> = types
        .enumerate()
        .map(|(at, (oid, modifier))| format!("({at}, {oid}::oid, {modifier})"))
        .collect();
    match types.is_empty() {
        true => "select null limit 0".to_string(),
        false => format!(
            "select pg_catalog.format_type(o, m) from (values {}) t(i, o, m) order by i",
            types.join(", ")
        ),
    }
}

/// A column by the full name of its type, such as `numeric(10,2)`; sizes of other types stay in it.
pub(super) fn column(name: &str, described: &str) -> Column {
    let sized = Column::from_description(name, described).ok();
    sized
        .filter(|column| column.is_string() || column.is_numeric())
        .unwrap_or_else(|| Column::new(name, described))
}

/// Role, whether the schema is there, whether relations may be created in it, whether schemas may be.
pub(super) fn rights(schema: &str) -> String {
    format!(
        "select current_user::text, n.oid is not null, \
         pg_catalog.has_schema_privilege(n.oid, 'create'), \
         pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') \
         from (select 1) one left join pg_catalog.pg_namespace n on n.nspname = {}",
        quote::text(schema)
    )
}

/// What is missing for building in a schema, by the answer to `rights`.
pub(super) fn missing_right(table: &Table, database: &str, schema: &str) -> Option<String> {
    let row = table.rows.first()?;
    let role = text(row.first()?)?;
    let holds = |index: usize| row.get(index).and_then(Cell::as_bool) == Some(true);
    match (holds(1), holds(2), holds(3)) {
        (true, true, _) | (false, _, true) => None,
        (true, false, _) => Some(format!(
            "role \"{role}\" may not create relations in schema \"{schema}\" of database \"{database}\"\n\
             HINT:  Let its owner run: grant usage, create on schema \"{schema}\" to \"{role}\""
        )),
        (false, _, false) => Some(format!(
            "there is no schema \"{schema}\", and role \"{role}\" may not create schemas in database \"{database}\"\n\
             HINT:  Let the database's owner run: create schema \"{schema}\" authorization \"{role}\""
        )),
    }
}

pub(super) fn texts(table: &Table) -> Vec<String> {
    let firsts = table.rows.iter().filter_map(|row| row.first());
    firsts.filter_map(text).collect()
}

pub(super) fn to_relations(table: &Table) -> Vec<Relation> {
    let relation = |row: &Vec<Cell>| {
        let part = |index: usize| row.get(index).and_then(text);
        let (database, schema, name) = (part(0), part(1), part(2));
        let relation = Relation::new(
            &POSTGRES,
            database.as_deref(),
            schema.as_deref(),
            name.as_deref(),
        );
        Some(relation.of_kind(RelationKind::named(&part(3)?)?))
    };
    table.rows.iter().filter_map(relation).collect()
}

pub(super) fn to_pairs(table: &Table) -> Vec<(Relation, Relation)> {
    let pair = |row: &Vec<Cell>| {
        let part = |index: usize| row.get(index).and_then(text);
        let database = part(0);
        let named = |schema: usize| {
            let (schema, name) = (part(schema), part(schema + 1));
            Relation::new(
                &POSTGRES,
                database.as_deref(),
                schema.as_deref(),
                name.as_deref(),
            )
        };
        (named(1), named(3))
    };
    table.rows.iter().map(pair).collect()
}

pub(super) fn to_columns(table: &Table) -> Vec<Column> {
    let column = |row: &Vec<Cell>| {
        let number = |index: usize| u32::try_from(row.get(index)?.as_int()?).ok();
        Some(Column {
            char_size: number(2),
            numeric_precision: number(3),
            numeric_scale: number(4),
            ..Column::new(text(row.first()?)?, text(row.get(1)?)?)
        })
    };
    table.rows.iter().filter_map(column).collect()
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Str(text) => Some(text.to_string()),
        _ => None,
    }
}
