//! Reads a mapping of a properties file by a table of its fields: wrong ones are reported with dbt's
//! words, missing ones get their default, short spellings are written out.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::cell::Cell;

/// One key of a mapping.
#[derive(Debug)]
pub(super) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub absent: Absent,
}

/// What stands for a key that was not written, or is null.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Absent {
    /// The key has to be written.
    Refused,
    Null,
    False,
    EmptyList,
    Word(&'static str),
    /// The key is left out.
    Missing,
}

/// What a value may be.
#[derive(Debug)]
pub(super) enum Kind {
    Text,
    /// A text; numbers and yes-or-no count as their text.
    Expression,
    Flag,
    Whole,
    Number,
    Word(Words),
    /// A condition or a list of such, in Jinja of its own: it is kept as written.
    Filter,
    /// `7 days`.
    Window,
    /// Whatever keys it has.
    Map,
    Record(&'static [Field]),
    /// A record, or a text that is its `name`.
    Named(&'static [Field]),
    List(&'static Kind),
    /// A list of texts, or one text.
    Texts,
}

/// The words that a value may be.
#[derive(Debug)]
pub(super) struct Words {
    pub values: &'static [&'static str],
    /// The name by which messages know the enumeration; such a one takes its words in any case.
    pub name: Option<&'static str>,
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    let absent = Absent::Refused;
    Field { name, kind, absent }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    let absent = Absent::Null;
    Field { name, kind, absent }
}

pub(super) const fn or(name: &'static str, kind: Kind, absent: Absent) -> Field {
    Field { name, kind, absent }
}

/// Reads one entry of a section; `None` when something in it was wrong and has been reported.
pub(super) fn read(
    section: &'static str,
    fields: &[Field],
    yaml: &Yaml,
    bag: &Bag,
) -> Option<Map<String, Value>> {
    let reader = Reader {
        section,
        entry: yaml,
        bag,
        is_wrong: Cell::new(false),
    };
    let read = reader.record(fields, yaml, "");
    (!reader.is_wrong.get()).then_some(read)
}

/// A complaint about an entry in the words that callers search for.
pub(super) fn invalid(section: &str, entry: &Yaml, at: &Yaml, what: &str) -> Diagnostic {
    let shown = &entry.file().shown;
    let name = entry
        .get("name")
        .map_or_else(String::new, |name| format!(" '{}'", name.printed()));
    let message = format!("Invalid {section} config given in {shown} @ {section}:{name} - {what}");
    Diagnostic::error("invalid-properties", message)
        .at(at.place())
        .headline("Parsing Error")
}

struct Reader<'a> {
    section: &'static str,
    entry: &'a Yaml,
    bag: &'a Bag,
    is_wrong: Cell<bool>,
}

impl Reader<'_> {
    fn record(&self, fields: &[Field], yaml: &Yaml, path: &str) -> Map<String, Value> {
        for (key, _) in yaml.entries() {
            let name = key.key_text();
            if !fields.iter().any(|field| field.name == name) {
                let what =
                    format!("Additional properties are not allowed ('{name}' was unexpected)");
                let near = nearest(&name, fields.iter().map(|field| field.name));
                let hint = near.map(|near| format!("did you mean `{near}`?"));
                self.complain(key, path, &what, hint);
            }
        }
        let mut map = Map::new();
        for field in fields {
            let written = yaml.get(field.name).filter(|value| !value.is_null());
            let value = match written {
                Some(value) => self.value(&field.kind, value, &format!("{path}['{}']", field.name)),
                None => match self.absent(field, yaml, path) {
                    Some(value) => value,
                    None => continue,
                },
            };
            map.insert(field.name.to_string(), value);
        }
        map
    }

    fn absent(&self, field: &Field, yaml: &Yaml, path: &str) -> Option<Value> {
        match field.absent {
            Absent::Missing => None,
            Absent::Null => Some(Value::Null),
            Absent::False => Some(json!(false)),
            Absent::EmptyList => Some(json!([])),
            Absent::Word(word) => Some(json!(word)),
            Absent::Refused => {
                let what = format!("'{}' is a required property", field.name);
                self.complain(yaml, path, &what, None);
                None
            }
        }
    }

