//! Drafts of generic tests: each entry of a `data_tests:` list becomes a node that calls a test macro.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::jinja;
use crate::jinja::MacroKind;
use crate::jinja::Template;
use crate::jinja::python::repr;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::node::Test;
use crate::node::UniqueId;
use crate::parse::capture::Captured;
use crate::parse::columns::TestEntry;
use crate::parse::declared;
use crate::parse::files;
use crate::parse::generic_tests;
use crate::parse::generic_tests::Tested;
use crate::parse::nodes::Draft;
use crate::parse::patches::Patches;
use crate::parse::properties::Patch;
use crate::parse::site::Site;
use crate::parse::sources::Table;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The name under which a test's code finds its arguments.
pub const KWARGS: &str = "_dbt_generic_test_kwargs";

/// A test as written, before anything is made of it.
pub(super) struct Asked<'a> {
    entry: &'a TestEntry,
    tests: Target<'a>,
}

/// What a test was written under.
#[derive(Clone, Copy)]
enum Target<'a> {
    /// The patch of a node, and the position of that node.
    Node(&'a Patch, usize),
    Table(&'a Table),
}

/// The tests of nodes that exist, and of source tables, ordered by place.
pub(super) fn asked<'a>(
    nodes: &[Node],
    patches: &'a Patches,
    tables: &'a [Table],
) -> Vec<Asked<'a>> {
    let by_patch = nodes_by_patch(nodes);
    let described = patches
        .used()
        .filter(|patch| patch.section != "data_tests" && !patch.tests.is_empty());
    let of_nodes = described.flat_map(|patch| {
        let version = patch.version.as_ref().map(|v| v.version.to_string());
        let at = by_patch.get(&(&*patch.package, &*patch.name, version));
        let at = at.copied().filter(|at| nodes[*at].is_enabled());
        at.into_iter().flat_map(move |at| {
            let tests = Target::Node(patch, at);
            patch.tests.iter().map(move |entry| Asked { entry, tests })
        })
    });
    let of_tables = tables.iter().flat_map(|table| {
        let tests = Target::Table(table);
        table.tests.iter().map(move |entry| Asked { entry, tests })
    });
    let mut asked: Vec<Asked<'a>> = of_nodes.chain(of_tables).collect();
    asked.sort_by_key(|asked| (&asked.entry.place.file.shown, asked.entry.place.start));
    asked
}

type PatchKey<'n> = (&'n str, &'n str, Option<String>);

fn nodes_by_patch(nodes: &[Node]) -> FxHashMap<PatchKey<'_>, usize> {
    let refable = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.resource.is_refable());
    let keyed = refable.map(|(at, node)| {
        let version = node.version().map(serde_json::Value::to_string);
        ((node.package.as_str(), node.name.as_str(), version), at)
    });
    keyed.collect()
}

/// The draft of one test; `nodes` are those that it was asked with.
pub(super) fn draft<'a>(site: &Site<'_>, nodes: &[Node], asked: &Asked<'a>) -> Draft<'a> {
    match asked.tests {
        Target::Node(patch, at) => of_node(site, patch, &nodes[at], asked.entry),
        Target::Table(table) => of_table(site, table, asked.entry),
    }
}

fn of_node<'a>(site: &Site<'_>, patch: &'a Patch, node: &Node, entry: &'a TestEntry) -> Draft<'a> {
    let tested = Tested {
        name: &node.name,
        source_name: None,
        version: node.version(),
    };
    let shown = patch
        .patch_path
        .split_once("://")
        .map_or("", |(_, path)| path);
    let place = Written {
        package: &patch.package,
        path: shown,
        key: format!("{}.{}", patch.section, node.name),
        attached: Some(node.unique_id.clone()),
        group: node.config.text("group").map(str::to_string),
    };
    made(site, entry, &tested, place)
}

fn of_table<'a>(site: &Site<'_>, table: &'a Table, entry: &'a TestEntry) -> Draft<'a> {
    let tested = Tested {
        name: &table.name,
        source_name: Some(&table.source_name),
        version: None,
    };
    let place = Written {
        package: &table.entry.package,
        path: site.path_in_package(&table.entry.package, &table.entry.file),
        key: format!("sources.{}", table.source_name),
        attached: None,
        group: None,
    };
    made(site, entry, &tested, place)
}

/// Where a test was written.
struct Written<'a> {
    package: &'a str,
    path: &'a str,
    /// `models.orders`.
    key: String,
    attached: Option<UniqueId>,
    group: Option<String>,
}

