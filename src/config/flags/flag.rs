//! One flag: its names, what its value looks like, and who knows it.
//! Not here: which flags there are (`table`).

use crate::config::flags::Command;
use serde_json::Value;
use serde_json::json;

/// One flag. `name` in snake case is its key in artifacts and `flags:`; `--name` with dashes is its option,
/// `DBT_NAME` and `DBT_ENGINE_NAME` are its variables.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    pub name: &'static str,
    pub kind: Kind,
    pub reach: Reach,
    pub short: Option<char>,
    /// Further long spellings; those in capitals of one letter are short ones.
    pub aliases: &'static [&'static str],
    /// Whether `--no-name` exists.
    pub negatable: bool,
    /// Whether `DBT_NAME` is read.
    pub in_env: bool,
    /// Whether `flags:` of `dbt_project.yml` may set it.
    pub in_project: bool,
    /// Whether the command line takes it. The others have their default in artifacts and templates.
    pub accepted: bool,
    pub help: &'static str,
}

/// What a value looks like, and what it is when nobody gives one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Switch(Option<bool>),
    Integer(Option<i64>),
    Text,
    Path,
    /// A day or a moment.
    Moment,
    /// A length of time until now, or a window of time.
    Sample,
    /// One of some words; the default may be absent.
    Choice(&'static [&'static str], Option<&'static str>),
    /// Any number of words, several after one option.
    Words,
    /// As `Words`, but only these.
    WordsOf(&'static [&'static str]),
    /// A YAML mapping; empty by default.
    Mapping,
    /// A YAML mapping with the keys `error`, `warn` and `silence`.
    WarnErrorOptions,
}

/// Which commands know a flag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reach {
    /// Every command; may also stand before the command.
    Everywhere,
    On(&'static [Command]),
    Except(&'static [Command]),
    /// Only `flags:` of the project: a switch between old and new behaviour.
    Project,
}

impl Flag {
    pub fn applies_to(&self, command: Command) -> bool {
        match self.reach {
            Reach::On(commands) => commands.contains(&command),
            Reach::Except(commands) => !commands.contains(&command),
            Reach::Everywhere | Reach::Project => true,
        }
    }

    /// `--full-refresh` without the dashes in front.
    pub fn long(&self) -> String {
        self.name.replace('_', "-")
    }

    /// The variables that set it, the first that is set wins.
    pub fn variables(&self) -> Option<[String; 2]> {
        let name = self.name.to_uppercase();
        self.in_env
            .then(|| [format!("DBT_ENGINE_{name}"), format!("DBT_{name}")])
    }
}

impl Kind {
    /// What the value should have been; `None` when it is right.
    pub(super) fn expected(self, value: &Value) -> Option<String> {
        let (right, expected) = match self {
            Kind::Switch(_) => (value.is_boolean(), "true or false".to_string()),
            Kind::Integer(_) => (value.is_i64(), "a whole number".to_string()),
            Kind::Text | Kind::Path | Kind::Moment | Kind::Sample => {
                (value.is_string(), "a text".to_string())
            }
            Kind::Choice(words, _) => (
                value.as_str().is_some_and(|word| words.contains(&word)),
                format!("one of {}", words.join(", ")),
            ),
            Kind::Words | Kind::WordsOf(_) => (value.is_array(), "a list".to_string()),
            Kind::Mapping | Kind::WarnErrorOptions => (value.is_object(), "a mapping".to_string()),
        };
        (!right).then_some(expected)
    }

    pub(super) fn default(self) -> Value {
        match self {
            Kind::Switch(default) => json!(default),
            Kind::Integer(default) => json!(default),
            Kind::Text | Kind::Path | Kind::Moment | Kind::Sample => Value::Null,
            Kind::Choice(_, default) => json!(default),
            Kind::Words | Kind::WordsOf(_) => json!([]),
            Kind::Mapping | Kind::WarnErrorOptions => json!({}),
        }
    }
}
