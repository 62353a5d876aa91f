//! Where the text of a node names what it refers to.

use crate::base::Place;
use crate::node::Node;

/// The place of a name within a node's code: in a call of `function`, such as `ref('name')`, or else
/// the first quoted text that is the name; the node's first line where there is none.
pub(super) fn place(node: &Node, function: &str, name: &str) -> Place {
    let text = node.file.text();
    let from = node.file.offset(node.first_line, 1);
    let code = &text[from..];
    let mut places = quoted(code, name);
    places.sort_unstable();
    let called = places
        .iter()
        .find(|at| is_argument(&code[..**at], function));
    match called.or(places.first()) {
        Some(at) => Place::new(&node.file, from + at + 1, from + at + 1 + name.len()),
        None => Place::line(&node.file, node.first_line),
    }
}

/// Offsets of the quotes that open a text which is the name.
fn quoted(code: &str, name: &str) -> Vec<usize> {
    let texts = ['\'', '"'].map(|quote| format!("{quote}{name}{quote}"));
    let found = texts.iter().flat_map(|text| code.match_indices(text));
    found.map(|(at, _)| at).collect()
}

/// Whether a text that ends within the brackets of a call is in a call of this function.
fn is_argument(before: &str, function: &str) -> bool {
    let Some((call, arguments)) = before.rsplit_once('(') else {
        return false;
    };
    let name = call.trim_end().strip_suffix(function);
    let is_whole = |rest: &str| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    !arguments.contains(')') && name.is_some_and(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_told_by_the_name_before_its_bracket() {
        let rows = [
            ("{{ ref(", "ref", true),
            ("{{ source( 'raw', ", "source", true),
            ("{{ config(tags=[", "ref", false),
            ("{{ my_ref(", "ref", false),
            ("dbt.ref(\"shop\", ", "ref", true),
            ("{{ ref('a') }} where x = ", "ref", false),
            ("-- ", "ref", false),
        ];
        for (before, function, expected) in rows {
            assert_eq!(is_argument(before, function), expected, "{before}");
        }
    }
}
