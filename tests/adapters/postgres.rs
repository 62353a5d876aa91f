//! What PostgreSQL has beyond the contract: its types, its words, its complaints, its data by COPY.

use crate::contract;
use crate::contract::Facts;
use crate::open;
use crate::support::postgres;
use crate::support::postgres::Cluster;
use sqlmill::adapter::Adapter;
use sqlmill::adapter::Cell;
use sqlmill::adapter::Connection;
use sqlmill::adapter::ErrorKind;
use sqlmill::adapter::Relation;
use sqlmill::adapter::Table;
use sqlmill::base::Context;
use sqlmill::sql::dialect::POSTGRES;
use std::sync::Arc;

const FACTS: Facts = Facts {
    dialect: &POSTGRES,
    database: postgres::DATABASE,
    schema: "contract",
    integer: "integer",
    message: "SELECT 1",
};

fn adapter(cluster: &Cluster) -> Arc<dyn Adapter> {
    open(&cluster.profile("public"), &Context::fixed("/")).unwrap()
}

fn connection(cluster: &Cluster) -> Box<dyn Connection> {
    adapter(cluster).connect("test").unwrap()
}

#[test]
fn postgres_keeps_the_contract() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let adapter = adapter(cluster);
    contract::prepare(adapter.as_ref(), &FACTS);
    contract::of_rows(adapter.as_ref(), &FACTS);
    contract::of_lists(adapter.as_ref(), &FACTS);
    contract::of_statements(adapter.as_ref(), &FACTS);
    contract::of_interrupting(adapter.as_ref(), "select pg_sleep(60)");
    contract::of_cancelling(adapter.as_ref());
}

/// Cells as dbt's Python driver gives them to templates; each line was compared with dbt.
#[test]
fn every_type_has_a_value() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let rows = [
        ("true", "BOOLEAN True"),
        ("1::int2", "INTEGER 1"),
        (
            "9223372036854775807::int8",
            "LONGINTEGER 9223372036854775807",
        ),
        ("26::oid", "ROWID 26"),
        ("0.1::float4", "FLOAT 0.1"),
        ("1e20::float8", "FLOAT 1E+20"),
        ("'-Infinity'::float8", "FLOAT -Infinity"),
        ("1.50::numeric(10,2)", "DECIMAL 1.50"),
        ("'NaN'::numeric", "DECIMAL NaN"),
        ("'a'::name", "TEXT a"),
        ("'a'::\"char\"", "TEXT a"),
        ("'a'::char(3)", "TEXT a  "),
        ("null", "TEXT None"),
        (
            "'{\"a\": [1, 2.0, null, \"é\"]}'::json",
            "JSON {\"a\": [1, 2.0, null, \"\\u00e9\"]}",
        ),
        ("'\"x\"'::jsonb", "JSONB x"),
        ("'5'::jsonb", "JSONB 5"),
        (
            "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid",
            "unknown type_code 2950 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        ),
        ("'2024-01-02'::date", "DATE 2024-01-02"),
        ("'infinity'::date", "DATE 9999-12-31"),
        ("'03:04:05.5'::time", "TIME 03:04:05.500000"),
        ("'24:00'::time", "TIME 00:00:00"),
        ("'03:04:05.25-05:30'::timetz", "TIME 03:04:05.250000-05:30"),
        (
            "'2024-01-02 03:04:05.1'::timestamp",
            "DATETIME 2024-01-02 03:04:05.100000",
        ),
        ("'-infinity'::timestamp", "DATETIME 0001-01-01 00:00:00"),
        (
            "'2024-01-02 03:04:05+02'::timestamptz",
            "DATETIMETZ 2024-01-02 01:04:05+00:00",
        ),
        (
            "'infinity'::timestamptz",
            "DATETIMETZ 9999-12-31 23:59:59.999999+00:00",
        ),
        ("'0044-03-15 BC'::date", "DATE 0044-03-15 BC"),
        (
            "'1 year 2 mons -3 days 04:05:06.7'::interval",
            "INTERVAL 422 days, 4:05:06.700000",
        ),
        ("'-04:05'::interval", "INTERVAL -1 day, 19:55:00"),
        ("'\\x61626300'::bytea", "BINARY b'abc\\x00'"),
        ("'10.0.0.1/24'::inet", "unknown type_code 869 10.0.0.1/24"),
        ("12.34::money", "unknown type_code 790 $12.34"),
        ("b'101'", "unknown type_code 1560 101"),
        ("'[1,10)'::int4range", "type [1, 10)"),
        ("'[1.5,)'::numrange", "type [1.5, None)"),
        ("'empty'::int8range", "type empty"),
        (
            "tstzrange('2024-01-01 00:00+00', null)",
            "tstzrange [2024-01-01 00:00:00+00:00, None)",
        ),
        ("row(1, 'a b', null)", "unknown type_code 2249 (1,\"a b\",)"),
        ("array[[1,2],[3,null]]", "INTEGERARRAY [[1, 2], [3, null]]"),
        ("'[0:1]={1,2}'::int[]", "INTEGERARRAY [1, 2]"),
        (
            "array['a','b,c','d\"e\\',null,'NULL']",
            "STRINGARRAY [\"a\", \"b,c\", \"d\\\"e\\\\\", null, \"NULL\"]",
        ),
        ("array['2024-01-02'::date]", "DATEARRAY [\"2024-01-02\"]"),
        ("array['10.0.0.1'::inet]", "INETARRAY [\"10.0.0.1\"]"),
        ("point(1,2)", "unknown type_code 600 (1,2)"),
        ("pg_sleep(0)", "unknown type_code 2278 "),
        ("'pg_class'::regclass", "unknown type_code 2205 pg_class"),
    ];
    let mut connection = connection(cluster);
    for (sql, expected) in rows {
        let (_, table) = connection
            .fetch(&format!("select {sql} as x"), None)
            .unwrap();
        let told = format!("{} {}", table.columns[0].type_name, table.rows[0][0]);
        assert_eq!(told, expected, "{sql}");
    }
}

