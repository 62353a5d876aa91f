//! Reads a Python model without Python: what it refers to, its settings, and whether dbt can call it.
//! Promise: only literal arguments are believed; the grammar is checked as far as a mistake in it
//! would hide a call. Not here: running the model (`adapter::python`).

mod grammar;
mod lex;
mod literal;
mod model;

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::node::Ref;
use crate::node::Render;
use crate::parse::capture::Captured;
use lex::Broken;
use lex::Kind;
use lex::Token;
use literal::Arguments;
use serde_json::Map;
use serde_json::Value;
use std::ops::Range;
use std::sync::Arc;

/// The macro that gives a Python model its `dbt`.
const POSTFIX: &str = "macro.dbt.py_script_postfix";

const NOT_LITERAL: &str = "Error when trying to literal_eval an arg to dbt.ref(), dbt.source(), \
     dbt.config() or dbt.config.get(); in dbt python model, `dbt.ref`, `dbt.source`, `dbt.config`, \
     `dbt.config.get` function args only support Python literal structures";

/// What the code of a model says; `code` is where it lies in the file.
pub(super) fn read(
    file: &Arc<SourceFile>,
    code: Range<usize>,
) -> Result<Captured, Box<Diagnostic>> {
    let reader = Reader {
        file,
        text: &file.text()[code.clone()],
        start: code.start,
    };
    reader.read()
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    /// The model's code.
    text: &'a str,
    /// Where the code starts in the file.
    start: usize,
}

impl Reader<'_> {
    fn read(&self) -> Result<Captured, Box<Diagnostic>> {
        let tokens = lex::tokens(self.text).map_err(|wrong| self.syntax(wrong))?;
        grammar::check(self.text, &tokens).map_err(|wrong| self.syntax(wrong))?;
        let found = self.calls(&tokens)?;
        model::check(self.text, &tokens).map_err(|wrong| {
            let hint = "write `def model(dbt, session):`, with `return` and one dataframe as its last line";
            Box::new(self.mistake("python-model", wrong).hint(hint))
        })?;
        if let Some(at) = jinja_at(self.text) {
            let wrong = Broken {
                message: "No jinja in python model code is allowed".to_string(),
                start: at,
                end: at + 2,
            };
            let hint = "give the value as a setting in YAML and read it with `dbt.config.get()`";
            return Err(Box::new(self.mistake("python-model", wrong).hint(hint)));
        }
        Ok(found)
    }

    /// Everything that is asked of `dbt`, wherever in the file it is asked.
    fn calls(&self, tokens: &[Token]) -> Result<Captured, Box<Diagnostic>> {
        let mut found = Captured::default();
        let mut asked = Asked::default();
        for at in 0..tokens.len() {
            let Some((function, bracket)) = self.called(tokens, at) else {
                continue;
            };
            let given = literal::arguments(self.text, tokens, bracket).map_err(|wrong| {
                let wrong = Broken {
                    message: NOT_LITERAL.to_string(),
                    start: wrong.start,
                    end: wrong.end,
                };
                Box::new(self.mistake("python-literal", wrong))
            })?;
            let done = match function {
                "ref" => reference(given).map(|reference| found.refs.push(reference)),
                "source" => source(given).map(|source| found.sources.push(source)),
                "config" => settings(given).map(|settings| found.configs.push(settings)),
                "config.get" => asked.settings.note("get", given),
                _ => asked.meta.note("meta_get", given),
            };
            done.map_err(|message| {
                let start = tokens[at].start;
                let end = tokens[bracket].start;
                Box::new(self.mistake(
                    "python-call",
                    Broken {
                        message,
                        start,
                        end,
                    },
                ))
            })?;
        }
        found.configs.extend(asked.into_settings());
        found.macros.insert(POSTFIX.to_string());
        // Whether the model is built anew depends on what the warehouse holds.
        found.render = Render::InTurn;
        Ok(found)
    }

    /// The function of `dbt` that is called at a token, and where its opening bracket is.
    fn called(&self, tokens: &[Token], at: usize) -> Option<(&'static str, usize)> {
        let word = |at: usize| {
            tokens
                .get(at)
                .map_or("", |t: &Token| &self.text[t.start..t.end])
        };
        let is_whole = at == 0 || word(at - 1) != ".";
        if tokens[at].kind != Kind::Name || word(at) != "dbt" || word(at + 1) != "." || !is_whole {
            return None;
        }
        let function = match (word(at + 2), word(at + 3), word(at + 4)) {
            ("ref", "(", _) => "ref",
            ("source", "(", _) => "source",
            ("config", "(", _) => "config",
            ("config", ".", "get") => "config.get",
            ("config", ".", "meta_get") => "config.meta_get",
            _ => return None,
        };
        let bracket = at + if function.contains('.') { 5 } else { 3 };
        (word(bracket) == "(").then_some((function, bracket))
    }

    fn syntax(&self, mut wrong: Broken) -> Box<Diagnostic> {
        let (line, _) = self.file.line_col(self.start + wrong.start);
        let name = self.file.shown.rsplit('/').next().unwrap_or_default();
        wrong.message = format!("{} ({name}, line {line})", wrong.message);
        Box::new(self.mistake("python-syntax", wrong))
    }

    fn mistake(&self, code: &'static str, wrong: Broken) -> Diagnostic {
        let place = Place::new(self.file, self.start + wrong.start, self.start + wrong.end);
        Diagnostic::error(code, wrong.message).at(place)
    }
}

