//! The built program on small projects: exit code, stdout, stderr, files. Each command has a happy
//! case, a mistake and a machine-readable case. Snapshots lie in `tests/snapshots`.
#![cfg(feature = "duckdb")]

mod support;

use insta::assert_snapshot;
use serde_json::Value;
use std::path::Path;
use support::call::Ended;
use support::project::TestProject;
use support::warehouse;

/// One of each kind, with what reads it.
const SHOP: &str = "\
--- seeds/raw_orders.csv
id,customer,amount
1,Ann,10
2,Bob,20
3,Ann,5
--- models/orders.sql
select id, customer, amount from {{ ref('raw_orders') }}
--- models/customers.sql
{{ config(materialized='table') }}
select customer, sum(amount) as spent from {{ ref('orders') }} group by customer
--- models/schema.yml
models:
  - name: customers
    description: One row per customer.
    columns:
      - name: customer
        data_tests: [unique]
--- snapshots/order_history.yml
snapshots:
  - name: order_history
    relation: ref('orders')
    config: {unique_key: id, strategy: check, check_cols: all}
--- macros/greet.sql
{% macro greet(name='world') %}{{ log('hello ' ~ name, info=true) }}{% endmacro %}
";

/// A model that the warehouse refuses.
const BROKEN_MODEL: &str = "\
--- models/customers.sql
{{ config(materialized='table') }}
select customer,
       sum(amuont) as spent
from {{ ref('orders') }} group by customer
";

fn shop() -> TestProject {
    TestProject::new(SHOP)
}

fn broken_shop() -> TestProject {
    let project = shop();
    project.add(BROKEN_MODEL);
    project
}

/// The shop with its warehouse filled.
fn built_shop() -> TestProject {
    let project = shop();
    project.succeed("build --quiet");
    project
}

/// Name, level and message of each JSON line, debug lines left out.
fn events(ended: &Ended) -> String {
    let mut text = format!("exit {}\n", ended.code);
    for line in ended.json_lines() {
        let info = &line["info"];
        let word = |key: &str| info[key].as_str().unwrap_or_default();
        if word("level") != "debug" {
            text.push_str(&format!(
                "{} [{}] {}\n",
                word("name"),
                word("level"),
                word("msg")
            ));
        }
    }
    text
}

/// What `run_results.json` says of each node.
fn results(project: &TestProject) -> String {
    let results = project.json("target/run_results.json");
    let lines = results["results"].as_array().expect("a list of results");
    lines.iter().map(result_line).collect()
}

fn result_line(result: &Value) -> String {
    let word = |key: &str| result[key].as_str().unwrap_or("null");
    format!(
        "{} {}: {}\n",
        word("unique_id"),
        word("status"),
        word("message")
    )
}

mod run {
    use super::*;

    #[test]
    fn builds_models_only() {
        let project = shop();
        project.succeed("seed --quiet");
        assert_snapshot!(project.call("run").all());
        assert_eq!(
            warehouse::rows(
                &project,
                "shop.duckdb",
                "select * from customers order by 1"
            ),
            ["Ann | 15", "Bob | 20"]
        );
    }

    #[test]
    fn shows_where_the_warehouse_refused() {
        let project = broken_shop();
        project.succeed("seed --quiet");
        assert_snapshot!(project.call("run").all());
    }

    #[test]
    fn writes_events_as_json_lines() {
        let project = shop();
        project.succeed("seed --quiet");
        assert_snapshot!(events(&project.call("run --log-format json")));
    }

    #[test]
    fn says_when_nothing_is_selected() {
        assert_snapshot!(shop().call("run --select nothing").all());
    }
}

mod test {
    use super::*;

    #[test]
    fn passes() {
        assert_snapshot!(built_shop().call("test").all());
    }

    #[test]
    fn tells_what_failed() {
        let project = built_shop();
        project.add("--- tests/nobody_spends.sql\nselect * from {{ ref('customers') }}\n");
        assert_snapshot!(project.call("test").all());
    }

    #[test]
    fn writes_run_results() {
        let project = built_shop();
        project.add("--- tests/nobody_spends.sql\nselect * from {{ ref('customers') }}\n");
        project.call("test");
        assert_snapshot!(results(&project));
    }
}

