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

/// `model` is the macro itself, and there is no SQL.
#[test]
fn knows_which_macro_it_runs() {
    let project = shop();
    project.add(
        "--- macros/who.sql
{% macro who() %}{{ log(model.unique_id ~ ' ' ~ (sql is none) ~ (pre_hooks is none), info=true) }}{% endmacro %}
{% macro asks() %}{{ config.require('key') }}{% endmacro %}
",
    );
    let ended = project.succeed("run-operation who");
    assert!(
        ended.all().contains("macro.shop.who TrueTrue"),
        "{}",
        ended.all()
    );
    let failed = project.call("run-operation asks");
    let sentence = "Model 'macro.shop.asks' does not define a required config parameter 'key'.";
    assert!(failed.all().contains(sentence), "{}", failed.all());
}
