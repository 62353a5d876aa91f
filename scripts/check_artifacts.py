#!/usr/bin/env python3
"""Reads artifacts with the strictest readers there are: dbt-artifacts-parser and dbt-core's own classes.

usage: scripts/check_artifacts.py TARGET_FOLDER...
       scripts/check_artifacts.py --build SQLMILL PROJECT...

Every artifact that lies in a folder is read: manifest.json, run_results.json, catalog.json, sources.json.
With --build, copies of the projects are built first, and the artifacts of those are read.
The first call makes a virtual environment in target/artifact-readers and installs the readers there;
where no package can be fetched, nothing is checked.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "artifact-readers"
COPIES = ROOT / "target" / "artifact-projects"
PACKAGES = ["dbt-artifacts-parser==0.15.0", "dbt-core<1.12", "dbt-adapters", "dbt-duckdb<1.12"]
INSTALLED = VENV / "installed.txt"


def run_inside_venv() -> None:
    """Starts this program again with the readers at hand."""
    python = VENV / "bin" / "python"
    wanted = "\n".join(PACKAGES)
    if not INSTALLED.exists() or INSTALLED.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
        if subprocess.run(install).returncode != 0:
            print("the readers cannot be fetched here; nothing is checked")
            sys.exit(0)
        INSTALLED.write_text(wanted, encoding="utf-8")
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    os.execve(python, [str(python), __file__, *sys.argv[1:]], environment)


def readers():
    """For each file name, the ways to read it: a label and a function of its content."""
    from dbt.artifacts.schemas.catalog import CatalogArtifact
    from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
    from dbt.artifacts.schemas.run import RunResultsArtifact
    from dbt.contracts.graph.manifest import Manifest, WritableManifest
    from dbt_artifacts_parser import parser

    def core_manifest(content):
        manifest = Manifest.from_writable_manifest(WritableManifest.upgrade_schema_version(content))
        manifest.build_parent_and_child_maps()

    return {
        "manifest.json": [("dbt-artifacts-parser", parser.parse_manifest_v12), ("dbt-core", core_manifest)],
        "run_results.json": [
            ("dbt-artifacts-parser", parser.parse_run_results_v6),
            ("dbt-core", RunResultsArtifact.from_dict),
        ],
        "catalog.json": [
            ("dbt-artifacts-parser", parser.parse_catalog_v1),
            ("dbt-core", CatalogArtifact.from_dict),
        ],
        "sources.json": [
            ("dbt-artifacts-parser", parser.parse_sources_v3),
            ("dbt-core", FreshnessExecutionResultArtifact.from_dict),
        ],
    }


def check(folder: pathlib.Path) -> list:
    wrong = []
    for name, ways in readers().items():
        path = folder / name
        if not path.exists():
            continue
        for label, read in ways:
            content = json.loads(path.read_text(encoding="utf-8"))
            try:
                read(content)
                print(f"{path}: {label} reads it")
            except Exception as error:  # whatever a reader dislikes is the finding
                wrong.append(f"{path}: {label} refuses it\n{textwrap.shorten(str(error), 2000)}")
    return wrong


def built(sqlmill: str, projects: list) -> list:
    """The target folders of fresh copies. Failing tests are part of some projects."""
    folders = []
    for project in map(pathlib.Path, projects):
        copy = COPIES / project.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
        for call in (["build"], ["docs", "generate"]):
            ended = subprocess.run([pathlib.Path(sqlmill).resolve(), *call], cwd=copy, capture_output=True)
            if ended.returncode > 1:
                sys.exit(f"{project}: {call[0]} ended with {ended.returncode}\n{ended.stderr.decode()}")
        folders.append(copy / "target")
    return folders


def main() -> int:
    if not sys.argv[1:]:
        print(__doc__)
        return 2
    if not str(sys.prefix).startswith(str(VENV)):
        run_inside_venv()
    folders = sys.argv[1:]
    if folders[0] == "--build":
        folders = built(folders[1], folders[2:])
    wrong = [finding for folder in folders for finding in check(pathlib.Path(folder))]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
