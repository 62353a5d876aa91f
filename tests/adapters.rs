//! One contract, every adapter: what the rest of sqlmill may expect of a warehouse.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(clippy::disallowed_methods, reason = "tests prepare their own files")]

use sqlmill::adapter::Adapter;
use sqlmill::adapter::AdapterError;
use sqlmill::adapter::Cell;
use sqlmill::adapter::ErrorKind;
use sqlmill::adapter::Relation;
use sqlmill::adapter::RelationKind;
use sqlmill::adapter::Table;
use sqlmill::adapter::scripted::Scripted;
use sqlmill::adapter::table::TableColumn;
use sqlmill::sql::dialect::DUCKDB;

/// Statements get answers, mistakes get errors with their kind, cancelling stops everything.
fn contract(adapter: &dyn Adapter) {
    let mut connection = adapter.connect("test").unwrap();
    let (response, table) = connection.fetch("select 1 as one", None).unwrap();
    assert_eq!(response.message, "OK");
    assert_eq!(table.rows, [[Cell::Int(1)]]);
    assert_eq!(table.names().collect::<Vec<_>>(), ["one"]);
    assert_eq!(
        connection.execute("-- nothing", &[]).unwrap().rows_affected,
        None
    );

    let error = connection.fetch("select * from missing", None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Catalog);
    assert!(error.message.contains("missing"));

    connection.begin().unwrap();
    connection.commit().unwrap();
    connection.begin().unwrap();
    connection.rollback().unwrap();

    assert!(
        connection
            .list_schemas("test")
            .unwrap()
            .contains(&"main".to_string())
    );
    let schemas = ["main".to_string()];
    let relations = connection.list_relations("test", &schemas).unwrap();
    let named: Vec<(&str, Option<RelationKind>)> = relations
        .iter()
        .map(|relation| (relation.name(), relation.kind))
        .collect();
    assert_eq!(named, [("held", Some(RelationKind::Table))]);
    let columns = connection.columns_of(&relations[0]).unwrap();
    assert_eq!(
        (columns[0].name.as_str(), columns[0].dtype.as_str()),
        ("id", "INTEGER")
    );
    let nowhere = Relation::new(&DUCKDB, Some("test"), Some("main"), Some("nowhere"));
    assert!(connection.columns_of(&nowhere).unwrap().is_empty());

    let rows = Table::new(
        vec![TableColumn::new("id", "INTEGER")],
        vec![vec![Cell::Int(7)]],
    );
    assert_eq!(
        connection
            .load_rows(&relations[0], &rows)
            .unwrap()
            .rows_affected,
        Some(1)
    );

    let mut other = adapter.connect("other").unwrap();
    adapter.cancel_all();
    let error = other.execute("select 1", &[]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted);
}

#[test]
fn scripted_keeps_the_contract() {
    let one = Table::new(
        vec![TableColumn::new("one", "INTEGER")],
        vec![vec![Cell::Int(1)]],
    );
    let missing = AdapterError::new(ErrorKind::Catalog, "no relation missing");
    let held = Relation::new(&DUCKDB, Some("test"), Some("main"), Some("held"));
    let scripted = Scripted::new(&DUCKDB)
        .answer("as one", Ok(one))
        .answer("missing", Err(missing))
        .hold(
            held.of_kind(RelationKind::Table),
            vec![sqlmill::adapter::Column::new("id", "INTEGER")],
        );
    contract(&scripted);
}

#[cfg(feature = "duckdb")]
mod duckdb {
    use super::*;
    use sqlmill::adapter::Connection;
    use sqlmill::adapter::Credentials;
    use sqlmill::base::Bag;
    use sqlmill::base::Context;
    use std::path::Path;
    use std::sync::Arc;

