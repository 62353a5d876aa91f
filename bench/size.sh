#!/usr/bin/env bash
# What an install puts on disk, in MB of 1,000,000 bytes: the program as released (stripped), DuckDB's
# library, and both; and what each may be at most.
# usage: bench/size.sh [PATH/TO/sqlmill]      builds the release unless a program is given
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-}
if [ -z "$program" ]; then
  cargo build --release --locked --quiet
  program=target/release/sqlmill
fi
folder=$(dirname "$program")
library=$(find "$folder" -maxdepth 1 -name 'libduckdb.*' -o -maxdepth 1 -name 'duckdb.dll' | head -n 1)
[ -n "$library" ] || { echo "size.sh: no DuckDB library beside $program" >&2; exit 1; }

bytes() { wc -c <"$1"; }
row() { awk -v name="$1" -v size="$2" -v most="$3" \
  'BEGIN { printf "%-20s %6.1f MB, at most %3d  %s\n", name, size / 1e6, most, size / 1e6 < most ? "ok" : "TOO LARGE" }'; }

stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$program"
row "program, stripped" "$(bytes "$stripped")" 20
row "whole install" "$(($(bytes "$program") + $(bytes "$library")))" 100
