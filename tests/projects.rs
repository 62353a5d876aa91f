//! Whole projects: the example, and what lies under `tests/fixtures`, built with the DuckDB inside.
#![cfg(feature = "duckdb")]

mod support;

use insta::assert_snapshot;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::Path;
use support::call::Ended;
use support::project::TestProject;
use support::warehouse;

/// Status of every node in the last call, in the order of their ids.
fn statuses(project: &TestProject) -> String {
    let results = project.json("target/run_results.json");
    let results = results["results"].as_array().expect("a list of results");
    let lines: BTreeMap<String, String> = results.iter().map(status_line).collect();
    lines.values().cloned().collect()
}

fn status_line(result: &Value) -> (String, String) {
    let word = |key: &str| result[key].as_str().unwrap_or_default();
    let mut line = format!("{}: {}", word("unique_id"), word("status"));
    if let Some(failures) = result["failures"].as_i64() {
        line.push_str(&format!(", {failures} failures"));
    }
    (word("unique_id").to_string(), line + "\n")
}

/// First build, second build and one from nothing again.
fn three_builds(project: &TestProject) -> String {
    let mut text = String::new();
    for arguments in ["build", "build", "build --full-refresh"] {
        let ended = project.call(arguments);
        assert!(ended.is_orderly(), "{}", ended.all());
        text.push_str(&format!("{arguments} -> exit {}\n", ended.code));
        text.push_str(&statuses(project));
    }
    text
}

fn example() -> TestProject {
    TestProject::copy_of("examples/project").with("DBT_PROJECT_DIR", ".")
}

#[test]
fn the_example_builds_without_a_warning() {
    let project = example();
    project.succeed("deps");
    let built = project.succeed("build");
    let text = format!("{}{}", built.stdout, built.stderr);
    assert!(
        !text.contains("WARNING") && text.contains("WARN=0 ERROR=0 SKIP=0"),
        "{text}"
    );
    assert_snapshot!(statuses(&project));
}

#[test]
fn the_shop_builds_three_times() {
    assert_snapshot!(three_builds(&TestProject::copy_of("tests/fixtures/shop")));
}

#[test]
fn packages_build_three_times() {
    let project = TestProject::copy_of("tests/fixtures/packages");
    project.succeed("deps");
    assert_snapshot!(three_builds(&project));
}

/// A package with the habits of the public ones, up to tables that its `on-run-end` fills.
#[test]
fn a_package_of_macros_builds_three_times() {
    let project = TestProject::copy_of("tests/fixtures/toolbox");
    project.succeed("deps");
    assert_snapshot!(three_builds(&project));
    let ended = project.call("run-operation plain --args '{text: Saw Horse-2}'");
    assert!(ended.code == 0, "{}", ended.all());
    let connection = warehouse::open(&project, "bench.duckdb");
    let count = |query: &str| -> i64 {
        let found = connection.query_row(query, [], |row| row.get(0));
        found.unwrap_or_else(|error| panic!("{query}: {error}"))
    };
    for (query, expected) in [
        ("select count(*) from all_things", 5),
        ("select count(*) from long_form", 9),
        ("select heaviest * 2 from asks_early", 3),
        (
            "select max(cost) from main_records.nodes where node like 'model.bench%'",
            5,
        ),
        (
            "select count(*) from main_records.runs where failures is null",
            18,
        ),
    ] {
        assert_eq!(count(query), expected, "{query}");
    }
}

#[test]
fn old_spellings_build_three_times() {
    let project = TestProject::copy_of("tests/fixtures/legacy");
    project.succeed("deps");
    assert_snapshot!(three_builds(&project));
}

#[test]
fn files_and_databases_build_three_times() {
    assert_snapshot!(three_builds(&TestProject::copy_of("tests/fixtures/files")));
}

