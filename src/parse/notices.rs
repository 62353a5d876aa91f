//! What is to be said about the project as a whole: names with spaces, names that stand for two things,
//! macros that are described but not there.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::jinja::registry::Macro;
use crate::node::MacroDoc;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::site::Site;
use rustc_hash::FxHashMap;
use serde_json::json;

/// Names that will not do, or will not for long.
pub(super) fn names(site: &Site<'_>, nodes: &[Node], bag: &Bag) {
    let named: Vec<&Node> = nodes.iter().filter(|node| is_own(node)).collect();
    with_spaces(site, &named, bag);
    same_names(&named, bag);
}

/// Macros whose description does not fit them.
pub(super) fn macros(site: &Site<'_>, docs: &[(MacroDoc, Place)]) {
    for (doc, place) in docs {
        match site.engine.registry().in_package(&doc.package, &doc.name) {
            Some(found) if site.flags().behaviour("validate_macro_args") => {
                annotations(site, found, doc, place);
            }
            Some(_) => {}
            None => site.bag.add(
                Diagnostic::warning(
                    "no-macro-for-properties",
                    format!("Found patch for macro \"{}\" which was not found", doc.name),
                )
                .at(place.clone())
                .event("MacroNotFoundForPatch")
                .field("patch_name", doc.name.as_str()),
            ),
        }
    }
}

/// `modules.itertools` goes away; told where it is used.
pub(super) fn modules(site: &Site<'_>, nodes: &[Node]) {
    let registry = site.engine.registry();
    let own = registry
        .macros()
        .filter(|m| !registry.is_internal(&m.package));
    let of_macros = own.map(|m| (m.file.clone(), m.block.body.clone()));
    let of_nodes = nodes
        .iter()
        .filter(|node| node.is_enabled())
        .filter_map(|node| Some((node.file.clone(), node.code.clone()?)));
    for (file, range) in of_macros.chain(of_nodes) {
        const USE: &str = "modules.itertools";
        let Some(at) = file
            .text()
            .get(range.clone())
            .and_then(|text| text.find(USE))
        else {
            continue;
        };
        let start = range.start + at;
        site.bag.add(
            Diagnostic::warning(
                "old-module",
                "Usage of itertools modules is deprecated. Please use the built-in functions instead.",
            )
            .at(Place::new(&file, start, start + USE.len()))
            .event("ModulesItertoolsUsageDeprecation"),
        );
    }
}

/// Generic tests, hooks and inline queries get their names from us.
fn is_own(node: &Node) -> bool {
    let kinds = [
        Resource::Model,
        Resource::Seed,
        Resource::Snapshot,
        Resource::Analysis,
        Resource::Source,
    ];
    node.is_enabled() && kinds.contains(&node.resource)
}

/// `ref('my model')` works, but not everywhere such a name goes.
fn with_spaces(site: &Site<'_>, nodes: &[&Node], bag: &Bag) {
    let of_kinds = nodes.iter().filter(|n| n.resource != Resource::Source);
    let mut spaced: Vec<&&Node> = of_kinds.filter(|node| node.name.contains(' ')).collect();
    if spaced.is_empty() {
        return;
    }
    spaced.sort_by(|a, b| a.unique_id.cmp(&b.unique_id));
    if site
        .flags()
        .behaviour("require_resource_names_without_spaces")
    {
        let wrong = spaced.into_iter().map(|node| {
            Diagnostic::error(
                "name-with-spaces",
                format!(
                    "Resource names cannot contain spaces: '{}' ({})",
                    node.unique_id, node.original_file_path
                ),
            )
            .at(Place::line(&node.file, node.first_line))
            .hint(format!(
                "rename the file, for example to `{}`",
                node.name.replace(' ', "_")
            ))
            .headline("Runtime Error")
        });
        return bag.extend(wrong);
    }
    let count = spaced.len();
    let all = site.flags().debug;
    for node in spaced.into_iter().take(if all { count } else { 1 }) {
        bag.add(
            Diagnostic::warning(
                "name-with-spaces",
                format!("Found spaces in the name of `{}`", node.unique_id),
            )
            .at(Place::line(&node.file, node.first_line))
            .event("SpacesInResourceNameDeprecation")
            .field("unique_id", node.unique_id.as_str())
            .field("level", "warn"),
        );
    }
    let hint = match all {
        true => "rename them",
        false => "rename them; `--debug` shows them all",
    };
    bag.add(
        Diagnostic::warning(
            "names-with-spaces",
            format!("Spaces found in {count} resource name(s). This is deprecated, and may lead to errors when using dbt."),
        )
        .hint(hint)
        .event("ResourceNamesWithSpacesDeprecation")
        .field("count_invalid_names", json!(count))
        .field("show_debug_hint", !all)
        .field("level", ""),
    );
}

