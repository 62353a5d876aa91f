//! What stands around a model: hooks, privileges, descriptions, the catalog, freshness, `on-run-end`.

use crate::home;

/// VACUUM and CREATE INDEX CONCURRENTLY refuse to run inside a transaction.
#[test]
fn hooks_run_outside_of_the_transaction_when_asked() {
    let Some(home) = home(
        "hooked",
        "--- models/a.sql
{{ config(
    materialized=var('kind'),
    pre_hook=[{'sql': 'vacuum', 'transaction': false}, 'create table if not exists {{ this.schema }}.log (what text)',
              \"insert into {{ this.schema }}.log values ('before')\"],
    post_hook=[\"insert into {{ this.schema }}.log values ('after')\",
               after_commit('create index concurrently on {{ this.schema }}.log (what)')]
) }}
select 1 as id
",
    ) else {
        return;
    };
    for (times, kind) in ["table", "view", "incremental", "materialized_view"]
        .iter()
        .enumerate()
    {
        home.project
            .succeed(&format!("run --vars '{{kind: {kind}}}'"));
        assert_eq!(
            home.sql("select count(*) filter (where what = 'before'), count(*) filter (where what = 'after') from {s}.log"),
            format!("{0}|{0}", times + 1),
            "{kind}"
        );
    }
}

#[test]
fn privileges_are_given_taken_and_given_again_to_what_is_new() {
    let Some(home) = home(
        "granted",
        "--- models/t.sql
{{ config(materialized='table', grants={'select': var('readers'), 'insert': ['guest']}) }}
select 1 as id
--- models/i.sql
{{ config(materialized='incremental', grants={'select': var('readers')}) }}
select 1 as id
--- models/m.sql
{{ config(materialized='materialized_view', grants={'select': var('readers')}) }}
select 1 as id
--- seeds/s.csv
id
1
--- seeds/s.yml
seeds: [{name: s, config: {grants: {select: \"{{ var('readers') }}\"}}}]
",
    ) else {
        return;
    };
    let can_read = |role: &str| {
        let asked: Vec<String> = ["t", "i", "m", "s"]
            .iter()
            .map(|name| format!("has_table_privilege('{role}', '{{s}}.{name}', 'select')"))
            .collect();
        home.sql(&format!("select {}", asked.join(", ")))
    };
    for (readers, guest, other) in [
        ("[guest]", "t|t|t|t", "f|f|f|f"),
        ("[guest, only_tls]", "t|t|t|t", "t|t|t|t"),
        ("[only_tls]", "f|f|f|f", "t|t|t|t"),
        ("[public]", "t|t|t|t", "t|t|t|t"),
        ("[guest]", "t|t|t|t", "f|f|f|f"),
    ] {
        home.project
            .succeed(&format!("build --vars '{{readers: {readers}}}'"));
        assert_eq!(
            (can_read("guest").as_str(), can_read("only_tls").as_str()),
            (guest, other),
            "{readers}"
        );
    }
    let failed = home
        .project
        .call("run --select t --vars '{readers: [nobody_knows]}'");
    assert!(
        failed
            .all()
            .contains("role \"nobody_knows\" does not exist")
    );
    assert_eq!(can_read("guest"), "t|t|t|t", "what failed is undone");
}

#[test]
fn descriptions_are_kept_with_every_kind_of_relation() {
    let Some(home) = home(
        "described",
        "--- models/t.sql
{{ config(materialized='table') }}
select 1 as id
--- models/v.sql
select 1 as id
--- models/m.sql
{{ config(materialized='materialized_view') }}
select 1 as id
--- models/s.yml
models:
  - {name: t, description: \"it's a \\\\ $$ table\", columns: [{name: ID, description: key}, {name: gone, description: x}]}
  - {name: v, description: a view, columns: [{name: id, description: key}]}
  - {name: m, description: kept rows, columns: [{name: id, description: key}]}
--- dbt_project.yml
name: shop
version: '1.0'
profile: shop
models:
  +persist_docs: {relation: true, columns: true}
",
    ) else {
        return;
    };
    let built = home.project.succeed("run");
    assert!(
        built
            .all()
            .contains("specified in the schema but are not present in the database: gone"),
        "{}",
        built.all()
    );
    let comments = "select string_agg(relname || ': ' || obj_description(c.oid) || ', ' || col_description(c.oid, 1), '; '
        order by relname) from pg_class c where relnamespace = '{s}'::regnamespace and relkind in ('r', 'v', 'm')";
    assert_eq!(
        home.sql(comments),
        "m: kept rows, key; t: it's a \\ $$ table, key; v: a view, key"
    );
    home.project.succeed("docs generate");
    let catalog = home.project.json("target/catalog.json");
    for (name, kind, comment) in [
        ("t", "BASE TABLE", "it's a \\ $$ table"),
        ("v", "VIEW", "a view"),
        ("m", "MATERIALIZED VIEW", "kept rows"),
    ] {
        let node = &catalog["nodes"][format!("model.shop.{name}")];
        assert_eq!(node["metadata"]["type"], kind);
        assert_eq!(node["metadata"]["comment"], comment);
        assert_eq!(node["columns"]["id"]["type"], "integer");
        assert_eq!(node["columns"]["id"]["comment"], "key");
        assert_eq!(node["metadata"]["owner"], "owner");
    }
}

#[test]
fn freshness_asks_for_the_latest_row() {
    let Some(home) = home(
        "fresh",
        "--- models/s.yml
sources:
  - name: raw
    schema: fresh
    tables:
      - name: rows
        config: {loaded_at_field: at, freshness: {warn_after: {count: 1, period: day}}}
      - name: told
        config: {freshness: {warn_after: {count: 1, period: day}}}
",
    ) else {
        return;
    };
    home.sql("create schema {s}; create table {s}.rows as select now() - interval '2 days' as at; create table {s}.told ()");
    home.project.call("source freshness");
    let sources = home.project.json("target/sources.json");
    let mut found: Vec<String> = sources["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| format!("{} {}", result["unique_id"], result["status"]))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "\"source.shop.raw.rows\" \"warn\"",
            "\"source.shop.raw.told\" \"runtime error\""
        ]
    );
    assert!(
        sources
            .to_string()
            .contains("postgres adapter does not support metadata-based freshness checks")
    );
}

#[test]
fn schemas_are_made_and_told_to_the_last_hook() {
    let Some(home) = home(
        "base",
        "--- models/a.sql
select 1 as id
--- models/b.sql
{{ config(schema='more') }}
select 1 as id
--- dbt_project.yml
name: shop
version: '1.0'
profile: shop
on-run-end:
  - \"create table {{ target.schema }}.summary as select '{{ schemas | sort | join(' ') }}' as schemas, {{ results | length }} as results\"
",
    ) else {
        return;
    };
    home.project.succeed("run");
    assert_eq!(home.sql("select * from {s}.summary"), "base base_more|2");
}

#[test]
fn rows_are_shown_and_failures_stored() {
    let Some(home) = home(
        "shown",
        "--- models/a.sql
select generate_series(1, 9) as id, 'ü' as name
--- models/s.yml
models:
  - name: a
    columns:
      - name: id
        data_tests:
          - accepted_values: {arguments: {values: [1], quote: false}, config: {store_failures: true, alias: odd, severity: warn}}
",
    ) else {
        return;
    };
    for _ in 0..2 {
        home.project.succeed("build");
    }
    assert_eq!(
        home.sql("select count(*) from {s}_dbt_test__audit.odd"),
        "8"
    );
    let shown = home.project.succeed("show --select a --limit 1");
    assert!(shown.stdout.contains("| ü"), "{}", shown.stdout);
}
