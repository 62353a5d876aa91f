//! The machine's settings: how values print, what operators and unknown methods do.

use crate::jinja::call::function;
use crate::jinja::code::Absence;
use crate::jinja::error::LEFT;
use crate::jinja::error::RIGHT;
use crate::jinja::error::fail;
use crate::jinja::error::returned;
use crate::jinja::generate::operators;
use crate::jinja::macros;
use crate::jinja::python;
use crate::jinja::python::Rendering;
use crate::jinja::python::methods;
use crate::jinja::python::operators as arithmetic;
use crate::jinja::python::type_name;
use crate::jinja::values;
use minijinja::Environment;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::UndefinedBehavior;
use minijinja::value::Rest;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use minijinja::value::ValueOrKwargs;

/// An environment with everything that does not depend on the project.
pub(crate) fn build(rendering: Rendering, absence: Absence) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    python::install(&mut environment, rendering);
    match absence {
        Absence::Fails => {
            environment.set_undefined_behavior(UndefinedBehavior::Lenient);
            environment.set_unknown_method_callback(unknown_method);
        }
        Absence::Absorbs => {
            environment.set_undefined_behavior(UndefinedBehavior::Chainable);
            environment.set_unknown_method_callback(|state, value, name, args| {
                match value.is_undefined() {
                    true => Ok(Value::UNDEFINED),
                    false => unknown_method(state, value, name, args),
                }
            });
        }
    }
    add_literals(&mut environment);
    add_operators(&mut environment);
    environment.add_global(
        "return",
        function("return", |_, mut args| {
            let value = args.required("data")?;
            args.finish()?;
            Err(returned(value))
        }),
    );
    environment
}

fn add_literals(environment: &mut Environment<'static>) {
    environment.add_filter(operators::LIST, |items: Rest<Value>| values::list(items.0));
    environment.add_filter(operators::DICT, |items: Rest<Value>| {
        let pairs = items.chunks_exact(2);
        values::dict(pairs.map(|pair| (pair[0].clone(), pair[1].clone())))
    });
    environment.add_filter(
        operators::ATTRIBUTE,
        |value: &Value, found: &Value, name: &str| methods::attribute(value, found.clone(), name),
    );
    environment.add_filter(operators::CALL, call);
    environment.add_filter(
        operators::CLOSURE,
        |state: &State<'_, '_>, parts: Rest<Value>| macros::close_over(state, &parts),
    );
    environment.add_filter(
        operators::PUBLISH,
        |state: &State<'_, '_>, name: &Value, value: &Value| -> Result<(), Error> {
            macros::publish(state, name, value)
        },
    );
}

fn add_operators(environment: &mut Environment<'static>) {
    type Arithmetic = fn(&Value, &Value) -> Result<Value, Error>;
    type Comparison = fn(&Value, &Value) -> Result<bool, Error>;
    const ARITHMETIC: [(&str, Arithmetic); 8] = [
        (operators::ADD, arithmetic::add),
        (operators::SUB, arithmetic::subtract),
        (operators::MUL, arithmetic::multiply),
        (operators::DIV, arithmetic::divide),
        (operators::FLOOR_DIV, arithmetic::floor_divide),
        (operators::REM, arithmetic::modulo),
        (operators::POW, arithmetic::power),
        (operators::CONCAT, |a, b| Ok(arithmetic::concat(a, b))),
    ];
    const COMPARISONS: [(&str, Comparison); 7] = [
        (operators::EQ, |a, b| Ok(arithmetic::equal(a, b))),
        (operators::NE, |a, b| Ok(!arithmetic::equal(a, b))),
        (operators::LT, arithmetic::less),
        (operators::LE, arithmetic::less_or_equal),
        (operators::GT, arithmetic::greater),
        (operators::GE, arithmetic::greater_or_equal),
        (operators::IN, |item, container| {
            arithmetic::contains(container, item)
        }),
    ];
    for (name, operator) in ARITHMETIC {
        let apply = move |a: &Value, b: &Value| operator(a, b).map_err(|e| blame(e, a));
        environment.add_filter(name, apply);
    }
    for (name, operator) in COMPARISONS {
        let apply = move |a: &Value, b: &Value| operator(a, b).map_err(|e| blame(e, a));
        environment.add_filter(name, apply);
    }
    environment.add_filter(operators::NEG, arithmetic::negate);
    environment.add_filter(operators::ITERATE, iterate);
    environment.add_filter(operators::SLICE, arithmetic::slice);
}

/// What a loop walks: characters are counted ahead, so that `loop.last` is known.
fn iterate(value: &Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => Ok(values::list(values::items(value))),
        ValueKind::None | ValueKind::Bool | ValueKind::Number | ValueKind::Plain => Err(fail(
            format!("'{}' object is not iterable", type_name(value)),
        )),
        _ => Ok(value.clone()),
    }
}

/// A call in code that goes on where something is not there.
fn call(
    state: &mut State<'_, '_>,
    callee: &Value,
    args: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    match callee.is_undefined() {
        true => Ok(Value::UNDEFINED),
        false => callee.call(state, &args.into_values()),
    }
}

/// Says which operand was undefined; the message is made where its name can be read.
fn blame(error: Error, left: &Value) -> Error {
    match error.kind() {
        ErrorKind::UndefinedError if left.is_undefined() => Error::new(error.kind(), LEFT),
        ErrorKind::UndefinedError => Error::new(error.kind(), RIGHT),
        _ => error,
    }
}

fn unknown_method(
    state: &mut State<'_, '_>,
    value: &Value,
    name: &str,
    args: &[Value],
) -> Result<Value, Error> {
    match value.is_undefined() {
        true => Err(Error::from(ErrorKind::UndefinedError)),
        false => methods::call(state, value, name, args),
    }
}
