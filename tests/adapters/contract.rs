//! The contract: the same cases for every warehouse, told apart by facts alone.

use sqlmill::adapter::Adapter;
use sqlmill::adapter::Cell;
use sqlmill::adapter::Connection;
use sqlmill::adapter::ErrorKind;
use sqlmill::adapter::Relation;
use sqlmill::adapter::RelationKind;
use sqlmill::adapter::Table;
use sqlmill::adapter::table::TableColumn;
use sqlmill::sql::Dialect;
use std::sync::mpsc;
use std::time::Duration;

/// What a warehouse calls things.
pub(crate) struct Facts {
    pub dialect: &'static Dialect,
    pub database: &'static str,
    /// A schema that holds the table `held` and the view `seen`, each with the column `id`.
    pub schema: &'static str,
    /// The type of `id`, as `columns_of` writes it.
    pub integer: &'static str,
    /// What it says to a query of one row.
    pub message: &'static str,
}

impl Facts {
    fn relation(&self, name: &str) -> Relation {
        Relation::new(
            self.dialect,
            Some(self.database),
            Some(self.schema),
            Some(name),
        )
    }

    fn schemas(&self) -> [String; 1] {
        [self.schema.to_string()]
    }
}

/// Fills the schema of the facts in a real warehouse.
pub(crate) fn prepare(adapter: &dyn Adapter, facts: &Facts) {
    let mut connection = adapter.connect("prepare").unwrap();
    let held = facts.relation("held").render();
    let seen = facts.relation("seen").render();
    let schema = facts.schema;
    for statement in [
        format!("create schema if not exists {schema}"),
        format!("create table {held} (id integer)"),
        format!("create view {seen} as select id from {held}"),
    ] {
        connection.execute(&statement, &[]).unwrap();
    }
}

/// Statements get answers, mistakes get errors with their kind.
pub(crate) fn of_rows(adapter: &dyn Adapter, facts: &Facts) {
    let mut connection = adapter.connect("test").unwrap();
    let (response, table) = connection.fetch("select 1 as one", None).unwrap();
    assert_eq!(response.message, facts.message);
    assert_eq!(table.rows, [[Cell::Int(1)]]);
    assert_eq!(table.names().collect::<Vec<_>>(), ["one"]);
    let nothing = connection.execute("-- nothing", &[]).unwrap();
    assert_eq!(
        (nothing.message.as_str(), nothing.rows_affected),
        ("OK", None)
    );

    let error = connection.fetch("select * from missing", None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Catalog);
    assert!(error.message.contains("missing"));
    // A refusal outside of transactions leaves nothing behind.
    connection.fetch("select 1 as one", None).unwrap();

    connection.begin().unwrap();
    connection.commit().unwrap();
    connection.begin().unwrap();
    connection.rollback().unwrap();
    assert_eq!(adapter.kind(), facts.dialect.name);
    assert!(!adapter.capabilities().incremental_strategies.is_empty());
}

/// Several statements in a text, transactions, places of mistakes: for warehouses that run SQL.
pub(crate) fn of_statements(adapter: &dyn Adapter, facts: &Facts) {
    let mut connection = adapter.connect("test").unwrap();
    let connection = connection.as_mut();
    let name = facts.relation("counted").render();
    let several = format!(
        "create table {name} (i integer); insert into {name} values (1), (2); select i from {name} order by 1"
    );
    let (_, table) = connection.fetch(&several, Some(1)).unwrap();
    assert_eq!(table.rows, [[Cell::Int(1)]]);
    assert_eq!(
        affected(connection, &format!("insert into {name} values (3)")),
        Some(1)
    );
    let copy = facts.relation("copied").render();
    let copied = format!("create table {copy} as select * from {name}");
    assert_eq!(affected(connection, &copied), Some(3));
    assert_eq!(
        affected(connection, &format!("delete from {name}")),
        Some(3)
    );

    connection.begin().unwrap();
    connection
        .execute(&format!("drop table {name}"), &[])
        .unwrap();
    connection.rollback().unwrap();
    assert_eq!(count(connection, &name), Some(0), "a dropped table is back");
    connection.begin().unwrap();
    connection
        .execute(&format!("insert into {name} values (4)"), &[])
        .unwrap();
    connection.fetch("select 1 from nowhere", None).unwrap_err();
    connection.rollback().unwrap();
    assert_eq!(
        count(connection, &name),
        Some(0),
        "a failed transaction leaves nothing"
    );
    connection.begin().unwrap();
    connection
        .execute(&format!("insert into {name} values (4)"), &[])
        .unwrap();
    connection.commit().unwrap();
    assert_eq!(count(connection, &name), Some(1));
    for name in [copy, name] {
        connection
            .execute(&format!("drop table {name}"), &[])
            .unwrap();
    }

    let wrong = "select 1\nfrom (select 2 as b) c\nwhere foo = 1";
    let error = connection.fetch(wrong, None).unwrap_err();
    let place = (error.kind, error.line, error.column);
    assert_eq!(place, (ErrorKind::Binder, Some(3), Some(7)));
    let error = connection.fetch("selec 1", None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Syntax);
}

