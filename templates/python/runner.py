"""Runs one Python model for sqlmill, in the user's own Python.

The engine holds the database, so this process never opens it. It asks for what it needs in lines of
JSON, one answer to each; rows travel in Parquet files. The engine's lines come on standard input, ours
go to standard output; what the model prints goes to standard error.
"""
import json
import linecache
import os
import re
import sys
import traceback


class Engine:
    """The other side of the pipe."""

    def __init__(self):
        self.answers = sys.stdin
        self.questions = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        sys.stdin = open(os.devnull, encoding="utf-8")

    def receive(self):
        return json.loads(self.answers.readline() or "{}")

    def send(self, **message):
        self.questions.write(json.dumps(message) + "\n")
        self.questions.flush()

    def ask(self, what, **details):
        self.send(ask=what, **details)
        answer = self.receive()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


def optional(name):
    """A module, or None where it is not installed."""
    try:
        return __import__(name)
    except ImportError:
        return None


# Packages ----------------------------------------------------------------------------------------

def missing_packages(requirements):
    """Which of some pip requirements are not met, as (requirement, reason, whether it is not there at all)."""
    return [(one, *found) for one in requirements for found in [unmet(one)] if found]


def unmet(requirement):
    from importlib import metadata, util

    found = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    if not found or "://" in requirement:
        return None
    name = found.group(1)
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        is_module = util.find_spec(name.replace("-", "_").split(".")[0]) is not None
        return None if is_module else ("is not installed", True)
    wanted = re.search(r"==\s*([^,;\s]+)", requirement)
    if wanted and not re.fullmatch(re.escape(wanted.group(1)).replace(r"\*", ".*") + r"(\.0)*", version):
        return f"is there in version {version}", False
    return None


# Rows in and out ---------------------------------------------------------------------------------

class DuckDb:
    """Hands rows over through the `duckdb` package; its connection is the model's `session`."""

    def __init__(self, engine, duckdb, job):
        self.engine, self.duckdb = engine, duckdb
        self.con = duckdb.connect(":memory:")
        self.views = {}
        self.databases = {"memory", "temp", "system"}
        # A query may name data frames of the model's own variables, though it is sent from here.
        self.con.execute("set python_scan_all_frames = true")
        self.schema_of([job["database"], job["schema"]])
        self.con.execute(f'use {quoted(job["database"])}.{quoted(job["schema"])}')
        self.session = Session(self, self.con)

    def load(self, expression):
        """A relation of the warehouse, given as it stands in SQL."""
        answer = self.engine.ask("relation", name=expression)
        return self.con.sql(self.select(answer))

    def provide(self, sql):
        """Makes views of the warehouse's relations that a query names."""
        try:
            names = self.con.get_table_names(sql, qualified=True)
        except Exception:
            # Not a query, or one that DuckDB will complain of itself.
            return
        for name in names:
            if name not in self.views:
                self.views[name] = answer = self.engine.ask("lookup", name=name)
                if "path" in answer:
                    parts = split_name(name)
                    self.schema_of(parts[:-1])
                    self.con.execute(f"create or replace view {name} as {self.select(answer)}")

    def schema_of(self, parts):
        if len(parts) == 2 and parts[0] not in self.databases:
            self.databases.add(parts[0])
            self.con.execute(f"attach ':memory:' as {quoted(parts[0])}")
        if parts:
            self.con.execute("create schema if not exists " + ".".join(quoted(part) for part in parts))

    def select(self, answer):
        columns = [restored(name, kind, carrier) for name, kind, carrier in answer["columns"]]
        return f"select {', '.join(columns)} from read_parquet('{literal(answer['path'])}')"

    def write(self, df, path):
        """Writes a result; its columns as (name, type, the type that carries it)."""
        relation = self.relation_of(df)
        names, kinds = relation.columns, [str(kind) for kind in relation.types]
        carriers = self.engine.ask("carriers", types=kinds)["carriers"]
        columns = list(zip(names, kinds, carriers))
        projection = [
            f"cast({quoted(name)} as {carrier}) as {quoted(name)}" if carrier else quoted(name)
            for name, _, carrier in columns
        ]
        relation.project(", ".join(projection)).write_parquet(path)
        return columns

    def relation_of(self, df):
        if isinstance(df, self.duckdb.DuckDBPyRelation):
            return df
        if isinstance(df, (Session, self.duckdb.DuckDBPyConnection)):
            return self.relation_of(df.fetch_arrow_table() if optional("pyarrow") else df.df())
        module = type(df).__module__.split(".")[0]
        if module == "polars" and hasattr(df, "collect"):
            df = df.collect()
        if module not in ("pandas", "polars", "pyarrow", "numpy", "geopandas", "modin"):
            raise wrong_result(df)
        if module == "pyarrow":
            import pyarrow.dataset  # DuckDB looks for it when it scans a table
        if module == "polars" and not optional("pyarrow"):
            df = df.to_pandas()
        self.con.register("__model_result", df)
        return self.con.table("__model_result")


