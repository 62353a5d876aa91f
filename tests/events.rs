//! What a call tells other programs: events by dbt's names and codes, with their fields.
#![cfg(feature = "duckdb")]

mod support;

use insta::assert_snapshot;
use serde_json::Value;
use support::project::TestProject;

/// Name, code and fields of each event that is louder than information.
fn loud(lines: &[Value]) -> String {
    let is_loud = |line: &&Value| matches!(line["info"]["level"].as_str(), Some("warn" | "error"));
    let told = lines.iter().filter(is_loud).map(|line| {
        let word = |key: &str| line["info"][key].as_str().unwrap_or_default();
        format!("{} {} {}\n", word("name"), word("code"), line["data"])
    });
    told.collect()
}

#[test]
fn warnings_have_the_fields_of_their_events() {
    let project = TestProject::copy_of("tests/fixtures/broken/old_spellings");
    let ended = project.call("parse --log-format json --show-all-deprecations");
    assert_snapshot!(loud(&ended.json_lines()));
}

#[test]
fn each_kind_of_warning_can_be_an_error() {
    let project = TestProject::copy_of("tests/fixtures/broken/old_spellings");
    let rows = [
        (r#"{"error":["ExposureNameDeprecation"]}"#, 2),
        (
            r#"{"error":["Deprecations"],"warn":["ExposureNameDeprecation"]}"#,
            2,
        ),
        (
            r#"{"silence":["Deprecations"],"error":["NoNodesForSelectionCriteria"]}"#,
            0,
        ),
        (r#"{"error":["MacroNotFoundForPatch"]}"#, 2),
    ];
    for (options, code) in rows {
        let ended = project.call(&format!("--warn-error-options={options} parse"));
        assert_eq!(ended.code, code, "{options}\n{}", ended.all());
    }
}

#[test]
fn the_log_file_has_what_the_screen_shows_as_a_result() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
    project.succeed("compile --select a --log-path told --log-format-file json");
    let log = project.read("told/dbt.log");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("a record"))
        .collect();
    let compiled = lines
        .iter()
        .find(|line| line["info"]["name"] == "CompiledNode")
        .expect("the result");
    assert_eq!(compiled["data"]["compiled"], "select 1 as id");
    assert_eq!(compiled["data"]["node_name"], "a");
}

#[test]
fn what_took_how_long_is_written_on_request() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
    project.succeed("run -r timings.txt --quiet");
    let text = project.read("timings.txt");
    assert!(text.starts_with("   seconds  times  what\n"), "{text}");
    assert!(text.contains("  model.shop.a statements\n"), "{text}");
}

#[test]
fn secrets_stay_secret() {
    let project = TestProject::new("--- models/a.sql\nselect '{{ var(\"key\") }}' as id\n")
        .with("DBT_ENV_SECRET_KEY", "s3cr3t");
    project.succeed("parse --debug --vars {\"key\":\"s3cr3t\"}");
    project.succeed("run --vars {\"key\":\"s3cr3t\"}");
    for file in [
        "logs/dbt.log",
        "target/run_results.json",
        "target/manifest.json",
    ] {
        let text = project.read(file);
        assert!(!text.contains("s3cr3t"), "{file}");
    }
    assert!(project.read("target/run_results.json").contains("*****"));
}
