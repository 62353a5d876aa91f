#!/usr/bin/env python3
"""Hold the rows of tests/cases/selection against Python dbt.

    scripts/setup_reference.sh
    .venv/reference/bin/python scripts/compare_selection.py [names.txt ...]

Makes a project out of the graph that a file of rows names, lets dbt list each row's selection in
this one process, and compares the names and the criteria that found nothing. Rows that say
`error:` only have to be errors there as well; what `selectors.yml` and `manifest` say is not asked.
Exit code: 0 all the same, 1 a difference.
"""

import contextlib
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner

CASES = Path(__file__).resolve().parent.parent / "tests" / "cases" / "selection"
ROOT = "shop"
REFABLE = ("model", "seed", "snapshot")
# Rows and files of which dbt says something else, and why.
KNOWN = {
    "-s path:.": "dbt crashes; here it is the whole project",
    "-s metric:revenue": "sqlmill refuses methods that it cannot answer",
    "-s semantic_model:sales": "sqlmill refuses methods that it cannot answer",
    "-s saved_query:sales": "sqlmill refuses methods that it cannot answer",
    "-s unit_test:adds_up": "sqlmill refuses methods that it cannot answer",
}
NOT_ASKED = ("selectors_with_mistakes.txt",)


def main():
    files = [CASES / name for name in sys.argv[1:]] or sorted(CASES.glob("*.txt"))
    files = [file for file in files if file.name not in NOT_ASKED]
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    rows = differences = 0
    projects = {}
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            head, _, text = file.read_text().partition("\n---\n")
            graph = re.search(r"^graph: (\w+)$", head, re.M).group(1)
            if graph not in projects:
                projects[graph] = Project(Path(folder) / graph, CASES / "graphs" / f"{graph}.txt")
            for row, found in projects[graph].answers(head, text):
                rows += 1
                if row.expected != found:
                    differences += 1
                    print(f"{file.name}: {row.asked}\n  row  {row.expected}\n  dbt  {found}")
    print(f"done: {rows} rows, {differences} differ")
    return 1 if differences else 0


class Row:
    def __init__(self, asked, names, remarks):
        self.asked = asked
        warned = [r.removeprefix("warning: ") for r in remarks if r.startswith("warning: ")]
        failed = any(r.startswith("error: ") for r in remarks)
        self.expected = "error" if failed else (names.strip(), sorted(warned))


def read_rows(text):
    rows = []
    for line in text.splitlines():
        if line.startswith("    "):
            rows[-1][2].append(line.strip())
        elif line and not line.startswith("#"):
            asked, _, names = line.partition(" ->")
            rows.append((asked, names, []))
    return [Row(*row) for row in rows if row[0].startswith("-")]


class Project:
    def __init__(self, folder, graph):
        self.folder = folder
        self.nodes = yaml.safe_load(graph.read_text())
        for node in self.nodes:
            node["kind"] = next(iter(node))
            node["name"] = str(node[node["kind"]])
            node.setdefault("package", ROOT)
        self.write_frame()
        for package in {node["package"] for node in self.nodes}:
            self.write_package(package)
        os.chdir(folder)
        os.environ["DBT_PROFILES_DIR"] = str(folder)
        with quiet():
            dbtRunner().invoke(["deps"])
            self.manifest = dbtRunner().invoke(["parse"]).result

    def answers(self, head, text):
        selectors = head[head.find("selectors:"):] if "selectors:" in head else ""
        always = re.search(r"^always: (.*)$", head, re.M)
        (self.folder / "selectors.yml").write_text(selectors)
        for row in read_rows(text):
            if row.asked in KNOWN:
                continue
            arguments = shlex.split(row.asked) + shlex.split(always.group(1) if always else "")
            if "--output" not in arguments:
                arguments += ["--output", "name"]
            yield row, self.answer(arguments)

    def answer(self, arguments):
        warned = []

        def listen(event):
            if event.info.name == "NoNodesForSelectionCriteria":
                warned.append(event.info.msg)

        with quiet():
            runner = dbtRunner(manifest=self.manifest, callbacks=[listen])
            answer = runner.invoke(["--quiet", "ls", *arguments])
        if answer.exception:
            return "error"
        return " ".join(answer.result or []), sorted(set(warned))

    def write_frame(self):
        others = {node["package"] for node in self.nodes} - {ROOT}
        self.write("profiles.yml", {"p": {"target": "dev", "outputs": {
            "dev": {"type": "duckdb", "path": ":memory:"}}}})
        self.write("packages.yml", {"packages": [{"local": f"local/{name}"} for name in others]})
        groups = {n["config"]["group"] for n in self.nodes if "group" in n.get("config", {})}
        self.write("models/groups.yml", {"groups": [
            {"name": name, "owner": {"name": name}} for name in sorted(groups)]})
        generic = {n["generic"] for n in self.nodes if "generic" in n}
        for name in generic:
            self.write(f"macros/{name}.sql", f"{{% test {name}(model, a=none, b=none) %}}"
                       f"select * from {{{{ model }}}}{{% endtest %}}")

    def write_package(self, package):
        base = "" if package == ROOT else f"local/{package}/"
        own = [node for node in self.nodes if node["package"] == package]
        self.write(base + "dbt_project.yml", {
            "name": package, "version": "1.0", "profile": "p", "config-version": 2,
            **outer_settings(package, own)})
        sheets = defaultdict(lambda: defaultdict(dict))
        for node in own:
            if node["kind"] in (*REFABLE, "analysis") or "generic" not in node and \
                    node["kind"] == "test":
                self.write(base + node["path"], code(node))
            if node["kind"] == "source":
                source, table = node["name"].split(".")
                tables = sheets[node["path"]]["sources"].setdefault(source, {})
                tables[table] = {"name": table, "config": {"tags": node.get("tags", [])}}
            elif node["kind"] == "exposure":
                sheets[node["path"]]["exposures"][node["name"]] = exposure(node)
            elif "described_in" in node:
                described(sheets[node["described_in"]]["models"], node)
        for node in own:
            if "generic" in node:
                attach(sheets[node["path"]], node)
        for path, sheet in sheets.items():
            self.write(base + path, as_yaml(sheet))

    def write(self, path, content):
        path = self.folder / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))