/// The settings and meta entries that the code asks for, with the defaults it asks with.
#[derive(Default)]
struct Asked {
    settings: Questions,
    meta: Questions,
}

#[derive(Default)]
struct Questions {
    keys: Vec<Value>,
    defaults: Vec<Value>,
}

impl Questions {
    fn note(&mut self, function: &str, mut given: Arguments) -> Result<(), String> {
        let mut positional = given.positional.into_iter();
        let key = positional
            .next()
            .or_else(|| given.named.shift_remove("key"));
        let Some(key @ Value::String(_)) = key else {
            return Err(format!(
                "dbt.config.{function}() takes the name of a setting"
            ));
        };
        let default = positional
            .next()
            .or_else(|| given.named.shift_remove("default"));
        self.keys.push(key);
        self.defaults.push(default.unwrap_or(Value::Null));
        Ok(())
    }
}

impl Asked {
    /// `None` where nothing was asked.
    fn into_settings(self) -> Option<Map<String, Value>> {
        if self.settings.keys.is_empty() && self.meta.keys.is_empty() {
            return None;
        }
        let mut map = Map::new();
        for (name, questions) in [("config", self.settings), ("meta", self.meta)] {
            map.insert(format!("{name}_keys_used"), questions.keys.into());
            map.insert(format!("{name}_keys_defaults"), questions.defaults.into());
        }
        Some(map)
    }
}

fn reference(mut given: Arguments) -> Result<Ref, String> {
    let version = ["version", "v"]
        .iter()
        .filter_map(|key| given.named.shift_remove(*key));
    let version = version
        .reduce(|first, _| first)
        .filter(|version| !version.is_null());
    if let Some(name) = given.named.keys().next() {
        return Err(format!("ref() got an unexpected keyword argument '{name}'"));
    }
    let (package, name) = match texts(&given.positional, "ref")?.as_slice() {
        [name] => (None, name.clone()),
        [package, name] => (Some(package.clone()), name.clone()),
        other => {
            return Err(format!(
                "ref() takes at most two arguments ({} given)",
                other.len()
            ));
        }
    };
    Ok(Ref {
        package,
        name,
        version: version.map(Box::new),
    })
}

fn source(given: Arguments) -> Result<(String, String), String> {
    match texts(&given.positional, "source")?.as_slice() {
        [source, table] => Ok((source.clone(), table.clone())),
        other => Err(format!(
            "source() takes exactly two arguments ({} given)",
            other.len()
        )),
    }
}

fn settings(given: Arguments) -> Result<Map<String, Value>, String> {
    let mut settings = Map::new();
    for value in given.positional {
        match value {
            Value::Object(map) => settings.extend(map),
            _ => {
                return Err(
                    "dbt.config() takes settings by name, or one dictionary of them".to_string(),
                );
            }
        }
    }
    settings.extend(given.named);
    Ok(settings)
}

fn texts(values: &[Value], function: &str) -> Result<Vec<String>, String> {
    let text = |value: &Value| value.as_str().map(str::to_string);
    let all: Option<Vec<String>> = values.iter().map(text).collect();
    all.ok_or_else(|| format!("{function}() takes names as texts"))
}

