//! `clean`: which folders go, and which never do.

use super::*;

#[test]
fn deletes_what_the_project_names() {
    let project = shop();
    project.add("--- target/manifest.json\n{}\n--- dbt_packages/x/dbt_project.yml\nname: x\n");
    assert_snapshot!(project.call("clean").all());
    assert!(!project.has("target") && project.has("models/orders.sql"));
}

#[test]
fn refuses_folders_outside_of_the_project() {
    let project = shop();
    project.add(
        "--- dbt_project.yml\nname: shop\nprofile: shop\nclean-targets: [target, ../other]\n--- ../other/kept.txt\nkept\n",
    );
    assert_snapshot!(project.call("clean").all());
    assert!(project.has("../other/kept.txt"));
}

#[test]
fn refuses_the_folders_of_its_own_sources() {
    let project = shop();
    project.add("--- dbt_project.yml\nname: shop\nprofile: shop\nclean-targets: [models]\n");
    assert_snapshot!(project.call("clean").all());
    assert!(project.has("models/orders.sql"));
}

#[test]
fn writes_events_as_json_lines() {
    assert_snapshot!(events(&shop().call("clean --log-format json")));
}
