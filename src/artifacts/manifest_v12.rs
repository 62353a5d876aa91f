//! `manifest.json`, version 12: everything the project declares, and the SQL of what was rendered.

use crate::artifacts::macros;
use crate::artifacts::metadata::Metadata;
use crate::artifacts::object::Object;
use crate::artifacts::target::TargetFolder;
use crate::compile;
use crate::compile::World;
use crate::graph::Graph;
use crate::graph::Index;
use crate::jinja::Macro;
use crate::node::Detail;
use crate::node::DocBlock;
use crate::node::MacroDoc;
use crate::node::Node;
use crate::node::Resource;
use crate::node::dictionary;
use crate::node::dictionary::Record;
use crate::node::dictionary::Surroundings;
use crate::run::NodeResult;
use crate::run::Outcome;
use md5::Digest;
use md5::Md5;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::sync::Arc;

/// What goes into the file.
pub struct Manifest<'a> {
    pub about: &'a Metadata,
    pub world: &'a World,
    pub docs: &'a [DocBlock],
    pub macro_docs: &'a [MacroDoc],
    /// YAML selectors by name, each with `name`, `description` and `definition`.
    pub selectors: &'a Map<String, Value>,
    pub adapter_type: &'a str,
    /// Where the SQL of single nodes went.
    pub folder: &'a TargetFolder,
    /// What was rendered and built; `None` where a project was only parsed.
    pub outcome: Option<&'a Outcome>,
}

