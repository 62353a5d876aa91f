//! `parse`: the manifest without a warehouse.

use super::*;

#[test]
fn writes_the_manifest() {
    let project = shop();
    assert_snapshot!(project.call("parse").all());
    assert_snapshot!(project.files("target").join("\n"));
}

#[test]
fn opens_no_connection() {
    let project = shop();
    project.succeed("parse");
    assert!(!project.has("shop.duckdb"));
}

#[test]
fn points_at_an_unknown_name() {
    let project = shop();
    project.add("--- models/customers.sql\nselect *\nfrom {{ ref('ordres') }}\n");
    assert_snapshot!(project.call("parse").all());
}

#[test]
fn writes_mistakes_as_json_lines() {
    let project = shop();
    project.add("--- models/customers.sql\nselect *\nfrom {{ ref('ordres') }}\n");
    assert_snapshot!(events(&project.call("parse --log-format json")));
}

#[test]
fn writes_the_same_manifest_twice() {
    let project = shop().with("DBT_TEST_NOW", "2024-01-02T03:04:05Z");
    let manifest = |project: &TestProject| {
        project.succeed("parse --quiet");
        steady_manifest(project)
    };
    assert_eq!(manifest(&project), manifest(&project));
}

/// The manifest without the id of the call.
fn steady_manifest(project: &TestProject) -> String {
    let mut manifest = project.json("target/manifest.json");
    let metadata = &mut manifest["metadata"];
    assert!(metadata["invocation_id"].is_string(), "{metadata}");
    metadata["invocation_id"] = Value::Null;
    manifest.to_string()
}
