//! What a node costs: the texts that reach the server, as its own log has them. A text is at most one round
//! trip; `begin` travels with the text behind it.

use crate::Home;
use crate::home;
use crate::support::postgres::PASSWORD;
use serde_json::json;
use std::fs;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// All texts of this role are logged, so only one test at a time may count.
const ROLE: &str = "counted";
static COUNTING: Mutex<()> = Mutex::new(());

/// Nodes more in the large project than in the small one.
const MORE: usize = 10;

/// Texts per node of a call, as the difference that ten nodes more make.
struct Cost {
    small: Home,
    large: Home,
    _alone: MutexGuard<'static, ()>,
}

impl Cost {
    /// `model` is the text of every model.
    fn of(schema: &str, model: &str) -> Option<Self> {
        let alone = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |count: usize| {
            let models = (0..count).map(|n| format!("--- models/m_{n}.sql\n{model}\n"));
            let home = home(&format!("{schema}_{count}"), &models.collect::<String>())?;
            let mut output = home.server.profile(&home.schema);
            output["user"] = json!(ROLE);
            let profile = json!({"shop": {"target": "dev", "outputs": {"dev": output}}});
            home.project
                .write("profiles.yml", profile.to_string().as_bytes());
            Some(home)
        };
        let (small, large) = (of(1)?, of(1 + MORE)?);
        small.sql(&format!(
            "do $$ begin
                if not exists (select from pg_roles where rolname = '{ROLE}') then
                    create role {ROLE} superuser login password '{}';
                    alter role {ROLE} set log_statement = 'all';
                    alter role {ROLE} set log_min_messages = 'error';
                end if;
            end $$",
            PASSWORD.replace('\'', "''")
        ));
        Some(Cost {
            small,
            large,
            _alone: alone,
        })
    }

    fn per_node(&self, arguments: &str) -> f64 {
        let (small, large) = (texts(&self.small, arguments), texts(&self.large, arguments));
        (large as f64 - small as f64) / MORE as f64
    }
}

/// Texts that one call sends.
fn texts(home: &Home, arguments: &str) -> usize {
    let log = || {
        let log = fs::read_to_string(home.server.folder.join("log")).unwrap();
        log.matches("LOG:  statement: ").count()
    };
    let before = log();
    home.project.succeed(arguments);
    log() - before
}

#[test]
fn views_and_tables_cost_what_they_are_made_of_and_two_more() {
    for kind in ["view", "table"] {
        let model = format!("{{{{ config(materialized='{kind}') }}}} select 1 as id");
        let Some(cost) = Cost::of(&format!("cost_of_{kind}"), &model) else {
            return;
        };
        // Created under a name of its own and renamed, between `begin` and `commit`.
        assert_eq!(cost.per_node("run"), 4.0, "a new {kind}");
        // The old one is dropped as well.
        assert_eq!(cost.per_node("run"), 5.0, "a {kind} in place of another");
    }
}

#[test]
fn a_test_costs_its_query() {
    let model = "select 1 as id";
    let Some(cost) = Cost::of("cost_of_test", model) else {
        return;
    };
    for home in [&cost.small, &cost.large] {
        let models = home.project.files("models").len();
        let tested: String = (0..models)
            .map(|n| {
                format!("  - {{name: m_{n}, columns: [{{name: id, data_tests: [not_null]}}]}}\n")
            })
            .collect();
        home.project
            .write("models/s.yml", format!("models:\n{tested}").as_bytes());
        home.project.succeed("run");
    }
    assert_eq!(cost.per_node("test"), 1.0);
}

#[test]
fn an_incremental_model_costs_eight() {
    let model = "{{ config(materialized='incremental', unique_key='id') }} select 1 as id";
    let Some(cost) = Cost::of("cost_of_incremental", model) else {
        return;
    };
    assert_eq!(
        cost.per_node("run"),
        3.0,
        "created between begin and commit"
    );
    // Staged, its columns and twice the target's looked at, deleted and inserted in one text, the staged rows dropped.
    assert_eq!(cost.per_node("run"), 8.0);
}

/// However many schemas there are, one query tells what they hold, and one what depends on it.
#[test]
fn one_query_fills_the_cache() {
    let Some(cost) = Cost::of("cost_of_looking", "select 1 as id") else {
        return;
    };
    let home = &cost.small;
    home.project.succeed("run");
    let alone = texts(home, "run");
    for n in 0..5 {
        let model = format!("{{{{ config(schema='other_{n}') }}}} select 1 as id");
        home.project
            .write(&format!("models/other_{n}.sql"), model.as_bytes());
    }
    home.project.succeed("run");
    assert_eq!(texts(home, "run --select m_0"), alone);
    assert!(alone <= 5 + 3, "{alone}: a view and the look around");
}
