//! Source tables out of properties files: one node for each table, settings inherited from its source.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::Family;
use crate::config::NodeConfig;
use crate::config::yaml::Yaml;
use crate::node::Column;
use crate::node::Detail;
use crate::node::Freshness;
use crate::node::Node;
use crate::node::Render;
use crate::node::Resource;
use crate::node::Source;
use crate::node::UniqueId;
use crate::node::dictionary;
use crate::parse::columns;
use crate::parse::columns::TestEntry;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::nodes;
use crate::parse::project_settings;
use crate::parse::properties::Entry;
use crate::parse::site::Owner;
use crate::parse::site::Site;
use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;

/// One table of a source, as written.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub entry: Entry,
    pub source_name: String,
    pub name: String,
    pub identifier: String,
    /// `None` leaves it to the target.
    pub database: Option<String>,
    pub schema: String,
    pub description: String,
    pub source_description: String,
    pub loader: String,
    pub quoting: Map<String, Value>,
    pub freshness: Option<Freshness>,
    pub loaded_at_field: Option<String>,
    pub loaded_at_query: Option<String>,
    pub external: Option<Value>,
    pub tags: Vec<String>,
    pub meta: Map<String, Value>,
    pub source_meta: Map<String, Value>,
    /// Settings of the source and over them those of the table.
    pub config: Vec<Map<String, Value>>,
    pub columns: IndexMap<String, Column>,
    pub tests: Vec<TestEntry>,
    /// The table's own part of the file, for messages.
    pub yaml: Yaml,
}

/// The tables of one source.
pub(super) fn tables(entry: &Entry, bag: &Bag) -> Vec<Table> {
    let source = &entry.yaml;
    let Some(list) = source.get("tables") else {
        return Vec::new();
    };
    let tables = fields::list(list, "tables", bag).iter();
    tables
        .filter_map(|yaml| table(entry, source, yaml, bag))
        .collect()
}

/// The node of one table.
pub(super) fn node(site: &Site<'_>, table: &Table) -> nodes::Made {
    let package = table.entry.package.as_str();
    let path = site.path_in_package(package, &table.entry.file);
    let mut fqn = files::fqn(package, site.below_kind_folder(package, path));
    fqn.pop();
    fqn.extend([table.source_name.clone(), table.name.clone()]);
    let (config, unrendered_config) = merged_config(site, table, &fqn);
    let database = table
        .database
        .clone()
        .unwrap_or_else(|| site.default_database().to_string());
    let place = table
        .yaml
        .get("name")
        .map_or_else(|| table.yaml.place(), Yaml::place);
    let (description, doc_blocks) = site.described(&table.description, package, &place);
    let (source_description, _) = site.described(&table.source_description, package, &place);
    let relation = site.relation(&database, &table.schema, &table.identifier);
    let relation = nodes::quoted(&relation, &table.quoting);
    Ok(Node {
        unique_id: UniqueId::new(format!(
            "source.{package}.{}.{}",
            table.source_name, table.name
        )),
        resource: Resource::Source,
        name: table.name.clone(),
        package: package.to_string(),
        path: path.to_string(),
        original_file_path: path.to_string(),
        code: None,
        first_line: place.line_col().0,
        file: table.entry.file.clone(),
        fqn,
        relation_name: Some(relation.render()),
        alias: table.identifier.clone(),
        schema: table.schema.clone(),
        database,
        checksum: String::new(),
        raw_code: "".into(),
        language: "sql",
        tags: config.tags(),
        meta: config.meta(),
        config,
        unrendered_config,
        description,
        doc_blocks,
        columns: site.described_columns(&table.columns, package, &place),
        patch_path: None,
        refs: Vec::new(),
        sources: Vec::new(),
        metrics: Vec::new(),
        functions: Vec::new(),
        macros: Vec::new(),
        render: Render::Ahead,
        created_at: site.created_at,
        detail: Detail::Source(Source {
            source_name: table.source_name.clone(),
            source_description,
            loader: table.loader.clone(),
            identifier: table.identifier.clone(),
            quoting: table.quoting.clone(),
            loaded_at_field: table.loaded_at_field.clone(),
            loaded_at_query: table.loaded_at_query.clone(),
            freshness: table.freshness.clone(),
            external: table.external.clone(),
            source_meta: table.source_meta.clone(),
            unrendered_database: as_written(&table.entry.raw, &["database", "catalog"]),
            unrendered_schema: as_written(&table.entry.raw, &["schema"]),
        }),
    })
}

