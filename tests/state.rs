//! Calls that build on earlier ones: `state:` selections, deferral, `clone`, `retry`, `source freshness`.
#![cfg(feature = "duckdb")]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own files and may stop at a mistake"
)]

mod support;

use rayon::prelude::*;
use std::fs;
use std::path::Path;
use support::project::TestProject;
use support::warehouse;

/// A change of the project under `tests/fixtures/state`, and what the selections find after it.
struct Change<'a> {
    name: &'a str,
    /// File, old text, new text.
    edits: Vec<(&'a str, String, String)>,
    /// Selection and the ids that it finds.
    rows: Vec<(&'a str, &'a str)>,
}

/// Every row of `tests/cases/state/changes.txt` holds; the answers are dbt's.
#[test]
fn changes_are_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/state/changes.txt");
    let text = fs::read_to_string(path).unwrap();
    let before = TestProject::copy_of("tests/fixtures/state");
    before.succeed("parse");
    let manifest = before.read("target/manifest.json");
    let changes: Vec<Change<'_>> = text.split("\n== ").skip(1).map(read).collect();
    let wrong: Vec<String> = changes
        .par_iter()
        .flat_map(|change| answers(change, &manifest))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn read(block: &str) -> Change<'_> {
    let (name, lines) = block.split_once('\n').expect("a name and what follows");
    let mut change = Change {
        name,
        edits: Vec::new(),
        rows: Vec::new(),
    };
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    for line in lines.lines().filter(is_row) {
        if let Some((selection, ids)) = line
            .split_once(" ->")
            .filter(|_| line.starts_with("state:"))
        {
            change.rows.push((selection, ids.trim()));
            continue;
        }
        let (file, edit) = line.split_once(": ").expect("a file and its edit");
        let (old, new) = edit.split_once(" => ").expect("an old and a new text");
        change.edits.push((file, unescaped(old), unescaped(new)));
    }
    change
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\\\", "\\")
}

/// Rows that do not hold after a change.
fn answers(change: &Change<'_>, manifest: &str) -> Vec<String> {
    let project = TestProject::copy_of("tests/fixtures/state");
    project.write("before/manifest.json", manifest.as_bytes());
    for (file, old, new) in &change.edits {
        let text = project.read(file);
        assert!(text.contains(old.as_str()), "{}: {old:?}", change.name);
        project.write(file, text.replacen(old.as_str(), new, 1).as_bytes());
    }
    let found = change.rows.iter().map(|(selection, ids)| {
        let ended = project.call(&format!(
            "ls --quiet --state before --indirect-selection empty --resource-type all \
             --output json --output-keys unique_id --select {selection}"
        ));
        let mut found: Vec<String> = ended.stdout.lines().filter_map(id).collect();
        found.sort();
        (selection, *ids, found.join(" "), ended.stderr)
    });
    let differs = found.filter(|(_, ids, found, _)| ids != found);
    differs
        .map(|(selection, ids, found, said)| {
            format!(
                "{}: {selection}\n  expected {ids}\n  found    {found}\n{said}",
                change.name
            )
        })
        .collect()
}

fn id(line: &str) -> Option<String> {
    let record: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(record["unique_id"].as_str()?.to_string())
}

const PROMISES: &str = "\
--- models/plain.sql
{{ config(materialized='table') }} select 1 as id, 'x' as name
--- models/many_v1.sql
{{ config(materialized='table') }} select 1 as id, 'x' as name
--- models/schema.yml
models:
  - name: plain
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: not_null}]}
      - {name: name, data_type: varchar}
  - name: many
    latest_version: 1
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer, constraints: [{type: not_null}]}
      - {name: name, data_type: varchar}
    versions: [{v: 1}]
";

