//! Templates: the engine, what Python and dbt put into it, macros and their registry.

pub mod python;
