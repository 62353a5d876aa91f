//! One contract, every adapter: what the rest of sqlmill may expect of a warehouse.
//! A warehouse that is not here is not supported.
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(clippy::disallowed_methods, reason = "tests prepare their own files")]
#![cfg_attr(
    not(any(feature = "duckdb", feature = "postgres")),
    allow(dead_code, reason = "only real warehouses use the whole contract")
)]

mod contract;
#[cfg(feature = "duckdb")]
mod duckdb;
#[cfg(all(feature = "postgres", unix))]
mod postgres;
#[cfg(all(feature = "postgres", unix))]
mod postgres_login;
mod scripted;
#[path = "../support/mod.rs"]
mod support;

use sqlmill::adapter::Adapter;
use sqlmill::adapter::Credentials;
use sqlmill::base::Bag;
use sqlmill::base::Context;
use std::sync::Arc;

/// The warehouse of a profile's output, in a folder and an environment.
fn open(
    output: &serde_json::Value,
    context: &Context,
) -> Result<Arc<dyn Adapter>, sqlmill::adapter::AdapterError> {
    let bag = Bag::new();
    let output = output.as_object().unwrap();
    let credentials = Credentials::read("p", "dev", output, &bag).expect("the profile is sound");
    sqlmill::adapter::open(&credentials, &context.cwd, context)
}
