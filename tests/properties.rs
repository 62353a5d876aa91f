//! What properties files say about columns and sources, as it ends up in the manifest and in SQL.
#![cfg(feature = "duckdb")]

mod support;

use serde_json::Value;
use serde_json::json;
use support::project::TestProject;

/// A column that has to be quoted is quoted in its tests, and their names are those that dbt gives.
#[test]
fn columns_are_quoted_in_tests_as_asked() {
    let project = TestProject::new(
        "\
--- models/people.sql
select 1 as \"my id\", 'Ann' as name, 5 as age
--- models/schema.yml
models:
  - name: people
    quote_columns: true
    columns:
      - name: my id
        quote: true
        data_tests: [unique]
      - name: name
        data_tests: [not_null]
      - name: age
        quote: false
        data_tests: [not_null]
sources:
  - name: raw
    schema: main
    quoting: {column: true}
    tables:
      - name: people
        columns:
          - name: my id
            data_tests: [unique]
",
    );
    project.succeed("build");
    let results = project.json("target/run_results.json");
    let mut ids: Vec<&str> = results["results"]
        .as_array()
        .expect("a list of results")
        .iter()
        .filter_map(|result| result["unique_id"].as_str()?.strip_prefix("test.shop."))
        .collect();
    ids.sort();
    let names: Vec<&str> = ids.iter().filter_map(|id| id.split('.').next()).collect();
    assert_eq!(
        names,
        [
            "not_null_people__name_",
            "not_null_people_age",
            "source_unique_raw_people__my_id_",
            "unique_people__my_id_",
        ]
    );
}

/// Limits of a table go over those of its source, those below `config:` over those outside of it; the
/// project file speaks only where nobody else does.
#[test]
fn limits_of_age_are_taken_together() {
    let rows = [
        ("", "", json!([1, 11])),
        (
            ", freshness: {warn_after: {count: 2, period: hour}}",
            "",
            json!([2, null]),
        ),
        (
            ", freshness: {warn_after: {count: 2, period: hour}, error_after: {count: 12, period: hour}}, \
             config: {freshness: {warn_after: {count: 3, period: hour}}}",
            "",
            json!([3, 12]),
        ),
        (
            ", freshness: {error_after: {count: 12, period: hour}}",
            ", config: {freshness: {warn_after: {count: 4, period: hour}}}",
            json!([4, 12]),
        ),
        (
            ", freshness: {error_after: {count: 12, period: hour}}",
            ", freshness: {error_after: null}",
            json!([null, null]),
        ),
        (
            ", freshness: {warn_after: {count: 2, period: hour}}",
            ", freshness: null",
            json!(null),
        ),
        (
            ", freshness: {warn_after: {count: 2, period: hour}}",
            ", freshness: {warn_after: {count: 9}}",
            json!([2, null]),
        ),
    ];
    for (source, table, expected) in rows {
        let found = source_of(source, table);
        let freshness = &found["freshness"];
        let counts = match freshness {
            Value::Null => Value::Null,
            limits => json!([
                limits["warn_after"]["count"],
                limits["error_after"]["count"]
            ]),
        };
        assert_eq!(counts, expected, "source{source} table{table}");
        assert_eq!(
            freshness, &found["config"]["freshness"],
            "source{source} table{table}"
        );
    }
}

/// What tells the age of a table, and the tags: the words of the properties file.
#[test]
fn the_nearest_word_tells_the_age() {
    let rows = [
        (", loaded_at_field: a", "", json!(["a", null])),
        (
            ", loaded_at_field: a",
            ", loaded_at_field: null",
            json!([null, null]),
        ),
        (
            ", loaded_at_query: a",
            ", loaded_at_field: b",
            json!(["b", null]),
        ),
        (
            ", loaded_at_field: a",
            ", loaded_at_query: b",
            json!(["a", "b"]),
        ),
        (
            ", loaded_at_field: a, config: {loaded_at_field: b}",
            "",
            json!(["a", null]),
        ),
        (
            ", loaded_at_field: a",
            ", config: {loaded_at_field: b}",
            json!(["b", null]),
        ),
    ];
    for (source, table, expected) in rows {
        let found = source_of(source, table);
        let told = json!([found["loaded_at_field"], found["loaded_at_query"]]);
        assert_eq!(told, expected, "source{source} table{table}");
    }
    let found = source_of(", tags: [z, b]", ", config: {tags: [a, b]}");
    assert_eq!(found["tags"], json!(["a", "b", "z"]));
    assert_eq!(found["meta"], json!({"owner": "all"}));
}

/// A name that is no macro is another value in a unit test, and each version has a test of its own.
#[test]
fn unit_tests_know_plain_names_and_versions() {
    let project = TestProject::new(
        "\
--- models/run_v1.sql
select '{{ invocation_id }}' as id, '{{ type_int() }}' as kind
--- models/run_v2.sql
select '{{ invocation_id }}' as id, '{{ type_int() }}' as kind
--- models/schema.yml
models:
  - name: run
    versions: [{v: 1}, {v: 2}]
unit_tests:
  - name: knows_itself
    model: run
    overrides:
      macros: {invocation_id: 123, type_int: number}
    given: []
    expect:
      rows:
        - {id: '123', kind: number}
",
    );
    project.succeed("test");
    let listed = project.succeed("ls --resource-type unit_test");
    assert_eq!(
        listed.stdout,
        "unit_test:shop.knows_itself_v1\nunit_test:shop.knows_itself_v2\n"
    );
}

/// `--store-failures` gives each test a relation, and tells of those that hold failures.
#[test]
fn failures_are_found_where_they_were_stored() {
    let project = TestProject::new(
        "\
--- tests/kept.sql
select 1 as id
--- tests/dropped.sql
{{ config(store_failures=false) }}
select 1 as id
",
    );
    let ended = project.call("build --store-failures");
    let kept = "select * from \"shop\".\"main_dbt_test__audit\".\"kept\"";
    assert!(ended.all().contains(kept), "{}", ended.all());
    assert_eq!(ended.all().matches("See test failures").count(), 1);
    let results = project.json("target/run_results.json");
    let relations: Vec<&Value> = results["results"]
        .as_array()
        .expect("a list of results")
        .iter()
        .map(|result| &result["relation_name"])
        .collect();
    assert!(
        relations.iter().all(|name| name.is_string()),
        "{relations:?}"
    );
}

/// The record of a table, with more keys for its source and for itself.
fn source_of(source: &str, table: &str) -> Value {
    let project = TestProject::new(&format!(
        "\
--- dbt_project.yml
name: shop
profile: shop
sources:
  +tags: all
  +meta: {{owner: all}}
  +freshness:
    warn_after: {{count: 1, period: hour}}
    error_after: {{count: 11, period: hour}}
--- models/sources.yml
sources:
  - {{name: raw{source}, tables: [{{name: orders{table}}}]}}
"
    ));
    project.succeed("parse");
    project.json("target/manifest.json")["sources"]["source.shop.raw.orders"].clone()
}
