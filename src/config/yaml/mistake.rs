//! Broken YAML in words: where it broke, what was meant by the parser, and what usually helps.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::config::yaml::Yaml;
use std::sync::Arc;

const CODE: &str = "yaml-syntax";
const UNQUOTED_JINJA: &str = "a value that starts with `{{` has to be quoted";

/// A mistake that stopped the parser. `skipped` is the length of the byte order mark.
pub(super) fn explain(
    file: &Arc<SourceFile>,
    skipped: usize,
    error: &serde_yaml::Error,
) -> Diagnostic {
    let told = error.to_string();
    let (problem, context) = told.split_once(", while ").unwrap_or((&told, ""));
    let (problem, _) = problem.split_once(" at line ").unwrap_or((problem, ""));
    let (problem, _) = problem.split_once(" at position ").unwrap_or((problem, ""));
    let found = Found {
        file,
        problem,
        context,
        at: skipped + error.location().map_or(0, |mark| mark.index()),
        opened: position(context).map(|(line, column)| file.offset(line, column)),
    };
    found.told()
}

/// `{{ x }}` without quotes is, to YAML, a mapping used as the key of a mapping.
pub(super) fn collection_as_key(key: &Yaml) -> Diagnostic {
    let place = key.place();
    let line = line_around(&place.file, place.start);
    match jinja_hint(line) {
        Some(hint) => {
            let at = line_start(&place.file, place.start) + line.find("{{").unwrap_or(0);
            let end = line
                .rfind("}}")
                .map_or(at, |close| line_start(&place.file, place.start) + close + 2);
            Diagnostic::error(CODE, UNQUOTED_JINJA)
                .at(Place::new(&place.file, at, end))
                .hint(hint)
        }
        None => Diagnostic::error(CODE, format!("{} cannot be a key", key.kind()))
            .at(place.clone())
            .hint("put the key in quotes if it is meant as a text"),
    }
}

struct Found<'a> {
    file: &'a Arc<SourceFile>,
    problem: &'a str,
    context: &'a str,
    /// Where the parser gave up.
    at: usize,
    /// Where the thing began that it was reading, if it says so.
    opened: Option<usize>,
}

