//! `list` and `ls`: names, paths and records of what is selected.

use super::*;

#[test]
fn names_what_is_selected() {
    assert_snapshot!(shop().call("ls").all());
    assert_snapshot!(
        shop()
            .call("ls --select +customers --exclude raw_orders")
            .all()
    );
    assert_snapshot!(
        shop()
            .call("list --resource-type model --output path")
            .all()
    );
}

#[test]
fn warns_when_nothing_matches() {
    assert_snapshot!(shop().call("ls --select tag:nothing").all());
}

#[test]
fn refuses_an_unknown_method() {
    assert_snapshot!(shop().call("ls --select tagg:nothing").all());
}

#[test]
fn prints_json_when_asked() {
    let line = "ls --select customers --resource-type model --quiet --output json --output-keys name unique_id tags depends_on";
    assert_snapshot!(shop().call(line).all());
}
