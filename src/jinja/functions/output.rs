//! `log` and `print`: what templates say to the person who runs them.

use crate::base::Event;
use crate::base::Observer;
use crate::base::event::Level;
use crate::jinja::CallSite;
use crate::jinja::function;
use crate::jinja::python::repr;
use minijinja::value::Value;
use std::sync::Arc;

/// Both give an empty text, so that they can stand in braces.
pub(super) fn functions(observer: &Arc<dyn Observer>) -> [(&'static str, Value); 2] {
    let (for_log, for_print) = (observer.clone(), observer.clone());
    let log = function("log", move |site, mut args| {
        let message = args.required("msg")?;
        let level = match args.flag("info") {
            true => Level::Info,
            false => Level::Debug,
        };
        args.finish()?;
        say(&for_log, site, level, &message);
        Ok(Value::from(""))
    });
    let print = function("print", move |site, mut args| {
        let message = args.required("msg")?;
        args.finish()?;
        say(&for_print, site, Level::Print, &message);
        Ok(Value::from(""))
    });
    [("log", log), ("print", print)]
}

pub(super) fn say(observer: &Arc<dyn Observer>, site: &CallSite, level: Level, message: &Value) {
    observer.on(&Event::JinjaLog {
        level,
        message: repr::str(message),
        node: site.scope.node(),
    });
}
