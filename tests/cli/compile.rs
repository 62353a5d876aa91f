//! `compile`: final SQL on disk and on the screen.

use super::*;

#[test]
fn writes_final_sql() {
    let project = shop();
    assert_snapshot!(project.call("compile").all());
    assert_snapshot!(project.read("target/compiled/shop/models/customers.sql"));
}

#[test]
fn prints_a_selected_node() {
    assert_snapshot!(shop().call("compile --select customers").all());
}

#[test]
fn prints_an_inline_query() {
    assert_snapshot!(
        shop()
            .call("compile --inline 'select * from {{ ref(\"orders\") }}'")
            .all()
    );
}

#[test]
fn points_at_a_mistake_in_a_query() {
    assert_snapshot!(
        shop()
            .call("compile --inline 'select * from {{ ref(\"ordres\") }}'")
            .all()
    );
}

#[test]
fn prints_json_when_asked() {
    assert_snapshot!(
        shop()
            .call("compile --select customers --output json --quiet")
            .all()
    );
}

/// As with dbt: an ephemeral model has a result of its own only where it is asked for.
#[test]
fn lists_ephemeral_models_where_they_are_asked_for() {
    let project = shop();
    project.add("--- models/passing.sql\n{{ config(materialized='ephemeral') }} select 1 as id\n");
    let listed = |arguments: &str| {
        project.succeed(arguments);
        let results = project.json("target/run_results.json");
        let results = results["results"].as_array().unwrap().clone();
        results
            .iter()
            .any(|result| result["unique_id"] == "model.shop.passing")
    };
    assert!(!listed("compile"));
    assert!(listed("compile -s passing"));
}

/// What somebody asks for with `--inline` has a result, whatever it says of itself.
#[test]
fn lists_an_inline_query_that_calls_itself_ephemeral() {
    let project = shop();
    project.succeed("compile --inline '{{ config(materialized=\"ephemeral\") }} select 1 as id'");
    let results = project.json("target/run_results.json");
    assert_eq!(results["results"].as_array().unwrap().len(), 1);
}
