//! Macros as values: passed around, stored, called.

use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::jinja::call::root;
use crate::jinja::call::split;
use crate::jinja::code::Blueprint;
use crate::jinja::code::Code;
use crate::jinja::error::RenderError;
use crate::jinja::error::fail_with;
use crate::jinja::registry::Macro;
use crate::jinja::root::Arguments;
use crate::jinja::root::Closure;
use crate::jinja::values;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// The code of calls that do not fit the parameters.
const ARGUMENTS: &str = "macro-arguments";

/// A macro of the registry.
#[derive(Debug)]
pub(crate) struct MacroValue(pub(crate) Arc<Macro>);

impl Object for MacroValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        (key == "name").then(|| Value::from(self.0.name.as_str()))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let root = root(state)?;
        let called = root
            .site
            .engine
            .invoke(&self.0, args, &root.site, root.nesting);
        called.map_err(RenderError::into_error)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.0.name)
    }
}

/// A macro declared inside of a template, or the block of a `{% call %}`.
#[derive(Debug)]
pub(crate) struct InlineMacro {
    code: Arc<Code>,
    closure: Closure,
}

impl Object for InlineMacro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        (key == "name").then(|| Value::from(self.code.name))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let root = root(state)?;
        let arguments = bind(&self.code, self.code.name, args)?;
        let engine = &root.site.engine;
        let closure = self.closure.clone();
        let called = engine.enclosed(&self.code, closure, arguments, &root.site, root.nesting);
        called.map_err(RenderError::into_error)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.code.name)
    }
}

/// Makes an inline macro: the last value is its blueprint, the others are what it captures.
pub(crate) fn close_over(state: &State<'_, '_>, parts: &[Value]) -> Result<Value, Error> {
    let blueprint = parts
        .last()
        .and_then(Value::downcast_object_ref::<Blueprint>);
    let blueprint = blueprint.expect("the generator puts a blueprint last");
    let captured = blueprint
        .captures
        .iter()
        .copied()
        .zip(parts.iter().cloned());
    Ok(Value::from_object(InlineMacro {
        code: blueprint.code.clone(),
        closure: Closure {
            around: root(state)?,
            captured: captured.collect(),
        },
    }))
}

/// Lays the arguments of a call onto the parameters of some code, as Jinja2 does.
pub(crate) fn bind(code: &Code, name: &str, args: &[Value]) -> Result<Arguments, Error> {
    let (positional, mut named) = split(args);
    let count = code.parameters.len();
    let mut values: Vec<Option<Value>> = positional.iter().take(count).cloned().map(Some).collect();
    for parameter in code.parameters.iter().skip(values.len()) {
        let at = named.iter().position(|(known, _)| known == parameter);
        values.push(at.map(|at| named.remove(at).1));
    }
    let mut take = |wanted: &str| {
        let at = named.iter().position(|(known, _)| known == wanted);
        at.map(|at| named.remove(at).1)
    };
    let caller = match code.extras.caller {
        true => take("caller"),
        false => None,
    };
    let rest = positional.get(count..).unwrap_or_default();
    if !rest.is_empty() && !code.extras.varargs {
        let message = format!("macro '{name}' takes not more than {count} argument(s)");
        return Err(fail_with(Diagnostic::error(ARGUMENTS, message)));
    }
    if let (Some((unknown, _)), false) = (named.first(), code.extras.kwargs) {
        let known = code.parameters.iter().copied();
        let near = nearest(unknown, known).map(|near| format!("did you mean `{near}`?"));
        let message = match unknown.as_str() {
            "caller" => format!("macro '{name}' takes no block: it never uses `caller`"),
            unknown => format!("macro '{name}' takes no keyword argument '{unknown}'"),
        };
        let found = Diagnostic::error(ARGUMENTS, message).maybe_hint(near);
        return Err(fail_with(found));
    }
    Ok(Arguments {
        values,
        varargs: code
            .extras
            .varargs
            .then(|| values::tuple(rest.iter().cloned())),
        kwargs: code.extras.kwargs.then(|| values::dict(named)),
        caller,
    })
}

/// Keeps a variable's value for the macros declared beside it.
pub(crate) fn publish(state: &State<'_, '_>, name: &Value, value: &Value) -> Result<(), Error> {
    let root = root(state)?;
    let name = name.as_str().unwrap_or_default();
    root.publish(root.site.engine.intern(name), value.clone());
    Ok(())
}
