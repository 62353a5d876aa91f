//! Runs a data test by its materialization macro and weighs the failures it counts.

use crate::adapter::Cell;
use crate::adapter::Table;
use crate::base::Diagnostic;
use crate::base::event::Status;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::SessionHandle;
use crate::config::flags::Verdict;
use crate::graph::Index;
use crate::jinja::Results;
use crate::jinja::Scope;
use crate::node::Node;
use crate::run::Call;
use crate::run::blame;
use crate::run::materialize;
use crate::run::step::Done;
use crate::run::verdict::Counted;
use crate::run::verdict::Warnings;
use crate::run::verdict::verdict;
use std::sync::Arc;

pub(super) fn run(
    call: &Call<'_>,
    index: Index,
    compiled: Option<&Compiled>,
    session: &SessionHandle,
) -> Result<Done, Box<Diagnostic>> {
    let node = call.world.graph.node(index);
    let results = Results::default();
    let scope: Arc<dyn Scope> =
        materialize::scope(call, &index.into(), compiled, session, &results);
    let engine = &call.world.engine;
    let found = engine.registry().materialization("test").cloned();
    let found = found.ok_or_else(|| broken(node, "the `test` materialization is missing"))?;
    engine
        .call(&found, Vec::new(), Vec::new(), &scope)
        .map_err(|error| blame::diagnostic(node, compiled, &error))?;
    let main = results
        .get("main")
        .ok_or_else(|| broken(node, "the test sent no statement named `main`"))?;
    let counted = counted(&main.table).map_err(|wrong| broken(node, &wrong))?;
    let warnings = match call.world.flags.warn_error.verdict("LogTestResult") {
        Verdict::Error => Warnings::Fail,
        Verdict::Warn | Verdict::Silence => Warnings::Stay,
    };
    let (status, message) = verdict(counted, &node.config, warnings);
    Ok(Done {
        status: Some(status),
        message,
        // What a threshold lets pass counts as nothing, as in dbt.
        failures: Some(if status == Status::Pass {
            0
        } else {
            counted.failures
        }),
        adapter_response: main.response.to_json(),
        ..Done::default()
    })
}

/// Reads the one row that a test gives.
fn counted(table: &Table) -> Result<Counted, String> {
    let [row] = table.rows.as_slice() else {
        return Err(format!(
            "dbt internally failed to execute the test: it returned {} rows, but expected 1 row",
            table.rows.len()
        ));
    };
    let cell = |name: &str| {
        let position = table
            .columns
            .iter()
            .position(|column| column.name.eq_ignore_ascii_case(name));
        position
            .and_then(|at| row.get(at))
            .ok_or_else(|| format!("the test gave no column `{name}`"))
    };
    Ok(Counted {
        failures: whole_number(cell("failures")?)?,
        should_warn: truth("should_warn", cell("should_warn")?)?,
        should_error: truth("should_error", cell("should_error")?)?,
    })
}

/// `fail_calc` over no rows may be null: then nothing failed.
fn whole_number(cell: &Cell) -> Result<i64, String> {
    if cell.is_null() {
        return Ok(0);
    }
    cell.as_int().ok_or_else(|| {
        format!(
            "the `fail_calc` of the test gave `{}`, which is no whole number",
            cell
        )
    })
}

/// Whether a column says yes: true or false, or 1 or 0 where a project's own macro asks; null is no.
fn truth(column: &str, cell: &Cell) -> Result<bool, String> {
    match (cell.as_bool(), cell.as_int()) {
        (Some(flag), _) => Ok(flag),
        (None, Some(number @ (0 | 1))) => Ok(number == 1),
        _ if cell.is_null() => Ok(false),
        _ => Err(format!(
            "the column `{column}` of a test is true or false, and macro 'get_test_sql' returns '{cell}'"
        )),
    }
}

fn broken(node: &Node, message: &str) -> Box<Diagnostic> {
    compile::headed(Diagnostic::error("test-result", message), node)
}
