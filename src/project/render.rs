//! Renders the texts of project files and profiles: `var`, `env_var` and, once known, `target`.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::jinja::Engine;
use crate::jinja::Names;
use crate::jinja::Registry;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::fail;
use crate::jinja::function;
use crate::jinja::scan;
use crate::jinja::values;
use minijinja::value::Value;
use serde_json::Map;
use std::sync::Arc;

pub(super) struct Renderer<'a> {
    engine: Arc<Engine>,
    scope: Arc<dyn Scope>,
    bag: &'a Bag,
}

impl<'a> Renderer<'a> {
    /// `target` is empty where no profile is known yet.
    pub(super) fn new(
        context: &Context,
        vars: &Map<String, serde_json::Value>,
        target: Map<String, serde_json::Value>,
        bag: &'a Bag,
    ) -> Self {
        let mut names = Names::new("")
            .with("env_var", env_var(context))
            .with("var", var(vars));
        if !target.is_empty() {
            names = names.with(
                "target",
                values::from_json(&serde_json::Value::Object(target)),
            );
        }
        Renderer {
            engine: Engine::new(Registry::default()),
            scope: Arc::new(names),
            bag,
        }
    }

    /// The rendered value of a text; `None` where it holds no template, or a broken one.
    pub(super) fn data(&self, written: &Yaml) -> Option<Data> {
        let text = written.as_text().filter(|text| scan::is_template(text))?;
        let place = written.place();
        let template = Template::text(&place.file.shown, text);
        match self.engine.render_native(&template, &self.scope) {
            Ok(value) => Some(Yaml::from_json(&values::to_json(&value), &place).data),
            Err(error) => {
                self.bag.add(Diagnostic {
                    place: Some(place),
                    ..error.diagnostic()
                });
                None
            }
        }
    }

    /// A text field, rendered; `None` where it is no text.
    pub(super) fn text(&self, written: &Yaml) -> Option<String> {
        let rendered = self.data(written).map(|data| written.with(data));
        let value = rendered.as_ref().unwrap_or(written);
        (!value.is_null()).then(|| value.printed().into_owned())
    }
}

/// `env_var('NAME', 'default')`.
fn env_var(context: &Context) -> Value {
    let env = context.env.clone();
    function("env_var", move |_, mut args| {
        let name = args.required_str("var")?;
        let default = args.optional("default").filter(|value| !value.is_none());
        args.finish()?;
        match (env.get(&name), default) {
            (Some(value), _) => Ok(Value::from(value.as_str())),
            (None, Some(default)) => Ok(Value::from(default.to_string())),
            (None, None) => Err(fail(format!("Env var required but not provided: '{name}'"))),
        }
    })
}

/// `var('name', default)`: only what was given with `--vars` is known here.
fn var(vars: &Map<String, serde_json::Value>) -> Value {
    let vars = vars.clone();
    function("var", move |_, mut args| {
        let name = args.required_str("name")?;
        let default = args.optional("default");
        args.finish()?;
        match (vars.get(&name), default) {
            (Some(value), _) => Ok(values::from_json(value)),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(fail(format!(
                "Required var '{name}' not found in config: give it with `--vars`"
            ))),
        }
    })
}
