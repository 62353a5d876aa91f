//! What DuckDB has beyond the contract: its types, its profile, its files.

use crate::contract;
use crate::contract::Facts;
use sqlmill::adapter::Adapter;
use sqlmill::adapter::AdapterError;
use sqlmill::adapter::Cell;
use sqlmill::adapter::Connection;
use sqlmill::adapter::ErrorKind;
use sqlmill::base::Context;
use sqlmill::sql::dialect::DUCKDB;
use std::path::Path;
use std::sync::Arc;

fn open(output: serde_json::Value, folder: &Path) -> Result<Arc<dyn Adapter>, AdapterError> {
    crate::open(&output, &Context::fixed(folder))
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
    contract::prepare(adapter.as_ref(), &FACTS);
    contract::of_rows(adapter.as_ref(), &FACTS);
    contract::of_statements(adapter.as_ref(), &FACTS);
    contract::of_lists(adapter.as_ref(), &FACTS);
    let endless = "select count(*) from range(1000000000000) a, range(1000000) b";
    contract::of_interrupting(adapter.as_ref(), endless);
    contract::of_cancelling(adapter.as_ref());
}

const FACTS: Facts = Facts {
    dialect: &DUCKDB,
    database: "test",
    schema: "main",
    integer: "INTEGER",
    message: "OK",
};

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
    let sql = "create table t (i int); insert into t values (1), (2); select i from t order by 1";
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
