//! Named selections out of `selectors.yml`, its texts already rendered.
//!
//! A definition is a criterion (as text, as `tag: nightly`, or with its keys spelled out), or a list under
//! `union` or `intersection`. It may take over another definition that stands above it (`method: selector`).

mod criterion;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::config::flags::IndirectSelection;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::select::Read;
use crate::select::spec::How;
use crate::select::spec::Set;
use crate::select::spec::Spec;
use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const HELP: &str =
    "a selector has a `name`, a `definition`, and maybe a `description` and a `default`";

/// The definitions of a project, in the order of their file.
#[derive(Debug, Default)]
pub struct Selectors {
    by_name: IndexMap<String, Selector>,
}

#[derive(Debug)]
struct Selector {
    is_default: bool,
    definition: Definition,
    /// The whole entry as the manifest writes it.
    entry: Value,
}

/// A definition, and how the manifest writes it: short forms spelled out, other selectors put in.
#[derive(Debug, Clone)]
struct Definition {
    spec: Spec,
    shown: Value,
}

impl Selectors {
    /// Reads the content of `selectors.yml`. What is wrong goes to the bag, and its selector is left out.
    pub fn read(file: &Yaml, bag: &Bag) -> Selectors {
        let mut reader = Reader {
            known: IndexMap::new(),
            broken: Vec::new(),
            bag,
        };
        match entries(file) {
            Ok(entries) => entries.iter().for_each(|entry| reader.add(entry)),
            Err(diagnostic) => bag.add(*diagnostic),
        }
        Selectors {
            by_name: reader.known,
        }
    }

    /// The `selectors` of the manifest.
    pub fn to_json(&self) -> Map<String, Value> {
        let entries = self.by_name.iter();
        entries
            .map(|(name, s)| (name.clone(), s.entry.clone()))
            .collect()
    }

    pub(super) fn spec(&self, name: &str) -> Read<&Spec> {
        if let Some(selector) = self.by_name.get(name) {
            return Ok(&selector.definition.spec);
        }
        let names = self.by_name.keys().map(String::as_str);
        let listed: Vec<String> = names.clone().map(|name| format!("'{name}'")).collect();
        Err(Diagnostic::error(
            "unknown-selector",
            format!(
                "Could not find selector named {name}, expected one of [{}]",
                listed.join(", ")
            ),
        )
        .maybe_hint(did_you_mean(name, names))
        .into())
    }

    /// The selection of a call that names none.
    pub(super) fn default_spec(&self) -> Option<&Spec> {
        let mut selectors = self.by_name.values();
        let default = selectors.find(|selector| selector.is_default)?;
        Some(&default.definition.spec)
    }
}

fn entries(file: &Yaml) -> Read<&[Yaml]> {
    if file.is_null() {
        return Ok(&[]);
    }
    if !file.is_map() {
        return Err(wrong(
            file,
            format!(
                "expected a mapping with the key `selectors`, found {}",
                file.kind()
            ),
        )
        .into());
    }
    let mut keys = file.entries().iter().map(|(key, _)| key);
    if let Some(key) = keys.find(|key| !matches!(&*key.key_text(), "selectors" | "version")) {
        return Err(wrong(key, format!("unknown key `{}`", key.key_text()))
            .hint("the only key here is `selectors`")
            .into());
    }
    match file.get("selectors") {
        None => Err(wrong(file, "the key `selectors` is missing").into()),
        Some(list) if list.is_null() => Ok(&[]),
        Some(list) => match list.as_list() {
            Some(entries) => Ok(entries),
            None => Err(wrong(
                list,
                format!("expected a list of selectors, found {}", list.kind()),
            )
            .into()),
        },
    }
}

/// Reads one definition after the other; a definition may use those before it.
struct Reader<'a> {
    known: IndexMap<String, Selector>,
    /// Names whose definitions had mistakes: whoever uses them is not to blame.
    broken: Vec<String>,
    bag: &'a Bag,
}