impl Manifest<'_> {
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let graph = &self.world.graph;
        let results = self.results();
        let node = |index: &Index| {
            let node = graph.node(*index);
            let result = results.get(node.unique_id.as_str()).copied();
            (node.unique_id.as_str(), self.dictionary(*index, result))
        };
        let mut file = Object::new(out);
        file.put("metadata", &self.metadata());
        for section in ["nodes", "sources"] {
            file.section(section, &members(graph, section), node);
        }
        self.put_macros(&mut file);
        file.section("docs", self.docs, |block| {
            (block.unique_id.as_str(), macros::docs_block(block))
        });
        for section in ["exposures", "metrics", "semantic_models", "saved_queries"] {
            file.section(section, &members(graph, section), node);
        }
        file.section("groups", graph.groups(), |group| {
            (group.unique_id.as_str(), dictionary::group(group))
        });
        file.put("selectors", self.selectors);
        self.put_disabled(&mut file);
        self.put_maps(&mut file);
        for section in ["unit_tests", "functions"] {
            file.section(section, &members(graph, section), node);
        }
        file.finish()
    }

    fn metadata(&self) -> Map<String, Value> {
        let project = self.world.graph.root_package();
        let quoting = self.world.quoting;
        let mut fields = self.about.record("manifest/v12");
        fields.extend(
            [
                ("project_name", json!(project)),
                ("project_id", json!(hex(&Md5::digest(project)))),
                ("user_id", Value::Null),
                ("send_anonymous_usage_stats", json!(false)),
                ("adapter_type", json!(self.adapter_type)),
                (
                    "quoting",
                    json!({
                        "database": quoting.database,
                        "schema": quoting.schema,
                        "identifier": quoting.identifier,
                        "column": null,
                    }),
                ),
                ("run_started_at", json!(self.about.started_at())),
            ]
            .map(|(key, value)| (key.to_string(), value)),
        );
        fields
    }

    fn results(&self) -> FxHashMap<&str, &NodeResult> {
        let results = self.outcome.into_iter().flat_map(|done| &done.results);
        results
            .map(|result| (result.unique_id.as_str(), result))
            .collect()
    }

    /// A node with what its render and its run have added.
    fn dictionary(&self, index: Index, result: Option<&NodeResult>) -> Record {
        let node = self.world.graph.node(index);
        let paths = &self.world.paths;
        let ephemeral = self.world.remembered(index);
        let compiled = match (result, &ephemeral) {
            (
                Some(NodeResult {
                    compiled_code: Some(code),
                    extra_ctes,
                    macros,
                    ..
                }),
                _,
            ) => Some((&**code, extra_ctes.as_slice(), macros)),
            // The list of an ephemeral model ends with itself, for its readers.
            (_, Some(known)) => {
                let read = known.extra_ctes.split_last();
                let read = read.map_or(&[][..], |(_, read)| read);
                Some((&*known.code, read, &known.macros))
            }
            _ => None,
        };
        let was_run = self.folder.was_run(node);
        let around = Surroundings {
            // Where another environment has it is no part of the project.
            defer_relation: None,
            depends_on: self.world.graph.parent_ids(index),
            compiled: compiled.map(|(code, extra_ctes, macros)| dictionary::Compiled {
                path: paths.compiled(node, None),
                code,
                extra_ctes,
                macros,
            }),
            // Batches have files of their own.
            build_path: (was_run && !node.is_microbatch()).then(|| paths.run(node, None)),
        };
        let mut record = match around.compiled {
            Some(_) => {
                let node = compile::with_resolved_constraints(self.world, index);
                dictionary::record(&node, &around)
            }
            None => dictionary::record(node, &around),
        };
        if node.resource == Resource::Test && around.compiled.is_some() {
            self.add_macros_of_test(node, was_run, &mut record);
        }
        record
    }

    /// Macros that came into play when a test was compiled, and when it was run.
    fn add_macros_of_test(&self, node: &Node, was_run: bool, record: &mut Record) {
        let is_generic = matches!(&node.detail, Detail::Test(test) if test.metadata.is_some());
        let compiling = is_generic.then_some("get_where_subquery");
        let running = [
            "get_limit_subquery_sql",
            "should_store_failures",
            "statement",
        ];
        let running = running.into_iter().filter(|_| was_run);
        let registry = self.world.engine.registry();
        let called = compiling.into_iter().chain(running);
        let ids = called.filter_map(|name| registry.find(&node.package, name));
        let Some(Value::Array(macros)) = record.get_mut("depends_on").map(|d| &mut d["macros"])
        else {
            return;
        };
        for id in ids.map(|found| json!(found.unique_id)) {
            if !macros.contains(&id) {
                macros.push(id);
            }
        }
    }

    fn put_macros(&self, file: &mut Object<'_>) {
        let registry = self.world.engine.registry();
        let docs: FxHashMap<(&str, &str), &MacroDoc> = self
            .macro_docs
            .iter()
            .map(|doc| ((doc.package.as_str(), doc.name.as_str()), doc))
            .collect();
        let found: Vec<&Arc<Macro>> = registry.macros().collect();
        file.section("macros", &found, |found| {
            let doc = docs
                .get(&(found.package.as_str(), found.name.as_str()))
                .copied();
            let record = macros::record(found, doc, registry, self.about.created_at());
            (found.unique_id.as_str(), record)
        });
    }

    fn put_disabled(&self, file: &mut Object<'_>) {
        let mut disabled: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
        for node in self.world.graph.disabled() {
            disabled
                .entry(node.unique_id.as_str())
                .or_default()
                .push(node);
        }
        let disabled: Vec<(&str, Vec<&Node>)> = disabled.into_iter().collect();
        file.section("disabled", &disabled, |(id, nodes)| {
            let around = Surroundings::default();
            let of = |node: &&Node| Value::Object(dictionary::of(node, &around));
            (*id, nodes.iter().map(of).collect::<Value>())
        });
    }

    fn put_maps(&self, file: &mut Object<'_>) {
        let graph = &self.world.graph;
        let all: Vec<Index> = graph.indices().collect();
        let names = |indices: &[Index]| -> Vec<&str> {
            let id = |index: &Index| graph.node(*index).unique_id.as_str();
            indices.iter().map(id).collect()
        };
        let id = |index: Index| graph.node(index).unique_id.as_str();
        file.section("parent_map", &all, |index| {
            (id(*index), names(graph.parents(*index)))
        });
        file.section("child_map", &all, |index| {
            (id(*index), names(&graph.children(*index)))
        });
        let names = graph.groups().iter().map(|group| group.name.as_str());
        let mut groups: BTreeMap<&str, Vec<&str>> = names.map(|name| (name, Vec::new())).collect();
        for node in graph.nodes() {
            if let Some(group) = group_of(node) {
                groups
                    .entry(group)
                    .or_default()
                    .push(node.unique_id.as_str());
            }
        }
        file.put("group_map", &groups);
    }
}

/// The group whose member a node is; a test is one of its model's group only, whatever its own settings say.
fn group_of(node: &Node) -> Option<&str> {
    match &node.detail {
        Detail::Test(test) => test.group.as_deref(),
        _ => node.group(),
    }
}

/// The nodes of one part of the file, in the order of ids.
fn members(graph: &Graph, section: &str) -> Vec<Index> {
    let indices = graph.indices();
    indices
        .filter(|index| graph.node(*index).resource.section() == section)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
