//! `run`: models and nothing else.

use super::*;

#[test]
fn builds_models_only() {
    let project = shop();
    project.succeed("seed --quiet");
    assert_snapshot!(project.call("run").all());
    assert_eq!(
        warehouse::rows(
            &project,
            "shop.duckdb",
            "select * from customers order by 1"
        ),
        ["Ann | 15", "Bob | 20"]
    );
}

#[test]
fn shows_where_the_warehouse_refused() {
    let project = broken_shop();
    project.succeed("seed --quiet");
    assert_snapshot!(project.call("run").all());
}

#[test]
fn writes_events_as_json_lines() {
    let project = shop();
    project.succeed("seed --quiet");
    assert_snapshot!(events(&project.call("run --log-format json")));
}

#[test]
fn says_when_nothing_is_selected() {
    assert_snapshot!(shop().call("run --select nothing").all());
}

/// An ephemeral model has no result, but the hooks of the call are run.
#[test]
fn runs_hooks_around_ephemeral_models_alone() {
    let project = shop();
    project.add(
        "--- dbt_project.yml
name: shop
version: '1.0'
profile: shop
on-run-start: select 1
--- models/passing.sql
{{ config(materialized='ephemeral') }} select 1 as id
",
    );
    let ended = project.succeed("run -s passing");
    assert!(ended.all().contains("PASS=1 "), "{}", ended.all());
}
