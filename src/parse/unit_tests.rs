//! Unit tests out of properties files: one node for each test and version of its model.
//! Promise: what a test names is checked as far as the project alone can tell.
//! Not here: the rows themselves (`fixtures`), how a test is run (`run`).

use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::config::Family;
use crate::config::NodeConfig;
use crate::config::yaml::Yaml;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Render;
use crate::node::Resource;
use crate::node::UnitTest;
use crate::node::unit_test::Given;
use crate::node::unit_test::Input;
use crate::node::unit_test::Overrides;
use crate::node::version_text;
use crate::parse::capture::CaptureScope;
use crate::parse::capture::Subject;
use crate::parse::declared;
use crate::parse::declared::Known;
use crate::parse::fields;
use crate::parse::fixtures;
use crate::parse::nodes;
use crate::parse::project_settings;
use crate::parse::properties::Entry;
use crate::parse::site::Site;
use crate::parse::unit_test_sum;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

/// The nodes of one entry of `unit_tests:`. `nodes` are those that files declare.
pub(super) fn nodes(site: &Site<'_>, entry: &Entry, nodes: &[Node]) -> Vec<nodes::Made> {
    let yaml = &entry.yaml;
    check_keys(site, yaml);
    let Some(written) = read(site, entry) else {
        return Vec::new();
    };
    let models = models(nodes, &entry.package, &written.model);
    if models.is_empty() {
        return vec![Err(Box::new(unknown_model(entry, &written, nodes)))];
    }
    if written.versions.is_some() && models.iter().all(|model| model.version().is_none()) {
        return vec![Err(Box::new(no_versions(entry, &written)))];
    }
    let mut chosen: Vec<&Node> = models
        .iter()
        .copied()
        .filter(|model| is_tested(model, written.versions.as_ref()))
        .collect();
    if written.versions.is_none() && chosen.iter().any(|model| model.is_enabled()) {
        chosen.retain(|model| model.is_enabled());
    }
    for model in chosen.iter().filter(|model| model.is_enabled()) {
        check_incremental(site, entry, &written, model);
    }
    chosen
        .iter()
        .map(|model| node(site, entry, &written, model))
        .collect()
}

/// A test of an incremental model has to say which of its two ways is meant.
fn check_incremental(site: &Site<'_>, entry: &Entry, written: &Written, model: &Node) {
    let asks = model
        .macros
        .iter()
        .any(|id| id.ends_with(".is_incremental"));
    if model.materialized() != "incremental" || !asks {
        return;
    }
    let overrides = written.detail.overrides.as_ref();
    let answer = overrides.and_then(|overrides| overrides.macros.get("is_incremental"));
    let names_this = written.detail.given.iter().any(|g| g.input == Input::This);
    let (message, hint) = match answer {
        Some(Value::Bool(true)) if !names_this => (
            format!(
                "Unit test '{}' for incremental model '{}' must have a 'this' input",
                written.name, model.name
            ),
            "add `- input: this` below `given:`, with `rows: []` for an empty table",
        ),
        Some(Value::Bool(_)) => return,
        _ => (
            format!(
                "Boolean override for 'is_incremental' must be provided for unit test '{}' in model '{}'",
                written.name, model.name
            ),
            "add `overrides: {macros: {is_incremental: true}}`, or `false` for the first run",
        ),
    };
    let place = entry.yaml.place_of("name");
    let found = Diagnostic::error("unit-test-incremental", message);
    site.bag
        .add(found.at(place).hint(hint).headline("Parsing Error"));
}

/// One unit test, as written.
struct Written {
    name: String,
    model: String,
    detail: UnitTest,
    description: String,
    config: Map<String, Value>,
    versions: Option<Value>,
}

const KEYS: [&str; 8] = [
    "name",
    "description",
    "model",
    "given",
    "expect",
    "overrides",
    "config",
    "versions",
];

fn check_keys(site: &Site<'_>, yaml: &Yaml) {
    for (key, _) in yaml.entries() {
        let name = key.key_text();
        if !KEYS.contains(&&*name) {
            let message = format!("`{name}` is not a key of a unit test");
            let near = nearest(&name, KEYS);
            site.bag.add(
                Diagnostic::warning("unknown-key", message)
                    .at(key.place())
                    .maybe_hint(near.map(|near| format!("did you mean `{near}`?")))
                    .event("CustomKeyInObjectDeprecation"),
            );
        }
    }
}

