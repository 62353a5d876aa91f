//! Expressions and what Python prints for them: each line of `tests/python_rows/*.txt` is a case,
//! `expression ==> answer`, or `expression ==> !! message` where Python raises.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own files and may stop at a mistake"
)]

use sqlmill::base::Bag;
use sqlmill::base::Context;
use sqlmill::base::Observer;
use sqlmill::base::event::Silent;
use sqlmill::config::Command;
use sqlmill::config::Flags;
use sqlmill::jinja::Engine;
use sqlmill::jinja::Missing;
use sqlmill::jinja::Names;
use sqlmill::jinja::Registry;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Search;
use sqlmill::jinja::Shared;
use sqlmill::jinja::Template;
use sqlmill::jinja::globals;
use sqlmill::jinja::values;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

#[test]
fn expressions_print_as_in_python() {
    let world = World::new();
    let mut wrong = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_rows");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for (at, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let Some((expression, wanted)) = line.split_once(" ==> ") else {
                continue;
            };
            let found = world.answer(expression);
            if found != wanted {
                let place = at + 1;
                writeln!(wrong, "{name}:{place}: {expression}").unwrap();
                writeln!(wrong, "    wanted {wanted}\n    found  {found}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

struct World {
    engine: Arc<Engine>,
    scope: Arc<dyn Scope>,
}

impl World {
    fn new() -> Self {
        let search = Search {
            root: "shop".to_string(),
            adapters: Vec::new(),
            internal: Vec::new(),
            dispatch: Vec::new(),
            ..Search::default()
        };
        World {
            engine: Engine::new(Registry::new(search, &[], &Bag::new())),
            scope: Arc::new(names()),
        }
    }

    fn answer(&self, expression: &str) -> String {
        let source = match expression.contains("{{") || expression.contains("{%") {
            true => expression.to_string(),
            false => format!("{{{{ {expression} }}}}"),
        };
        let template = Template::text("row", &source);
        match self.engine.render(&template, &self.scope) {
            Ok(text) => shown(&text),
            Err(error) => format!("!! {}", shown(&error.message)),
        }
    }
}

/// The shared names, for a node called `ev`.
fn names() -> Names {
    let mut context = Context::fixed(".");
    for (name, value) in [
        ("GREETING", "hello"),
        ("EMPTY", ""),
        ("DBT_ENV_SECRET_X", "s3"),
        ("DBT_ENV_CUSTOM_ENV_team", "a"),
    ] {
        context.env.insert(name.to_string(), value.to_string());
    }
    let observer: Arc<dyn Observer> = Arc::new(Silent);
    let globals = globals(&Shared {
        context: &Arc::new(context),
        observer: &observer,
        flags: &Arc::new(Flags::new(Command::RunOperation, "dbt run-operation", &[])),
        project_name: "p",
        target: &json(r#"{"name": "dev", "threads": 1}"#),
        config: &json("{}"),
    });
    let vars = r#"{"n": 5, "s": "text", "l": [1, 2], "d": {"a": 1}, "j": "{{ 1 + 1 }}",
        "nothing": null, "flag": true}"#;
    let vars = json(vars).into_iter();
    let vars = vars.map(|(name, value)| (name, values::from_json(&value)));
    let globals = globals.with_vars(vars.collect(), Missing::IsError);
    let model = values::dict([("name", values::from_json(&"ev".into()))]);
    let names = globals.names().into_iter();
    names.fold(Names::new("shop").with("model", model), |names, name| {
        let value = globals.get(&name).unwrap();
        names.with(name, value)
    })
}

fn json(text: &str) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_str(text).unwrap()
}

fn shown(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
}