mod build {
    use super::*;

    #[test]
    fn does_everything_in_order() {
        assert_snapshot!(shop().call("build").all());
    }

    #[test]
    fn skips_what_depends_on_a_failure() {
        let project = broken_shop();
        project.add("--- models/vips.sql\nselect * from {{ ref('customers') }} where spent > 10\n");
        assert_snapshot!(project.call("build").all());
    }

    #[test]
    fn writes_artifacts() {
        let project = shop();
        project.succeed("build");
        assert_snapshot!(results(&project) + &project.files("target").join("\n"));
    }

    #[test]
    fn is_quiet_when_asked() {
        let ended = shop().succeed("build --quiet");
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""));
    }

    #[test]
    fn stops_at_the_first_failure_when_asked() {
        let project = shop();
        project.add("--- models/a_fails.sql\nselect nothing\n--- models/b.sql\nselect * from {{ ref('orders') }}\n");
        assert_snapshot!(project.call("build --fail-fast").all());
    }
}

mod seed {
    use super::*;

    #[test]
    fn loads_files() {
        assert_snapshot!(shop().call("seed").all());
    }

    #[test]
    fn shows_rows_when_asked() {
        assert_snapshot!(shop().call("seed --show").all());
    }

    #[test]
    fn names_the_ragged_row() {
        let project = shop();
        project.add("--- seeds/raw_orders.csv\nid,customer,amount\n1,Ann,10\n2,Bob,20,30\n");
        assert_snapshot!(project.call("seed").all());
    }

    #[test]
    fn writes_run_results() {
        let project = shop();
        project.succeed("seed");
        assert_snapshot!(results(&project));
    }
}

mod snapshot {
    use super::*;

    #[test]
    fn records_changes() {
        let project = built_shop();
        project.add("--- seeds/raw_orders.csv\nid,customer,amount\n1,Ann,11\n2,Bob,20\n3,Ann,5\n");
        project.succeed("seed --quiet");
        assert_snapshot!(project.call("snapshot").all());
        let history = "select id, amount, dbt_valid_to is null from order_history order by all";
        assert_eq!(
            warehouse::rows(&project, "shop.duckdb", history),
            [
                "1 | 10 | false",
                "1 | 11 | true",
                "2 | 20 | true",
                "3 | 5 | true"
            ]
        );
    }

    #[test]
    fn wants_a_key() {
        let project = built_shop();
        project.add(
            "--- snapshots/order_history.yml
snapshots:
  - name: order_history
    relation: ref('orders')
    config: {strategy: check, check_cols: all}
",
        );
        assert_snapshot!(project.call("snapshot").all());
    }

    #[test]
    fn writes_events_as_json_lines() {
        assert_snapshot!(events(&built_shop().call("snapshot --log-format json")));
    }
}

mod compile {
    use super::*;

    #[test]
    fn writes_final_sql() {
        let project = shop();
        assert_snapshot!(project.call("compile").all());
        assert_snapshot!(project.read("target/compiled/shop/models/customers.sql"));
    }

    #[test]
    fn prints_a_selected_node() {
        assert_snapshot!(shop().call("compile --select customers").all());
    }

    #[test]
    fn prints_an_inline_query() {
        assert_snapshot!(
            shop()
                .call("compile --inline 'select * from {{ ref(\"orders\") }}'")
                .all()
        );
    }

    #[test]
    fn points_at_a_mistake_in_a_query() {
        assert_snapshot!(
            shop()
                .call("compile --inline 'select * from {{ ref(\"ordres\") }}'")
                .all()
        );
    }

    #[test]
    fn prints_json_when_asked() {
        assert_snapshot!(
            shop()
                .call("compile --select customers --output json --quiet")
                .all()
        );
    }
}

mod parse {
    use super::*;

    #[test]
    fn writes_the_manifest() {
        let project = shop();
        assert_snapshot!(project.call("parse").all());
        assert_snapshot!(project.files("target").join("\n"));
    }

    #[test]
    fn opens_no_connection() {
        let project = shop();
        project.succeed("parse");
        assert!(!project.has("shop.duckdb"));
    }