fn read(site: &Site<'_>, entry: &Entry) -> Option<Written> {
    let (yaml, bag) = (&entry.yaml, site.bag);
    let name = fields::text(yaml, "name", bag)?;
    let needed = |key: &str, what: &str| {
        let message = format!("unit test `{name}` needs {what}");
        let found = Diagnostic::error("unit-test-shape", message).at(yaml.place());
        bag.add(found.hint(format!("add `{key}:`")));
    };
    let model = fields::text(yaml, "model", bag);
    if model.is_none() {
        needed("model", "the name of the model that it tests");
    }
    let expect = yaml.get("expect").filter(|expect| !expect.is_null());
    if expect.is_none() {
        needed("expect", "the rows that the model is to give");
    }
    if yaml.get("given").is_none() {
        needed("given", "a list of inputs, `[]` for none");
    }
    let (model, expect) = (model?, expect?);
    if !fields::is_map(expect, "expect", bag) {
        return None;
    }
    let given = yaml
        .get("given")
        .map_or(&[][..], |list| fields::list(list, "given", bag));
    Some(Written {
        description: fields::text(yaml, "description", bag).unwrap_or_default(),
        config: config(site, yaml),
        versions: versions(site, yaml),
        detail: UnitTest {
            model: model.clone(),
            version: None,
            versions: None,
            tested: None,
            given: given
                .iter()
                .filter_map(|item| self::given(site, entry, item))
                .collect(),
            expect: fixtures::read(site, &entry.package, expect),
            overrides: overrides(site, yaml),
        },
        name,
        model,
    })
}

fn config(site: &Site<'_>, yaml: &Yaml) -> Map<String, Value> {
    let written = yaml.get("config").filter(|config| !config.is_null());
    let written = written.filter(|config| fields::is_map(config, "config", site.bag));
    written.map(Yaml::to_json_map).unwrap_or_default()
}

fn overrides(site: &Site<'_>, yaml: &Yaml) -> Option<Overrides> {
    let written = yaml.get("overrides").filter(|found| !found.is_null())?;
    if !fields::is_map(written, "overrides", site.bag) {
        return None;
    }
    let part = |key: &str| {
        let part = written.get(key).filter(|part| !part.is_null());
        let part = part.filter(|part| fields::is_map(part, key, site.bag));
        part.map(Yaml::to_json_map).unwrap_or_default()
    };
    Some(Overrides {
        vars: part("vars"),
        env_vars: part("env_vars"),
        macros: part("macros"),
    })
}

fn versions(site: &Site<'_>, yaml: &Yaml) -> Option<Value> {
    let written = yaml.get("versions").filter(|found| !found.is_null())?;
    if !fields::is_map(written, "versions", site.bag) {
        return None;
    }
    let both = written.get("include").is_some() && written.get("exclude").is_some();
    if both || written.entries().is_empty() {
        let message = "`versions` of a unit test is either `include` or `exclude`, with a list";
        site.bag
            .add(Diagnostic::error("unit-test-versions", message).at(written.place()));
        return None;
    }
    let list = |key: &str| written.get(key).map_or(Value::Null, Yaml::to_json);
    Some(serde_json::json!({"include": list("include"), "exclude": list("exclude")}))
}

fn given(site: &Site<'_>, entry: &Entry, item: &Yaml) -> Option<Given> {
    if !fields::is_map(item, "given", site.bag) {
        return None;
    }
    let Some(written) = fields::text(item, "input", site.bag) else {
        let message = "every entry of `given` needs an `input`";
        let found = Diagnostic::error("unit-test-shape", message).at(item.place());
        site.bag
            .add(found.hint("an input is `ref('...')`, `source('...', '...')` or `this`"));
        return None;
    };
    let place = item.place_of("input");
    let Some(input) = input(site, entry, &written) else {
        let message = format!("`{written}` is no input");
        let found = Diagnostic::error("unit-test-input", message).at(place);
        site.bag
            .add(found.hint("an input is `ref('...')`, `source('...', '...')` or `this`"));
        return None;
    };
    Some(Given {
        input,
        rows: fixtures::read(site, &entry.package, item),
        written,
    })
}

/// What an `input:` names; `None` where it is no call of `ref` or `source`, and not `this`.
fn input(site: &Site<'_>, entry: &Entry, written: &str) -> Option<Input> {
    let written = written.trim();
    if written == "this" {
        return Some(Input::This);
    }
    let subject = Subject {
        package: &entry.package,
        this: site.relation(site.default_database(), site.default_schema(), "input"),
        model: values::none(),
    };
    let scope = CaptureScope::new(
        subject,
        site.globals_of(&entry.package),
        site.watch(&entry.file),
    );
    let dyn_scope: Arc<dyn Scope> = scope.clone();
    site.engine.expression(written, &dyn_scope).ok()?;
    let mut captured = scope.captured();
    match (captured.refs.pop(), captured.sources.pop()) {
        (Some(reference), None) => Some(Input::Ref(reference)),
        (None, Some((source, table))) => Some(Input::Source(source, table)),
        _ => None,
    }
}

