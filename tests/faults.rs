//! The outside world at its worst: locked files, a full disk, interruption, unreadable bytes. The
//! program says what happened, ends with its exit code, and loses nothing.
#![cfg(all(feature = "duckdb", unix))]
#![allow(clippy::unwrap_used, reason = "a test may stop at a mistake")]

mod support;

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::process::Child;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;
use support::call::Ended;
use support::disk::SmallDisk;
use support::project::TestProject;
use support::warehouse;

/// A table of `rows` rows; where `rows` is not given it fails at its last one.
const NUMBERS: &str = "\
--- models/numbers.sql
{{ config(materialized='table') }}
select
    case when i < 100000 then i else error('row ' || i) end as i
from range({{ var('rows', 100001) }}) as numbers(i)
";

/// Takes minutes when nobody stops it.
const SLOW: &str = "\
--- models/slow.sql
{{ config(materialized='table') }}
select sum(hash(a.i + b.i)) as total
from range({{ var('size', 1000000) }}) as a(i), range({{ var('size', 1000000) }}) as b(i)
--- models/after_slow.sql
select * from {{ ref('slow') }}
";

fn all(ended: &Ended) -> String {
    assert!(ended.is_orderly(), "{}", ended.all());
    ended.all()
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

#[test]
fn a_locked_database_is_told() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
    let holder = warehouse::connect(&project.root.join("shop.duckdb"));
    let ended = project.call("build");
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert_has(&all(&ended), &["shop.duckdb", "lock"]);
    drop(holder);
    project.succeed("build");
}

#[test]
fn the_lock_is_gone_when_the_program_is() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
    project.succeed("build");
    let rows = warehouse::rows(&project, "shop.duckdb", "select id from a");
    assert_eq!(rows, ["1"]);
}

#[test]
fn a_model_that_fails_halfway_leaves_the_old_table() {
    let project = TestProject::new(NUMBERS);
    project.succeed("run --vars '{rows: 5}'");
    let ended = project.call("run");
    assert_eq!(ended.code, 1);
    assert_has(&all(&ended), &["row 100000", "models/numbers.sql"]);
    assert_eq!(count(&project, "numbers"), ["5"]);
    assert!(warehouse::leftovers(&project, "shop.duckdb").is_empty());
    project.succeed("run --vars '{rows: 7}'");
    assert_eq!(count(&project, "numbers"), ["7"]);
}

