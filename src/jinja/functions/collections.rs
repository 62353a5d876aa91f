//! Functions that make and combine collections: `set zip range dict cycler joiner ...`.

use crate::jinja::Args;
use crate::jinja::Dict;
use crate::jinja::fail;
use crate::jinja::function;
use crate::jinja::python::range::Range;
use crate::jinja::python::repr;
use crate::jinja::python::set::Set;
use crate::jinja::python::type_name;
use crate::jinja::values::dict;
use crate::jinja::values::list;
use crate::jinja::values::none;
use crate::jinja::values::pairs;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

pub(super) fn functions() -> [(&'static str, Value); 9] {
    [
        ("cycler", function("cycler", |_, args| cycler(args))),
        ("dict", function("dict", |_, args| make_dict(args))),
        (
            "diff_of_two_dicts",
            function("diff_of_two_dicts", |_, args| diff(args)),
        ),
        ("joiner", function("joiner", |_, args| joiner(args))),
        ("range", function("range", |_, args| make_range(args))),
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

fn make_range(mut args: Args) -> Result<Value, Error> {
    let bounds = args.rest();
    args.finish()?;
    Range::from_args(&bounds).map(Value::from_object)
}

/// `dict(mapping_or_pairs, name=value, ...)`
fn make_dict(mut args: Args) -> Result<Value, Error> {
    let keywords = args.keywords();
    let source = args.optional("mapping");
    args.finish()?;
    let mut entries = Vec::new();
    if let Some(source) = source {
        entries = entries_of(&source)?;
    }
    let keywords = keywords.into_iter();
    entries.extend(keywords.map(|(name, value)| (Value::from(name), value)));
    Ok(dict(entries))
}

fn entries_of(source: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if source.kind() == ValueKind::Map {
        let entries = source.as_object().and_then(|map| map.try_iter_pairs());
        return Ok(entries.into_iter().flatten().collect());
    }
    let mut entries = Vec::new();
    for (at, pair) in walk(source)?.enumerate() {
        let start = format!("dictionary update sequence element #{at}");
        let items: Vec<Value> = walk(&pair)
            .map_err(|_| fail(format!("cannot convert {start} to a sequence")))?
            .collect();
        match <[Value; 2]>::try_from(items) {
            Ok([key, value]) => entries.push((key, value)),
            Err(items) => {
                return Err(fail(format!(
                    "{start} has length {}; 2 is required",
                    items.len()
                )));
            }
        }
    }
    Ok(entries)
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

fn walk(value: &Value) -> Result<impl Iterator<Item = Value> + use<>, Error> {
    match value.try_iter() {
        Ok(items) if !value.is_none() => Ok(items),
        _ => Err(fail(format!(
            "'{}' object is not iterable",
            type_name(value)
        ))),
    }
}

/// Gives its items in turn, again and again.
#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    at: AtomicUsize,
}

fn cycler(mut args: Args) -> Result<Value, Error> {
    let items = args.rest();
    args.finish()?;
    match items.is_empty() {
        true => Err(fail("at least one item has to be provided")),
        false => Ok(Value::from_object(Cycler {
            items,
            at: AtomicUsize::new(0),
        })),
    }
}

impl Cycler {
    fn item(&self, at: usize) -> Value {
        self.items[at % self.items.len()].clone()
    }
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "current").then(|| self.item(self.at.load(Ordering::Relaxed)))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Args::new(method, args).finish()?;
        match method {
            "next" => Ok(self.item(self.at.fetch_add(1, Ordering::Relaxed))),
            "reset" => {
                self.at.store(0, Ordering::Relaxed);
                Ok(none())
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// Nothing when first called, the separator from then on.
#[derive(Debug)]
struct Joiner {
    separator: String,
    used: AtomicBool,
}

fn joiner(mut args: Args) -> Result<Value, Error> {
    let separator = args.optional("sep");
    args.finish()?;
    Ok(Value::from_object(Joiner {
        separator: separator.map_or(", ".to_string(), |value| repr::str(&value)),
        used: AtomicBool::new(false),
    }))
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        Args::new("joiner", args).finish()?;
        Ok(Value::from(match self.used.swap(true, Ordering::Relaxed) {
            true => self.separator.as_str(),
            false => "",
        }))
    }
}