#[test]
fn enums_domains_and_their_arrays_have_values() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut connection = connection(cluster);
    let sql = "create schema own; set search_path = own; create type mood as enum ('sad', 'so, so'); \
               create domain grade as int check (value > 0); create type pair as (a int, b mood); \
               select 'sad'::mood, 5::grade, row(1, 'so, so')::pair, array['so, so'::mood]";
    let (_, table) = connection.fetch(sql, None).unwrap();
    let told: Vec<String> = table.rows[0].iter().map(Cell::to_string).collect();
    assert_eq!(told, ["sad", "5", "(1,\"so, so\")", "{\"so, so\"}"]);
}

/// Messages, codes and counts as dbt's Python driver gives them.
#[test]
fn responses_have_the_servers_words() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let rows = [
        ("create schema words", "CREATE SCHEMA", "CREATE SCHEMA", -1),
        (
            "create table words.t as select generate_series(1, 5) as i",
            "SELECT 5",
            "SELECT",
            5,
        ),
        (
            "insert into words.t values (1), (2)",
            "INSERT 0 2",
            "INSERT",
            2,
        ),
        (
            "update words.t set i = 3 where i = 1",
            "UPDATE 2",
            "UPDATE",
            2,
        ),
        ("delete from words.t where i = 3", "DELETE 3", "DELETE", 3),
        (
            "create view words.v as select 1 as a",
            "CREATE VIEW",
            "CREATE VIEW",
            -1,
        ),
        ("select * from words.t", "SELECT 4", "SELECT", 4),
        (
            "select 1; create table words.u (i int)",
            "CREATE TABLE",
            "CREATE TABLE",
            -1,
        ),
        ("explain select 1", "EXPLAIN", "EXPLAIN", 1),
        ("do $$ begin end $$", "DO", "DO", -1),
    ];
    let mut connection = connection(cluster);
    for (sql, message, code, rows) in rows {
        let response = connection.execute(sql, &[]).unwrap();
        assert_eq!(
            (
                response.message.as_str(),
                response.code.as_deref(),
                response.rows_affected
            ),
            (message, Some(code), Some(rows)),
            "{sql}"
        );
    }
    let (_, table) = connection
        .fetch("select 1; create table words.w (i int)", None)
        .unwrap();
    assert_eq!(table, Table::default());
    let bound = connection
        .execute(
            "insert into words.t values (%s), (%s)",
            &[Cell::Int(-1), Cell::text("8")],
        )
        .unwrap();
    assert_eq!(bound.rows_affected, Some(2));
}

