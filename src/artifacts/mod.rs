//! Writes everything under the target folder; the only owner of those file shapes.
//! Promise: a file is there whole or not at all; same input, same bytes.

pub mod catalog_v1;
pub mod earlier;
mod graph_summary;
mod macros;
mod manifest_v12;
mod metadata;
mod object;
pub mod parse_cache;
mod run_results_v6;
mod semantic_manifest;
mod sources_v3;
mod target;

pub use catalog_v1::Catalog;
pub use manifest_v12::Manifest;
pub use metadata::Metadata;
pub use run_results_v6::RunResults;
pub use sources_v3::Sources;
pub use target::TargetFolder;
pub use target::Written;
