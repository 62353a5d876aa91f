//! Expressions and what Python prints for them: each line of `tests/python_rows/*.txt` is a case,
//! `expression ==> answer`, or `expression ==> !! message` where Python raises.

use minijinja::Environment;
use minijinja::value::Value;
use sqlmill::jinja::python;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn expressions_print_as_in_python() {
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
            let found = answer(expression);
            if found != wanted {
                writeln!(
                    wrong,
                    "{name}:{}: {expression}\n    wanted {wanted}\n    found  {found}",
                    at + 1
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn answer(expression: &str) -> String {
    let mut env = Environment::new();
    env.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
    python::install(&mut env, python::Rendering::Text);
    let source = match expression.contains("{{") || expression.contains("{%") {
        true => expression.to_string(),
        false => format!("{{{{ {expression} }}}}"),
    };
    match env.render_str(&source, Value::UNDEFINED) {
        Ok(text) => shown(&text),
        Err(error) => format!("!! {}", shown(error.detail().unwrap_or_default())),
    }
}

fn shown(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
}
