#!/usr/bin/env bash
# Times `parse` on a generated project, against Python dbt where one is given.
# usage: bench/parse.sh [MODELS] [PATH/TO/dbt]      prints user, system and wall seconds of each run
set -euo pipefail
cd "$(dirname "$0")/.."
models=${1:-1000}
dbt=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --release --locked --quiet
python3 bench/gen_project.py "$work/project" --models "$models"
program=$PWD/target/release/sqlmill
cd "$work/project"
TIMEFORMAT='%U user  %S system  %R wall'
echo "sqlmill, five runs:"
for _ in 1 2 3 4 5; do time "$program" parse --quiet; done
if [ -n "$dbt" ]; then
  export DBT_SEND_ANONYMOUS_USAGE_STATS=false
  echo "dbt, one run:"
  time "$dbt" --quiet parse --no-partial-parse
fi
