//! Functions that make and compare collections: `set`, `zip`, `diff_of_two_dicts`.

use crate::jinja::Args;
use crate::jinja::Dict;
use crate::jinja::fail;
use crate::jinja::function;
use crate::jinja::python::iterate::walk;
use crate::jinja::python::set::Set;
use crate::jinja::python::type_name;
use crate::jinja::values::list;
use crate::jinja::values::none;
use crate::jinja::values::pairs;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::value::Value;

pub(super) fn functions() -> [(&'static str, Value); 5] {
    [
        (
            "diff_of_two_dicts",
            function("diff_of_two_dicts", |_, args| diff(args)),
        ),
        ("set", function("set", |_, args| set(args))),
        (
            "set_strict",
            function("set_strict", |_, args| set_strict(args)),
        ),
        ("zip", function("zip", |_, args| zip(args))),
        (
            "zip_strict",
            function("zip_strict", |_, args| zip_strict(args)),
        ),
    ]
}

/// A set, or the default where the value cannot be one.
fn set(mut args: Args) -> Result<Value, Error> {
    let value = args.required("value")?;
    let default = args.optional("default").unwrap_or_else(none);
    args.finish()?;
    Ok(Set::collect(&value).map_or(default, Value::from))
}

fn set_strict(mut args: Args) -> Result<Value, Error> {
    let value = args.required("value")?;
    args.finish()?;
    Set::collect(&value).map(Value::from)
}

/// Tuples of the items side by side, or the default where a value cannot be walked.
fn zip(mut args: Args) -> Result<Value, Error> {
    let columns = args.rest();
    let default = args.optional("default").unwrap_or_else(none);
    args.finish()?;
    Ok(zipped(&columns).unwrap_or(default))
}

fn zip_strict(mut args: Args) -> Result<Value, Error> {
    let columns = args.rest();
    args.finish()?;
    zipped(&columns)
}

fn zipped(columns: &[Value]) -> Result<Value, Error> {
    let columns: Result<Vec<_>, Error> = columns.iter().map(walk).collect();
    let mut columns = columns?;
    if columns.is_empty() {
        return Ok(list([]));
    }
    let mut rows = Vec::new();
    while let Some(row) = columns
        .iter_mut()
        .map(Iterator::next)
        .collect::<Option<Vec<_>>>()
    {
        rows.push(tuple(row));
    }
    Ok(list(rows))
}

/// What the lists of `a` hold and those of `b` do not; case of keys and items does not matter.
fn diff(mut args: Args) -> Result<Value, Error> {
    let a = pairs(&args.required("dict_a")?);
    let b = pairs(&args.required("dict_b")?);
    args.finish()?;
    let found = Dict::default();
    for (key, items) in a {
        let folded = key.to_lowercase();
        let other = b.iter().find(|(name, _)| name.to_lowercase() == folded);
        let known: Vec<String> = match other {
            Some((_, items)) => walk(items)?
                .map(|item| fold(&item))
                .collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        let mut rest = Vec::new();
        for item in walk(&items)? {
            if other.is_none() || !known.contains(&fold(&item)?) {
                rest.push(item);
            }
        }
        if other.is_none() || !rest.is_empty() {
            found.insert(key, list(rest));
        }
    }
    Ok(Value::from_object(found))
}

fn fold(item: &Value) -> Result<String, Error> {
    item.as_str().map(str::to_lowercase).ok_or_else(|| {
        fail(format!(
            "'{}' object has no attribute 'casefold'",
            type_name(item)
        ))
    })
}
