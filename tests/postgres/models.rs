//! Tables, views, incremental models, snapshots, seeds and functions.

use crate::home;
use crate::support::project::TestProject;

#[test]
fn relations_take_each_others_place_and_leave_nothing_behind() {
    let Some(home) = home(
        "swap",
        "--- models/a.sql
{{ config(materialized=var('kind')) }}
select 1 as id
--- models/b.sql
select id from {{ ref('a') }}
",
    ) else {
        return;
    };
    for (kind, letter) in [
        ("view", "vp"),
        ("table", "rp"),
        ("incremental", "rp"),
        ("materialized_view", "mp"),
        ("table", "rp"),
        ("view", "vp"),
        ("incremental", "rp"),
        ("view", "vp"),
        ("materialized_view", "mp"),
        ("view", "vp"),
    ] {
        home.project
            .succeed(&format!("build --vars '{{kind: {kind}}}'"));
        assert_eq!(home.relations(), format!("a {letter}, b vp"), "{kind}");
    }
}

/// One project with every kind of thing, which is also held against dbt-postgres.
#[test]
fn the_market_builds_three_times() {
    let Some(home) = home("market", "") else {
        return;
    };
    let project = TestProject::copy_of("tests/postgres/market");
    let profile = home.server.profiles_file("market", 4);
    project.add(&profile.replace("shop:", "market:"));
    for arguments in ["build", "build", "build --full-refresh"] {
        let built = project.succeed(arguments);
        assert!(
            built.all().contains("PASS=23 WARN=1 ERROR=0 SKIP=0"),
            "{}",
            built.all()
        );
    }
    assert_eq!(
        home.sql(
            "select hours, weeks, seconds, quarter_end, last_word from {s}.priced where id = 1"
        ),
        "1668|10|316801|2024-03-31|Apples"
    );
    assert_eq!(
        home.sql("select two_names, has_dear from {s}.grouped order by fresh"),
        "Bread, \"sour\"|f\nApples; Cheese\\new|t"
    );
    assert_eq!(
        home.sql("select count(*), min(date_day) from {s}.days"),
        "5|2024-01-01 00:00:00"
    );
}

