//! One criterion as YAML writes it.

use crate::base::Diagnostic;
use crate::config::flags::IndirectSelection;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::select::Read;
use crate::select::selectors::Definition;
use crate::select::selectors::wrong;
use crate::select::spec;
use crate::select::spec::Criterion;
use crate::select::spec::Pieces;
use crate::select::spec::Reach;
use crate::select::spec::Spec;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Keys of a criterion that is spelled out.
pub(super) const KEYS: [&str; 9] = [
    "method",
    "value",
    "parents",
    "parents_depth",
    "children",
    "children_depth",
    "childrens_parents",
    "indirect_selection",
    "exclude",
];

/// `'+tag:nightly'`: as on a command line, but a single criterion.
pub(super) fn from_text(text: &str) -> Read<Definition> {
    let criterion = Criterion::parse(text)
        .map_err(|d| Box::new(explained(*d, Pieces::of(text).method.unwrap_or_default())))?;
    Ok(Definition {
        spec: Spec::Criterion(criterion),
        shown: Value::Object(spelled(&Pieces::of(text))),
    })
}

/// `tag: nightly`, or what stands beside `method` and `value`.
pub(super) fn of(method: &Yaml, value: &Yaml) -> Read<Definition> {
    let name = method.printed();
    let criterion = Criterion::new(&name, value.to_json())
        .map_err(|d| Box::new(explained(*d, &name).at(method.place())))?;
    if !fits(&criterion.method, value) {
        let message = format!(
            "the value of the method `{name}` has to be a text, not {}",
            value.kind()
        );
        let is_list = value.as_list().is_some();
        let hint = is_list.then(|| "for several values write a `union`, an item for each".into());
        return Err(wrong(value, message).maybe_hint(hint).into());
    }
    Ok(Definition {
        spec: Spec::Criterion(criterion),
        shown: json!({ "method": name, "value": value.to_json() }),
    })
}

/// Another selector has to be asked for in full.
fn explained(diagnostic: Diagnostic, method: &str) -> Diagnostic {
    match method {
        "selector" => diagnostic.hint("write it in full: `{method: selector, value: …}`"),
        _ => diagnostic,
    }
}

/// Only a setting can be something other than a text.
fn fits(method: &str, value: &Yaml) -> bool {
    match &value.data {
        Data::Text(_) | Data::Date(_) => true,
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => method == "config",
        Data::Null | Data::List(_) | Data::Map(_) => false,
    }
}

/// Reads the keys that say how far to go from what is found, and which tests come along.
pub(super) fn add_reach(criterion: &mut Criterion, part: &Yaml) -> Read<()> {
    criterion.childrens_parents = is_on(part.get("childrens_parents"));
    criterion.parents = reach(part, "parents", "parents_depth")?;
    criterion.children = reach(part, "children", "children_depth")?;
    if criterion.childrens_parents && criterion.children != Reach::Nowhere {
        let written = format!("{}:{}", criterion.method, criterion.value);
        return Err(spec::at_and_plus(&written).at(part.place()).into());
    }
    if let Some(mode) = part.get("indirect_selection") {
        criterion.mode = Some(indirect_selection(mode)?);
    }
    Ok(())
}

pub(super) fn unknown_key(part: &Yaml) -> Option<&Yaml> {
    let mut keys = part.entries().iter().map(|(key, _)| key);
    keys.find(|key| !KEYS.contains(&&*key.key_text()))
}

fn reach(part: &Yaml, key: &str, depth_key: &str) -> Read<Reach> {
    if !is_on(part.get(key)) {
        return Ok(Reach::Nowhere);
    }
    let Some(depth) = part.get(depth_key) else {
        return Ok(Reach::Steps(None));
    };
    let steps = match &depth.data {
        Data::Null | Data::Int(0) => return Ok(Reach::Steps(None)),
        Data::Int(steps) => Some(*steps),
        Data::Float(steps) => Some(*steps as i128),
        Data::Text(digits) => digits.trim().parse().ok(),
        _ => None,
    };
    match steps {
        // Fewer than no steps lead nowhere.
        Some(steps) => Ok(Reach::Steps(Some(usize::try_from(steps).unwrap_or(0)))),
        None => Err(wrong(
            depth,
            format!(
                "`{depth_key}` has to be a number of steps, not {}",
                depth.kind()
            ),
        )
        .into()),
    }
}

fn indirect_selection(mode: &Yaml) -> Read<IndirectSelection> {
    match mode.as_text() {
        Some("eager") => Ok(IndirectSelection::Eager),
        Some("cautious") => Ok(IndirectSelection::Cautious),
        Some("buildable") => Ok(IndirectSelection::Buildable),
        Some("empty") => Ok(IndirectSelection::Empty),
        _ => Err(bad_mode(mode).into()),
    }
}

fn bad_mode(mode: &Yaml) -> Diagnostic {
    wrong(
        mode,
        format!("'{}' is not a valid IndirectSelection", mode.printed()),
    )
    .hint("the modes are eager, cautious, buildable and empty")
}

/// What Python takes for true.
fn is_on(value: Option<&Yaml>) -> bool {
    match value.map(|value| &value.data) {
        None | Some(Data::Null) => false,
        Some(Data::Bool(value)) => *value,
        Some(Data::Int(value)) => *value != 0,
        Some(Data::Float(value)) => *value != 0.0,
        Some(Data::Text(text) | Data::Date(text)) => !text.is_empty(),
        Some(Data::List(items)) => !items.is_empty(),
        Some(Data::Map(entries)) => !entries.is_empty(),
    }
}

/// A text criterion with its keys spelled out, in the manifest's order; depths stay texts.
fn spelled(pieces: &Pieces<'_>) -> Map<String, Value> {
    let mut keys = Map::new();
    let mut put = |key: &str, value: Value| {
        keys.insert(key.to_string(), value);
    };
    if pieces.has_at {
        put("childrens_parents", json!(true));
    }
    if let Some(depth) = pieces.parents {
        put("parents", json!(true));
        if !depth.is_empty() {
            put("parents_depth", json!(depth));
        }
    }
    let method = pieces
        .method
        .unwrap_or_else(|| spec::default_method(pieces.value));
    put("method", json!(method));
    put("value", json!(pieces.value));
    if let Some(depth) = pieces.children {
        put("children", json!(true));
        if !depth.is_empty() {
            put("children_depth", json!(depth));
        }
    }
    keys
}
