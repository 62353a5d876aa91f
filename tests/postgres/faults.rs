//! PostgreSQL at its worst: a server that goes away, connections that drop, locks, time limits, a full
//! disk. What is not done is not reported as done, nothing half-made stays, and `retry` finishes the rest.
use crate::support::call::Ended;
use crate::support::disk::SmallDisk;
use crate::support::postgres;
use crate::support::postgres::Cluster;
use crate::support::project::TestProject;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

/// A project with a schema of its own in a server.
fn project(cluster: &Cluster, schema: &str, threads: usize, files: &str) -> TestProject {
    let project = TestProject::new(&cluster.profiles_file(schema, threads));
    project.add(files);
    project
}

fn assert_has(ended: &Ended, parts: &[&str]) {
    assert!(ended.is_orderly(), "{}", ended.all());
    for part in parts {
        assert!(
            ended.all().contains(part),
            "`{part}` is not in\n{}",
            ended.all()
        );
    }
}

/// Relations that a call should not leave behind.
fn leftovers(cluster: &Cluster, schema: &str) -> String {
    cluster.sql(&format!(
        "select relname from pg_class join pg_namespace n on n.oid = relnamespace
         where nspname = '{schema}' and relkind in ('r', 'v', 'm') and relname like '%\\_\\_dbt\\_%'"
    ))
}

fn statuses(project: &TestProject) -> Vec<String> {
    let results = project.json("target/run_results.json");
    let results = results["results"].as_array().unwrap().iter();
    let mut found: Vec<String> = results
        .map(|result| {
            let id = result["unique_id"].as_str().unwrap();
            let name = id.rsplit('.').next().unwrap();
            format!("{name} {}", result["status"].as_str().unwrap())
        })
        .collect();
    found.sort();
    found
}

/// Waits until a question has an answer.
fn until(cluster: &Cluster, question: &str) {
    let started = Instant::now();
    while cluster.sql(question).is_empty() {
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(60), "nothing for\n{question}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Three models in a row; the second one waits as long as it is told to.
const CHAIN: &str = "\
--- models/first.sql
{{ config(materialized='incremental') }}
select 1 as id
--- models/second.sql
{{ config(materialized='table') }}
select id, pg_sleep({{ var('seconds', 0) }})::text as slept from {{ ref('first') }}
--- models/third.sql
{{ config(materialized='table') }}
select id from {{ ref('second') }}
";

/// A row where a statement sleeps on behalf of a schema.
fn asleep(schema: &str) -> String {
    format!(
        "select pid from pg_stat_activity
         where wait_event = 'PgSleep' and query like '%{schema}%pg_sleep%'"
    )
}

#[test]
fn a_server_that_stops_in_the_middle_is_told_and_retry_finishes_the_rest() {
    let Some(cluster) = postgres::own_cluster() else {
        return;
    };
    // What it has committed is on disk.
    cluster.sql("alter system set synchronous_commit = on");
    cluster.sql("select pg_reload_conf()");
    let project = project(&cluster, "stopped", 1, CHAIN);
    let child = project.start("build --vars '{seconds: 60}'");
    until(&cluster, &asleep("stopped"));
    cluster.stop();
    let stopped = project.finish(child);
    assert_eq!(stopped.code, 1, "{}", stopped.all());
    assert_has(&stopped, &["second", "connection"]);
    assert_eq!(
        statuses(&project),
        ["first success", "second error", "third skipped"]
    );

    // While it is away, everything says so and nothing is lost.
    let away = project.call("retry --vars '{seconds: 0}'");
    assert_ne!(away.code, 0, "{}", away.all());
    assert_has(&away, &["127.0.0.1"]);

    cluster.start_again();
    let again = project.call("retry --vars '{seconds: 0}'");
    assert_eq!(again.code, 0, "{}", again.all());
    assert_eq!(statuses(&project), ["second success", "third success"]);
    assert_eq!(cluster.sql("select count(*) from stopped.first"), "1");
    assert_eq!(cluster.sql("select count(*) from stopped.third"), "1");
    assert_eq!(leftovers(&cluster, "stopped"), "");
}

fn drop_connection(cluster: &Cluster, schema: &str) {
    until(cluster, &asleep(schema));
    let asleep = asleep(schema);
    cluster.sql(&format!(
        "select pg_terminate_backend(pid) from ({asleep}) as a"
    ));
}

#[test]
fn a_connection_that_drops_before_anything_was_done_is_replaced() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let project = project(cluster, "replaced", 1, CHAIN);
    project.succeed("build");
    let child = project.start("build --vars '{seconds: 3}'");
    drop_connection(cluster, "replaced");
    let built = project.finish(child);
    assert_eq!(built.code, 0, "{}", built.all());
    assert_has(&built, &["has lost its connection", "trying once more"]);
    assert_eq!(cluster.sql("select count(*) from replaced.third"), "2");
    assert_eq!(leftovers(cluster, "replaced"), "");
}

#[test]
fn a_connection_that_drops_halfway_fails_its_model_alone() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let files = format!("{CHAIN}--- models/zebra.sql\nselect 1 as id\n");
    let project = project(cluster, "dropped", 1, &files);
    project.add("--- models/second.yml\nmodels: [{name: second, config: {pre_hook: select 1}}]\n");
    project.succeed("build");
    let child = project.start("build --vars '{seconds: 60}'");
    drop_connection(cluster, "dropped");
    let dropped = project.finish(child);
    assert_eq!(dropped.code, 1, "{}", dropped.all());
    assert_has(&dropped, &["second", "terminating connection"]);
    // The worker goes on over a new connection.
    assert_eq!(
        statuses(&project),
        [
            "first success",
            "second error",
            "third skipped",
            "zebra success"
        ]
    );
    assert_eq!(cluster.sql("select count(*) from dropped.second"), "1");
    assert_eq!(leftovers(cluster, "dropped"), "");
    project.succeed("retry --vars '{seconds: 0}'");
}

