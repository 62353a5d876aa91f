//! What a call costs, in things that can be counted: statements that reach the warehouse, by what they are for.
//! A number that grows here is a build that got slower everywhere.
#![cfg(feature = "duckdb")]

mod support;

use insta::assert_snapshot;
use std::collections::BTreeMap;
use support::project::TestProject;

const SHOP: &str = "--- dbt_project.yml
name: shop
profile: shop
--- seeds/raw.csv
id,amount
1,10
2,20
--- models/stage.sql
{{ config(materialized='view') }} select id, amount from {{ ref('raw') }}
--- models/mart.sql
{{ config(materialized='table') }} select id, sum(amount) as amount from {{ ref('stage') }} group by id
--- models/grown.sql
{{ config(materialized='incremental', unique_key='id') }} select id, amount from {{ ref('mart') }}
--- models/models.yml
models:
  - name: mart
    columns: [{name: id, data_tests: [unique, not_null]}]
";

/// The first words of what each node sent, in order.
fn sent(project: &TestProject, arguments: &str) -> String {
    let told = "--log-level debug --log-format json";
    let ended = project.succeed(&format!("{arguments} {told}"));
    let mut by_node: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in ended.json_lines() {
        let data = &line["data"];
        if let (Some("SQLQuery"), Some(sql)) = (line["info"]["name"].as_str(), data["sql"].as_str())
        {
            let node = data["conn_name"].as_str().unwrap_or_default();
            by_node.entry(node.to_string()).or_default().push(gist(sql));
        }
    }
    let lines = by_node.into_iter();
    lines
        .map(|(node, sent)| format!("{node}: {}\n", sent.join(", ")))
        .collect()
}

/// The first two words behind the comment.
fn gist(sql: &str) -> String {
    let text = sql.split_once("*/").map_or(sql, |(_, text)| text);
    let words = text.split_whitespace().take(2);
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
fn a_first_build_sends_no_more_than_it_needs() {
    let project = TestProject::new(SHOP);
    assert_snapshot!(sent(&project, "build"), @r#"
    model.shop.grown: begin, create table, commit
    model.shop.mart: begin, create table, commit
    model.shop.stage: begin, create view, alter view, commit
    seed.shop.raw: begin, create table, copy "shop"."main"."raw", commit
    test.shop.not_null_mart_id.e841890a25: select count(*)
    test.shop.unique_mart_id.64fd3f9a60: select count(*)
    "#);
}

#[test]
fn a_second_build_replaces_within_one_transaction() {
    let project = TestProject::new(SHOP);
    project.succeed("build");
    assert_snapshot!(sent(&project, "build"), @r#"
    model.shop.grown: begin, create or, delete from, drop table, commit
    model.shop.mart: begin, create table, select distinct, drop table, select index_name, alter table, commit
    model.shop.stage: begin, create view, drop view, alter view, commit
    seed.shop.raw: begin, truncate table, copy "shop"."main"."raw", commit
    test.shop.not_null_mart_id.e841890a25: select count(*)
    test.shop.unique_mart_id.64fd3f9a60: select count(*)
    "#);
}

#[test]
fn what_needs_no_warehouse_sends_nothing() {
    let project = TestProject::new(SHOP);
    let statements = |arguments: &str| sent(&project, arguments);
    assert_eq!([statements("parse"), statements("ls")], ["", ""]);
}

#[test]
fn files_are_written_once_for_each_node() {
    let project = TestProject::new(SHOP);
    project.succeed("build");
    let count = |folder: &str| project.files(folder).len();
    let (models, seeds, tests) = (3, 1, 2);
    assert_eq!(count("target/compiled"), models + tests);
    assert_eq!(count("target/run"), models + seeds + tests);
    let results = project.json("target/run_results.json");
    assert_eq!(
        results["results"].as_array().map(Vec::len),
        Some(models + seeds + tests)
    );
}
