//! Tells of settings whose values nothing can be done with.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use crate::config::NodeConfig;
use crate::config::colors;
use crate::config::keys;
use crate::config::shapes;
use crate::config::shapes::Shape;
use crate::jinja::python::repr::repr;
use crate::jinja::values;
use crate::node::Resource;
use crate::parse::functions;
use crate::parse::nodes;
use crate::parse::nodes::Draft;
use serde_json::Value;
use std::sync::Arc;

/// What is wrong with the settings of a node, all layers taken together.
pub(super) fn all(draft: &Draft<'_>, config: &NodeConfig) -> Vec<Diagnostic> {
    let settings = config.values().iter();
    let wrong = settings.filter_map(|(key, value)| {
        let shape = shapes::of(key).or_else(|| match draft.resource {
            Resource::Snapshot => shapes::of_snapshot(key),
            _ => None,
        });
        let shape = shape.filter(|shape| !shape.admits(value))?;
        Some(diagnostic(draft, key, value, shape))
    });
    let mut found: Vec<Diagnostic> = wrong.collect();
    found.extend(materialized(draft, config));
    found.extend(color(draft, config));
    if config.enabled() {
        found.extend(mistyped(draft, config));
    }
    if draft.resource == Resource::Function
        && let Some(patch) = draft.patch
    {
        found.extend(functions::wrong_settings(&patch.place, config));
    }
    if draft.resource == Resource::Snapshot && config.enabled() {
        found.extend(snapshot(draft, config));
    }
    found
}

/// The same for a table of a source, told at its name.
pub(super) fn of_source(name: &str, place: &Place, config: &NodeConfig) -> Vec<Diagnostic> {
    let settings = config.values().iter();
    let wrong = settings.filter_map(|(key, value)| {
        let shape = shapes::of(key).filter(|shape| !shape.admits(value))?;
        let found = Diagnostic::error("wrong-setting", in_dbts_words(key, value, shape));
        let found = found.at(place.clone()).hint(shape.advice());
        Some(
            found
                .note(format!("for source `{name}`"))
                .headline("Parsing Error"),
        )
    });
    wrong.collect()
}

/// Settings of one's own are fine; one that is a letter away from a known one is rather a mistake.
fn mistyped<'a>(
    draft: &'a Draft<'_>,
    config: &'a NodeConfig,
) -> impl Iterator<Item = Diagnostic> + 'a {
    let family = nodes::family(draft.resource);
    let known = keys::defaults(family);
    let own = config
        .values()
        .keys()
        .filter(move |key| !keys::is_known(family, key));
    own.filter_map(move |key| {
        let near = nearest(key, known.keys().map(String::as_str))?;
        let found = Diagnostic::remark(
            "unknown-setting",
            format!("`{key}` is no setting that dbt knows"),
        );
        let found = found.at(place(draft, key));
        Some(found.hint(format!(
            "did you mean `{near}`? A setting of your own goes below `meta`"
        )))
    })
}

/// Tests and seeds are built in one way only; of snapshots more is asked below.
fn materialized(draft: &Draft<'_>, config: &NodeConfig) -> Option<Diagnostic> {
    let only = match draft.resource {
        Resource::Test => "test",
        Resource::Seed => "seed",
        _ => return None,
    };
    let message = format!("A {only} must have a materialized value of '{only}'");
    (config.materialized() != only).then(|| {
        Diagnostic::error("wrong-setting", message)
            .at(place(draft, "materialized"))
            .note(format!("for {only} `{}`", draft.name))
            .hint(format!(
                "take `materialized` out of the settings of {only}s"
            ))
            .headline("Parsing Error")
    })
}

/// The colour of a node in the documentation is one that browsers know.
fn color(draft: &Draft<'_>, config: &NodeConfig) -> Option<Diagnostic> {
    let color = config.get("docs")?.get("node_color")?.as_str()?;
    let message = format!(
        "Invalid color name for docs.node_color: {color}. \
         It is neither a valid HTML color name nor a valid HEX code."
    );
    (!colors::is_color(color)).then(|| {
        Diagnostic::error("wrong-setting", message)
            .at(place(draft, "node_color"))
            .note(format!("for {} `{}`", draft.resource.as_str(), draft.name))
            .hint("write a name such as `teal`, or a code such as `\"#008080\"`")
            .headline("Parsing Error")
    })
}

