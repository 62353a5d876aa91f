//! The versions of a model: each is a description of its own, made of the model's and what differs.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::node::Node;
use crate::node::version_text;
use crate::parse::columns;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::properties::Patch;
use crate::parse::properties::Version;
use crate::parse::shape;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

/// What may be said of one version.
const KEYS: [&str; 11] = [
    "v",
    "defined_in",
    "description",
    "access",
    "config",
    "constraints",
    "columns",
    "tests",
    "data_tests",
    "docs",
    "deprecation_date",
];

/// One patch for each version of a model; the model's own where the list is empty.
pub(super) fn patches(base: Patch, model: &Yaml, list: &Yaml, bag: &Bag) -> Vec<Patch> {
    let versions: Vec<(Value, &Yaml)> = fields::list(list, "versions", bag)
        .iter()
        .filter_map(|yaml| Some((number(model, yaml, bag)?, yaml)))
        .collect();
    if versions.is_empty() {
        return vec![base];
    }
    let versions = without_twins(&base, versions, bag);
    let latest = latest(&base, model, &versions, bag);
    versions
        .iter()
        .map(|(version, yaml)| patch(&base, yaml, version, &latest, bag))
        .collect()
}

/// The `v` of an entry; without one there is nothing to describe.
fn number(model: &Yaml, yaml: &Yaml, bag: &Bag) -> Option<Value> {
    let complain = |at: &Yaml, what: &str, hint: Option<String>| {
        let what = format!("at path ['versions']: {what}");
        bag.add(shape::invalid("models", model, at, &what).maybe_hint(hint));
    };
    for (key, _) in yaml.entries() {
        let name = key.key_text();
        if !KEYS.contains(&&*name) {
            let what = format!("Additional properties are not allowed ('{name}' was unexpected)");
            let near = nearest(&name, KEYS.iter().copied());
            complain(
                key,
                &what,
                near.map(|near| format!("did you mean `{near}`?")),
            );
        }
    }
    match yaml.get("v") {
        None => {
            let hint = "begin it with `- v: 1`".to_string();
            complain(yaml, "'v' is a required property", Some(hint));
            None
        }
        Some(v) if matches!(v.data, Data::Null | Data::List(_) | Data::Map(_)) => {
            let what = format!(
                "{} is not valid under any of the given schemas",
                v.printed()
            );
            complain(v, &what, None);
            None
        }
        Some(v) => Some(v.to_json()),
    }
}

/// Each version once; a second entry for one is reported.
fn without_twins<'y>(
    base: &Patch,
    versions: Vec<(Value, &'y Yaml)>,
    bag: &Bag,
) -> Vec<(Value, &'y Yaml)> {
    let mut kept: Vec<(Value, &Yaml)> = Vec::with_capacity(versions.len());
    for (version, yaml) in versions {
        let text = version_text(&version);
        match kept.iter().find(|(other, _)| version_text(other) == text) {
            None => kept.push((version, yaml)),
            Some((_, first)) => {
                let message = format!(
                    "Found duplicate version: '{text}' in versions list of model '{}'",
                    base.name
                );
                let found = Diagnostic::error("duplicate-version", message).at(yaml.place());
                let found = found.related(first.place(), "the other one is here");
                bag.add(found.headline("Parsing Error"));
            }
        }
    }
    kept
}

/// `latest_version` of a model that has no versions.
pub(super) fn check_latest(base: &Patch, model: &Yaml, bag: &Bag) {
    latest(base, model, &[], bag);
}

/// The version that a `ref` without one means: the one that is named, or the highest.
fn latest(base: &Patch, model: &Yaml, versions: &[(Value, &Yaml)], bag: &Bag) -> Value {
    let Some(named) = model.get("latest_version").filter(|v| !v.is_null()) else {
        return highest(versions);
    };
    let wanted = named.to_json();
    let texts: Vec<String> = versions.iter().map(|(v, _)| version_text(v)).collect();
    if !texts.contains(&version_text(&wanted)) {
        let message = format!(
            "latest_version: {} is not one of model '{}' versions: [{}] ",
            version_text(&wanted),
            base.name,
            texts.join(", ")
        );
        let found = Diagnostic::error("unknown-latest-version", message).at(named.place());
        bag.add(found.headline("Parsing Error"));
    }
    wanted
}

/// The highest number, or the last word in the alphabet.
fn highest(versions: &[(Value, &Yaml)]) -> Value {
    let as_number = |version: &Value| match version {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    };
    let numbers: Option<Vec<(f64, &Value)>> = versions
        .iter()
        .map(|(version, _)| Some((as_number(version)?, version)))
        .collect();
    let best = match numbers {
        Some(numbers) => numbers
            .into_iter()
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|n| n.1),
        None => versions
            .iter()
            .map(|(v, _)| v)
            .max_by_key(|v| version_text(v)),
    };
    best.cloned().unwrap_or_default()
}

