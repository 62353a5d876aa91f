//! Cases for reading projects: small folders written out, and what is found or told.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::config::settings::Section;
use crate::project::Options;
use crate::project::Project;
use crate::project::load;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

pub(super) const PROFILES: &str = "
shop:
  target: \"{{ env_var('TARGET', 'dev') }}\"
  outputs:
    dev: {type: duckdb, path: \"{{ env_var('DB', ':memory:') }}\", threads: 2}
    other: {type: duckdb, path: \"{{ env_var('NOT_THERE') }}\"}
    secret: {type: duckdb, path: \"{{ env_var('DBT_ENV_SECRET_PATH') }}\"}
    broken:
";

/// A folder with files, its texts separated by lines `--- path`.
pub(super) struct Folder(pub(super) tempfile::TempDir);

impl Folder {
    pub(super) fn new(texts: &str) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("profiles.yml", PROFILES);
        folder.add(texts);
        folder
    }

    pub(super) fn add(&self, texts: &str) {
        for part in texts.split("--- ").skip(1) {
            let (path, text) = part.split_once('\n').unwrap_or((part, ""));
            self.write(path.trim(), text);
        }
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(&self.path().join(path), text.as_bytes(), "test file").unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn options(&self) -> Options {
        Options {
            project_dir: self.path().to_path_buf(),
            profiles_dir: Some(self.path().to_path_buf()),
            version_check: true,
            ..Options::default()
        }
    }

    pub(super) fn context(&self, env: &[(&str, &str)]) -> Arc<Context> {
        let mut context = Context::fixed(self.path());
        for (name, value) in env {
            context.env.insert(name.to_string(), value.to_string());
        }
        Arc::new(context)
    }

    fn load(&self) -> (Option<Project>, Vec<String>) {
        self.load_with(&self.options(), &[])
    }

    fn load_with(&self, options: &Options, env: &[(&str, &str)]) -> (Option<Project>, Vec<String>) {
        let bag = Bag::new();
        let project = load(options, &self.context(env), &bag);
        (project, bag.take().iter().map(|d| self.shown(d)).collect())
    }

    fn good(&self) -> Project {
        let (project, told) = self.load();
        assert!(told.is_empty(), "{told:#?}");
        project.unwrap()
    }

    /// Place, message and hint on one line, without this folder's path.
    pub(super) fn shown(&self, found: &Diagnostic) -> String {
        let place = found
            .place
            .as_ref()
            .map_or("-".to_string(), |p| p.to_string());
        let hint = found
            .hint
            .as_ref()
            .map_or(String::new(), |hint| format!(" | {hint}"));
        format!("{place} {}{hint}", found.message)
            .replace(&self.path().display().to_string(), "FOLDER")
    }
}

fn paths(files: &[crate::project::ProjectFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

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
    assert_eq!(files.models[2].source.text, "select 2\n");
    assert_eq!(files.models[2].source.shown, "models/b.sql");
    assert_eq!(
        paths(&files.properties),
        ["macros/props.yaml", "models/schema.yml"]
    );
    assert_eq!(paths(&files.docs), ["models/notes.md"]);
    assert_eq!(paths(&files.seeds), ["seeds/s.csv"]);
    assert_eq!(files.seeds[0].source.text, "");
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

#[test]
fn settings_are_rendered_with_the_target() {
    let folder = Folder::new(
        "--- dbt_project.yml
name: shop
profile: \"{{ env_var('PROFILE', 'shop') }}\"
models:
  +schema: \"{{ target.name }}_x\"
  +enabled: \"{{ target.threads == 2 }}\"
  +meta: {n: \"{{ '5' | as_number }}\", t: \"{{ var('v', 'none') }}\"}
  +pre-hook: \"{{ not_now() }}\"
on-run-start: \"{{ not_now() }}\"
vars: {q: \"{{ 1 + 1 }}\"}
",
    );
    let mut options = folder.options();
    options.vars.insert("v".to_string(), json!([1]));
    let (project, told) = folder.load_with(&options, &[]);
    assert!(told.is_empty(), "{told:#?}");
    let project = project.unwrap();
    let settings = &project.root.settings;
    let models = settings.tree(Section::Models).unwrap();
    assert_eq!(
        Value::Object(models.clone()),
        json!({
            "+schema": "dev_x", "+enabled": true, "+meta": {"n": 5, "t": [1]},
            "+pre-hook": "{{ not_now() }}"
        })
    );
    let written = settings.unrendered_tree(Section::Models).unwrap();
    assert_eq!(written["+schema"], "{{ target.name }}_x");
    assert_eq!(settings.on_run_start[0].as_str(), "{{ not_now() }}");
    let vars = project.vars_of(&project.root);
    assert_eq!(vars["q"].as_str(), Some("{{ 1 + 1 }}"));
    assert_eq!(project.profile.target["path"], ":memory:");
}

/// Each row: a text of a project file, and its value as dbt renders it.
#[test]
fn rendered_texts_have_the_type_that_dbt_gives_them() {
    let rows = [
        ("plain\n", json!("plain")),
        ("{{ none }}", json!("None")),
        ("{{ 1 + 1 }}", json!("2")),
        ("{{ [1, 2] }}", json!("[1, 2]")),
        ("{{ 5 | int }}", json!("5")),
        ("{{ 'a' if true else 1 }}", json!("a")),
        ("{{ 5 | as_number }}", json!(5)),
        ("{{ '5.5' | as_number }}", json!(5.5)),
        ("{{ '[1]' | as_native }}", json!([1])),
        ("{{ 'x' | as_text }}", json!("x")),
        ("{{ var('n', 7) }}", json!(7)),
        ("{{ var('n', 7) + 1 }}", json!(8)),
        ("{{ var('n', none) }}", json!(null)),
        ("{{ var('s', '5') }}", json!("5")),
        ("{{ var('t', 'True') | as_bool }}", json!(true)),
        ("{{ [1, var('n', 7)] }}", json!([1, 7])),
        ("{{ var('n', 7) }}{# c #}", json!(7)),
        ("{{ target.threads }}", json!(2)),
        ("{{ target.name == 'dev' }}", json!(true)),
        ("a{{ var('n', 7) }}", json!("a7")),
        (" {{ var('n', 7) }}", json!(" 7")),
        ("{{ 'a' }}{{ 1 }}", json!("a1")),
    ];
    for (text, expected) in rows {
        let quoted = serde_json::to_string(text).unwrap();
        let folder = Folder::new(&format!(
            "--- dbt_project.yml\nname: shop\nprofile: shop\nmodels: {{+x: {quoted}}}\n"
        ));
        let project = folder.good();
        let models = project.root.settings.tree(Section::Models).unwrap();
        assert_eq!(models["+x"], expected, "{text}");
    }
}

/// Each row: what the project file says more, variables, and what is told.
#[test]
fn templates_that_fail_are_told_at_their_place() {
    let rows = [
        (
            "models: {+schema: \"{{ nope() }}\"}",
            "dbt_project.yml:3:23 'nope' is undefined",
        ),
        (
            "docs-paths: [\"a_{{ env_var('NOT_THERE') }}\"]",
            "dbt_project.yml:3:20 Env var required but not provided: 'NOT_THERE'",
        ),
        (
            "docs-paths: [\"{{ env_var('DBT_ENV_SECRET_X') }}\"]",
            "dbt_project.yml:3:18 Secret env vars are allowed only in profiles.yml or packages.yml. Found 'DBT_ENV_SECRET_X' referenced elsewhere.",
        ),
        (
            "docs-paths: [\"{{ var('x') }}\"]",
            "dbt_project.yml:3:18 Required var 'x' not found in config:\nVars supplied to <Configuration> = {}",
        ),
        (
            "docs-paths: [\"{{ nope }}\"]",
            "dbt_project.yml:3:14 `{{ nope }}` has no value | a name in it is undefined; give it a default",
        ),
    ];
    for (line, expected) in rows {
        let folder = Folder::new(&format!(
            "--- dbt_project.yml\nname: shop\nprofile: shop\n{line}\n"
        ));
        let (_, told) = folder.load();
        assert_eq!(told.len(), 1, "{line}: {told:#?}");
        assert!(told[0].starts_with(expected), "{line}: {told:#?}");
    }
}

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
