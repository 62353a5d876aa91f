//! Cases for project files: what a good one means, and what each wrong value is told.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::config::settings::Comment;
use crate::config::settings::ProjectSettings;
use crate::config::settings::Section;
use crate::config::yaml;

fn read(text: &str) -> (Option<ProjectSettings>, Vec<Diagnostic>) {
    let bag = Bag::new();
    let file = SourceFile::new("dbt_project.yml", "dbt_project.yml", text);
    let settings = yaml::parse(&file, &bag).and_then(|raw| ProjectSettings::read(&raw, &raw, &bag));
    if let Some(settings) = &settings {
        settings.check_dbt_version(&bag);
    }
    (settings, bag.take())
}

fn good(text: &str) -> ProjectSettings {
    let (settings, found) = read(text);
    assert!(found.is_empty(), "{found:?}");
    settings.unwrap()
}

#[test]
fn what_is_not_said_has_its_usual_value() {
    let settings = good("name: shop\n");
    assert_eq!(settings.name, "shop");
    assert_eq!(settings.paths.models, ["models"]);
    assert_eq!(
        settings.paths.docs,
        [
            "analyses",
            "functions",
            "macros",
            "models",
            "seeds",
            "snapshots",
            "tests"
        ]
    );
    assert_eq!(settings.target_path, "target");
    assert_eq!(settings.clean_targets, ["target"]);
    assert_eq!(settings.packages_install_path, "dbt_packages");
    assert_eq!(settings.query_comment.comment, Comment::Usual);
    assert_eq!(settings.tree(Section::Models), None);
    assert!(settings.vars.entries().is_empty());
    assert!(!settings.restrict_access);
}

#[test]
fn what_is_said_is_kept() {
    let settings = good(
        r#"
name: shop
version: 1.0
config-version: 2
profile: shop
model-paths: [models, "./extra/", models]
test-paths: []
clean-targets: [target, dbt_packages]
require-dbt-version: ">=1.8.0,<2.0.0"
quoting: {database: "false", schema: true}
query-comment: {comment: "by {{ target.name }}", append: true, job-label: true}
dispatch:
  - macro_namespace: dbt_utils
    search_order: [shop, dbt_utils]
vars: {a: 1, almanac: {b: 2}}
on-run-start: "select 1"
on-run-end: ["select 2", "{{ done() }}"]
restrict-access: true
models:
  +materialized: view
  shop: {marts: {+tags: [a]}}
tests: {+severity: warn}
"#,
    );
    assert_eq!(settings.version.as_deref(), Some("1.0"));
    assert_eq!(settings.paths.models, ["models", "extra"]);
    assert!(settings.paths.tests.is_empty());
    assert_eq!(settings.quoting.database, Some(false));
    assert_eq!(settings.quoting.identifier, None);
    let own = Comment::Own("by {{ target.name }}".to_string());
    assert_eq!(settings.query_comment.comment, own);
    assert_eq!(settings.query_comment.append, Some(true));
    assert_eq!(settings.dispatch[0].search_order, ["shop", "dbt_utils"]);
    assert_eq!(settings.on_run_end[1].as_str(), "{{ done() }}");
    assert_eq!(
        settings.on_run_end[1].place.to_string(),
        "dbt_project.yml:17:26"
    );
    let tests = settings.tree(Section::DataTests).unwrap();
    assert_eq!(tests["+severity"], "warn");
    assert!(settings.restrict_access);
}

#[test]
fn a_comment_can_be_turned_off() {
    for text in [
        "query-comment:",
        "query-comment: ''",
        "query-comment: {comment: }",
    ] {
        let settings = good(&format!("name: shop\n{text}\n"));
        assert_eq!(settings.query_comment.comment, Comment::Off, "{text}");
    }
}

