//! What a call says on stdout, on stderr and in the log file, with a fixed clock.

use super::*;
use crate::adapter::cell::Cell;
use crate::adapter::table::Table;
use crate::adapter::table::TableColumn;
use crate::base::NodeInfo;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::event::Status;
use crate::config::Command;
use crate::config::flags::Layer;
use crate::config::flags::OutputForm;
use std::io::Write;

/// A stream that remembers.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Memory {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What a call with these flags writes to stdout and stderr for these events.
fn told(flags: &[(&'static str, Value)], events: &[Event]) -> (String, String) {
    told_in(Context::fixed("/shop"), flags, events)
}

fn told_in(
    context: Context,
    flags: &[(&'static str, Value)],
    events: &[Event],
) -> (String, String) {
    let mut layer: Layer = flags.iter().cloned().collect();
    layer.entry("log_level_file").or_insert(json!("none"));
    let flags = Flags::new(Command::Build, "sqlmill build", &[layer]);
    let (out, err) = (Memory::default(), Memory::default());
    let streams = Streams {
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        live: false,
        colours: false,
    };
    let reporter = Reporter::with_streams(&flags, Arc::new(context), streams);
    for event in events {
        reporter.on(event);
    }
    (out.text(), err.text())
}

fn node(resource_type: &'static str, name: &str, index: usize) -> Arc<NodeInfo> {
    let materialized = match resource_type {
        "model" => "view",
        other => other,
    };
    Arc::new(NodeInfo {
        unique_id: format!("{resource_type}.shop.{name}"),
        name: name.to_string(),
        resource_type,
        path: format!("{name}.sql"),
        original_file_path: format!("models/{name}.sql"),
        materialized: materialized.to_string(),
        language: "sql",
        database: "shop".to_string(),
        schema: "main".to_string(),
        alias: name.to_string(),
        relation_name: format!("\"shop\".\"main\".\"{name}\""),
        checksum: "c0ffee".to_string(),
        index,
        total: 6,
        started_at: Some(Context::fixed("/").now()),
        ..NodeInfo::default()
    })
}

fn end(node: Arc<NodeInfo>, status: Status, message: Option<&str>) -> NodeEnd {
    let at = Context::fixed("/").now();
    NodeEnd {
        node,
        status,
        message: message.map(str::to_string),
        failures: None,
        took: Duration::from_millis(120),
        finished_at: at,
        thread: "Thread-1 (worker)".to_string(),
        phases: vec![("compile", at, at), ("execute", at, at)],
        adapter_response: serde_json::Map::new(),
        compiled_path: None,
        age: None,
        found: None,
    }
}

fn unknown_column() -> Diagnostic {
    let file = SourceFile::new(
        "models/orders.sql",
        "/shop/models/orders.sql",
        "select\n    ordr_id\nfrom {{ ref('raw') }}\n",
    );
    Diagnostic::error("warehouse", "the warehouse refused the statement")
        .at(Place::new(&file, 11, 18))
        .note("no such column")
        .hint("did you mean `order_id`?")
}

fn a_run() -> Vec<Event> {
    let model = node("model", "orders", 3);
    let failed = NodeEnd {
        compiled_path: Some("target/compiled/shop/models/orders.sql".to_string()),
        age: None,
        found: Some(Box::new(unknown_column())),
        ..end(
            model.clone(),
            Status::Error,
            Some("Runtime Error in model orders (models/orders.sql)\n  Binder Error: no column"),
        )
    };
    let warned = NodeEnd {
        failures: Some(2),
        ..end(
            node("test", "unique_raw_id", 2),
            Status::Warn,
            Some("Got 2 results, configured to warn if != 0"),
        )
    };
    let seed = node("seed", "raw", 1);
    let hook = Arc::new(NodeInfo {
        total: 1,
        ..(*node("operation", "shop-on-run-start-0", 1)).clone()
    });
    let ends = [
        end(seed.clone(), Status::Success, Some("INSERT 3")),
        warned,
        failed,
        end(node("model", "daily", 4), Status::Skipped, None),
        end(node("test", "not_null_daily_id", 5), Status::Skipped, None),
        end(node("exposure", "board", 6), Status::NoOp, None),
    ];
    let mut events = vec![
        Event::NodeStarted(hook.clone()),
        Event::NodeFinished(Arc::new(end(hook, Status::Success, None))),
        Event::NodeStarted(seed),
        Event::NodeStarted(model),
    ];
    events.extend(ends.map(|end| Event::NodeFinished(Arc::new(end))));
    events.push(Event::RunEnded {
        elapsed: Duration::from_millis(61_234),
        interrupted: false,
    });
    events
}

#[test]
fn a_run_reads_like_dbt() {
    let (out, err) = told(&[], &a_run());
    assert_eq!(out, "");
    insta::assert_snapshot!(err, @r#"
    03:04:05  1 of 1 START hook: shop.on-run-start.0 ......................................... [RUN]
    03:04:05  1 of 1 OK hook: shop.on-run-start.0 ............................................ [OK in 0.12s]
    03:04:05  1 of 6 START seed file main.raw ................................................ [RUN]
    03:04:05  3 of 6 START sql view model main.orders ........................................ [RUN]
    03:04:05  1 of 6 OK loaded seed file main.raw ............................................ [INSERT 3 in 0.12s]
    03:04:05  2 of 6 WARN 2 unique_raw_id .................................................... [WARN 2 in 0.12s]
    03:04:05  3 of 6 ERROR creating sql view model main.orders ............................... [ERROR in 0.12s]
    03:04:05  4 of 6 SKIP relation main.daily ................................................ [SKIP]
    03:04:05  5 of 6 SKIP test not_null_daily_id ............................................. [SKIP]
    03:04:05  6 of 6 NO-OP exposure board .................................................... [NO-OP in 0.12s]
    03:04:05  
    03:04:05  Finished running 1 exposure, 1 project hook, 1 seed, 2 data tests, 2 view models in 0 hours 1 minutes and 1.23 seconds (61.23s).
    03:04:05  
    03:04:05  Completed with 1 error, 0 partial successes, and 1 warning:
    03:04:05  
    03:04:05  Failure in model orders (models/orders.sql)
    03:04:05    Runtime Error in model orders (models/orders.sql)
      Binder Error: no column
     --> models/orders.sql:2:5
      |
    2 |     ordr_id
      |     ^^^^^^^ no such column
      |
      = hint: did you mean `order_id`?
    03:04:05  
    03:04:05    compiled code at target/compiled/shop/models/orders.sql
    03:04:05  
    03:04:05  Warning in test unique_raw_id (models/unique_raw_id.sql)
    03:04:05    Got 2 results, configured to warn if != 0
    03:04:05  
    03:04:05    See test failures:
      -------------------------------------------
      select * from "shop"."main"."unique_raw_id"
      -------------------------------------------
    03:04:05  
    03:04:05  Done. PASS=2 WARN=1 ERROR=1 SKIP=2 NO-OP=1 TOTAL=7
    "#);
}

#[test]
fn quiet_leaves_failures() {
    let (_, err) = told(&[("quiet", json!(true))], &a_run());
    insta::assert_snapshot!(err, @"
    03:04:05  3 of 6 ERROR creating sql view model main.orders ............................... [ERROR in 0.12s]
    03:04:05  Failure in model orders (models/orders.sql)
    03:04:05    Runtime Error in model orders (models/orders.sql)
      Binder Error: no column
     --> models/orders.sql:2:5
      |
    2 |     ordr_id
      |     ^^^^^^^ no such column
      |
      = hint: did you mean `order_id`?
    ");
}

#[test]
fn json_lines_have_dbts_shape() {
    let (out, err) = told(&[("log_format", json!("json"))], &a_run());
    assert_eq!(err, "");
    let rows: Vec<String> = out
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| record["info"][key].as_str().unwrap().to_string();
            assert!(!text("msg").contains('\u{1b}'));
            format!("{:5} {} {}", text("level"), text("code"), text("name"))
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    info  Q032 LogHookStartLine
    info  Q033 LogHookEndLine
    info  Q011 LogStartLine
    info  Q011 LogStartLine
    info  Q016 LogSeedResult
    warn  Q007 LogTestResult
    error Q012 LogModelResult
    info  Q034 SkippingDetails
    info  Q034 SkippingDetails
    info  Q019 LogNodeNoOpResult
    info  Z017 Formatting
    info  E047 FinishedRunningStats
    info  Z017 Formatting
    info  Z030 EndOfRunSummary
    info  Z017 Formatting
    error Z022 RunResultFailure
    error Z024 RunResultError
    info  Z017 Formatting
    info  Z026 SQLCompiledPath
    info  Z017 Formatting
    warn  Z021 RunResultWarning
    warn  Z046 RunResultWarningMessage
    info  Z017 Formatting
    info  Z027 CheckNodeTestFailure
    info  Z017 Formatting
    info  Z023 StatsLine
    ");
    let failed = out.lines().find(|line| line.contains("LogModelResult"));
    let mut record: Value = serde_json::from_str(failed.unwrap()).unwrap();
    record["info"]["pid"] = json!(1);
    record["info"]["thread"] = json!("MainThread");
    insta::assert_snapshot!(format!("{record:#}"), @r#"
    {
      "data": {
        "description": "sql view model main.orders",
        "execution_time": 0.12,
        "index": 3,
        "status": "error",
        "total": 6,
        "node_info": {
          "materialized": "view",
          "meta": {},
          "node_checksum": "c0ffee",
          "node_finished_at": "2024-01-02T03:04:05.000000",
          "node_name": "orders",
          "node_path": "orders.sql",
          "node_relation": {
            "alias": "orders",
            "database": "shop",
            "relation_name": "\"shop\".\"main\".\"orders\"",
            "schema": "main"
          },
          "node_started_at": "2024-01-02T03:04:05.000000",
          "node_status": "error",
          "resource_type": "model",
          "unique_id": "model.shop.orders"
        }
      },
      "info": {
        "category": "",
        "code": "Q012",
        "extra": {},
        "invocation_id": "00000000-0000-4000-8000-000000000000",
        "level": "error",
        "msg": "3 of 6 ERROR creating sql view model main.orders ............................... [ERROR in 0.12s]",
        "name": "LogModelResult",
        "pid": 1,
        "thread": "MainThread",
        "ts": "2024-01-02T03:04:05.000000Z"
      }
    }
    "#);
}

#[test]
fn errors_stand_below_dbts_first_line() {
    let found = unknown_column().headline("Compilation Error in model orders (models/orders.sql)");
    let bare = Diagnostic::error("no-profile", "no profile named `shop`");
    let (_, err) = told(&[], &[Event::Found(found), Event::Found(bare)]);
    insta::assert_snapshot!(err, @"
    03:04:05  Compilation Error in model orders (models/orders.sql)
    error[warehouse]: the warehouse refused the statement
     --> models/orders.sql:2:5
      |
    2 |     ordr_id
      |     ^^^^^^^ no such column
      |
      = hint: did you mean `order_id`?
    03:04:05  error[no-profile]: no profile named `shop`
    ");
}

#[test]
fn an_old_spelling_is_told_once_and_counted() {
    let old = |name: &str| {
        Event::Found(
            Diagnostic::warning(
                "old-spelling",
                format!("arguments of test `{name}` stand at the top level"),
            )
            .event("MissingArgumentsPropertyInGenericTestDeprecation")
            .hint("nest them under `arguments`"),
        )
    };
    let events = [old("accepted_values"), old("relationships")];
    let (_, once) = told(&[], &events);
    let (_, all) = told(&[("show_all_deprecations", json!(true))], &events);
    insta::assert_snapshot!(once, @"
    03:04:05  [WARNING][MissingArgumentsPropertyInGenericTestDeprecation]: arguments of test `accepted_values` stand at the top level
     = hint: nest them under `arguments`
    ");
    assert_eq!(
        (
            once.matches("WARNING").count(),
            all.matches("WARNING").count()
        ),
        (1, 2)
    );
}

#[test]
fn warnings_become_errors_on_request() {
    let warning = Diagnostic::warning("no-match", "the criterion `x` matches nothing")
        .event("NoNodesForSelectionCriteria");
    let events = [Event::Found(warning), say::nothing_to_do()];
    let rows = [
        (json!({}), 0),
        (json!({"error": "all"}), 2),
        (json!({"error": ["NothingToDo"]}), 1),
        (
            json!({"silence": ["NothingToDo", "NoNodesForSelectionCriteria"]}),
            0,
        ),
    ];
    for (options, errors) in rows {
        let flags = [
            ("log_format", json!("json")),
            ("warn_error_options", options.clone()),
        ];
        let (out, _) = told(&flags, &events);
        assert_eq!(
            out.matches("MainEncounteredError").count(),
            errors,
            "{options}"
        );
    }
}

#[test]
fn results_go_to_stdout() {
    let table = Table::new(
        vec![TableColumn::new("id", ""), TableColumn::new("name", "")],
        vec![
            vec![Cell::Int(1), Cell::text("a")],
            vec![Cell::Int(2), Cell::Null],
        ],
    )
    .settled();
    let subject = say::Subject {
        name: "orders",
        unique_id: "model.shop.orders",
        inline: false,
    };
    let preview = |form| say::preview(subject, &table, form);
    let (out, err) = told(&[], &[preview(OutputForm::Text)]);
    insta::assert_snapshot!(format!("{out}---\n{err}"), @"
    | id | name |
    | -- | ---- |
    |  1 | a    |
    |  2 |      |

    ---
    03:04:05  Previewing node 'orders':
    ");
    let (out, err) = told(&[], &[preview(OutputForm::Json)]);
    insta::assert_snapshot!(format!("{out}---\n{err}"), @r#"
    {
      "node": "orders",
      "show": [
        {
          "id": 1,
          "name": "a"
        },
        {
          "id": 2,
          "name": null
        }
      ]
    }
    ---
    "#);
    let compiled = say::compiled(subject, "select 1", OutputForm::Text);
    let (out, err) = told(&[("quiet", json!(true))], &[compiled]);
    assert_eq!((out.as_str(), err.as_str()), ("select 1\n", ""));
}

#[test]
fn secrets_are_not_told() {
    let mut context = Context::fixed("/shop");
    context
        .env
        .insert("DBT_ENV_SECRET_TOKEN".to_string(), "s3cr3t".to_string());
    let (_, err) = told_in(context, &[], &[Event::info("Note", "the token is s3cr3t")]);
    assert_eq!(err, "03:04:05  the token is *****\n");
}

#[test]
fn the_log_file_holds_debug_lines() {
    let folder = tempfile::tempdir().unwrap();
    let flags = [
        ("log_path", json!(folder.path())),
        ("log_level_file", json!("debug")),
    ];
    let sql = Event::Sql {
        connection: "model.shop.orders".to_string(),
        node: None,
        sql: "select 1".into(),
    };
    let (out, err) = told(&flags, &[sql, Event::info("Note", "hello")]);
    assert_eq!((out.as_str(), err.as_str()), ("", "03:04:05  hello\n"));
    let log = crate::base::fs::read_text(&folder.path().join("dbt.log"), "log").unwrap();
    let thread = std::thread::current().name().unwrap().to_string();
    insta::assert_snapshot!(log.replace(&thread, "THREAD"), @"


    ============================== 03:04:05.000000 | 00000000-0000-4000-8000-000000000000 ==============================
    03:04:05.000000 [debug] [THREAD]: On model.shop.orders: select 1
    03:04:05.000000 [info ] [THREAD]: hello
    ");
}