fn patch(base: &Patch, yaml: &Yaml, version: &Value, latest: &Value, bag: &Bag) -> Patch {
    let mut patch = base.clone();
    if let Some(description) = fields::text(yaml, "description", bag) {
        patch.description = description;
    }
    if let Some(written) = yaml.get("config").filter(|config| !config.is_null())
        && fields::is_map(written, "config", bag)
    {
        merge(&mut patch.config, written.to_json_map());
    }
    if yaml.get("columns").is_some() {
        columns::narrow(
            Arc::make_mut(&mut patch.columns),
            &mut patch.tests,
            yaml,
            bag,
        );
    }
    if columns::TESTS.iter().any(|key| yaml.get(key).is_some()) {
        patch.tests.retain(|test| test.column.is_some());
        patch.tests.extend(columns::below(yaml, None, bag));
    }
    let constraints = columns::constraints(yaml, bag);
    if !constraints.is_empty() {
        patch.constraints = constraints;
    }
    // The end of one version says nothing about the others.
    patch.deprecation_date = deprecation_date(yaml, bag);
    let defined_in = fields::text(yaml, "defined_in", bag);
    patch.version = Some(Box::new(Version {
        is_placed: defined_in.is_some(),
        defined_in: defined_in
            .unwrap_or_else(|| format!("{}_v{}", base.name, version_text(version))),
        version: version.clone(),
        latest: latest.clone(),
    }));
    patch
}

/// A version's own settings over the model's: tags come first, meta takes over new keys.
fn merge(config: &mut Map<String, Value>, own: Map<String, Value>) {
    for (key, value) in own {
        let merged = match (key.as_str(), config.remove(&key), value) {
            ("tags", Some(base), own) => {
                let listed = [own, base].map(crate::config::keys::as_list);
                let tags = listed.iter().filter_map(Value::as_array).flatten();
                tags.cloned().collect()
            }
            ("meta", Some(Value::Object(mut base)), Value::Object(own)) => {
                base.extend(own);
                Value::Object(base)
            }
            (_, _, own) => own,
        };
        config.insert(key, merged);
    }
}

/// Two files for one version of a model, of which one has no version in its name; `None` for other twins.
pub(super) fn mixed(first: &Node, second: &Node) -> Option<Diagnostic> {
    second.version()?;
    let is_bare = |node: &&Node| files::stem(&node.path) == node.name;
    let (bare, other) = match [first, second].into_iter().find(is_bare)? {
        node if std::ptr::eq(node, first) => (first, second),
        node => (node, first),
    };
    let name = &bare.name;
    let message = format!(
        "dbt found versioned and unversioned models with the name \"{name}\"; since these resources have \
         the same name, ref('{name}') cannot tell them apart: {} and {}",
        bare.original_file_path, other.original_file_path
    );
    let found = Diagnostic::error("mixed-versions", message)
        .at(Place::line(&bare.file, bare.first_line))
        .related(
            Place::line(&other.file, other.first_line),
            "the version is here",
        );
    let hint = "rename the file without a version, or add it to the `versions` of the model";
    Some(found.headline("Parsing Error").hint(hint))
}

/// The moment from which a model should not be used, with its offset from UTC.
pub(super) fn deprecation_date(yaml: &Yaml, bag: &Bag) -> Option<String> {
    let written = yaml
        .get("deprecation_date")
        .filter(|date| !date.is_null())?;
    let text = match &written.data {
        Data::Date(text) | Data::Text(text) => moment(text),
        _ => None,
    };
    if text.is_none() {
        let message = format!(
            "Field \"deprecation_date\" of type Optional[datetime] in UnparsedModelUpdate has invalid \
             value '{}'",
            written.printed()
        );
        let found = Diagnostic::error("wrong-date", message).at(written.place());
        bag.add(found.hint("write it as 2025-12-31, or with a time and an offset from UTC"));
    }
    text
}

/// A date or a moment in full; `None` for anything else. A missing offset means UTC.
fn moment(text: &str) -> Option<String> {
    let mut full = text.trim().replacen(' ', "T", 1);
    if full.len() == "2025-12-31".len() {
        full.push_str("T00:00:00");
    }
    if let Some(stripped) = full.strip_suffix('Z') {
        full = stripped.to_string();
    }
    let time = full.split_once('T')?.1;
    if !time.contains(['+', '-']) {
        full.push_str("+00:00");
    }
    full.parse::<Timestamp>().is_ok().then_some(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_full() {
        let rows = [
            ("2025-12-31", Some("2025-12-31T00:00:00+00:00")),
            ("2025-12-31 10:00:00", Some("2025-12-31T10:00:00+00:00")),
            ("2025-12-31T10:00:00Z", Some("2025-12-31T10:00:00+00:00")),
            (
                "2025-12-31T10:00:00+01:00",
                Some("2025-12-31T10:00:00+01:00"),
            ),
            ("soon", None),
        ];
        for (written, full) in rows {
            assert_eq!(moment(written).as_deref(), full, "{written}");
        }
    }
}
