//! Exposures: what outside of the project reads its models.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::yaml::Yaml;
use crate::node::Exposure;
use crate::parse::fields;
use crate::parse::properties::Entry;
use serde_json::Map;
use serde_json::Value;

/// One exposure, as written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub name: String,
    pub description: String,
    pub detail: Exposure,
    /// Each `ref(..)` or `source(..)` text of `depends_on`.
    pub depends_on: Vec<Yaml>,
    pub config: Map<String, Value>,
}

const KINDS: [&str; 5] = ["dashboard", "notebook", "analysis", "ml", "application"];

pub(super) fn read(entry: &Entry, bag: &Bag) -> Written {
    let yaml = &entry.yaml;
    let name = fields::text(yaml, "name", bag).unwrap_or_default();
    let kind = fields::text(yaml, "type", bag).unwrap_or_default().to_lowercase();
    if !KINDS.contains(&kind.as_str()) {
        let place = yaml.get("type").map_or_else(|| yaml.place(), Yaml::place);
        let message = format!("exposure `{name}` needs a type: one of {}", KINDS.join(", "));
        bag.add(Diagnostic::error("exposure-type", message).at(place));
    }
    if yaml.get("owner").and_then(|o| o.get("name").or(o.get("email"))).is_none() {
        let place = yaml.get("owner").map_or_else(|| yaml.place(), Yaml::place);
        let message = format!("exposure `{name}` needs an `owner` with a name or an email");
        bag.add(Diagnostic::error("exposure-owner", message).at(place));
    }
    let mut owner = Map::from_iter([("email".to_string(), Value::Null), ("name".to_string(), Value::Null)]);
    owner.extend(yaml.get("owner").map(Yaml::to_json_map).unwrap_or_default());
    let depends_on = yaml.get("depends_on").map_or(&[][..], |list| fields::list(list, "depends_on", bag));
    Written {
        description: fields::text(yaml, "description", bag).unwrap_or_default(),
        detail: Exposure {
            kind,
            owner,
            label: fields::text(yaml, "label", bag),
            maturity: fields::text(yaml, "maturity", bag),
            url: fields::text(yaml, "url", bag),
        },
        depends_on: depends_on.to_vec(),
        config: config(yaml, bag),
        name,
    }
}

fn config(yaml: &Yaml, bag: &Bag) -> Map<String, Value> {
    let mut config = Map::new();
    for key in ["enabled", "meta", "tags"] {
        if let Some(value) = yaml.get(key).filter(|v| !v.is_null()) {
            config.insert(key.to_string(), value.to_json());
        }
    }
    if let Some(written) = yaml.get("config").filter(|c| fields::is_map(c, "config", bag)) {
        config.extend(written.to_json_map());
    }
    config
}
