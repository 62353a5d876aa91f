//! Files of a project: found by kind, and told where they cannot be read.

use crate::base::fs;
use crate::project::ProjectFile;
use crate::project::tests::Folder;

#[test]
fn files_are_found_by_kind() {
    let folder = Folder::new(
        "--- dbt_project.yml
name: shop
profile: shop
model-paths: [models, more/models]
--- .dbtignore
old/
--- models/b.sql
select 2
--- models/a.SQL
select 1
--- models/p.py
x = 1
--- models/.draft.sql
x
--- models/.folder/kept.sql
x
--- models/old/x.sql
x
--- models/schema.yml
version: 2
--- models/notes.md
text
--- models/readme.txt
text
--- more/models/deep/c.sql
select 3
--- seeds/s.csv
id
--- tests/one.sql
select 1
--- tests/generic/g.sql
{% test g(model) %}{% endtest %}
--- tests/fixtures/rows.csv
id
--- tests/fixtures/rows.sql
select 1
--- macros/m.sql
{% macro m() %}{% endmacro %}
--- macros/props.yaml
version: 2
",
    );
    let project = folder.good();
    let files = &project.root.files;
    assert_eq!(
        paths(&files.models),
        [
            "models/.folder/kept.sql",
            "models/a.SQL",
            "models/b.sql",
            "models/p.py",
            "more/models/deep/c.sql"
        ]
    );
    assert_eq!(files.models[4].below, "deep/c.sql");
    assert_eq!(files.models[2].source.text(), "select 2\n");
    assert_eq!(files.models[2].source.shown, "models/b.sql");
    assert_eq!(
        paths(&files.properties),
        ["macros/props.yaml", "models/schema.yml"]
    );
    assert_eq!(paths(&files.docs), ["models/notes.md"]);
    assert_eq!(paths(&files.seeds), ["seeds/s.csv"]);
    assert_eq!(files.seeds[0].source.text(), "");
    assert_eq!(
        paths(&files.tests),
        ["tests/generic/g.sql", "tests/one.sql"]
    );
    assert_eq!(
        paths(&files.fixtures),
        ["tests/fixtures/rows.csv", "tests/fixtures/rows.sql"]
    );
    assert_eq!(paths(&files.macros), ["macros/m.sql"]);
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let folder =
        Folder::new("--- dbt_project.yml\nname: shop\nprofile: shop\n--- models/a.sql\nselect 1\n");
    fs::write(
        &folder.path().join("models/b.sql"),
        b"select 1,\n'caf\xe9'",
        "test file",
    )
    .unwrap();
    let (project, told) = folder.load();
    assert_eq!(
        told,
        ["models/b.sql:2:5 `models/b.sql` is not valid UTF-8: byte 0xe9 | save the file as UTF-8"]
    );
    assert_eq!(paths(&project.unwrap().root.files.models), ["models/a.sql"]);
}

fn paths(files: &[ProjectFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}
