//! JSON and YAML in templates: `fromjson tojson fromyaml toyaml`.

use super::yaml;
use crate::base::Bag;
use crate::config::Yaml;
use crate::config::yaml::Data;
use crate::config::yaml::parse_text;
use crate::jinja::Args;
use crate::jinja::fail;
use crate::jinja::function;
use crate::jinja::python::json;
use crate::jinja::python::json::Style;
use crate::jinja::python::modules::datetime;
use crate::jinja::python::numbers::int_value;
use crate::jinja::python::type_name;
use crate::jinja::values;
use crate::jinja::values::dict;
use crate::jinja::values::list;
use crate::jinja::values::none;
use minijinja::Error;
use minijinja::value::Value;

pub(super) fn functions() -> [(&'static str, Value); 4] {
    [
        ("fromjson", function("fromjson", |_, args| from_json(args))),
        ("fromyaml", function("fromyaml", |_, args| from_yaml(args))),
        ("tojson", function("tojson", |_, args| to_json(args))),
        ("toyaml", function("toyaml", |_, args| to_yaml(args))),
    ]
}

/// A text that is no JSON gives the default.
fn from_json(mut args: Args) -> Result<Value, Error> {
    let given = args.required("string")?;
    let default = args.optional("default").unwrap_or_else(none);
    args.finish()?;
    let text = given.as_str().ok_or_else(|| {
        fail(format!(
            "the JSON object must be str, bytes or bytearray, not {}",
            type_name(&given)
        ))
    })?;
    let parsed = serde_json::from_str(text);
    Ok(parsed.map_or(default, |json| values::from_json(&json)))
}

/// Keys stay in their order unless `sort_keys` is true. A value that JSON cannot say is a mistake;
/// the default stands for values that hold themselves.
fn to_json(mut args: Args) -> Result<Value, Error> {
    let value = args.required("value")?;
    let default = args.optional("default").unwrap_or_else(none);
    let style = Style {
        sort_keys: args.flag("sort_keys"),
        indent: None,
    };
    args.finish()?;
    match json::dumps(&value, style) {
        Err(error) if error.detail() == Some(json::CIRCULAR) => Ok(default),
        text => text.map(Value::from),
    }
}

/// A text that is no YAML gives the default.
fn from_yaml(mut args: Args) -> Result<Value, Error> {
    let given = args.required("value")?;
    let default = args.optional("default").unwrap_or_else(none);
    args.finish()?;
    let Some(text) = given.as_str() else {
        return Err(fail("a string or stream input is required"));
    };
    let parsed = parse_text("fromyaml", text, &Bag::new());
    Ok(parsed.map_or(default, |yaml| from_tree(&yaml)))
}

/// In block style; values that YAML cannot say give the default.
fn to_yaml(mut args: Args) -> Result<Value, Error> {
    let value = args.required("value")?;
    let default = args.optional("default").unwrap_or_else(none);
    let sort_keys = args.flag("sort_keys");
    args.finish()?;
    Ok(yaml::dump(&value, sort_keys).map_or(default, Value::from))
}

/// YAML as values, dates included.
pub fn from_tree(yaml: &Yaml) -> Value {
    match &yaml.data {
        Data::Null => none(),
        Data::Bool(flag) => Value::from(*flag),
        Data::Int(int) => int_value(*int),
        Data::Float(float) => Value::from(*float),
        Data::Text(text) => Value::from(text.as_str()),
        Data::Date(text) => datetime::from_iso(text).unwrap_or_else(|| Value::from(text.as_str())),
        Data::List(items) => list(items.iter().map(from_tree)),
        Data::Map(pairs) => {
            let pairs = pairs.iter();
            dict(pairs.map(|(key, value)| (from_tree(key), from_tree(value))))
        }
    }
}
