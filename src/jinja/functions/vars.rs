//! `var('name', default)` and `var.has_var('name')`.

use crate::base::Diagnostic;
use crate::jinja::Args;
use crate::jinja::CallSite;
use crate::jinja::Template;
use crate::jinja::current;
use crate::jinja::fail;
use crate::jinja::fail_with;
use crate::jinja::python::json;
use crate::jinja::python::json::Style;
use crate::jinja::python::methods::method;
use crate::jinja::scan;
use crate::jinja::values;
use crate::jinja::values::none;
use indexmap::IndexMap;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// What `var` of an unknown name without a default gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// While files are parsed: `none`, since the code may never run.
    IsNone,
    /// While code is rendered for real: a mistake.
    IsError,
}

pub(super) fn object(vars: IndexMap<String, Value>, missing: Missing) -> Value {
    Value::from_object(Vars { vars, missing })
}

struct Vars {
    vars: IndexMap<String, Value>,
    missing: Missing,
}

impl fmt::Debug for Vars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<var>")
    }
}

impl Object for Vars {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let this = Value::from_dyn_object(self.clone());
        (key.as_str()? == "has_var").then(|| method(this, "has_var"))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut args = Args::new("var", args);
        let name = args.required_str("var_name")?;
        let default = args.optional("default");
        args.finish()?;
        match (self.vars.get(&name), default, self.missing) {
            (Some(found), _, _) => value(found, &current(state)?),
            (None, Some(default), _) => Ok(default),
            (None, _, Missing::IsNone) => Ok(none()),
            (None, _, Missing::IsError) => Err(self.not_found(&name, &current(state)?)),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "has_var" {
            return Err(Error::from(ErrorKind::UnknownMethod));
        }
        let mut args = Args::new(method, args);
        let name = args.required_str("var_name")?;
        args.finish()?;
        Ok(Value::from(self.vars.contains_key(&name)))
    }
}

impl Vars {
    fn not_found(&self, name: &str, site: &CallSite) -> Error {
        let model = site.scope.get("model");
        let owner = model.and_then(|model| model.get_attr("name").ok());
        let owner = owner.filter(|name| !name.is_undefined());
        let owner = owner.map_or(site.scope.package().to_string(), |name| name.to_string());
        let style = Style {
            sort_keys: true,
            indent: Some(4),
        };
        let vars = self.vars.iter();
        let vars = values::dict(vars.map(|(name, value)| (name.as_str(), value.clone())));
        let vars = json::dumps(&vars, style).unwrap_or_default();
        let message = format!(
            "Required var '{name}' not found in config:\nVars supplied to {owner} = {vars}"
        );
        fail_with(Diagnostic::error("missing-var", message).hint(format!(
            "set it under `vars:` in dbt_project.yml or with `--vars '{{{name}: ...}}'`, or give a \
             value to use without it: `var('{name}', '...')`"
        )))
    }
}

/// A text with braces is a template itself. Whoever changes a list or dict changes a copy.
fn value(found: &Value, site: &CallSite) -> Result<Value, Error> {
    match found.as_str() {
        Some(text) if scan::is_template(text) => {
            let template = Template::text("vars", text);
            let rendered = site.engine.render(&template, &site.scope);
            rendered
                .map(Value::from)
                .map_err(|error| fail(error.message))
        }
        _ => Ok(values::deep_copy(found)),
    }
}
