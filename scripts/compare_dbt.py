#!/usr/bin/env python3
"""Hold sqlmill against Python dbt: same project, both engines, same results.

    scripts/setup_reference.sh
    scripts/compare_dbt.py --dbt .venv/reference/bin/dbt --sqlmill target/release/sqlmill
    scripts/compare_dbt.py ... --warehouse postgres examples/project tests/fixtures/market

On PostgreSQL the server is the one that libpq's variables name (PGHOST, PGPORT, PGUSER, PGPASSWORD).
Each project is copied twice and built three times by each engine: a first build, a second one,
and one with --full-refresh. After every step these are compared:

    exit      the exit code
    manifest  nodes, sources, exposures, macros and docs of the project and its packages,
              field by field; parent_map and child_map
    results   status, failures and relation of every node in run_results.json
    files     the names of the files under target/compiled and target/run
    database  every relation with its type, columns, comments and rows

Of a project below a folder `broken` only the exit code is compared. White space in compiled SQL
does not count, nor do times, ids of an invocation and folders of the machine. An intended
difference is a line in the file given with --allow:

    project | area | id | field | reason

where the first four are shell patterns. Exit code: 0 all the same, 1 a difference, 2 no answer.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from compare_warehouses import DuckDb
from compare_warehouses import Postgres

ROOT = Path(__file__).resolve().parent.parent
AREAS = ("exit", "manifest", "results", "files", "database")
STEPS = {
    "first": ["build"],
    "second": ["build"],
    "refresh": ["build", "--full-refresh"],
}
NOT_COPIED = ("target", "logs", "dbt_packages", "dbt_modules", "*.duckdb", "*.duckdb.wal")

# Resources of these packages come with the engine, not with the project.
ENGINE_PACKAGES = ("dbt", DuckDb.package, Postgres.package)
RESOURCES = ("nodes", "sources", "exposures", "macros", "docs", "unit_tests", "metrics",
             "semantic_models", "saved_queries", "groups", "functions")
# Times, places of the machine, and what depends on how an engine came to its answer.
LEFT_OUT = ("created_at", "root_path", "extra_ctes_injected", "patch_checksum")
SQL_FIELDS = ("compiled_code", "sql")
UNORDERED_FIELDS = ("depends_on.nodes", "depends_on.macros")
RESULT_FIELDS = ("status", "failures", "relation_name", "compiled", "compiled_code")


@dataclasses.dataclass
class Engine:
    name: str
    executable: Path
    environment: Path
    warehouse: DuckDb | Postgres
    variables: dict[str, str] = dataclasses.field(default_factory=dict)

    def prepared(self, project: Path) -> Path:
        """From now on calls are about this project."""
        self.variables = self.warehouse.prepare(self.name, project)
        return project

    def call(self, project: Path, arguments: list[str]) -> "Call":
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
        environment |= self.variables | {
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            # Python models of both engines run in the environment of dbt.
            "VIRTUAL_ENV": str(self.environment),
        }
        started = time.monotonic()
        done = subprocess.run(
            [self.executable, *arguments],
            cwd=project, env=environment, text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        return Call(done.returncode, time.monotonic() - started, done.stdout)


@dataclasses.dataclass
class Call:
    code: int
    seconds: float
    output: str


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a fact stands: `id` is a node, relation or file; `field` a path inside it."""

    area: str
    id: str
    field: str


@dataclasses.dataclass
class Difference:
    place: Place
    dbt: object
    sqlmill: object
    reason: str | None = None


@dataclasses.dataclass
class Step:
    """One step of one project under both engines. `same` counts equal facts by area."""

    project: str
    step: str
    calls: list[Call]
    same: dict[str, int]
    differences: list[Difference]

    def unexplained(self, area: str | None = None) -> list[Difference]:
        return [d for d in self.differences
                if d.reason is None and area in (None, d.place.area)]


MISSING = "(missing)"
EXIT = Place("exit", "build", "code")


