//! The filters of Jinja2 3.1, and dbt's `as_*`. Those that give lists give lists that can change.

mod lists;
mod native;
mod numbers;
mod pick;
mod serialize;
mod text;
mod wrap;

pub use native::Rendering;
pub use native::finish;
pub use numbers::parse_float;
pub use numbers::parse_int;
pub use numbers::round;

use crate::jinja::fail;
use crate::jinja::python::iterate::walk;
use minijinja::Environment;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Rest;
use minijinja::value::Value;
use minijinja::value::ValueOrKwargs;

/// A filter: the piped value, then the arguments in brackets.
type Filter = fn(&mut State, &Value, &[Value]) -> Result<Value, Error>;

const FILTERS: &[(&str, Filter)] = &[
    ("abs", numbers::abs),
    ("attr", pick::attr),
    ("batch", lists::batch),
    ("capitalize", text::capitalize),
    ("center", text::center),
    ("count", lists::length),
    ("d", pick::default),
    ("default", pick::default),
    ("dictsort", lists::dictsort),
    ("e", text::escape),
    ("escape", text::escape),
    ("filesizeformat", numbers::filesizeformat),
    ("first", lists::first),
    ("float", numbers::float),
    ("forceescape", text::forceescape),
    ("format", text::format),
    ("groupby", lists::groupby),
    ("indent", text::indent),
    ("int", numbers::int),
    ("items", lists::items),
    ("join", lists::join),
    ("last", lists::last),
    ("length", lists::length),
    ("list", lists::list),
    ("lower", text::lower),
    ("map", pick::map),
    ("max", lists::max),
    ("min", lists::min),
    ("pprint", serialize::pprint),
    ("random", lists::random),
    ("reject", pick::reject),
    ("rejectattr", pick::rejectattr),
    ("replace", text::replace),
    ("reverse", lists::reverse),
    ("round", numbers::round_filter),
    ("safe", text::safe),
    ("select", pick::select),
    ("selectattr", pick::selectattr),
    ("slice", lists::slice),
    ("sort", lists::sort),
    ("string", text::string),
    ("striptags", text::striptags),
    ("sum", numbers::sum),
    ("title", text::title),
    ("tojson", serialize::tojson),
    ("trim", text::trim),
    ("truncate", text::truncate),
    ("unique", lists::unique),
    ("upper", text::upper),
    ("urlencode", text::urlencode),
    ("wordcount", text::wordcount),
    ("wordwrap", wrap::wordwrap),
    ("xmlattr", text::xmlattr),
];

/// Filters of the engine that Jinja2 does not know.
const FOREIGN: [&str; 5] = ["bool", "chain", "lines", "split", "zip"];

/// Puts the filters into an environment, in place of the engine's own.
pub fn install(env: &mut Environment, rendering: Rendering) {
    for name in FOREIGN {
        env.remove_filter(name);
    }
    for (name, filter) in FILTERS {
        add(env, name, *filter);
    }
    native::install(env, rendering);
}

fn add(env: &mut Environment, name: &'static str, filter: Filter) {
    env.add_filter(name, move |state: &mut State, args: Rest<ValueOrKwargs>| {
        let args = args.into_values();
        match args.split_first() {
            Some((value, rest)) => filter(state, value, rest),
            None => Err(fail(format!("filter '{name}' needs a value"))),
        }
    });
}

/// What a loop over the value walks: nothing for an undefined one.
fn iterate(value: &Value) -> Result<Vec<Value>, Error> {
    match value.is_undefined() {
        true => Ok(Vec::new()),
        false => Ok(walk(value)?.collect()),
    }
}

/// An attribute as filters name it: a dotted path, or an index.
fn attribute(value: &Value, path: &Value) -> Value {
    let Some(path) = path.as_str() else {
        return value.get_item(path).unwrap_or_default();
    };
    let mut found = value.clone();
    for part in path.split('.') {
        let key = match part.parse::<u32>() {
            Ok(index) => Value::from(index),
            Err(_) => Value::from(part),
        };
        found = found.get_item(&key).unwrap_or_default();
    }
    found
}

/// What sorting and `unique` compare: text in lower case, unless case matters.
fn fold_case(value: Value, case_sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
        _ => value,
    }
}

fn is_given(value: &Option<Value>) -> bool {
    value.as_ref().is_some_and(|value| !value.is_none())
}

fn is_true(value: &Option<Value>) -> bool {
    value.as_ref().is_some_and(Value::is_true)
}