/// A model and a seed of one name in one package: `ref()` takes the one or the other.
fn same_names(nodes: &[&Node], bag: &Bag) {
    let mut first: FxHashMap<(&str, &str), &Node> = FxHashMap::default();
    for node in nodes.iter().filter(|node| node.resource.is_refable()) {
        let other = first.entry((&node.package, &node.name)).or_insert(node);
        if other.resource == node.resource {
            continue;
        }
        let said = format!(
            "Found resources with the same name '{}' in package '{}': '{}' and '{}'. \
             Please update one of the resources to have a unique name.",
            node.name, node.package, other.unique_id, node.unique_id
        );
        bag.add(
            Diagnostic::warning("same-name", said)
                .at(Place::line(&node.file, node.first_line))
                .related(Place::line(&other.file, other.first_line), "the other one")
                .event("DuplicateNameDistinctNodeTypesDeprecation")
                .field("resource_name", node.name.as_str())
                .field("package_name", node.package.as_str())
                .field("unique_id1", other.unique_id.as_str())
                .field("unique_id2", node.unique_id.as_str()),
        );
    }
}

/// The arguments of a macro as a YAML file lists them, held against its definition.
fn annotations(site: &Site<'_>, found: &Macro, doc: &MacroDoc, place: &Place) {
    if doc.arguments.is_empty() {
        return;
    }
    let mut wrong = Vec::new();
    if doc.arguments.len() != found.parameters.len() {
        wrong.push(format!(
            "The number of arguments in the yaml for macro {} does not match the jinja definition.",
            doc.name
        ));
    }
    for (position, (name, _, _)) in doc.arguments.iter().enumerate() {
        let defined = found.parameters.get(position);
        if defined.is_some_and(|parameter| parameter.name != *name) {
            wrong.push(format!(
                "Argument {name} in yaml for macro {} does not match the jinja definition.",
                doc.name
            ));
        }
    }
    for (name, kind, _) in &doc.arguments {
        if kind.as_deref().is_some_and(|kind| !is_type(kind)) {
            wrong.push(format!(
                "Argument {name} in the yaml for macro {} has an invalid type.",
                doc.name
            ));
        }
    }
    site.bag.extend(wrong.into_iter().map(|said| {
        Diagnostic::warning("macro-annotation", said.clone())
            .at(place.clone())
            .event("InvalidMacroAnnotation")
            .field("msg", said)
            .field("macro_unique_id", found.unique_id.as_str())
            .field("macro_file_path", found.path.as_str())
    }));
}

/// `string`, `list[integer]`, `dict[string, any]`, `optional[relation]`.
fn is_type(text: &str) -> bool {
    let text = text.trim();
    let plain = [
        "str", "string", "bool", "int", "integer", "float", "any", "relation", "column",
    ];
    let Some((outer, inner)) = text.split_once('[') else {
        return plain.contains(&text);
    };
    let Some(inner) = inner.strip_suffix(']') else {
        return false;
    };
    match outer {
        "list" | "optional" => is_type(inner),
        "dict" => inner
            .split_once(',')
            .is_some_and(|(key, value)| is_type(key) && is_type(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_arguments_are_known() {
        let rows = [
            ("string", true),
            ("list[str]", true),
            ("dict[str, list[int]]", true),
            ("optional[relation]", true),
            ("list", false),
            ("foo", false),
            ("list[foo]", false),
            ("dict[str]", false),
        ];
        for (text, expected) in rows {
            assert_eq!(is_type(text), expected, "{text}");
        }
    }
}
