//! The final SQL of a unit test: the tested model's code over the rows given for its inputs.
//! Promise: no relation has to exist; where one does, its columns and types are used.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::compile::known_columns;
use crate::compile::references;
use crate::compile::row_types;
use crate::compile::stand_ins;
use crate::compile::stand_ins::StandIn;
use crate::compile::stand_ins::StandIns;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use crate::node::UnitTest;
use crate::node::unit_test::Fixture;
use crate::node::unit_test::Given;
use crate::node::unit_test::Input;
use crate::node::unit_test::Overrides;
use crate::node::unit_test::Rows;
use rustc_hash::FxHashMap;
use std::sync::Arc;

pub(super) fn compile(
    world: &Arc<World>,
    index: Index,
    test: &UnitTest,
    session: &SessionHandle,
) -> Result<Compiled, Box<Diagnostic>> {
    let node = world.graph.node(index);
    let model = tested(world, node, test)?;
    let mut stand_ins = StandIns::default();
    for given in &test.given {
        let input = match resolve(world, world.graph.node(model), given) {
            Ok(input) => input,
            Err(error) => return Err(at_name(error.diagnostic(), node, &given.written)),
        };
        let query = fixture(world, input.unwrap_or(model), &given.rows, session)
            .map_err(|error| at_name(error.diagnostic(), node, &given.written))?;
        match input {
            Some(input) => stand_ins.add(world, input, query),
            None => {
                let name = stand_ins::name(world.graph.node(model));
                stand_ins.this = Some(StandIn { name, query });
            }
        }
    }
    let stand_ins = Arc::new(stand_ins);
    let scope = overridden(
        stand_ins.scope(world, model, Some(session)),
        test.overrides.as_ref(),
    );
    let scope: Arc<dyn Scope> = scope;
    let template = compile::template(world.graph.node(model));
    let code = world.engine.render(&template, &scope);
    let code = code.map_err(|error| wrong_render(&error, node))?;
    Ok(Compiled {
        code: Arc::from(stand_ins.inject(world, &code)),
        extra_ctes: Vec::new(),
        macros: Vec::new(),
    })
}

/// The tested model; a link to it was made when the project was read.
fn tested(world: &World, node: &Node, test: &UnitTest) -> Result<Index, Box<Diagnostic>> {
    let found = test.tested.as_ref();
    let found = found.and_then(|id| world.graph.find(id.as_str()));
    found.ok_or_else(|| {
        let message = format!("the tested model `{}` is disabled", test.model);
        compile::headed(Diagnostic::error("disabled-ref", message), node)
    })
}

/// The node that an input names; `None` for `this`.
fn resolve(world: &World, model: &Node, given: &Given) -> Result<Option<Index>, RenderError> {
    let found = match &given.input {
        Input::This => return Ok(None),
        Input::Ref(written) => references::resolve_ref(world, &model.package, written),
        Input::Source(source, table) => {
            references::resolve_source(world, &model.package, source, table)
        }
    };
    found
        .map(Some)
        .map_err(|error| RenderError::from_error(&error, ""))
}

/// The query that gives the rows of one input.
fn fixture(
    world: &Arc<World>,
    input: Index,
    fixture: &Fixture,
    session: &SessionHandle,
) -> Result<String, RenderError> {
    let rows = match &fixture.rows {
        Rows::Sql(query) => return Ok(query.trim().trim_end_matches(';').to_string()),
        Rows::Values(rows) => rows,
    };
    let known = known_columns::of(world, input, session);
    let types = match known.is_empty() {
        true => row_types::of(rows, fixture.format),
        false => known.iter().cloned().collect(),
    };
    let types = types
        .into_iter()
        .map(|(name, kind)| (name, jinja::Value::from(kind)));
    let rows = values::from_json(&serde_json::json!(rows));
    let scope: Arc<dyn Scope> = NodeScope::of(world, input, Some(session));
    let written = world.engine.call_by_name(
        None,
        "get_fixture_sql",
        vec![rows, values::dict(types)],
        Vec::new(),
        &scope,
    )?;
    Ok(written.to_string())
}

/// The names of the model's code with the answers that the test gives for some of them.
fn overridden(scope: Arc<NodeScope>, overrides: Option<&Overrides>) -> Arc<NodeScope> {
    let Some(overrides) = overrides else {
        return scope;
    };
    let answers = [("var", &overrides.vars), ("env_var", &overrides.env_vars)];
    let scope = answers
        .into_iter()
        .fold(scope, |scope, (name, answers)| match scope.get(name) {
            Some(usual) if !answers.is_empty() => {
                scope.with(name, jinja::with_answers(usual, answers.clone()))
            }
            _ => scope,
        });
    let macros: FxHashMap<String, jinja::Value> = overrides
        .macros
        .iter()
        .map(|(name, value)| {
            let usual = scope.get(name);
            (name.clone(), jinja::constant(name, usual.as_ref(), value))
        })
        .collect();
    scope.replacing(macros)
}

fn wrong_render(error: &RenderError, node: &Node) -> Box<Diagnostic> {
    let found = error.diagnostic();
    let found = match found.code {
        stand_ins::NOT_GIVEN => Diagnostic {
            message: format!(
                "Unit_Test '{}' ({}) {}",
                node.unique_id, node.original_file_path, found.message
            ),
            place: None,
            ..found
        },
        _ => found,
    };
    compile::headed(found, node)
}

/// Puts a mistake at the words of the test that it is about.
fn at_name(found: Diagnostic, node: &Node, words: &str) -> Box<Diagnostic> {
    let text = node.file.text();
    let from = node.file.offset(node.first_line, 1);
    let place = match text[from..].find(words) {
        Some(at) => Place::new(&node.file, from + at, from + at + words.len()),
        None => Place::line(&node.file, node.first_line),
    };
    compile::headed(
        Diagnostic {
            place: Some(place),
            related: Vec::new(),
            ..found
        },
        node,
    )
}