/// What a warehouse holds is listed with kinds and types; rows can be added to it.
pub(crate) fn of_lists(adapter: &dyn Adapter, facts: &Facts) {
    let mut connection = adapter.connect("test").unwrap();
    let schemas = connection.list_schemas(facts.database).unwrap();
    assert!(schemas.contains(&facts.schema.to_string()));
    let relations = connection
        .list_relations(facts.database, &facts.schemas())
        .unwrap();
    let named: Vec<(String, Option<RelationKind>)> = relations
        .iter()
        .map(|relation| (relation.render(), relation.kind))
        .collect();
    let expected = [("held", RelationKind::Table), ("seen", RelationKind::View)];
    assert_eq!(
        named,
        expected.map(|(name, kind)| (facts.relation(name).render(), Some(kind)))
    );
    assert!(
        connection
            .list_relations(facts.database, &[])
            .unwrap()
            .is_empty()
    );

    let columns = connection.columns_of(&relations[0]).unwrap();
    assert_eq!(
        (columns[0].name.as_str(), columns[0].dtype.as_str()),
        ("id", facts.integer)
    );
    assert!(
        connection
            .columns_of(&facts.relation("nowhere"))
            .unwrap()
            .is_empty()
    );

    let rows = Table::new(
        vec![TableColumn::new("id", facts.integer)],
        vec![vec![Cell::Int(7)], vec![Cell::Null]],
    );
    let loaded = connection.load_rows(&relations[0], &rows).unwrap();
    assert_eq!(loaded.rows_affected, Some(2));
    connection
        .check_schema(facts.database, facts.schema)
        .unwrap();
}

/// What comes after a call to stop is not begun.
pub(crate) fn of_cancelling(adapter: &dyn Adapter) {
    let mut other = adapter.connect("other").unwrap();
    adapter.cancel_all();
    let error = other.execute("select 1", &[]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted);
    // What was begun can still be ended.
    other.rollback().ok();
}

/// A query that nobody waits for is stopped from another thread, and the connection goes on.
pub(crate) fn of_interrupting(adapter: &dyn Adapter, endless: &str) {
    let mut connection = adapter.connect("endless").unwrap();
    let interrupter = connection.interrupter();
    let (started, start) = mpsc::channel();
    let stopper = std::thread::spawn(move || {
        start.recv().unwrap();
        std::thread::sleep(Duration::from_millis(200));
        interrupter.interrupt();
    });
    started.send(()).unwrap();
    let error = connection.execute(endless, &[]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted);
    stopper.join().unwrap();
    connection.fetch("select 1 as one", None).unwrap();
}

fn affected(connection: &mut dyn Connection, sql: &str) -> Option<i64> {
    connection.execute(sql, &[]).unwrap().rows_affected
}

fn count(connection: &mut dyn Connection, name: &str) -> Option<i64> {
    let (_, table) = connection
        .fetch(&format!("select count(*) from {name}"), None)
        .unwrap();
    table.rows[0][0].as_int()
}
