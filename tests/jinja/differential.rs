//! Templates beside Jinja2: the same text for the same template.

use crate::engine;
use sqlmill::jinja::Names;
use sqlmill::jinja::Scope;
use sqlmill::jinja::Template;
use std::sync::Arc;

/// Every row of `tests/jinja/differential`: what Jinja2 made of a template, this engine makes too,
/// except where the row has a third part. `scripts/jinja_reference.py` writes the expectations.
#[test]
fn templates_give_what_jinja2_gives() {
    let engine = engine(&[]);
    let scope: Arc<dyn Scope> = Arc::new(Names::new("shop"));
    let mut wrong = Vec::new();
    for (topic, text) in ROWS {
        for row in text.split("\n====\n").filter(|row| !row.trim().is_empty()) {
            let parts: Vec<&str> = row.split("\n----\n").collect();
            let (template, expected) = (parts[0], parts[parts.len() - 1]);
            let found = match engine.render(&Template::text("t.sql", template), &scope) {
                Ok(text) => text
                    .replace('\\', "\\\\")
                    .replace('\n', "\\n")
                    .replace('\t', "\\t"),
                // The two parsers have their own words.
                Err(error) if error.code == "jinja-syntax" && expected.starts_with("! ") => {
                    continue;
                }
                Err(error) => format!("! {error}"),
            };
            if found != expected {
                wrong.push(format!(
                    "{topic}: {template}\n  jinja2: {expected}\n  here:   {found}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

const ROWS: [(&str, &str); 6] = [
    ("expressions", include_str!("differential/expressions.txt")),
    ("mistakes", include_str!("differential/mistakes.txt")),
    ("statements", include_str!("differential/statements.txt")),
    ("syntax", include_str!("differential/syntax.txt")),
    ("values", include_str!("differential/values.txt")),
    ("whitespace", include_str!("differential/whitespace.txt")),
];
