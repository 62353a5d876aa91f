//! Graphs out of a short description, one line for each node:
//! `{model: orders, path: models/marts/orders.sql, tags: [core], needs: [stg_orders, raw.orders]}`.
//! The first key is the kind of the node; `needs` holds names, `name.v2` or `source.table`.

use serde_json::Map;
use serde_json::Value;
use sqlmill::base::Bag;
use sqlmill::base::SourceFile;
use sqlmill::config::Family;
use sqlmill::config::NodeConfig;
use sqlmill::config::yaml;
use sqlmill::graph;
use sqlmill::graph::Graph;
use sqlmill::node::Detail;
use sqlmill::node::Model;
use sqlmill::node::Node;
use sqlmill::node::Ref;
use sqlmill::node::Render;
use sqlmill::node::Resource;
use sqlmill::node::Source;
use sqlmill::node::SparseMap;
use sqlmill::node::Test;
use sqlmill::node::TestMetadata;
use sqlmill::node::UniqueId;

/// The graph of a described project, and nothing wrong with it.
pub(crate) fn build(description: &str, root_package: &str) -> Graph {
    let bag = Bag::new();
    let file = SourceFile::new("graph.txt", "graph.txt", description);
    let lines = yaml::parse(&file, &bag).map(|tree| tree.to_json());
    let lines: Vec<Value> = match lines {
        Some(Value::Array(lines)) => lines,
        other => panic!(
            "a graph is a list of nodes, not {other:?}: {:?}",
            bag.take()
        ),
    };
    let describe = |(position, line): (usize, &Value)| node(line, position, root_package);
    let nodes = lines.iter().enumerate().map(describe).collect();
    let declared = graph::Declared {
        nodes,
        groups: Vec::new(),
        root_package,
        restricted: Default::default(),
    };
    let graph = graph::link(declared, &bag);
    let found = bag.take();
    assert!(found.is_empty(), "{found:?}");
    graph
}

fn node(line: &Value, position: usize, root_package: &str) -> Node {
    let text = |key: &str| line.get(key).and_then(Value::as_str);
    let (resource, written) = kind(line);
    let (source_name, name) = match written.split_once('.') {
        Some((source, table)) if resource == Resource::Source => (source, table),
        _ => ("", written),
    };
    let package = text("package").unwrap_or(root_package).to_string();
    let path = text("path").expect("a node has a path").to_string();
    let config = config(line, resource);
    let needs = texts(line, "needs");
    let (sources, refs): (Vec<&str>, Vec<&str>) = needs.iter().partition(|need| is_source(need));
    Node {
        unique_id: unique_id(line, resource, &package, written, position),
        resource,
        name: name.to_string(),
        fqn: fqn(line, resource, &package, &path, source_name, name),
        file: SourceFile::new(path.clone(), path.clone(), ""),
        path: path
            .split_once('/')
            .map_or("", |(_, rest)| rest)
            .to_string(),
        original_file_path: path,
        code: None,
        first_line: 1,
        database: "db".to_string(),
        schema: "main".to_string(),
        alias: name.to_string(),
        relation_name: None,
        checksum: String::new(),
        raw_code: text("code").unwrap_or("select 1").into(),
        language: "sql",
        unrendered_config: SparseMap::default(),
        tags: config.tags(),
        meta: config.meta().into(),
        config,
        description: String::new(),
        doc_blocks: Vec::new(),
        columns: Default::default(),
        patch_path: text("described_in").map(|path| format!("{package}://{path}")),
        refs: refs.iter().map(|need| reference(need)).collect(),
        sources: sources.iter().filter_map(|need| split(need)).collect(),
        macros: Vec::new(),
        metrics: Vec::new(),
        functions: Vec::new(),
        render: Render::Ahead,
        created_at: 0.0,
        detail: detail(line, resource, source_name),
        package,
    }
}

