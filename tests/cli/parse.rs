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

/// As with dbt: a linked file is read, a linked folder is passed over.
#[cfg(unix)]
#[test]
fn reads_linked_files_and_no_linked_folders() {
    let project = shop();
    project.add("--- shared/extra.sql\nselect 1 as id\n");
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(project.root.join(from), project.root.join(to)).unwrap();
    };
    link("shared", "models/linked");
    link("shared/extra.sql", "models/single.sql");
    let listed = project.succeed("ls --resource-type model --output name");
    assert_eq!(listed.stdout, "customers\norders\nsingle\n");
}

/// `config:` of profiles.yml counts where the project has no `flags:`.
#[test]
fn reads_flags_at_their_old_place() {
    let project = shop();
    let profiles = project.read("profiles.yml");
    project.write(
        "profiles.yml",
        format!("config: {{warn_error: true}}\n{profiles}").as_bytes(),
    );
    let ended = project.call("parse");
    assert_eq!(ended.code, 2);
    assert!(
        ended.all().contains("User config should be moved"),
        "{}",
        ended.all()
    );
    let settings = project.read("dbt_project.yml");
    project.write(
        "dbt_project.yml",
        format!("{settings}flags: {{quiet: true}}\n").as_bytes(),
    );
    let both = project.call("parse");
    assert_eq!(both.code, 2);
    assert!(both.all().contains("Do not specify both"), "{}", both.all());
}