impl Found<'_> {
    fn told(&self) -> Diagnostic {
        let (message, place, hint) = self
            .control_character()
            .or_else(|| self.tab())
            .or_else(|| self.unquoted_jinja())
            .or_else(|| self.unclosed())
            .or_else(|| self.reserved_start())
            .or_else(|| self.colon())
            .or_else(|| self.indentation())
            .or_else(|| self.alias())
            .unwrap_or_else(|| (self.problem.to_string(), self.point(self.at), None));
        Diagnostic::error(CODE, message).at(place).maybe_hint(hint)
    }

    fn control_character(&self) -> Option<Told> {
        self.problem
            .contains("control characters are not allowed")
            .then_some(())?;
        let wrong = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
        let at = self.file.text().find(wrong)?;
        let character = self.file.text()[at..].chars().next()?;
        Some((
            format!("control character U+{:04X}", u32::from(character)),
            self.point(at),
            Some("remove it; YAML allows only printable characters".to_string()),
        ))
    }

    fn tab(&self) -> Option<Told> {
        let line = line_around(self.file, self.at);
        let start = line_start(self.file, self.at);
        let indent = line.len() - line.trim_start().len();
        let tab = line[..indent].find('\t')?;
        Some((
            "a tab indents this line".to_string(),
            self.point(start + tab),
            Some("indent with spaces; YAML does not allow tabs there".to_string()),
        ))
    }

    fn unquoted_jinja(&self) -> Option<Told> {
        let (at, hint) = [Some(self.at), self.opened]
            .into_iter()
            .flatten()
            .find_map(|at| Some((at, jinja_hint(line_around(self.file, at))?)))?;
        let braces = line_around(self.file, at).find("{{")?;
        let place = self.span(line_start(self.file, at) + braces, 2);
        Some((UNQUOTED_JINJA.to_string(), place, Some(hint)))
    }

    fn unclosed(&self) -> Option<Told> {
        let opened = self.opened?;
        let (what, hint) = if self.context.starts_with("scanning a quoted scalar") {
            ("this quote is never closed", "add the closing quote")
        } else if self.context.starts_with("parsing a flow sequence") {
            (
                "this list is not closed properly",
                "separate its items with `,` and close it with `]`",
            )
        } else if self.context.starts_with("parsing a flow mapping") {
            (
                "this mapping is not closed properly",
                "separate its entries with `,` and close it with `}`",
            )
        } else {
            return None;
        };
        Some((what.to_string(), self.point(opened), Some(hint.to_string())))
    }

    fn reserved_start(&self) -> Option<Told> {
        self.problem
            .contains("cannot start any token")
            .then_some(())?;
        let character = self.file.text()[self.at..].chars().next()?;
        Some((
            format!("a value cannot start with `{character}`"),
            self.point(self.at),
            Some("put the value in quotes".to_string()),
        ))
    }

    fn colon(&self) -> Option<Told> {
        let line = line_around(self.file, self.at);
        if self.problem.contains("mapping values are not allowed") {
            let colons = line.matches(": ").count() + usize::from(line.trim_end().ends_with(':'));
            let hint = match colons {
                0 | 1 => "check the indentation of this line and of the one before it",
                _ => "put a value that contains `: ` in quotes",
            };
            return Some((
                "a `:` is not allowed here".to_string(),
                self.point(self.at),
                Some(hint.to_string()),
            ));
        }
        if !self.problem.contains("could not find expected ':'") {
            return None;
        }
        let at = self.opened.unwrap_or(self.at);
        let line = line_around(self.file, at).trim();
        let hint = match line.split_once(':') {
            Some((key, value)) => format!("write a space after the colon: `{key}: {value}`"),
            None => format!(
                "write `{line}: ` and its value, or indent the line if it continues the one before"
            ),
        };
        Some((
            "this line is no `key: value`".to_string(),
            self.line(at),
            Some(hint),
        ))
    }

    fn indentation(&self) -> Option<Told> {
        let hint = match self.problem {
            "did not find expected '-' indicator" => {
                "the list around it has items that start with `- `; start this line with `- ` or indent it differently"
            }
            "did not find expected key" => "align it with the other keys of its mapping",
            "block sequence entries are not allowed in this context" => {
                "put the first `- ` of a list on a line of its own"
            }
            _ => return None,
        };
        Some((
            "this line does not fit in here".to_string(),
            self.line(self.at),
            Some(hint.to_string()),
        ))
    }

    fn alias(&self) -> Option<Told> {
        match self.problem {
            "unknown anchor" => Some((
                "this alias has no anchor before it".to_string(),
                self.word(self.at),
                Some("mark the value it stands for with `&name`".to_string()),
            )),
            problem if problem.contains("more than one document") => {
                let at = self.file.text().find("\n---").map_or(0, |at| at + 1);
                Some((
                    "a file holds one document only".to_string(),
                    self.line(at),
                    Some("remove the `---` line, or split the file".to_string()),
                ))
            }
            _ => None,
        }
    }

    fn line(&self, at: usize) -> Place {
        let line = line_around(self.file, at);
        let indent = line.len() - line.trim_start().len();
        self.span(line_start(self.file, at) + indent, line.trim().len())
    }

    fn word(&self, at: usize) -> Place {
        let rest = &self.file.text()[at.min(self.file.text().len())..];
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.span(at, len)
    }

    fn point(&self, at: usize) -> Place {
        let rest = self.file.text().get(at..).unwrap_or("");
        self.span(at, rest.chars().next().map_or(0, char::len_utf8))
    }

    fn span(&self, at: usize, len: usize) -> Place {
        Place::new(self.file, at, at + len)
    }
}

type Told = (String, Place, Option<String>);

/// What to write instead, for a line with a value that starts with an unquoted `{{`.
fn jinja_hint(line: &str) -> Option<String> {
    let start = line.find("{{")?;
    let before = &line[..start];
    let starts_value = match before.trim_end().chars().last() {
        None => true,
        Some(last) => [':', '-', '[', ',', '{'].contains(&last),
    };
    if !starts_value {
        return None;
    }
    let end = line.rfind("}}").map_or(line.len(), |at| at + 2);
    let (value, after) = (&line[start..end], line[end..].trim_end());
    let quote = if value.contains('"') { '\'' } else { '"' };
    Some(format!(
        "write `{}{quote}{value}{quote}{after}`",
        before.trim_start()
    ))
}

fn line_around(file: &SourceFile, at: usize) -> &str {
    file.text()[line_start(file, at)..]
        .lines()
        .next()
        .unwrap_or("")
}

fn line_start(file: &SourceFile, at: usize) -> usize {
    let before = &file.text()[..at.min(file.text().len())];
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// Line and column out of `... at line 3 column 5`.
fn position(text: &str) -> Option<(usize, usize)> {
    let (_, rest) = text.split_once(" at line ")?;
    let (line, column) = rest.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}