class Session:
    """The connection that a model gets: a query finds the warehouse's relations when it names them."""

    def __init__(self, rows, con):
        self.__dict__.update(rows=rows, con=con)

    def __getattr__(self, name):
        found = getattr(self.con, name)
        if name == "cursor":
            return lambda: Session(self.rows, found())
        if name not in ("sql", "query", "execute", "from_query", "table", "view", "executemany"):
            return found

        def send(query, *args, **kwargs):
            if isinstance(query, str):
                self.rows.provide(query if name not in ("table", "view") else f"from {query}")
            result = found(query, *args, **kwargs)
            return self if result is self.con else result

        return send

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class Files:
    """Hands rows over through pandas, polars or pyarrow, where there is no `duckdb` package."""

    def __init__(self, engine, job):
        self.engine = engine
        self.session = NoSession()

    def load(self, expression):
        path = self.engine.ask("relation", name=expression)["path"]
        pandas, polars = optional("pandas"), optional("polars")
        if optional("pyarrow"):
            import pyarrow.parquet

            table = pyarrow.parquet.read_table(path)
            return table.to_pandas() if pandas else table
        if polars:
            return polars.read_parquet(path)
        raise RuntimeError(f"install `duckdb`, `pyarrow` or `polars` for {sys.executable}: one of them has to read the rows")

    def write(self, df, path):
        module = type(df).__module__.split(".")[0]
        if module == "polars":
            (df.collect() if hasattr(df, "collect") else df).write_parquet(path)
        elif module == "pyarrow":
            import pyarrow.parquet

            pyarrow.parquet.write_table(df, path)
        elif module == "pandas":
            df.to_parquet(path, index=False)
        else:
            raise wrong_result(df)
        return None


class NoSession:
    def __getattr__(self, name):
        raise AttributeError(f"`session.{name}`: there is no session, because {sys.executable} has no package `duckdb`")


class Warehouse:
    """What `materialize(df, con)` needs of a connection."""

    def __init__(self, engine, rows, folder):
        self.engine, self.rows, self.folder = engine, rows, folder

    def register(self, name, df):
        path = os.path.join(self.folder, "result.parquet")
        columns = self.rows.write(df, path)
        self.engine.ask("register", name=name, path=path, columns=columns)

    def execute(self, sql):
        self.engine.ask("execute", sql=sql)

    def unregister(self, name):
        self.engine.ask("unregister", name=name)


def wrong_result(df):
    return TypeError(
        f"model() returned a value of type {type(df).__name__}; return a DuckDB relation, a pandas or "
        "polars DataFrame, or a pyarrow Table"
    )


def restored(name, kind, carrier):
    return f"cast({quoted(name)} as {kind}) as {quoted(name)}" if carrier else quoted(name)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return text.replace("'", "''")


def split_name(name):
    parts = re.findall(r'"((?:[^"]|"")*)"|([^".]+)', name)
    return [quoted.replace('""', '"') if quoted else plain for quoted, plain in parts]


# The model ---------------------------------------------------------------------------------------

def run(engine, job):
    path = job["file"]
    code = "\n" * (job["first_line"] - 1) + job["code"]
    linecache.cache[path] = (len(code), None, code.splitlines(True), path)
    names = {"__name__": "model", "__file__": path}
    exec(compile(code, path, "exec"), names)
    duckdb = optional("duckdb")
    rows = DuckDb(engine, duckdb, job) if duckdb else Files(engine, job)
    df = names["model"](names["dbtObj"](rows.load), rows.session)
    names["materialize"](df, Warehouse(engine, rows, job["folder"]))


def failure(path):
    """The traceback from the model on, and the lines of the model in it."""
    kind, error, trace = sys.exc_info()
    frames = traceback.extract_tb(trace)
    first = next((at for at, frame in enumerate(frames) if frame.filename == path), None)
    if isinstance(error, SyntaxError) and first is None:
        lines = [error.lineno] if error.filename == path else []
        return "".join(traceback.format_exception_only(kind, error)), lines
    shown = traceback.TracebackException(kind, error, trace)
    if first is not None:
        own = [frame for frame in frames[first:] if not is_runner(frame)]
        shown.stack = traceback.StackSummary.from_list(own)
    return "".join(shown.format()), [frame.lineno for frame in frames if frame.filename == path]


def is_runner(frame):
    return frame.filename == "<string>"


def main():
    engine = Engine()
    job = engine.receive()
    # The folder of the call is no place for modules, unless the profile says so.
    sys.path[:] = job.get("module_paths", []) + [folder for folder in sys.path if folder]
    if "packages" in job:
        missing = missing_packages(job["packages"])
        engine.send(python=sys.executable, version=sys.version.split()[0], missing=missing)
        return
    try:
        run(engine, job)
        engine.send(ask="done")
    except KeyboardInterrupt:
        engine.send(ask="failed", text="interrupted", lines=[])
    except BaseException:
        text, lines = failure(job["file"])
        engine.send(ask="failed", text=text, lines=lines)


main()
