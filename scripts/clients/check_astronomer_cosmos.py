"""Loads the project as Cosmos does for its DAGs: once by `dbt ls`, once from the manifest."""
import json
import os
import shutil
from pathlib import Path

from cosmos.config import ExecutionConfig
from cosmos.config import ProfileConfig
from cosmos.config import ProjectConfig
from cosmos.config import RenderConfig
from cosmos.constants import LoadMode
from cosmos.dbt.graph import DbtGraph

# Cosmos works on a folder of links to the project's files and names it itself.
PROJECT = Path(os.environ.pop("DBT_PROJECT_DIR"))
profile = ProfileConfig(profile_name="flights", target_name="dev", profiles_yml_filepath=PROJECT / "profiles.yml")


def nodes(mode: LoadMode) -> list[str]:
    graph = DbtGraph(
        project=ProjectConfig(
            dbt_project_path=PROJECT, manifest_path=PROJECT / "target/manifest.json", project_name="flights"
        ),
        profile_config=profile,
        render_config=RenderConfig(load_method=mode, dbt_executable_path=shutil.which("dbt"), dbt_deps=False),
        execution_config=ExecutionConfig(dbt_project_path=PROJECT),
    )
    graph.load(method=mode)
    return sorted(graph.nodes)


print(json.dumps({"ls": nodes(LoadMode.DBT_LS), "manifest": nodes(LoadMode.DBT_MANIFEST)}))
