//! Renders the texts of a settings file: `var`, `env_var` and, where there is one, `target`.
//! Promise: a text without Jinja costs nothing, and a mistake is told where the text stands.

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::jinja;
use crate::jinja::Args;
use crate::jinja::CallSite;
use crate::jinja::Engine;
use crate::jinja::Error;
use crate::jinja::Names;
use crate::jinja::Registry;
use crate::jinja::Scope;
use crate::jinja::Search;
use crate::jinja::Template;
use crate::jinja::Value;
use crate::jinja::fail;
use crate::jinja::from_json;
use crate::jinja::function;
use crate::jinja::to_json;
use serde_json::Map;
use std::sync::Arc;

/// Variables whose names start like this are for profiles and packages alone.
pub(super) const SECRET_PREFIX: &str = "DBT_ENV_SECRET";

pub(super) struct Renderer {
    engine: Arc<Engine>,
    scope: Arc<dyn Scope>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Allowed,
    Refused,
}

impl Renderer {
    /// For project files. Without a target its name is undefined.
    pub(super) fn new(
        context: &Arc<Context>,
        vars: &Map<String, serde_json::Value>,
        target: Option<&Map<String, serde_json::Value>>,
    ) -> Self {
        let names = names(context, vars, Secrets::Refused);
        let names = match target {
            Some(target) => {
                let target = serde_json::Value::Object(target.clone());
                names.with("target", from_json(&target))
            }
            None => names,
        };
        Renderer::of(names)
    }

    /// For `profiles.yml` and `packages.yml`, where secrets may be used.
    pub(super) fn with_secrets(
        context: &Arc<Context>,
        vars: &Map<String, serde_json::Value>,
    ) -> Self {
        Renderer::of(names(context, vars, Secrets::Allowed))
    }

    fn of(names: Names) -> Self {
        let registry = Registry::new(Search::default(), &[], &Bag::new());
        Renderer {
            engine: Engine::new(registry),
            scope: Arc::new(names),
        }
    }

    /// The tree with every text rendered that `wanted` says yes to, by the keys that lead to it.
    /// A text that cannot be rendered is reported and stays as it is.
    pub(super) fn tree(&self, yaml: &Yaml, wanted: impl Fn(&[&Yaml]) -> bool, bag: &Bag) -> Yaml {
        yaml.map_texts(&mut |path, text| match wanted(path) {
            true => self.text(text, bag),
            false => None,
        })
    }

    /// The value of one text; `None` leaves it as it is.
    pub(super) fn text(&self, yaml: &Yaml, bag: &Bag) -> Option<Data> {
        let text = yaml.as_text()?;
        if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
            // A template loses the line break at its end, also where it is nothing but text.
            let cut = text.strip_suffix('\n')?;
            return Some(Data::Text(cut.to_string()));
        }
        let place = written(yaml, text);
        let template = match &place {
            Some(place) => Template::part(&place.file, place.start..place.end),
            None => Template::made(&yaml.place(), text),
        };
        match self.engine.render_native(&template, &self.scope) {
            Ok(value) if value.is_undefined() => {
                bag.add(
                    Diagnostic::error("undefined-name", format!("`{text}` has no value"))
                        .at(yaml.place())
                        .hint("a name in it is undefined; give it a default"),
                );
                None
            }
            Ok(value) => Some(data(&value, yaml)),
            Err(error) => {
                let mut found = error.diagnostic();
                if place.is_none() || found.place.is_none() {
                    found.place = Some(yaml.place());
                }
                bag.add(found);
                None
            }
        }
    }
}

/// Where a text stands word for word, without the quotes around it; `None` where escapes or
/// indentation make it look different in the file.
fn written(yaml: &Yaml, text: &str) -> Option<Place> {
    let place = yaml.place();
    let at = place.file.text()[place.start..place.end].find(text)?;
    let start = place.start + at;
    Some(Place::new(&place.file, start, start + text.len()))
}

fn data(value: &Value, yaml: &Yaml) -> Data {
    match value.as_str() {
        Some(text) => Data::Text(text.to_string()),
        None => Yaml::from_json(&to_json(value), &yaml.place()).data,
    }
}

fn names(context: &Arc<Context>, vars: &Map<String, serde_json::Value>, secrets: Secrets) -> Names {
    let vars = vars.clone();
    let basics = jinja::basics(context);
    let names = basics.fold(Names::new(""), |names, (name, value)| {
        names.with(name, value)
    });
    let context = context.clone();
    names
        .with("var", function("var", move |_, args| var(&vars, args)))
        .with(
            "env_var",
            function("env_var", move |_: &CallSite, args| {
                env_var(&context, secrets, args)
            }),
        )
}

fn var(vars: &Map<String, serde_json::Value>, mut args: Args<'_>) -> Result<Value, Error> {
    let name = args.required("name")?.to_string();
    let default = args.optional("default");
    args.finish()?;
    match (vars.get(&name), default) {
        (Some(value), _) => Ok(from_json(value)),
        (None, Some(default)) => Ok(default),
        (None, None) => {
            let known = serde_json::Value::Object(vars.clone());
            Err(fail(format!(
                "Required var '{name}' not found in config:\nVars supplied to <Configuration> = {known:#}"
            )))
        }
    }
}

fn env_var(context: &Context, secrets: Secrets, mut args: Args<'_>) -> Result<Value, Error> {
    let name = args.required_str("name")?;
    let default = args.optional("default").filter(|value| !value.is_none());
    args.finish()?;
    let is_secret = name.starts_with(SECRET_PREFIX);
    if is_secret && secrets == Secrets::Refused {
        return Err(fail(format!(
            "Secret env vars are allowed only in profiles.yml or packages.yml. Found '{name}' referenced elsewhere."
        )));
    }
    let value = match (context.var(&name), default) {
        (Some(value), _) => Value::from(value),
        (None, Some(default)) => default,
        (None, None) => {
            return Err(fail(format!("Env var required but not provided: '{name}'")));
        }
    };
    if !is_secret {
        context.note_env_read(&name, &value.to_string());
    }
    Ok(value)
}