/// The texts are dbt's.
#[test]
fn broken_contracts_are_told() {
    let project = TestProject::new(PROMISES);
    project.succeed("parse");
    let manifest = project.read("target/manifest.json");
    project.write("state/manifest.json", manifest.as_bytes());
    let whole = project.read("models/schema.yml");
    let select = "ls -s state:modified.contract --state state";
    let changed = whole.replacen(
        "name: name, data_type: varchar",
        "name: name, data_type: int",
        1,
    );
    project.write("models/schema.yml", changed.as_bytes());
    let ended = project.succeed(select);
    for expected in [
        "Breaking change to contracted, unversioned model plain (models/plain.sql)",
        "  - Columns with data_type changes: ",
        "    - name (varchar -> int)",
    ] {
        assert!(
            ended.stderr.contains(expected),
            "{expected}\n{}",
            ended.stderr
        );
    }
    let at = whole.rfind("      - {name: id").unwrap();
    let changed =
        whole[..at].to_string() + &whole[at..].replacen(", constraints: [{type: not_null}]", "", 1);
    project.write("models/schema.yml", changed.as_bytes());
    let ended = project.call(select);
    assert_eq!(ended.code, 2);
    for expected in [
        "Breaking change to contract Error in model many (models/many_v1.sql)",
        "  - Enforced column level constraints were removed: ",
        "    - 'ConstraintType.not_null' constraint on column id",
        "create a new model version",
    ] {
        assert!(
            ended.stderr.contains(expected),
            "{expected}\n{}",
            ended.stderr
        );
    }
}

const TWO_ENVIRONMENTS: &str = "\
--- profiles.yml
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 1}
    prod: {type: duckdb, path: shop.duckdb, schema: prod, threads: 1}
--- models/a.sql
{{ config(materialized='table') }}
select 1 as id, '{{ target.name }}' as made_in
--- models/b.sql
select * from {{ ref('a') }}
--- seeds/s.csv
id
1
";

/// The shop with its other environment built, and its manifest under `state`.
fn with_other_environment() -> TestProject {
    let project = TestProject::new(TWO_ENVIRONMENTS);
    project.succeed("build --quiet -t prod");
    let manifest = project.read("target/manifest.json");
    project.write("state/manifest.json", manifest.as_bytes());
    project
}

fn made_in(project: &TestProject) -> Vec<String> {
    warehouse::rows(project, "shop.duckdb", "select made_in from main.b")
}

#[test]
fn what_is_not_built_is_read_from_the_other_environment() {
    let project = with_other_environment();
    project.succeed("run --select b --defer --state state");
    assert_eq!(made_in(&project), ["prod"]);
    project.succeed("run --select a");
    project.succeed("run --select b --defer --state state");
    assert_eq!(made_in(&project), ["dev"]);
    project.succeed("run --select b --defer --favor-state --defer-state state");
    assert_eq!(made_in(&project), ["prod"]);
    let project = project
        .with("DBT_DEFER", "1")
        .with("DBT_FAVOR_STATE", "1")
        .with("DBT_STATE", "state");
    project.succeed("run");
    assert_eq!(made_in(&project), ["dev"]);
}

#[test]
fn functions_that_are_not_built_are_those_of_the_other_environment() {
    let project = TestProject::new(TWO_ENVIRONMENTS);
    project.add(
        "--- functions/next.sql
x + 1
--- functions/next.yml
functions: [{name: next, arguments: [{name: x, data_type: int}], returns: {data_type: int}}]
--- models/b.sql
select {{ function('next') }}(1) as id
",
    );
    project.succeed("parse -t prod");
    let manifest = project.read("target/manifest.json");
    project.write("state/manifest.json", manifest.as_bytes());
    let called = |arguments: &str| {
        project.succeed(&format!("{arguments} --defer --state state"));
        project.read("target/compiled/shop/models/b.sql")
    };
    assert!(called("compile -s b").contains("prod"));
    assert!(called("build -s b next").contains("main"));
}

