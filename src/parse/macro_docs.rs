//! Descriptions of macros, with the docs blocks they quote.

use crate::base::Place;
use crate::node::MacroDoc;
use crate::parse::site::Site;

/// The properties of macros with all descriptions rendered.
pub(super) fn described(site: &Site<'_>, macros: Vec<(MacroDoc, Place)>) -> Vec<MacroDoc> {
    let with_text = macros.into_iter().map(|(mut doc, place)| {
        doc.description = site.described(&doc.description, &doc.package, &place).0;
        for (_, _, description) in &mut doc.arguments {
            *description = site.described(description, &doc.package, &place).0;
        }
        doc
    });
    with_text.collect()
}
