//! Python models, built by a Python that has the package `duckdb`; without one there is nothing to see.
//! `SQLMILL_TEST_PYTHON` names another one than the `python3` of `PATH`.
#![cfg(feature = "duckdb")]

mod support;

use insta::assert_snapshot;
use std::process::Command;
use support::project::TestProject;
use support::warehouse;

/// One thread, so that lines come in one order.
const PROFILES: &str = "\
--- profiles.yml
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: shop.duckdb
      threads: 1
";

/// A project that runs the Python of the tests; `None` where that has no `duckdb`.
fn with_python(project: TestProject) -> Option<TestProject> {
    let named = std::env::var_os("SQLMILL_TEST_PYTHON").unwrap_or_else(|| "python3".into());
    let mut asked = Command::new(&named);
    let answer = asked.args(["-c", "import duckdb, sys; print(sys.executable)"]);
    let answer = answer.output().ok()?;
    let program = String::from_utf8(answer.stdout).ok()?;
    let is_there = answer.status.success();
    is_there.then(|| {
        let profile = project.read("profiles.yml");
        let line = format!("type: duckdb\n      python: {}", program.trim());
        let profile = profile.replace("type: duckdb", &line);
        project.write("profiles.yml", profile.as_bytes());
        project
    })
}

#[test]
fn rows_come_through_python_unchanged() {
    let Some(project) = with_python(TestProject::copy_of("tests/fixtures/python")) else {
        return;
    };
    let first = project.succeed("build");
    assert!(first.stderr.contains("rows: 3"), "{}", first.all());
    assert!(!first.stdout.contains("rows: 3"), "{}", first.all());
    project.succeed("build");
    let connection = warehouse::open(&project, "python.duckdb");
    let ask = |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let types = |name: &str| {
        ask(&format!(
            "select string_agg(column_name || ' ' || column_type, ', ') from (describe lab.{name})"
        ))
    };
    assert_eq!(types("passed_on"), types("kinds"));
    let other = "select (count(*) = 0)::varchar from (from lab.kinds except from lab.passed_on)";
    assert_eq!(ask(other), "true");
    assert_eq!(
        ask(
            "select string_agg(id || ' ' || twice || ' ' || found, ', ' order by id) from lab.asked"
        ),
        "1 20 3, 2 40 3, 3 60 3"
    );
    assert_eq!(
        ask("select string_agg(id || ' ' || seen, ', ' order by id) from lab.growing"),
        "1 first, 2 first, 3 again"
    );
}

#[test]
fn a_traceback_ends_at_the_line_of_the_model() {
    let files = "\
--- models/daily.py
def share(part):
    return 1 / part


def model(dbt, session):
    return share(0)
--- models/below.sql
select * from {{ ref('daily') }}
";
    let Some(project) = with_python(TestProject::new(&format!("{PROFILES}{files}"))) else {
        return;
    };
    let ended = project.call("run");
    assert_eq!(ended.code, 1, "{}", ended.all());
    let shown = ended
        .stderr
        .lines()
        .skip_while(|line| !line.contains("Traceback"));
    let shown: Vec<&str> = shown
        .filter(|line| !line.contains("^~") && !line.contains("~^"))
        .collect();
    let end = shown.iter().position(|line| line.contains("compiled code"));
    assert_snapshot!(shown[..end.unwrap_or(shown.len())].join("\n"));
}

#[test]
fn packages_are_looked_for_before_the_run() {
    let files = "\
--- models/first.sql
select 1 as id
--- models/daily.py
def model(dbt, session):
    dbt.config(packages=['no_such_package_of_anybody'])
    return dbt.ref('first')
";
    let Some(project) = with_python(TestProject::new(&format!("{PROFILES}{files}"))) else {
        return;
    };
    let ended = project.call("run");
    let text = "model daily lists `no_such_package_of_anybody`, which is not installed";
    assert!(
        ended.stderr.contains(text) && ended.code == 2,
        "{}",
        ended.all()
    );
    assert!(!ended.stderr.contains("START"), "{}", ended.all());
}