/// What a snapshot cannot do without.
fn snapshot(draft: &Draft<'_>, config: &NodeConfig) -> Option<Diagnostic> {
    let lacks = |key: &str| config.get(key).is_none_or(Value::is_null);
    let strategy = config.text("strategy").unwrap_or_default();
    let is_no_list = |value: &&Value| value.is_string() && value.as_str() != Some("all");
    let wrong_columns = config.get("check_cols").filter(is_no_list);
    if let (true, Some(value)) = (strategy == "check", wrong_columns) {
        let written = value.as_str().unwrap_or_default();
        let message = format!(
            "Invalid value for 'check_cols': {written}. Expected 'all' or a list of strings."
        );
        let found = Diagnostic::error("snapshot-settings", message)
            .at(place(draft, "check_cols"))
            .hint(format!("write `check_cols: [{written}]`"));
        return Some(found);
    }
    let (message, hint) = if config.materialized() != "snapshot" {
        (
            "A snapshot must have a materialized value of 'snapshot'",
            "leave `materialized` out",
        )
    } else if lacks("strategy") || lacks("unique_key") {
        (
            "Snapshots must be configured with a 'strategy' and 'unique_key'.",
            "write both into its config",
        )
    } else if strategy == "check" && lacks("check_cols") {
        (
            "A snapshot configured with the check strategy must specify a check_cols configuration.",
            "name the columns to compare, or write `check_cols: all`",
        )
    } else if strategy == "timestamp" && lacks("updated_at") {
        (
            "A snapshot configured with the timestamp strategy must specify an updated_at configuration.",
            "name the column that tells when a row was changed",
        )
    } else {
        return None;
    };
    let found = Diagnostic::error("snapshot-settings", message).hint(hint);
    Some(found.at(Place::line(&draft.file, draft.first_line)))
}

fn diagnostic(draft: &Draft<'_>, key: &str, value: &Value, shape: Shape) -> Diagnostic {
    let node = format!("{} `{}`", draft.resource.as_str(), draft.name);
    Diagnostic::error("wrong-setting", in_dbts_words(key, value, shape))
        .at(place(draft, key))
        .note(format!("for {node}"))
        .hint(shape.advice())
        .headline("Parsing Error")
}

fn in_dbts_words(key: &str, value: &Value, shape: Shape) -> String {
    let written = repr(&values::from_json(value));
    if let (Shape::Severity, Some(text)) = (shape, value.as_str()) {
        return format!("at path []: Severity must be either 'warn' or 'error'. Got '{text}'");
    }
    if let (Shape::MapWithFlag(flag), Some(value)) = (shape, inner_flag(shape, value)) {
        let written = repr(&values::from_json(value));
        return format!("at path ['{key}']['{flag}']: {written} is not of type 'boolean'");
    }
    match shape.type_name() {
        Some(name) => format!("at path ['{key}']: {written} is not of type '{name}'"),
        None => {
            format!("at path ['{key}']: {written} is not valid under any of the given schemas")
        }
    }
}

/// The flag in a map that has one.
fn inner_flag(shape: Shape, value: &Value) -> Option<&Value> {
    match shape {
        Shape::MapWithFlag(flag) => value.get(flag),
        _ => None,
    }
}

/// Where the setting stands: in the code, else in the properties, else the node itself.
pub(super) fn place(draft: &Draft<'_>, key: &str) -> Place {
    let start = draft.file.offset(draft.first_line, 1);
    let other_spelling = key.replace('-', "_");
    let mentioned = |file: &Arc<SourceFile>, from: usize| {
        mention(file, from, key).or_else(|| mention(file, from, &other_spelling))
    };
    let patch = draft.patch;
    mentioned(&draft.file, start)
        .or_else(|| patch.and_then(|patch| mentioned(&patch.place.file, patch.place.start)))
        .unwrap_or_else(|| Place::line(&draft.file, draft.first_line))
}

/// The first mention of a word from an offset on.
fn mention(file: &Arc<SourceFile>, start: usize, word: &str) -> Option<Place> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let text = &file.text()[start..];
    let found = text.match_indices(word).find(|(at, _)| {
        let is_begun = text[..*at].ends_with(is_part);
        let goes_on = text[at + word.len()..].starts_with(is_part);
        !is_begun && !goes_on
    });
    found.map(|(at, _)| Place::new(file, start + at, start + at + word.len()))
}
