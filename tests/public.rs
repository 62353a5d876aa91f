//! What packages and projects out in the open lean on, each in a project of a few lines.
#![cfg(feature = "duckdb")]

mod support;

use serde_json::Value;
use serde_json::json;
use support::project::TestProject;

fn manifest_of(project: &TestProject) -> Value {
    project.succeed("parse");
    project.json("target/manifest.json")
}

#[test]
fn on_run_end_sees_the_schemas_of_what_was_built() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
on-run-end: '{{ tell() }}'
--- macros/tell.sql
{% macro tell() %}{{ print(schemas ~ ' ' ~ database_schemas | length) }}{% endmacro %}
--- models/fine.sql
{{ config(schema='fine') }} select 1 as id
--- models/wrong.sql
{{ config(schema='wrong') }} select missing from {{ ref('fine') }}
--- models/skipped.sql
{{ config(schema='skipped') }} select * from {{ ref('wrong') }}
",
    );
    let ended = project.call("build");
    assert!(ended.stdout.contains("['main_fine'] 1"), "{}", ended.all());
}

#[test]
fn tests_of_packages_show_the_key_of_a_model() {
    let project = TestProject::new(
        "--- macros/tests.sql
{% test unique_combination_of_columns(model, combination_of_columns) %}select 1 where false{% endtest %}
--- models/a.sql
select 1 as id, 2 as day
--- models/b.sql
select 1 as id, 2 as day
--- models/models.yml
models:
  - name: a
    data_tests: [unique_combination_of_columns: {arguments: {combination_of_columns: [id, day]}}]
  - name: b
    columns: [{name: day, data_tests: [not_null]}]
    data_tests: [unique_combination_of_columns: {arguments: {combination_of_columns: [id, day]}}]
",
    );
    let nodes = &manifest_of(&project)["nodes"];
    assert_eq!(nodes["model.shop.a"]["primary_key"], json!(["day", "id"]));
    assert_eq!(nodes["model.shop.b"]["primary_key"], json!(["day"]));
}

#[test]
fn what_a_node_refers_to_stands_in_dbts_order_and_spelling() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
sources: {shop: {+meta: {of: project}, +tags: [project]}}
--- models/a.sql
select 1 as id
--- models/b_v1.sql
select id from {{ source('s', 't') }}, {{ ref('a') }}
--- models/models.yml
models:
  - name: b
    latest_version: 1
    versions: [{v: 1}]
    columns:
      - name: id
        constraints: [{type: foreign_key, to: ref('parents'), to_columns: [id]}]
        data_tests: [not_null, accepted_values: {arguments: {values: [1]}}]
  - name: parents
sources: [{name: s, tables: [{name: t, meta: {of: table}}]}]
--- models/parents.sql
select 1 as id
",
    );
    let manifest = manifest_of(&project);
    let names: Vec<&Value> = manifest["nodes"]["model.shop.b.v1"]["refs"]
        .as_array()
        .expect("a list of refs")
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["a", "parents"]);
    let version_in = |test: &str| {
        let nodes = manifest["nodes"].as_object().expect("nodes");
        let (_, node) = nodes
            .iter()
            .find(|(id, _)| id.contains(test))
            .expect("the test");
        node["refs"][0]["version"].clone()
    };
    assert_eq!(version_in("not_null"), json!(1));
    assert_eq!(version_in("accepted_values"), json!("1"));
    let source = &manifest["sources"]["source.shop.s.t"];
    assert_eq!(source["unrendered_config"]["meta"], json!({"of": "table"}));
    assert_eq!(source["unrendered_config"]["tags"], json!([]));
}

