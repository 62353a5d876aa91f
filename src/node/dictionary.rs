//! A node as the dictionary that templates see (`model`, `graph.nodes`) and that the manifest holds.
//! One place for both, because templates and clients read the same keys. The keys are dbt's v12.

mod record;
mod semantic;
mod unit_test;

use crate::node::Column;
use crate::node::Constraint;
use crate::node::DeferRelation;
use crate::node::Detail;
use crate::node::Exposure;
use crate::node::Freshness;
use crate::node::Function;
use crate::node::Limit;
use crate::node::MacroDoc;
use crate::node::Model;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Resource;
use crate::node::Source;
use crate::node::Test;
use crate::node::UniqueId;
use crate::node::contract;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

pub use record::Held;
pub use record::Record;
pub use semantic::group;

/// What is known about a node only outside of its record.
#[derive(Debug, Clone, Default)]
pub struct Surroundings<'a> {
    /// Ids of the nodes it needs, in the order of its `ref`s.
    pub depends_on: Vec<UniqueId>,
    pub compiled: Option<Compiled<'a>>,
    /// Where another environment has it; `None` where no earlier manifest says.
    pub defer_relation: Option<&'a DeferRelation>,
    /// Path of the statement that was run, below the working folder's project.
    pub build_path: Option<String>,
}

/// The outcome of a final render.
#[derive(Debug, Clone)]
pub struct Compiled<'a> {
    pub path: String,
    pub code: &'a str,
    /// Ids and texts of the ephemeral models put in front.
    pub extra_ctes: &'a [(UniqueId, String)],
    /// Ids of the macros that the code called itself; a parse may not have come to all of them.
    pub macros: &'a [String],
}

/// The dictionary of a node as templates and comparisons hold it.
pub fn of(node: &Node, around: &Surroundings<'_>) -> Map<String, Value> {
    record(node, around).into_map()
}

/// The same, for those who only write it.
pub fn record(node: &Node, around: &Surroundings<'_>) -> Record {
    match &node.detail {
        Detail::Source(source) => source_dictionary(node, source).into(),
        Detail::Exposure(exposure) => exposure_dictionary(node, exposure, around).into(),
        Detail::Metric(metric) => semantic::metric(node, metric, around).into(),
        Detail::SemanticModel(model) => semantic::semantic_model(node, model, around).into(),
        Detail::SavedQuery(query) => semantic::saved_query(node, query, around).into(),
        Detail::UnitTest(test) => unit_test::of(node, test, around).into(),
        _ => node_record(node, around),
    }
}

/// Takes out what has no value, as templates see a node: there `model.version` of a model without
/// versions is undefined, not none. What users wrote (meta, vars, settings of their own) stays.
pub fn leave_out_none(map: &mut Map<String, Value>) {
    const RECORDS: [&str; 9] = [
        "checksum",
        "columns",
        "config",
        "constraints",
        "contract",
        "depends_on",
        "docs",
        "refs",
        "test_metadata",
    ];
    map.retain(|_, value| !value.is_null());
    for key in RECORDS {
        match map.get_mut(key) {
            Some(Value::Object(columns)) if key == "columns" => {
                let columns = columns.values_mut().filter_map(Value::as_object_mut);
                columns.for_each(leave_out_none);
            }
            Some(Value::Object(record)) => leave_out_none(record),
            Some(Value::Array(records)) => {
                let records = records.iter_mut().filter_map(Value::as_object_mut);
                records.for_each(leave_out_none);
            }
            _ => {}
        }
    }
}

fn node_record(node: &Node, around: &Surroundings<'_>) -> Record {
    let mut record = Record::with_capacity(48);
    record.put("database", json!(node.database));
    record.put("schema", json!(node.schema));
    record.put("name", json!(node.name));
    record.put("resource_type", json!(resource_word(node.resource)));
    record.put("package_name", json!(node.package));
    record.put("path", json!(node.path));
    record.put("original_file_path", json!(node.original_file_path));
    record.put("unique_id", json!(node.unique_id.as_str()));
    record.put("fqn", json!(node.fqn));
    record.put("alias", json!(node.alias));
    record.put("checksum", checksum(node));
    record.put("config", Held::Settings(node.config.shared()));
    record.put("tags", json!(node.tags));
    record.put("description", json!(node.description));
    record.put("columns", columns(node));
    record.put("meta", Held::Entries(node.meta.clone()));
    record.put("group", json!(node.group()));
    let docs = node.config.get("docs").cloned();
    record.put(
        "docs",
        docs.unwrap_or_else(|| json!({"show": true, "node_color": null})),
    );
    record.put("patch_path", json!(node.patch_path));
    record.put("build_path", json!(around.build_path));
    record.put(
        "unrendered_config",
        Held::Entries(node.unrendered_config.clone()),
    );
    record.put("created_at", json!(node.created_at));
    record.put("relation_name", json!(node.relation_name));
    if let Some(other) = around.defer_relation {
        record.put("defer_relation", other.to_json());
    }
    record.put("raw_code", Held::Code(node.raw_code.clone()));
    record.put("doc_blocks", json!(node.doc_blocks));
    if let Detail::Seed { root_path, .. } = &node.detail {
        record.put("root_path", json!(root_path));
        record.put("depends_on", json!({ "macros": node.macros }));
        return record;
    }
    record.put("language", json!(node.language));
    record.put("refs", refs(&node.refs));
    record.put("sources", sources(&node.sources));
    record.put("metrics", named(&node.metrics));
    record.put("functions", named(&node.functions));
    record.put("depends_on", depends_on(node, around));
    put_compiled(&mut record, node, around);
    match &node.detail {
        Detail::Model(model) => put_model(&mut record, model, node),
        Detail::Test(test) => put_test(&mut record, test),
        Detail::Function(function) => put_function(&mut record, function),
        Detail::Operation { index, .. } => {
            record.put("index", json!(index));
        }
        _ => {}
    }
    record
}