impl Reader<'_> {
    fn add(&mut self, entry: &Yaml) {
        match self.selector(entry) {
            Ok((name, selector)) => {
                if self.known.insert(name.clone(), selector).is_some() {
                    self.bag.add(
                        Diagnostic::warning(
                            "duplicate-selector",
                            format!("there is more than one selector `{name}`"),
                        )
                        .at(entry.get("name").unwrap_or(entry).place())
                        .note("this one counts"),
                    );
                }
            }
            Err(diagnostic) => {
                let name = entry.get("name").and_then(Yaml::as_text);
                self.broken.extend(name.map(str::to_string));
                self.bag.add(*diagnostic);
            }
        }
    }

    fn selector(&self, entry: &Yaml) -> Read<(String, Selector)> {
        let name = check_entry(entry)?;
        let Some(definition) = entry.get("definition") else {
            return Err(
                wrong(entry, format!("the selector `{name}` has no `definition`"))
                    .hint(HELP)
                    .into(),
            );
        };
        let is_default = entry.get("default").and_then(Yaml::as_bool) == Some(true);
        let mut defaults = self
            .known
            .iter()
            .filter(|(_, selector)| selector.is_default);
        if let (true, Some((other, _))) = (is_default, defaults.next()) {
            return Err(wrong(
                entry.get("default").unwrap_or(entry),
                format!("Found multiple selectors with `default: true`: {other} and {name}"),
            )
            .into());
        }
        let definition = self.root(definition)?;
        let mut shown = entry.to_json_map();
        shown.insert("definition".to_string(), definition.shown.clone());
        let selector = Selector {
            is_default,
            definition,
            entry: Value::Object(shown),
        };
        Ok((name.to_string(), selector))
    }

    /// A whole definition. Unlike its parts, it holds nothing beside `union` or `intersection`.
    fn root(&self, definition: &Yaml) -> Read<Definition> {
        let is_list = ["union", "intersection"]
            .iter()
            .any(|key| definition.get(key).is_some());
        if is_list && definition.entries().len() > 1 {
            let message = format!(
                "Only a single 'union' or 'intersection' key is allowed in a root level selector \
                 definition; found {}",
                key_names(definition).join(",")
            );
            return Err(wrong(definition, message)
                .hint("put the other key into the list, as an item of its own")
                .into());
        }
        self.part(definition)
    }

    fn part(&self, part: &Yaml) -> Read<Definition> {
        match &part.data {
            Data::Text(text) => criterion::from_text(text).map_err(|d| d.at(part.place()).into()),
            Data::Map(_) => self.mapping(part),
            _ => Err(wrong(
                part,
                format!("a definition is a text or a mapping, not {}", part.kind()),
            )
            .into()),
        }
    }

    fn mapping(&self, part: &Yaml) -> Read<Definition> {
        for (key, how) in [("union", How::Union), ("intersection", How::Intersection)] {
            if let Some(list) = part.get(key) {
                return self.list(key, how, list);
            }
        }
        match (part.get("method"), part.get("value"), part.entries()) {
            (Some(method), Some(value), _) if method.as_text() == Some("selector") => {
                self.inherited(part, value)
            }
            (Some(method), Some(value), _) => self.spelled_out(part, method, value),
            (_, _, [(key, _)]) if criterion::KEYS.contains(&&*key.key_text()) => {
                Err(wrong(part, format!("`{}` stands alone", key.key_text()))
                    .hint("a criterion has a `method` and a `value`")
                    .into())
            }
            (_, _, [(method, value)]) => criterion::of(method, value),
            _ => {
                let keys = key_names(part).join("', '");
                let message = format!(
                    "Expected either 1 key or else \"method\" and \"value\" keys, but got ['{keys}']"
                );
                Err(wrong(part, message).into())
            }
        }
    }

    /// Another definition, taken over as it is.
    fn inherited(&self, part: &Yaml, value: &Yaml) -> Read<Definition> {
        let name = value.printed();
        if let Some((key, _)) = part
            .entries()
            .iter()
            .find(|(key, _)| !matches!(&*key.key_text(), "method" | "value"))
        {
            self.bag
                .add(without_effect(key, "beside `method: selector`"));
        }
        match self.known.get(&*name) {
            Some(selector) => Ok(selector.definition.clone()),
            None if self.broken.iter().any(|broken| *broken == name) => Ok(Definition {
                spec: Spec::set(How::Union, Vec::new()),
                shown: Value::Null,
            }),
            None => Err(wrong(
                value,
                format!("Existing selector definition for {name} not found."),
            )
            .hint(
                match did_you_mean(&name, self.known.keys().map(String::as_str)) {
                    Some(hint) => hint,
                    None => "a selector can only use selectors that stand above it".to_string(),
                },
            )
            .into()),
        }
    }

    fn spelled_out(&self, part: &Yaml, method: &Yaml, value: &Yaml) -> Read<Definition> {
        if let Some(key) = criterion::unknown_key(part) {
            let hint = nearest(&key.key_text(), criterion::KEYS)
                .map(|near| format!("did you mean `{near}`?"));
            self.bag
                .add(without_effect(key, "in a selector").maybe_hint(hint));
        }
        let mut definition = criterion::of(method, value)?;
        if let Spec::Criterion(criterion) = &mut definition.spec {
            criterion::add_reach(criterion, part)?;
        }
        definition.shown = part.to_json();
        if let Some(exclude) = part.get("exclude") {
            let excluded = self.excluded(exclude)?;
            definition.spec = eager(How::Difference, vec![definition.spec, excluded.spec]);
        }
        Ok(definition)
    }

    /// What stands under `union` or `intersection`. The item with `exclude` is taken off the others.
    fn list(&self, key: &str, how: How, list: &Yaml) -> Read<Definition> {
        let mut parts = Vec::new();
        let mut excluded: Option<Definition> = None;
        let mut shown = Vec::new();
        for item in expect_list(key, list)? {
            let Some((exclude_key, exclude)) = item.entry("exclude") else {
                let part = self.part(item)?;
                shown.push(part.shown);
                parts.push(part.spec);
                continue;
            };
            if excluded.is_some() {
                return Err(wrong(
                    exclude_key,
                    "You cannot provide multiple exclude arguments to the same selector set operator",
                )
                .hint("write one `exclude` with all that is to be left out").into());
            }
            if let Some((key, _)) = item.entries().iter().find(|(key, _)| key != exclude_key) {
                self.bag.add(
                    without_effect(key, "beside `exclude` in a list")
                        .hint("make an item of it, and another one of `exclude`"),
                );
            }
            let definition = self.excluded(exclude)?;
            shown.push(json!({ "exclude": definition.shown }));
            excluded = Some(definition);
        }
        let mut spec = eager(how, parts);
        if let Some(excluded) = excluded {
            spec = eager(How::Difference, vec![spec, excluded.spec]);
        }
        Ok(Definition {
            spec,
            shown: json!({ key: shown }),
        })
    }

    fn excluded(&self, list: &Yaml) -> Read<Definition> {
        let items = expect_list("exclude", list)?.iter();
        let parts: Vec<Definition> = items.map(|item| self.part(item)).collect::<Read<_>>()?;
        let (specs, shown) = parts
            .into_iter()
            .map(|part| (part.spec, part.shown))
            .unzip();
        Ok(Definition {
            spec: eager(How::Union, specs),
            shown: Value::Array(shown),
        })
    }
}

