//! What the tests share.
#![allow(
    dead_code,
    reason = "each test program uses the part it needs; no single one uses all"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests prepare and read their own files"
)]
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

pub(crate) mod call;
#[cfg(unix)]
pub(crate) mod disk;
pub(crate) mod filters;
pub(crate) mod graph;
#[cfg(all(feature = "postgres", unix))]
pub(crate) mod postgres;
pub(crate) mod project;
#[cfg(feature = "duckdb")]
pub(crate) mod warehouse;