fn put_compiled(record: &mut Record, node: &Node, around: &Surroundings<'_>) {
    record.put(
        "compiled_path",
        match &around.compiled {
            Some(_) if node.resource == Resource::Snapshot => Value::Null,
            // A hook of nothing but calls leaves no file.
            Some(compiled) if !compiled.code.trim().is_empty() => json!(compiled.path),
            Some(compiled) if node.resource != Resource::Operation => json!(compiled.path),
            _ => Value::Null,
        },
    );
    if let Some(compiled) = &around.compiled {
        let cte = |(id, sql): &(UniqueId, String)| json!({"id": id.as_str(), "sql": sql});
        record.put("compiled", json!(true));
        record.put("compiled_code", json!(compiled.code));
        record.put("extra_ctes_injected", json!(true));
        record.put(
            "extra_ctes",
            compiled.extra_ctes.iter().map(cte).collect::<Value>(),
        );
    }
    record.put("contract", contract::dictionary(node));
}

fn put_model(record: &mut Record, model: &Model, node: &Node) {
    record.put("access", json!(model.access));
    let constraints = model
        .constraints
        .iter()
        .map(|c| constraint(c, true))
        .collect();
    record.put("constraints", Value::Array(constraints));
    record.put("version", json!(model.version));
    record.put("latest_version", json!(model.latest_version));
    record.put("deprecation_date", json!(model.deprecation_date));
    record.put("primary_key", json!(model.primary_key));
    record.put("time_spine", json!(model.time_spine));
    debug_assert_eq!(node.resource, Resource::Model);
}

fn put_function(record: &mut Record, function: &Function) {
    let arguments = function.arguments.iter().map(|argument| {
        json!({
            "name": argument.name,
            "data_type": argument.data_type,
            "description": argument.description,
            "default_value": argument.default_value,
        })
    });
    record.put("arguments", arguments.collect::<Value>());
    let returns = &function.returns;
    record.put(
        "returns",
        json!({"data_type": returns.data_type, "description": returns.description}),
    );
}

fn put_test(record: &mut Record, test: &Test) {
    let Some(metadata) = &test.metadata else {
        return;
    };
    record.put("column_name", json!(test.column_name));
    record.put("file_key_name", json!(test.file_key_name));
    record.put(
        "attached_node",
        json!(test.attached_node.as_ref().map(UniqueId::as_str)),
    );
    record.put("test_metadata",
        json!({ "name": metadata.name, "kwargs": metadata.kwargs, "namespace": metadata.namespace }),
    );
}

fn source_dictionary(node: &Node, source: &Source) -> Map<String, Value> {
    let freshness = source.freshness.as_ref().map(freshness);
    let quoting = ["database", "schema", "identifier", "column"].map(|key| {
        (
            key.to_string(),
            source.quoting.get(key).cloned().unwrap_or(Value::Null),
        )
    });
    let value = json!({
        "database": node.database,
        "schema": node.schema,
        "name": node.name,
        "resource_type": "source",
        "package_name": node.package,
        "path": node.path,
        "original_file_path": node.original_file_path,
        "unique_id": node.unique_id.as_str(),
        "fqn": node.fqn,
        "source_name": source.source_name,
        "source_description": source.source_description,
        "loader": source.loader,
        "identifier": source.identifier,
        "quoting": Map::from_iter(quoting),
        "loaded_at_field": source.loaded_at_field,
        "loaded_at_query": source.loaded_at_query,
        "freshness": freshness,
        "external": source.external,
        "description": node.description,
        "columns": columns(node),
        "meta": node.meta,
        "source_meta": source.source_meta,
        "tags": node.tags,
        "config": node.config.values(),
        "patch_path": node.patch_path,
        "unrendered_config": node.unrendered_config,
        "relation_name": node.external_location().or(node.relation_name.clone()),
        "created_at": node.created_at,
        "unrendered_database": source.unrendered_database,
        "unrendered_schema": source.unrendered_schema,
        "doc_blocks": node.doc_blocks,
    });
    into_map(value)
}