/// The view reads the table by its name, so rebuilding the table drops it, and a failure brings it back.
#[test]
fn a_view_that_a_failed_rebuild_had_dropped_is_known_to_be_there() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let files = "\
--- models/below.sql
{{ config(materialized='table', post_hook=\"select 1 / {{ var('by', 1) }}\") }}
select 1 as id
--- models/over.sql
select id from taken_back.below
";
    let project = project(cluster, "taken_back", 1, files);
    project.succeed("run");
    let failed = project.call("run --vars '{by: 0}'");
    assert_eq!(failed.code, 1, "{}", failed.all());
    assert_eq!(statuses(&project), ["below error", "over success"]);
    assert_eq!(cluster.sql("select count(*) from taken_back.over"), "1");
    project.succeed("run");
    assert_eq!(leftovers(cluster, "taken_back"), "");
}

#[test]
fn a_statement_timeout_is_told_and_the_old_table_stays() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let project = project(cluster, "patience", 1, CHAIN);
    project.succeed("build");
    project.write(
        "models/second.sql",
        b"{{ config(materialized='table', pre_hook=\"set local statement_timeout = '200ms'\") }}
select id, pg_sleep(60)::text as slept from {{ ref('first') }}
",
    );
    let late = project.call("build");
    assert_eq!(late.code, 1, "{}", late.all());
    assert_has(
        &late,
        &["models/second.sql", "statement timeout", "ERROR=1 SKIP=1"],
    );
    assert_eq!(cluster.sql("select count(*) from patience.second"), "1");
    assert_eq!(leftovers(cluster, "patience"), "");
}

#[test]
fn a_lock_timeout_is_told_and_the_old_table_stays() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let files = "\
--- models/locked.sql
{{ config(materialized='table', pre_hook=\"set local lock_timeout = '200ms'\") }}
select {{ var('id', 1) }} as id
";
    let project = project(cluster, "locks", 1, files);
    project.succeed("build");
    let mut holder = cluster
        .background("begin; lock table locks.locked in access share mode; select pg_sleep(60)");
    until(
        cluster,
        "select 1 from pg_locks where relation = to_regclass('locks.locked')",
    );
    let refused = project.call("build --vars '{id: 2}'");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(refused.code, 1, "{}", refused.all());
    assert_has(&refused, &["models/locked.sql", "lock timeout"]);
    assert_eq!(cluster.sql("select id from locks.locked"), "1");
    assert_eq!(leftovers(cluster, "locks"), "");
}

/// Each of two models locks its own table and then that of the other; the server ends one of them.
#[test]
fn a_deadlock_is_told_and_the_other_model_is_built() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let mut files = String::new();
    for (name, own, other) in [("left_one", "a", "b"), ("right_one", "b", "a")] {
        files += &format!(
            "--- models/{name}.sql
{{{{ config(materialized='table', pre_hook=[
    'lock table knot.{own} in exclusive mode',
    'select pg_sleep(1)',
    'lock table knot.{other} in exclusive mode',
]) }}}}
select 1 as id
"
        );
    }
    cluster.sql("create schema knot; create table knot.a (id int); create table knot.b (id int)");
    let project = project(cluster, "knot", 2, &files);
    let knotted = project.call("build");
    assert_eq!(knotted.code, 1, "{}", knotted.all());
    assert_has(&knotted, &["deadlock detected", "PASS=1", "ERROR=1"]);
    assert_eq!(leftovers(cluster, "knot"), "");
    project.succeed("retry");
    assert_eq!(
        cluster.sql("select count(*) from knot.left_one, knot.right_one"),
        "1"
    );
}

#[test]
fn a_full_tablespace_is_told_and_the_old_table_stays() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let Some(disk) = SmallDisk::mount("8m") else {
        return;
    };
    let place = disk.folder.join("space");
    std::fs::create_dir(&place).unwrap();
    postgres::give_away(&disk.folder);
    postgres::give_away(&place);
    cluster.sql(&format!(
        "create tablespace small location '{}'",
        place.display()
    ));
    let files = "\
--- models/words.sql
{{ config(materialized='table', pre_hook=\"set local default_tablespace = 'small'\") }}
select i, md5(i::text) as word from generate_series(1, {{ var('rows', 10) }}) as r(i)
--- models/others.sql
select count(*) as n from {{ ref('words') }}
";
    let project = project(cluster, "full", 1, files);
    project.succeed("build");
    let full = project.call("build --vars '{rows: 1000000}'");
    assert_eq!(full.code, 1, "{}", full.all());
    assert_has(
        &full,
        &["models/words.sql", "No space left on device", "SKIP=1"],
    );
    assert_eq!(cluster.sql("select count(*) from \"full\".words"), "10");
    assert_eq!(leftovers(cluster, "full"), "");
    project.succeed("build --vars '{rows: 20}'");
    cluster.sql("drop schema \"full\" cascade");
    cluster.sql("drop tablespace small");
}

#[test]
fn ctrl_c_cancels_what_runs_in_the_server() {
    let Some(cluster) = postgres::cluster() else {
        return;
    };
    let project = project(cluster, "stopping", 1, CHAIN);
    project.succeed("build");
    let child = project.start("build --vars '{seconds: 60}'");
    until(cluster, &asleep("stopping"));
    let asked = Instant::now();
    let mut kill = Command::new("kill");
    let sent = kill.args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let stopped = project.finish(child);
    assert!(asked.elapsed() < Duration::from_secs(20));
    assert_eq!(stopped.code, 1, "{}", stopped.all());
    assert_has(&stopped, &["keyboard interrupt"]);
    assert_eq!(cluster.sql(&asleep("stopping")), "");
    assert_eq!(cluster.sql("select count(*) from stopping.second"), "1");
    assert_eq!(leftovers(cluster, "stopping"), "");
}
