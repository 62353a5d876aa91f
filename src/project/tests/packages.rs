//! Packages: their files, their variables, and what is told of wrong entries.

use crate::project::tests::Folder;

#[test]
fn packages_bring_files_and_variables() {
    let folder = Folder::new(
        "--- dbt_project.yml
name: shop
profile: shop
vars: {v1: root, v2: root, v3: root, a: {v2: root_a, v3: root_a}, shop: {v4: own}}
--- packages.yml
packages:
  - local: ../a
--- dependencies.yml
projects:
  - name: other_team
--- dbt_packages/a/dbt_project.yml
name: a
vars: {v1: pa, v2: pa, v3: pa, v5: pa, a: {v1: paa, v6: paa}}
--- dbt_packages/a/models/x.sql
select 1
--- dbt_packages/leftover/notes.txt
x
",
    );
    let project = folder.good();
    let package = project.package("a").unwrap();
    assert_eq!(package.files.models[0].path, "models/x.sql");
    assert_eq!(
        package.files.models[0].source.shown,
        "dbt_packages/a/models/x.sql"
    );
    assert_eq!(project.projects, ["other_team"]);
    let vars = project.vars_of(package);
    let value = |name: &str| vars.get(name).and_then(|value| value.as_str());
    assert_eq!(value("v1"), Some("root"));
    assert_eq!(value("v2"), Some("root_a"));
    assert_eq!(value("v4"), None);
    assert_eq!(value("v5"), Some("pa"));
    assert_eq!(value("v6"), Some("paa"));
    assert_eq!(project.vars_of(&project.root)["v4"].as_str(), Some("own"));
}

#[test]
fn packages_that_are_missing_or_double_are_told() {
    let folder = Folder::new(
        "--- dbt_project.yml
name: shop
profile: shop
--- packages.yml
packages:
  - local: ../a
",
    );
    let (_, told) = folder.load();
    assert_eq!(
        told,
        [
            "packages.yml:2:5 dbt found 1 package(s) specified in packages.yml, but only 0 package(s) installed in dbt_packages. Run \"dbt deps\" to install package dependencies."
        ]
    );
    folder.add("--- dbt_packages/x/dbt_project.yml\nname: shop\n");
    let (_, told) = folder.load();
    assert_eq!(
        told,
        [
            "dbt_packages/x/dbt_project.yml:1:1 dbt found more than one package with the name \"shop\" included in this project. Package names must be unique in a project | rename one of them, or remove the one that is not needed"
        ]
    );
}

#[test]
fn wrong_package_entries_are_told() {
    let rows = [
        (
            "pakages: []",
            "1:1 `pakages` is not a key of this file | did you mean `packages`?",
        ),
        (
            "packages: a",
            "1:11 `packages` must be a list, found a text",
        ),
        (
            "packages: [a]",
            "1:12 `packages` must be a list of mappings such as `- local: folder`, found a text",
        ),
        (
            "packages: [{foo: a}]",
            "1:12 this entry does not say where the package comes from | give one of `package`, `git`, `local` or `tarball`",
        ),
        (
            "packages: [{local: a, foo: 1}]",
            "1:23 `foo` is not a key of a `local` package | it has the keys local",
        ),
        ("packages: [{tarball: a}]", "1:12 this entry needs `name`"),
        (
            "- a",
            "1:1 `packages.yml` must be a mapping with `packages:`, found a list",
        ),
    ];
    for (text, expected) in rows {
        let folder = Folder::new(&format!(
            "--- dbt_project.yml\nname: shop\nprofile: shop\n--- packages.yml\n{text}\n"
        ));
        let (_, told) = folder.load();
        assert_eq!(told, [format!("packages.yml:{expected}")], "{text}");
    }
}
