//! `snapshot`: changes of rows are kept.

use super::*;

#[test]
fn records_changes() {
    let project = built_shop();
    project.add("--- seeds/raw_orders.csv\nid,customer,amount\n1,Ann,11\n2,Bob,20\n3,Ann,5\n");
    project.succeed("seed --quiet");
    assert_snapshot!(project.call("snapshot").all());
    let history = "select id, amount, dbt_valid_to is null from order_history order by all";
    assert_eq!(
        warehouse::rows(&project, "shop.duckdb", history),
        [
            "1 | 10 | false",
            "1 | 11 | true",
            "2 | 20 | true",
            "3 | 5 | true"
        ]
    );
}

#[test]
fn wants_a_key() {
    let project = built_shop();
    project.add(
        "--- snapshots/order_history.yml
snapshots:
  - name: order_history
    relation: ref('orders')
    config: {strategy: check, check_cols: all}
",
    );
    assert_snapshot!(project.call("snapshot").all());
}

#[test]
fn writes_events_as_json_lines() {
    assert_snapshot!(events(&built_shop().call("snapshot --log-format json")));
}
