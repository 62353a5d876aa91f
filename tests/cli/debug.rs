//! `debug`: profile, project and connection.

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
