//! Profiles and targets: which one is used, and what is told where none can be.

use crate::base::fs;
use crate::project::Options;
use crate::project::tests::Folder;
use crate::project::tests::PROFILES;

/// Each row: profile, target, variables, and what is told.
#[test]
fn profiles_that_cannot_be_used_are_told() {
    let rows: [(Option<&str>, Option<&str>, &str); 7] = [
        (
            Some("shp"),
            None,
            "profiles.yml:1:1 Could not find profile named 'shp' | did you mean `shop`?",
        ),
        (
            None,
            Some("prod"),
            "profiles.yml:5:5 The profile 'shop' does not have a target named 'prod'. The valid target names for this profile are:\n - dev\n - other\n - secret\n - broken",
        ),
        (
            None,
            Some("other"),
            "profiles.yml:6:37 Env var required but not provided: 'NOT_THERE'",
        ),
        (
            None,
            Some("broken"),
            "profiles.yml:8:5 output 'broken' of profile 'shop' is misconfigured in profiles.yml",
        ),
        (
            Some("empty"),
            None,
            "profiles.yml:9:1 Profile empty in profiles.yml is empty",
        ),
        (
            Some("bare"),
            None,
            "profiles.yml:10:1 outputs not specified in profile 'bare' | add `outputs:` with a target such as `dev:` below it",
        ),
        (
            Some("usual"),
            None,
            "profiles.yml:11:18 The profile 'usual' does not have a target named 'default'. The valid target names for this profile are:\n - dev",
        ),
    ];
    let folder = Folder::new("--- dbt_project.yml\nname: shop\nprofile: shop\n");
    let more = "empty:\nbare: {target: dev}\nusual: {outputs: {dev: {type: duckdb}}}\n";
    folder.write("profiles.yml", &format!("{PROFILES}{more}"));
    for (profile, target, expected) in rows {
        let options = Options {
            profile: profile.map(str::to_string),
            target: target.map(str::to_string),
            ..folder.options()
        };
        let (project, told) = folder.load_with(&options, &[]);
        assert!(project.is_none());
        assert_eq!(told, [expected]);
    }
}

#[test]
fn a_secret_may_be_used_in_a_profile() {
    let folder = Folder::new("--- dbt_project.yml\nname: shop\nprofile: shop\n");
    let options = Options {
        target: Some("secret".to_string()),
        ..folder.options()
    };
    let (project, told) = folder.load_with(&options, &[("DBT_ENV_SECRET_PATH", ":memory:")]);
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!(project.unwrap().profile.output["path"], ":memory:");
}

#[test]
fn nothing_to_read_is_told() {
    let folder = Folder::new("");
    let (_, told) = folder.load();
    assert_eq!(
        told,
        [
            "- No dbt_project.yml found at expected path FOLDER/dbt_project.yml | run this in the folder of a project, name one with `--project-dir`, or make one with `init`"
        ]
    );
    folder.write("dbt_project.yml", "name: shop\n");
    let (_, told) = folder.load();
    assert_eq!(
        told,
        [
            "dbt_project.yml:1:1 no profile was specified for this dbt project | add a line `profile: name` with the name of a profile in profiles.yml"
        ]
    );
    folder.write("dbt_project.yml", "name: shop\nprofile: shop\n");
    fs::remove(&folder.path().join("profiles.yml"), "test file").unwrap();
    let (_, told) = folder.load();
    assert_eq!(
        told,
        [
            "- Could not find profile named 'shop' | there is no profiles.yml in `FOLDER`; put one there, or name its folder with --profiles-dir"
        ]
    );
}
