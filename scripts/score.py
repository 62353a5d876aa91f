#!/usr/bin/env python3
"""Writes the score of a conformance run into docs/compatibility.md.

usage: scripts/score.py WAREHOUSE RESULTS.csv BASELINE.csv [--check]

RESULTS.csv is what the suite's run.py wrote for a warehouse (a row per test: nodeid, outcome, reason),
BASELINE.csv says for every test what Python dbt does with it. The table between the two marks of the
page, `<!-- score of WAREHOUSE: start -->` and `end`, is replaced; with --check the page is compared
instead, and a difference is exit code 1.
"""
import argparse
import collections
import csv
import pathlib
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs/compatibility.md"
WAREHOUSES = ("duckdb", "postgres")


def rows(path: pathlib.Path) -> list[dict]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_name(nodeid: str) -> str:
    """`basic::TestEmpty::test_empty` out of a pytest id."""
    return nodeid.split(".py::")[-1]


def table(results: list[dict], baseline: list[dict]) -> str:
    counted = [row["test"] for row in baseline if row["outcome"] == "passed"]
    outcome = {test_name(row["nodeid"]): row for row in results}
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for test in counted:
        groups[test.split("::")[0]].append(test)
    lines = ["| group | passed | of | not passed |", "|---|---|---|---|"]
    total = 0
    for group, tests in sorted(groups.items()):
        passed = [test for test in tests if outcome.get(test, {}).get("outcome") == "passed"]
        missed = sorted({test.split("::")[1] for test in tests if test not in passed})
        total += len(passed)
        lines.append(f"| {group} | {len(passed)} | {len(tests)} | {', '.join(missed)} |")
    lines.append(f"| **all** | **{total}** | **{len(counted)}** | {100 * total / len(counted):.1f} % passed |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("warehouse", choices=WAREHOUSES)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("baseline", type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    args = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    start, end = (f"<!-- score of {args.warehouse}: {edge} -->" for edge in ("start", "end"))
    before, rest = page.split(start)
    _, after = rest.split(end)
    new = f"{before}{start}\n{table(rows(args.results), rows(args.baseline))}\n{end}{after}"
    if args.check:
        return int(new != page)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
