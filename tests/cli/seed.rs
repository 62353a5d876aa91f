//! `seed`: files become tables.

use super::*;

#[test]
fn loads_files() {
    assert_snapshot!(shop().call("seed").all());
}

#[test]
fn shows_rows_when_asked() {
    assert_snapshot!(shop().call("seed --show").all());
}

#[test]
fn names_the_ragged_row() {
    let project = shop();
    project.add("--- seeds/raw_orders.csv\nid,customer,amount\n1,Ann,10\n2,Bob,20,30\n");
    assert_snapshot!(project.call("seed").all());
}

#[test]
fn writes_run_results() {
    let project = shop();
    project.succeed("seed");
    assert_snapshot!(results(&project));
}
