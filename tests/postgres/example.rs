//! The example of this repository, built on both warehouses out of one source.
#![cfg(feature = "duckdb")]

use crate::support::postgres::OWNER;
use crate::support::postgres::PASSWORD;
use crate::support::postgres::cluster;
use crate::support::project::TestProject;
use crate::support::warehouse;
use serde_json::Value;

const MARTS: [&str; 7] = [
    "airport_daily_traffic",
    "carrier_delays",
    "departures_by_hour",
    "fct_flights",
    "fleet_age",
    "route_performance",
    "weather_effect",
];

#[test]
fn every_mart_holds_the_same_rows() {
    let Some(server) = cluster() else {
        return;
    };
    server.sql("create database flights");
    let project = TestProject::copy_of("examples/project")
        .with("DBT_PROJECT_DIR", ".")
        .with("PGHOST", "127.0.0.1")
        .with("PGPORT", &server.port.to_string())
        .with("PGUSER", OWNER)
        .with("PGPASSWORD", PASSWORD);
    project.succeed("deps");
    project.succeed("build");
    project.succeed("build --target postgres");
    for mart in MARTS {
        let here = format!("select to_json(m) from marts.{mart} as m");
        let here = warehouse::rows(&project, "flights.duckdb", &here);
        let there = server.sql_in(
            "flights",
            &format!("select row_to_json(m) from marts.{mart} as m"),
        );
        let (here, there) = (rows(here.iter().map(String::as_str)), rows(there.lines()));
        assert!(!here.is_empty());
        assert_eq!(here, there, "{mart}");
    }
}

/// Rows in an order of their own, with values in a spelling that both warehouses share.
fn rows<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let row = |line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        for (_, value) in row.as_object_mut().unwrap() {
            settle(value);
        }
        row.to_string()
    };
    let mut rows: Vec<String> = lines.map(row).collect();
    rows.sort();
    rows
}

/// One writes 12 for 12.0, the other one a `T` between date and time.
fn settle(value: &mut Value) {
    if let Some(number) = value.as_f64() {
        *value = format!("{number:.6}").into();
    } else if let Some(text) = value.as_str().filter(|text| text.len() == 19) {
        *value = text.replace('T', " ").into();
    }
}
