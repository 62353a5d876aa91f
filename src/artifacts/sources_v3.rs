//! `sources.json`, version 3: how old the rows of each source are.

use crate::artifacts::metadata::Metadata;
use crate::artifacts::metadata::instant;
use crate::base::event::Age;
use crate::base::event::NodeEnd;
use crate::graph::Graph;
use crate::node::Detail;
use crate::node::dictionary;
use crate::run::NodeResult;
use crate::run::Outcome;
use serde_json::Value;
use serde_json::json;

/// What goes into the file.
pub struct Sources<'a> {
    pub about: &'a Metadata,
    pub graph: &'a Graph,
    pub outcome: &'a Outcome,
}

impl Sources<'_> {
    pub(super) fn text(&self) -> Vec<u8> {
        let results = self.outcome.results.iter();
        let looks = results.filter(|result| result.end.node.resource_type == "source");
        let records: Vec<Value> = looks.map(|result| self.record(result)).collect();
        let file = json!({
            "metadata": self.about.record("sources/v3"),
            "results": records,
            "elapsed_time": self.outcome.elapsed.as_secs_f64(),
        });
        serde_json::to_vec(&file).expect("writing JSON to memory cannot fail")
    }

    fn record(&self, result: &NodeResult) -> Value {
        let end = &*result.end;
        match end.age {
            Some(age) => self.look(result, end, age),
            None => json!({
                "unique_id": result.unique_id.as_str(),
                "error": end.message,
                "status": "runtime error",
            }),
        }
    }

    fn look(&self, result: &NodeResult, end: &NodeEnd, age: Age) -> Value {
        let index = self.graph.find(result.unique_id.as_str());
        let limits = index.and_then(|index| match &self.graph.node(index).detail {
            Detail::Source(source) => source.freshness.clone(),
            _ => None,
        });
        let timing = end.phases.iter().map(|(name, started_at, completed_at)| {
            let (started_at, completed_at) = (instant(*started_at), instant(*completed_at));
            json!({"name": name, "started_at": started_at, "completed_at": completed_at})
        });
        json!({
            "unique_id": result.unique_id.as_str(),
            "max_loaded_at": Age::told(age.max_loaded_at),
            "snapshotted_at": Age::told(age.snapshotted_at),
            "max_loaded_at_time_ago_in_s": age.seconds(),
            "status": end.status.as_str(),
            "criteria": dictionary::freshness(&limits.unwrap_or_default()),
            "adapter_response": end.adapter_response,
            "timing": timing.collect::<Vec<_>>(),
            "thread_id": end.thread,
            "execution_time": end.took.as_secs_f64(),
        })
    }
}