/// The first of these keys that is there, before Jinja.
fn as_written(source: &Yaml, keys: &[&str]) -> Option<String> {
    let mut written = keys.iter().filter_map(|key| source.get(key));
    let value = written.find(|value| !value.is_null())?;
    Some(value.printed().into_owned())
}

/// Settings of the package's project file, then of the source and the table; the root project has
/// the last word.
fn merged_config(
    site: &Site<'_>,
    table: &Table,
    fqn: &[String],
) -> (NodeConfig, Map<String, Value>) {
    let mut config = NodeConfig::new(Family::Source);
    let package = table.entry.package.as_str();
    let in_project = |owner: Owner| {
        let trees = site.trees_of(package, Resource::Source, owner);
        trees.map_or_else(Vec::new, |[tree, _]| project_settings::layers(tree, fqn))
    };
    let layers = in_project(Owner::Package)
        .into_iter()
        .chain(table.config.iter().cloned())
        .chain(in_project(Owner::Root));
    layers.for_each(|layer| config.apply(&layer));
    config.set("meta", Value::Object(table.meta.clone()));
    config.set("tags", table.tags.clone().into());
    config.set("loaded_at_field", table.loaded_at_field.clone().into());
    config.set("loaded_at_query", table.loaded_at_query.clone().into());
    if let Some(freshness) = &table.freshness {
        config.set("freshness", dictionary::freshness(freshness));
    } else {
        config.set("freshness", Value::Null);
    }
    let mut unrendered = Map::from_iter([
        (
            "loaded_at_field".into(),
            table.loaded_at_field.clone().into(),
        ),
        (
            "loaded_at_query".into(),
            table.loaded_at_query.clone().into(),
        ),
        ("meta".into(), Value::Object(table.meta.clone())),
        ("tags".into(), table.tags.clone().into()),
    ]);
    if let Some(freshness) = table
        .freshness
        .as_ref()
        .filter(|written| !written.is_blank())
    {
        unrendered.insert("freshness".to_string(), dictionary::freshness(freshness));
    }
    for layer in &table.config {
        unrendered.extend(layer.clone());
    }
    (config, unrendered)
}

fn table(entry: &Entry, source: &Yaml, yaml: &Yaml, bag: &Bag) -> Option<Table> {
    let Some(name) = fields::text(yaml, "name", bag) else {
        bag.add(
            Diagnostic::error(
                "missing-name",
                "a table of a source is a mapping with a `name`",
            )
            .at(yaml.place()),
        );
        return None;
    };
    let source_name = fields::text(source, "name", bag).unwrap_or_default();
    let source_meta = settings_map(source, "meta");
    let mut meta = source_meta.clone();
    meta.extend(settings_map(yaml, "meta"));
    let mut tags = settings_tags(source, bag);
    tags.extend(settings_tags(yaml, bag));
    let mut quoting = map(source, "quoting");
    quoting.extend(map(yaml, "quoting"));
    let mut tests = Vec::new();
    let columns = columns::read(yaml, &mut tests, bag);
    for key in ["tests", "data_tests"] {
        if let Some(list) = yaml.get(key) {
            tests.extend(columns::tests(list, None, bag));
        }
    }
    Some(Table {
        identifier: fields::text(yaml, "identifier", bag).unwrap_or_else(|| name.clone()),
        database: fields::text(source, "database", bag)
            .or_else(|| fields::text(source, "catalog", bag)),
        schema: fields::text(source, "schema", bag).unwrap_or_else(|| source_name.clone()),
        description: fields::text(yaml, "description", bag).unwrap_or_default(),
        source_description: fields::text(source, "description", bag).unwrap_or_default(),
        loader: fields::text(yaml, "loader", bag)
            .or(fields::text(source, "loader", bag))
            .unwrap_or_default(),
        freshness: freshness(source, yaml, bag),
        loaded_at_field: nearest_text(source, yaml, "loaded_at_field", bag),
        loaded_at_query: nearest_text(source, yaml, "loaded_at_query", bag),
        external: yaml
            .get("external")
            .filter(|e| !e.is_null())
            .map(Yaml::to_json),
        config: vec![config(source), config(yaml)],
        entry: entry.clone(),
        yaml: yaml.clone(),
        source_name,
        name,
        quoting,
        tags,
        meta,
        source_meta,
        columns,
        tests,
    })
}

