"""Materializes the project as Dagster assets; what happened is read off the event stream."""
import json
import os
from pathlib import Path

from dagster import AssetExecutionContext
from dagster import materialize
from dagster_dbt import DbtCliResource
from dagster_dbt import dbt_assets

PROJECT = os.environ["DBT_PROJECT_DIR"]
resource = DbtCliResource(project_dir=PROJECT, profiles_dir=PROJECT)
parsed = resource.cli(["parse", "--quiet"], target_path=Path("target")).wait()


@dbt_assets(manifest=Path(PROJECT) / "target/manifest.json")
def assets(context: AssetExecutionContext, dbt: DbtCliResource):
    yield from dbt.cli(["build"], context=context).stream()


result = materialize([assets], resources={"dbt": resource}, raise_on_error=False)
told = {
    "success": result.success and parsed.is_successful(),
    "assets": len(result.get_asset_materialization_events()),
    "checks": len(result.get_asset_check_evaluations()),
}
print(json.dumps(told))
