//! The settings of one node: known keys with their defaults, and whatever else the user wrote.
//! Kept as one ordered map, because templates, artifacts and selectors ask for keys by name;
//! what Rust itself decides on has a typed reader here.

use crate::config::keys;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

/// Merged settings of a node. `get` sees exactly what `config.get` in a template sees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeConfig {
    /// Shared until something is set: most nodes of a project have the settings of others.
    values: Arc<Map<String, Value>>,
}

/// Which set of known keys applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Model,
    Seed,
    Snapshot,
    Test,
    UnitTest,
    Function,
    Source,
    Exposure,
    Metric,
    SemanticModel,
    SavedQuery,
    Group,
    /// Analyses, hooks and inline queries.
    Other,
}

impl Family {
    /// In the order of their declaration.
    pub const ALL: [Family; 13] = [
        Family::Model,
        Family::Seed,
        Family::Snapshot,
        Family::Test,
        Family::UnitTest,
        Family::Function,
        Family::Source,
        Family::Exposure,
        Family::Metric,
        Family::SemanticModel,
        Family::SavedQuery,
        Family::Group,
        Family::Other,
    ];
}

/// How a run deals with rows of a failed test, from `severity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestSeverity {
    Error,
    Warn,
}

impl From<Arc<Map<String, Value>>> for NodeConfig {
    fn from(values: Arc<Map<String, Value>>) -> Self {
        NodeConfig { values }
    }
}

impl NodeConfig {
    /// The defaults of a family, in the order in which artifacts list them.
    pub fn new(family: Family) -> Self {
        NodeConfig {
            values: keys::defaults(family).clone(),
        }
    }

    /// What several layers say together, without the defaults of any family.
    pub fn together(layers: &[Map<String, Value>]) -> Self {
        let mut config = NodeConfig::default();
        for layer in layers {
            config.apply(layer);
        }
        config
    }

    /// Puts one layer of settings over what is there, each key by its own rule.
    pub fn apply(&mut self, layer: &Map<String, Value>) {
        for (key, value) in layer {
            self.set(key, value.clone());
        }
    }

    /// Replaces a setting, whatever the rule of its key.
    pub fn put(&mut self, key: &str, value: Value) {
        self.own().insert(key.to_string(), value);
    }

    /// Puts one setting over what is there, by the rule of its key.
    pub fn set(&mut self, key: &str, value: Value) {
        let key = keys::canonical(key);
        let value = keys::shaped(key, value);
        if keys::merge_rule(key) == keys::Merge::Replace && self.values.get(key) == Some(&value) {
            return;
        }
        let values = self.own();
        match keys::merge_rule(key) {
            keys::Merge::Replace => {
                values.insert(key.to_string(), value);
            }
            keys::Merge::Append => append(values, key, value),
            keys::Merge::Update => update(values, key, value),
            keys::Merge::Grants => merge_grants(values, value),
        }
    }

    /// The values to change, no longer those of other nodes.
    fn own(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.values)
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(keys::canonical(key))
    }

    /// Every key with its value, known ones first.
    pub fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// The same, for those who keep them.
    pub fn shared(&self) -> Arc<Map<String, Value>> {
        self.values.clone()
    }

    /// A text setting; `None` when it is null, missing or no text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A yes-or-no setting; texts such as `"true"` count, anything else is `None`.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    pub fn enabled(&self) -> bool {
        self.flag("enabled").unwrap_or(true)
    }

    pub fn materialized(&self) -> &str {
        self.text("materialized").unwrap_or("view")
    }

    pub fn full_refresh(&self) -> Option<bool> {
        self.flag("full_refresh")
    }

    pub fn tags(&self) -> Vec<String> {
        let mut tags = Vec::new();
        for tag in self.list("tags") {
            if let Some(text) = scalar_text(tag)
                && !tags.contains(&text)
            {
                tags.push(text);
            }
        }
        tags
    }

    pub fn meta(&self) -> Map<String, Value> {
        self.map("meta")
    }

    pub fn map(&self, key: &str) -> Map<String, Value> {
        self.get(key)
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    }

    pub fn list(&self, key: &str) -> &[Value] {
        self.get(key)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    pub fn severity(&self) -> TestSeverity {
        match self.text("severity") {
            Some(text) if text.eq_ignore_ascii_case("warn") => TestSeverity::Warn,
            _ => TestSeverity::Error,
        }
    }

    /// Settles what `store_failures` and `store_failures_as` say of each other; the second one rules.
    pub fn settle_stored_failures(&mut self) {
        let stored_as = self.text("store_failures_as").map(str::to_string);
        let (stores, kind) = match (stored_as, self.flag("store_failures")) {
            (Some(kind), _) => (kind != "ephemeral", kind),
            (None, Some(true)) => (true, "table".to_string()),
            (None, Some(false)) => (false, "ephemeral".to_string()),
            (None, None) => return,
        };
        self.set("store_failures", Value::Bool(stores));
        self.set("store_failures_as", Value::String(kind));
    }

    pub fn contract_enforced(&self) -> bool {
        self.get("contract")
            .and_then(|c| c.get("enforced"))
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }
}