fn kind(line: &Value) -> (Resource, &str) {
    let kinds = [
        Resource::Model,
        Resource::Seed,
        Resource::Snapshot,
        Resource::Test,
        Resource::Analysis,
        Resource::Source,
        Resource::Exposure,
    ];
    let mut found = kinds
        .into_iter()
        .filter_map(|kind| Some((kind, line.get(kind.as_str())?.as_str()?)));
    found.next().expect("a node has a kind")
}

fn unique_id(
    line: &Value,
    resource: Resource,
    package: &str,
    name: &str,
    position: usize,
) -> UniqueId {
    let id = format!("{}.{package}.{name}", resource.as_str());
    UniqueId::new(match (line.get("version"), line.get("generic")) {
        (Some(version), _) => format!("{id}.v{version}"),
        (_, Some(_)) => format!("{id}.{position:010}"),
        _ => id,
    })
}

fn fqn(
    line: &Value,
    resource: Resource,
    package: &str,
    path: &str,
    source: &str,
    name: &str,
) -> Vec<String> {
    let mut folders: Vec<&str> = path.split('/').skip(1).collect();
    let file = folders.pop().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let version = line.get("version").map(|version| format!("v{version}"));
    let mut fqn = vec![package];
    fqn.extend((resource == Resource::Analysis).then_some("analysis"));
    fqn.extend(folders);
    fqn.extend((resource == Resource::Snapshot).then_some(stem));
    fqn.extend((resource == Resource::Source).then_some(source));
    fqn.push(name);
    fqn.extend(version.as_deref());
    fqn.into_iter().map(str::to_string).collect()
}

fn config(line: &Value, resource: Resource) -> NodeConfig {
    let mut config = NodeConfig::new(match resource {
        Resource::Model => Family::Model,
        Resource::Seed => Family::Seed,
        Resource::Snapshot => Family::Snapshot,
        Resource::Test => Family::Test,
        Resource::Source => Family::Source,
        Resource::Exposure => Family::Exposure,
        _ => Family::Other,
    });
    for key in ["tags", "access"] {
        if let Some(value) = line.get(key) {
            config.set(key, value.clone());
        }
    }
    if let Some(Value::Object(settings)) = line.get("config") {
        config.apply(settings);
    }
    config
}

fn detail(line: &Value, resource: Resource, source_name: &str) -> Detail {
    let text = |key: &str| line.get(key).and_then(Value::as_str).map(str::to_string);
    match resource {
        Resource::Model => Detail::Model(Box::new(Model {
            access: text("access").unwrap_or("protected".to_string()),
            version: line.get("version").cloned().map(Box::new),
            latest_version: line.get("latest").cloned().map(Box::new),
            ..Model::default()
        })),
        Resource::Seed => Detail::Seed {
            known_by_path: false,
            root_path: String::new(),
        },
        Resource::Snapshot => Detail::Snapshot,
        Resource::Test => Detail::Test(Box::new(Test {
            metadata: text("generic").map(|name| TestMetadata {
                name,
                kwargs: Map::new(),
                namespace: None,
            }),
            ..Test::default()
        })),
        Resource::Source => Detail::Source(Box::new(Source {
            source_name: source_name.to_string(),
            ..Source::default()
        })),
        Resource::Exposure => Detail::Exposure(Box::default()),
        _ => Detail::Analysis,
    }
}

fn texts<'a>(line: &'a Value, key: &str) -> Vec<&'a str> {
    let list = line.get(key).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// `raw.orders` is a source, `orders.v2` a version of a model.
fn is_source(need: &str) -> bool {
    need.contains('.') && version(need).is_none()
}

fn version(need: &str) -> Option<(&str, &str)> {
    let (name, version) = need.rsplit_once(".v")?;
    version.parse::<u32>().is_ok().then_some((name, version))
}

fn reference(need: &str) -> Ref {
    let (name, version) = match version(need) {
        Some((name, version)) => (name, Some(Value::from(version))),
        None => (need, None),
    };
    Ref {
        package: None,
        name: name.to_string(),
        version: version.map(Box::new),
    }
}

fn split(need: &str) -> Option<(String, String)> {
    let (source, table) = need.split_once('.')?;
    Some((source.to_string(), table.to_string()))
}