/// `config:` without what is merged by rules of its own.
fn config(yaml: &Yaml) -> Map<String, Value> {
    let mut config = map(yaml, "config");
    if let Some(enabled) = yaml.get("enabled") {
        config.entry("enabled").or_insert_with(|| enabled.to_json());
    }
    for key in [
        "meta",
        "tags",
        "freshness",
        "loaded_at_field",
        "loaded_at_query",
    ] {
        config.shift_remove(key);
    }
    config
}

fn map(yaml: &Yaml, key: &str) -> Map<String, Value> {
    yaml.get(key).map(Yaml::to_json_map).unwrap_or_default()
}

/// A mapping that may stand beside `config:` or in it.
fn settings_map(yaml: &Yaml, key: &str) -> Map<String, Value> {
    let mut found = map(yaml, key);
    if let Some(written) = yaml.get("config") {
        found.extend(map(written, key));
    }
    found
}

fn settings_tags(yaml: &Yaml, bag: &Bag) -> Vec<String> {
    let mut tags = fields::texts(yaml, "tags", bag);
    if let Some(written) = yaml.get("config") {
        tags.extend(fields::texts(written, "tags", bag));
    }
    tags
}

/// A text of the table (in its `config:` or beside), or else of the source.
fn nearest_text(source: &Yaml, table: &Yaml, key: &str, bag: &Bag) -> Option<String> {
    [table, source].into_iter().find_map(|yaml| {
        let inner = yaml
            .get("config")
            .and_then(|config| fields::text(config, key, bag));
        inner.or_else(|| fields::text(yaml, key, bag))
    })
}

/// Limits of the table, each missing one taken from the source. `freshness: null` turns them off.
fn freshness(source: &Yaml, table: &Yaml, bag: &Bag) -> Option<Freshness> {
    let own = written_freshness(table);
    if own.is_some_and(Yaml::is_null) {
        return None;
    }
    let mut freshness = Freshness::default();
    for yaml in [written_freshness(source), own]
        .into_iter()
        .flatten()
        .filter(|yaml| !yaml.is_null())
    {
        if !fields::is_map(yaml, "freshness", bag) {
            continue;
        }
        set_limit(&mut freshness.warn_after, yaml, "warn_after", bag);
        set_limit(&mut freshness.error_after, yaml, "error_after", bag);
        if let Some(filter) = fields::text(yaml, "filter", bag) {
            freshness.filter = Some(filter);
        }
    }
    Some(freshness)
}

fn written_freshness(yaml: &Yaml) -> Option<&Yaml> {
    yaml.get("config")
        .and_then(|config| config.get("freshness"))
        .or_else(|| yaml.get("freshness"))
}

fn set_limit(limit: &mut Option<(i64, String)>, yaml: &Yaml, key: &str, bag: &Bag) {
    let Some(written) = yaml.get(key) else { return };
    if written.is_null() {
        *limit = None;
        return;
    }
    let count = written.get("count").and_then(Yaml::as_int);
    let period = fields::text(written, "period", bag);
    match (count, period) {
        (Some(count), Some(period)) if matches!(period.as_str(), "minute" | "hour" | "day") => {
            *limit = Some((count, period));
        }
        _ => bag.add(
            Diagnostic::error(
                "freshness-shape",
                format!("`{key}` needs a whole `count` and a `period`"),
            )
            .at(written.place())
            .hint("for example `{count: 12, period: hour}`; a period is minute, hour or day"),
        ),
    }
}