    fn open(output: serde_json::Value, folder: &Path) -> Result<Arc<dyn Adapter>, AdapterError> {
        let bag = Bag::new();
        let output = output.as_object().unwrap();
        let credentials =
            Credentials::read("p", "dev", output, &bag).expect("the profile is sound");
        sqlmill::adapter::open(&credentials, folder, &Context::fixed(folder))
    }

    fn in_memory() -> Box<dyn Connection> {
        let adapter = open(serde_json::json!({"type": "duckdb"}), Path::new(".")).unwrap();
        adapter.connect("test").unwrap()
    }

    fn value(sql: &str) -> String {
        let (_, table) = in_memory()
            .fetch(&format!("select {sql} as x"), None)
            .unwrap();
        format!("{} {}", table.columns[0].type_name, table.rows[0][0])
    }

    #[test]
    fn duckdb_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let profile = serde_json::json!({"type": "duckdb", "path": "test.duckdb"});
        let adapter = open(profile, folder.path()).unwrap();
        let mut connection = adapter.connect("prepare").unwrap();
        connection
            .execute("create table held (id integer)", &[])
            .unwrap();
        drop(connection);
        contract(adapter.as_ref());
    }

    #[test]
    fn every_type_has_a_value() {
        let rows = [
            (
                "170141183460469231731687303715884105727::hugeint",
                "HUGEINT 170141183460469231731687303715884105727",
            ),
            (
                "340282366920938463463374607431768211455::uhugeint",
                "UHUGEINT 340282366920938463463374607431768211455",
            ),
            (
                "'-123456789012345678901234567890123456789012'::bignum",
                "BIGNUM -123456789012345678901234567890123456789012",
            ),
            ("1.50::decimal(4,2)", "DECIMAL(4,2) 1.50"),
            ("1e20::double", "DOUBLE 1E+20"),
            ("0.1::float", "FLOAT 0.10000000149011612"),
            ("true", "BOOLEAN True"),
            ("null", "INTEGER None"),
            (
                "uuid '6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
                "UUID 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            ),
            ("bit '0101'", "BIT 0101"),
            ("'a'::blob", "BLOB b'a'"),
            ("date '2024-01-02'", "DATE 2024-01-02"),
            ("date '-infinity'", "DATE -infinity"),
            ("time '03:04:05.5'", "TIME 03:04:05.500000"),
            (
                "timestamp '2024-01-02 03:04:05'",
                "TIMESTAMP 2024-01-02 03:04:05",
            ),
            ("timestamp 'infinity'", "TIMESTAMP infinity"),
            (
                "timestamp_ns '2024-01-02 03:04:05.123456789'",
                "TIMESTAMP_NS 2024-01-02 03:04:05.123456",
            ),
            ("interval '1 day 2 hours'", "INTERVAL 1 day, 2:00:00"),
            ("json '{\"a\":1}'", "JSON {\"a\":1}"),
            ("'b'::enum('a','b')", "ENUM b"),
            ("[1, null]", "INTEGER[] [1, null]"),
            ("array_value(1, 2)", "INTEGER[] [1, 2]"),
            (
                "{'a': 1, 'b': [1.5]}",
                "STRUCT(a INTEGER, b DECIMAL(2,1)[]) {\"a\": 1, \"b\": [1.5]}",
            ),
            ("row(1, 'x')", "STRUCT( INTEGER,  VARCHAR) [1, \"x\"]"),
            ("map {'k': 1::hugeint}", "MAP(VARCHAR, HUGEINT) {\"k\": 1}"),
            ("union_value(k := 1)", "UNION(k INTEGER) 1"),
        ];
        for (sql, expected) in rows {
            assert_eq!(value(sql), expected, "{sql}");
        }
    }

    #[test]
    fn instants_follow_the_session_zone() {
        let mut connection = in_memory();
        connection
            .execute("set timezone = 'Europe/Berlin'", &[])
            .unwrap();
        let sql = "select timestamptz '2024-07-01 00:00:00+00' as x";
        let (_, table) = connection.fetch(sql, None).unwrap();
        assert_eq!(table.rows[0][0].to_string(), "2024-07-01 02:00:00+02:00");
    }

    #[test]
    fn texts_of_several_statements_run_whole() {
        let mut connection = in_memory();
        let sql =
            "create table t (i int); insert into t values (1), (2); select i from t order by 1";
        let (_, table) = connection.fetch(sql, Some(1)).unwrap();
        assert_eq!(table.rows, [[Cell::Int(1)]]);
        let affected = |connection: &mut dyn Connection, sql: &str| {
            connection.execute(sql, &[]).unwrap().rows_affected
        };
        let connection = connection.as_mut();
        assert_eq!(
            affected(connection, "insert into t select * from range(5)"),
            Some(5)
        );
        assert_eq!(
            affected(connection, "create table u as select * from t"),
            Some(7)
        );
        assert_eq!(affected(connection, "delete from t"), Some(7));
        assert_eq!(affected(connection, "select 9 as \"Count\""), None);
        assert_eq!(affected(connection, "create view v as select 1"), None);
        let bound = connection
            .execute("insert into t values (?)", &[Cell::text("3")])
            .unwrap();
        assert_eq!(bound.rows_affected, Some(1));
    }

    #[test]
    fn complaints_point_at_their_line() {
        let error = in_memory()
            .fetch("select 1\nfrom (select 2 as b)\nwhere foo = 1", None)
            .unwrap_err();
        assert_eq!(
            (error.kind, error.line, error.column),
            (ErrorKind::Binder, Some(3), Some(7))
        );
    }

    #[test]
    fn endless_statements_can_be_stopped() {
        let mut connection = in_memory();
        let interrupter = connection.interrupter();
        let (started, start) = std::sync::mpsc::channel();
        let stopper = std::thread::spawn(move || {
            start.recv().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(100));
            interrupter.interrupt();
        });
        started.send(()).unwrap();
        let sql = "select count(*) from range(1000000000000) a, range(1000000) b";
        let error = connection.execute(sql, &[]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Interrupted);
        stopper.join().unwrap();
    }

    #[test]
    fn profiles_are_acted_on() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("data.csv"), "a\n1\n").unwrap();
        let profile = serde_json::json!({
            "type": "duckdb", "path": "main.duckdb",
            "attach": [{"path": "second.duckdb", "alias": "second"}],
            "extensions": ["json", "icu"],
            "settings": {"timezone": "Asia/Tokyo"},
            "config_options": {"default_order": "desc"},
        });
        let adapter = open(profile, folder.path()).unwrap();
        let mut connection = adapter.connect("test").unwrap();
        let sql = "select current_setting('timezone'), current_setting('default_order'), \
                   (select max(a) from 'data.csv'), current_database()";
        let (_, table) = connection.fetch(sql, None).unwrap();
        let told: Vec<String> = table.rows[0].iter().map(Cell::to_string).collect();
        assert_eq!(told, ["Asia/Tokyo", "DESC", "1", "main_db"]);
        connection
            .execute("create table second.main.t as select 1 as a", &[])
            .unwrap();
        let relations = connection
            .list_relations("second", &["main".to_string()])
            .unwrap();
        assert_eq!(relations.len(), 1);
        drop(connection);
        adapter.close();
        drop(adapter);
        assert!(folder.path().join("second.duckdb").exists());
    }

    #[test]
    fn a_database_that_may_only_be_read_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let profile = serde_json::json!({"type": "duckdb", "path": "a.duckdb"});
        drop(open(profile, folder.path()).unwrap());
        let profile = serde_json::json!({
            "type": "duckdb", "path": "a.duckdb",
            "config_options": {"access_mode": "READ_ONLY"},
        });
        let adapter = open(profile, folder.path()).unwrap();
        let mut connection = adapter.connect("test").unwrap();
        let error = connection
            .execute("create table t (i int)", &[])
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::ReadOnly);
    }
}
