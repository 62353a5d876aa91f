//! The list of adapter methods: what runs, and what is answered while code is only captured.

use super::Call;
use super::columns;
use super::constraints;
use super::external;
use super::relations;
use super::seeds;
use super::snapshots;
use super::spelling;
use super::statements;
use super::strategies;
use crate::adapter::Response;
use crate::adapter::Table;
use crate::jinja::call::Args;
use crate::jinja::results::response_value;
use crate::jinja::table::table;
use crate::jinja::values;
use minijinja::Error;
use minijinja::value::Value;

pub(super) struct Method {
    pub(super) name: &'static str,
    /// The answer without a warehouse; `None` for a method that needs none.
    pub(super) while_captured: Option<fn() -> Value>,
    pub(super) run: Run,
}

type Run = fn(&mut Call<'_, '_, '_>, Args<'_>) -> Result<Value, Error>;

pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

const fn plain(name: &'static str, run: Run) -> Method {
    Method {
        name,
        while_captured: None,
        run,
    }
}

const fn asking(name: &'static str, stand_in: fn() -> Value, run: Run) -> Method {
    Method {
        name,
        while_captured: Some(stand_in),
        run,
    }
}

static METHODS: &[Method] = &[
    // Names and texts.
    plain("type", spelling::kind),
    plain("dispatch", spelling::dispatch),
    plain("quote", spelling::quote),
    plain("quote_as_configured", spelling::quote_as_configured),
    plain("quote_seed_column", spelling::quote_seed_column),
    plain("escape_sql_string", spelling::escape_sql_string),
    plain("get_binding_char", spelling::binding_char),
    plain("parse_index", spelling::parse_index),
    plain("build_catalog_relation", spelling::build_catalog_relation),
    plain("batch_id_for_model", spelling::batch_id_for_model),
    plain("warn_once", spelling::warn_once),
    // Statements.
    asking("execute", no_result, statements::execute),
    asking("add_query", no_pair, statements::add_query),
    asking("commit", values::none, statements::commit),
    asking("commit_if_has_connection", values::none, statements::commit),
    asking(
        "ensure_transaction",
        values::none,
        statements::ensure_transaction,
    ),
    asking(
        "clear_transaction",
        values::none,
        statements::clear_transaction,
    ),
    plain("disable_transactions", statements::disable_transactions),
    asking(
        "run_sql_for_tests",
        values::none,
        statements::run_sql_for_tests,
    ),
    // Relations and schemas.
    asking("get_relation", values::none, relations::get_relation),
    asking("list_relations", no_items, relations::list_relations),
    asking(
        "list_relations_without_caching",
        no_items,
        relations::list_uncached,
    ),
    asking("already_exists", no, relations::already_exists),
    asking("drop_relation", values::none, relations::drop_relation),
    asking("rename_relation", values::none, relations::rename_relation),
    asking(
        "truncate_relation",
        values::none,
        relations::truncate_relation,
    ),
    asking("create_schema", values::none, relations::create_schema),
    asking("drop_schema", values::none, relations::drop_schema),
    asking("list_schemas", no_items, relations::list_schemas),
    asking("check_schema_exists", no, relations::check_schema_exists),
    asking("verify_database", values::none, relations::verify_database),
    asking("cache_added", no_text, relations::cache_added),
    asking("cache_dropped", no_text, relations::cache_dropped),
    asking("cache_renamed", no_text, relations::cache_renamed),
    // Columns.
    asking(
        "get_columns_in_relation",
        no_items,
        columns::get_columns_in_relation,
    ),
    asking(
        "get_columns_in_table",
        no_items,
        columns::get_columns_in_table,
    ),
    asking(
        "get_missing_columns",
        no_items,
        columns::get_missing_columns,
    ),
    asking(
        "expand_target_column_types",
        values::none,
        columns::expand_target_column_types,
    ),
    asking(
        "get_column_schema_from_query",
        no_items,
        columns::get_column_schema_from_query,
    ),
    asking(
        "get_columns_in_select_sql",
        no_items,
        columns::get_column_schema_from_query,
    ),
    // Strategies, constraints, snapshots, grants.
    plain(
        "valid_incremental_strategies",
        strategies::valid_incremental_strategies,
    ),
    asking(
        "get_incremental_strategy_macro",
        values::none,
        strategies::get_incremental_strategy_macro,
    ),
    plain("render_raw_columns_constraints", constraints::of_columns),
    plain("render_raw_model_constraints", constraints::of_model),
    plain(
        "catalog_supports_foreign_keys",
        constraints::catalog_supports_foreign_keys,
    ),
    asking(
        "existing_key_constraint_types",
        no_items,
        constraints::existing_key_types,
    ),
    asking(
        "get_hard_deletes_behavior",
        no_text,
        snapshots::get_hard_deletes_behavior,
    ),
    asking(
        "valid_snapshot_target",
        values::none,
        snapshots::valid_snapshot_target,
    ),
    asking(
        "assert_valid_snapshot_target_given_strategy",
        values::none,
        snapshots::assert_valid_target,
    ),
    plain(
        "standardize_grants_dict",
        strategies::standardize_grants_dict,
    ),
    // Seeds and other tables.
    plain("convert_type", seeds::convert_type),
    plain(
        "convert_datetimes_to_strs",
        seeds::convert_datetimes_to_strs,
    ),
    plain("get_seed_file_path", seeds::get_seed_file_path),
    asking("load_rows", values::none, seeds::load_rows),
    // Relations in files, databases that are attached.
    plain("external_root", external::root),
    plain("external_write_options", external::write_options),
    plain("external_read_location", external::read_location),
    asking("location_exists", no, external::location_exists),
    asking("store_relation", values::none, external::store_relation),
    plain("is_motherduck", external::is_motherduck),
    plain("is_ducklake", external::is_ducklake),
    plain("use_ducklake_table_workarounds", external::is_ducklake),
];

fn no() -> Value {
    Value::from(false)
}

fn no_text() -> Value {
    Value::from("")
}

fn no_items() -> Value {
    values::list([])
}

fn no_pair() -> Value {
    values::tuple([values::none(), values::none()])
}

fn no_result() -> Value {
    values::tuple([response_value(&Response::ok()), table(Table::default())])
}
