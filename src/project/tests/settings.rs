//! Settings of the project file: what their templates give, and what is told of mistakes.

use crate::config::settings::Section;
use crate::project::tests::Folder;
use serde_json::Value;
use serde_json::json;

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
