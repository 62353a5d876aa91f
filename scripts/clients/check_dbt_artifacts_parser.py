"""Reads every artifact with the models made of dbt's published schemas; prints the class of each."""
import json
import pathlib

from dbt_artifacts_parser import parser

TARGET = pathlib.Path("target")
read = {}
for name in ("manifest", "run_results", "catalog"):
    with open(TARGET / f"{name}.json", encoding="utf-8") as file:
        read[name] = type(getattr(parser, f"parse_{name}")(json.load(file))).__name__
print(json.dumps(read))
