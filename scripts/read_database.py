#!/usr/bin/env python3
"""Print what the DuckDB files of a folder hold, as JSON.

    read_database.py FOLDER

One entry for each relation, `file.schema.name`: its type, comment, columns, number of rows, and
either the sorted rows, every value as text, or, above MANY_ROWS, a digest of them. Runs inside
FOLDER, so that views on relative paths work. Needs the package duckdb.
"""

import json
import os
import sys
from pathlib import Path

import duckdb

from held_rows import in_order, quoted


def main() -> None:
    os.chdir(sys.argv[1])
    found = {}
    for path in sorted(Path(".").glob("*.duckdb")):
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            for schema, name, kind, comment in relations(connection):
                relation = {"type": kind, "comment": comment}
                relation |= contents(connection, schema, name)
                found[f"{path.stem}.{schema}.{name}"] = relation
    json.dump(found, sys.stdout)


def relations(connection) -> list:
    return connection.execute("""
        select schema_name, table_name, 'table', comment from duckdb_tables() where not internal
        union all
        select schema_name, view_name, 'view', comment from duckdb_views() where not internal
        order by all
    """).fetchall()


def contents(connection, schema: str, name: str) -> dict:
    relation = f"{quoted(schema)}.{quoted(name)}"
    try:
        columns = connection.execute(f"describe {relation}").fetchall()
        rows = connection.execute(f"select columns(*)::varchar from {relation}").fetchall()
    except duckdb.Error as error:
        return {"error": type(error).__name__}
    return {
        "columns": [f"{name} {kind}" for name, kind, *_ in columns],
        "column_comments": comments(connection, schema, name),
        "row_count": len(rows),
        "rows": in_order(rows),
    }


def comments(connection, schema: str, name: str) -> dict:
    found = connection.execute(
        "select column_name, comment from duckdb_columns()"
        " where schema_name = ? and table_name = ? and comment is not null",
        [schema, name],
    )
    return dict(found.fetchall())


if __name__ == "__main__":
    main()
