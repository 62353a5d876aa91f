//! Filters of sequences: order, groups, ends, joins.

use super::attribute;
use super::fold_case;
use super::is_given;
use super::is_true;
use super::iterate;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int;
use crate::jinja::python::args::required;
use crate::jinja::python::decimal;
use crate::jinja::python::named::NamedTuple;
use crate::jinja::python::operators;
use crate::jinja::python::repr;
use crate::jinja::python::sorting::Direction;
use crate::jinja::python::sorting::sort_by_key;
use crate::jinja::python::type_name;
use crate::jinja::values::list as new_list;
use crate::jinja::values::tuple;
use indexmap::IndexSet;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::hash::BuildHasher;

pub(super) fn list(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("list", [], args)?;
    Ok(new_list(iterate(value)?))
}

pub(super) fn length(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("length", [], args)?;
    match value.kind() {
        ValueKind::Undefined => Ok(Value::from(0)),
        _ => value.len().map(Value::from).ok_or_else(|| {
            fail(format!(
                "object of type '{}' has no len()",
                type_name(value)
            ))
        }),
    }
}

pub(super) fn first(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("first", [], args)?;
    Ok(iterate(value)?.into_iter().next().unwrap_or_default())
}

pub(super) fn last(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("last", [], args)?;
    Ok(iterate(value)?.pop().unwrap_or_default())
}

/// Any item, each as likely.
pub(super) fn random(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("random", [], args)?;
    let items = iterate(value)?;
    if items.is_empty() {
        return Ok(Value::UNDEFINED);
    }
    let number = std::hash::RandomState::new().hash_one(items.len()) as usize;
    Ok(items[number % items.len()].clone())
}

pub(super) fn reverse(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("reverse", [], args)?;
    if let Some(text) = value.as_str() {
        return Ok(Value::from(text.chars().rev().collect::<String>()));
    }
    Ok(new_list(iterate(value)?.into_iter().rev()))
}

pub(super) fn join(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [separator, path] = bind("join", ["d", "attribute"], args)?;
    let separator = separator.map_or(String::new(), |value| repr::str(&value));
    let mut out = String::new();
    for (at, item) in iterate(value)?.into_iter().enumerate() {
        if at > 0 {
            out.push_str(&separator);
        }
        match &path {
            Some(path) if !path.is_none() => out.push_str(&repr::str(&attribute(&item, path))),
            _ => out.push_str(&repr::str(&item)),
        }
    }
    Ok(Value::from(out))
}

/// By one attribute, or by several with commas between their names.
pub(super) fn sort(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [reverse, case_sensitive, path] =
        bind("sort", ["reverse", "case_sensitive", "attribute"], args)?;
    let direction = Direction::from_reverse(is_true(&reverse));
    let key = Key::new(path, is_true(&case_sensitive));
    let sorted = sort_by_key(iterate(value)?, direction, |item| Ok(key.of_all(item)))?;
    Ok(new_list(sorted))
}

pub(super) fn unique(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [case_sensitive, path] = bind("unique", ["case_sensitive", "attribute"], args)?;
    let key = Key::new(path, is_true(&case_sensitive));
    let mut seen = IndexSet::new();
    let mut items = iterate(value)?;
    items.retain(|item| {
        let key = key.of(item);
        let twin = decimal::of(&key).and_then(decimal::Decimal::as_key);
        seen.insert(twin.unwrap_or(key))
    });
    Ok(new_list(items))
}

pub(super) fn min(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    extreme("min", value, args, operators::less)
}

pub(super) fn max(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    extreme("max", value, args, operators::greater)
}

/// Lists of `linecount` items, the last one filled up where a filler is given.
pub(super) fn batch(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [size, filler] = bind("batch", ["linecount", "fill_with"], args)?;
    let size = int(&required("batch", "linecount", size)?)?;
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let items = iterate(value)?;
    let Some(size) = size else {
        return Ok(new_list([new_list(items)]));
    };
    let batches = items.chunks(size).map(|chunk| {
        let mut batch = chunk.to_vec();
        if is_given(&filler) {
            batch.resize(size, filler.clone().unwrap_or_default());
        }
        new_list(batch)
    });
    Ok(new_list(batches))
}

