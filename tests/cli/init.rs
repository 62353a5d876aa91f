//! `init`: a new project that builds.

use super::*;

#[test]
fn makes_a_project_that_builds() {
    let project = TestProject::empty();
    let ended = project.call("init tea --skip-profile-setup");
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_snapshot!(project.files("tea").join("\n"));
    project.add("--- tea/profiles.yml\ntea:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: tea.duckdb}\n");
    project.succeed("build --project-dir tea --profiles-dir tea");
}

#[test]
fn refuses_a_name_that_is_none() {
    assert_snapshot!(
        TestProject::empty()
            .call("init tea-shop --skip-profile-setup")
            .all()
    );
}

#[test]
fn leaves_a_project_alone_that_is_there() {
    let project = TestProject::empty();
    project.add("--- tea/dbt_project.yml\nname: tea\n");
    project.call("init tea --skip-profile-setup");
    assert_eq!(project.read("tea/dbt_project.yml"), "name: tea\n");
}

#[test]
fn writes_events_as_json_lines() {
    let ended = TestProject::empty().call("init tea --skip-profile-setup --log-format json");
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert!(!ended.json_lines().is_empty());
}
