//! Leads a failure back to the line of the model that caused it.

use crate::adapter::AdapterError;
use crate::adapter::error::family_of_refusal;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::compile;
use crate::compile::Compiled;
use crate::jinja::RenderError;
use crate::node::Node;
use crate::run::info;

/// What a person is told when a node's work failed.
pub(super) fn diagnostic(
    node: &Node,
    compiled: Option<&Compiled>,
    error: &RenderError,
) -> Box<Diagnostic> {
    let mut found = error.diagnostic();
    let Some(family) = family_of_refusal(found.code) else {
        return compile::headed(found, node);
    };
    // The chain of built-in macros that sent the statement says nothing about the mistake.
    found.related.clear();
    let named = named_line(&found.message);
    let place = named.and_then(|(text, column)| source_place(node, compiled, text, column));
    found.place = Some(place.unwrap_or_else(|| Place::line(&node.file, node.first_line)));
    Box::new(found.headline(info::of(node).headline(family)))
}

/// What a person is told when the warehouse refused a statement that was sent for a node.
pub(super) fn refused(node: &Node, compiled: &Compiled, error: &AdapterError) -> Box<Diagnostic> {
    let place = named_line(&error.message)
        .and_then(|(text, column)| source_place(node, Some(compiled), text, column))
        .unwrap_or_else(|| Place::line(&node.file, node.first_line));
    let headline = info::of(node).headline(error.family);
    Box::new(error.diagnostic().at(place).headline(headline))
}

/// The line that a warehouse quotes (`LINE 3: select x`) and the column under its caret.
fn named_line(message: &str) -> Option<(&str, Option<usize>)> {
    let mut lines = message
        .lines()
        .skip_while(|line| !line.starts_with("LINE "));
    let quoted = lines.next()?;
    let (head, text) = quoted.split_once(": ")?;
    let caret = lines.next().and_then(|line| line.find('^'));
    let column = caret.and_then(|at| at.checked_sub(head.len() + 2));
    Some((text, column))
}

/// The place in the model's file that became the quoted line; `None` where several may have.
fn source_place(
    node: &Node,
    compiled: Option<&Compiled>,
    quoted: &str,
    column: Option<usize>,
) -> Option<Place> {
    let sql = &compiled?.code;
    // Long lines are quoted in part, between dots.
    let bare = |text: &str| {
        let text = text.trim_start_matches("...").trim_end_matches("...");
        text.trim().to_string()
    };
    let part = bare(quoted);
    let at = sql.find(&part).filter(|_| !part.is_empty())?;
    let marked = column.and_then(|column| quoted.get(column..)).map(bare);
    match marked.filter(|marked| !marked.is_empty()) {
        Some(marked) => compile::place_of(node, sql, at + part.len() - marked.len()),
        None => {
            let start = compile::place_of(node, sql, at)?;
            Some(Place::line(&node.file, start.line_col().0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_line_has_text_and_column() {
        let message = "Binder Error: no column\n\nLINE 3: select idd from x\n               ^";
        assert_eq!(named_line(message), Some(("select idd from x", Some(7))));
        assert_eq!(named_line("Catalog Error: nothing"), None);
    }
}