def outer_settings(package, nodes):
    """Settings of nodes whose own text cannot hold any, as the project file holds them."""
    sections = {}
    for node in nodes:
        if node["kind"] == "seed" or "code" in node:
            level = sections.setdefault(node["kind"] + "s", {}).setdefault(package, {})
            for name in [*node["path"].split("/")[1:-1], node["name"]]:
                level = level.setdefault(name, {})
            level.update({"+" + key: value for key, value in settings(node).items()})
    return sections


def settings(node):
    access = {"access": node["access"]} if "access" in node else {}
    return {"tags": node.get("tags", []), **access, **node.get("config", {})}


def code(node):
    if node["kind"] == "seed":
        return "id\n1\n"
    if "code" in node:
        return node["code"]
    written = ", ".join(f"{key}={value!r}" for key, value in settings(node).items())
    needs = " ".join("-- {{ " + reference(need) + " }}" for need in node.get("needs", []))
    text = f"{{{{ config({written}) }}}} select 1 as id {needs}"
    if node["kind"] == "snapshot":
        return f"{{% snapshot {node['name']} %}}{text}{{% endsnapshot %}}"
    return text


def reference(need):
    version = re.fullmatch(r"(.*)\.v(\d+)", need)
    if version:
        return f"ref('{version.group(1)}', v={version.group(2)})"
    if "." in need:
        source, table = need.split(".")
        return f"source('{source}', '{table}')"
    return f"ref('{need}')"


def exposure(node):
    return {
        "name": node["name"], "type": "dashboard", "owner": {"email": "a@example.org"},
        "depends_on": [reference(need) for need in node.get("needs", [])],
        "config": settings(node),
    }


def described(models, node):
    entry = models.setdefault(node["name"], {"name": node["name"]})
    if "version" in node:
        entry["latest_version"] = node["latest"]
        entry.setdefault("versions", []).append({"v": node["version"]})


def attach(sheet, node):
    """Puts a generic test under the last of the nodes it needs; the others are its arguments."""
    *others, tested = node["needs"]
    arguments = dict(zip("ab", (reference(need) for need in others)))
    test = {node["generic"]: {
        "name": node["name"], "arguments": arguments, "config": settings(node)}}
    version = re.fullmatch(r"(.*)\.v(\d+)", tested)
    if version:
        versions = sheet["models"][version.group(1)]["versions"]
        entry = next(v for v in versions if str(v["v"]) == version.group(2))
    elif "." in tested:
        source, table = tested.split(".")
        entry = sheet["sources"][source][table]
    else:
        entry = sheet["models"].setdefault(tested, {"name": tested})
    entry.setdefault("data_tests", []).append(test)


def as_yaml(sheet):
    content = {"version": 2}
    for section, entries in sheet.items():
        if section == "sources":
            content[section] = [{"name": name, "tables": list(tables.values())}
                                for name, tables in entries.items()]
        else:
            content[section] = list(entries.values())
    return content


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


if __name__ == "__main__":
    sys.exit(main())