fn made<'a>(
    site: &Site<'_>,
    entry: &'a TestEntry,
    tested: &Tested<'_>,
    written: Written<'a>,
) -> Draft<'a> {
    let metadata = generic_tests::metadata(entry, tested, site.dialect());
    check_macro(site, entry, written.package);
    check_arguments(site, entry, tested, &written);
    let identity = generic_tests::identity(entry, tested, &metadata);
    let mut config = serde_json::Map::from(entry.config.clone());
    if identity.short_name != identity.name {
        config.insert(
            "alias".to_string(),
            serde_json::Value::String(identity.short_name.clone()),
        );
    }
    let raw_code = format!(
        "{{{{ {}(**{KWARGS}) }}}}{}",
        called_as(entry),
        config_call(&config)
    );
    let mut fqn = files::fqn(
        written.package,
        site.below_kind_folder(written.package, written.path),
    );
    *fqn.last_mut().expect("a fqn has a package and a name") = identity.name.clone();
    Draft {
        resource: Resource::Test,
        package: written.package,
        unique_id: format!(
            "test.{}.{}.{}",
            written.package, identity.name, identity.hash
        ),
        fqn,
        path: format!("{}.sql", identity.short_name),
        original_file_path: written.path.to_string(),
        file: entry.place.file.clone(),
        code: None,
        first_line: entry.place.line_col().0,
        raw_code: Arc::from(raw_code),
        checksum: String::new(),
        language: "sql",
        patch: None,
        detail: Detail::Test(Box::new(Test {
            column_name: generic_tests::column_argument(entry, site.dialect()),
            attached_node: written.attached,
            file_key_name: Some(written.key),
            group: written.group,
            metadata: Some(metadata),
        })),
        inherited_tags: own_tags(entry),
        description: Some(&entry.description),
        name: identity.name,
    }
}

/// Tags written at a test and its column: in the order of the alphabet, before those of the project.
fn own_tags(entry: &TestEntry) -> Vec<String> {
    let at_test = entry.config.get("tags").cloned().unwrap_or_default();
    let at_test = declared::texts(&crate::config::keys::as_list(at_test));
    declared::sorted_tags(entry.column_tags.clone(), at_test)
}

/// The id of the macro that a generic test calls, which its list of macros starts with.
pub(super) fn macro_id(site: &Site<'_>, draft: &Draft<'_>) -> Option<String> {
    let Detail::Test(test) = &draft.detail else {
        return None;
    };
    let metadata = test.metadata.as_ref()?;
    let (registry, name) = (site.engine.registry(), format!("test_{}", metadata.name));
    let found = match &metadata.namespace {
        Some(namespace) => registry.in_package(namespace, &name),
        None => registry.find(draft.package, &name),
    };
    found.map(|found| found.unique_id.clone())
}

/// What dbt notes of its own two plainest tests: the version of the model as a number, and no macro
/// but the test itself.
pub(super) fn settle(draft: &Draft<'_>, captured: &mut Captured) {
    let is_plain = ["macro.dbt.test_unique", "macro.dbt.test_not_null"]
        .iter()
        .any(|id| captured.macros.contains(*id));
    if !is_plain || !matches!(&draft.detail, Detail::Test(_)) {
        return;
    }
    for version in captured.refs.iter_mut().filter_map(|r| r.version.as_mut()) {
        if let Some(text) = version.as_str()
            && let Ok(number) = text.parse::<serde_json::Number>()
        {
            **version = serde_json::Value::Number(number);
        }
    }
    captured
        .macros
        .retain(|id| !id.ends_with(".get_where_subquery"));
}

/// Tells of a test that nobody wrote.
fn check_macro(site: &Site<'_>, entry: &TestEntry, package: &str) {
    let (namespace, name) = generic_tests::split_name(&entry.test);
    let macro_name = format!("test_{name}");
    let registry = site.engine.registry();
    let found = match namespace {
        Some(namespace) => registry.in_package(namespace, &macro_name),
        None => registry.find(package, &macro_name),
    };
    if found.is_none() {
        let known = registry.macros().filter(|m| m.kind == MacroKind::Test);
        let names: Vec<&str> = known.filter_map(|m| m.name.strip_prefix("test_")).collect();
        site.bag.add(
            Diagnostic::warning(
                "unknown-test",
                format!(
                    "no generic test named `{}`: macro '{macro_name}' is undefined",
                    entry.test
                ),
            )
            .at(test_place(entry))
            .note("not found in this project or its packages: the test will fail when it is run")
            .maybe_hint(nearest(name, names).map(|near| format!("did you mean `{near}`?"))),
        );
    }
}

