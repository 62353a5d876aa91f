#!/usr/bin/env python3
"""Print what a PostgreSQL database holds, as JSON.

    read_postgres.py DATABASE
    read_postgres.py --make DATABASE     (drops and creates it)

One entry for each relation, `schema.name`: its type, whether a crash empties it, comments, columns,
indexes, constraints, privileges, number of rows, and either the sorted rows, every value as text, or,
above MANY_ROWS, a digest of them. The server is the one that libpq's variables name. Needs psycopg2.
"""

import json
import re
import sys

import psycopg2

from held_rows import in_order, quoted

KINDS = {"r": "table", "v": "view", "m": "materialized view"}

RELATIONS = """
    select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, obj_description(c.oid, 'pg_class'),
        (select array_agg(g::text order by g::text) from aclexplode(c.relacl) as a,
            lateral (select a.grantee::regrole || ' ' || a.privilege_type) as t (g) where a.grantee <> a.grantor)
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm') and n.nspname not in ('information_schema', 'pg_catalog', 'pg_toast')
        and c.relpersistence <> 't'
    order by 2, 3
"""
COLUMNS = """
    select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end,
        col_description(attrelid, attnum)
    from pg_attribute where attrelid = %s and attnum > 0 and not attisdropped order by attnum
"""


def main() -> None:
    if sys.argv[1] == "--make":
        make(sys.argv[2])
        return
    found = {}
    with psycopg2.connect(dbname=sys.argv[1]) as connection, connection.cursor() as cursor:
        cursor.execute("set timezone = 'UTC'")
        for oid, schema, name, kind, persistence, comment, privileges in asked(cursor, RELATIONS):
            relation = {"type": KINDS[kind], "unlogged": persistence == "u", "comment": comment}
            relation["privileges"] = privileges or []
            found[f"{schema}.{name}"] = relation | contents(cursor, oid, schema, name)
    json.dump(found, sys.stdout)


def make(database: str) -> None:
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {quoted(database)}")
        cursor.execute(f"create database {quoted(database)}")
    connection.close()


def contents(cursor, oid: int, schema: str, name: str) -> dict:
    columns = asked(cursor, COLUMNS, [oid])
    rows = [list(row) for row in asked(cursor, f"select * from {quoted(schema)}.{quoted(name)}")]
    indexes = asked(cursor, "select pg_get_indexdef(indexrelid) from pg_index where indrelid = %s", [oid])
    constraints = asked(cursor, "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s", [oid])
    return {
        "columns": [column for column, _ in columns],
        "column_comments": [comment for _, comment in columns],
        # Names of indexes are made from the time.
        "indexes": sorted(re.sub(r" INDEX \S+ ON ", " INDEX ON ", index) for index, in indexes),
        "constraints": sorted(constraint for constraint, in constraints),
        "row_count": len(rows),
        "rows": in_order([[None if cell is None else str(cell) for cell in row] for row in rows]),
    }


def asked(cursor, query: str, values: list | None = None) -> list:
    cursor.execute(query, values)
    return cursor.fetchall()


if __name__ == "__main__":
    main()