#[test]
fn rows_are_copied_whatever_they_hold() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut connection = connection(cluster);
    connection
        .execute("create schema copied; create table copied.t (i int, s text, n numeric, b bool, d date)", &[])
        .unwrap();
    let relation = Relation::new(
        &POSTGRES,
        Some(postgres::DATABASE),
        Some("copied"),
        Some("t"),
    );
    let hard = "a\tb\\N\nc\r\"'é\\.";
    let day = jiff::civil::date(2024, 1, 2);
    let row = vec![
        Cell::Int(1),
        Cell::text(hard),
        Cell::Float(1e20),
        Cell::Bool(true),
        Cell::Date(day),
    ];
    let empty = vec![
        Cell::Null,
        Cell::text(""),
        Cell::Null,
        Cell::Null,
        Cell::Null,
    ];
    let mut rows = vec![row.clone(), empty.clone()];
    // More than goes out in one piece.
    rows.extend((0..50_000).map(|_| row.clone()));
    let loaded = connection
        .load_rows(&relation, &Table::new(Vec::new(), rows))
        .unwrap();
    assert_eq!(
        (loaded.message.as_str(), loaded.rows_affected),
        ("COPY 50002", Some(50_002))
    );
    let (_, table) = connection
        .fetch("select distinct * from copied.t order by i", None)
        .unwrap();
    assert_eq!(table.rows[0][1], Cell::text(hard));
    assert_eq!(table.rows[0][4], Cell::Date(day));
    assert_eq!(table.rows[1], empty);
    let wrong = Table::new(Vec::new(), vec![vec![Cell::text("x"); 5]]);
    let error = connection.load_rows(&relation, &wrong).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Data);
    assert!(
        error.message.contains("COPY t, line 1, column i"),
        "{error}"
    );
    // A statement that wants data gets none, and the connection lives on.
    let error = connection
        .execute("copy copied.t from stdin", &[])
        .unwrap_err();
    assert!(error.message.contains("sends no data"), "{error}");
    connection.execute("select 1", &[]).unwrap();
}

#[test]
fn columns_have_names_types_and_sizes() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut connection = connection(cluster);
    connection
        .execute(
            "create schema sized; create domain sized.short as varchar(7); create temp table t \
             (a varchar(5), b numeric(10,2), c text, d char(3), e int[], f timestamptz, g sized.short, h numeric)",
            &[],
        )
        .unwrap();
    let temporary = Relation::new(&POSTGRES, None, None, Some("t"));
    let columns = connection.columns_of(&temporary).unwrap();
    let told: Vec<String> = columns
        .iter()
        .map(|c| format!("{} {}", c.name, c.data_type(&POSTGRES)))
        .collect();
    assert_eq!(
        told,
        [
            "a character varying(5)",
            "b numeric(10,2)",
            "c text",
            "d character varying(3)",
            "e integer[]",
            "f timestamp with time zone",
            "g sized.short",
            "h numeric",
        ]
    );
}

#[test]
fn a_query_tells_types_that_a_cast_takes() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let sql = "select 1 as a, 'x'::varchar(5) as b, 1::numeric(4,1) as c, '{}'::int[] as d, now() as e limit 0";
    let columns = connection(cluster).columns_of_query(sql).unwrap();
    let told: Vec<String> = columns
        .iter()
        .map(|c| format!("{} {}", c.name, c.data_type(&POSTGRES)))
        .collect();
    assert_eq!(
        told,
        [
            "a integer",
            "b character varying(5)",
            "c numeric(4,1)",
            "d integer[]",
            "e timestamp with time zone"
        ]
    );
}

