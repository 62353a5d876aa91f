//! `build`: everything in its order.

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
