//! The tests of Jinja2 3.1: `is defined`, `is mapping`, `is in`, `is divisibleby`, ...

use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::required;
use crate::jinja::python::decimal;
use crate::jinja::python::methods;
use crate::jinja::python::modules;
use crate::jinja::python::operators;
use crate::jinja::python::repr;
use crate::jinja::relation;
use minijinja::Environment;
use minijinja::Error;
use minijinja::value::Rest;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use minijinja::value::ValueOrKwargs;

/// A test of a value alone.
type Plain = fn(&Value) -> bool;

/// A test of a value against another one.
type Against = fn(&Value, &Value) -> Result<bool, Error>;

const PLAIN: &[(&str, Plain)] = &[
    ("boolean", |value| value.kind() == ValueKind::Bool),
    ("callable", is_callable),
    ("defined", |value| !value.is_undefined()),
    ("escaped", Value::is_safe),
    ("false", |value| {
        value.kind() == ValueKind::Bool && !value.is_true()
    }),
    ("float", |value| value.is_number() && !value.is_integer()),
    ("integer", Value::is_integer),
    ("iterable", |value| {
        value.is_undefined() || (!value.is_none() && value.try_iter().is_ok())
    }),
    ("lower", |value| has_case(value, "islower")),
    ("mapping", |value| {
        value.kind() == ValueKind::Map || relation::is_relation(value)
    }),
    ("none", Value::is_none),
    ("number", |value| {
        value.is_number() || value.kind() == ValueKind::Bool || decimal::of(value).is_some()
    }),
    ("sequence", is_sequence),
    ("string", |value| value.kind() == ValueKind::String),
    ("true", |value| {
        value.kind() == ValueKind::Bool && value.is_true()
    }),
    ("undefined", Value::is_undefined),
    ("upper", |value| has_case(value, "isupper")),
];

const AGAINST: &[(&str, Against)] = &[
    ("!=", |a, b| Ok(!operators::equal(a, b))),
    ("<", operators::less),
    ("<=", operators::less_or_equal),
    ("==", |a, b| Ok(operators::equal(a, b))),
    (">", operators::greater),
    (">=", operators::greater_or_equal),
    ("divisibleby", |a, b| is_equal(&operators::modulo(a, b)?, 0)),
    ("eq", |a, b| Ok(operators::equal(a, b))),
    ("equalto", |a, b| Ok(operators::equal(a, b))),
    ("ge", operators::greater_or_equal),
    ("greaterthan", operators::greater),
    ("gt", operators::greater),
    ("in", |a, b| operators::contains(b, a)),
    ("le", operators::less_or_equal),
    ("lessthan", operators::less),
    ("lt", operators::less),
    ("ne", |a, b| Ok(!operators::equal(a, b))),
    ("sameas", |a, b| Ok(minijinja::tests::is_sameas(a, b))),
];

/// Tests of the engine that Jinja2 does not know.
const FOREIGN: [&str; 4] = ["endingwith", "int", "safe", "startingwith"];

/// Puts the tests into an environment, in place of the engine's own.
pub fn install(env: &mut Environment) {
    for name in FOREIGN {
        env.remove_test(name);
    }
    for (name, test) in PLAIN {
        add(env, name, move |value, args| {
            bind(name, [], args)?;
            Ok(test(value))
        });
    }
    for (name, test) in AGAINST {
        add(env, name, move |value, args| {
            let [other] = bind(name, ["other"], args)?;
            test(value, &required(name, "other", other)?)
        });
    }
    add(env, "even", |value, _| remainder_of_two(value, 0));
    add(env, "odd", |value, _| remainder_of_two(value, 1));
}

fn add<F>(env: &mut Environment, name: &'static str, test: F)
where
    F: Fn(&Value, &[Value]) -> Result<bool, Error> + Send + Sync + 'static,
{
    env.add_test(name, move |args: Rest<ValueOrKwargs>| {
        let args = args.into_values();
        match args.split_first() {
            Some((value, rest)) => test(value, rest),
            None => Err(fail(format!("test '{name}' needs a value"))),
        }
    });
}

/// Functions, macros and classes: what is neither data nor a container.
fn is_callable(value: &Value) -> bool {
    let is_data = modules::type_name(value).is_some_and(|name| name != "type")
        || decimal::of(value).is_some();
    value.kind() == ValueKind::Plain && !is_data
}

/// What has a length and items: in Python that is true of strings and mappings too.
fn is_sequence(value: &Value) -> bool {
    matches!(
        value.kind(),
        ValueKind::Seq
            | ValueKind::Map
            | ValueKind::String
            | ValueKind::Bytes
            | ValueKind::Undefined
    )
}

fn has_case(value: &Value, method: &str) -> bool {
    methods::call_text(method, &repr::str(value), &[]).is_ok_and(|answer| answer.is_true())
}

fn remainder_of_two(value: &Value, wanted: i64) -> Result<bool, Error> {
    is_equal(&operators::modulo(value, &Value::from(2))?, wanted)
}

fn is_equal(value: &Value, wanted: i64) -> Result<bool, Error> {
    Ok(operators::equal(value, &Value::from(wanted)))
}
