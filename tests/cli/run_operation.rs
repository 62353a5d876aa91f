//! `run-operation`: one macro by its name.

use super::*;

#[test]
fn calls_a_macro() {
    assert_snapshot!(
        shop()
            .call("run-operation greet --args '{name: Ann}'")
            .all()
    );
}

#[test]
fn says_when_there_is_no_such_macro() {
    assert_snapshot!(shop().call("run-operation greed").all());
}

#[test]
fn refuses_arguments_that_the_macro_does_not_have() {
    assert_snapshot!(
        shop()
            .call("run-operation greet --args '{whom: Ann}'")
            .all()
    );
}

#[test]
fn writes_events_as_json_lines() {
    assert_snapshot!(events(
        &shop().call("--log-format json run-operation greet")
    ));
}
