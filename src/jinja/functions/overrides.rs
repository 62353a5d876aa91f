//! `var`, `env_var` and macros with other answers, for unit tests.

use crate::jinja::Args;
use crate::jinja::function;
use crate::jinja::values;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use serde_json::Map;
use std::fmt;
use std::sync::Arc;

/// `usual` (`var` or `env_var`) with other answers for some names.
pub fn with_answers(usual: Value, answers: Map<String, serde_json::Value>) -> Value {
    Value::from_object(Answers { usual, answers })
}

/// A function that gives the same value whatever it is asked; where the usual value is no function
/// (`invocation_id`), the value itself.
pub fn constant(name: &str, usual: Option<&Value>, value: &serde_json::Value) -> Value {
    let is_plain = |usual: &Value| {
        let kind = usual.kind();
        matches!(
            kind,
            ValueKind::String | ValueKind::Number | ValueKind::Bool
        )
    };
    if usual.is_some_and(is_plain) {
        return values::from_json(value);
    }
    let value = value.clone();
    function(name, move |_, mut args| {
        args.rest();
        args.keywords();
        Ok(values::from_json(&value))
    })
}

struct Answers {
    usual: Value,
    answers: Map<String, serde_json::Value>,
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.usual.fmt(f)
    }
}

impl Object for Answers {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        match self.answer(args) {
            Some(answer) => Ok(answer),
            None => self.usual.call(state, args),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match self.answer(args) {
            Some(_) if method == "has_var" => Ok(Value::from(true)),
            _ => self.usual.call_method(state, method, args),
        }
    }
}

impl Answers {
    /// The answer for the name that a call asks for.
    fn answer(&self, args: &[Value]) -> Option<Value> {
        let mut args = Args::new("var", args);
        let name = args.rest().into_iter().next();
        let name = name.or_else(|| Some(args.keywords().into_iter().next()?.1))?;
        self.answers.get(name.as_str()?).map(values::from_json)
    }
}
