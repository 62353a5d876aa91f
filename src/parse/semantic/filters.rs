//! The Jinja of filters and groupings: `Dimension('order__status')`, `TimeDimension('metric_time', 'day')`,
//! `Entity('customer')`, `Metric('revenue', group_by=['customer'])`. It is never rendered here, but it has
//! to be right, and its names are looked up.

use crate::jinja::Engine;
use crate::jinja::Names;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::fail;
use crate::jinja::function;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::Value;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// One call in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Called {
    /// `Dimension`, `TimeDimension`, `Entity` or `Metric`.
    pub function: &'static str,
    /// Its first argument.
    pub name: String,
}

impl Called {
    /// The name of the element itself, behind the entities that lead to it.
    pub(super) fn element(&self) -> &str {
        self.name.rsplit("__").next().unwrap_or(&self.name)
    }
}

const FUNCTIONS: [&str; 4] = ["Dimension", "TimeDimension", "Entity", "Metric"];

/// The calls in a condition, in order; `Err` holds what is wrong with it.
pub(super) fn of_condition(engine: &Arc<Engine>, condition: &str) -> Result<Vec<Called>, String> {
    calls(|scope| {
        let template = Template::text("<filter>", condition);
        engine
            .render(&template, scope)
            .map(drop)
            .map_err(|error| error.message)
    })
}

/// The calls in one item of a grouping or an order.
pub(super) fn of_item(engine: &Arc<Engine>, item: &str) -> Result<Vec<Called>, String> {
    calls(|scope| {
        let done = engine
            .expression(item, scope)
            .map_err(|error| error.message)?;
        match done.is_undefined() {
            true => Err(format!("'{item}' is undefined")),
            false => Ok(()),
        }
    })
}

fn calls(run: impl FnOnce(&Arc<dyn Scope>) -> Result<(), String>) -> Result<Vec<Called>, String> {
    let heard: Arc<Mutex<Vec<Called>>> = Arc::default();
    let mut names = Names::new("");
    for name in FUNCTIONS {
        names = names.with(name, recording(name, heard.clone()));
    }
    let scope: Arc<dyn Scope> = Arc::new(names);
    run(&scope)?;
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(heard.clone())
}

fn recording(name: &'static str, heard: Arc<Mutex<Vec<Called>>>) -> Value {
    function(name, move |_, mut args| {
        let first = args.rest().into_iter().next();
        let named = args
            .keywords()
            .into_iter()
            .find(|(key, _)| key.ends_with("name"));
        let written = first.or(named.map(|(_, value)| value));
        let written = written.as_ref().and_then(Value::as_str).unwrap_or_default();
        let is_bare = !written.contains("__") && written != "metric_time";
        if is_bare && matches!(name, "Dimension" | "TimeDimension") {
            return Err(fail(format!(
                "Name is in an incorrect format: '{written}'. It should be of the form: \
                 <primary entity name>__<dimension_name>"
            )));
        }
        let called = Called {
            function: name,
            name: written.to_string(),
        };
        heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(called);
        Ok(Value::from_object(Element))
    })
}

/// What such a call gives: its methods (`grain`, `date_part`, `descending`) lead to the same again.
#[derive(Debug)]
struct Element;

impl Object for Element {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "grain" | "date_part" | "descending" => Ok(Value::from_dyn_object(self.clone())),
            other => Err(fail(format!("there is no method `{other}`"))),
        }
    }
}