/// Each row: a project file (after `name: shop`, unless it starts with `!`) and what is told.
#[test]
fn wrong_values_are_told() {
    let rows = [
        ("!", "error dbt_project.yml:1:1 the project file is empty"),
        (
            "!- a",
            "error dbt_project.yml:1:1 a project file holds a mapping, found a list",
        ),
        (
            "!profile: x",
            "error dbt_project.yml:1:1 the project has no name",
        ),
        (
            "!name: my-shop",
            "error dbt_project.yml:1:7 `my-shop` cannot be the name of a project",
        ),
        (
            "!name: 5",
            "error dbt_project.yml:1:7 `name` must be a text, found a number",
        ),
        (
            "model-path: [a]",
            "error dbt_project.yml:2:1 Additional properties are not allowed ('model-path' was unexpected) | did you mean `model-paths`?",
        ),
        (
            "foo: 1",
            "error dbt_project.yml:2:1 Additional properties are not allowed ('foo' was unexpected)",
        ),
        (
            "source-paths: [a]",
            "warning dbt_project.yml:2:1 The `source-paths` config has been renamed to `model-paths` | write `model-paths`",
        ),
        (
            "data-paths: [a]\nseed-paths: [a]",
            "error dbt_project.yml:2:1 `data-paths` and `seed-paths` cannot both be given | keep `seed-paths`; `data-paths` is its old name",
        ),
        (
            "model-paths: 5",
            "error dbt_project.yml:2:14 `model-paths` must be a list of texts, found a number",
        ),
        (
            "model-paths: [[a]]",
            "error dbt_project.yml:2:15 `model-paths` must be a list of texts, found a list",
        ),
        (
            "config-version: 1",
            "error dbt_project.yml:2:17 `config-version` has to be 2, found 1 | projects of that age have to be migrated first; see dbt's migration guides",
        ),
        (
            "target-path: out",
            "warning dbt_project.yml:2:1 The `target-path` config in `dbt_project.yml` has been deprecated | use `--target-path` or `DBT_TARGET_PATH` instead",
        ),
        (
            "quoting: {databas: true}",
            "error dbt_project.yml:2:11 `databas` is not a key of quoting | did you mean `database`?",
        ),
        (
            "quoting: {schema: 5}",
            "error dbt_project.yml:2:19 `quoting: schema` must be true or false, found a number",
        ),
        (
            "query-comment: true",
            "error dbt_project.yml:2:16 `query-comment` must be a text or a mapping, found true or false",
        ),
        (
            "dispatch: [{macro_namespace: a}]",
            "error dbt_project.yml:2:12 an entry of `dispatch` needs `macro_namespace` and `search_order` | write `- macro_namespace: dbt_utils` with `search_order: [my_project, dbt_utils]` below it",
        ),
        (
            "vars: [1]",
            "error dbt_project.yml:2:7 `vars` must be a mapping, found a list",
        ),
        (
            "models: [1]",
            "error dbt_project.yml:2:9 `models` must be a mapping, found a list",
        ),
        (
            "on-run-start: {a: 1}",
            "error dbt_project.yml:2:15 `on-run-start` must be a text or a list of texts, found a mapping",
        ),
        (
            "tests: {a: 1}\ndata_tests: {a: 1}",
            "error dbt_project.yml:2:1 `tests` and `data_tests` cannot both be given | keep `data_tests`; `tests` is its old name",
        ),
        (
            "require-dbt-version: '<1.5'",
            "error dbt_project.yml:2:22 \"<1.5\" is not a valid semantic version | write all three numbers, as in `<1.5.0`",
        ),
        (
            "require-dbt-version: ['>2.0.0']",
            "error dbt_project.yml:2:23 This version of dbt is not supported with the 'shop' package | use another version of the package, or run with --no-version-check",
        ),
        (
            "require-dbt-version: ['>2.0.0', '<1.0.0']",
            "error dbt_project.yml:2:23 The package version requirement can never be satisfied for the 'shop' package | use another version of the package, or run with --no-version-check",
        ),
    ];
    for (text, expected) in rows {
        let whole = match text.strip_prefix('!') {
            Some(rest) => rest.to_string(),
            None => format!("name: shop\n{text}\n"),
        };
        let (_, found) = read(&whole);
        let told: Vec<String> = found.iter().map(shown).collect();
        assert!(
            told.len() == 1 && told[0].starts_with(expected),
            "{text}: {told:#?}"
        );
    }
}

fn shown(found: &Diagnostic) -> String {
    let severity = if found.is_error() { "error" } else { "warning" };
    let place = found.place.as_ref().map(ToString::to_string);
    let hint = found.hint.as_ref().map(|hint| format!(" | {hint}"));
    format!(
        "{severity} {} {}{}",
        place.unwrap_or_default(),
        found.message,
        hint.unwrap_or_default()
    )
}
