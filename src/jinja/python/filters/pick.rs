//! Filters that take values out of others: `map select reject selectattr rejectattr attr default`.

use super::attribute;
use super::is_true;
use super::iterate;
use crate::jinja::call::split;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::required;
use crate::jinja::python::methods;
use crate::jinja::python::repr;
use crate::jinja::values::list;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;

pub(super) fn attr(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [name] = bind("attr", ["name"], args)?;
    let name = repr::str(&required("attr", "name", name)?);
    let found = value.get_attr(&name).unwrap_or_default();
    Ok(methods::attribute(value, found, &name))
}

/// With `boolean` true, any false value gives way to the default, not only an undefined one.
pub(super) fn default(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [default, boolean] = bind("default", ["default_value", "boolean"], args)?;
    match value.is_undefined() || (is_true(&boolean) && !value.is_true()) {
        true => Ok(default.unwrap_or(Value::from(""))),
        false => Ok(value.clone()),
    }
}

/// Each item through a filter, or its attribute.
pub(super) fn map(state: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let (positional, named) = split(args);
    let items = some_items(value)?;
    let Some((filter, rest)) = positional.split_first() else {
        return attributes(items, named);
    };
    let filter = repr::str(filter);
    let rest = with_named(rest, args);
    let mapped: Result<Vec<Value>, Error> = items
        .into_iter()
        .map(|item| state.apply_filter(&filter, &with_first(item, &rest)))
        .collect();
    Ok(list(mapped?))
}

pub(super) fn select(state: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    keep(state, value, args, Subject::Item, true)
}

pub(super) fn reject(state: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    keep(state, value, args, Subject::Item, false)
}

pub(super) fn selectattr(state: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    keep(state, value, args, Subject::Attribute, true)
}

pub(super) fn rejectattr(state: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    keep(state, value, args, Subject::Attribute, false)
}

/// What the test of `select` and friends looks at.
#[derive(Clone, Copy, PartialEq)]
enum Subject {
    Item,
    Attribute,
}

fn attributes(items: Vec<Value>, named: Vec<(String, Value)>) -> Result<Value, Error> {
    let mut path = None;
    let mut default = None;
    let mut unknown = None;
    for (name, value) in named {
        match name.as_str() {
            "attribute" => path = Some(value),
            "default" => default = Some(value),
            _ => unknown = unknown.or(Some(name)),
        }
    }
    let path = path.ok_or_else(|| fail("map requires a filter argument"))?;
    if let Some(name) = unknown {
        return Err(fail(format!("Unexpected keyword argument '{name}'")));
    }
    let found = items.iter().map(|item| {
        let found = attribute(item, &path);
        match &default {
            Some(default) if found.is_undefined() => default.clone(),
            _ => found,
        }
    });
    Ok(list(found))
}

/// The items whose test (or truth, where no test is named) is as `wanted`.
fn keep(
    state: &mut State,
    value: &Value,
    args: &[Value],
    subject: Subject,
    wanted: bool,
) -> Result<Value, Error> {
    let (mut positional, _) = split(args);
    let mut path = None;
    if subject == Subject::Attribute {
        let (first, rest) = positional
            .split_first()
            .ok_or_else(|| fail("Missing parameter for attribute name"))?;
        path = Some(first);
        positional = rest;
    }
    let test = positional.split_first();
    let test = test.map(|(name, rest)| (repr::str(name), with_named(rest, args)));
    let mut kept = Vec::new();
    for item in some_items(value)? {
        let looked_at = match path {
            Some(path) => attribute(&item, path),
            None => item.clone(),
        };
        let passes = match &test {
            Some((name, rest)) => state.perform_test(name, &with_first(looked_at, rest))?,
            None => looked_at.is_true(),
        };
        if passes == wanted {
            kept.push(item);
        }
    }
    Ok(list(kept))
}

/// The items of a value; none for any false one, `none` and 0 included.
fn some_items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.is_true() {
        true => iterate(value),
        false => Ok(Vec::new()),
    }
}

/// Positional arguments followed by the named ones of the whole call.
fn with_named(positional: &[Value], args: &[Value]) -> Vec<Value> {
    let named = args.last().filter(|last| last.is_kwargs());
    positional.iter().chain(named).cloned().collect()
}

fn with_first(first: Value, rest: &[Value]) -> Vec<Value> {
    std::iter::once(first).chain(rest.iter().cloned()).collect()
}
