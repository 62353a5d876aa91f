//! `show`: rows of a node or a query.

use super::*;

#[test]
fn draws_rows() {
    assert_snapshot!(built_shop().call("show --select customers").all());
}

#[test]
fn draws_rows_of_a_query() {
    let query = "show --inline 'select * from {{ ref(\"orders\") }} order by id' --limit 2 --quiet";
    assert_snapshot!(built_shop().call(query).all());
}

#[test]
fn tells_what_the_warehouse_refused() {
    assert_snapshot!(
        built_shop()
            .call("show --inline 'select nothing from {{ ref(\"orders\") }}'")
            .all()
    );
}

#[test]
fn prints_json_when_asked() {
    let query =
        "show --inline 'select * from {{ ref(\"orders\") }} order by id' --output json --quiet";
    let ended = built_shop().call(query);
    assert_snapshot!(ended.all());
    let shown: Value = serde_json::from_str(&ended.stdout).expect("stdout is JSON");
    assert_eq!(shown["show"][0]["customer"], "Ann");
}

#[test]
fn loads_a_seed_to_draw_its_rows() {
    let project = TestProject::new("--- seeds/people.csv\nid,name\n1,Ann\n2,\n");
    assert_snapshot!(project.call("show --select people --quiet").all());
}

#[test]
fn wants_a_node_or_a_query() {
    assert_snapshot!(shop().call("show").all());
}
