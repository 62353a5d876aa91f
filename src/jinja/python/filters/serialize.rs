//! Filters that write values down: `tojson`, `pprint`.

use crate::jinja::python::args::bind;
use crate::jinja::python::args::int;
use crate::jinja::python::json;
use crate::jinja::python::json::Style;
use crate::jinja::python::repr;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// Columns that `pprint` fills before it breaks a line.
const WIDTH: usize = 80;

/// JSON with sorted keys, safe to stand in an HTML page.
pub(super) fn tojson(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [indent] = bind("tojson", ["indent"], args)?;
    let indent = match indent {
        Some(indent) if !indent.is_none() => Some(int(&indent)?.max(0) as usize),
        _ => None,
    };
    let style = Style {
        sort_keys: true,
        indent,
    };
    let text = json::dumps(value, style)?
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027");
    Ok(Value::from_safe_string(text))
}

/// The value's `repr`, broken over lines where it is wider than a screen.
pub(super) fn pprint(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("pprint", [], args)?;
    Ok(Value::from(pretty(value, 0, 0)?))
}

/// `indent` is the column where the value starts, `after` what must fit behind it.
fn pretty(value: &Value, indent: usize, after: usize) -> Result<String, Error> {
    let (open, close) = match value.kind() {
        ValueKind::Map => ("{", "}"),
        ValueKind::Seq if value.is_tuple() => ("(", ")"),
        ValueKind::Seq | ValueKind::Iterable => ("[", "]"),
        _ => return Ok(repr::repr(value)),
    };
    let flat = flat(value)?;
    if flat.chars().count() + indent + after <= WIDTH {
        return Ok(flat);
    }
    let mut parts = Vec::new();
    if let ValueKind::Map = value.kind() {
        let pairs = sorted_pairs(value)?;
        let last = pairs.len().saturating_sub(1);
        for (at, (key, item)) in pairs.iter().enumerate() {
            let key = repr::repr(key);
            let column = indent + 1 + key.chars().count() + 2;
            let item = pretty(item, column, if at == last { after + 1 } else { 1 })?;
            parts.push(format!("{key}: {item}"));
        }
    } else {
        let items: Vec<Value> = value.try_iter()?.collect();
        let last = items.len().saturating_sub(1);
        for (at, item) in items.iter().enumerate() {
            parts.push(pretty(
                item,
                indent + 1,
                if at == last { after + 1 } else { 1 },
            )?);
        }
    }
    let comma = if value.is_tuple() && parts.len() == 1 {
        ","
    } else {
        ""
    };
    let separator = format!(",\n{}", " ".repeat(indent + 1));
    Ok(format!("{open}{}{comma}{close}", parts.join(&separator)))
}

/// On one line, with the keys of mappings in order.
fn flat(value: &Value) -> Result<String, Error> {
    let join = |items: Result<Vec<String>, Error>| Ok::<_, Error>(items?.join(", "));
    match value.kind() {
        ValueKind::Map => {
            let pairs = sorted_pairs(value)?;
            let pairs = pairs
                .iter()
                .map(|(key, item)| Ok(format!("{}: {}", flat(key)?, flat(item)?)));
            Ok(format!("{{{}}}", join(pairs.collect())?))
        }
        ValueKind::Seq if value.is_tuple() => {
            let items = join(value.try_iter()?.map(|item| flat(&item)).collect())?;
            let comma = if value.len() == Some(1) { "," } else { "" };
            Ok(format!("({items}{comma})"))
        }
        ValueKind::Seq => {
            let items = join(value.try_iter()?.map(|item| flat(&item)).collect())?;
            Ok(format!("[{items}]"))
        }
        _ => Ok(repr::repr(value)),
    }
}

/// Keys of types without an order stay as they are.
fn sorted_pairs(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    let pairs = value.as_object().and_then(|map| map.try_iter_pairs());
    let pairs: Vec<(Value, Value)> = pairs.into_iter().flatten().collect();
    Ok(json::sorted_by_key(pairs.clone()).unwrap_or(pairs))
}