def main() -> int:
    options = parse_arguments()
    environment = options.dbt.parent.parent
    warehouse = Postgres(options.dbt.parent / "python") if options.warehouse == "postgres" else DuckDb()
    engines = [Engine(name, path, environment, warehouse)
               for name, path in (("dbt", options.dbt), ("sqlmill", options.sqlmill))]
    rules = read_rules(options.allow) if options.allow else []
    steps = []
    print_row(COLUMNS)
    with workspace(options.keep) as folder:
        for project in options.projects or default_projects():
            for step in compare_project(project.resolve(), engines, options, Path(folder)):
                explain(step, rules)
                print_step(step, options.show)
                steps.append(step)
    for rule in rules:
        if not rule.used:
            print(f"note: nothing needed the allowed difference `{rule}`")
    if options.json:
        options.json.write_text(json.dumps(as_json(steps), indent=2, ensure_ascii=False) + "\n")
    if options.markdown:
        options.markdown.write_text(as_markdown(steps))
    return print_summary(steps)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dbt", type=executable, required=True, metavar="PATH",
                        help="Python dbt, in a virtual environment that also has duckdb")
    parser.add_argument("--sqlmill", type=executable, required=True, metavar="PATH")
    parser.add_argument("--warehouse", choices=("duckdb", "postgres"), default="duckdb",
                        help="where to build (duckdb)")
    parser.add_argument("--allow", type=Path, metavar="FILE", help="intended differences")
    parser.add_argument("--step", action="append", choices=STEPS,
                        help="only this step, may be repeated (all three)")
    parser.add_argument("--show", type=int, default=10, metavar="N",
                        help="differences to print for each step (10)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        help="work in this folder and leave everything there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every difference")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table")
    parser.add_argument("projects", nargs="*", type=Path, metavar="PROJECT",
                        help="folders with a dbt_project.yml (all fixtures and the example)")
    return parser.parse_args()


def executable(text: str) -> Path:
    found = shutil.which(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"no executable `{text}`")
    # Not resolved: the interpreter beside a linked `dbt` belongs to the same environment.
    return Path(os.path.abspath(found))


def workspace(keep: Path | None):
    if keep is None:
        return tempfile.TemporaryDirectory(prefix="compare_dbt_")
    keep.mkdir(parents=True, exist_ok=True)
    return contextlib.nullcontext(keep.resolve())


def default_projects() -> list[Path]:
    fixtures = ROOT / "tests" / "fixtures"
    patterns = ("*/dbt_project.yml", "broken/*/dbt_project.yml")
    found = [path.parent for pattern in patterns for path in sorted(fixtures.glob(pattern))]
    return [ROOT / "examples" / "project", *found]


# --- running ---------------------------------------------------------------------------------


def compare_project(project: Path, engines: list[Engine], options, folder: Path):
    broken = project.parent.name == "broken"
    name = f"broken/{project.name}" if broken else project.name
    if project.parent.name == "examples":
        name = "example"
    copies = [engine.prepared(copy(project, folder / engine.name / name)) for engine in engines]
    deps = [engine.call(where, ["deps"]) for engine, where in zip(engines, copies)
            if has_packages(project) and not broken]
    for step in STEPS:
        if step not in (options.step or STEPS) or (broken and step != "first"):
            continue
        calls = [engine.call(where, STEPS[step]) for engine, where in zip(engines, copies)]
        if broken:
            facts = [{EXIT: call.code} for call in calls]
        else:
            facts = [facts_of(call, where, engine, options.dbt)
                     for call, where, engine in zip(calls, copies, engines)]
        for found, call in zip(facts, deps):
            found[Place("exit", "deps", "code")] = call.code
        yield compare_facts(name, step, calls, *facts)


