//! The built program on small projects: exit code, stdout, stderr, files. Each command has a happy
//! case, a mistake and a machine-readable case. One file per command.
#![cfg(feature = "duckdb")]

mod build;
mod clean;
mod command_line;
mod compile;
mod debug;
mod deps;
mod docs;
mod init;
mod list;
mod parse;
mod run;
mod run_operation;
mod seed;
mod show;
mod snapshot;
#[path = "../support/mod.rs"]
mod support;
mod test;

use insta::assert_snapshot;
use serde_json::Value;
use support::call::Ended;
use support::project::TestProject;
use support::warehouse;

/// One of each kind, with what reads it.
const SHOP: &str = "\
--- seeds/raw_orders.csv
id,customer,amount
1,Ann,10
2,Bob,20
3,Ann,5
--- models/orders.sql
select id, customer, amount from {{ ref('raw_orders') }}
--- models/customers.sql
{{ config(materialized='table') }}
select customer, sum(amount) as spent from {{ ref('orders') }} group by customer
--- models/schema.yml
models:
  - name: customers
    description: One row per customer.
    columns:
      - name: customer
        data_tests: [unique]
--- snapshots/order_history.yml
snapshots:
  - name: order_history
    relation: ref('orders')
    config: {unique_key: id, strategy: check, check_cols: all}
--- macros/greet.sql
{% macro greet(name='world') %}{{ log('hello ' ~ name, info=true) }}{% endmacro %}
";

/// A model that the warehouse refuses.
const BROKEN_MODEL: &str = "\
--- models/customers.sql
{{ config(materialized='table') }}
select customer,
       sum(amuont) as spent
from {{ ref('orders') }} group by customer
";

fn shop() -> TestProject {
    TestProject::new(SHOP)
}

fn broken_shop() -> TestProject {
    let project = shop();
    project.add(BROKEN_MODEL);
    project
}

/// The shop with its warehouse filled.
fn built_shop() -> TestProject {
    let project = shop();
    project.succeed("build --quiet");
    project
}

/// Name, level and message of each JSON line, debug lines left out.
fn events(ended: &Ended) -> String {
    let mut text = format!("exit {}\n", ended.code);
    for line in ended.json_lines() {
        let info = &line["info"];
        let word = |key: &str| info[key].as_str().unwrap_or_default();
        if word("level") != "debug" {
            text.push_str(&format!(
                "{} [{}] {}\n",
                word("name"),
                word("level"),
                word("msg")
            ));
        }
    }
    text
}

/// What `run_results.json` says of each node.
fn results(project: &TestProject) -> String {
    let results = project.json("target/run_results.json");
    let lines = results["results"].as_array().expect("a list of results");
    lines.iter().map(result_line).collect()
}

fn result_line(result: &Value) -> String {
    let word = |key: &str| result[key].as_str().unwrap_or("null");
    format!(
        "{} {}: {}\n",
        word("unique_id"),
        word("status"),
        word("message")
    )
}
