//! The names that Jinja2 itself gives every template: `range dict cycler joiner lipsum
//! namespace`.

use crate::jinja::Args;
use crate::jinja::fail;
use crate::jinja::function;
use crate::jinja::python::filler;
use crate::jinja::python::iterate::walk;
use crate::jinja::python::range::Range;
use crate::jinja::python::repr;
use crate::jinja::values::dict;
use crate::jinja::values::none;
use minijinja::Environment;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use minijinja::value::from_args;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Puts the names into an environment, in place of the engine's own.
pub fn install(env: &mut Environment) {
    env.remove_global("debug");
    env.add_global("cycler", function("cycler", |_, args| cycler(args)));
    env.add_global("dict", function("dict", |_, args| make_dict(args)));
    env.add_global("joiner", function("joiner", |_, args| joiner(args)));
    env.add_global("lipsum", function("lipsum", |_, args| filler::lipsum(args)));
    env.add_global(
        "namespace",
        function("namespace", |_, args| namespace(args)),
    );
    env.add_global("range", function("range", |_, args| make_range(args)));
}

fn make_range(mut args: Args) -> Result<Value, Error> {
    let bounds = args.rest();
    args.finish()?;
    Range::from_args(&bounds).map(Value::from_object)
}

/// `namespace(mapping_or_pairs, name=value, ...)`
fn namespace(args: Args) -> Result<Value, Error> {
    let (defaults,) = from_args(&[make_dict(args)?])?;
    minijinja::functions::namespace(defaults)
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
