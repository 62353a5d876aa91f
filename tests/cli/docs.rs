//! `docs generate`: the catalog.

use super::*;

#[test]
fn writes_the_catalog() {
    let project = built_shop();
    assert_snapshot!(project.call("docs generate").all());
    let catalog = project.json("target/catalog.json");
    let columns = &catalog["nodes"]["model.shop.customers"]["columns"];
    assert_eq!(columns["customer"]["type"], "VARCHAR");
    assert_eq!(columns["spent"]["index"], 2);
}

#[test]
fn tells_a_mistake_in_the_project() {
    let project = shop();
    project.add("--- models/customers.sql\nselect *\nfrom {{ ref('ordres') }}\n");
    assert_snapshot!(project.call("docs generate").all());
}

#[test]
fn writes_events_as_json_lines() {
    assert_snapshot!(events(
        &built_shop().call("docs generate --log-format json")
    ));
}
