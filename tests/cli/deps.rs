//! `deps`: packages of the project.

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