/// Parts of a YAML definition never call in tests once they are together; only criteria do.
fn eager(how: How, parts: Vec<Spec>) -> Spec {
    Spec::Set(Set {
        how,
        parts,
        mode: Some(IndirectSelection::Eager),
        written: None,
    })
}

/// The name of an entry whose keys and their kinds are right.
fn check_entry(entry: &Yaml) -> Read<&str> {
    if !entry.is_map() {
        return Err(wrong(
            entry,
            format!("a selector is a mapping, not {}", entry.kind()),
        )
        .hint(HELP)
        .into());
    }
    for (key, value) in entry.entries() {
        let (expected, is_right) = match &*key.key_text() {
            "name" | "description" => ("a text", value.as_text().is_some()),
            "default" => ("true or false", value.as_bool().is_some()),
            "definition" => (
                "a text or a mapping",
                value.as_text().is_some() || value.is_map(),
            ),
            other => {
                return Err(wrong(key, format!("unknown key `{other}` in a selector"))
                    .hint(HELP)
                    .into());
            }
        };
        if !is_right {
            return Err(wrong(
                value,
                format!(
                    "`{}` has to be {expected}, not {}",
                    key.key_text(),
                    value.kind()
                ),
            )
            .into());
        }
    }
    let name = entry.get("name").and_then(Yaml::as_text);
    name.ok_or_else(|| wrong(entry, "a selector has no `name`").hint(HELP).into())
}

fn expect_list<'a>(key: &str, value: &'a Yaml) -> Read<&'a [Yaml]> {
    let message = || format!("Invalid value for key \"{key}\". Expected a list.");
    let items = value.as_list();
    items.ok_or_else(|| wrong(value, message()).into())
}

fn key_names(mapping: &Yaml) -> Vec<String> {
    let keys = mapping.entries().iter();
    keys.map(|(key, _)| key.key_text().into_owned()).collect()
}

fn without_effect(key: &Yaml, whereabouts: &str) -> Diagnostic {
    Diagnostic::warning(
        "unused-selector-key",
        format!("`{}` has no effect {whereabouts}", key.key_text()),
    )
    .at(key.place())
}

fn did_you_mean<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, names).map(|near| format!("did you mean `{near}`?"))
}

fn wrong(at: &Yaml, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("bad-selector", message).at(at.place())
}