fn exposure_dictionary(
    node: &Node,
    exposure: &Exposure,
    around: &Surroundings<'_>,
) -> Map<String, Value> {
    let value = json!({
        "name": node.name,
        "resource_type": "exposure",
        "package_name": node.package,
        "path": node.path,
        "original_file_path": node.original_file_path,
        "unique_id": node.unique_id.as_str(),
        "fqn": node.fqn,
        "type": exposure.kind,
        "owner": exposure.owner,
        "description": node.description,
        "label": exposure.label,
        "maturity": exposure.maturity,
        "meta": node.meta,
        "tags": node.tags,
        "config": node.config.values(),
        "unrendered_config": node.unrendered_config,
        "url": exposure.url,
        "depends_on": depends_on(node, around),
        "refs": refs(&node.refs),
        "sources": sources(&node.sources),
        "metrics": named(&node.metrics),
        "created_at": node.created_at,
    });
    into_map(value)
}

/// The dictionary of a described column.
pub fn column(column: &Column) -> Map<String, Value> {
    let constraints: Vec<Value> = column
        .constraints
        .iter()
        .map(|c| constraint(c, false))
        .collect();
    let mut config = column.config.clone();
    config.insert("meta".to_string(), json!(column.meta));
    config.insert("tags".to_string(), json!(column.tags));
    let mut map = into_map(json!({
        "name": column.name,
        "description": column.description,
        "meta": column.meta,
        "data_type": column.data_type,
        "constraints": constraints,
        "quote": column.quote,
        "config": config,
        "tags": column.tags,
        "granularity": column.granularity,
        "doc_blocks": column.doc_blocks,
    }));
    map.extend(Map::from(column.extra.clone()));
    map
}

/// Properties of a macro as templates and artifacts list them.
pub fn macro_arguments(doc: &MacroDoc) -> Vec<Value> {
    doc.arguments
        .iter()
        .map(|(name, kind, description)| json!({"name": name, "type": kind, "description": description}))
        .collect()
}

fn columns(node: &Node) -> Value {
    let pairs = node
        .columns
        .iter()
        .map(|(name, c)| (name.clone(), Value::Object(column(c))));
    Value::Object(pairs.collect())
}

fn constraint(constraint: &Constraint, of_model: bool) -> Value {
    let mut map = into_map(json!({
        "type": constraint.kind,
        "name": constraint.name,
        "expression": constraint.expression,
        "warn_unenforced": constraint.warn_unenforced,
        "warn_unsupported": constraint.warn_unsupported,
        "to": constraint.to,
        "to_columns": constraint.to_columns,
    }));
    if of_model {
        map.insert("columns".to_string(), json!(constraint.columns));
    }
    Value::Object(map)
}

/// Limits as artifacts write them; one that was never said has null for count and period.
pub fn freshness(freshness: &Freshness) -> Value {
    let limit = |limit: &Limit| match limit {
        Limit::After(count, period) => json!({"count": count, "period": period}),
        Limit::Unset => json!({"count": null, "period": null}),
        Limit::Off => Value::Null,
    };
    json!({
        "warn_after": limit(&freshness.warn_after),
        "error_after": limit(&freshness.error_after),
        "filter": freshness.filter,
    })
}

fn checksum(node: &Node) -> Value {
    let known_by_path = matches!(
        node.detail,
        Detail::Seed {
            known_by_path: true,
            ..
        }
    );
    match node.checksum.as_str() {
        "" => json!({"name": "none", "checksum": ""}),
        path if known_by_path => json!({"name": "path", "checksum": path}),
        sum => json!({"name": "sha256", "checksum": sum}),
    }
}

fn refs(refs: &[Ref]) -> Value {
    refs.iter()
        .map(|r| json!({"name": r.name, "package": r.package, "version": r.version}))
        .collect()
}

fn sources(sources: &[(String, String)]) -> Value {
    sources
        .iter()
        .map(|(source, table)| json!([source, table]))
        .collect()
}

/// Each as a list of its name, the package before it where one is given.
fn named(written: &[Ref]) -> Value {
    written
        .iter()
        .map(|m| {
            m.package
                .iter()
                .chain([&m.name])
                .cloned()
                .collect::<Value>()
        })
        .collect()
}

fn depends_on(node: &Node, around: &Surroundings<'_>) -> Value {
    let nodes: Vec<&str> = around.depends_on.iter().map(UniqueId::as_str).collect();
    let late = around.compiled.iter().flat_map(|compiled| compiled.macros);
    let late = late.filter(|id| !node.macros.contains(id));
    let macros: Vec<&String> = node.macros.iter().chain(late).collect();
    json!({ "macros": macros, "nodes": nodes })
}

fn resource_word(resource: Resource) -> &'static str {
    match resource {
        Resource::SqlOperation => "sql operation",
        other => other.as_str(),
    }
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
