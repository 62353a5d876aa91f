//! The opening tag of a macro, test or materialization: its name and parameters.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::jinja::registry::MacroKind;
use crate::jinja::scan::Block;
use crate::jinja::scan::Kind;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A parameter as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    /// The text of its default; `None` where a call must give it.
    pub default: Option<String>,
}

/// What an opening tag says.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) kind: MacroKind,
    pub(crate) parameters: Vec<Parameter>,
}

/// Reads an opening tag.
pub(crate) fn read(file: &Arc<SourceFile>, block: &Block) -> Result<Header, Box<Diagnostic>> {
    let text = &file.text()[block.header.clone()];
    let name = &text[..text.find(|c| !is_name(c)).unwrap_or(text.len())];
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Box::new(wrong(file, block, "expected a name here")));
    }
    match block.kind {
        Kind::Materialization => materialization(file, block, name),
        kind => {
            let list = parameters_range(file.text(), block);
            check_end(file, list.clone())?;
            let list = list_items(&file.text()[list])
                .ok_or_else(|| wrong(file, block, "expected `(` and parameters up to `)`"))?;
            let test = kind == Kind::Test;
            Ok(Header {
                name: if test {
                    format!("test_{name}")
                } else {
                    name.to_string()
                },
                kind: if test {
                    MacroKind::Test
                } else {
                    MacroKind::Macro
                },
                parameters: list.into_iter().map(parameter).collect(),
            })
        }
    }
}

/// Where the `(a, b=1)` of a block stands; a materialization has none.
pub(crate) fn parameters_range(text: &str, block: &Block) -> Range<usize> {
    let header = &text[block.header.clone()];
    match header.find('(') {
        Some(at) if block.kind != Kind::Materialization => {
            block.header.start + at..block.header.end
        }
        _ => block.header.end..block.header.end,
    }
}

/// Refuses a comma behind the last parameter, as Jinja2 does; a call may have one.
fn check_end(file: &Arc<SourceFile>, list: Range<usize>) -> Result<(), Box<Diagnostic>> {
    let inner = file.text()[list.clone()].trim_end().strip_suffix(')');
    let Some(before) = inner.and_then(|inner| inner.trim_end().strip_suffix(',')) else {
        return Ok(());
    };
    let comma = list.start + before.len();
    let message = "the parameters end with a comma".to_string();
    Err(Box::new(
        Diagnostic::error("jinja-syntax", message)
            .at(Place::new(file, comma, comma + 1))
            .note("Jinja expects another name here")
            .hint("remove the comma"),
    ))
}

fn materialization(
    file: &Arc<SourceFile>,
    block: &Block,
    name: &str,
) -> Result<Header, Box<Diagnostic>> {
    let text = &file.text()[block.header.clone()];
    let settings = split_list(&text[name.len()..]);
    let mut adapter = "default".to_string();
    let mut languages = vec!["sql".to_string()];
    for setting in settings.iter().map(|s| s.trim()).filter(|s| !s.is_empty()) {
        match setting.split_once('=').map(|(k, v)| (k.trim(), v.trim())) {
            Some(("adapter", value)) => adapter = unquote(value).to_string(),
            Some(("supported_languages", value)) => languages = string_list(value),
            None if setting == "default" => {}
            _ => {
                return Err(Box::new(wrong(
                    file,
                    block,
                    "unknown setting of a materialization",
                )));
            }
        }
    }
    Ok(Header {
        name: format!("materialization_{name}_{adapter}"),
        kind: MacroKind::Materialization {
            name: name.to_string(),
            adapter,
            supported_languages: languages,
        },
        parameters: Vec::new(),
    })
}

/// `name`, `name=default`; a type behind the name is passed over, as dbt does.
fn parameter(text: &str) -> Parameter {
    let (declared, default) = match text.split_once('=') {
        Some((declared, default)) => (declared, Some(default.trim().to_string())),
        None => (text, None),
    };
    let name = declared.split_once(':').map_or(declared, |(name, _)| name);
    Parameter {
        name: name.trim().to_string(),
        default,
    }
}

/// The list of parameters with blanks where types stand (`a: list[string]=none`).
pub(crate) fn without_types(list: &str) -> Cow<'_, str> {
    let items = list_items(list).unwrap_or_default();
    let typed = |item: &&str| type_range(item).is_some();
    if !items.iter().any(typed) {
        return Cow::Borrowed(list);
    }
    let plain = items.into_iter().map(|item| match type_range(item) {
        Some(range) => [
            &item[..range.start],
            &" ".repeat(range.len()),
            &item[range.end..],
        ]
        .concat(),
        None => item.to_string(),
    });
    Cow::Owned(format!("({})", plain.collect::<Vec<_>>().join(",")))
}

/// Where `: type` stands in a parameter.
fn type_range(parameter: &str) -> Option<Range<usize>> {
    let end = parameter.find('=').unwrap_or(parameter.len());
    let start = parameter[..end].find(':')?;
    Some(start..end)
}

fn string_list(text: &str) -> Vec<String> {
    let inner = text
        .trim_start_matches(['[', '('])
        .trim_end_matches([']', ')']);
    let items = split_list(inner)
        .into_iter()
        .map(|item| unquote(item.trim()).to_string());
    items.filter(|item| !item.is_empty()).collect()
}

fn unquote(text: &str) -> &str {
    text.trim_matches(['\'', '"'])
}

/// The items between the parentheses that a text begins and ends with.
fn list_items(text: &str) -> Option<Vec<&str>> {
    let inner = text.strip_prefix('(')?.trim_end().strip_suffix(')')?;
    let items = split_list(inner);
    Some(
        items
            .into_iter()
            .filter(|item| !item.trim().is_empty())
            .collect(),
    )
}

/// Splits at commas outside of quotes and brackets.
fn split_list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let mut start = 0;
    let mut depth = 0i32;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&text[start..]);
    items
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn wrong(file: &Arc<SourceFile>, block: &Block, note: &str) -> Diagnostic {
    let place = Place::new(
        file,
        block.header.start,
        block.header.end.max(block.header.start + 1),
    );
    Diagnostic::error(
        "jinja-syntax",
        "this opening tag is not complete".to_string(),
    )
    .at(place)
    .note(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_split_outside_of_quotes_and_brackets() {
        let list = list_items("(a, b='x, y', c=[1, (2, 3)], d = {'k': ','},)");
        let parameters: Vec<_> = list
            .unwrap_or_default()
            .into_iter()
            .map(parameter)
            .collect();
        let shown: Vec<_> = parameters
            .iter()
            .map(|p| (p.name.as_str(), p.default.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(
            without_types("(a: string, b : dict[str, int]=none, c='x:y', d)"),
            "(a        , b                 =none, c='x:y', d)"
        );
        assert_eq!(parameter("b: dict[str, int]=none").name, "b");
        assert_eq!(
            shown,
            [
                ("a", "-"),
                ("b", "'x, y'"),
                ("c", "[1, (2, 3)]"),
                ("d", "{'k': ','}")
            ]
        );
    }
}