/// What a project's own macro lists is what its models know of.
#[test]
fn an_own_list_of_relations_fills_the_cache() {
    let project = TestProject::new(
        "\
--- macros/list.sql
{% macro list_relations_without_caching(schema_relation) %}
    {{ return(run_query(\"select 'shop', 'seen', 'main', 'table'\")) }}
{% endmacro %}
--- models/found.sql
{% set other = adapter.get_relation('shop', 'main', 'seen') %}
select '{{ other }}' as found
",
    );
    project.succeed("run");
    let text = project.read("target/compiled/shop/models/found.sql");
    assert!(text.contains("\"seen\""), "{text}");
}

#[test]
fn measures_build_three_times() {
    assert_snapshot!(three_builds(&TestProject::copy_of(
        "tests/fixtures/measures"
    )));
}

/// What programs that ask for metrics read: the nodes, who needs whom, and the manifest of their own.
#[test]
fn measures_are_listed_with_what_they_are_made_of() {
    let project = TestProject::copy_of("tests/fixtures/measures");
    let listed = project.succeed("ls --resource-type metric semantic_model saved_query exposure");
    let selections = [
        "+metric:growth",
        "saved_query:weekly+",
        "+semantic_model:visits",
        "group:sales",
        "access:private",
        "version:latest",
        "version:old",
    ];
    let selected = selections.map(|selection| {
        let found = project.succeed(&format!("ls --select {selection}")).stdout;
        format!("{selection}\n{found}")
    });
    let manifest = project.json("target/manifest.json");
    let parents: BTreeMap<&str, &Value> = ["exposure", "metric", "saved_query", "semantic_model"]
        .iter()
        .flat_map(|kind| {
            let parents = manifest["parent_map"]
                .as_object()
                .expect("a map of parents");
            parents.iter().filter(move |(id, _)| id.starts_with(kind))
        })
        .map(|(id, parents)| (id.as_str(), parents))
        .collect();
    let asked = project.json("target/semantic_manifest.json");
    let text = format!(
        "{}\n{}\n{}\n{}\n{}",
        listed.stdout,
        selected.join("\n"),
        serde_json::to_string_pretty(&parents).unwrap(),
        serde_json::to_string_pretty(&manifest["group_map"]).unwrap(),
        serde_json::to_string_pretty(&asked).unwrap()
    );
    assert_snapshot!(text);
}

#[test]
fn failures_skip_what_depends_on_them() {
    let project = TestProject::copy_of("tests/fixtures/failures");
    assert_snapshot!(three_builds(&project));
}

/// Every form of a unit test passes where nothing was built; then the tests come before their models.
#[test]
fn unit_tests_need_no_table() {
    let project = TestProject::copy_of("tests/fixtures/unit_tests");
    project.succeed("test");
    let tested = statuses(&project);
    // Nobody makes the source tables.
    project.succeed("build --exclude events visits");
    let built = statuses(&project);
    project.succeed("test");
    assert_eq!(tested, statuses(&project), "tables changed the outcome");
    assert_snapshot!(format!("{tested}\n{built}"));
}

#[test]
fn contracts_and_functions_build_three_times() {
    assert_snapshot!(three_builds(&TestProject::copy_of(
        "tests/fixtures/contracts"
    )));
}

/// Rows that we print otherwise.
const OTHER_WORDS: [(&str, &str); 3] = [
    // FIXME: a list that was put into another one is copied when it is put there.
    ("list_methods", "shared"),
    // The kind of a relation is a plain text.
    ("relations", "found type"),
    ("relations", "made type"),
];

/// Every row that Python's dbt prints in this project is printed alike.
#[test]
fn templates_print_what_they_print_in_python() {
    let project = TestProject::copy_of("tests/fixtures/jinja");
    project.succeed("build");
    let path = project.root.join("expected.csv");
    let mut reader = csv::Reader::from_path(path).expect("expected.csv");
    let connection = warehouse::open(&project, "jinja.duckdb");
    connection
        .execute_batch("set search_path = 'main,main_configured'")
        .expect("a setting");
    let mut wrong = Vec::new();
    let mut count = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let [model, number, name, expected] = [0, 1, 2, 3].map(|at| row[at].to_string());
        let query = format!("select printed from \"{model}\" where n = {number} and name = ?");
        let found: Result<String, _> = connection.query_row(&query, [&name], |row| row.get(0));
        let found = found.unwrap_or_else(|e| e.to_string());
        let is_known = OTHER_WORDS.contains(&(model.as_str(), name.as_str()));
        if (found != expected) != is_known {
            wrong.push(format!(
                "{model} {number} {name}\n  expected {expected}\n  found    {found}"
            ));
        }
        count += 1;
    }
    assert!(count > 500, "only {count} rows are expected");
    assert!(
        wrong.is_empty(),
        "{} of {count}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn twice_is_the_same_as_once() {
    let project = example().with("DBT_TEST_NOW", "2024-01-02T03:04:05Z");
    project.succeed("deps");
    let build = || {
        project.succeed("build");
        let manifest = steady_manifest(&project.read("target/manifest.json"));
        (manifest, warehouse::everything(&project, "flights.duckdb"))
    };
    let (once, twice, thrice) = (build(), build(), build());
    assert!(once.1 == twice.1, "the second build changed the warehouse");
    // The first build of an incremental model has other SQL than the later ones.
    assert!(twice.0 == thrice.0, "the third manifest differs");
}

#[test]
fn two_folders_give_the_same_manifest() {
    let manifest = || {
        let project = TestProject::copy_of("tests/fixtures/shop");
        let project = project.with("DBT_TEST_NOW", "2024-01-02T03:04:05Z");
        project.succeed("parse");
        let text = project.read("target/manifest.json");
        steady_manifest(&text.replace(&project.root.display().to_string(), "[project]"))
    };
    assert!(manifest() == manifest(), "the second manifest differs");
}

/// The manifest with the id of the call taken out.
fn steady_manifest(text: &str) -> String {
    let manifest: Value = serde_json::from_str(text).expect("the manifest is JSON");
    let id = manifest["metadata"]["invocation_id"].as_str();
    text.replace(id.expect("an id of the call"), "[id]")
}

#[test]
fn a_source_of_a_package_can_be_overridden() {
    let project = TestProject::new(
        "--- packages.yml
packages: [{local: raw}]
--- raw/dbt_project.yml
name: raw
--- raw/models/sources.yml
sources: [{name: shop, schema: there, tables: [{name: orders, description: Kept.}]}]
--- models/sources.yml
sources:
  - name: shop
    overrides: raw
    schema: here
    tables: [{name: orders, identifier: orders_2}]
--- models/a.sql
select * from {{ source('shop', 'orders') }}
",
    );
    project.succeed("deps");
    let ended = project.succeed(
        "ls --resource-type source --output json --output-keys unique_id relation_name description",
    );
    assert_snapshot!(
        ended.stdout,
        @r#"{"unique_id": "source.raw.shop.orders", "relation_name": "\"shop\".\"here\".\"orders_2\"", "description": "Kept."}"#
    );
}

#[test]
fn macros_have_the_arguments_of_their_definition_where_they_are_checked() {
    let project = TestProject::new(
        "--- dbt_project.yml
name: shop
profile: shop
flags: {validate_macro_args: true}
--- macros/a.sql
{% macro typed(a: string, b: list[int]=none) %}{{ a }}{% endmacro %}
{% macro described(a) %}{% endmacro %}
--- macros/a.yml
macros: [{name: described, description: Said.}]
--- models/a.sql
select {{ typed('1') }} as id
",
    );
    let ended = project.succeed("parse");
    assert!(!ended.stderr.contains("does not match"), "{}", ended.stderr);
    let manifest: Value = serde_json::from_str(&project.read("target/manifest.json")).unwrap();
    let arguments = |name: &str| {
        let listed = manifest["macros"][name]["arguments"].as_array().unwrap();
        listed
            .iter()
            .map(|one| one["name"].to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(arguments("macro.shop.typed"), "\"a\" \"b\"");
    assert_eq!(arguments("macro.shop.described"), "\"a\"");
}

#[test]
fn a_macro_that_only_the_run_comes_to_is_among_those_a_model_needs() {
    let project = TestProject::new(
        "--- macros/a.sql
{% macro late() %}1{% endmacro %}
--- models/a.sql
select {% if execute %}{{ late() }}{% else %}0{% endif %} as id
",
    );
    let needed = |command: &str| {
        project.succeed(command);
        let manifest: Value = serde_json::from_str(&project.read("target/manifest.json")).unwrap();
        manifest["nodes"]["model.shop.a"]["depends_on"]["macros"].to_string()
    };
    assert_eq!(needed("parse"), "[]");
    assert_eq!(needed("run"), r#"["macro.shop.late"]"#);
}

/// Each project under `broken` has one mistake: the whole message, and the exit code that its
/// README promises.
#[test]
fn each_mistake_is_told_well() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/broken");
    let entries = std::fs::read_dir(&folder).expect("the broken projects");
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let promised = promised_codes(&folder.join("README.md"));
    let ended: Vec<Ended> = names.par_iter().map(|name| build_broken(name)).collect();
    let mut wrong = Vec::new();
    for (name, ended) in names.iter().zip(&ended) {
        if !ended.is_orderly() {
            wrong.push(format!("{name}: broke\n{}", ended.all()));
        }
        if promised.get(name) != Some(&ended.code) {
            wrong.push(format!(
                "{name}: exit {}, promised {:?}",
                ended.code,
                promised.get(name)
            ));
        }
        if catch_unwind(|| assert_snapshot!(name.as_str(), ended.all())).is_err() {
            wrong.push(format!("{name}: another message"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn build_broken(name: &str) -> Ended {
    TestProject::copy_of(&format!("tests/fixtures/broken/{name}")).call("build --threads 1")
}

/// The table of the README: the name of a project and its exit code.
#[expect(clippy::disallowed_methods, reason = "a test reads its own fixtures")]
fn promised_codes(readme: &Path) -> BTreeMap<String, i32> {
    let text = std::fs::read_to_string(readme).expect("the README of the broken projects");
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let name = cells.next()?.trim_matches('`').to_string();
        Some((name, cells.next()?.parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn the_root_project_has_the_last_word_on_models_of_packages() {
    let project = TestProject::copy_of("tests/fixtures/packages");
    project.succeed("deps");
    project.succeed("parse");
    let manifest = project.json("target/manifest.json");
    let config = &manifest["nodes"]["model.library.retagged"]["config"];
    assert_eq!(config["materialized"], "view");
    let tags = serde_json::json!(["from_library", "from_model", "from_root"]);
    assert_eq!(config["tags"], tags);
}