/// A package that watches runs, as those do that write what happened into tables.
const WATCHER: &str = "--- packages.yml
packages: [{local: watcher}]
--- watcher/dbt_project.yml
name: watcher
version: 2.3.4
vars: {chunk: 1}
on-run-end: '{{ watcher.tell() }}'
--- watcher/macros/tell.sql
{% macro as_dict(thing) %}{% do return(thing.to_dict() if thing.to_dict is callable else 'an object') %}{% endmacro %}
{% macro tell() %}{% if execute %}
{% set config = builtins.ref.config %}
{{ print(config.project_name ~ ' ' ~ config.profile_name ~ ' ' ~ config.target_name ~ ' ' ~ config.threads) }}
{{ print(config.dependencies['watcher'].version ~ ' ' ~ config.cli_vars.z ~ ' ' ~ config.args.which) }}
{{ print(config.vars.to_dict() | tojson) }}
{% for result in results %}{% set row = watcher.as_dict(result) %}{{ print(row.node.name ~ ' ' ~ row.status) }}{% endfor %}
{% endif %}{% endmacro %}
--- watcher/macros/materializations.sql
{% materialization test, default %}
{{ print('watched ' ~ model.name) }}
{% set outcome = dbt.materialization_test_default() %}
{{ print(load_result('main').data[0][0] ~ ' of ' ~ load_result('main').data[0] | length) }}
{{ return(outcome) }}
{% endmaterialization %}
--- models/a.sql
select 1 as id
--- models/models.yml
models: [{name: a, columns: [{name: id, data_tests: [not_null]}]}]
";

#[test]
fn packages_read_the_project_and_its_results() {
    let project = TestProject::new(WATCHER);
    project.succeed("deps");
    let ended = project.succeed("build --vars '{z: 1}'");
    let expected = "\
shop shop dev 1
2.3.4 1 build
{}
a success
not_null_a_id pass
";
    assert_eq!(ended.stdout, expected);
}

#[test]
fn each_kind_of_result_has_the_fields_of_its_own() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
on-run-end: '{{ tell(results) }}'
--- macros/tell.sql
{% macro tell(results) %}{% for result in results %}{% set row = result.to_dict() %}
{{ print(row.node.name ~ ' ' ~ row.failures ~ ' ' ~ (row.keys() | list)[8:] | join(' ')) }}
{% if row.age %}{{ print(row.max_loaded_at ~ ' ' ~ result.max_loaded_at ~ ' ' ~ (row.age > 0)) }}{% endif %}
{% endfor %}{% endmacro %}
--- models/seen.sql
{{ config(materialized='table') }}
select timestamp '2024-05-06 07:08:09.5' as seen_at, '{{ sql }} {{ compiled_code is none }}' as code
--- models/models.yml
exposures: [{name: board, type: dashboard, owner: {name: Dan}, depends_on: [ref('seen')]}]
sources:
  - name: raw
    schema: main
    loaded_at_field: seen_at
    freshness: {warn_after: {count: 1, period: hour}}
    tables: [{name: seen}, {name: gone}]
",
    );
    let built = project.succeed("build");
    let expected = "seen None agate_table batch_results\nboard 0 agate_table batch_results\n";
    assert_eq!(built.stdout, expected);
    let shown = project.succeed("show -q --output json -s seen");
    assert!(shown.stdout.contains("None True"), "{}", shown.all());
    let looked = project.call("source freshness");
    let expected = "gone None \nseen None max_loaded_at snapshotted_at age\n\
                    [stamp] 2024-05-06 [time]+00:00 True\n";
    assert_eq!(looked.stdout, expected);
}

#[test]
fn packages_replace_materializations_where_the_project_lets_them() {
    let project = TestProject::new(WATCHER);
    project.add(
        "--- dbt_project.yml
name: shop
profile: shop
flags: {require_explicit_package_overrides_for_builtin_materializations: false}
",
    );
    project.succeed("deps");
    let ended = project.succeed("build");
    let heard: Vec<&str> = ended.stdout.lines().take(2).collect();
    assert_eq!(
        heard,
        ["watched not_null_a_id", "0 of 3"],
        "{}",
        ended.all()
    );
    let told = "Installed package 'watcher' is overriding the built-in materialization 'test'";
    assert!(ended.stderr.contains(told), "{}", ended.all());
}