#[test]
fn a_failure_among_hooks_leaves_the_old_table() {
    let project = TestProject::new(
        "--- models/a.sql
{{ config(materialized='table', post_hook=\"insert into {{ this }} values ({{ var('value') }})\") }}
select 1 as id
",
    );
    project.succeed("run --vars '{value: 2}'");
    let ended = project.call("run --vars '{value: nothing}'");
    assert_eq!(ended.code, 1, "{}", all(&ended));
    assert_eq!(count(&project, "a"), ["2"]);
    assert!(warehouse::leftovers(&project, "shop.duckdb").is_empty());
}

#[test]
fn ctrl_c_stops_a_build_and_leaves_nothing_half_made() {
    let project = TestProject::new(SLOW);
    project.succeed("build --vars '{size: 10}'");
    let before = warehouse::rows(&project, "shop.duckdb", "select total from slow");

    let mut child = project.start("build");
    let mut heard = wait_for(&mut child, "START sql table model");
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    signal(&child, "-INT");
    let code = child.wait().unwrap().code();
    assert!(
        asked.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        asked.elapsed()
    );
    let mut rest = String::new();
    heard.reader.read_to_string(&mut rest).unwrap();
    let text = format!("{}{rest}", heard.text);

    assert_eq!(code, Some(1), "{text}");
    assert_has(
        &text,
        &["keyboard interrupt", "Done. PASS=0 WARN=0 ERROR=1 SKIP=1"],
    );
    let results = project.json("target/run_results.json");
    assert_eq!(results["results"].as_array().map(Vec::len), Some(2));
    assert!(warehouse::leftovers(&project, "shop.duckdb").is_empty());
    let after = warehouse::rows(&project, "shop.duckdb", "select total from slow");
    assert_eq!(before, after);
    project.succeed("build --vars '{size: 20}'");
}

#[test]
fn a_kill_in_the_middle_leaves_a_database_that_opens() {
    let project = TestProject::new(SLOW);
    project.succeed("build --vars '{size: 10}'");
    let before = warehouse::rows(&project, "shop.duckdb", "select total from slow");
    let mut child = project.start("build");
    wait_for(&mut child, "START sql table model");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(warehouse::leftovers(&project, "shop.duckdb").is_empty());
    let after = warehouse::rows(&project, "shop.duckdb", "select total from slow");
    assert_eq!(before, after);
}

/// Five tables are rebuilt while a sixth model, on another connection, reads them all the time.
#[test]
fn a_reader_never_sees_a_table_missing() {
    let project = TestProject::new(
        "--- profiles.yml
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 4}
--- models/reader.sql
{% set seen = [] %}
{% if execute and var('reads', 0) > 0 %}
  {% for turn in range(var('reads')) %}
    {% for name in ['a', 'b', 'c', 'd', 'e'] %}
      {% set rows = run_query('select count(*) as n from main.' ~ name).rows %}
      {% if rows[0][0] != 200000 %}{{ exceptions.raise_compiler_error(name ~ ' is half made') }}{% endif %}
      {% do seen.append(name) %}
    {% endfor %}
  {% endfor %}
{% endif %}
select {{ seen | length }} as reads
",
    );
    for name in ["a", "b", "c", "d", "e"] {
        project.write(
            &format!("models/{name}.sql"),
            b"{{ config(materialized='table') }} select i, md5(i::varchar) as t from range(200000) as r(i)",
        );
    }
    project.succeed("build --exclude reader");
    for _ in 0..3 {
        let ended = project.call("build --vars '{reads: 60}'");
        assert_eq!(ended.code, 0, "{}", ended.all());
        let rows = warehouse::rows(&project, "shop.duckdb", "select reads from reader");
        assert_eq!(rows, ["300"]);
    }
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount("16m") else {
        return;
    };
    let project = TestProject::new(
        "--- profiles.yml
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: \"{{ env_var('DISK') }}/shop.duckdb\", threads: 1}
--- models/words.sql
{{ config(materialized='table') }}
select i, md5(i::varchar) || md5((i + 1)::varchar) as word from range({{ var('rows') }}) as r(i)
",
    );
    let project = project.with("DISK", &disk.folder.display().to_string());
    project.succeed("build --vars '{rows: 10}'");
    let ended = project.call("build --vars '{rows: 3000000}'");
    assert!(ended.code == 1, "{}", ended.all());
    assert_has(&all(&ended), &["words", "space"]);
    let connection = warehouse::connect(&disk.folder.join("shop.duckdb"));
    let rows = warehouse::query_rows(&connection, "select count(*) from words");
    assert_eq!(rows, ["10"]);
    drop(connection);
    disk.grow("64m");
    project.succeed("build --vars '{rows: 20}'");
}

#[test]
fn a_full_disk_below_target_is_told() {
    let Some(disk) = SmallDisk::mount("64k") else {
        return;
    };
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
    let target = disk.folder.join("target");
    let ended = project.call(&format!("parse --target-path {}", target.display()));
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert_has(&all(&ended), &["manifest", "the disk is full"]);
}

#[test]
fn a_target_folder_that_cannot_be_made_is_told() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n--- target\na file\n");
    for command in ["parse", "build", "compile", "docs generate"] {
        let ended = project.call(command);
        assert_eq!(ended.code, 2, "{command}: {}", ended.all());
        assert_has(&all(&ended), &["cannot", "target"]);
    }
}

#[test]
fn a_log_folder_that_cannot_be_made_is_a_warning() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n--- logs\na file\n");
    let ended = project.call("build");
    assert_eq!(ended.code, 0, "{}", ended.all());
    assert_has(&all(&ended), &["logs", "--log-path"]);
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_file() {
    let files = [
        "dbt_project.yml",
        "profiles.yml",
        "models/a.sql",
        "models/a.yml",
        "seeds/s.csv",
        "macros/m.sql",
    ];
    for file in files {
        let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
        project.write(file, b"first line\ncaf\xe9\n");
        let ended = project.call("build");
        assert_eq!(ended.code, 2, "{file}: {}", ended.all());
        assert_has(&all(&ended), &[file, "UTF-8"]);
    }
}

#[test]
fn a_database_file_that_is_none_is_told() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n--- shop.duckdb\nnothing\n");
    let ended = project.call("build");
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert_has(&all(&ended), &["shop.duckdb"]);
    assert_eq!(project.read("shop.duckdb"), "nothing\n");
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let project = TestProject::new("--- models/a.sql\nselect 1 as id\n");
    let mut child = project.start("ls --output json");
    drop(child.stdout.take());
    let mut text = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut text).unwrap();
    child.wait().unwrap();
    assert!(!text.contains("panicked"), "{text}");
}

/// A model of ten thousand calls deep is told, and no stack runs over.
#[test]
fn endless_recursion_is_told() {
    let project = TestProject::new(
        "--- macros/down.sql
{% macro down(n) %}{{ down(n + 1) }}{% endmacro %}
{% macro pong(n) %}{{ ping(n + 1) }}{% endmacro %}
{% macro ping(n) %}{{ pong(n + 1) }}{% endmacro %}
--- models/a.sql
select {{ down(1) }}
--- models/b.sql
select {{ ping(1) }}
",
    );
    let ended = project.call("parse");
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert_has(&all(&ended), &["models/a.sql", "models/b.sql", "recursion"]);
}

fn count(project: &TestProject, relation: &str) -> Vec<String> {
    let query = format!("select count(*) from {relation}");
    warehouse::rows(project, "shop.duckdb", &query)
}

/// What a running program has said so far, and where the rest will come from.
struct Heard {
    text: String,
    reader: BufReader<std::process::ChildStderr>,
}

fn wait_for(child: &mut Child, words: &str) -> Heard {
    let mut heard = Heard {
        text: String::new(),
        reader: BufReader::new(child.stderr.take().expect("stderr is piped")),
    };
    while !heard.text.contains(words) {
        let read = heard.reader.read_line(&mut heard.text).unwrap();
        assert!(read > 0, "it ended without `{words}`:\n{}", heard.text);
    }
    heard
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill starts").success());
}