#[test]
fn a_wrong_folder_is_told() {
    let project = with_other_environment();
    let rows = [
        (
            "ls --state nowhere",
            "Could not find manifest in --state path: \"nowhere\"",
        ),
        (
            "ls -s state:new",
            "Got a state selector method, but no comparison manifest",
        ),
        (
            "ls -s state:newer --state state",
            "Got an invalid selector \"newer\", expected one of",
        ),
        ("ls -s result:error", "No comparison run_results"),
        (
            "ls -s source_status:fresher --state state",
            "No previous state comparison freshness",
        ),
        (
            "run --defer",
            "--state or --defer-state are required for deferral",
        ),
        (
            "clone",
            "--state or --defer-state are required for deferral",
        ),
        (
            "retry --state state",
            "Could not find previous run in 'state' target directory",
        ),
    ];
    for (arguments, expected) in rows {
        let ended = project.call(arguments);
        assert_eq!(ended.code, 2, "{arguments}");
        assert!(
            ended.stderr.contains(expected),
            "{arguments}\n{}",
            ended.stderr
        );
    }
}

#[test]
fn nodes_are_cloned() {
    let project = with_other_environment();
    project.succeed("clone --state state");
    assert_eq!(made_in(&project), ["prod"]);
    let kinds = "select table_type from information_schema.tables where table_schema = 'main' order by table_name";
    assert_eq!(
        warehouse::rows(&project, "shop.duckdb", kinds),
        ["VIEW", "VIEW", "VIEW"]
    );
    let again = project.succeed("clone --state state");
    assert!(again.stderr.contains("already exists"), "{}", again.stderr);
}

#[test]
fn only_what_was_left_undone_is_retried() {
    let project = TestProject::new(TWO_ENVIRONMENTS);
    project.add("--- models/c.sql\nselect {{ var('column', 'nothing') }} from {{ ref('b') }}\n");
    project.add("--- models/d.sql\nselect * from {{ ref('c') }}\n");
    assert_eq!(project.call("build --exclude s --full-refresh").code, 1);
    assert_eq!(project.call("retry").code, 1);
    let results = project.json("target/run_results.json");
    assert_eq!(results["args"]["which"], "build");
    assert_eq!(results["args"]["full_refresh"], true);
    assert_eq!(results["results"].as_array().unwrap().len(), 2);
    project.succeed("retry --vars '{column: id}'");
    let nothing = project.succeed("retry");
    assert!(
        nothing.stderr.contains("Nothing to do"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn the_age_of_sources_is_told() {
    let project = TestProject::new(
        "\
--- models/sources.yml
sources:
  - name: raw
    schema: main
    loaded_at_field: loaded
    freshness: {warn_after: {count: 1, period: hour}, error_after: {count: 1, period: day}}
    tables:
      - {name: young, identifier: rows_of_all_ages, freshness: {filter: \"age = 0\"}}
      - {name: middling, identifier: rows_of_all_ages, freshness: {filter: \"age = 3\"}}
      - {name: old, identifier: rows_of_all_ages, freshness: {filter: \"age = 30\"}}
      - {name: asked, identifier: rows_of_all_ages, config: {loaded_at_query: \"select max(loaded) from {{ this }}\"}}
      - {name: missing}
      - {name: unlimited, freshness: null}
--- models/rows_of_all_ages.sql
{{ config(materialized='table') }}
select age, now() - to_hours(age) as loaded from (values (0), (3), (30)) as ages(age)
",
    );
    project.succeed("run --quiet");
    let ended = project.call("source freshness");
    assert_eq!(ended.code, 1);
    for line in [
        "PASS freshness of raw.young",
        "WARN freshness of raw.middling",
        "ERROR STALE freshness of raw.old",
        "PASS freshness of raw.asked",
        "ERROR freshness of raw.missing",
    ] {
        assert!(ended.stderr.contains(line), "{line}\n{}", ended.stderr);
    }
    let written = project.json("target/sources.json");
    let statuses: Vec<&str> = written["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|look| look["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["pass", "warn", "runtime error", "error", "pass"]);
    project.write("before/sources.json", b"{\"metadata\": {\"dbt_schema_version\": \"https://schemas.getdbt.com/dbt/sources/v3.json\"}, \"results\": []}");
    let fresher = project.succeed("ls -q -s source_status:fresher --state before");
    assert_eq!(fresher.stdout.lines().count(), 4, "{}", fresher.stdout);
    project.succeed("source snapshot-freshness -s source:raw.young -o looks/now.json");
    assert!(project.has("looks/now.json"));
}
