//! Asks a source for the latest time that its rows carry, and holds it against the limits.

use crate::adapter::Cell;
use crate::adapter::Response;
use crate::adapter::Table;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::event::Age;
use crate::base::event::Status;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::compile::headed;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::results;
use crate::jinja::table::table_of;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Freshness;
use crate::node::Limit;
use crate::node::Node;
use crate::node::Source;
use crate::run::Call;
use crate::run::blame;
use crate::run::step::Done;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use minijinja::value::Value;
use std::sync::Arc;

type Outcome<T> = Result<T, Box<Diagnostic>>;

pub(super) fn run(call: &Call<'_>, index: Index, session: &SessionHandle) -> Outcome<Done> {
    let node = call.world.graph.node(index);
    let Detail::Source(source) = &node.detail else {
        return Ok(Done::default());
    };
    let answer = ask(call, index, source, session)?;
    let age = age(node, &answer)?;
    let limits = source.freshness.clone().unwrap_or_default();
    let response = answer.get_attr("response").unwrap_or_default();
    let response = match response.is_undefined() {
        true => Response::ok(),
        false => results::response(&response),
    };
    Ok(Done {
        status: Some(verdict(age, &limits)),
        age: Some(age),
        adapter_response: response.to_json(),
        ..Done::default()
    })
}

/// Calls the macro that projects override; what it gives is a result with `response` and `table`.
fn ask(call: &Call<'_>, index: Index, source: &Source, session: &SessionHandle) -> Outcome<Value> {
    let node = call.world.graph.node(index);
    let scope: Arc<dyn Scope> = NodeScope::of(call.world, index, Some(session));
    let engine = &call.world.engine;
    let relation = jinja::relation(call.world.relation(node));
    let place = Place::line(&node.file, node.first_line);
    let rendered = |text: &String| {
        let text = engine.render(&Template::made(&place, text), &scope);
        let text = text.map_err(|error| headed(error.diagnostic(), node))?;
        Ok::<_, Box<Diagnostic>>(Value::from(text))
    };
    let (name, rest) = match (&source.loaded_at_query, &source.loaded_at_field) {
        (Some(query), _) => {
            let query = ("loaded_at_query", rendered(query)?);
            ("collect_freshness_custom_sql", vec![query])
        }
        (None, Some(field)) => {
            let limits = source.freshness.as_ref();
            let filter = limits.and_then(|limits| limits.filter.as_ref());
            let filter = filter.map(rendered).transpose()?;
            let filter = ("filter", filter.unwrap_or_else(values::none));
            let field = ("loaded_at_field", Value::from(field.as_str()));
            ("collect_freshness", vec![field, filter])
        }
        (None, None) => return Err(no_field(call, node)),
    };
    let named = [("source", relation)].into_iter().chain(rest);
    let named = named
        .map(|(name, value)| (name.to_string(), value))
        .collect();
    let answer = match engine.registry().overriding(name).cloned() {
        // A package's own finds its own parts by dispatch.
        Some(found) if !engine.registry().is_internal(&found.package) => {
            let scope: Arc<dyn Scope> = NodeScope::free(call.world, &found.package, Some(session));
            engine.call(&found, Vec::new(), named, &scope)
        }
        _ => engine.call_by_name(None, name, Vec::new(), named, &scope),
    };
    answer.map_err(|error| blame::diagnostic(node, None, &error))
}

fn age(node: &Node, answer: &Value) -> Outcome<Age> {
    // Macros of older projects give the rows alone.
    let rows = answer
        .get_attr("table")
        .ok()
        .and_then(|rows| table_of(&rows));
    let rows = rows.or_else(|| table_of(answer)).unwrap_or_default();
    let Table { rows, .. } = &*rows;
    let [row] = rows.as_slice() else {
        return Err(bad_answer(node, rows.len()));
    };
    let [latest, now] = row.as_slice() else {
        return Err(bad_answer(node, rows.len()));
    };
    Ok(Age {
        max_loaded_at: match latest {
            Cell::Null => beginning(),
            latest => moment(node, latest)?,
        },
        snapshotted_at: moment(node, now)?,
    })
}

/// A time without a zone is taken for UTC.
fn moment(node: &Node, cell: &Cell) -> Outcome<Timestamp> {
    let kind = match cell {
        Cell::Instant(at) => return Ok(at.timestamp()),
        Cell::DateTime(at) => match at.to_zoned(TimeZone::UTC) {
            Ok(at) => return Ok(at.timestamp()),
            Err(_) => "datetime",
        },
        Cell::Date(_) => "date",
        Cell::Str(_) => "str",
        _ => "value",
    };
    let message = format!(
        "Expected a timestamp value when querying field 'last_modified' of table None but received \
         value of type '{kind}' instead"
    );
    let found = Diagnostic::error("freshness-type", message)
        .hint("cast it in `loaded_at_field`, such as `loaded_at::timestamp`");
    Err(told(node, "Database", found))
}

/// What dbt takes for the time of a table without rows.
fn beginning() -> Timestamp {
    let day = Date::constant(1, 1, 1).to_zoned(TimeZone::UTC);
    day.map_or(Timestamp::MIN, |day| day.timestamp())
}

fn verdict(age: Age, limits: &Freshness) -> Status {
    let is_over = |limit: &Limit| {
        let seconds = limit.seconds();
        seconds.is_some_and(|seconds| age.seconds() > seconds)
    };
    if is_over(&limits.error_after) {
        Status::Error
    } else if is_over(&limits.warn_after) {
        Status::Warn
    } else {
        Status::Pass
    }
}

fn no_field(call: &Call<'_>, node: &Node) -> Box<Diagnostic> {
    let message = format!(
        "Could not compute freshness for source {}: no 'loaded_at_field' provided and {} adapter \
         does not support metadata-based freshness checks.",
        node.name, call.world.dialect.name
    );
    let found = Diagnostic::error("no-loaded-at", message)
        .hint("name the column with the time of loading: `loaded_at_field: loaded_at`");
    told(node, "Runtime", found)
}

fn bad_answer(node: &Node, rows: usize) -> Box<Diagnostic> {
    let message = format!(
        "Got an invalid result from \"collect_freshness\" macro: {rows} rows, expected one row with \
         the latest time and the time now"
    );
    told(
        node,
        "Runtime",
        Diagnostic::error("freshness-answer", message),
    )
}

fn told(node: &Node, family: &str, found: Diagnostic) -> Box<Diagnostic> {
    let whose = format!("source {} ({})", node.name, node.original_file_path);
    let place = Place::line(&node.file, node.first_line);
    Box::new(
        found
            .at(place)
            .headline(format!("{family} Error in {whose}")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_decide() {
        let limit = |count: i64, period: &str| Limit::After(count, period.to_string());
        let rows = [
            (limit(1, "hour"), limit(1, "day"), 60, Status::Pass),
            (limit(1, "hour"), limit(1, "day"), 3600, Status::Pass),
            (limit(1, "hour"), limit(1, "day"), 3601, Status::Warn),
            (limit(1, "hour"), limit(2, "minute"), 121, Status::Error),
            (Limit::Unset, Limit::Off, 1 << 40, Status::Pass),
        ];
        for (warn_after, error_after, seconds, expected) in rows {
            let age = Age {
                max_loaded_at: Timestamp::UNIX_EPOCH,
                snapshotted_at: Timestamp::from_second(seconds.min(1 << 37)).unwrap(),
            };
            let limits = Freshness {
                warn_after,
                error_after,
                filter: None,
            };
            assert_eq!(verdict(age, &limits), expected, "{seconds}");
        }
    }
}