#[test]
fn a_failed_rebuild_leaves_the_old_rows_and_their_views() {
    let Some(home) = home(
        "kept",
        "--- models/a.sql
{{ config(materialized='table', post_hook=\"select 1 / {{ var('divisor') }}\") }}
select {{ var('divisor') }} as id
--- models/b.sql
select id from {{ ref('a') }}
",
    ) else {
        return;
    };
    home.project.succeed("build --vars '{divisor: 1}'");
    let failed = home.project.call("build --vars '{divisor: 0}'");
    assert_eq!(failed.code, 1, "{}", failed.all());
    assert!(failed.all().contains("division by zero"));
    assert_eq!(home.relations(), "a rp, b vp");
    assert_eq!(home.sql("select id from {s}.b"), "1");
}

#[test]
fn tables_have_indexes_and_may_be_unlogged() {
    let Some(home) = home(
        "indexed",
        "--- models/a.sql
{{ config(materialized='table', unlogged=true, indexes=[
    {'columns': ['id'], 'unique': true}, {'columns': ['id', 'name']}, {'columns': ['name'], 'type': 'hash'}
]) }}
select 1 as id, 'x' as name
--- models/inc.sql
{{ config(materialized='incremental', unique_key='id', indexes=[{'columns': ['id']}]) }}
select 1 as id
--- seeds/s.csv
id
1
--- dbt_project.yml
name: shop
version: '1.0'
profile: shop
seeds:
  +indexes: [{columns: [id], unique: true}]
",
    ) else {
        return;
    };
    for _ in 0..2 {
        home.project.succeed("build");
        assert_eq!(home.relations(), "a ru, inc rp, s rp");
        assert_eq!(
            home.indexes("a"),
            "CREATE UNIQUE USING btree (id); CREATE USING btree (id, name); CREATE USING hash (name)"
        );
        assert_eq!(home.indexes("inc"), "CREATE USING btree (id)");
        assert_eq!(home.indexes("s"), "CREATE UNIQUE USING btree (id)");
    }
    home.project
        .add("--- models/a.sql\n{{ config(materialized='table', indexes=[{'column': 'id'}]) }} select 1 as id\n");
    let failed = home.project.call("run --select a");
    assert!(
        failed
            .all()
            .contains("Additional properties are not allowed ('column' was unexpected)"),
        "{}",
        failed.all()
    );
}

#[test]
fn rows_are_added_and_replaced() {
    let Some(home) = home(
        "growing",
        "--- models/appended.sql
{{ config(materialized='incremental') }}
select {{ var('n') }} as id
--- models/replaced.sql
{{ config(materialized='incremental', unique_key='id') }}
select 1 as id, {{ var('n') }} as n
--- models/batched.sql
{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day',
    begin='2024-01-01', unique_key='id') }}
select extract(day from at)::int as id, at, {{ var('n') }} as n from {{ ref('events') }}
--- models/events.sql
{{ config(materialized='table', event_time='at') }}
select generate_series(timestamp '2024-01-01', timestamp '2024-01-03', interval '1 day') as at
",
    ) else {
        return;
    };
    let window = "--event-time-start 2024-01-01 --event-time-end 2024-01-04";
    for n in [1, 2] {
        home.project
            .succeed(&format!("run {window} --vars '{{n: {n}}}'"));
    }
    assert_eq!(home.sql("select * from {s}.appended order by 1"), "1\n2");
    assert_eq!(home.sql("select * from {s}.replaced"), "1|2");
    assert_eq!(
        home.sql("select id, n from {s}.batched order by 1"),
        "1|2\n2|2\n3|2"
    );
    assert_eq!(
        home.relations(),
        "appended rp, batched rp, events rp, replaced rp"
    );
}

#[test]
fn rows_are_merged_where_the_server_can() {
    let Some(home) = home(
        "merging",
        "--- models/merged.sql
{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['id', 'part'],
    merge_exclude_columns=['first'], on_schema_change='append_new_columns') }}
select 1 as id, 'x' as part, {{ var('n') }} as first, {{ var('n') }} as last
{%- if var('n') == 2 %}, true as added{% endif %}
",
    ) else {
        return;
    };
    home.project.succeed("run --vars '{n: 1}'");
    let again = home.project.call("run --vars '{n: 2}'");
    let version: u32 = home.sql("show server_version_num").parse().unwrap();
    if version < 150_000 {
        let word = "'merge' needs PostgreSQL 15 or later";
        assert!(again.all().contains(word), "{}", again.all());
        assert_eq!(home.sql("select * from {s}.merged"), "1|x|1|1");
        return;
    }
    assert_eq!(again.code, 0, "{}", again.all());
    assert_eq!(home.sql("select * from {s}.merged"), "1|x|1|2|t");
}

#[test]
fn constraints_are_kept_by_the_server() {
    let Some(home) = home(
        "promised",
        "--- models/parent.sql
{{ config(materialized='table') }}
select 1 as id
--- models/child.sql
{{ config(materialized=var('kind', 'table'), on_schema_change='fail') }}
-- depends_on: {{ ref('parent') }}
select 'x'::text as name, {{ var('id', 1) }} as id
--- models/s.yml
models:
  - name: parent
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: primary_key}]}
  - name: child
    config: {contract: {enforced: true}}
    constraints:
      - {type: check, expression: id > 0, name: is_positive}
    columns:
      - {name: id, data_type: int4, constraints: [{type: foreign_key, to: ref('parent'), to_columns: [id]}]}
      - {name: name, data_type: varchar(5), constraints: [{type: not_null}, {type: unique}]}
",
    ) else {
        return;
    };
    let constraints =
        "select string_agg(contype::text, '' order by contype::text) from pg_constraint
        where conrelid = '{s}.child'::regclass";
    for kind in ["table", "incremental"] {
        home.project
            .succeed(&format!("build --full-refresh --vars '{{kind: {kind}}}'"));
        assert_eq!(home.sql(constraints), "cfu", "{kind}");
    }
    let broken = home.project.call("run --select child --vars '{id: -1}'");
    assert!(broken.all().contains("is_positive"), "{}", broken.all());
    let typed = home
        .project
        .call("run --select child --vars '{id: \"1.5\"}'");
    assert!(
        typed.all().contains("data type mismatch"),
        "{}",
        typed.all()
    );
}

