#!/usr/bin/env python3
"""Runs many small models against a PostgreSQL server that is some milliseconds away.

Starts a private server and a proxy that holds every answer back, then runs the same project with
sqlmill and, where one is given, with Python dbt, in turn. Prints seconds of each run and the ratio of
the medians. Needs the server's programs (initdb, pg_ctl); sqlmill is built with `cargo build --release`.

usage: bench/latency.py [--models 500] [--delay 20] [--threads 4] [--runs 3] [--sqlmill PATH] [--dbt PATH]
       --delay is milliseconds that each round trip takes longer
"""

import argparse
import asyncio
import glob
import os
import pathlib
import pwd
import shutil
import socket
import statistics
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    asked = arguments()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        server = Server(folder / "server")
        try:
            proxy = Proxy(server.port, asked.delay / 1000)
            write_project(folder / "project", asked.models)
            measure(asked, folder / "project", proxy)
        finally:
            server.stop()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--delay", type=float, default=20, help="milliseconds")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sqlmill", default=str(ROOT / "target/release/sqlmill"))
    parser.add_argument("--dbt", help="Python dbt with dbt-postgres, to compare with")
    return parser.parse_args()


def measure(asked, project, proxy):
    programs = {"sqlmill": asked.sqlmill}
    if asked.dbt:
        programs["dbt"] = asked.dbt
    took = {name: [] for name in programs}
    for turn in range(asked.runs + 1):
        for name, program in programs.items():
            write_profile(project, proxy.port, asked.threads, schema=name)
            answers = proxy.answers
            seconds = run(program, project)
            first = "  (first build)" if turn == 0 else ""
            print(f"{name:8} {seconds:7.2f} s wall, {proxy.answers - answers} answers held back{first}", flush=True)
            if turn > 0:
                took[name].append(seconds)
    medians = {name: statistics.median(seconds) for name, seconds in took.items()}
    for name, median in medians.items():
        print(f"{name}: median of {asked.runs} rebuilds {median:.2f} s")
    if asked.dbt:
        print(f"sqlmill takes {medians['sqlmill'] / medians['dbt']:.2f} of dbt's time")


def run(program, project):
    environment = dict(os.environ, DBT_SEND_ANONYMOUS_USAGE_STATS="false", DBT_PROFILES_DIR=str(project))
    started = time.monotonic()
    subprocess.run([program, "--quiet", "run"], cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def write_project(folder, models):
    """Half views, half tables; each reads one that is ten before it."""
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: far\nversion: '1.0'\nprofile: far\nflags: {send_anonymous_usage_stats: false}\n")
    for number in range(models):
        kind = "table" if number % 2 else "view"
        origin = f"{{{{ ref('m{number - 10}') }}}}" if number >= 10 else "(select 1 as id) as one"
        text = f"{{{{ config(materialized='{kind}') }}}}\nselect id + 1 as id from {origin}\n"
        (folder / "models" / f"m{number}.sql").write_text(text)


def write_profile(folder, port, threads, schema):
    output = f"type: postgres, host: 127.0.0.1, port: {port}, user: bench, password: bench, dbname: postgres, schema: {schema}, threads: {threads}"
    (folder / "profiles.yml").write_text(f"far:\n  target: dev\n  outputs:\n    dev: {{{output}}}\n")


class Server:
    """A cluster of its own on a free port of this machine."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        folder.mkdir()
        self.own()
        password = folder.parent / "password"
        password.write_text("bench")
        password.chmod(0o644)
        data = folder / "data"
        self.call("initdb", "-D", data, "-U", "bench", f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8")
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=200"
        self.call("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", settings, "start")

    def stop(self):
        self.call("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def own(self):
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")

    def call(self, program, *words):
        user = {}
        if os.getuid() == 0:  # the server refuses to run as root
            entry = pwd.getpwnam("postgres")
            user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        command = [find(program), *map(str, words)]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, **user)


def find(program):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"))
    path = found[-1] if found else shutil.which(program)
    if not path:
        raise SystemExit(f"no {program}: install PostgreSQL's server programs (Debian: apt-get install postgresql)")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    """Passes bytes on at once towards the server, and `delay` seconds later on the way back."""

    def __init__(self, server_port, delay):
        self.server_port = server_port
        self.delay = delay
        self.answers = 0
        self.port = free_port()
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True).start()
        ready.wait()

    async def serve(self, ready):
        server = await asyncio.start_server(self.accept, "127.0.0.1", self.port)
        ready.set()
        async with server:
            await server.serve_forever()

    async def accept(self, client_in, client_out):
        server_in, server_out = await asyncio.open_connection("127.0.0.1", self.server_port)
        await asyncio.gather(self.pass_on(client_in, server_out, 0), self.pass_on(server_in, client_out, self.delay))

    async def pass_on(self, reader, writer, delay):
        """Pieces keep their order and their distance: each leaves `delay` after it came."""
        waiting = asyncio.Queue()
        sender = asyncio.create_task(self.send(waiting, writer))
        try:
            while piece := await reader.read(65536):
                self.answers += delay > 0
                await waiting.put((asyncio.get_running_loop().time() + delay, piece))
        except ConnectionError:
            pass  # the other side has hung up, which ends this one as well
        await waiting.put(None)
        await sender

    async def send(self, waiting, writer):
        try:
            while entry := await waiting.get():
                due, piece = entry
                await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()


if __name__ == "__main__":
    main()
