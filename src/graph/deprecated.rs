//! Models with a `deprecation_date`: those past it, and who still reads them.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::graph::Graph;
use crate::graph::cycle;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::node::version_text;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Tells of them, as of `now`.
pub fn report(graph: &Graph, now: Timestamp, bag: &Bag) {
    for index in graph.indices() {
        let model = graph.node(index);
        let Some(date) = date(model) else {
            continue;
        };
        if date < now {
            bag.add(passed(model));
        }
        let children = graph.children(index).into_iter();
        let readers = children.map(|child| graph.node(child));
        for reader in readers.filter(|reader| reader.resource == Resource::Model) {
            bag.add(read(reader, model, date, now));
        }
    }
}

/// When a model is to be given up; `None` for one that stays, or whose date nobody can read.
fn date(node: &Node) -> Option<Timestamp> {
    let Detail::Model(model) = &node.detail else {
        return None;
    };
    let text = model.deprecation_date.as_deref()?;
    let day = || text.get(..10)?.parse::<Date>().ok();
    match text.parse::<Timestamp>() {
        Ok(at) => Some(at),
        Err(_) => Some(day()?.to_zoned(TimeZone::UTC).ok()?.timestamp()),
    }
}

fn passed(model: &Node) -> Diagnostic {
    let date = shown(model);
    let (name, version) = (&model.name, version(model));
    Diagnostic::warning(
        "deprecated-model",
        format!(
            "Model {name}{} has passed its deprecation date of {date}. This model should be disabled or removed.",
            with_version(&version)
        ),
    )
    .at(Place::line(&model.file, model.first_line))
    .event("DeprecatedModel")
    .field("model_name", name.as_str())
    .field("model_version", version)
    .field("deprecation_date", date)
}

fn read(reader: &Node, model: &Node, date: Timestamp, now: Timestamp) -> Diagnostic {
    let (event, outcome, advice) = match date < now {
        true => (
            "DeprecatedReference",
            "which was deprecated on",
            "Migrate now",
        ),
        false => (
            "UpcomingReferenceDeprecation",
            "which is slated for deprecation on",
            "Try it out",
        ),
    };
    let (date, version) = (shown(model), version(model));
    let latest = match &model.detail {
        Detail::Model(model) => model.latest_version.as_deref().map(version_text),
        _ => None,
    };
    let newer = latest.as_ref().filter(|latest| **latest != version);
    let newer = newer.map_or_else(String::new, |latest| {
        format!(
            "A new version of '{0}' is available. {advice}: {{{{ ref('{1}', '{0}', v='{latest}') }}}}.",
            model.name, model.package
        )
    });
    Diagnostic::warning(
        "deprecated-reference",
        format!(
            "While compiling '{}': Found a reference to {}{}, {outcome} '{date}'. {newer}",
            reader.name,
            model.name,
            with_version(&version)
        ),
    )
    .at(cycle::ref_place(reader, model))
    .event(event)
    .field("model_name", reader.name.as_str())
    .field("ref_model_package", model.package.as_str())
    .field("ref_model_name", model.name.as_str())
    .field("ref_model_version", version)
    .field(
        "ref_model_latest_version",
        latest.unwrap_or_else(|| "None".to_string()),
    )
    .field("ref_model_deprecation_date", date)
}

/// Empty for a model without versions.
fn version(model: &Node) -> String {
    model.version().map(version_text).unwrap_or_default()
}

fn with_version(version: &str) -> String {
    match version {
        "" => String::new(),
        version => format!(".v{version}"),
    }
}

/// The date as the file says it, in full.
fn shown(model: &Node) -> String {
    match &model.detail {
        Detail::Model(model) => model.deprecation_date.clone().unwrap_or_default(),
        _ => String::new(),
    }
}
