#!/usr/bin/env python3
"""Runs the tools that drive a dbt executable, or read its artifacts, against sqlmill.

usage: scripts/check_clients.py PATH/TO/sqlmill [CLIENT...] [--write]

Each tool gets a virtual environment of its own below target/clients/ (made once, from PyPI, with `uv`
where it is installed). The example project is built there through a link named `dbt`. One line is
printed per tool; with --write the table in docs/compatibility.md is replaced as well. The exit code is
1 when a tool failed.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "target/clients"
PROJECT = WORK / "project"
SNIPPETS = ROOT / "scripts/clients"
PAGE = ROOT / "docs/compatibility.md"
START, END = "<!-- clients: start -->", "<!-- clients: end -->"
# Later versions of dbt-core fetch a part of themselves from elsewhere when they are installed.
CORE = "dbt-core<1.12"


class Wrong(Exception):
    """What a tool did not do."""


@dataclasses.dataclass
class Client:
    name: str
    version: str
    check: Callable[["Client"], str]
    # What its environment holds besides the tool itself.
    more: tuple[str, ...] = ()
    # The package, where it is not called like the tool.
    package: str = ""

    @property
    def bin(self) -> pathlib.Path:
        return WORK / "venvs" / re.sub(r"\W", "-", self.name) / "bin"

    def install(self) -> None:
        wanted = [f"{self.package or self.name}=={self.version}", *self.more]
        note = self.bin.parent / "installed.txt"
        if note.exists() and note.read_text() == "\n".join(wanted):
            return
        shutil.rmtree(self.bin.parent, ignore_errors=True)
        if shutil.which("uv"):
            call(["uv", "venv", "-q", "--python", sys.executable, self.bin.parent])
            call(["uv", "pip", "install", "-q", "--python", self.bin / "python", *wanted])
        else:
            call([sys.executable, "-m", "venv", self.bin.parent])
            call([self.bin / "python", "-m", "pip", "install", "-q", *wanted])
        note.write_text("\n".join(wanted))

    def run(self, *command, env: dict | None = None) -> str:
        """Runs a program of the environment in the project; the output."""
        return call([self.bin / command[0], *command[1:]], env=env)

    def snippet(self, *arguments, env: dict | None = None) -> dict:
        """Runs scripts/clients/check_NAME.py in the environment; the JSON record that it prints last."""
        script = SNIPPETS / ("check_" + re.sub(r"\W", "_", self.name) + ".py")
        lines = self.run("python", script, *arguments, env=env).splitlines()
        return json.loads([line for line in lines if line.startswith("{")][-1])


def call(command, env: dict | None = None, cwd: pathlib.Path | None = None) -> str:
    """Runs a program; what it wrote. A failure is an exception with its last words."""
    words = [str(word) for word in command]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
    surroundings = {
        **inherited,
        "PATH": f"{WORK / 'bin'}:{os.environ['PATH']}",
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_PROJECT_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        **(env or {}),
    }
    cwd = cwd or (PROJECT if PROJECT.exists() else ROOT)
    done = subprocess.run(words, cwd=cwd, env=surroundings, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        last = " ".join((done.stdout + done.stderr).split())[-300:]
        raise Wrong(f"{pathlib.Path(words[0]).name} exited with {done.returncode}: {last}")
    return done.stdout + done.stderr


def need(condition: bool, message: str) -> None:
    if not condition:
        raise Wrong(message)


def prepare(program: pathlib.Path) -> None:
    """A fresh copy of the example, built and documented through a link named `dbt`."""
    link = WORK / "bin/dbt"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(program.resolve())
    shutil.rmtree(PROJECT, ignore_errors=True)
    shutil.copytree(ROOT / "examples/project", PROJECT, ignore=shutil.ignore_patterns("*.duckdb*", "target", "logs"))
    for command in (["deps"], ["docs", "generate"], ["build"], ["docs", "generate", "--no-compile"]):
        call([link, *command])


def artifact(name: str) -> dict:
    return json.loads((PROJECT / f"target/{name}.json").read_text(encoding="utf-8"))


def artifacts_parser(client: Client) -> str:
    read = client.snippet()
    need(read["manifest"] == "ManifestV12", f"the manifest was read as {read['manifest']}")
    return "reads manifest, run results and catalog"


def dagster(client: Client) -> str:
    home = WORK / "dagster"
    home.mkdir(exist_ok=True)
    told = client.snippet(env={"DAGSTER_HOME": str(home)})
    need(told["success"], "the materialization failed")
    need(told["assets"] >= 15, f"{told['assets']} assets were materialized")
    return f"materializes {told['assets']} assets with {told['checks']} checks from the event stream"


def cosmos(client: Client) -> str:
    told = client.snippet(env={"AIRFLOW_HOME": str(WORK / "airflow")})
    # Hooks are in the manifest, but dbt ls does not name them.
    listed, read = set(told["ls"]), {node for node in told["manifest"] if not node.startswith("operation.")}
    need(len(listed) > 60 and listed == read, f"nodes differ between the modes: {sorted(listed ^ read)[:5]}")
    return f"{len(listed)} nodes by dbt ls, the same from the manifest"


def openlineage(client: Client) -> str:
    counts = []
    for mode in ([], ["--consume-structured-logs"]):
        events = WORK / "openlineage.json"
        events.unlink(missing_ok=True)
        config = WORK / "openlineage.yml"
        config.write_text(f"transport: {{type: file, log_file_path: {events}, append: true}}\n")
        env = {"OPENLINEAGE_CONFIG": str(config), "OPENLINEAGE_NAMESPACE": "check"}
        client.run("dbt-ol", "build", "--project-dir", PROJECT, "--profiles-dir", PROJECT, *mode, env=env)
        kinds = [json.loads(line)["eventType"] for line in events.read_text().splitlines()]
        need(kinds.count("START") == kinds.count("COMPLETE"), "not every start has its end")
        counts.append(len(kinds))
    return f"{counts[0]} events after the run, {counts[1]} from the log while it runs"


def datahub(client: Client) -> str:
    target, out = PROJECT / "target", WORK / "datahub.json"
    recipe = {
        "source": {"type": "dbt", "config": {
            "manifest_path": str(target / "manifest.json"),
            "catalog_path": str(target / "catalog.json"),
            "run_results_paths": [str(target / "run_results.json")],
            "target_platform": "duckdb",
            "write_semantics": "OVERRIDE",
        }},
        "sink": {"type": "file", "config": {"filename": str(out)}},
    }
    (WORK / "datahub.yml").write_text(json.dumps(recipe))
    client.run("datahub", "ingest", "-c", WORK / "datahub.yml", env={"DATAHUB_TELEMETRY_ENABLED": "false"})
    text = out.read_text()
    columns = text.count("upstreamType")
    need(columns > 100, f"{columns} columns have their lineage")
    return f"{len(json.loads(text))} records, lineage of {columns} columns"


def recce(client: Client) -> str:
    """The project is its own base, with one column more afterwards."""
    base = PROJECT / "target-base"
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(PROJECT / "target", base)
    model = PROJECT / "models/marts/fleet_age.sql"
    before = model.read_text()
    checks = "checks:\n- {name: rows, type: row_count_diff, params: {select: 'state:modified+'}}\n" \
             "- {name: schema, type: schema_diff, params: {select: marts}}\n"
    (PROJECT / "recce.yml").write_text(checks)
    try:
        model.write_text(before.rstrip() + "\n-- changed\n")
        call([WORK / "bin/dbt", "build", "-q"])
        call([WORK / "bin/dbt", "docs", "generate", "-q"])
        client.run("recce", "run", env={"PATH": f"{client.bin}:{os.environ['PATH']}"})
    finally:
        model.write_text(before)
    state = json.loads((PROJECT / "recce_state.json").read_text())
    rows = [run for run in state["runs"] if run["type"] == "row_count_diff"]
    need(bool(rows) and "fleet_age" in json.dumps(rows[0]["result"]), "the changed model was not compared")
    return "loads both states with dbt-core's own classes, compares what changed"


def dbterd(client: Client) -> str:
    out = WORK / "dbterd"
    out.mkdir(exist_ok=True)
    client.run("dbterd", "run", "-ad", PROJECT / "target", "-o", out, "-t", "dbml")
    text = (out / "output.dbml").read_text()
    tables, references = text.count('Table "'), text.count("Ref:")
    need(tables >= 15 and references >= 1, f"{tables} tables, {references} references")
    return f"{tables} tables, {references} reference"


def coverage(client: Client) -> str:
    told = client.run("dbt-coverage", "compute", "doc")
    total = re.search(r"^Total\s+(\S+)", told, re.M)
    need(bool(total), "no total was printed")
    return f"{total.group(1)} columns documented"


def score(client: Client) -> str:
    told = client.run("dbt-score", "lint", "--manifest", "target/manifest.json", "--fail-project-under", "0", "--fail-any-item-under", "0")
    found = re.search(r"Project score: \D*([\d.]+)", re.sub(r"\x1b\[[\d;]*m", "", told))
    need(bool(found), "no score was printed")
    return f"project score {found.group(1)}"


def bouncer(client: Client) -> str:
    config = {
        "dbt_artifacts_dir": "target",
        "manifest_checks": [{"name": "check_model_names", "include": "^models/staging", "model_name_pattern": "^stg_"}],
        "catalog_checks": [{"name": "check_column_name_complies_to_column_type", "column_name_pattern": "^is_", "types": ["BOOLEAN"]}],
        "run_results_checks": [{"name": "check_run_results_max_execution_time", "max_execution_time_seconds": 600}],
    }
    (PROJECT / "dbt-bouncer.yml").write_text(json.dumps(config))
    told = client.run("dbt-bouncer", "run", "--config-file", "dbt-bouncer.yml")
    found = re.search(r"SUCCESS=(\d+) WARN=0 ERROR=0", told)
    need(bool(found) and int(found.group(1)) > 50, "not every check passed")
    return f"{found.group(1)} checks pass"


def colibri(client: Client) -> str:
    out = WORK / "colibri"
    files = ["--manifest", "target/manifest.json", "--catalog", "target/catalog.json"]
    client.run("colibri", "generate", *files, "--output-dir", out)
    lineage = json.loads((out / "colibri-manifest.json").read_text())["lineage"]["edges"]
    need(len(lineage) > 50, f"{len(lineage)} edges between columns")
    return f"{len(lineage)} edges between columns"


def prefect(client: Client) -> str:
    told = client.snippet(env={"PREFECT_HOME": str(WORK / "prefect")})
    need(told["ok"], "the operation failed")
    return "its shell operation builds the project"


CLIENTS = [
    Client("dbt-artifacts-parser", "0.15.0", artifacts_parser),
    Client("dagster-dbt", "0.29.27", dagster, ("python-dateutil",)),
    Client("astronomer-cosmos", "1.15.1", cosmos, ("apache-airflow==3.3.2",)),
    Client("openlineage-dbt", "1.54.0", openlineage, (CORE,)),
    Client("acryl-datahub", "1.7.0.17", datahub, package="acryl-datahub[dbt]"),
    Client("recce", "1.69.1", recce, (CORE, "dbt-duckdb==1.11.1", "duckdb==1.5.6")),
    Client("prefect-dbt", "0.7.25", prefect, (CORE,)),
    Client("dbterd", "1.32.0", dbterd, ("PyYAML",)),
    Client("dbt-coverage", "0.5.0", coverage),
    Client("dbt-score", "0.19.0", score),
    Client("dbt-bouncer", "4.3.0", bouncer),
    Client("dbt-colibri", "0.3.7", colibri),
]


def checked(client: Client) -> tuple[bool, str]:
    try:
        client.install()
        return True, client.check(client)
    except (Wrong, subprocess.TimeoutExpired, OSError, ValueError, LookupError) as error:
        return False, " ".join(str(error).split())[:300]


def write_table(rows: list[tuple[Client, bool, str]]) -> None:
    """Rows of tools that were not asked this time stay as they are."""
    before, rest = PAGE.read_text(encoding="utf-8").split(START)
    table, after = rest.split(END)
    written = {line.split(" | ")[0].removeprefix("| "): line for line in table.splitlines()}
    for client, ok, told in rows:
        cells = [client.name, client.version, "yes" if ok else "no", told.replace("|", "/")]
        written[client.name] = f"| {' | '.join(cells)} |"
    lines = ["| tool | version | works | what was seen |", "|---|---|---|---|"]
    lines += [written[client.name] for client in CLIENTS if client.name in written]
    PAGE.write_text(f"{before}{START}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("clients", nargs="*")
    parser.add_argument("--write", action="store_true", help="replace the table in docs/compatibility.md")
    args = parser.parse_args()
    prepare(args.program)
    rows = []
    for client in CLIENTS:
        if args.clients and client.name not in args.clients:
            continue
        ok, told = checked(client)
        rows.append((client, ok, told))
        print(f"{'ok  ' if ok else 'FAIL'} {client.name} {client.version}: {told}", flush=True)
    if args.write:
        write_table(rows)
    return int(not all(ok for _, ok, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
