//! Queries that stand in for what a model reads: the rows of a unit test, or empty relations of which
//! only the columns matter. The model's code is rendered as it is; only its names lead elsewhere.

use crate::adapter::Relation;
use crate::adapter::relation::CTE_PREFIX;
use crate::base::Diagnostic;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::compile::references;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::fail_with;
use crate::node::Detail;
use crate::node::Node;
use crate::node::unit_test::Input;
use crate::parse;
use crate::sql;
use minijinja::Error;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// One query by the name under which it stands in front of the model's.
#[derive(Debug, Clone)]
pub(super) struct StandIn {
    /// Without the prefix that all such names have.
    pub name: String,
    pub query: String,
}

impl StandIn {
    fn full_name(&self) -> String {
        format!("{CTE_PREFIX}{}", self.name)
    }
}

/// What the reads of one model lead to.
#[derive(Debug, Default)]
pub(super) struct StandIns {
    pub by_node: FxHashMap<Index, StandIn>,
    /// For `this`; `None` leaves it the model's own relation.
    pub this: Option<StandIn>,
    used: Mutex<Vec<Index>>,
}

impl StandIns {
    pub(super) fn add(&mut self, world: &World, index: Index, query: String) {
        let name = name(world.graph.node(index));
        self.by_node.insert(index, StandIn { name, query });
    }

    /// The names of a model's code, with `ref`, `source` and `this` leading to the stand-ins.
    pub(super) fn scope(
        self: &Arc<Self>,
        world: &Arc<World>,
        model: Index,
        session: Option<&SessionHandle>,
    ) -> Arc<NodeScope> {
        let node = world.graph.node(model);
        let mut scope = NodeScope::of(world, model, session)
            .with("ref", self.reference(world, node))
            .with("source", self.source(world, node));
        if let Some(this) = &self.this {
            let this = Relation::cte(world.dialect, &this.name);
            scope = scope.with("this", jinja::relation(this));
        }
        scope.with_builtins()
    }

    /// The model's text with the stand-ins that it read in front.
    pub(super) fn inject(&self, world: &World, code: &str) -> String {
        let used = self.lock();
        let read = used.iter().filter_map(|index| self.by_node.get(index));
        let this = self
            .this
            .iter()
            .filter(|this| code.contains(&this.full_name()));
        let queries: Vec<(String, String)> = this
            .chain(read)
            .map(|stand_in| (stand_in.full_name(), stand_in.query.clone()))
            .collect();
        sql::inject_ctes(code, &queries, world.dialect)
    }

    fn reference(self: &Arc<Self>, world: &Arc<World>, reader: &Node) -> Value {
        let (own, world, package) = (self.clone(), world.clone(), reader.package.clone());
        jinja::function("ref", move |_, args| {
            let written = parse::reference_arguments(args)?;
            let index = references::resolve_ref(&world, &package, &written)?;
            own.found(&world, index, Input::Ref(written))
        })
    }

    fn source(self: &Arc<Self>, world: &Arc<World>, reader: &Node) -> Value {
        let (own, world, package) = (self.clone(), world.clone(), reader.package.clone());
        jinja::function("source", move |_, args| {
            let (source, table) = parse::source_arguments(args)?;
            let index = references::resolve_source(&world, &package, &source, &table)?;
            own.found(&world, index, Input::Source(source, table))
        })
    }

    fn found(&self, world: &World, index: Index, input: Input) -> Result<Value, Error> {
        let Some(stand_in) = self.by_node.get(&index) else {
            return Err(fail_with(not_given(&input)));
        };
        let mut used = self.lock();
        if !used.contains(&index) {
            used.push(index);
        }
        let relation = Relation::cte(world.dialect, &stand_in.name);
        Ok(jinja::relation(relation))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Index>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `orders`, or `shop__orders` for a table of the source `shop`.
pub(super) fn name(node: &Node) -> String {
    match &node.detail {
        Detail::Source(source) => format!("{}__{}", source.source_name, node.name),
        _ => references::cte_name(node),
    }
}

/// The code of the mistake that an input has no rows.
pub(super) const NOT_GIVEN: &str = "unit-test-missing-input";

fn not_given(input: &Input) -> Diagnostic {
    let (call, thing) = match input {
        Input::This => ("this".to_string(), "its own relation".to_string()),
        Input::Ref(written) => (
            references::call_text(written),
            format!("a node named '{}'", written.name),
        ),
        Input::Source(source, table) => (
            format!("source('{source}', '{table}')"),
            format!("a source named '{source}.{table}'"),
        ),
    };
    Diagnostic::error(NOT_GIVEN, format!("depends on {thing} which was not found")).hint(format!(
        "add `- input: {call}` below `given:`, with `rows: []` where none are needed"
    ))
}
