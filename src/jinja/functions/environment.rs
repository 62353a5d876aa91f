//! What templates learn of the world: environment variables and the running thread.

use crate::base::Context;
use crate::base::Diagnostic;
use crate::jinja::fail_with;
use crate::jinja::function;
use crate::jinja::values::dict;
use minijinja::value::Value;
use std::sync::Arc;

/// Variables whose values nobody may see.
const SECRET_PREFIX: &str = "DBT_ENV_SECRET_";

/// Whether `env_var` gives variables that start with `DBT_ENV_SECRET_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// In `profiles.yml` and `packages.yml`.
    Allowed,
    /// Everywhere else, since the value could be printed.
    Forbidden,
}

/// `env_var('NAME', 'default')`. A variable that is set to nothing is set.
pub fn env_var(context: &Arc<Context>, secrets: Secrets) -> Value {
    let context = context.clone();
    function("env_var", move |_, mut args| {
        let name = args.required_str("var")?;
        let default = args.optional("default").filter(|value| !value.is_none());
        args.finish()?;
        let is_secret = name.starts_with(SECRET_PREFIX);
        if is_secret && secrets == Secrets::Forbidden {
            return Err(fail_with(parsing_error(
                "secret-env-var",
                format!(
                    "Secret env vars are allowed only in profiles.yml or packages.yml. \
                     Found '{name}' referenced elsewhere."
                ),
            )));
        }
        context.note_env_asked(&name);
        if let Some(value) = context.var(&name) {
            if !is_secret {
                context.note_env_read(&name, value);
            }
            return Ok(Value::from(value));
        }
        default.ok_or_else(|| {
            let message = format!("Env var required but not provided: '{name}'");
            fail_with(parsing_error("missing-env-var", message).hint(format!(
                "set it, or give a value to use without it: `env_var('{name}', '...')`"
            )))
        })
    })
}

/// `dbt_metadata_envs`: the variables meant for metadata, without their prefix.
pub(super) fn metadata(context: &Context) -> Value {
    let known = context.custom_vars();
    dict(known.map(|(name, value)| (name, Value::from(value))))
}

/// `thread_id`: the name of the running thread.
pub(super) fn thread_id() -> Value {
    let thread = std::thread::current();
    Value::from(match thread.name() {
        None | Some("main") => "MainThread",
        Some(name) => name,
    })
}

fn parsing_error(code: &'static str, message: String) -> Diagnostic {
    Diagnostic::error(code, message).headline("Parsing Error")
}
