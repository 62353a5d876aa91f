//! `test`: what passes, what fails, what is written of it.

use super::*;

#[test]
fn passes() {
    assert_snapshot!(built_shop().call("test").all());
}

#[test]
fn tells_what_failed() {
    let project = built_shop();
    project.add("--- tests/nobody_spends.sql\nselect * from {{ ref('customers') }}\n");
    assert_snapshot!(project.call("test").all());
}

#[test]
fn writes_run_results() {
    let project = built_shop();
    project.add("--- tests/nobody_spends.sql\nselect * from {{ ref('customers') }}\n");
    project.call("test");
    assert_snapshot!(results(&project));
}
