#!/usr/bin/env bash
# Builds sqlmill and runs the whole example: packages, seeds, models, tests, and a look at one result.
# Needs a Rust toolchain and npm (for DuckDB's library); writes flights.duckdb into the example's folder.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked
program=$PWD/target/release/sqlmill
cd examples/project
"$program" deps
"$program" build
"$program" show --select carrier_delays --limit 5