#[test]
fn snapshots_keep_every_version() {
    let Some(home) = home(
        "versions",
        "--- models/source.sql
select 1 as id, {{ var('n') }} as n
{%- if var('n') < 3 %} union all select 2, 0{% endif %}
--- snapshots/s.yml
snapshots:
  - name: history
    relation: ref('source')
    config: {unique_key: id, strategy: check, check_cols: all, hard_deletes: new_record}
",
    ) else {
        return;
    };
    for n in [1, 2, 2, 3] {
        home.project.succeed(&format!("build --vars '{{n: {n}}}'"));
    }
    assert_eq!(
        home.sql(
            "select id, n, dbt_is_deleted, dbt_valid_to is null from {s}.history order by 1, dbt_valid_from, 2"
        ),
        "1|1|False|f\n1|2|False|f\n1|3|False|t\n2|0|False|f\n2|0|True|t"
    );
    assert_eq!(home.relations(), "history rp, source vp");
}

#[test]
fn seeds_are_copied_as_they_are_typed() {
    let Some(home) = home(
        "sown",
        "--- seeds/s.csv
id,name,day,at,good,ratio,code
1,\"a, \"\"b\"\"\\t\\N\",2024-01-02,2024-01-02 03:04:05,true,1.50,007
2,,,,,,
--- seeds/s.yml
seeds:
  - name: s
    config: {column_types: {code: varchar(5), ratio: 'numeric(5,2)'}}
",
    ) else {
        return;
    };
    for arguments in ["seed", "seed", "seed --full-refresh"] {
        home.project.succeed(arguments);
        assert_eq!(
            home.sql("select * from {s}.s order by id"),
            "1|a, \"b\"\\t\\N|2024-01-02|2024-01-02 03:04:05|t|1.50|007\n2||||||",
            "{arguments}"
        );
        assert_eq!(
            home.sql("select count(*) from {s}.s where name is null and code is null"),
            "1"
        );
    }
}

/// Rows that an own macro sends as values still arrive.
#[test]
fn an_own_macro_loads_a_seed_with_bindings() {
    let Some(home) = home(
        "bound",
        "--- seeds/s.csv
id,name
1,it's
2,
--- macros/load.sql
{% macro postgres__load_csv_rows(model, agate_table) %}
    {{ return(default__load_csv_rows(model, agate_table)) }}
{% endmacro %}
",
    ) else {
        return;
    };
    home.project.succeed("seed");
    assert_eq!(home.sql("select * from {s}.s order by id"), "1|it's\n2|");
}

#[test]
fn functions_are_made_and_used() {
    let Some(home) = home(
        "functional",
        "--- functions/twice.sql
select $1 * {{ var('factor', 2) }}
--- functions/f.yml
functions:
  - name: twice
    config: {volatility: deterministic, grants: {execute: [guest]}}
    arguments: [{name: x, data_type: integer, default_value: 4}]
    returns: {data_type: integer}
--- models/uses.sql
select {{ function('twice') }}(21) as answer, {{ function('twice') }}() as usual
",
    ) else {
        return;
    };
    home.project.succeed("build");
    home.project.succeed("build --vars '{factor: 3}'");
    assert_eq!(home.sql("select * from {s}.uses"), "63|12");
    assert_eq!(
        home.sql("select provolatile, has_function_privilege('guest', oid, 'execute') from pg_proc where proname = 'twice'"),
        "i|t"
    );
}

#[test]
fn unit_tests_need_no_table() {
    let Some(home) = home(
        "untabled",
        "--- models/a.sql
select 1 as id, 'x'::varchar(3) as name, 1.5::numeric(6,2) as price, array['a'] as tags, now() as at
--- models/b.sql
select id, name, price, tags from {{ ref('a') }} where price > 1
--- models/u.yml
unit_tests:
  - name: dear
    model: b
    given:
      - input: ref('a')
        rows: [{id: 1, name: abcd, price: 2.25, tags: '{x,y}'}, {id: 2, price: 0.5}]
    expect:
      rows: [{id: 1, name: abcd, price: 2.25}]
",
    ) else {
        return;
    };
    home.project.succeed("test --select test_type:unit");
    assert_eq!(home.sql("select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = '{s}'"), "0");
}

#[test]
fn a_clone_is_a_view_of_the_other_environment() {
    let Some(home) = home(
        "original",
        "--- models/a.sql
{{ config(materialized='table') }}
select 1 as id
--- models/m.sql
{{ config(materialized='materialized_view') }}
select id from {{ ref('a') }}
",
    ) else {
        return;
    };
    home.project.succeed("build --target-path state");
    home.project.add(&home.server.profiles_file("cloned", 2));
    home.project.succeed("clone --state state");
    assert_eq!(
        home.sql("select string_agg(viewname, ',' order by viewname) from pg_views where schemaname = 'cloned'"),
        "a,m"
    );
    assert_eq!(home.sql("select id from cloned.m"), "1");
}
