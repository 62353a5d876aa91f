//! The result of a node as `on-run-end` hooks see it: an object, with the node as one too.

use crate::base::event::Age;
use crate::compile;
use crate::jinja::python::modules::datetime;
use crate::jinja::values;
use crate::jinja::values::Lacking;
use crate::node::dictionary;
use crate::run::BatchResults;
use crate::run::Call;
use crate::run::NodeResult;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::value::Value;
use serde_json::json;

/// `result.status`, `result.node.name`, `result.timing`, and all of it by `result.to_dict()`.
pub(super) fn of(call: &Call<'_>, result: &NodeResult) -> Value {
    let end = &result.end;
    let plain = values::from_json(&json!({
        "status": end.status.as_str(),
        "timing": null,
        "thread_id": end.thread,
        "execution_time": end.took.as_secs_f64(),
        "adapter_response": end.adapter_response,
        "message": end.message,
        "failures": end.failing_rows(),
        "node": null,
    }));
    let moment = |at| datetime::of_instant(at);
    let text = |at| Value::from(Age::told(at));
    let node = node(call, result);
    let phases = || end.phases.iter();
    let with = |node: Value, timing: Vec<Value>, of_kind: Vec<(&str, Value)>| {
        let own = [("timing", values::list(timing)), ("node", node)];
        let own = own.into_iter().chain(of_kind);
        let own = own.map(|(name, value)| (name.to_string(), value));
        values::dict(values::pairs(&plain).into_iter().chain(own))
    };
    let texts = phases().map(|(name, started, completed)| {
        values::from_json(&json!({
            "name": name,
            "started_at": started.to_string(),
            "completed_at": completed.to_string(),
        }))
    });
    let moments = phases().map(|(name, started, completed)| phase(name, *started, *completed));
    values::record(
        with(object(&node), moments.collect(), of_kind(result, moment)),
        Some(with(node, texts.collect(), of_kind(result, text))),
        Lacking::Undefined,
    )
}

/// What only the results of some nodes have: the age of a source, the batches of a model.
fn of_kind(result: &NodeResult, moment: impl Fn(Timestamp) -> Value) -> Vec<(&str, Value)> {
    match (result.end.age, result.end.node.resource_type) {
        (Some(age), _) => vec![
            ("max_loaded_at", moment(age.max_loaded_at)),
            ("snapshotted_at", moment(age.snapshotted_at)),
            ("age", Value::from(age.seconds())),
        ],
        (None, "source") => Vec::new(),
        (None, _) => {
            let batches = result.batches.as_ref().map(BatchResults::to_json);
            vec![
                ("agate_table", values::none()),
                ("batch_results", values::from_json(&json!(batches))),
            ]
        }
    }
}

/// A step of the work, its moments as naive datetimes in UTC.
fn phase(name: &str, started: Timestamp, completed: Timestamp) -> Value {
    let moment = |at: Timestamp| datetime::of_civil(at.to_zoned(TimeZone::UTC).datetime());
    let fields = values::dict([
        ("name", Value::from(name)),
        ("started_at", moment(started)),
        ("completed_at", moment(completed)),
    ]);
    values::record(fields, None, Lacking::Undefined)
}

/// The dictionary of the node, with the SQL that it came to.
fn node(call: &Call<'_>, result: &NodeResult) -> Value {
    let world = call.world;
    let Some(index) = world.graph.find(result.unique_id.as_str()) else {
        return values::none();
    };
    let compiled = result.compiled_code.as_deref();
    let compiled = compiled.map(|code| dictionary::Compiled {
        path: world.paths.compiled(world.graph.node(index), None),
        code,
        extra_ctes: &result.extra_ctes,
        macros: &result.macros,
    });
    compile::node_value(world, index, compiled)
}

/// The node with fields; a setting that it does not have is none.
fn object(node: &Value) -> Value {
    let pairs = values::pairs(node).into_iter();
    let fields = pairs.map(|(key, value)| match key.as_str() {
        "config" => (key, values::record(value, None, Lacking::None)),
        _ => (key, value),
    });
    values::record(values::dict(fields), Some(node.clone()), Lacking::Undefined)
}
