#!/usr/bin/env python3
"""Runs the same work with sqlmill and its peers in turn on one machine, and says how many times faster which is.

Projects come from bench/gen_project.py. Peers are whichever are named; those that cannot be run are left out with a
word. Every round calls each program once, so that a machine that slows down slows all of them; ratios are those of
one round. A program whose call takes long has fewer rounds, and the table says how many. With --write the figures
go into bench/figures.json and the tables of docs/performance.md; rows that were not measured keep theirs.

usage: bench/compare.py [--rows parse_cold,ls_warm,...] [--fusion PATH] [--dbt PATH] [--adbc FOLDER] [--write]
       --fusion is dbt 2.0 (`pip install --pre dbt==2.0.0rc196`), --dbt is dbt 1.11 with dbt-duckdb.
       dbt 2.0 connects to DuckDB only with a driver: --adbc names the folder with its `duckdb.toml`.
       The replay of a build's statements is `cargo build --release --example replay`.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from figures import BARE, DBT1, DBT2, OURS, Figures, spread
from programs import Program, machine, today
from recorded import script

ROOT = pathlib.Path(__file__).resolve().parent.parent
# A program whose call took longer than so many seconds has so many rounds at most.
PATIENCE = [(100, 1), (20, 3)]


def main():
    asked = arguments()
    figures = Figures()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        bench = Bench(pathlib.Path(folder), asked, programs(asked), figures)
        for name in asked.rows.split(",") if asked.rows else ROWS:
            ROWS[name](bench, name)
            if asked.write:
                figures.keep()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlmill", default=str(ROOT / "target/release/sqlmill"))
    parser.add_argument("--replay", default=str(ROOT / "target/release/examples/replay"))
    parser.add_argument("--library", default=str(ROOT / "vendor/duckdb/libduckdb.so"), help="DuckDB's, for the replay")
    parser.add_argument("--fusion")
    parser.add_argument("--dbt")
    parser.add_argument("--adbc")
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--build-models", type=int, default=1_000)
    parser.add_argument("--sizes", default="1000,2000,5000,10000,20000,50000", help="of the projects of the row `growth`")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", help="some of: " + ", ".join(ROWS))
    parser.add_argument("--folder", help="where the projects are made; the system's folder for temporary files if not given")
    parser.add_argument("--write", action="store_true", help="writes the figures and the tables of the documentation")
    return parser.parse_args()


def programs(asked):
    drivers = {"ADBC_DRIVER_PATH": asked.adbc} if asked.adbc else {}
    named = [(OURS, asked.sqlmill, {}), (DBT2, asked.fusion, drivers), (DBT1, asked.dbt, {})]
    found = []
    for name, path, environment in named:
        if path and pathlib.Path(path).exists():
            found.append(Program(name, path, environment))
        else:
            say(f"{name} is left out: " + (f"there is no {path}" if path else "its path was not given"))
    if not found or found[0].name != OURS:
        sys.exit("sqlmill itself has to be there: cargo build --release")
    return found


class Bench:
    """The projects, one copy for each program, and where the figures go."""

    def __init__(self, folder, asked, programs, figures):
        self.folder = folder
        self.asked = asked
        self.programs = programs
        self.figures = figures

    def project(self, models, name):
        folder = self.folder / f"{name.replace(' ', '_')}_{models}"
        if not folder.exists():
            generator = str(ROOT / "bench/gen_project.py")
            subprocess.run([sys.executable, generator, str(folder), "--models", str(models)], check=True, stdout=subprocess.DEVNULL)
        return folder

    def row(self, name, title, command, models, before=None, warm=False, beside=()):
        """Times a command. `before` changes the project ahead of each call, with `warm` one call is made ahead of all;
        `beside` are further programs as pairs of a name and a function that calls them once."""
        callers = [(program.name, self.caller(program, command, models, before)) for program in self.programs]
        if warm:
            for program in self.programs:
                program.call(command, self.project(models, program.name))
        callers += beside
        took = {caller: [] for caller, _ in callers}
        rounds = {caller: self.asked.runs for caller, _ in callers}
        for turn in range(self.asked.runs):
            for caller, call in callers:
                if turn >= rounds[caller]:
                    continue
                cost = call()
                if cost is None:
                    rounds[caller] = 0
                    continue
                took[caller].append(cost)
                rounds[caller] = min([rounds[caller]] + [most for seconds, most in PATIENCE if cost["wall"] > seconds])
        self.note(name, {"title": title, "programs": took})

    def caller(self, program, command, models, before):
        folder = self.project(models, program.name)

        def call():
            if before:
                before(folder)
            return program.call(command, folder)

        return call

    def note(self, name, row):
        row |= {"date": today(), "machine": machine(), "versions": {program.name: program.version() for program in self.programs}}
        self.figures.note(name, row)
        for program, calls in row.get("programs", {}).items():
            cells = [f"{what} {spread([call[what] for call in calls])}" for what in ("cpu", "wall", "mb")]
            say(f"{row['title']}: {program}: " + (", ".join(cells) if calls else "did not run"))


def say(text):
    print(text, flush=True)


def cold(folder):
    """Put aside rather than removed: some file systems are slow to create files where many were just removed."""
    if (folder / "target").exists():
        aside = folder.parent / "aside"
        aside.mkdir(exist_ok=True)
        (folder / "target").rename(aside / str(time.time_ns()))
    shutil.rmtree(folder / "logs", ignore_errors=True)


def without_database(folder):
    cold(folder)
    for path in folder.glob("*.duckdb*"):
        path.unlink()


def touch_model(folder):
    """One model's text changes, its meaning does not."""
    change(sorted((folder / "models/staging").rglob("*.sql"))[0], "--", "")


