//! What holds for every command: options, variables of the environment, a folder without a project.

use super::*;

#[test]
fn an_unknown_option_is_told_with_its_neighbour() {
    assert_snapshot!(shop().call("run --selct orders").all());
}

#[test]
fn an_unknown_command_is_told_with_its_neighbour() {
    assert_snapshot!(shop().call("biuld").all());
}

#[test]
fn options_may_stand_before_the_command() {
    let ended = shop().succeed("--quiet --target dev ls --select customers --resource-type model");
    assert_eq!(ended.stdout, "shop.customers\n");
}

#[test]
fn variables_of_the_environment_are_options() {
    let project = shop()
        .with("DBT_TARGET_PATH", "elsewhere")
        .with("DBT_LOG_LEVEL", "none");
    let ended = project.succeed("parse");
    assert_eq!(ended.stderr, "");
    assert!(project.has("elsewhere/manifest.json"));
}

#[test]
fn versions_are_printed() {
    let ended = TestProject::empty().succeed("--version");
    assert!(
        ended.stdout.contains(env!("CARGO_PKG_VERSION")),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_folder_without_a_project_is_told() {
    assert_snapshot!(TestProject::empty().call("build").all());
}

#[test]
fn warnings_can_be_made_errors() {
    let project = shop();
    project.add("--- models/other.yml\nmodels:\n  - name: not_there\n");
    assert_snapshot!(project.call("parse").all());
    assert_snapshot!(project.call("parse --warn-error").all());
}
