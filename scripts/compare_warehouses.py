"""Where compare_dbt.py lets both engines build, and how it looks at what they built.

On DuckDB a project brings its own profile, and files in the project's folder hold the rows. On
PostgreSQL each engine gets a database of its own on the server that the variables of libpq name
(PGHOST, PGPORT, PGUSER, PGPASSWORD), and a profile that leads there, whatever the project's own says.
"""

import dataclasses
import json
import os
import subprocess
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent


class DuckDb:
    """Projects as they are."""

    package = "dbt_duckdb"

    def prepare(self, engine: str, project: Path) -> dict[str, str]:
        """Makes room for the builds of one engine; returns what its calls find in the environment."""
        return {"DBT_PROFILES_DIR": str(project)}

    def reader(self, engine: str, project: Path) -> list:
        """The command that prints what the engine built, for the Python beside dbt."""
        return [SCRIPTS / "read_database.py", project]

    def steady(self, engine: str, text: str) -> str:
        """A text of an artifact without what only this engine has."""
        return text


@dataclasses.dataclass
class Postgres:
    """One database for each engine, made anew for each project."""

    package = "dbt_postgres"
    python: Path

    def prepare(self, engine: str, project: Path) -> dict[str, str]:
        make = [self.python, SCRIPTS / "read_postgres.py", "--make", database(engine)]
        subprocess.run(make, check=True)
        folder = project.with_name(f"{project.name}_profiles")
        folder.mkdir(parents=True, exist_ok=True)
        output = {
            "type": "postgres",
            "host": os.environ.get("PGHOST", "localhost"),
            "port": int(os.environ.get("PGPORT", "5432")),
            "user": os.environ.get("PGUSER", "postgres"),
            "password": os.environ.get("PGPASSWORD", ""),
            "dbname": database(engine),
            "schema": "main",
            "threads": 4,
        }
        profile = {profile_name(project): {"target": "postgres", "outputs": {"postgres": output}}}
        # JSON is YAML.
        (folder / "profiles.yml").write_text(json.dumps(profile))
        return {"DBT_PROFILES_DIR": str(folder)}

    def reader(self, engine: str, project: Path) -> list:
        return [SCRIPTS / "read_postgres.py", database(engine)]

    def steady(self, engine: str, text: str) -> str:
        return text.replace(database(engine), "<database>")


def database(engine: str) -> str:
    return f"compared_with_{engine}"


def profile_name(project: Path) -> str:
    lines = (project / "dbt_project.yml").read_text(encoding="utf-8").splitlines()
    named = [line.removeprefix("profile:") for line in lines if line.startswith("profile:")]
    return named[0].strip().strip("'\"") if named else "default"