    #[test]
    fn points_at_an_unknown_name() {
        let project = shop();
        project.add("--- models/customers.sql\nselect *\nfrom {{ ref('ordres') }}\n");
        assert_snapshot!(project.call("parse").all());
    }

    #[test]
    fn writes_mistakes_as_json_lines() {
        let project = shop();
        project.add("--- models/customers.sql\nselect *\nfrom {{ ref('ordres') }}\n");
        assert_snapshot!(events(&project.call("parse --log-format json")));
    }

    #[test]
    fn writes_the_same_manifest_twice() {
        let project = shop().with("DBT_TEST_NOW", "2024-01-02T03:04:05Z");
        let manifest = |project: &TestProject| {
            project.succeed("parse --quiet");
            steady_manifest(project)
        };
        assert_eq!(manifest(&project), manifest(&project));
    }
}

mod list {
    use super::*;

    #[test]
    fn names_what_is_selected() {
        assert_snapshot!(shop().call("ls").all());
        assert_snapshot!(
            shop()
                .call("ls --select +customers --exclude raw_orders")
                .all()
        );
        assert_snapshot!(
            shop()
                .call("list --resource-type model --output path")
                .all()
        );
    }

    #[test]
    fn warns_when_nothing_matches() {
        assert_snapshot!(shop().call("ls --select tag:nothing").all());
    }

    #[test]
    fn refuses_an_unknown_method() {
        assert_snapshot!(shop().call("ls --select tagg:nothing").all());
    }

    #[test]
    fn prints_json_when_asked() {
        let line = "ls --select customers --resource-type model --quiet --output json --output-keys name unique_id tags depends_on";
        assert_snapshot!(shop().call(line).all());
    }
}

mod show {
    use super::*;

    #[test]
    fn draws_rows() {
        assert_snapshot!(built_shop().call("show --select customers").all());
    }

    #[test]
    fn draws_rows_of_a_query() {
        let query =
            "show --inline 'select * from {{ ref(\"orders\") }} order by id' --limit 2 --quiet";
        assert_snapshot!(built_shop().call(query).all());
    }

    #[test]
    fn tells_what_the_warehouse_refused() {
        assert_snapshot!(
            built_shop()
                .call("show --inline 'select nothing from {{ ref(\"orders\") }}'")
                .all()
        );
    }

    #[test]
    fn prints_json_when_asked() {
        let query =
            "show --inline 'select * from {{ ref(\"orders\") }} order by id' --output json --quiet";
        let ended = built_shop().call(query);
        assert_snapshot!(ended.all());
        let shown: Value = serde_json::from_str(&ended.stdout).expect("stdout is JSON");
        assert_eq!(shown["show"][0]["customer"], "Ann");
    }

    #[test]
    fn loads_a_seed_to_draw_its_rows() {
        let project = TestProject::new("--- seeds/people.csv\nid,name\n1,Ann\n2,\n");
        assert_snapshot!(project.call("show --select people --quiet").all());
    }

    #[test]
    fn wants_a_node_or_a_query() {
        assert_snapshot!(shop().call("show").all());
    }
}

mod run_operation {
    use super::*;

    #[test]
    fn calls_a_macro() {
        assert_snapshot!(
            shop()
                .call("run-operation greet --args '{name: Ann}'")
                .all()
        );
    }

    #[test]
    fn says_when_there_is_no_such_macro() {
        assert_snapshot!(shop().call("run-operation greed").all());
    }

    #[test]
    fn refuses_arguments_that_the_macro_does_not_have() {
        assert_snapshot!(
            shop()
                .call("run-operation greet --args '{whom: Ann}'")
                .all()
        );
    }

    #[test]
    fn writes_events_as_json_lines() {
        assert_snapshot!(events(
            &shop().call("--log-format json run-operation greet")
        ));
    }
}

mod debug {
    use super::*;

