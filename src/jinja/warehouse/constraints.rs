//! Constraints of contracts as they stand in `create table`.

use super::Call;
use super::call::refused;
use super::call::relation_argument;
use crate::jinja::call::Args;
use crate::jinja::values;
use crate::sql::quote;
use minijinja::Error;
use minijinja::value::Value;

/// `render_raw_columns_constraints(raw_columns)`: a definition per column, `id integer not null`.
pub(super) fn of_columns(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let columns = args.required("raw_columns")?;
    args.finish()?;
    let definitions = values::pairs(&columns).into_iter().map(|(_, column)| {
        let name = text(&column, "name").unwrap_or_default();
        let is_quoted = column
            .get_attr("quote")
            .is_ok_and(|quoted| quoted.is_true());
        let name = match is_quoted {
            true => quote::identifier(&name, call.dialect),
            false => name,
        };
        let mut parts = vec![name, text(&column, "data_type").unwrap_or_default()];
        let constraints = column.get_attr("constraints").unwrap_or_default();
        parts.extend(
            values::items(&constraints)
                .iter()
                .filter_map(column_constraint),
        );
        Value::from(parts.join(" "))
    });
    Ok(values::list(definitions))
}

/// `render_raw_model_constraints(raw_constraints)`: a clause per constraint, `primary key (a, b)`.
pub(super) fn of_model(_: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let constraints = args.required("raw_constraints")?;
    args.finish()?;
    let clauses = values::items(&constraints);
    let clauses = clauses.iter().filter_map(model_constraint);
    Ok(values::list(clauses.map(Value::from)))
}

pub(super) fn catalog_supports_foreign_keys(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let _database = args.required("database")?;
    args.finish()?;
    Ok(Value::from(true))
}

/// Kinds of the key constraints that a table has: `primary_key`, `foreign_key`, `unique`.
pub(super) fn existing_key_types(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let table = relation_argument(&args.required("relation")?)?;
    args.finish()?;
    let kinds = call.session()?.key_constraints(&table).map_err(refused)?;
    Ok(values::list(kinds.into_iter().map(Value::from)))
}

fn column_constraint(constraint: &Value) -> Option<String> {
    let expression = text(constraint, "expression").unwrap_or_default();
    let with_expression = |words: &str| format!("{words} {expression}").trim_end().to_string();
    match text(constraint, "type")?.as_str() {
        "check" if !expression.is_empty() => Some(format!("check ({expression})")),
        "not_null" => Some(with_expression("not null")),
        "unique" => Some(with_expression("unique")),
        "primary_key" => Some(with_expression("primary key")),
        "foreign_key" => reference(constraint, &expression),
        "custom" if !expression.is_empty() => Some(expression),
        _ => None,
    }
}

fn model_constraint(constraint: &Value) -> Option<String> {
    let expression = text(constraint, "expression").unwrap_or_default();
    let columns = texts(constraint, "columns").join(", ");
    let name =
        text(constraint, "name").map_or_else(String::new, |name| format!("constraint {name} "));
    let over_columns = |words: &str| match expression.is_empty() {
        true => format!("{words} ({columns})"),
        false => format!("{words} {expression} ({columns})"),
    };
    let clause = match text(constraint, "type")?.as_str() {
        "check" if !expression.is_empty() => format!("check ({expression})"),
        "unique" => over_columns("unique"),
        "primary_key" => over_columns("primary key"),
        "foreign_key" => {
            let reference = reference(constraint, &expression)?;
            format!("foreign key ({columns}) {reference}")
        }
        "custom" if !expression.is_empty() => expression,
        _ => return None,
    };
    Some(format!("{name}{clause}"))
}

/// `references other (id)`; the target's database is left out, for it is always the table's own.
fn reference(constraint: &Value, expression: &str) -> Option<String> {
    let columns = texts(constraint, "to_columns");
    match text(constraint, "to") {
        Some(to) if !columns.is_empty() => {
            let to = without_database(&to);
            Some(format!("references {to} ({})", columns.join(", ")))
        }
        _ if !expression.is_empty() => Some(format!("references {expression}")),
        _ => None,
    }
}

/// `"db"."main"."x"` becomes `"main"."x"`; a dot in quotes splits nothing.
fn without_database(name: &str) -> &str {
    let mut quoted = false;
    let dots: Vec<usize> = name
        .char_indices()
        .filter(|(_, c)| {
            quoted ^= *c == '"';
            *c == '.' && !quoted
        })
        .map(|(at, _)| at)
        .collect();
    match dots.as_slice() {
        [first, _] => &name[first + 1..],
        _ => name,
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    let found = value.get_attr(key).ok()?;
    let found = found.as_str().filter(|text| !text.is_empty());
    found.map(str::to_string)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let found = value.get_attr(key).unwrap_or_default();
    values::items(&found)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn clauses_follow_the_kind() {
        let column = [
            (json!({"type": "not_null"}), "not null"),
            (
                json!({"type": "check", "expression": "a > 0", "name": "ck"}),
                "check (a > 0)",
            ),
            (
                json!({"type": "foreign_key", "expression": "other(id)"}),
                "references other(id)",
            ),
            (
                json!({"type": "foreign_key", "to": "\"d.b\".\"x\".\"y\"", "to_columns": ["z", "w"]}),
                "references \"x\".\"y\" (z, w)",
            ),
            (
                json!({"type": "custom", "expression": "generated"}),
                "generated",
            ),
        ];
        for (constraint, expected) in column {
            let value = values::from_json(&constraint);
            assert_eq!(column_constraint(&value).as_deref(), Some(expected));
        }
        let model = [
            (
                json!({"type": "primary_key", "columns": ["a", "b"]}),
                Some("primary key (a, b)"),
            ),
            (
                json!({"type": "primary_key", "columns": ["a"], "name": "pk", "expression": "ex"}),
                Some("constraint pk primary key ex (a)"),
            ),
            (
                json!({"type": "foreign_key", "columns": ["a"], "expression": "other(id)"}),
                Some("foreign key (a) references other(id)"),
            ),
            (json!({"type": "not_null", "columns": ["a"]}), None),
        ];
        for (constraint, expected) in model {
            let value = values::from_json(&constraint);
            assert_eq!(model_constraint(&value).as_deref(), expected);
        }
    }
}
