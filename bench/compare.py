#!/usr/bin/env python3
"""Runs the same work with sqlmill and its peers in turn on one machine, and prints a table of ratios.

Projects come from bench/gen_project.py. Peers are whichever are named and can be run; each line is the
median of --runs calls with the smallest and the largest, for CPU seconds (user and system), wall seconds
and peak memory. Only figures of one call of this script belong beside each other.

usage: bench/compare.py [--sqlmill PATH] [--fusion PATH] [--dbt PATH] [--models 10000] [--build-models 1000]
                        [--runs 5] [--rows parse,ls,...] [--markdown FILE]
       --fusion is dbt 2.0 (`pip install --pre dbt==2.0.0rc196`), --dbt is dbt 1.11 with dbt-duckdb.
       dbt 2.0 builds only with a DuckDB driver: --adbc FOLDER names the folder with its `duckdb.toml`.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    asked = arguments()
    programs = {name: path for name, path in (("sqlmill", asked.sqlmill), ("dbt 2.0", asked.fusion), ("dbt 1.11", asked.dbt)) if path}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(pathlib.Path(folder), asked, programs)
        wanted = asked.rows.split(",") if asked.rows else list(ROWS)
        for name in wanted:
            ROWS[name](bench)
        if asked.markdown:
            pathlib.Path(asked.markdown).write_text(bench.markdown())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlmill", default=str(ROOT / "target/release/sqlmill"))
    parser.add_argument("--fusion")
    parser.add_argument("--dbt")
    parser.add_argument("--adbc")
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--build-models", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", help="some of: " + ", ".join(ROWS))
    parser.add_argument("--markdown", help="writes the table into this file")
    return parser.parse_args()


class Bench:
    """The projects, one copy for each program, and what was measured on them."""

    def __init__(self, folder, asked, programs):
        self.folder = folder
        self.asked = asked
        self.programs = programs
        self.table = []

    def project(self, models, program):
        folder = self.folder / f"{program.replace(' ', '_')}_{models}"
        if not folder.exists():
            script = str(ROOT / "bench/gen_project.py")
            subprocess.run(["python3", script, str(folder), "--models", str(models)], check=True, stdout=subprocess.DEVNULL)
        return folder

    def row(self, title, command, models, before=None, warm=False):
        """Times a command with every program in turn. `before` changes the project ahead of each call."""
        took = {name: [] for name in self.programs}
        for name in self.programs:
            folder = self.project(models, name)
            if warm:
                self.call(name, command, folder)
        for _ in range(self.asked.runs):
            for name in self.programs:
                folder = self.project(models, name)
                if before:
                    before(folder)
                took[name].append(self.call(name, command, folder))
        self.note(title, took)

    def call(self, name, command, folder):
        """CPU seconds, wall seconds, peak megabytes; `None` where the program fails."""
        environment = {key: value for key, value in os.environ.items() if key != "RUST_BACKTRACE"}
        environment |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_PROFILES_DIR": str(folder)}
        if self.asked.adbc:
            environment["ADBC_DRIVER_PATH"] = self.asked.adbc
        started = time.monotonic()
        child = subprocess.Popen([self.programs[name], *command.split()], cwd=folder, env=environment,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        if child.returncode != 0:
            return None
        return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024

    def note(self, title, took):
        ours = [calls for calls in took["sqlmill"] if calls]
        for name, calls in took.items():
            calls = [call for call in calls if call]
            if not calls:
                self.say((title, name, "failed", "", "", ""))
                continue
            cells = [spread([call[at] for call in calls]) for at in range(3)]
            ratio = "1"
            if name != "sqlmill" and ours:
                ratio = " / ".join(times(calls, ours, at) for at in range(3))
            self.say((title, name, *cells, ratio))

    def say(self, row):
        self.table.append(row)
        print("{:44} {:9} cpu {:24} wall {:24} MB {:24} x {}".format(*row), flush=True)

    def markdown(self):
        head = "| work | program | CPU seconds | wall seconds | peak MB | times sqlmill (CPU / wall / MB) |\n|---|---|---|---|---|---|\n"
        return head + "".join("| " + " | ".join(row) + " |\n" for row in self.table)


def spread(figures):
    shown = [f"{figure:.0f}" if figure >= 100 else f"{figure:.3g}" for figure in (statistics.median(figures), min(figures), max(figures))]
    return f"{shown[0]} ({shown[1]} to {shown[2]})"


def times(calls, ours, at):
    return f"{statistics.median(c[at] for c in calls) / statistics.median(c[at] for c in ours):.3g}"


def cold(folder):
    shutil.rmtree(folder / "target", ignore_errors=True)


def touch_model(folder):
    """One model's text changes, its meaning does not."""
    change(sorted((folder / "models/staging").rglob("*.sql"))[0], "--")


def touch_macro(folder):
    change(sorted((folder / "macros").rglob("*.sql"))[0], "{#")


def change(path, mark):
    end = "#}" if mark == "{#" else ""
    text = path.read_text().split(f"\n{mark} changed")[0].rstrip("\n")
    path.write_text(f"{text}\n{mark} changed {time.time_ns()} {end}\n")


def without_database(folder):
    cold(folder)
    for path in folder.glob("*.duckdb*"):
        path.unlink()


def one_mart(folder):
    return sorted((folder / "models/marts").rglob("*.sql"))[0].stem


def parse_cold(bench):
    bench.row(f"{bench.asked.models} models: parse, nothing kept", "parse", bench.asked.models, before=cold)


def parse_warm(bench):
    bench.row(f"{bench.asked.models} models: parse, nothing changed", "parse", bench.asked.models, warm=True)


def ls_warm(bench):
    bench.row(f"{bench.asked.models} models: ls, nothing changed", "ls", bench.asked.models, warm=True)


def ls_after_edit(bench):
    bench.row(f"{bench.asked.models} models: ls, one model changed", "ls", bench.asked.models, before=touch_model, warm=True)


def ls_after_macro(bench):
    bench.row(f"{bench.asked.models} models: ls, one macro changed", "ls", bench.asked.models, before=touch_macro, warm=True)


def compile_one(bench):
    mart = one_mart(bench.project(bench.asked.models, "sqlmill"))
    bench.row(f"{bench.asked.models} models: compile of one mart", f"compile -s {mart}", bench.asked.models, warm=True)


def compile_all(bench):
    bench.row(f"{bench.asked.models} models: compile of all", "compile", bench.asked.models, before=cold)


def build(bench):
    bench.row(f"{bench.asked.build_models} models: first build", "build", bench.asked.build_models, before=without_database)


def build_small(bench):
    bench.row("5 models: first build", "build", 5, before=without_database)


def start(bench):
    bench.row("start (--version)", "--version", 5)


def growth(bench):
    for models in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000):
        bench.row(f"{models} models: parse, nothing kept", "parse", models, before=cold)
        for name in bench.programs:
            shutil.rmtree(bench.project(models, name))


ROWS = {
    "parse_cold": parse_cold,
    "parse_warm": parse_warm,
    "ls_warm": ls_warm,
    "ls_after_edit": ls_after_edit,
    "ls_after_macro": ls_after_macro,
    "compile_one": compile_one,
    "compile_all": compile_all,
    "build": build,
    "build_small": build_small,
    "start": start,
    "growth": growth,
}

if __name__ == "__main__":
    main()
