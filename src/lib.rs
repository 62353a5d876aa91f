//! sqlmill: a compiler and runner for dbt projects.
//! Rooms in reading order, from the rim to the ground; each imports only from rooms below it.

pub mod cli;
pub mod commands;

pub mod artifacts;
pub mod docs;
pub mod report;

pub mod run;

pub mod plan;

pub mod analyse;

pub mod compile;

pub mod cache;
pub mod select;
pub mod state;

pub mod graph;

pub mod parse;

pub mod project;

pub mod jinja;

pub mod adapter;
pub mod node;

pub mod config;
pub mod sql;

pub mod base;
