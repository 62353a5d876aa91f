//! `ref.config`, which packages reach as `builtins.ref.config`: what dbt knows of the project and of
//! this call. The names are those that public packages read.

use crate::jinja::functions::Shared;
use crate::jinja::values;
use crate::jinja::values::Lacking;
use minijinja::value::Value;
use serde_json::Map;

/// Fields of the project, `args` and `cli_vars` of this call; `vars` are behind `to_dict()`.
pub(super) fn object(shared: &Shared<'_>) -> Value {
    let args = shared.flags.args_json();
    let cli_vars = args
        .get("vars")
        .map_or_else(values::none, values::from_json);
    let of_project = shared.config.iter().map(|(name, value)| {
        let value = values::from_json(value);
        let value = match name.as_str() {
            "vars" => values::record(values::dict::<&str>([]), Some(value), Lacking::Undefined),
            _ => value,
        };
        (name.as_str(), value)
    });
    let of_call = [("args", from_map(args)), ("cli_vars", cli_vars)];
    let fields = values::dict(of_project.chain(of_call));
    let plain = from_map(shared.config.clone());
    values::record(fields, Some(plain), Lacking::Undefined)
}

fn from_map(map: Map<String, serde_json::Value>) -> Value {
    values::from_json(&serde_json::Value::Object(map))
}
