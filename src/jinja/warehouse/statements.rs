//! Statements that macros send.

use super::Call;
use super::call::refused;
use crate::adapter::Cell;
use crate::adapter::Table;
use crate::adapter::session::AutoBegin;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::decimal;
use crate::jinja::results::response_value;
use crate::jinja::table::cell;
use crate::jinja::table::table;
use crate::jinja::values;
use minijinja::Error;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// `execute(sql, auto_begin=False, fetch=False, limit=None)`: the response and the rows.
pub(super) fn execute(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let sql = args.required_str("sql")?;
    let begin = auto_begin(args.flag("auto_begin"));
    let fetch = args.flag("fetch");
    let limit = args.optional_int("limit")?;
    args.finish()?;
    let mut session = call.session()?;
    let (response, rows) = match fetch {
        true => {
            let limit = limit.and_then(|limit| usize::try_from(limit).ok());
            session.fetch(&sql, begin, limit).map_err(refused)?
        }
        false => {
            let response = session.execute(&sql, begin, &[]).map_err(refused)?;
            (response, Table::default())
        }
    };
    Ok(values::tuple([response_value(&response), table(rows)]))
}

/// `add_query(sql, auto_begin=True, bindings=None, abridge_sql_log=False)`: nothing comes back.
pub(super) fn add_query(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let sql = args.required_str("sql")?;
    let begin = args
        .optional("auto_begin")
        .is_none_or(|value| value.is_true());
    let bindings = args.optional("bindings").filter(|value| !value.is_none());
    // Logs are not abridged: they carry the statement without its bindings anyway.
    let _ = args.flag("abridge_sql_log");
    args.finish()?;
    let bindings: Vec<Cell> = bindings.iter().flat_map(values::items).map(bound).collect();
    let mut session = call.session()?;
    let sent = session.execute(&sql, auto_begin(begin), &bindings);
    sent.map_err(refused)?;
    Ok(values::tuple([values::none(), values::none()]))
}

pub(super) fn commit(call: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    args.finish()?;
    call.session()?.commit().map_err(refused)?;
    Ok(values::none())
}

/// Opens a transaction, unless one is open.
pub(super) fn ensure_transaction(
    call: &mut Call<'_, '_, '_>,
    args: Args<'_>,
) -> Result<Value, Error> {
    args.finish()?;
    call.session()?.begin().map_err(refused)?;
    Ok(values::none())
}

/// Ends the open transaction and opens the next one.
pub(super) fn clear_transaction(
    call: &mut Call<'_, '_, '_>,
    args: Args<'_>,
) -> Result<Value, Error> {
    args.finish()?;
    let mut session = call.session()?;
    session
        .commit()
        .and_then(|()| session.begin())
        .map_err(refused)?;
    Ok(values::none())
}

/// Whether the profile says that statements run without transactions.
pub(super) fn disable_transactions(
    call: &mut Call<'_, '_, '_>,
    args: Args<'_>,
) -> Result<Value, Error> {
    args.finish()?;
    let with_transactions = call.setup(|setup| setup.transactions);
    Ok(Value::from(!with_transactions))
}

/// `run_sql_for_tests(sql, fetch, conn)`: `fetch` is `one`, `all` or neither.
pub(super) fn run_sql_for_tests(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let sql = args.required_str("sql")?;
    let fetch = args.optional_str("fetch")?;
    let _connection = args.optional("conn");
    args.finish()?;
    let fetched = call.session()?.fetch(&sql, AutoBegin::No, None);
    let (_, rows) = fetched.map_err(refused)?;
    let mut rows = rows
        .rows
        .iter()
        .map(|row| values::tuple(row.iter().map(cell)));
    match fetch.as_deref() {
        Some("one") => Ok(rows.next().unwrap_or_else(values::none)),
        Some("all") => Ok(values::list(rows)),
        None => Ok(values::none()),
        Some(other) => Err(fail(format!("run_sql_for_tests() cannot fetch '{other}'"))),
    }
}

fn auto_begin(wanted: bool) -> AutoBegin {
    match wanted {
        true => AutoBegin::Yes,
        false => AutoBegin::No,
    }
}

/// A value as it goes into a placeholder.
fn bound(value: Value) -> Cell {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => Cell::Null,
        ValueKind::Bool => Cell::Bool(value.is_true()),
        ValueKind::Number => match i128::try_from(value.clone()) {
            Ok(int) if value.is_integer() => Cell::Int(int),
            _ => f64::try_from(value).map_or(Cell::Null, Cell::Float),
        },
        _ => match decimal::of(&value).and_then(decimal::Decimal::to_exact) {
            Some(exact) => Cell::Decimal(exact),
            None => Cell::text(value.to_string()),
        },
    }
}
