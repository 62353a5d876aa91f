//! How old a source may be, and what tells its age: words of the table over words of its source, those
//! below `config:` beside or over those outside of it.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::config::yaml::Yaml;
use crate::node::Freshness;
use crate::node::Limit;
use crate::node::Source;
use crate::parse::fields;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;

/// What a properties file says about the age of a table.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    /// Not a word: the project file may have one.
    Unsaid,
    /// `freshness: null`.
    Off,
    Limits(Freshness),
}

/// Limits of the table, each missing one taken from the source.
pub(super) fn wish(source: &Yaml, table: &Yaml, bag: &Bag) -> Wish {
    let own = written(table);
    let outer = written(source);
    if own
        .last()
        .or(outer.last())
        .is_some_and(|last| last.is_null())
    {
        return Wish::Off;
    }
    if own.is_empty() && outer.is_empty() {
        return Wish::Unsaid;
    }
    let mut freshness = Freshness::default();
    for yaml in outer.into_iter().chain(own).filter(|yaml| !yaml.is_null()) {
        if !fields::is_map(yaml, "freshness", bag) {
            continue;
        }
        set_limit(&mut freshness.warn_after, yaml, "warn_after", bag);
        set_limit(&mut freshness.error_after, yaml, "error_after", bag);
        if let Some(filter) = fields::text(yaml, "filter", bag) {
            freshness.filter = Some(filter);
        }
    }
    Wish::Limits(freshness)
}

/// Limits as a project file has them.
pub(super) fn of_project(written: &Map<String, Value>) -> Freshness {
    let limit = |key: &str| match written.get(key) {
        Some(Value::Null) => Limit::Off,
        Some(limit) => {
            let parts = limit["count"].as_i64().zip(limit["period"].as_str());
            parts.map_or(Limit::Unset, |(count, period)| {
                Limit::After(count, period.to_string())
            })
        }
        None => Limit::Unset,
    };
    Freshness {
        warn_after: limit("warn_after"),
        error_after: limit("error_after"),
        filter: written
            .get("filter")
            .and_then(Value::as_str)
            .map(str::to_string),
    }
}

/// What tells when rows were loaded: a column, a query, or neither.
#[derive(Debug, Clone, Default)]
pub(super) struct LoadedAt {
    pub field: Option<String>,
    pub query: Option<String>,
}

/// The word of the table, or else of its source. A `loaded_at_field` of the table, also an empty one,
/// hides a query of the source.
pub(super) fn loaded_at(source: &Yaml, table: &Yaml, bag: &Bag) -> LoadedAt {
    let own = level(table, "table", bag);
    let outer = level(source, "source", bag);
    match own.field {
        Some(field) => LoadedAt {
            field,
            query: own.query.flatten(),
        },
        None => LoadedAt {
            field: outer.field.flatten(),
            query: own.query.or(outer.query).flatten(),
        },
    }
}

/// Limits without anything that tells the age.
pub(super) fn check(site: &Site<'_>, source: &Source, name: &str, place: &Place) {
    let has_limit = source.freshness.as_ref().is_some_and(Freshness::has_limit);
    if !has_limit || source.loaded_at_field.is_some() || source.loaded_at_query.is_some() {
        return;
    }
    let message = format!(
        "The configured adapter does not support metadata-based freshness. A loaded_at_field must be \
         specified for source '{}.{name}'.",
        source.source_name
    );
    site.bag.add(
        Diagnostic::warning("no-loaded-at", message.clone())
            .at(place.clone())
            .hint("name the column with the time of loading: `loaded_at_field: loaded_at`")
            .event("FreshnessConfigProblem")
            .field("msg", message),
    );
}

/// One level as written: `Some(None)` is an explicit null.
struct Level {
    field: Option<Option<String>>,
    query: Option<Option<String>>,
}

fn level(yaml: &Yaml, whose: &str, bag: &Bag) -> Level {
    let found = Level {
        field: said(yaml, "loaded_at_field", bag),
        query: said(yaml, "loaded_at_query", bag),
    };
    if found.field.is_some() && found.query.as_ref().is_some_and(Option::is_some) {
        let message =
            format!("Cannot specify both loaded_at_field and loaded_at_query at {whose} level.");
        bag.add(
            Diagnostic::error("loaded-at-twice", message)
                .at(yaml.place_of("name"))
                .hint("keep the one that tells when rows were loaded"),
        );
    }
    found
}

/// The key itself goes before the one below `config:`, where null counts as not said.
fn said(yaml: &Yaml, key: &str, bag: &Bag) -> Option<Option<String>> {
    let direct = yaml.get(key).map(|_| fields::text(yaml, key, bag));
    let inner = || {
        yaml.get("config")
            .and_then(|config| fields::text(config, key, bag))
    };
    match direct {
        Some(Some(text)) => Some(Some(text)),
        other => inner().map(Some).or(other),
    }
}

/// `freshness:` of one level, then that below its `config:`.
fn written(yaml: &Yaml) -> Vec<&Yaml> {
    let inner = yaml
        .get("config")
        .and_then(|config| config.get("freshness"));
    yaml.get("freshness").into_iter().chain(inner).collect()
}

/// Puts a complete limit over the one that is there; half of one says nothing.
fn set_limit(limit: &mut Limit, yaml: &Yaml, key: &str, bag: &Bag) {
    let Some(written) = yaml.get(key) else { return };
    if written.is_null() {
        *limit = Limit::Off;
        return;
    }
    let count = written.get("count").filter(|count| !count.is_null());
    let period = fields::text(written, "period", bag);
    let is_period = |text: &String| matches!(text.as_str(), "minute" | "hour" | "day");
    let is_wrong = !written.is_map()
        || count.is_some_and(|count| count.as_int().is_none())
        || period.as_ref().is_some_and(|period| !is_period(period));
    match (count.and_then(Yaml::as_int), period) {
        _ if is_wrong => bag.add(limit_shape(Diagnostic::error, key).at(written.place())),
        (Some(count), Some(period)) => *limit = Limit::After(count, period),
        _ => bag.add(
            limit_shape(Diagnostic::remark, key)
                .at(written.place())
                .note("without both, the limit is left as it was"),
        ),
    }
}

fn limit_shape(kind: fn(&'static str, String) -> Diagnostic, key: &str) -> Diagnostic {
    let message = format!("`{key}` needs a whole `count` and a `period`");
    kind("freshness-shape", message)
        .hint("for example `{count: 12, period: hour}`; a period is minute, hour or day")
}
