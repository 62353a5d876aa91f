//! Leads a place in final SQL back to the line of the model that it came from.

use crate::base::Place;
use crate::node::Node;

/// The place in the node's file that became the byte `offset` of its final SQL; `None` where no line
/// of the file, or more than one, reads like that line.
pub fn place_of(node: &Node, sql: &str, offset: usize) -> Option<Place> {
    let line_start = sql.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    let line = sql[line_start..].lines().next()?;
    let (start, source) = only_line(node, line.trim())?;
    let indent = |text: &str| text.len() - text.trim_start().len();
    let column = (offset - line_start + indent(source)).checked_sub(indent(line))?;
    let (row, _) = node.file.line_col(start);
    if column >= source.len() || !source.is_char_boundary(column) {
        return Some(Place::line(&node.file, row));
    }
    let (_, character) = node.file.line_col(start + column);
    Some(Place::word(&node.file, row, character))
}

/// Byte offset and text of the one line of the node's code that reads `wanted`, white space aside.
fn only_line<'a>(node: &'a Node, wanted: &str) -> Option<(usize, &'a str)> {
    let code = node.code.clone()?;
    let text = &node.file.text()[code.clone()];
    let mut alike = text
        .split_inclusive('\n')
        .scan(code.start, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line.trim_end_matches(['\n', '\r'])))
        })
        .filter(|(_, line)| line.trim() == wanted);
    let found = alike.next().filter(|_| !wanted.is_empty())?;
    alike.next().is_none().then_some(found)
}