#[test]
fn complaints_read_as_libpq_writes_them() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut connection = connection(cluster);
    let long = "select 'a text that is long, too long to be shown' as a, 'another of the kind' as b, nocol as c, 'the rest of it' as d";
    let mut told = |sql: &str| connection.execute(sql, &[]).unwrap_err().message;
    insta::assert_snapshot!(told(long), @r#"
        column "nocol" does not exist
        LINE 1: ...ng to be shown' as a, 'another of the kind' as b, nocol as c...
                                                                     ^
        "#);
    insta::assert_snapshot!(told("select lowerr('a')"), @r"
        function lowerr(unknown) does not exist
        LINE 1: select lowerr('a')
                       ^
        HINT:  No function matches the given name and argument types. You might need to add explicit type casts.
        ");
    let raised = "do $$ begin raise exception 'no' using detail = 'why', hint = 'how'; end $$";
    insta::assert_snapshot!(told(raised), @r"
        no
        DETAIL:  why
        HINT:  how
        CONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE
        ");
    let inner = "do $$ begin execute 'select foo'; end $$";
    insta::assert_snapshot!(told(inner), @r#"
        column "foo" does not exist
        LINE 1: select foo
                       ^
        QUERY:  select foo
        CONTEXT:  PL/pgSQL function inline_code_block line 1 at EXECUTE
        "#);
}

#[test]
fn kinds_follow_the_state_of_the_server() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let rows = [
        ("select 1/0", ErrorKind::Data),
        ("select 'a'::int", ErrorKind::Data),
        ("create schema public", ErrorKind::Catalog),
        ("select nothere()", ErrorKind::Binder),
        (
            "create temp table t (i int not null); insert into t values (null)",
            ErrorKind::Constraint,
        ),
        (
            "begin read only; create table public.t (i int); commit",
            ErrorKind::ReadOnly,
        ),
        (
            "set statement_timeout = 50; select pg_sleep(5)",
            ErrorKind::Other,
        ),
        (
            "set idle_in_transaction_session_timeout = 0; do $$ begin raise sqlstate '40P01'; end $$",
            ErrorKind::Conflict,
        ),
        ("do $$ begin raise sqlstate '53100'; end $$", ErrorKind::Io),
    ];
    for (sql, kind) in rows {
        let error = connection(cluster).execute(sql, &[]).unwrap_err();
        assert_eq!(error.kind, kind, "{sql}: {error}");
    }
}

#[test]
fn a_lock_that_does_not_come_is_a_conflict() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let (mut holder, mut waiter) = (connection(cluster), connection(cluster));
    holder
        .execute("create schema locked; create table locked.t (i int)", &[])
        .unwrap();
    holder.begin().unwrap();
    holder.execute("lock table locked.t", &[]).unwrap();
    let error = waiter
        .execute("set lock_timeout = '50ms'; drop table locked.t", &[])
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    holder.rollback().unwrap();
}

#[test]
fn a_missing_right_names_role_object_and_statement() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut profile = cluster.profile("public");
    profile["user"] = "guest".into();
    let adapter = open(&profile, &Context::fixed("/")).unwrap();
    let mut connection = adapter.connect("test").unwrap();
    let sql = "/* who */\ncreate table public.mine as\nselect 1 as a";
    let error = connection.execute(sql, &[]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Privilege);
    insta::assert_snapshot!(error.message, @r"
        permission denied for schema public
        ROLE:  guest
        STATEMENT:  create table public.mine as
        ");
    let error = connection.check_schema("shop", "public").unwrap_err();
    insta::assert_snapshot!(error.message, @r#"
        role "guest" may not create relations in schema "public" of database "shop"
        HINT:  Let its owner run: grant usage, create on schema "public" to "guest"
        "#);
    let error = connection.check_schema("shop", "not_there").unwrap_err();
    insta::assert_snapshot!(error.message, @r#"
        there is no schema "not_there", and role "guest" may not create schemas in database "shop"
        HINT:  Let the database's owner run: create schema "not_there" authorization "guest"
        "#);
}

#[test]
fn a_connection_that_the_server_ends_says_so_and_stays_ended() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut lost = connection(cluster);
    let (_, table) = lost.fetch("select pg_backend_pid()", None).unwrap();
    let pid = table.rows[0][0].to_string();
    cluster.sql(&format!("select pg_terminate_backend({pid})"));
    let error = lost.execute("select 1", &[]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Disconnected);
    insta::assert_snapshot!(error.message, @r"
        terminating connection due to administrator command
        HINT:  The connection to the server was lost; what was not committed is undone.
        ");
    let error = lost.commit().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Disconnected);
}
