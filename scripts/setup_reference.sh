#!/usr/bin/env bash
# Makes .venv/reference: the Python dbt that scripts/compare_dbt.py holds sqlmill against.
# A second run is quick. Wants python3 (3.10 or later) with the module venv.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv/reference
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check \
    'dbt-core<1.12' 'dbt-duckdb<1.12' 'duckdb==1.5.6' 'dbt-postgres<1.12'
"$venv/bin/dbt" --version