/// Arguments belong below `arguments:`; projects of old that chose so may do without.
fn check_arguments(site: &Site<'_>, entry: &TestEntry, tested: &Tested<'_>, written: &Written<'_>) {
    let is_required = site
        .flags()
        .behaviour("require_generic_test_arguments_property");
    match (is_required, &entry.stray, &entry.nested) {
        (true, Some(stray), _) => {
            let (argument, place) = &**stray;
            let described = format!(
                "`{}` defined on '{}' in package '{}' ({})",
                entry.test, tested.name, written.package, written.path
            );
            site.bag.add(
                Diagnostic::warning(
                    "test-arguments-property",
                    format!("Found top-level arguments to test {described}"),
                )
                .at(place.clone())
                .hint(format!("write `arguments:` and put `{argument}` below it"))
                .event("MissingArgumentsPropertyInGenericTestDeprecation")
                .field("test_name", described),
            );
        }
        (false, _, Some(nested)) => {
            let value = repr::repr(&values::from_json(&nested.to_json()));
            let described = format!("`{}` ({value})", entry.test);
            site.bag.add(
                Diagnostic::warning(
                    "test-arguments-property",
                    format!(
                        "Found `arguments` property in test definition of {described} without usage of \
                         `require_generic_test_arguments_property` behavior change flag"
                    ),
                )
                .at(nested.place())
                .hint("remove that flag from `flags:` of dbt_project.yml")
                .event("ArgumentsPropertyInGenericTestDeprecation")
                .field("test_name", described),
            );
        }
        _ => {}
    }
}

/// The name of the test where it stands in the file.
fn test_place(entry: &TestEntry) -> Place {
    let place = &entry.place;
    let at = place.file.text()[place.start..place.end]
        .find(&entry.test)
        .unwrap_or(0);
    Place::new(
        &place.file,
        place.start + at,
        place.start + at + entry.test.len(),
    )
}

/// How a test's code calls its macro: with the package, where the user named one.
fn called_as(entry: &TestEntry) -> String {
    match generic_tests::split_name(&entry.test) {
        (Some(package), name) => format!("{package}.test_{name}"),
        (None, name) => format!("test_{name}"),
    }
}

/// The order in which dbt writes the settings of a test.
const CONFIG_ORDER: [&str; 14] = [
    "severity",
    "tags",
    "enabled",
    "where",
    "limit",
    "warn_if",
    "error_if",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "meta",
    "database",
    "schema",
    "alias",
];

/// The settings of a test as the `config()` call in its code.
fn config_call(config: &serde_json::Map<String, serde_json::Value>) -> String {
    let known = CONFIG_ORDER
        .iter()
        .filter_map(|key| Some((*key, config.get(*key)?)));
    let others = config
        .iter()
        .filter(|(key, _)| !CONFIG_ORDER.contains(&key.as_str()));
    let config: Vec<(&str, &serde_json::Value)> =
        known.chain(others.map(|(k, v)| (k.as_str(), v))).collect();
    let pairs =
        config
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| match value {
                serde_json::Value::String(text) => {
                    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
                    format!("{key}=\"{text}\"")
                }
                other => format!(
                    "{key}={}",
                    jinja::python::repr::repr(&values::from_json(other))
                ),
            });
    let pairs: Vec<String> = pairs.collect();
    if pairs.is_empty() {
        String::new()
    } else {
        format!("{{{{ config({}) }}}}", pairs.join(","))
    }
}

/// The arguments of a generic test as its macro gets them: texts that hold code are rendered.
pub fn arguments(
    engine: &Arc<jinja::Engine>,
    kwargs: &serde_json::Map<String, serde_json::Value>,
    scope: &Arc<dyn jinja::Scope>,
) -> Result<Value, jinja::RenderError> {
    let mut pairs = Vec::new();
    for (key, value) in kwargs {
        let value = match key.as_str() {
            "column_name" => values::from_json(value),
            _ => argument(engine, value, scope)?,
        };
        pairs.push((key.as_str(), value));
    }
    Ok(values::dict(pairs))
}

/// One argument, or what stands in its lists and mappings.
fn argument(
    engine: &Arc<jinja::Engine>,
    value: &serde_json::Value,
    scope: &Arc<dyn jinja::Scope>,
) -> Result<Value, jinja::RenderError> {
    match value {
        serde_json::Value::String(text) => text_argument(engine, text, scope),
        serde_json::Value::Array(items) => {
            let items = items.iter().map(|item| argument(engine, item, scope));
            Ok(values::list(items.collect::<Result<Vec<_>, _>>()?))
        }
        serde_json::Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Ok((key.as_str(), argument(engine, value, scope)?)));
            let entries: Result<Vec<_>, jinja::RenderError> = entries.collect();
            Ok(values::dict(entries?))
        }
        other => Ok(values::from_json(other)),
    }
}

fn text_argument(
    engine: &Arc<jinja::Engine>,
    text: &str,
    scope: &Arc<dyn jinja::Scope>,
) -> Result<Value, jinja::RenderError> {
    if is_call(text) {
        return engine.expression(text.trim(), scope);
    }
    engine.render_native(&Template::text("test argument", text), scope)
}

/// Whether a text is one of the calls that count as code without braces.
fn is_call(text: &str) -> bool {
    let text = text.trim();
    let name = text.split('(').next().unwrap_or_default().trim();
    matches!(name, "env_var" | "ref" | "var" | "source" | "doc") && text.ends_with(')')
}
