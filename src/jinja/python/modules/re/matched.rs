//! A match: the text found, its groups, and where they are.

use super::pattern::Pattern;
use super::pattern::group_tuple;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::methods;
use crate::jinja::python::numbers::as_int;
use crate::jinja::python::repr;
use crate::jinja::values::dict;
use crate::jinja::values::none;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// Byte offsets of start and end.
pub(super) type Span = (usize, usize);

#[derive(Debug, Clone)]
pub struct Match {
    pattern: Pattern,
    text: Arc<str>,
    /// One per group, the whole match first; `None` for a group that took no part.
    spans: Vec<Option<Span>>,
}

impl Match {
    pub(super) fn new(pattern: Pattern, text: Arc<str>, spans: Vec<Option<Span>>) -> Self {
        Match {
            pattern,
            text,
            spans,
        }
    }

    pub(super) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    pub(super) fn whole(&self) -> Span {
        self.spans.first().copied().flatten().unwrap_or_default()
    }

    /// The text of a group; `None` (Python's) where it took no part.
    pub(super) fn group(&self, group: usize) -> Value {
        match self.spans.get(group).copied().flatten() {
            Some((start, end)) => Value::from(&self.text[start..end]),
            None => none(),
        }
    }

    /// What `findall` lists: the match, its only group, or a tuple of its groups.
    pub(super) fn found(&self) -> Value {
        let or_empty = |group| match self.group(group) {
            value if value.is_none() => Value::from(""),
            value => value,
        };
        match self.spans.len() {
            1 => self.group(0),
            2 => or_empty(1),
            count => tuple((1..count).map(or_empty)),
        }
    }

    /// A replacement with `\1`, `\g<1>` and `\g<name>` filled in.
    pub(super) fn expand(&self, template: &str) -> Result<String, Error> {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            let position = template.len() - rest.len() + at;
            rest = self.expand_one(&rest[at + 1..], position, &mut out)?;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// Writes what a backslash stands for; gives back what follows it.
    fn expand_one<'a>(
        &self,
        rest: &'a str,
        position: usize,
        out: &mut String,
    ) -> Result<&'a str, Error> {
        let bad = |what: &str| fail(format!("bad escape \\{what} at position {position}"));
        let c = rest.chars().next().ok_or_else(|| bad("(end of pattern)"))?;
        let after = &rest[c.len_utf8()..];
        let plain = match c {
            'g' => {
                let (name, after) = after
                    .strip_prefix('<')
                    .and_then(|name| name.split_once('>'))
                    .ok_or_else(|| fail(format!("missing < at position {}", position + 2)))?;
                self.write_group(&Value::from(name), position + 3, out)?;
                return Ok(after);
            }
            '1'..='9' => {
                let digits = if after.starts_with(|c: char| c.is_ascii_digit()) {
                    2
                } else {
                    1
                };
                let number = &rest[..digits];
                self.write_group(&Value::from(number), position + 1, out)?;
                return Ok(&rest[digits..]);
            }
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\x0c',
            'v' => '\x0b',
            'a' => '\x07',
            'b' => '\x08',
            '0' => '\0',
            '\\' => '\\',
            c if c.is_ascii_alphabetic() => return Err(bad(&c.to_string())),
            c => {
                out.push('\\');
                c
            }
        };
        out.push(plain);
        Ok(after)
    }

    fn write_group(&self, name: &Value, position: usize, out: &mut String) -> Result<(), Error> {
        let text = repr::str(name);
        let number = text.parse::<usize>().ok();
        let group = match number {
            Some(number) => Some(number).filter(|number| *number < self.spans.len()),
            None => self.index_of(name),
        };
        let Some(group) = group else {
            return Err(match number {
                Some(number) => fail(format!(
                    "invalid group reference {number} at position {position}"
                )),
                None => fail(format!("unknown group name {}", repr::quote(&text))),
            });
        };
        if let Some((start, end)) = self.spans[group] {
            out.push_str(&self.text[start..end]);
        }
        Ok(())
    }

    /// The number of a group given by number or name; `None` where there is no such group.
    fn index_of(&self, group: &Value) -> Option<usize> {
        if let Some(name) = group.as_str() {
            let names = &self.pattern.source().names;
            return names
                .iter()
                .position(|known| known.as_deref() == Some(name));
        }
        let at = usize::try_from(as_int(group)?).ok()?;
        (at < self.spans.len()).then_some(at)
    }

    fn require(&self, group: &Value) -> Result<usize, Error> {
        self.index_of(group).ok_or_else(|| fail("no such group"))
    }

    fn groups_of(&self, args: &[Value]) -> Result<Value, Error> {
        let groups: Result<Vec<usize>, Error> =
            args.iter().map(|group| self.require(group)).collect();
        Ok(match groups?.as_slice() {
            [] => self.group(0),
            [group] => self.group(*group),
            groups => tuple(groups.iter().map(|group| self.group(*group))),
        })
    }

    /// Start and end in characters; -1 where the group took no part.
    fn span(&self, method: &str, args: &[Value]) -> Result<(i64, i64), Error> {
        let [group] = bind(method, ["group"], args)?;
        let group = group.map_or(Ok(0), |group| self.require(&group))?;
        let chars = |at: usize| self.text[..at].chars().count() as i64;
        Ok(match self.spans[group] {
            Some((start, end)) => (chars(start), chars(end)),
            None => (-1, -1),
        })
    }

    fn named(&self, default: &Value) -> Value {
        let names = self.pattern.source().names.iter().enumerate();
        let names = names.filter_map(|(group, name)| Some((group, name.as_deref()?)));
        dict(names.map(|(group, name)| match self.group(group) {
            value if value.is_none() => (name, default.clone()),
            value => (name, value),
        }))
    }
}

impl From<Match> for Value {
    fn from(found: Match) -> Self {
        Value::from_object(found)
    }
}

impl Object for Match {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let last = || (1..self.spans.len()).rfind(|group| self.spans[*group].is_some());
        match key.as_str() {
            Some("string") => Some(Value::from(&*self.text)),
            Some("re") => Some(self.pattern.clone().into()),
            Some("pos") => Some(Value::from(0)),
            Some("endpos") => Some(Value::from(self.text.chars().count())),
            Some("lastindex") => Some(last().map_or_else(none, Value::from)),
            _ => self.index_of(key).map(|group| self.group(group)),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "group" => self.groups_of(args),
            "groups" => {
                let [default] = bind(method, ["default"], args)?;
                Ok(group_tuple(self, &default.unwrap_or_else(none)))
            }
            "groupdict" => {
                let [default] = bind(method, ["default"], args)?;
                Ok(self.named(&default.unwrap_or_else(none)))
            }
            "start" => Ok(Value::from(self.span(method, args)?.0)),
            "end" => Ok(Value::from(self.span(method, args)?.1)),
            "span" => Ok(Value::from(self.span(method, args)?)),
            "expand" => {
                let [template] = bind(method, ["template"], args)?;
                let template = text(method, &required(method, "template", template)?)?;
                self.expand(&template).map(Value::from)
            }
            _ => Err(methods::unknown(&Value::from((**self).clone()), method)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self.span("span", &[]).map_err(|_| fmt::Error)?;
        let found = repr::repr(&self.group(0));
        write!(f, "<re.Match object; span=({start}, {end}), match={found}>")
    }
}
