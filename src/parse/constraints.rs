//! What the foreign keys of a contract lead to: each `to: ref('x')` makes the model need `x`.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::jinja::Scope;
use crate::parse::capture::CaptureScope;
use crate::parse::properties::Patch;
use crate::parse::site::Site;
use std::sync::Arc;

/// Notes the `ref`s and `source`s of all constraints as if the model's code had them.
pub(super) fn capture(site: &Site<'_>, patch: &Patch, scope: &Arc<CaptureScope>) {
    let of_columns = patch
        .columns
        .values()
        .flat_map(|column| &column.constraints);
    let foreign = patch
        .constraints
        .iter()
        .chain(of_columns)
        .filter_map(|constraint| constraint.to.as_deref());
    let scope: Arc<dyn Scope> = scope.clone();
    for to in foreign {
        if !is_call(to) || site.engine.expression(to, &scope).is_err() {
            site.bag.add(wrong(patch, to));
        }
    }
}

/// Whether a text is a call of `ref` or `source`.
fn is_call(text: &str) -> bool {
    let text = text.trim();
    let name = text.split('(').next().unwrap_or_default().trim();
    matches!(name, "ref" | "source") && text.ends_with(')')
}

fn wrong(patch: &Patch, to: &str) -> Diagnostic {
    let message = format!(
        "Invalid 'ref' or 'source' syntax on foreign key constraint 'to' on model {}: {to}.",
        patch.name
    );
    let text = patch.file.text();
    let at = text[patch.place.start..].find(to);
    let place = at.map_or_else(
        || patch.place.clone(),
        |at| {
            let start = patch.place.start + at;
            Place::new(&patch.file, start, start + to.len())
        },
    );
    Diagnostic::error("constraint-to", message)
        .at(place)
        .hint("write `to: ref('model')` and the columns below `to_columns:`")
        .headline("Parsing Error")
}
