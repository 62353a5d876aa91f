//! Functions that templates call: how they are made, how they read their arguments,
//! and how they reach the engine and the node that is being rendered.

use crate::jinja::engine::Engine;
use crate::jinja::python::type_name;
use crate::jinja::root::Root;
use crate::jinja::root::SITE;
use crate::jinja::scope::Scope;
use crate::jinja::values;
use crate::jinja::values::Dict;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Kwargs;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

pub use crate::jinja::error::fail;
pub use crate::jinja::error::fail_with;

/// Where a call comes from.
#[derive(Clone)]
pub struct CallSite {
    pub engine: Arc<Engine>,
    pub scope: Arc<dyn Scope>,
    /// How many macros are running: 0 in the template itself.
    pub depth: usize,
    /// Names that `context.update` brought in, for all that runs below the same template.
    pub(crate) added: Arc<Dict>,
}

impl fmt::Debug for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "call at depth {} in {}",
            self.depth,
            self.scope.package()
        )
    }
}

/// The call site of a running template.
pub fn current(state: &State<'_, '_>) -> Result<CallSite, Error> {
    Ok(root(state)?.site.clone())
}

pub(crate) fn root(state: &State<'_, '_>) -> Result<Arc<Root>, Error> {
    let root = state.lookup(SITE);
    root.and_then(|value| value.downcast_object::<Root>())
        .ok_or_else(|| fail("this function works only in a template of a project"))
}

/// A function for templates.
///
/// `function("double", |_, mut args| Ok(Value::from(2 * args.required_int("n")?)))`
pub fn function<F>(name: impl Into<String>, body: F) -> Value
where
    F: Fn(&CallSite, Args<'_>) -> Result<Value, Error> + Send + Sync + 'static,
{
    function_with(name, Vec::new(), body)
}

/// A function that has fields besides, such as `ref.config`.
pub fn function_with<F>(
    name: impl Into<String>,
    fields: Vec<(&'static str, Value)>,
    body: F,
) -> Value
where
    F: Fn(&CallSite, Args<'_>) -> Result<Value, Error> + Send + Sync + 'static,
{
    Value::from_object(Function {
        name: name.into(),
        fields,
        body: Box::new(body),
    })
}

/// The arguments of one call, read in the order of the parameters, as Python binds them:
/// each takes the next positional argument, or else the one of its name.
#[derive(Debug)]
pub struct Args<'a> {
    function: &'a str,
    positional: &'a [Value],
    named: Vec<(String, Value)>,
    /// How many positional arguments were read, for the message when there are too many.
    read: usize,
    clash: Option<String>,
}

impl<'a> Args<'a> {
    pub fn new(function: &'a str, args: &'a [Value]) -> Self {
        let (positional, named) = split(args);
        Args {
            function,
            positional,
            named,
            read: 0,
            clash: None,
        }
    }

    /// A parameter without a default.
    pub fn required(&mut self, name: &str) -> Result<Value, Error> {
        let function = self.function;
        self.optional(name).ok_or_else(|| {
            fail(format!(
                "{function}() missing 1 required positional argument: '{name}'"
            ))
        })
    }

    /// A parameter that may be left out; `None` where it is.
    pub fn optional(&mut self, name: &str) -> Option<Value> {
        let at = self.named.iter().position(|(known, _)| known == name);
        let named = at.map(|at| self.named.remove(at).1);
        let Some((next, others)) = self.positional.split_first() else {
            return named;
        };
        self.positional = others;
        self.read += 1;
        if named.is_some() {
            self.clash.get_or_insert_with(|| name.to_string());
        }
        Some(next.clone())
    }

    pub fn required_str(&mut self, name: &str) -> Result<String, Error> {
        let value = self.required(name)?;
        self.text(name, &value)
    }

    /// A text, or `None` where it is left out or `none`.
    pub fn optional_str(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.optional(name).filter(|value| !value.is_none()) {
            Some(value) => self.text(name, &value).map(Some),
            None => Ok(None),
        }
    }

    pub fn required_int(&mut self, name: &str) -> Result<i64, Error> {
        let value = self.required(name)?;
        self.int(name, &value)
    }

    pub fn optional_int(&mut self, name: &str) -> Result<Option<i64>, Error> {
        match self.optional(name).filter(|value| !value.is_none()) {
            Some(value) => self.int(name, &value).map(Some),
            None => Ok(None),
        }
    }

    /// Whether a flag is given and true.
    pub fn flag(&mut self, name: &str) -> bool {
        self.optional(name).is_some_and(|value| value.is_true())
    }

    /// All positional arguments not read yet (`*args`).
    pub fn rest(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.positional).to_vec()
    }

    /// All named arguments not read yet, in the order written (`**kwargs`).
    pub fn keywords(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.named)
    }

    /// Fails where arguments are left over or one was given twice.
    pub fn finish(self) -> Result<(), Error> {
        let function = self.function;
        if let Some(name) = self.clash {
            return Err(fail(format!(
                "{function}() got multiple values for argument '{name}'"
            )));
        }
        if let Some((name, _)) = self.named.first() {
            return Err(fail(format!(
                "{function}() got an unexpected keyword argument '{name}'"
            )));
        }
        if !self.positional.is_empty() {
            let (takes, given) = (self.read, self.read + self.positional.len());
            let s = if takes == 1 { "" } else { "s" };
            return Err(fail(format!(
                "{function}() takes {takes} positional argument{s} but {given} were given"
            )));
        }
        Ok(())
    }

    fn text(&self, name: &str, value: &Value) -> Result<String, Error> {
        let text = value.as_str().map(str::to_string);
        text.ok_or_else(|| self.wrong(name, "str", value))
    }

    fn int(&self, name: &str, value: &Value) -> Result<i64, Error> {
        value.as_i64().ok_or_else(|| self.wrong(name, "int", value))
    }

    fn wrong(&self, name: &str, wanted: &str, value: &Value) -> Error {
        let found = type_name(value);
        fail(format!(
            "{}() argument '{name}' must be {wanted}, not {found}",
            self.function
        ))
    }
}

/// The positional arguments, and the named ones in the order written.
pub fn split(args: &[Value]) -> (&[Value], Vec<(String, Value)>) {
    match args.split_last() {
        Some((last, before)) if last.is_kwargs() => (before, values::pairs(last)),
        _ => (args, Vec::new()),
    }
}

/// Arguments as the engine passes them on: named ones as one last value.
pub fn join(positional: Vec<Value>, named: Vec<(String, Value)>) -> Vec<Value> {
    let mut args = positional;
    if !named.is_empty() {
        args.push(Value::from(named.into_iter().collect::<Kwargs>()));
    }
    args
}

type Body = dyn Fn(&CallSite, Args<'_>) -> Result<Value, Error> + Send + Sync;

struct Function {
    name: String,
    fields: Vec<(&'static str, Value)>,
    body: Box<Body>,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

impl Object for Function {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let mut fields = self.fields.iter();
        fields.find_map(|(field, value)| (*field == name).then(|| value.clone()))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.body)(&current(state)?, Args::new(&self.name, args))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        _: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        Err(Error::from(ErrorKind::UnknownMethod))
    }
}