/// So many lists as even as can be, the longer ones first.
pub(super) fn slice(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [slices, filler] = bind("slice", ["slices", "fill_with"], args)?;
    let slices = int(&required("slice", "slices", slices)?)?;
    let slices = usize::try_from(slices).unwrap_or(0);
    let items = iterate(value)?;
    if slices == 0 {
        return Err(fail("integer division or modulo by zero"));
    }
    let (short, longer) = (items.len() / slices, items.len() % slices);
    let mut rest = items.as_slice();
    let mut found = Vec::with_capacity(slices);
    for at in 0..slices {
        let (slice, after) = rest.split_at(short + usize::from(at < longer));
        rest = after;
        let mut slice = slice.to_vec();
        if is_given(&filler) && at >= longer {
            slice.extend(filler.clone());
        }
        found.push(new_list(slice));
    }
    Ok(new_list(found))
}

/// Pairs of a mapping in the order of their keys or values.
pub(super) fn dictsort(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [case_sensitive, by, reverse] =
        bind("dictsort", ["case_sensitive", "by", "reverse"], args)?;
    let side = match by.as_ref().map_or(Some("key"), Value::as_str) {
        Some("key") => 0,
        Some("value") => 1,
        _ => return Err(fail("You can only sort by either \"key\" or \"value\"")),
    };
    let pairs = pairs(value).ok_or_else(|| {
        fail(format!(
            "'{}' object has no attribute 'items'",
            type_name(value)
        ))
    })?;
    let direction = Direction::from_reverse(is_true(&reverse));
    let sorted = sort_by_key(pairs, direction, |pair| {
        Ok(fold_case(
            pair.get_item_by_index(side)?,
            is_true(&case_sensitive),
        ))
    })?;
    Ok(new_list(sorted))
}

pub(super) fn items(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("items", [], args)?;
    if value.is_undefined() {
        return Ok(new_list([]));
    }
    let pairs = pairs(value).ok_or_else(|| fail("Can only get item pairs from a mapping."))?;
    Ok(new_list(pairs))
}

/// Groups in the order of their key: pairs `(grouper, list)`.
pub(super) fn groupby(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [path, default, case_sensitive] =
        bind("groupby", ["attribute", "default", "case_sensitive"], args)?;
    let path = required("groupby", "attribute", path)?;
    let case_sensitive = is_true(&case_sensitive);
    let grouper = |item: &Value| match (attribute(item, &path), &default) {
        (found, Some(default)) if found.is_undefined() => default.clone(),
        (found, _) => found,
    };
    let fold = |item: &Value| fold_case(grouper(item), case_sensitive);
    let sorted = sort_by_key(iterate(value)?, Direction::Ascending, |item| Ok(fold(item)))?;
    let groups = sorted.chunk_by(|a, b| fold(a) == fold(b));
    Ok(new_list(groups.map(|group| {
        let members = new_list(group.iter().cloned());
        NamedTuple::value(&["grouper", "list"], vec![grouper(&group[0]), members])
    })))
}

/// What items are compared by.
struct Key {
    path: Option<Value>,
    case_sensitive: bool,
}

impl Key {
    fn new(path: Option<Value>, case_sensitive: bool) -> Self {
        Key {
            path: path.filter(|path| !path.is_none()),
            case_sensitive,
        }
    }

    fn of(&self, item: &Value) -> Value {
        let found = match &self.path {
            Some(path) => attribute(item, path),
            None => item.clone(),
        };
        fold_case(found, self.case_sensitive)
    }

    /// All attributes of a list such as `name,age`.
    fn of_all(&self, item: &Value) -> Value {
        match self.path.as_ref().and_then(Value::as_str) {
            Some(paths) if paths.contains(',') => {
                new_list(paths.split(',').map(|path| {
                    fold_case(attribute(item, &Value::from(path)), self.case_sensitive)
                }))
            }
            _ => self.of(item),
        }
    }
}

fn extreme(
    name: &str,
    value: &Value,
    args: &[Value],
    wins: fn(&Value, &Value) -> Result<bool, Error>,
) -> Result<Value, Error> {
    let [case_sensitive, path] = bind(name, ["case_sensitive", "attribute"], args)?;
    let key = Key::new(path, is_true(&case_sensitive));
    let mut items = iterate(value)?.into_iter();
    let Some(mut best) = items.next() else {
        return Ok(Value::UNDEFINED);
    };
    for item in items {
        if wins(&key.of(&item), &key.of(&best))? {
            best = item;
        }
    }
    Ok(best)
}

fn pairs(value: &Value) -> Option<Vec<Value>> {
    if value.kind() != ValueKind::Map {
        return None;
    }
    let pairs = value.as_object()?.try_iter_pairs()?;
    Some(pairs.map(|(key, item)| tuple([key, item])).collect())
}
