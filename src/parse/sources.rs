//! Source tables out of properties files: one node for each table, settings inherited from its source.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::Family;
use crate::config::NodeConfig;
use crate::config::yaml::Yaml;
use crate::node::Columns;
use crate::node::Detail;
use crate::node::Freshness;
use crate::node::Node;
use crate::node::Resource;
use crate::node::Source;
use crate::node::dictionary;
use crate::parse::columns;
use crate::parse::columns::TestEntry;
use crate::parse::declared;
use crate::parse::declared::Known;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::nodes;
use crate::parse::project_settings;
use crate::parse::properties::Entry;
use crate::parse::site::Owner;
use crate::parse::site::Site;
use crate::parse::source_ages;
use crate::parse::source_ages::LoadedAt;
use crate::parse::source_ages::Wish;
use crate::parse::wrong_settings;
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
    pub freshness: Wish,
    pub loaded_at: LoadedAt,
    pub external: Option<Value>,
    pub tags: Vec<String>,
    pub meta: Map<String, Value>,
    pub source_meta: Map<String, Value>,
    /// Settings of the source and over them those of the table.
    pub config: Vec<Map<String, Value>>,
    pub columns: Columns,
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
    let settings = merged(site, table, &fqn);
    let database = table
        .database
        .clone()
        .unwrap_or_else(|| site.default_database().to_string());
    let place = table.yaml.place_of("name");
    let described = site.described(&table.description, package, &place);
    let (source_description, _) = site.described(&table.source_description, package, &place);
    let relation = site.relation(&database, &table.schema, &table.identifier);
    let relation = nodes::quoted(&relation, &table.quoting);
    let source = Source {
        source_name: table.source_name.clone(),
        source_description,
        loader: table.loader.clone(),
        identifier: table.identifier.clone(),
        quoting: table.quoting.clone(),
        loaded_at_field: table.loaded_at.field.clone(),
        loaded_at_query: table.loaded_at.query.clone(),
        freshness: settings.freshness,
        external: table.external.clone(),
        source_meta: table.source_meta.clone(),
        read_in_place: site.dialect().reads_files,
        unrendered_database: as_written(&table.entry.raw, &["database", "catalog"]),
        unrendered_schema: as_written(&table.entry.raw, &["schema"]),
    };
    for wrong in wrong_settings::of_source(&table.name, &place, &settings.config) {
        site.bag.add(wrong);
    }
    if settings.config.enabled() {
        source_ages::check(site, &source, &table.name, &place);
    }
    let known = Known {
        entry: &table.entry,
        place: &place,
        resource: Resource::Source,
        unique_id: format!("source.{package}.{}.{}", table.source_name, table.name),
        name: table.name.clone(),
        path: path.to_string(),
        original_file_path: path.to_string(),
        fqn,
        config: settings.config,
        unrendered_config: settings.unrendered,
        described,
    };
    let record = declared::record(site, known, Detail::Source(Box::new(source)));
    Ok(Node {
        relation_name: Some(relation.render()),
        alias: table.identifier.clone(),
        schema: table.schema.clone(),
        database,
        tags: record.config.tags(),
        columns: site.described_columns(&table.columns, package, &place),
        ..record
    })
}

/// The first of these keys that is there, before Jinja.
fn as_written(source: &Yaml, keys: &[&str]) -> Option<String> {
    let mut written = keys.iter().filter_map(|key| source.get(key));
    let value = written.find(|value| !value.is_null())?;
    Some(value.printed().into_owned())
}

/// Settings of a table as they end up.
struct Merged {
    config: NodeConfig,
    /// As written, before Jinja.
    unrendered: Map<String, Value>,
    freshness: Option<Freshness>,
}

/// Settings of the package's project file, then of the source and the table; the root project has
/// the last word. Tags are those of the properties file alone, in the order of their names.
fn merged(site: &Site<'_>, table: &Table, fqn: &[String]) -> Merged {
    let mut config = NodeConfig::new(Family::Source);
    let package = table.entry.package.as_str();
    let in_project = |owner: Owner| {
        let trees = site.trees_of(package, Resource::Source, owner);
        trees.map_or_else(Vec::new, |[tree, _]| project_settings::layers(tree, fqn))
    };
    let (outer, root) = (in_project(Owner::Package), in_project(Owner::Root));
    let of_project = outer.iter().chain(&root);
    let of_project = of_project
        .filter_map(|layer| layer.get("freshness"))
        .next_back();
    let layers = outer.iter().chain(&table.config).chain(&root);
    layers.for_each(|layer| config.apply(layer));
    let mut unrendered = Map::new();
    let freshness = match (&table.freshness, of_project) {
        (Wish::Limits(limits), _) => Some(limits.clone()),
        (Wish::Unsaid, None) => Some(Freshness::default()),
        (Wish::Unsaid, Some(Value::Object(limits))) => Some(source_ages::of_project(limits)),
        (Wish::Off, _) | (Wish::Unsaid, Some(_)) => None,
    };
    let shown = freshness
        .as_ref()
        .map_or(Value::Null, dictionary::freshness);
    if !freshness.as_ref().is_some_and(Freshness::is_blank) {
        let written = match table.freshness {
            Wish::Unsaid => of_project.cloned(),
            _ => None,
        };
        let written = written.unwrap_or_else(|| shown.clone());
        unrendered.insert("freshness".to_string(), written);
    }
    config.put("freshness", shown);
    let own = [
        ("loaded_at_field", table.loaded_at.field.clone().into()),
        ("loaded_at_query", table.loaded_at.query.clone().into()),
        ("meta", Value::Object(table.meta.clone())),
        ("tags", table.tags.clone().into()),
    ];
    config.put("tags", Value::Array(Vec::new()));
    for (key, value) in own {
        config.set(key, value.clone());
        unrendered.insert(key.to_string(), value);
    }
    for layer in &table.config {
        unrendered.extend(layer.clone());
    }
    Merged {
        config,
        unrendered,
        freshness,
    }
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
    tags.sort();
    tags.dedup();
    let mut quoting = map(source, "quoting");
    quoting.extend(map(yaml, "quoting"));
    let mut tests = Vec::new();
    let columns = columns::read(yaml, &mut tests, bag);
    if quoting.get("column").and_then(Value::as_bool) == Some(true) {
        columns::quote(&mut tests, &columns);
    }
    tests.extend(columns::below(yaml, None, bag));
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
        freshness: source_ages::wish(source, yaml, bag),
        loaded_at: source_ages::loaded_at(source, yaml, bag),
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
        columns: columns.into(),
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
