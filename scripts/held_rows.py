"""What the readers of databases share: names in quotes, and rows in an order that every engine gives."""

import hashlib
import json

MANY_ROWS = 500


def in_order(rows: list) -> list | str:
    """The rows sorted; above MANY_ROWS a digest of them."""
    rows = sorted(rows, key=json.dumps)
    if len(rows) <= MANY_ROWS:
        return rows
    return "sha256 " + hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
