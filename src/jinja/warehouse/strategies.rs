//! Strategies of incremental models, and grants as macros compare them.

use super::Call;
use super::call::Desk;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::functions::fail_at_run;
use crate::jinja::table::cell;
use crate::jinja::table::table_of;
use crate::jinja::values;
use minijinja::Error;
use minijinja::value::Value;

/// Strategies that dbt knows by name; a project may write macros for others.
const KNOWN: [&str; 5] = [
    "append",
    "delete+insert",
    "merge",
    "insert_overwrite",
    "microbatch",
];

pub(super) fn valid_incremental_strategies(
    call: &mut Call<'_, '_, '_>,
    args: Args<'_>,
) -> Result<Value, Error> {
    args.finish()?;
    let strategies: &[&str] = match call.desk {
        Desk::Open(_) => {
            call.session()?
                .shared()
                .adapter
                .capabilities()
                .incremental_strategies
        }
        Desk::Closed { .. } => &KNOWN,
    };
    Ok(values::list(
        strategies.iter().map(|name| Value::from(*name)),
    ))
}

/// `get_incremental_strategy_macro(model_context, strategy)`: the macro that writes the statement.
pub(super) fn get_incremental_strategy_macro(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let _context = args.required("model_context")?;
    let strategy = args.required_str("strategy")?;
    args.finish()?;
    let capabilities = call.session()?.shared().adapter.capabilities();
    let is_known = KNOWN.contains(&strategy.as_str());
    if is_known
        && !capabilities
            .incremental_strategies
            .contains(&strategy.as_str())
    {
        let message =
            format!("The incremental strategy '{strategy}' is not valid for this adapter");
        return Err(fail_at_run(message));
    }
    let name = format!("get_incremental_{}_sql", strategy.replace('+', "_"));
    let engine = &call.site.engine;
    let package = call.site.scope.package();
    match engine.registry().find(package, &name) {
        Some(found) => Ok(engine.macro_value(found)),
        None => Err(fail_at_run(format!(
            "dbt could not find an incremental strategy macro with the name \"{name}\" in {}",
            engine.registry().root()
        ))),
    }
}

/// Rows of `grantee` and `privilege_type` as a dict of lists: `{'select': ['reporter']}`.
pub(super) fn standardize_grants_dict(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let value = args.required("grants_table")?;
    args.finish()?;
    let rows = table_of(&value).ok_or_else(|| fail("expected the rows of a query"))?;
    let (Some(grantee), Some(privilege)) =
        (rows.position("grantee"), rows.position("privilege_type"))
    else {
        return Err(fail(
            "grants need the columns `grantee` and `privilege_type`",
        ));
    };
    let mut grants: Vec<(String, Vec<Value>)> = Vec::new();
    for row in &rows.rows {
        let privilege = row[privilege].to_string();
        let grantee = cell(&row[grantee]);
        match grants.iter_mut().find(|(known, _)| *known == privilege) {
            Some((_, grantees)) => grantees.push(grantee),
            None => grants.push((privilege, vec![grantee])),
        }
    }
    let grants = grants.into_iter();
    Ok(values::dict(grants.map(|(privilege, grantees)| {
        (privilege, values::list(grantees))
    })))
}
