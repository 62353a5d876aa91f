//! A compiled pattern and what can be done with it.

use super::matched::Match;
use super::matched::Span;
use super::subject;
use super::translate::UNICODE;
use super::translate::translate;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::methods;
use crate::jinja::python::repr;
use crate::jinja::values::dict;
use crate::jinja::values::list;
use crate::jinja::values::none;
use crate::jinja::values::tuple;
use fancy_regex::Regex;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// A pattern as `re.compile` makes it.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: Arc<Source>,
}

/// What a pattern and its matches share.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) pattern: String,
    flags: i64,
    regex: Regex,
    /// For `match`, which looks at the start only, and `fullmatch`.
    at_start: Regex,
    whole: Regex,
    /// Names of groups; the first is the whole match and has none.
    pub(super) names: Vec<Option<String>>,
}

impl Pattern {
    pub fn new(pattern: &str, flags: i64) -> Result<Self, Error> {
        let translated = translate(pattern, flags)?;
        let compile = |text: &str| {
            Regex::new(text).map_err(|error| {
                fail(format!(
                    "invalid regular expression {}: {error}",
                    repr::quote(pattern)
                ))
            })
        };
        let regex = compile(&translated)?;
        let names = regex.capture_names();
        Ok(Pattern {
            source: Arc::new(Source {
                pattern: pattern.to_string(),
                flags,
                names: names.map(|name| name.map(str::to_string)).collect(),
                at_start: compile(&format!(r"\A(?:{translated})"))?,
                whole: compile(&format!(r"\A(?:{translated})\z"))?,
                regex,
            }),
        })
    }

    /// The functions that only look: `match`, `search`, ... `None` for others.
    pub(super) fn look(&self, name: &str, text: &str) -> Option<Result<Value, Error>> {
        let first = |regex: &Regex| {
            let found = self.first(regex, &Arc::from(text), 0)?;
            Ok(found.map_or_else(none, Value::from))
        };
        match name {
            "match" => Some(first(&self.source.at_start)),
            "fullmatch" => Some(first(&self.source.whole)),
            "search" => Some(first(&self.source.regex)),
            "findall" => Some(self.all(text).map(|all| list(all.iter().map(Match::found)))),
            "finditer" => Some(
                self.all(text)
                    .map(|all| list(all.into_iter().map(Value::from))),
            ),
            _ => None,
        }
    }

    /// `sub` and `subn`: at most `count` matches replaced, all of them where it is 0.
    pub(super) fn replace(
        &self,
        state: &mut State,
        name: &str,
        new: &Value,
        text: &str,
        count: i64,
    ) -> Result<Value, Error> {
        let mut matches = self.all(text)?;
        if count > 0 {
            matches.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        }
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for found in &matches {
            let (start, stop) = found.whole();
            out.push_str(&text[end..start]);
            match new.as_str() {
                Some(template) => out.push_str(&found.expand(template)?),
                None => {
                    let answer = new.call(state, &[Value::from(found.clone())])?;
                    out.push_str(&repr::str(&answer));
                }
            }
            end = stop;
        }
        out.push_str(&text[end..]);
        Ok(match name {
            "subn" => Value::from((out, matches.len())),
            _ => Value::from(out),
        })
    }

    /// The pieces between matches, with the groups of each match.
    pub(super) fn split(&self, text: &str, limit: i64) -> Result<Value, Error> {
        let mut matches = self.all(text)?;
        if limit > 0 {
            matches.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        let mut pieces = Vec::new();
        let mut end = 0;
        for found in &matches {
            let (start, stop) = found.whole();
            pieces.push(Value::from(&text[end..start]));
            pieces.extend((1..self.source.names.len()).map(|group| found.group(group)));
            end = stop;
        }
        pieces.push(Value::from(&text[end..]));
        Ok(list(pieces))
    }

    /// All matches from left to right. An empty one may follow a match, but not an empty one.
    fn all(&self, text: &str) -> Result<Vec<Match>, Error> {
        let shared: Arc<str> = Arc::from(text);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(next) = self.first(&self.source.regex, &shared, at)? {
            let (start, end) = next.whole();
            let again = found
                .last()
                .is_some_and(|last: &Match| last.whole() == (start, end));
            if !again {
                found.push(next);
            }
            if start < end {
                at = end;
                continue;
            }
            match text[end..].chars().next() {
                Some(c) => at = end + c.len_utf8(),
                None => break,
            }
        }
        Ok(found)
    }

    fn first(&self, regex: &Regex, text: &Arc<str>, at: usize) -> Result<Option<Match>, Error> {
        let captures = regex
            .captures_from_pos(&**text, at)
            .map_err(|error| fail(format!("the pattern could not be searched: {error}")))?;
        Ok(captures.map(|captures| {
            let spans = (0..captures.len()).map(|group| {
                let found = captures.get(group)?;
                Some((found.start(), found.end()))
            });
            let spans: Vec<Option<Span>> = spans.collect();
            Match::new(self.clone(), text.clone(), spans)
        }))
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }
}

impl From<Pattern> for Value {
    fn from(pattern: Pattern) -> Self {
        Value::from_object(pattern)
    }
}

impl Object for Pattern {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let source = &self.source;
        let named = source.names.iter().enumerate();
        let named = named.filter_map(|(at, name)| Some((name.as_deref()?, Value::from(at))));
        match key.as_str()? {
            "pattern" => Some(Value::from(source.pattern.as_str())),
            "flags" => Some(Value::from(source.flags | UNICODE)),
            "groups" => Some(Value::from(source.names.len() - 1)),
            "groupindex" => Some(dict(named)),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "sub" | "subn" => {
                let [new, given, count] = bind(method, ["repl", "string", "count"], args)?;
                let new = required(method, "repl", new)?;
                let given = subject(method, given)?;
                self.replace(state, method, &new, &given, int_or(count.as_ref(), 0)?)
            }
            "split" => {
                let [given, limit] = bind(method, ["string", "maxsplit"], args)?;
                let given = subject(method, given)?;
                self.split(&given, int_or(limit.as_ref(), 0)?)
            }
            "match" | "fullmatch" | "search" | "findall" | "finditer" => {
                let [given] = bind(method, ["string"], args)?;
                let given = subject(method, given)?;
                let found = self.look(method, &given);
                found.unwrap_or_else(|| Err(self.unknown(method)))
            }
            _ => Err(self.unknown(method)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "re.compile({})", repr::quote(&self.source.pattern))
    }
}

impl Pattern {
    fn unknown(&self, method: &str) -> Error {
        methods::unknown(&Value::from(self.clone()), method)
    }
}

/// Group values as `groups` gives them.
pub(super) fn group_tuple(found: &Match, default: &Value) -> Value {
    let count = found.pattern().source().names.len();
    tuple((1..count).map(|group| match found.group(group) {
        value if value.is_none() => default.clone(),
        value => value,
    }))
}
