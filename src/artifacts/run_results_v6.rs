//! `run_results.json`, version 6: how each node of a call ended.

use crate::artifacts::metadata::Metadata;
use crate::artifacts::metadata::instant;
use crate::artifacts::object::Object;
use crate::base::event::NodeEnd;
use crate::config::Flags;
use crate::run::BatchResults;
use crate::run::NodeResult;
use crate::run::Outcome;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::io;
use std::io::Write;

/// What goes into the file.
#[derive(Debug)]
pub struct RunResults<'a> {
    pub about: &'a Metadata,
    pub outcome: &'a Outcome,
    pub flags: &'a Flags,
}

#[derive(Serialize)]
struct Record<'a> {
    status: &'static str,
    timing: Vec<Value>,
    thread_id: &'a str,
    /// Seconds.
    execution_time: f64,
    adapter_response: &'a Map<String, Value>,
    message: Option<&'a str>,
    failures: Option<i64>,
    unique_id: &'a str,
    /// `None` for nodes without SQL of their own.
    compiled: Option<bool>,
    compiled_code: Option<&'a str>,
    relation_name: Option<&'a str>,
    batch_results: Option<Value>,
}

impl RunResults<'_> {
    /// Writes the file piece by piece: each result holds the SQL of its node.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut file = Object::new(out);
        file.put("metadata", &self.about.record("run-results/v6"));
        let results = self.outcome.results.iter();
        let listed: Vec<&NodeResult> = results.filter(|result| self.lists(result)).collect();
        file.list("results", &listed, |result| record(result));
        // Seconds.
        file.put("elapsed_time", &self.outcome.elapsed.as_secs_f64());
        file.put("args", &self.flags.args_json());
        file.finish()
    }

    /// Ephemeral models are compiled with what reads them, and have a result only where they are asked for.
    fn lists(&self, result: &NodeResult) -> bool {
        let flags = self.flags;
        let is_asked_for =
            !flags.select.is_empty() || flags.selector.is_some() || flags.inline.is_some();
        is_asked_for || result.end.node.materialized != "ephemeral"
    }
}

fn record(result: &NodeResult) -> Record<'_> {
    let end = &*result.end;
    let has_sql = !matches!(
        end.node.resource_type,
        "seed" | "exposure" | "saved_query" | "source"
    );
    Record {
        status: end.status.as_str(),
        timing: timing(end),
        thread_id: &end.thread,
        execution_time: end.took.as_secs_f64(),
        adapter_response: &end.adapter_response,
        message: end.message.as_deref(),
        failures: end.failing_rows(),
        unique_id: result.unique_id.as_str(),
        compiled: has_sql.then_some(result.compiled_code.is_some()),
        compiled_code: result.compiled_code.as_deref().filter(|_| has_sql),
        relation_name: result.relation_name.as_deref().filter(|_| has_sql),
        batch_results: result.batches.as_ref().map(BatchResults::to_json),
    }
}

fn timing(end: &NodeEnd) -> Vec<Value> {
    end.phases
        .iter()
        .map(|(name, started_at, completed_at)| {
            json!({
                "name": name,
                "started_at": instant(*started_at),
                "completed_at": instant(*completed_at),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Context;
    use crate::base::NodeInfo;
    use crate::base::event::Status;
    use crate::config::Command;
    use crate::node::UniqueId;
    use std::sync::Arc;
    use std::time::Duration;

    fn result(resource_type: &'static str, status: Status, code: Option<&str>) -> NodeResult {
        let at = Context::fixed("/").now();
        let node = NodeInfo {
            resource_type,
            ..NodeInfo::default()
        };
        let end = NodeEnd {
            node: Arc::new(node),
            status,
            message: Some("OK".to_string()),
            failures: None,
            took: Duration::from_millis(1500),
            finished_at: at,
            thread: "Thread-1 (worker)".to_string(),
            phases: vec![("compile", at, at)],
            adapter_response: Map::from_iter([("_message".to_string(), json!("OK"))]),
            compiled_path: None,
            age: None,
            found: None,
        };
        NodeResult {
            unique_id: UniqueId::new(format!("{resource_type}.shop.x")),
            end: Arc::new(end),
            compiled_code: code.map(Arc::from),
            extra_ctes: Vec::new(),
            macros: Vec::new(),
            relation_name: Some("\"shop\".\"main\".\"x\"".to_string()),
            batches: None,
        }
    }

    #[test]
    fn records_have_dbts_fields() {
        let outcome = Outcome {
            results: vec![
                result("model", Status::Success, Some("select 1")),
                result("seed", Status::Success, None),
                result("model", Status::Skipped, None),
                result("operation", Status::Success, Some("")),
            ],
            elapsed: Duration::from_secs(2),
            ..Outcome::default()
        };
        let flags = Flags::new(Command::Build, "sqlmill build", &[]);
        let about = Metadata::new(&Context::fixed("/"));
        let results = RunResults {
            about: &about,
            outcome: &outcome,
            flags: &flags,
        };
        let mut text = Vec::new();
        results.write(&mut text).unwrap();
        let mut file: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(file["args"]["which"], "build");
        file["args"] = json!("left out");
        let lines: Vec<String> = file["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect();
        file["results"] = json!([]);
        insta::assert_snapshot!(format!("{file}\n{}", lines.join("\n")), @r#"
        {"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/run-results/v6.json","dbt_version":"1.11.16","generated_at":"2024-01-02T03:04:05.000000Z","invocation_id":"00000000-0000-4000-8000-000000000000","invocation_started_at":"2024-01-02T03:04:05.000000Z","env":{}},"results":[],"elapsed_time":2.0,"args":"left out"}
        {"status":"success","timing":[{"name":"compile","started_at":"2024-01-02T03:04:05.000000Z","completed_at":"2024-01-02T03:04:05.000000Z"}],"thread_id":"Thread-1 (worker)","execution_time":1.5,"adapter_response":{"_message":"OK"},"message":"OK","failures":null,"unique_id":"model.shop.x","compiled":true,"compiled_code":"select 1","relation_name":"\"shop\".\"main\".\"x\"","batch_results":null}
        {"status":"success","timing":[{"name":"compile","started_at":"2024-01-02T03:04:05.000000Z","completed_at":"2024-01-02T03:04:05.000000Z"}],"thread_id":"Thread-1 (worker)","execution_time":1.5,"adapter_response":{"_message":"OK"},"message":"OK","failures":null,"unique_id":"seed.shop.x","compiled":null,"compiled_code":null,"relation_name":null,"batch_results":null}
        {"status":"skipped","timing":[{"name":"compile","started_at":"2024-01-02T03:04:05.000000Z","completed_at":"2024-01-02T03:04:05.000000Z"}],"thread_id":"Thread-1 (worker)","execution_time":1.5,"adapter_response":{"_message":"OK"},"message":"OK","failures":null,"unique_id":"model.shop.x","compiled":false,"compiled_code":null,"relation_name":"\"shop\".\"main\".\"x\"","batch_results":null}
        {"status":"success","timing":[{"name":"compile","started_at":"2024-01-02T03:04:05.000000Z","completed_at":"2024-01-02T03:04:05.000000Z"}],"thread_id":"Thread-1 (worker)","execution_time":1.5,"adapter_response":{"_message":"OK"},"message":"OK","failures":0,"unique_id":"operation.shop.x","compiled":true,"compiled_code":"","relation_name":"\"shop\".\"main\".\"x\"","batch_results":null}
        "#);
    }
}
