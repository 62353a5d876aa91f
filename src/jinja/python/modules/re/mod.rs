//! Python's `re`: searching and replacing by patterns.

mod matched;
mod pattern;
mod translate;

pub use matched::Match;
pub use pattern::Pattern;

use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::type_name as any_type_name;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::sync::Arc;

/// Flags under their short and long names.
const FLAGS: [(&str, &str, i64); 7] = [
    ("I", "IGNORECASE", translate::IGNORE_CASE),
    ("L", "LOCALE", translate::LOCALE),
    ("M", "MULTILINE", translate::MULTI_LINE),
    ("S", "DOTALL", translate::DOT_ALL),
    ("U", "UNICODE", translate::UNICODE),
    ("X", "VERBOSE", translate::VERBOSE),
    ("A", "ASCII", translate::ASCII),
];

const FUNCTIONS: [&str; 10] = [
    "compile",
    "escape",
    "findall",
    "finditer",
    "fullmatch",
    "match",
    "search",
    "split",
    "sub",
    "subn",
];

/// The names of `modules.re`.
pub fn module() -> Value {
    let functions = FUNCTIONS.map(|name| (name, Value::from_object(Function(name))));
    let short = FLAGS.map(|(name, _, flag)| (name, Value::from(flag)));
    let long = FLAGS.map(|(_, name, flag)| (name, Value::from(flag)));
    let none = [("NOFLAG", Value::from(0))];
    Value::from_pairs(functions.into_iter().chain(short).chain(long).chain(none))
}

/// The Python name of a value's type, if it is one of this module's.
pub fn type_name(value: &Value) -> Option<&'static str> {
    let object = value.as_object()?;
    if object.is::<Match>() {
        Some("re.Match")
    } else if object.is::<Pattern>() {
        Some("re.Pattern")
    } else {
        None
    }
}

/// A function of the module; most take a pattern and do what its method of the same name does.
#[derive(Debug)]
struct Function(&'static str);

impl Object for Function {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let name = self.0;
        match name {
            "compile" => {
                let [pattern, flags] = bind(name, ["pattern", "flags"], args)?;
                Ok(pattern_of(name, pattern, flags)?.into())
            }
            "escape" => {
                let [given] = bind(name, ["pattern"], args)?;
                let given = text(name, &required(name, "pattern", given)?)?;
                Ok(Value::from(escape(&given)))
            }
            "sub" | "subn" => {
                let names = ["pattern", "repl", "string", "count", "flags"];
                let [pattern, new, given, count, flags] = bind(name, names, args)?;
                let pattern = pattern_of(name, pattern, flags)?;
                let new = required(name, "repl", new)?;
                let given = subject(name, given)?;
                let count = int_or(count.as_ref(), 0)?;
                pattern.replace(state, name, &new, &given, count)
            }
            "split" => {
                let names = ["pattern", "string", "maxsplit", "flags"];
                let [pattern, given, limit, flags] = bind(name, names, args)?;
                let pattern = pattern_of(name, pattern, flags)?;
                let given = subject(name, given)?;
                pattern.split(&given, int_or(limit.as_ref(), 0)?)
            }
            _ => {
                let [pattern, given, flags] = bind(name, ["pattern", "string", "flags"], args)?;
                let pattern = pattern_of(name, pattern, flags)?;
                let given = subject(name, given)?;
                let found = pattern.look(name, &given);
                found.unwrap_or_else(|| Err(Error::from(ErrorKind::UnknownFunction)))
            }
        }
    }
}

/// A pattern argument: compiled already, or a text.
fn pattern_of(
    function: &str,
    pattern: Option<Value>,
    flags: Option<Value>,
) -> Result<Pattern, Error> {
    let pattern = required(function, "pattern", pattern)?;
    let flags = int_or(flags.as_ref(), 0)?;
    if let Some(compiled) = pattern.downcast_object_ref::<Pattern>() {
        return match flags {
            0 => Ok(compiled.clone()),
            _ => Err(fail(
                "cannot process flags argument with a compiled pattern",
            )),
        };
    }
    match pattern.as_str() {
        Some(text) => Pattern::new(text, flags),
        None => Err(fail("first argument must be string or compiled pattern")),
    }
}

/// The text to look at.
fn subject(function: &str, given: Option<Value>) -> Result<String, Error> {
    let given = required(function, "string", given)?;
    match given.as_str() {
        Some(text) => Ok(text.to_string()),
        None => Err(fail(format!(
            "expected string or bytes-like object, got '{}'",
            any_type_name(&given)
        ))),
    }
}

/// The text with a backslash before each character that means something in a pattern.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\x0b\x0c".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
