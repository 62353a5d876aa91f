"""Builds the project with Prefect's shell operation."""
import json
import os

from prefect_dbt.cli.commands import DbtCoreOperation

PROJECT = os.environ["DBT_PROJECT_DIR"]
operation = DbtCoreOperation(commands=["dbt build"], project_dir=PROJECT, profiles_dir=PROJECT)
operation.run()
print(json.dumps({"ok": True}))