#[test]
fn a_hook_prints_before_the_line_that_tells_of_it() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
on-run-end: \"{{ print('heard') }}\"
--- models/a.sql
select 1 as id
",
    );
    let log = |ended: &str| ended.rfind("heard") < ended.find("START hook");
    project.succeed("run");
    let written = project.read("logs/dbt.log");
    assert!(log(&written), "{written}");
}

#[test]
fn a_model_knows_its_settings_in_the_project_file_while_it_is_read() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
models: {shop: {+materialized: table}}
--- macros/check.sql
{% macro check(model) %}{% if model.config.materialized != 'table' %}
{{ exceptions.raise_compiler_error('not a table') }}
{% endif %}{% endmacro %}
--- models/a.sql
{{ check(model) }} select 1 as id
",
    );
    project.succeed("build");
}

#[test]
fn arguments_of_tests_are_templates_however_deep_they_stand() {
    let project = TestProject::new(
        "--- macros/tests.sql
{% test deep(model, lists, entries) %}
{% if execute %}{{ print(lists ~ ' ' ~ entries) }}{% endif %}
select 1 where false
{% endtest %}
--- models/a.sql
select 1 as id
--- models/models.yml
models:
  - name: a
    data_tests:
      - deep:
          arguments:
            lists: [\"{{ 'id' if true else 'name' }}\", plain, [\"{{ 1 + 1 }}\"]]
            entries: {key: \"{{ 'value' }}\", number: 1}
",
    );
    let ended = project.succeed("build");
    assert_eq!(
        ended.stdout,
        "['id', 'plain', ['2']] {'key': 'value', 'number': 1}\n"
    );
}

#[test]
fn hooks_of_packages_come_after_those_of_the_project_and_may_read_ephemeral_models() {
    let project = TestProject::new(
        "--- packages.yml
packages: [{local: helper}]
--- helper/dbt_project.yml
name: helper
on-run-start: \"{{ print('package starts') }}\"
on-run-end: \"{{ print('package ends') }}\"
--- dbt_project.yml
name: shop
profile: shop
on-run-start: [\"{{ print('starts') }}\", \"select * from {{ ref('few') }}\"]
on-run-end: \"{{ print('ends') }}\"
--- models/few.sql
{{ config(materialized='ephemeral') }} select 7 as id
--- models/a.sql
select 1 as id
",
    );
    project.succeed("deps");
    let ended = project.succeed("run");
    let heard: Vec<&str> = ended.stdout.lines().skip(4).collect();
    assert_eq!(heard, ["starts", "package starts", "ends", "package ends"]);
    let index = |id: &str| manifest_of(&project)["nodes"][id]["index"].clone();
    assert_eq!(index("operation.shop.shop-on-run-start-1"), json!(2));
    assert_eq!(index("operation.helper.helper-on-run-start-0"), json!(3));
}

#[test]
fn an_operation_may_write_into_a_table_of_its_own() {
    let project = TestProject::new(
        "--- macros/ask.sql
{% macro ask() %}
{% set kept = api.Relation.create(identifier='kept', type='table') %}
{% do run_query(create_table_as(true, kept, \"select 'a' as test, 1 as n union all select 'b', 2\")) %}
{% set of_test = run_query('select * from ' ~ kept).group_by('test') %}
{{ print(of_test.get('b').columns['n'].values() ~ ' ' ~ config.get('alias', 'none')) }}
{% endmacro %}
",
    );
    let ended = project.call("run-operation ask");
    assert!(ended.stdout.contains("(2,) none"), "{}", ended.all());
}

/// As packages keep what they know between the macros of one test, also where one renders a model.
#[test]
fn what_context_is_updated_with_is_a_name_from_then_on() {
    let project = TestProject::new(
        "--- macros/notes.sql
{% macro note(key, value) %}
  {% set notes = context.get('__NOTES__', {}) %}
  {% do notes.update({key: value}) %}
  {% do context.update({'__NOTES__': notes}) %}
{% endmacro %}
{% macro noted() %}{{ return(__NOTES__ | default({}) | tojson) }}{% endmacro %}
--- models/a.sql
select 1 as id where '{{ noted() }}' = '{}'
--- models/b.sql
{{ noted() }} {{ note('b', 2) }} {{ context.setdefault('fresh', 1) }} {{ context.setdefault('execute', 1) }}
{{ noted() }} {{ 'fresh' in context.keys() }}
--- models/c.sql
-- depends_on: {{ ref('a') }}
{{ note('c', 3) }} {{ render('{{ noted() }}{{ note(\"d\", 4) }}') | trim }} {{ noted() }}
",
    );
    project.succeed("compile");
    let words = |model: &str| {
        let text = project.read(&format!("target/compiled/shop/models/{model}.sql"));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(words("a"), "select 1 as id where '{}' = '{}'");
    assert_eq!(words("b"), r#"{} 1 True {"b": 2} True"#);
    assert!(words("c").ends_with(r#"{"c": 3} {"c": 3, "d": 4}"#));
}

#[test]
fn tags_of_tests_stand_in_dbts_order() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
data_tests: {shop: {+tags: [y, d]}}
--- models/a.sql
select 1 as a
--- models/models.yml
models:
  - name: a
    columns: [{name: a, tags: [v, e], data_tests: [unique: {config: {tags: [x, f, x]}}]}]
--- tests/t.sql
{{ config(tags=['m', 'b', 'm']) }} select 1 as a where 1 = 0
",
    );
    let nodes = &manifest_of(&project)["nodes"];
    let tags = |id: &str| {
        let mut nodes = nodes.as_object().expect("nodes are a mapping").iter();
        let found = nodes.find(|(known, _)| known.starts_with(id));
        found.expect("the test is there").1["tags"].clone()
    };
    let generic = json!(["e", "f", "v", "x", "y", "d"]);
    assert_eq!(tags("test.shop.unique_a_a"), generic);
    assert_eq!(tags("test.shop.t"), json!(["y", "d", "m", "b"]));
}

/// As packages that drop constraints first, or leave out sources that are not loaded.
#[test]
fn packages_override_the_macros_that_sqlmill_calls() {
    let project = TestProject::new(
        "--- packages.yml
packages: [{local: keeper}]
--- keeper/dbt_project.yml
name: keeper
--- keeper/macros/own.sql
{% macro create_schema(relation) %}{{ print('makes ' ~ relation.schema) }}{{ return(dbt.create_schema(relation)) }}{% endmacro %}
{% macro drop_relation(relation) %}{{ print('drops ' ~ relation.identifier) }}{{ return(adapter.dispatch('drop_relation', 'dbt')(relation)) }}{% endmacro %}
{% macro collect_freshness(source, loaded_at_field, filter) %}
  {{ return(adapter.dispatch('collect_freshness')(source, loaded_at_field, filter)) }}
{% endmacro %}
{% macro default__collect_freshness(source, loaded_at_field, filter) %}
  {% call statement('age', fetch_result=true) %}select {{ current_timestamp() }}, {{ current_timestamp() }}{% endcall %}
  {{ return(load_result('age').table) }}
{% endmacro %}
--- macros/throw.sql
{% macro throw() %}{% do adapter.drop_relation(api.Relation.create(identifier='old', schema='main', type='table')) %}{% endmacro %}
--- models/a.sql
{{ config(schema='own') }} select 1 as id
--- models/sources.yml
sources:
  - name: raw
    freshness: {warn_after: {count: 1, period: day}}
    loaded_at_field: at
    tables: [{name: not_there}]
",
    );
    project.succeed("deps");
    let printed = |call: &str| project.succeed(call).stdout;
    assert!(printed("build").contains("makes main_own"));
    assert!(printed("run-operation throw").contains("drops old"));
    project.succeed("source freshness");
    let found = &project.json("target/sources.json")["results"][0];
    assert_eq!(found["status"], "pass", "{found}");
}