def touch_macro(folder):
    change(sorted((folder / "macros").rglob("*.sql"))[0], "{#", " #}")


def change(path, opening, closing):
    kept = path.read_text().split(f"\n{opening} changed")[0].rstrip("\n")
    path.write_text(f"{kept}\n{opening} changed {time.time_ns()}{closing}\n")


def parse_cold(bench, name):
    bench.row(name, titled(bench, "`parse`, nothing kept"), ["parse"], bench.asked.models, before=cold)


def parse_warm(bench, name):
    bench.row(name, titled(bench, "`parse`, nothing changed"), ["parse"], bench.asked.models, warm=True)


def ls_warm(bench, name):
    bench.row(name, titled(bench, "`ls`, nothing changed"), ["ls"], bench.asked.models, warm=True)


def ls_after_model(bench, name):
    bench.row(name, titled(bench, "`ls`, one model changed"), ["ls"], bench.asked.models, before=touch_model, warm=True)


def ls_after_macro(bench, name):
    bench.row(name, titled(bench, "`ls`, one macro changed"), ["ls"], bench.asked.models, before=touch_macro, warm=True)


def compile_one(bench, name):
    command = ["compile", "-s", one_mart(bench.project(bench.asked.models, OURS))]
    bench.row(name, titled(bench, "`compile` of one mart, warm"), command, bench.asked.models, warm=True)


def compile_all(bench, name):
    bench.row(name, titled(bench, "`compile` of all"), ["compile"], bench.asked.models, before=cold)


def titled(bench, work):
    return f"{bench.asked.models:,} models: {work}"


def one_mart(folder):
    return sorted((folder / "models/marts").rglob("*.sql"))[0].stem


def build(bench, name):
    models = bench.asked.build_models
    first_build(bench, name, f"{models:,} models with seeds and tests: first `build`", models)


def build_small(bench, name):
    first_build(bench, name, "5 models with seeds and tests: first `build`", 5)


def first_build(bench, name, title, models):
    bench.row(name, title, ["build"], models, before=without_database, beside=bare(bench, models))


def bare(bench, models):
    """The replay of a recorded build: the same statements over as many connections in the same order."""
    if not pathlib.Path(bench.asked.replay).exists():
        say(f"{BARE} is left out: there is no {bench.asked.replay}")
        return []
    project = bench.project(models, OURS)
    record(bench, project)
    kept = bench.folder / f"script_{models}.json"
    kept.write_text(json.dumps(script(project, connections(project))))
    folder = bench.folder / f"bare_{models}"
    folder.mkdir(exist_ok=True)
    program = Program(BARE, bench.asked.replay)
    command = [bench.asked.library, str(kept), "bench.duckdb"]

    def call():
        without_database(folder)
        return program.call(command, folder)

    return [(BARE, call)]


def record(bench, project):
    without_database(project)
    told = ["--log-level-file", "debug", "--log-format-file", "json", "--log-file-max-bytes", "0"]
    if bench.programs[0].call(["build", *told], project) is None:
        sys.exit("the build that was to be recorded failed")


def connections(project):
    profile = (project / "profiles.yml").read_text()
    return int(profile.split("threads:")[1].split()[0])


def start(bench, name):
    bench.row(name, "start (`--version`)", ["--version"], 5)


def growth(bench, name):
    """sqlmill alone: reading, choosing, and planning with rendering, on larger and larger projects."""
    ours = bench.programs[0]
    points = []
    for models in [int(size) for size in bench.asked.sizes.split(",")]:
        project = bench.project(models, OURS)
        mart = one_mart(project)
        for command in (["parse"], ["ls"], ["ls", "-s", f"+{mart}"], ["compile"]):
            calls = []
            for _ in range(min(bench.asked.runs, 3)):
                cold(project)
                calls.append(ours.call(command, project))
            shown = " ".join(command).replace(mart, "a_mart")
            points.append({"models": models, "command": shown, "calls": [call for call in calls if call]})
            say(f"{models} models: {shown}: cpu {spread([call['cpu'] for call in calls if call])}")
        if models != bench.asked.models:
            shutil.rmtree(project)
    bench.note(name, {"title": "growth", "points": points})


def size(bench, name):
    """Of the program, and with what lies beside it in an installation."""
    folder = pathlib.Path(bench.asked.sqlmill).resolve().parent
    program = pathlib.Path(bench.asked.sqlmill).stat().st_size
    library = sum(path.stat().st_size for path in folder.glob("libduckdb.*") if path.suffix != ".d")
    row = {"title": "on the disk", "program_mb": program / 1e6, "install_mb": (program + library) / 1e6}
    bench.note(name, row)
    say(f"the program: {row['program_mb']:.1f} MB, with DuckDB's library {row['install_mb']:.1f} MB")


ROWS = {
    "size": size,
    "start": start,
    "build_small": build_small,
    "parse_cold": parse_cold,
    "parse_warm": parse_warm,
    "ls_warm": ls_warm,
    "ls_after_model": ls_after_model,
    "ls_after_macro": ls_after_macro,
    "compile_one": compile_one,
    "compile_all": compile_all,
    "build": build,
    "growth": growth,
}

if __name__ == "__main__":
    main()