def copy(project: Path, where: Path) -> Path:
    shutil.rmtree(where, ignore_errors=True)
    shutil.copytree(project, where, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return where


def has_packages(project: Path) -> bool:
    return any((project / name).exists() for name in ("packages.yml", "dependencies.yml"))


def compare_facts(name: str, step: str, calls: list[Call], dbt: dict, sqlmill: dict) -> Step:
    same = dict.fromkeys(AREAS, 0)
    differences = []
    for place in sorted(dbt.keys() | sqlmill.keys(), key=reading_order):
        left, right = dbt.get(place, MISSING), sqlmill.get(place, MISSING)
        if dumped(left) == dumped(right):
            same[place.area] += 1
        else:
            differences.append(Difference(place, left, right))
    return Step(name, step, calls, same, only_the_absence(differences))


def reading_order(place: Place) -> tuple:
    return AREAS.index(place.area), place.id, place.field


def only_the_absence(differences: list[Difference]) -> list[Difference]:
    """What one engine lacks altogether is one difference, not one for each of its fields."""
    gone = {(d.place.area, d.place.id) for d in differences
            if d.place.field == "" and MISSING in (d.dbt, d.sqlmill)}
    return [d for d in differences
            if d.place.field == "" or (d.place.area, d.place.id) not in gone]


def dumped(value: object) -> str:
    """Tells 1 from true and from 1.0, which Python's == does not."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# --- facts -----------------------------------------------------------------------------------


def facts_of(call: Call, project: Path, engine: Engine, dbt: Path) -> dict[Place, object]:
    facts = {EXIT: call.code}
    manifest = read_json(project / "target" / "manifest.json", project, engine)
    results = read_json(project / "target" / "run_results.json", project, engine)
    for id, resource in resources(manifest):
        add(facts, "manifest", id, resource)
    for id, result in results_by_id(results):
        add(facts, "results", id, result)
    for path in built_files(project / "target"):
        facts[Place("files", path, "")] = "there"
    for id, relation in read_database(project, engine, dbt).items():
        add(facts, "database", id, relation)
    return facts


def add(facts: dict, area: str, id: str, record: dict) -> None:
    """The record's presence as one fact, each leaf below it as another."""
    facts[Place(area, id, "")] = "there"
    for field, value in leaves(record):
        facts[Place(area, id, field)] = value


def leaves(value: dict, path: str = ""):
    for key, inner in value.items():
        field = f"{path}.{key}" if path else str(key)
        if key in LEFT_OUT:
            continue
        if isinstance(inner, dict) and inner:
            yield from leaves(inner, field)
        elif key in SQL_FIELDS and isinstance(inner, str):
            yield field, " ".join(inner.split())
        elif field in UNORDERED_FIELDS:
            yield field, sorted(inner)
        elif field == "extra_ctes":
            yield field, sorted(cte["id"] for cte in inner)
        else:
            yield field, inner


def resources(manifest: dict):
    for kind in RESOURCES:
        for id, resource in manifest.get(kind, {}).items():
            if resource.get("package_name") not in ENGINE_PACKAGES:
                yield id, resource
    for id, versions in manifest.get("disabled", {}).items():
        yield f"disabled {id}", {str(n): resource for n, resource in enumerate(versions)}
    for kind in ("parent_map", "child_map"):
        for id, neighbours in manifest.get(kind, {}).items():
            yield f"{kind} {id}", {"nodes": sorted(neighbours)}
    if manifest:
        wanted = ("dbt_schema_version", "project_name", "project_id", "adapter_type", "quoting")
        yield "metadata", {key: manifest["metadata"].get(key) for key in wanted}
        yield "selectors", manifest.get("selectors", {})


def results_by_id(results: dict):
    for result in results.get("results", []):
        yield result["unique_id"], {field: result.get(field) for field in RESULT_FIELDS}
    if results:
        yield "args", {"which": results["args"].get("which")}


def read_json(path: Path, project: Path, engine: Engine) -> dict:
    """An empty object when the engine wrote none: what is missing is then a difference."""
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8").replace(str(project), "<project>")
    return json.loads(engine.warehouse.steady(engine.name, text))


def built_files(target: Path) -> list[str]:
    return [
        str(path.relative_to(target))
        for tree in ("compiled", "run")
        for path in (target / tree).rglob("*")
        if path.is_file()
    ]


def read_database(project: Path, engine: Engine, dbt: Path) -> dict:
    reader = [dbt.parent / "python", *engine.warehouse.reader(engine.name, project)]
    done = subprocess.run(reader, text=True, capture_output=True)
    if done.returncode != 0:
        give_up(f"cannot read the database of {project}:\n{done.stderr}")
    return json.loads(engine.warehouse.steady(engine.name, done.stdout))


# --- intended differences --------------------------------------------------------------------


@dataclasses.dataclass
class Rule:
    patterns: tuple[str, ...]
    reason: str
    used: bool = False

    def __str__(self) -> str:
        return " | ".join(self.patterns)

    def covers(self, project: str, place: Place) -> bool:
        values = (project, place.area, place.id, place.field)
        return all(fnmatchcase(value, pattern) for value, pattern in zip(values, self.patterns))


def read_rules(path: Path) -> list[Rule]:
    rules = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|", 4)]
        if len(parts) != 5 or not parts[4]:
            give_up(f"{path}:{number}: want `project | area | id | field | reason`")
        rules.append(Rule(tuple(parts[:4]), parts[4]))
    return rules


def explain(step: Step, rules: list[Rule]) -> None:
    for difference in step.differences:
        for rule in rules:
            if rule.covers(step.project, difference.place):
                difference.reason, rule.used = rule.reason, True
                break


# --- reports ---------------------------------------------------------------------------------

COLUMNS = ("project", "step", "exit", *AREAS[1:], "allowed", "seconds")
WIDTHS = (30, 8, 6, 11, 11, 9, 11, 8, 14)


def cells(step: Step) -> list[str]:
    """An area's cell is `same` or `same/different`."""
    row = [step.project, step.step, "/".join(str(call.code) for call in step.calls)]
    for area in AREAS[1:]:
        different = len(step.unexplained(area))
        row.append(f"{step.same[area]}/{different}" if different else str(step.same[area]))
    row.append(str(len(step.differences) - len(step.unexplained())))
    row.append(" / ".join(f"{call.seconds:.1f}" for call in step.calls))
    return row


def print_row(row) -> None:
    print("  ".join(text.ljust(width) for text, width in zip(row, WIDTHS)).rstrip(), flush=True)


def print_step(step: Step, show: int) -> None:
    print_row(cells(step))
    unexplained = step.unexplained()
    for difference in unexplained[:show]:
        place = difference.place
        print(f"    {place.area}  {place.id}  {place.field}")
        dbt, sqlmill = contrast(difference.dbt, difference.sqlmill)
        print(f"        dbt      {dbt}")
        print(f"        sqlmill  {sqlmill}")
    if len(unexplained) > show:
        print(f"    and {len(unexplained) - show} more")
    if step.calls[0].code != step.calls[1].code:
        for name, call in zip(("dbt", "sqlmill"), step.calls):
            print(f"    the end of what {name} said:")
            print("".join(f"        {line}\n" for line in call.output.splitlines()[-12:]), end="")


def contrast(left: object, right: object) -> tuple[str, str]:
    """Both values as one line each, cut to where they differ."""
    if isinstance(left, list) and isinstance(right, list):
        only = [[item for item in one if item not in other]
                for one, other in ((left, right), (right, left))]
        if any(only):
            left, right = only
    texts = [value if value == MISSING else dumped(value) for value in (left, right)]
    start = max(0, len(os.path.commonprefix(texts)) - 40)
    return tuple(("…" if start else "") + short(text[start:]) for text in texts)


def short(text: str, width: int = 160) -> str:
    return text if len(text) <= width else text[:width] + "…"


def give_up(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(2)


def print_summary(steps: list[Step]) -> int:
    different = sum(len(step.unexplained()) for step in steps)
    same = sum(sum(step.same.values()) for step in steps)
    projects = len({step.project for step in steps})
    print(f"done: {projects} projects, {len(steps)} steps, {same} facts the same, "
          f"{different} different")
    return 1 if different else 0


def as_json(steps: list[Step]) -> list[dict]:
    return [
        {
            "project": step.project,
            "step": step.step,
            "exit_codes": [call.code for call in step.calls],
            "same": step.same,
            "differences": [
                dataclasses.asdict(d.place)
                | {"dbt": d.dbt, "sqlmill": d.sqlmill, "reason": d.reason}
                for d in step.differences
            ],
        }
        for step in steps
    ]


def as_markdown(steps: list[Step]) -> str:
    """The table without seconds: the same results give the same bytes."""
    head = COLUMNS[:-1]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cells(step)[:-1])} |" for step in steps]
    reasons = {}
    for step in steps:
        for difference in step.differences:
            if difference.reason:
                reasons[difference.reason] = reasons.get(difference.reason, 0) + 1
    if reasons:
        lines += ["", "Allowed:", ""]
        lines += [f"- {reason} ({count})" for reason, count in sorted(reasons.items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
