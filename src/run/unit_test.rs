//! Runs a unit test by its materialization macro and compares the rows of both sides.

use crate::adapter::Cell;
use crate::adapter::Table;
use crate::base::Diagnostic;
use crate::base::event::Family;
use crate::base::event::Status;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::SessionHandle;
use crate::graph::Index;
use crate::jinja::Results;
use crate::jinja::Scope;
use crate::node::Node;
use crate::node::UnitTest;
use crate::node::unit_test::Rows;
use crate::run::Call;
use crate::run::blame;
use crate::run::info;
use crate::run::materialize;
use crate::run::row_diff;
use crate::run::step::Done;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

/// The column that tells the rows of both sides apart.
const SIDE: &str = "actual_or_expected";

pub(super) fn run(
    call: &Call<'_>,
    index: Index,
    test: &UnitTest,
    compiled: Option<&Compiled>,
    session: &SessionHandle,
) -> Result<Done, Box<Diagnostic>> {
    let node = call.world.graph.node(index);
    let results = Results::default();
    let scope = materialize::scope(call, &index.into(), compiled, session, &results);
    let scope: Arc<dyn Scope> = scope.with(
        "config",
        compile::config_with(node, &call.world.observer, expected(test)),
    );
    let engine = &call.world.engine;
    let found = engine.registry().materialization("unit").cloned();
    let found = found.ok_or_else(|| broken(node, "the `unit` materialization is missing"))?;
    engine
        .call(&found, Vec::new(), Vec::new(), &scope)
        .map_err(|error| explained(node, *blame::diagnostic(node, compiled, &error)))?;
    let main = results
        .get("main")
        .ok_or_else(|| broken(node, "the unit test sent no statement named `main`"))?;
    let difference = difference(&main.table);
    Ok(Done {
        status: Some(match difference {
            None => Status::Pass,
            Some(_) => Status::Fail,
        }),
        failures: Some(i64::from(difference.is_some())),
        message: difference.map(|table| format!("\n\nactual differs from expected:\n\n{table}\n")),
        adapter_response: main.response.to_json(),
        ..Done::default()
    })
}

/// What the materialization reads out of `config`.
fn expected(test: &UnitTest) -> [(&'static str, Value); 2] {
    match &test.expect.rows {
        Rows::Values(rows) => [
            ("expected_rows", json!(rows)),
            ("expected_sql", Value::Null),
        ],
        Rows::Sql(query) => [
            ("expected_rows", json!([])),
            ("expected_sql", json!(query.trim().trim_end_matches(';'))),
        ],
    }
}

/// The rows that differ, drawn as a table; `None` where the same rows stand on both sides.
fn difference(table: &Table) -> Option<String> {
    let side = table.position(SIDE)?;
    let without_side = |row: &Vec<Cell>| {
        let cells = row.iter().enumerate().filter(|(at, _)| *at != side);
        cells.map(|(_, cell)| cell.clone()).collect()
    };
    let (mut actual, mut expected) = (Vec::new(), Vec::new());
    for row in &table.rows {
        let rows = match row[side] == Cell::text("actual") {
            true => &mut actual,
            false => &mut expected,
        };
        rows.push(without_side(row));
    }
    let names: Vec<&str> = table.names().filter(|name| *name != SIDE).collect();
    row_diff::table(&names, &expected, &actual)
}

/// A failure between the lines of a test, in words that its author can use.
fn explained(node: &Node, found: Diagnostic) -> Box<Diagnostic> {
    let message = format!(
        "An error occurred during execution of unit test '{}'. There may be an error in the unit test \
         definition: check the data types.\n{}",
        node.name, found.message
    );
    let headline = info::of(node).headline(Family::Runtime);
    Box::new(Diagnostic { message, ..found }.headline(headline))
}

fn broken(node: &Node, message: &str) -> Box<Diagnostic> {
    compile::headed(Diagnostic::error("test-result", message), node)
}
