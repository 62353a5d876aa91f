//! The warehouse of prepared answers, which other tests lean on: it behaves like a real one where
//! answers allow it.

use crate::contract;
use crate::contract::Facts;
use sqlmill::adapter::AdapterError;
use sqlmill::adapter::Cell;
use sqlmill::adapter::Column;
use sqlmill::adapter::ErrorKind;
use sqlmill::adapter::Relation;
use sqlmill::adapter::RelationKind;
use sqlmill::adapter::Table;
use sqlmill::adapter::scripted::Scripted;
use sqlmill::adapter::table::TableColumn;
use sqlmill::sql::dialect::DUCKDB;

const FACTS: Facts = Facts {
    dialect: &DUCKDB,
    database: "test",
    schema: "main",
    integer: "INTEGER",
    message: "OK",
};

#[test]
fn scripted_keeps_the_contract() {
    let one = Table::new(
        vec![TableColumn::new("one", "INTEGER")],
        vec![vec![Cell::Int(1)]],
    );
    let missing = AdapterError::new(ErrorKind::Catalog, "no relation missing");
    let held =
        |name, kind| Relation::new(&DUCKDB, Some("test"), Some("main"), Some(name)).of_kind(kind);
    let id = || vec![Column::new("id", "INTEGER")];
    let scripted = Scripted::new(&DUCKDB)
        .answer("as one", Ok(one))
        .answer("missing", Err(missing))
        .hold(held("held", RelationKind::Table), id())
        .hold(held("seen", RelationKind::View), id());
    contract::of_rows(&scripted, &FACTS);
    contract::of_lists(&scripted, &FACTS);
    contract::of_cancelling(&scripted);
}