    #[test]
    fn checks_the_connection() {
        let ended = shop().call("debug");
        assert_eq!(ended.code, 0, "{}", ended.all());
        let text = format!("{}{}", ended.stdout, ended.stderr);
        for part in [
            "profiles.yml file [OK found and valid]",
            "adapter type: duckdb",
            "All checks passed!",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn says_what_is_missing() {
        let project = shop();
        project.remove("profiles.yml");
        let ended = project.call("debug");
        assert_eq!(ended.code, 1, "{}", ended.all());
        assert!(ended.all().contains("profile"), "{}", ended.all());
    }

    #[test]
    fn says_why_the_connection_failed() {
        let project = shop();
        project.add("--- shop.duckdb\nthis is no database\n");
        let ended = project.call("debug");
        assert_eq!(ended.code, 1, "{}", ended.all());
        assert!(
            ended.all().contains("Connection test: [ERROR"),
            "{}",
            ended.all()
        );
    }

    #[test]
    fn writes_events_as_json_lines() {
        let ended = shop().call("debug --log-format json");
        assert_eq!(ended.code, 0);
        assert!(
            ended
                .json_lines()
                .iter()
                .any(|line| line["info"]["name"] == "DebugCmdOut")
        );
    }
}

mod clean {
    use super::*;

    #[test]
    fn deletes_what_the_project_names() {
        let project = shop();
        project.add("--- target/manifest.json\n{}\n--- dbt_packages/x/dbt_project.yml\nname: x\n");
        assert_snapshot!(project.call("clean").all());
        assert!(!project.has("target") && project.has("models/orders.sql"));
    }

    #[test]
    fn refuses_folders_outside_of_the_project() {
        let project = shop();
        project.add(
            "--- dbt_project.yml\nname: shop\nprofile: shop\nclean-targets: [target, ../other]\n--- ../other/kept.txt\nkept\n",
        );
        assert_snapshot!(project.call("clean").all());
        assert!(project.has("../other/kept.txt"));
    }

    #[test]
    fn refuses_the_folders_of_its_own_sources() {
        let project = shop();
        project.add("--- dbt_project.yml\nname: shop\nprofile: shop\nclean-targets: [models]\n");
        assert_snapshot!(project.call("clean").all());
        assert!(project.has("models/orders.sql"));
    }

    #[test]
    fn writes_events_as_json_lines() {
        assert_snapshot!(events(&shop().call("clean --log-format json")));
    }
}

mod init {
    use super::*;

    #[test]
    fn makes_a_project_that_builds() {
        let project = TestProject::empty();
        let ended = project.call("init tea --skip-profile-setup");
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert_snapshot!(project.files("tea").join("\n"));
        project.add("--- tea/profiles.yml\ntea:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: tea.duckdb}\n");
        project.succeed("build --project-dir tea --profiles-dir tea");
    }

    #[test]
    fn refuses_a_name_that_is_none() {
        assert_snapshot!(
            TestProject::empty()
                .call("init tea-shop --skip-profile-setup")
                .all()
        );
    }

    #[test]
    fn leaves_a_project_alone_that_is_there() {
        let project = TestProject::empty();
        project.add("--- tea/dbt_project.yml\nname: tea\n");
        project.call("init tea --skip-profile-setup");
        assert_eq!(project.read("tea/dbt_project.yml"), "name: tea\n");
    }

    #[test]
    fn writes_events_as_json_lines() {
        let ended = TestProject::empty().call("init tea --skip-profile-setup --log-format json");
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert!(!ended.json_lines().is_empty());
    }
}

mod deps {
    use super::*;

    const PACKAGE: &str = "\
--- packages.yml
packages:
  - local: local/tools
--- local/tools/dbt_project.yml
name: tools
version: \"1.0\"
--- local/tools/macros/one.sql
{% macro one() %}1{% endmacro %}
--- models/uses_one.sql
select {{ tools.one() }} as id
";

    #[test]
    fn installs_a_local_package() {
        let project = shop();
        project.add(PACKAGE);
        assert_snapshot!(project.call("deps").all());
        project.succeed("build --quiet --select uses_one");
    }

    #[test]
    fn says_when_there_is_no_such_folder() {
        let project = shop();
        project.add("--- packages.yml\npackages:\n  - local: local/tool\n");
        assert_snapshot!(project.call("deps").all());
    }

    #[test]
    fn is_asked_for_when_packages_are_missing() {
        let project = shop();
        project.add(PACKAGE);
        assert_snapshot!(project.call("parse").all());
    }

    #[test]
    fn writes_events_as_json_lines() {
        let project = shop();
        project.add(PACKAGE);
        assert_snapshot!(events(&project.call("deps --log-format json")));
    }
}

mod docs {
    use super::*;

    #[test]
    fn writes_the_catalog() {
        let project = built_shop();
        assert_snapshot!(project.call("docs generate").all());
        let catalog = project.json("target/catalog.json");
        let columns = &catalog["nodes"]["model.shop.customers"]["columns"];
        assert_eq!(columns["customer"]["type"], "VARCHAR");
        assert_eq!(columns["spent"]["index"], 2);
    }

    #[test]
    fn tells_a_mistake_in_the_project() {
        let project = shop();
        project.add("--- models/customers.sql\nselect *\nfrom {{ ref('ordres') }}\n");
        assert_snapshot!(project.call("docs generate").all());
    }

    #[test]
    fn writes_events_as_json_lines() {
        assert_snapshot!(events(
            &built_shop().call("docs generate --log-format json")
        ));
    }
}

mod command_line {
    use super::*;

    #[test]
    fn an_unknown_option_is_told_with_its_neighbour() {
        assert_snapshot!(shop().call("run --selct orders").all());
    }

    #[test]
    fn an_unknown_command_is_told_with_its_neighbour() {
        assert_snapshot!(shop().call("biuld").all());
    }

    #[test]
    fn options_may_stand_before_the_command() {
        let ended =
            shop().succeed("--quiet --target dev ls --select customers --resource-type model");
        assert_eq!(ended.stdout, "shop.customers\n");
    }

    #[test]
    fn variables_of_the_environment_are_options() {
        let project = shop()
            .with("DBT_TARGET_PATH", "elsewhere")
            .with("DBT_LOG_LEVEL", "none");
        let ended = project.succeed("parse");
        assert_eq!(ended.stderr, "");
        assert!(project.has("elsewhere/manifest.json"));
    }

    #[test]
    fn versions_are_printed() {
        let ended = TestProject::empty().succeed("--version");
        assert!(
            ended.stdout.contains(env!("CARGO_PKG_VERSION")),
            "{}",
            ended.stdout
        );
    }

    #[test]
    fn a_folder_without_a_project_is_told() {
        assert_snapshot!(TestProject::empty().call("build").all());
    }

    #[test]
    fn warnings_can_be_made_errors() {
        let project = shop();
        project.add("--- models/other.yml\nmodels:\n  - name: not_there\n");
        assert_snapshot!(project.call("parse").all());
        assert_snapshot!(project.call("parse --warn-error").all());
    }
}

/// The manifest without the id of the call.
fn steady_manifest(project: &TestProject) -> String {
    let mut manifest = project.json("target/manifest.json");
    let metadata = &mut manifest["metadata"];
    assert!(metadata["invocation_id"].is_string(), "{metadata}");
    metadata["invocation_id"] = Value::Null;
    manifest.to_string()
}

/// A snapshot whose test is gone is an orphan.
#[test]
fn every_snapshot_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folder = root.join("snapshots");
    let entries = std::fs::read_dir(&folder).expect("a folder of snapshots");
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let orphans: Vec<String> = names.filter(|name| !has_test(&root, name)).collect();
    assert!(orphans.is_empty(), "{orphans:?}");
}

/// Whether `<program>__<modules>__<test>[-N].snap` or `<program>__<project>.snap` still has its origin.
#[expect(clippy::disallowed_methods, reason = "tests read their own sources")]
fn has_test(root: &Path, name: &str) -> bool {
    let Some(name) = name.strip_suffix(".snap") else {
        return false;
    };
    let parts: Vec<&str> = name.split("__").collect();
    let last = parts.last().copied().unwrap_or_default();
    let test = last.split('-').next().unwrap_or_default();
    let source = std::fs::read_to_string(root.join(parts[0]).with_extension("rs"));
    let is_function = source.is_ok_and(|text| text.contains(&format!("fn {test}(")));
    is_function || root.join("fixtures/broken").join(last).is_dir()
}
