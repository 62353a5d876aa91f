//! What snapshots ask about their settings and their table.

use super::Call;
use super::columns;
use crate::jinja::call::Args;
use crate::jinja::column::column_of;
use crate::jinja::error::fail;
use crate::jinja::functions::fail_at_run;
use crate::jinja::values;
use minijinja::Error;
use minijinja::value::Value;

/// Columns that every snapshot's table has; a project may give them other names.
const COLUMNS: [&str; 3] = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"];

/// The column in which deletions are recorded, where the snapshot asks for it.
const DELETED: &str = "dbt_is_deleted";

/// `get_hard_deletes_behavior(config)`: `ignore`, `invalidate` or `new_record`.
pub(super) fn get_hard_deletes_behavior(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let config = args.required("config")?;
    args.finish()?;
    let setting = |name: &str| {
        let value = match config.get_item(&Value::from(name)) {
            Ok(value) if !value.is_undefined() => value,
            _ => config.get_attr(name).unwrap_or_default(),
        };
        Some(value).filter(|value| !value.is_none() && !value.is_undefined())
    };
    let invalidate = setting("invalidate_hard_deletes");
    let Some(behavior) = setting("hard_deletes") else {
        let invalidates = invalidate.is_some_and(|flag| flag.is_true());
        return Ok(Value::from(if invalidates {
            "invalidate"
        } else {
            "ignore"
        }));
    };
    if invalidate.is_some() {
        return Err(fail_at_run(
            "You cannot set both the invalidate_hard_deletes and hard_deletes config properties on \
             the same snapshot.",
        ));
    }
    match behavior.as_str() {
        Some("ignore" | "invalidate" | "new_record") => Ok(behavior),
        _ => Err(fail_at_run("Invalid setting for property hard_deletes.")),
    }
}

/// `valid_snapshot_target(relation, column_names=None)`
pub(super) fn valid_snapshot_target(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let relation = args.required("relation")?;
    let names = args.optional("column_names");
    args.finish()?;
    check(call, &relation, names.as_ref(), &COLUMNS)
}

/// `assert_valid_snapshot_target_given_strategy(relation, column_names, strategy)`
pub(super) fn assert_valid_target(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let relation = args.required("relation")?;
    let names = args.required("column_names")?;
    let strategy = args.required("strategy")?;
    args.finish()?;
    let hard_deletes = strategy.get_attr("hard_deletes").unwrap_or_default();
    let mut wanted = COLUMNS.to_vec();
    if hard_deletes.as_str() == Some("new_record") {
        wanted.push(DELETED);
    }
    check(call, &relation, Some(&names), &wanted)
}

fn check(
    call: &mut Call<'_, '_, '_>,
    relation: &Value,
    names: Option<&Value>,
    wanted: &[&str],
) -> Result<Value, Error> {
    let args = [relation.clone()];
    let columns =
        columns::get_columns_in_relation(call, Args::new("get_columns_in_relation", &args))?;
    let columns: Vec<String> = values::items(&columns)
        .iter()
        .filter_map(column_of)
        .map(|column| column.name.to_lowercase())
        .collect();
    let configured = |name: &str| {
        let given = names.and_then(|names| names.get_attr(name).ok());
        let given = given.and_then(|given| given.as_str().map(str::to_string));
        given.unwrap_or_else(|| name.to_string())
    };
    let missing: Vec<String> = wanted
        .iter()
        .map(|name| configured(name))
        .filter(|name| !columns.contains(&name.to_lowercase()))
        .map(|name| format!("\"{name}\""))
        .collect();
    match missing.is_empty() {
        true => Ok(values::none()),
        false => Err(fail(format!(
            "Snapshot target is missing configured columns (missing {}). See \
             https://docs.getdbt.com/docs/build/snapshots#snapshot-meta-fields for more information.",
            missing.join(", ")
        ))),
    }
}
