//! SQL that the warehouse's grammar refuses.

use crate::adapter::Adapter;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::compile::Compiled;
use crate::compile::place_of;
use crate::node::Node;

/// Only the warehouse has the last word on its grammar, so only it is believed.
pub(super) fn finding(node: &Node, text: &Compiled, warehouse: &dyn Adapter) -> Option<Diagnostic> {
    let mistake = warehouse.check_syntax(&text.code)?;
    let place = mistake
        .offset
        .and_then(|offset| place_of(node, &text.code, offset))
        .unwrap_or_else(|| Place::line(&node.file, node.first_line));
    let message = format!("{} is not valid SQL: {}", node.title(), mistake.message);
    Some(Diagnostic::remark("invalid-sql", message).at(place))
}