/// The models of a name, all versions of it, disabled ones too.
fn models<'n>(nodes: &'n [Node], package: &str, name: &str) -> Vec<&'n Node> {
    let models = nodes.iter().filter(|node| {
        node.resource == Resource::Model && node.package == package && node.name == name
    });
    models.collect()
}

fn is_tested(model: &Node, versions: Option<&Value>) -> bool {
    let (Some(version), Some(choice)) = (model.version(), versions) else {
        return true;
    };
    let lists = |key: &str| {
        let list = choice.get(key).and_then(Value::as_array);
        list.map(|list| {
            list.iter()
                .any(|v| version_text(v) == version_text(version))
        })
    };
    match (lists("include"), lists("exclude")) {
        (Some(is_included), _) => is_included,
        (None, Some(is_excluded)) => !is_excluded,
        (None, None) => true,
    }
}

fn unknown_model(entry: &Entry, written: &Written, nodes: &[Node]) -> Diagnostic {
    let message = format!(
        "Unable to find model '{}.{}' for unit test '{}' in {}",
        entry.package, written.model, written.name, entry.file.shown
    );
    let names = nodes
        .iter()
        .filter(|node| node.resource == Resource::Model)
        .map(|node| node.name.as_str());
    let place = entry.yaml.place_of("model");
    let near = nearest(&written.model, names);
    Diagnostic::error("unknown-model", message)
        .at(place)
        .note("no model of this name in the package")
        .maybe_hint(near.map(|near| format!("did you mean `{near}`?")))
        .headline("Parsing Error")
}

fn no_versions(entry: &Entry, written: &Written) -> Diagnostic {
    let message = format!(
        "unit test '{}' chooses versions of '{}', which has none",
        written.name, written.model
    );
    let place = entry.yaml.place_of("versions");
    Diagnostic::error("unit-test-versions", message)
        .at(place)
        .hint("leave out `versions:`")
        .headline("Parsing Error")
}

fn node(site: &Site<'_>, entry: &Entry, written: &Written, model: &Node) -> nodes::Made {
    let package = entry.package.as_str();
    let path = site.path_in_package(package, &entry.file);
    let version = model.version().cloned();
    let suffix = version.as_ref().map_or_else(String::new, |version| {
        format!("_v{}", version_text(version))
    });
    let fqn = fqn(model, &written.name);
    let mut config = NodeConfig::new(Family::UnitTest);
    for tree in site.setting_trees(package, Resource::UnitTest) {
        for layer in project_settings::layers(tree, &fqn) {
            config.apply(&layer);
        }
    }
    config.apply(&written.config);
    if !model.is_enabled() {
        config.set("enabled", Value::Bool(false));
    }
    let place = entry.yaml.place_of("name");
    let known = Known {
        entry,
        place: &place,
        resource: Resource::UnitTest,
        unique_id: format!(
            "unit_test.{package}.{}.{}{suffix}",
            written.model, written.name
        ),
        name: written.name.clone(),
        path: site.below_kind_folder(package, path).to_string(),
        original_file_path: path.to_string(),
        fqn,
        config,
        unrendered_config: written.config.clone(),
        described: site.described(&written.description, package, &place),
    };
    let asked = Ref {
        package: Some(model.package.clone()),
        name: model.name.clone(),
        version: version.clone().map(Box::new),
    };
    let detail = UnitTest {
        version,
        versions: written.versions.clone(),
        tested: model.is_enabled().then(|| model.unique_id.clone()),
        ..written.detail.clone()
    };
    let checksum = unit_test_sum::of(&detail);
    let record = declared::record(site, known, Detail::UnitTest(Box::new(detail)));
    Ok(Node {
        database: model.database.clone(),
        schema: model.schema.clone(),
        alias: format!("{}{suffix}", written.name),
        checksum,
        raw_code: model.raw_code.clone(),
        tags: record.config.tags(),
        refs: vec![asked],
        render: Render::InTurn,
        ..record
    })
}

/// Package, folders, model and test; the version is in the id alone.
fn fqn(model: &Node, name: &str) -> Vec<String> {
    let mut fqn = model.fqn.clone();
    if model.version().is_some() {
        fqn.pop();
    }
    fqn.push(name.to_string());
    fqn
}
