//! Models that work through time: batches, samples, and snapshots over a history of changes.
#![cfg(feature = "duckdb")]
#![allow(clippy::unwrap_used, reason = "a test may stop at a mistake")]

mod support;

use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use support::project::TestProject;
use support::warehouse;

const WINDOW: &str = "--event-time-start 2024-01-01 --event-time-end 2024-01-07";

fn project() -> TestProject {
    TestProject::copy_of("tests/fixtures/batches").with("DBT_TEST_NOW", "2024-01-06T12:00:00Z")
}

/// All rows of a query in order, cells with ` | ` between them.
fn rows(project: &TestProject, query: &str) -> Vec<String> {
    sorted(warehouse::rows(project, "batches.duckdb", query))
}

fn result(project: &TestProject, id: &str) -> Value {
    let results = project.json("target/run_results.json");
    let mut results = results["results"].as_array().unwrap().iter();
    let found = results.find(|result| result["unique_id"] == id);
    found.unwrap_or_else(|| panic!("no result of {id}")).clone()
}

#[test]
fn each_batch_has_sql_of_its_own() {
    let project = project();
    project.succeed(&format!("build {WINDOW}"));
    let files = project.files("target/compiled/batches/models/per_day");
    let names: Vec<&str> = files
        .iter()
        .filter_map(|file| file.rsplit('/').next())
        .collect();
    assert_eq!(
        names,
        (1..=6)
            .map(|day| format!("per_day_2024-01-0{day}.sql"))
            .collect::<Vec<_>>()
    );
    let text = project.read("target/compiled/batches/models/per_day/per_day_2024-01-03.sql");
    let filter =
        "happened_at >= '2024-01-03 00:00:00+00:00' and happened_at < '2024-01-04 00:00:00+00:00'";
    assert!(text.contains(filter), "{text}");
    let built = result(&project, "model.batches.per_day");
    assert_eq!(built["status"], "success");
    assert_eq!(
        built["batch_results"]["successful"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
    let same = "from per_day anti join events using (id, happened_at)";
    assert_eq!(
        rows(&project, &format!("select * {same}")),
        Vec::<String>::new()
    );
    assert_eq!(rows(&project, "select count(*) as n from per_day"), ["20"]);
}

#[test]
fn building_again_changes_nothing() {
    let project = project();
    let content = || rows(&project, "select * from per_day");
    project.succeed(&format!("run {WINDOW}"));
    let once = content();
    project.succeed(&format!("run {WINDOW}"));
    assert_eq!(content(), once);
    project.succeed(&format!("run --full-refresh {WINDOW}"));
    assert_eq!(content(), once);
    // Without a window, the current day and the one before it are looked at again.
    project.succeed("run --select per_day");
    let again = result(&project, "model.batches.per_day");
    assert_eq!(
        again["batch_results"]["successful"],
        json!([
            ["2024-01-05T00:00:00+00:00", "2024-01-06T00:00:00+00:00"],
            ["2024-01-06T00:00:00+00:00", "2024-01-07T00:00:00+00:00"]
        ])
    );
    assert_eq!(content(), once);
}

#[test]
fn a_batch_that_fails_leaves_the_others() {
    let project = project();
    let ended = project.call(&format!("run {WINDOW} --vars '{{breaks: \"20240102\"}}'"));
    assert_eq!(ended.code, 1);
    let built = result(&project, "model.batches.per_day");
    assert_eq!(built["status"], "partial success");
    assert_eq!(built["message"], "PARTIAL SUCCESS (5/6)");
    assert_eq!(
        built["batch_results"]["failed"],
        json!([["2024-01-02T00:00:00+00:00", "2024-01-03T00:00:00+00:00"]])
    );
    assert_eq!(
        result(&project, "model.batches.per_month")["status"],
        "skipped"
    );
    let days = rows(&project, "select distinct batch from per_day");
    assert_eq!(days.len(), 5, "{days:?}");
}

#[test]
fn nothing_follows_a_first_batch_that_fails() {
    let project = project();
    let ended = project.call(&format!("run {WINDOW} --vars '{{breaks: \"20240101\"}}'"));
    assert_eq!(ended.code, 1);
    let built = result(&project, "model.batches.per_day");
    assert_eq!(built["status"], "error");
    assert_eq!(
        built["batch_results"]["failed"].as_array().unwrap().len(),
        6
    );
    assert!(
        ended
            .all()
            .contains("Batch 2 of 6 SKIP batch 2024-01-02 of main.per_day"),
        "{}",
        ended.all()
    );
}

#[test]
fn a_sample_reads_a_part_of_the_past() {
    let project = project();
    project.succeed("run --select events");
    project.succeed("run --select per_day --sample '2 days'");
    let days = rows(
        &project,
        "select min(happened_at) as first, count(*) as n from per_day",
    );
    assert_eq!(days, ["2024-01-04 12:00:00 | 7"]);
    let args = project.json("target/run_results.json")["args"]["sample"].clone();
    assert_eq!(args["end"], "2024-01-06T12:00:00+00:00");
}

#[test]
fn windows_in_any_order_give_the_whole() {
    let mut random = Random(7);
    let project = project();
    project.succeed("run --select events");
    let mut covered = [false; 6];
    while covered.contains(&false) {
        let start = random.below(6);
        let end = start + 1 + random.below(6 - start);
        project.succeed(&format!(
            "run --select per_day --event-time-start 2024-01-0{} --event-time-end 2024-01-0{}",
            start + 1,
            end + 1
        ));
        covered[start..end].fill(true);
    }
    let ids = |table: &str| rows(&project, &format!("select id, happened_at from {table}"));
    assert_eq!(ids("per_day"), ids("events"));
}

#[test]
fn two_rows_of_one_key_are_refused_with_the_key() {
    let project = TestProject::new(
        "--- models/people.sql\n{{ config(materialized='ephemeral') }}\n\
         select 1 as id, 'Ann' as name union all select 1, 'Anne'\n\
         --- snapshots/history.yml\nsnapshots:\n  - name: history\n    relation: ref('people')\n    \
         config: {unique_key: id, strategy: check, check_cols: all}\n",
    );
    let ended = project.call("snapshot");
    assert_eq!(ended.code, 1);
    let words = "the unique_key of a snapshot must be unique, but 2 rows have id = 1";
    assert!(ended.all().contains(words), "{}", ended.all());
}

/// A row of the source: name and the day of its last change.
type Row = (String, u32);

/// One version of a row, as the snapshot should hold it.
#[derive(Debug, Clone, PartialEq)]
struct Version {
    id: usize,
    name: String,
    /// Day of the last change.
    changed: u32,
    state: State,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Current,
    /// A newer version began on this day.
    Replaced(u32),
    /// Closed when the row was found missing, or when it was found again.
    Closed,
    /// Says that the row is gone, and is the current version.
    Gone,
    /// Said so until the row came back.
    WasGone,
}

#[test]
fn a_snapshot_remembers_any_history() {
    for (seed, hard_deletes) in [(1, "ignore"), (2, "invalidate"), (3, "new_record")] {
        let project = TestProject::new(&format!(
            "--- snapshots/history.yml\nsnapshots:\n  - name: history\n    relation: source('raw', 'things')\n    \
             config: {{unique_key: id, strategy: timestamp, updated_at: changed, hard_deletes: {hard_deletes}}}\n\
             --- models/raw.yml\nsources:\n  - name: raw\n    schema: main\n    tables: [{{name: things}}]\n"
        ));
        let mut random = Random(seed);
        let mut source: BTreeMap<usize, Row> = BTreeMap::new();
        let mut versions: Vec<Version> = Vec::new();
        for day in 1..=8 {
            change(&mut source, day, &mut random);
            write_source(&project, &source);
            project.succeed("snapshot");
            remember(&mut versions, &source, hard_deletes);
            let expected: Vec<String> = sorted(versions.iter().map(shown).collect());
            assert_eq!(
                found(&project, hard_deletes),
                expected,
                "{hard_deletes}, day {day}"
            );
        }
    }
}

/// What the day brings: rows that are new, changed, gone, or come back as they were.
fn change(source: &mut BTreeMap<usize, Row>, day: u32, random: &mut Random) {
    for id in 0..12 {
        match random.below(6) {
            0 => drop(source.remove(&id)),
            1 | 2 => drop(source.insert(id, (format!("name {}", random.below(100)), day))),
            3 => drop(source.entry(id).or_insert((format!("back {id}"), day))),
            _ => {}
        }
    }
}

fn write_source(project: &TestProject, source: &BTreeMap<usize, Row>) {
    let connection = warehouse::open(project, "shop.duckdb");
    let table = "create or replace table things (id int, name varchar, changed timestamp)";
    connection.execute_batch(table).unwrap();
    for (id, (name, day)) in source {
        let insert =
            format!("insert into things values ({id}, '{name}', date '2024-01-01' + {day})");
        connection.execute_batch(&insert).unwrap();
    }
}

/// What a snapshot of these rows adds to what is known.
fn remember(versions: &mut Vec<Version>, source: &BTreeMap<usize, Row>, hard_deletes: &str) {
    let mut new = Vec::new();
    for (id, (name, changed)) in source {
        let open = versions
            .iter_mut()
            .find(|v| v.id == *id && matches!(v.state, State::Current | State::Gone));
        match open {
            Some(version) if version.state == State::Current && version.changed >= *changed => {
                continue;
            }
            Some(version) => {
                version.state = match version.state {
                    State::Gone => State::WasGone,
                    _ => State::Replaced(*changed),
                }
            }
            None => {}
        }
        new.push(Version {
            id: *id,
            name: name.clone(),
            changed: *changed,
            state: State::Current,
        });
    }
    let missing = |v: &&mut Version| v.state == State::Current && !source.contains_key(&v.id);
    for version in versions.iter_mut().filter(missing) {
        if hard_deletes == "ignore" {
            continue;
        }
        version.state = State::Closed;
        if hard_deletes == "new_record" {
            new.push(Version {
                state: State::Gone,
                ..version.clone()
            });
        }
    }
    versions.extend(new);
}

fn shown(version: &Version) -> String {
    let Version {
        id,
        name,
        changed,
        state,
    } = version;
    let end = match state {
        State::Current => "open".to_string(),
        State::Gone => "gone".to_string(),
        State::WasGone => "was gone".to_string(),
        State::Closed => "closed".to_string(),
        State::Replaced(day) => format!("until {day}"),
    };
    format!("{id} {name} {changed} {end}")
}

/// The snapshot's table in the same words.
fn found(project: &TestProject, hard_deletes: &str) -> Vec<String> {
    let deleted = match hard_deletes {
        "new_record" => "dbt_is_deleted = 'True'",
        _ => "false",
    };
    let query = format!(
        "select concat(id, ' ', name, ' ', date_diff('day', date '2024-01-01', changed), ' ', case \
         when {deleted} and dbt_valid_to is null then 'gone' when {deleted} then 'was gone' \
         when dbt_valid_to is null then 'open' \
         when dbt_valid_to > date '2025-01-01' then 'closed' \
         else 'until ' || date_diff('day', date '2024-01-01', dbt_valid_to) end) from history"
    );
    sorted(warehouse::rows(project, "shop.duckdb", &query))
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Small numbers in an order that is the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