fn append(values: &mut Map<String, Value>, key: &str, value: Value) {
    let Value::Array(new) = value else { return };
    match values.get_mut(key) {
        Some(Value::Array(old)) => old.extend(new),
        _ => {
            values.insert(key.to_string(), Value::Array(new));
        }
    }
}

fn update(values: &mut Map<String, Value>, key: &str, value: Value) {
    match (values.get_mut(key), value) {
        (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
        (_, Value::Null) => {}
        (_, value) => {
            values.insert(key.to_string(), value);
        }
    }
}

/// `{"+select": ["a"]}` adds grantees to those of outer layers, `{"select": ["a"]}` replaces them.
fn merge_grants(values: &mut Map<String, Value>, value: Value) {
    let Value::Object(new) = value else { return };
    let Some(Value::Object(grants)) = values.get_mut("grants") else {
        return;
    };
    for (key, grantees) in new {
        let grantees = keys::as_list(grantees);
        match key.strip_prefix('+') {
            Some(name) => append(grants, name, grantees),
            None => {
                grants.insert(key, grantees);
            }
        }
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn layered(layers: &[Value]) -> NodeConfig {
        let mut config = NodeConfig::new(Family::Model);
        for layer in layers {
            config.apply(layer.as_object().unwrap());
        }
        config
    }

    #[test]
    fn each_key_merges_by_its_own_rule() {
        let rows = [
            (
                "materialized",
                json!([{"materialized": "view"}, {"materialized": "table"}]),
                json!("table"),
            ),
            (
                "tags",
                json!([{"tags": "a"}, {"tags": ["b", "a"]}]),
                json!(["a", "b", "a"]),
            ),
            (
                "meta",
                json!([{"meta": {"a": 1, "b": 1}}, {"meta": {"b": 2}}]),
                json!({"a": 1, "b": 2}),
            ),
            (
                "pre-hook",
                json!([{"pre_hook": "select 1"}, {"pre-hook": [{"sql": "select 2", "transaction": false}]}]),
                json!([
                    {"sql": "select 1", "transaction": true, "index": null},
                    {"sql": "select 2", "transaction": false, "index": null}
                ]),
            ),
            (
                "grants",
                json!([{"grants": {"select": "a"}}, {"grants": {"+select": ["b"], "insert": ["c"]}}]),
                json!({"select": ["a", "b"], "insert": ["c"]}),
            ),
            (
                "my_own",
                json!([{"my_own": [1]}, {"my_own": [2]}]),
                json!([2]),
            ),
        ];
        for (key, layers, expected) in rows {
            let config = layered(layers.as_array().unwrap());
            assert_eq!(config.get(key), Some(&expected), "{key}");
        }
    }

    #[test]
    fn tags_are_listed_once() {
        assert_eq!(
            layered(&[json!({"tags": ["b", "a"]}), json!({"tags": "b"})]).tags(),
            ["b", "a"]
        );
    }
}
