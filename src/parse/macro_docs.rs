//! Descriptions of macros, with the docs blocks they quote, and arguments that nobody has described.

use crate::base::Place;
use crate::jinja::registry::Macro;
use crate::jinja::registry::MacroKind;
use crate::node::MacroDoc;
use crate::parse::site::Site;
use rustc_hash::FxHashMap;

/// The properties of macros with all descriptions rendered.
pub(super) fn described(site: &Site<'_>, macros: Vec<(MacroDoc, Place)>) -> Vec<MacroDoc> {
    let with_text = macros.into_iter().map(|(mut doc, place)| {
        doc.description = site.described(&doc.description, &doc.package, &place).0;
        for (_, _, description) in &mut doc.arguments {
            *description = site.described(description, &doc.package, &place).0;
        }
        doc
    });
    let mut docs: Vec<MacroDoc> = with_text.collect();
    if site.flags().behaviour("validate_macro_args") {
        add_arguments(site, &mut docs);
    }
    docs
}

/// Macros without described arguments have those of their definition.
fn add_arguments(site: &Site<'_>, docs: &mut Vec<MacroDoc>) {
    let mut described: FxHashMap<(String, String), usize> = FxHashMap::default();
    for (at, doc) in docs.iter().enumerate() {
        described.insert((doc.package.clone(), doc.name.clone()), at);
    }
    for found in site.engine.registry().macros() {
        let key = (found.package.clone(), found.name.clone());
        match described.get(&key) {
            _ if is_among_tests(site, found) => {}
            Some(at) if docs[*at].arguments.is_empty() => docs[*at].arguments = arguments(found),
            Some(_) => {}
            None => docs.push(MacroDoc {
                package: found.package.clone(),
                name: found.name.clone(),
                arguments: arguments(found),
                ..MacroDoc::default()
            }),
        }
    }
}

/// dbt does not look at those of generic tests below a test folder, as its own are.
fn is_among_tests(site: &Site<'_>, found: &Macro) -> bool {
    let is_ours = site.engine.registry().is_internal(&found.package);
    found.kind == MacroKind::Test && (is_ours || found.path.starts_with("tests/"))
}

fn arguments(found: &Macro) -> Vec<(String, Option<String>, String)> {
    let names: Vec<&str> = match found.kind {
        MacroKind::Materialization { .. } => vec!["supported_languages"],
        _ => found.parameters.iter().map(|p| p.name.as_str()).collect(),
    };
    let argument = |name: &str| (name.to_string(), None, String::new());
    names.into_iter().map(argument).collect()
}