    fn value(&self, kind: &Kind, yaml: &Yaml, path: &str) -> Value {
        match (kind, &yaml.data) {
            (Kind::Text, Data::Text(_) | Data::Date(_)) => yaml.to_json(),
            (Kind::Flag, Data::Bool(_)) | (Kind::Whole, Data::Int(_)) => yaml.to_json(),
            (Kind::Number, Data::Int(_) | Data::Float(_)) | (Kind::Map, Data::Map(_)) => {
                yaml.to_json()
            }
            (Kind::Expression, data) if !matches!(data, Data::List(_) | Data::Map(_)) => {
                json!(yaml.printed())
            }
            (Kind::Word(words), Data::Text(text)) => self.word(words, text, yaml, path),
            (Kind::Window, Data::Text(text)) => self.window(text, yaml, path),
            (Kind::Filter, Data::Text(_) | Data::List(_)) => filter(yaml),
            (Kind::Record(fields) | Kind::Named(fields), Data::Map(_)) => {
                Value::Object(self.record(fields, yaml, path))
            }
            (Kind::Named(fields), Data::Text(_)) => {
                let named = vec![(yaml.with(Data::Text("name".to_string())), yaml.clone())];
                Value::Object(self.record(fields, &yaml.with(Data::Map(named)), path))
            }
            (Kind::Texts, Data::Text(_)) => json!([yaml.to_json()]),
            (Kind::Texts, Data::List(items)) => self.list(&Kind::Text, items, path),
            (Kind::List(kind), Data::List(items)) => self.list(kind, items, path),
            (kind, _) => {
                let what = format!("{} {}", shown(yaml), refusal(kind));
                self.complain(yaml, path, &what, None);
                Value::Null
            }
        }
    }

    fn list(&self, kind: &Kind, items: &[Yaml], path: &str) -> Value {
        let items = items.iter().enumerate();
        items
            .map(|(position, item)| self.value(kind, item, &format!("{path}[{position}]")))
            .collect()
    }

    fn word(&self, words: &Words, text: &str, yaml: &Yaml, path: &str) -> Value {
        let folded = match words.name {
            Some(_) => text.to_lowercase(),
            None => text.to_string(),
        };
        if words.values.contains(&folded.as_str()) {
            return json!(folded);
        }
        let what = match words.name {
            Some(name) => format!("Invalid enum value: `{text}` in enum {name}"),
            None => format!("'{text}' is not one of ['{}']", words.values.join("', '")),
        };
        let near = nearest(&folded, words.values.iter().copied());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", words.values.join(", ")),
        };
        self.complain(yaml, path, &what, Some(hint));
        Value::Null
    }

    /// A count and a grain, which loses its plural.
    fn window(&self, text: &str, yaml: &Yaml, path: &str) -> Value {
        let lowered = text.to_lowercase();
        let mut parts = lowered.split_whitespace();
        let parsed = match (
            parts.next().map(str::parse::<i64>),
            parts.next(),
            parts.next(),
        ) {
            (Some(Ok(count)), Some(grain), None) => Some((count, grain)),
            _ => None,
        };
        let Some((count, grain)) = parsed else {
            let what = format!(
                "Invalid window ({text}) in cumulative/conversion metric. Should be of the form \
                 `<count> <granularity>`, e.g., `28 days`"
            );
            self.complain(yaml, path, &what, None);
            return Value::Null;
        };
        let singular = grain.strip_suffix('s').filter(|s| GRAINS.contains(s));
        json!({"count": count, "granularity": singular.unwrap_or(grain)})
    }

    fn complain(&self, at: &Yaml, path: &str, what: &str, hint: Option<String>) {
        self.is_wrong.set(true);
        let path = if path.is_empty() { "[]" } else { path };
        let what = format!("at path {path}: {what}");
        let found = invalid(self.section, self.entry, at, &what);
        self.bag.add(found.maybe_hint(hint));
    }
}

/// The grains of time that dates can be cut to, finest first.
pub(super) const GRAINS: [&str; 11] = [
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
];

fn filter(yaml: &Yaml) -> Value {
    let one = |text: &Yaml| json!({"where_sql_template": text.printed()});
    match &yaml.data {
        Data::List(items) => json!({"where_filters": items.iter().map(one).collect::<Vec<_>>()}),
        _ => json!({"where_filters": [one(yaml)]}),
    }
}

/// A value as Python shows it in such messages.
fn shown(yaml: &Yaml) -> String {
    match &yaml.data {
        Data::Text(text) => format!("'{text}'"),
        Data::Bool(true) => "True".to_string(),
        Data::Bool(false) => "False".to_string(),
        _ => yaml.to_json().to_string(),
    }
}

fn refusal(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Expression => "is not of type 'string'",
        Kind::Flag => "is not of type 'boolean'",
        Kind::Map | Kind::Record(_) => "is not of type 'object'",
        Kind::List(_) => "is not of type 'array'",
        _ => "is not valid under any of the given schemas",
    }
}