/// Where a template's tag stands.
fn jinja_at(text: &str) -> Option<usize> {
    let pairs = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
    pairs
        .iter()
        .filter_map(|(open, close)| {
            let at = text.find(open)?;
            text[at..].contains(close).then_some(at)
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let file = SourceFile::new("models/m.py", "models/m.py", text);
        match read(&file, 0..text.len()) {
            Err(found) => format!("{}: {}", found.place.unwrap(), found.message),
            Ok(found) => {
                let configs = found.configs.into_iter().map(Value::Object);
                let configs: Vec<String> = configs.map(|map| map.to_string()).collect();
                format!("{:?} {:?} {}", found.refs, found.sources, configs.join(" "))
            }
        }
    }

    #[test]
    fn calls_are_found_wherever_they_stand() {
        let text = "\
def model(dbt, session):
    dbt.config(materialized='table', n=-1)
    if dbt.config.get('limit', 5):
        x = [dbt.ref('a', v=2), dbt.ref('p', 'b')]
    # dbt.ref('comment')
    y = 'dbt.ref(\"text\")'
    my.dbt.ref(z)
    return dbt.source('raw', 'orders')
";
        assert_eq!(
            said(text),
            "[Ref { package: None, name: \"a\", version: Some(Number(2)) }, \
             Ref { package: Some(\"p\"), name: \"b\", version: None }] [(\"raw\", \"orders\")] \
             {\"materialized\":\"table\",\"n\":-1} \
             {\"config_keys_used\":[\"limit\"],\"config_keys_defaults\":[5],\
             \"meta_keys_used\":[],\"meta_keys_defaults\":[]}"
        );
    }

    #[test]
    fn mistakes_have_the_words_of_dbt() {
        let args = "model function should have two args, `dbt` and a session to current warehouse";
        let one = "In current version, model function should return only one dataframe object";
        let rows = [
            (
                "def modle(dbt, s):\n    return 1",
                "1:1",
                "dbt allows exactly one model defined per python file, found 0",
            ),
            ("def model(dbt):\n    return 1", "1:5", args),
            ("def model(dbt, *s):\n    return 1", "1:5", args),
            (
                "def model(d, s):\n    return 1",
                "1:11",
                "'dbt' not provided for model as the first argument",
            ),
            ("def model(dbt, s):\n    x = 1", "2:5", one),
            ("def model(dbt, s):\n    return 1, 2", "2:5", one),
            (
                "def model(dbt, s):\n    if x:\n        return 1\n    y",
                "4:5",
                one,
            ),
            (
                "def model(dbt, s)\n    return 1",
                "1:18",
                "expected ':' (m.py, line 1)",
            ),
            (
                "def model(dbt, s):\n    return (1",
                "2:12",
                "'(' was never closed (m.py, line 2)",
            ),
            (
                "def model(dbt, s):\nreturn 1",
                "2:1",
                "expected an indented block after function definition on line 1 (m.py, line 2)",
            ),
            ("x = a b", "1:7", "invalid syntax (m.py, line 1)"),
            (
                "  x = 1\n   y = 2",
                "1:3",
                "unexpected indent (m.py, line 1)",
            ),
            (
                "def model(dbt, s):\n    return dbt.ref(x)",
                "2:20",
                NOT_LITERAL,
            ),
            (
                "def model(dbt, s):\n    return dbt.ref()",
                "2:12",
                "ref() takes at most two arguments (0 given)",
            ),
            (
                "def model(dbt, s):\n    x = '{{ this }}'\n    return 1",
                "2:10",
                "No jinja in python model code is allowed",
            ),
        ];
        for (text, place, expected) in rows {
            assert_eq!(
                said(text),
                format!("models/m.py:{place}: {expected}"),
                "{text}"
            );
        }
    }

    #[test]
    fn functions_may_be_short() {
        let rows = [
            "def model(dbt, session): return dbt.ref('a')",
            "def model(dbt, session=None):\n    x = 1; return dbt.ref('a')",
            "@wraps\ndef model(dbt: Any, con) -> Frame:\n    return f(dbt.ref('a'), 2)\n\ndef other():\n    pass",
            "match = 1\nprint(match)\ndef model(dbt, s):\n    match x:\n        case 1:\n            pass\n    return dbt.ref('a')",
        ];
        for text in rows {
            let found = said(text);
            assert!(
                found.starts_with("[Ref { package: None, name: \"a\""),
                "{text}: {found}"
            );
        }
    }
}
