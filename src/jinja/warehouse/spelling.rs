//! Names, quotes and other texts that need no warehouse.

use super::Call;
use super::call::Desk;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python;
use crate::jinja::values;
use crate::sql::quote as sql_quote;
use minijinja::Error;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// `type()`: `duckdb`.
pub(super) fn kind(call: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    args.finish()?;
    Ok(Value::from(call.dialect.name))
}

/// `dispatch(macro_name, macro_namespace=None)`: the macro for this warehouse.
pub(super) fn dispatch(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let name = args.required_str("macro_name")?;
    let namespace = match args
        .optional("macro_namespace")
        .filter(|value| !value.is_none())
    {
        Some(value) => Some(namespace_of(&value)?),
        None => None,
    };
    args.finish()?;
    let engine = &call.site.engine;
    let package = call.site.scope.package();
    let found = engine
        .registry()
        .dispatch(package, &name, namespace.as_deref());
    found.map(|found| engine.macro_value(found)).map_err(fail)
}

/// `quote(identifier)`
pub(super) fn quote(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let identifier = args.required("identifier")?;
    args.finish()?;
    let identifier = python::repr::str(&identifier);
    Ok(Value::from(sql_quote::identifier(
        &identifier,
        call.dialect,
    )))
}

/// `quote_as_configured(identifier, quote_key)`: quoted where the project quotes that part of a name.
pub(super) fn quote_as_configured(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let identifier = args.required_str("identifier")?;
    let key = args.required_str("quote_key")?;
    args.finish()?;
    let quoting = match call.desk {
        Desk::Open(_) => call.session()?.shared().quoting,
        Desk::Closed { dialect, .. } => dialect.quoting,
    };
    let is_quoted = match key.as_str() {
        "database" => quoting.database,
        "schema" => quoting.schema,
        "identifier" => quoting.identifier,
        other => return Err(fail(format!("'{other}' is no part of a relation's name"))),
    };
    Ok(Value::from(match is_quoted {
        true => sql_quote::identifier(&identifier, call.dialect),
        false => identifier,
    }))
}

/// `quote_seed_column(column, quote_config)`: quoted unless the seed says otherwise.
pub(super) fn quote_seed_column(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let column = args.required_str("column")?;
    let config = args.optional("quote_config").unwrap_or_else(values::none);
    args.finish()?;
    let is_quoted = match config.kind() {
        ValueKind::None | ValueKind::Undefined => true,
        ValueKind::Bool => config.is_true(),
        _ => {
            let kind = python::type_name(&config);
            let message = format!(
                "The seed configuration value of \"quote_columns\" has an invalid type <class '{kind}'>"
            );
            return Err(fail(message));
        }
    };
    Ok(Value::from(match is_quoted {
        true => sql_quote::identifier(&column, call.dialect),
        false => column,
    }))
}

/// The value with its quotes doubled, without quotes around it.
pub(super) fn escape_sql_string(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let value = args.required("value")?;
    args.finish()?;
    Ok(Value::from(python::repr::str(&value).replace('\'', "''")))
}

/// What stands in a statement for a bound value.
pub(super) fn binding_char(_: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    args.finish()?;
    Ok(Value::from("?"))
}

/// `parse_index(raw_index)`: an index as the model configures it, checked; none where it is none.
pub(super) fn parse_index(_: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let raw = args.required("raw_index")?;
    args.finish()?;
    if raw.is_none() {
        return Ok(raw);
    }
    let wrong = |what: &str| fail(format!("Could not parse index config: {what}"));
    if raw.kind() != ValueKind::Map {
        return Err(wrong(&format!("expected a mapping, found '{raw}'")));
    }
    for (key, _) in values::pairs(&raw) {
        if !["columns", "unique", "type"].contains(&key.as_str()) {
            return Err(wrong(&format!(
                "at path []: Additional properties are not allowed ('{key}' was unexpected)"
            )));
        }
    }
    let columns = raw.get_attr("columns")?;
    if columns.kind() != ValueKind::Seq {
        let columns = python::repr::repr(&columns);
        return Err(wrong(&format!(
            "at path ['columns']: {columns} is not of type 'array'"
        )));
    }
    let unique = raw.get_attr("unique")?;
    if !matches!(unique.kind(), ValueKind::Bool | ValueKind::Undefined) {
        let unique = python::repr::repr(&unique);
        return Err(wrong(&format!(
            "at path ['unique']: {unique} is not of type 'boolean'"
        )));
    }
    let method = raw.get_attr("type")?;
    if !method.is_undefined() && !method.is_none() && method.as_str().is_none() {
        let method = python::repr::repr(&method);
        return Err(wrong(&format!(
            "at path ['type']: {method} is not of type 'string'"
        )));
    }
    Ok(values::dict([
        ("columns", columns),
        ("unique", Value::from(unique.is_true())),
        (
            "type",
            method.as_str().map_or_else(values::none, Value::from),
        ),
    ]))
}

/// The catalog of a model that names one: there are none, so naming one is a mistake.
pub(super) fn build_catalog_relation(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let model = args.required("config")?;
    args.finish()?;
    let config = model.get_attr("config").unwrap_or_default();
    let name = config.get_attr("catalog_name").unwrap_or_default();
    match name.as_str() {
        Some(name) => Err(fail(format!(
            "the catalog integration `{name}` is not configured"
        ))),
        None => Ok(values::none()),
    }
}

/// The id of the microbatch that a model is built for; empty outside of one.
pub(super) fn batch_id_for_model(
    _: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let model = args.required("model")?;
    args.finish()?;
    let batch = model.get_attr("batch").unwrap_or_default();
    let id = batch.get_attr("id").unwrap_or_default();
    Ok(Value::from(id.as_str().unwrap_or_default()))
}

/// `warn_once(msg)`: a warning, the first time it is given.
pub(super) fn warn_once(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let message = args.required_str("msg")?;
    args.finish()?;
    if matches!(call.desk, Desk::Open(_)) {
        let session = call.session()?;
        if session.shared().is_new_warning(&message) {
            let warning = Diagnostic::warning("adapter", message);
            session.shared().observer.on(&Event::Found(warning));
        }
    }
    Ok(values::none())
}

/// A namespace is a package's name; lists of packages were given up by dbt long ago.
fn namespace_of(value: &Value) -> Result<String, Error> {
    let text = value.as_str().map(str::to_string);
    text.ok_or_else(|| {
        fail(format!(
            "The macro_namespace argument of adapter.dispatch must be a text, not '{}'",
            python::type_name(value)
        ))
    })
}
