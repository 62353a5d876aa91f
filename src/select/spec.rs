//! What is asked for, as a tree: criteria joined by union, intersection and difference.
//! Here the tree is made of the words of a command line; `selectors` makes it of YAML.

use crate::base::Diagnostic;
use crate::config::flags::IndirectSelection;
use crate::select::Read;
use crate::select::methods;
use serde_json::Value;
use std::path::MAIN_SEPARATOR;

/// One thing asked for.
#[derive(Debug, Clone)]
pub(super) enum Spec {
    Everything,
    Criterion(Criterion),
    Set(Set),
}

/// Several things asked for, taken together.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) how: How,
    pub(super) parts: Vec<Spec>,
    /// Which tests join once the parts are together; `None` for that of the whole request.
    pub(super) mode: Option<IndirectSelection>,
    /// The words on the command line. Where they lead to nothing, a person is told.
    pub(super) written: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Union,
    Intersection,
    /// The first part without the others.
    Difference,
}

/// `2+tag:nightly+`: a method with its value, and how far to go from what it finds.
#[derive(Debug, Clone)]
pub(super) struct Criterion {
    pub(super) method: String,
    /// What stands behind the method's name: `meta`, `owner` in `config.meta.owner`.
    pub(super) arguments: Vec<String>,
    /// A text, except that YAML may give `config` a number or a yes-or-no.
    pub(super) value: Value,
    pub(super) parents: Reach,
    pub(super) children: Reach,
    /// `@`: everything below, and all that is needed to build it.
    pub(super) childrens_parents: bool,
    /// `None` for the mode of the whole request.
    pub(super) mode: Option<IndirectSelection>,
}

/// How many steps to go along the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Nowhere,
    /// `None` for as far as they lead.
    Steps(Option<usize>),
}

impl Spec {
    /// The union of several words, each of them one argument of `--select` or `--exclude`.
    pub(super) fn from_words(words: &[String]) -> Read<Spec> {
        let parts = words
            .iter()
            .map(|word| word_union(word))
            .collect::<Result<_, _>>()?;
        Ok(Spec::set(How::Union, parts))
    }

    pub(super) fn set(how: How, parts: Vec<Spec>) -> Spec {
        Spec::Set(Set {
            how,
            parts,
            mode: None,
            written: None,
        })
    }
}

fn word_union(word: &str) -> Read<Spec> {
    let parts = word
        .split(' ')
        .map(intersection)
        .collect::<Result<_, _>>()?;
    Ok(Spec::set(How::Union, parts))
}

fn intersection(word: &str) -> Read<Spec> {
    let parts = word
        .split(',')
        .map(|part| Criterion::parse(part).map(Spec::Criterion))
        .collect::<Result<_, _>>()?;
    Ok(Spec::Set(Set {
        how: How::Intersection,
        parts,
        mode: None,
        written: Some(word.to_string()),
    }))
}

impl Criterion {
    /// Reads one criterion. The error is a method that does not exist, or signs that contradict each other.
    pub(super) fn parse(text: &str) -> Read<Criterion> {
        let pieces = Pieces::of(text);
        if pieces.has_at && pieces.children.is_some() {
            return Err(at_and_plus(text).into());
        }
        let method = pieces
            .method
            .unwrap_or_else(|| default_method(pieces.value));
        let mut criterion = Criterion::new(method, Value::from(pieces.value))?;
        criterion.childrens_parents = pieces.has_at;
        criterion.parents = reach(pieces.parents);
        criterion.children = reach(pieces.children);
        Ok(criterion)
    }

    /// A criterion that goes nowhere from what it finds.
    pub(super) fn new(method: &str, value: Value) -> Read<Criterion> {
        let mut words = method.split('.').map(str::to_string);
        let name = words.next().unwrap_or_default();
        methods::check_name(&name)?;
        Ok(Criterion {
            method: name,
            arguments: words.collect(),
            value,
            parents: Reach::Nowhere,
            children: Reach::Nowhere,
            childrens_parents: false,
            mode: None,
        })
    }
}

pub(super) fn at_and_plus(criterion: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-selection",
        format!("Invalid node spec {criterion} - \"@\" prefix and \"+\" suffix are incompatible"),
    )
    .hint("`@` already takes all children; leave the `+` out")
}

/// The method of a value without one.
pub(super) fn default_method(value: &str) -> &'static str {
    let is_file = [".sql", ".py", ".csv"]
        .iter()
        .any(|end| value.to_lowercase().ends_with(end));
    if value.contains('/') || value.contains(MAIN_SEPARATOR) {
        "path"
    } else if is_file {
        "file"
    } else {
        "fqn"
    }
}

/// A criterion cut at its signs. Depths are digits or empty.
pub(super) struct Pieces<'a> {
    pub(super) has_at: bool,
    pub(super) parents: Option<&'a str>,
    pub(super) method: Option<&'a str>,
    pub(super) value: &'a str,
    pub(super) children: Option<&'a str>,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let (has_at, text) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (parents, text) = match text.split_once('+') {
            Some((depth, rest)) if is_depth(depth) => (Some(depth), rest),
            _ => (None, text),
        };
        let (method, text) = match text.split_once(':') {
            Some((method, rest)) if is_method(method) => (Some(method), rest),
            _ => (None, text),
        };
        let (children, value) = match text.rsplit_once('+') {
            Some((value, depth)) if is_depth(depth) => (Some(depth), value),
            _ => (None, text),
        };
        Pieces {
            has_at,
            parents,
            method,
            value,
            children,
        }
    }
}

fn is_depth(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

fn is_method(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// A number too large to count is as far as the edges lead.
fn reach(depth: Option<&str>) -> Reach {
    match depth {
        None => Reach::Nowhere,
        Some(depth) => Reach::Steps(depth.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_cut_at_their_signs() {
        let rows = [
            ("a", "fqn a"),
            ("+a", "+ fqn a"),
            ("2+a+", "2+ fqn a +"),
            ("a+13", "fqn a +13"),
            ("@tag:x", "@ tag x"),
            ("@2+a", "@ 2+ fqn a"),
            ("a+b", "fqn a+b"),
            ("config.meta.a:b:c", "config.meta.a b:c"),
            ("a-b:c", "fqn a-b:c"),
            (":a", "fqn :a"),
            ("models/a.sql", "path models/a.sql"),
            ("a.SQL+", "file a.SQL +"),
            ("+", "+ fqn "),
            ("++a", "+ fqn +a"),
            ("a++", "fqn a+ +"),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    fn shown(text: &str) -> String {
        let pieces = Pieces::of(text);
        let mut words = Vec::new();
        words.extend(pieces.has_at.then(|| "@".to_string()));
        words.extend(pieces.parents.map(|depth| format!("{depth}+")));
        words.push(
            pieces
                .method
                .unwrap_or_else(|| default_method(pieces.value))
                .to_string(),
        );
        words.push(pieces.value.to_string());
        words.extend(pieces.children.map(|depth| format!("+{depth}")));
        words.join(" ")
    }
}
