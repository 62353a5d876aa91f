//! `debug`: which step of a connection fails, the rights in the schema being the last one.

use crate::home;
use crate::support::postgres::PASSWORD;

#[test]
fn it_passes_where_models_can_be_built() {
    let Some(home) = home("debugged", "") else {
        return;
    };
    let ended = home.project.succeed("debug");
    let said = ended.all();
    for part in [
        "adapter type: postgres",
        "schema: debugged",
        "[OK connection ok]",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert!(!said.contains(PASSWORD), "{said}");
}

#[test]
fn it_names_the_step_that_fails() {
    let Some(home) = home("debugged", "") else {
        return;
    };
    home.sql("create schema closed");
    let steps = [
        (
            ("host", "no.such.host.invalid"),
            "The name lookup failed: check `host`.",
        ),
        (("port", "1"), "The port is closed: check `host` and `port`"),
        (
            ("sslmode", "verify-full"),
            "TLS failed under `sslmode: verify-full`",
        ),
        (("password", "wrong"), "The password is wrong"),
        (
            ("dbname", "nowhere"),
            "There is no such database: check `dbname`.",
        ),
        (
            ("role", "nobody"),
            "The login went well: check `role` in the profile.",
        ),
        (
            ("user", "guest"),
            "may not create schemas in database \"shop\"",
        ),
        (
            ("schema", "closed"),
            "may not create relations in schema \"closed\"",
        ),
    ];
    for ((key, value), expected) in steps {
        let mut output = home.server.profile("debugged");
        output[key] = value.into();
        if key == "schema" {
            output["user"] = "guest".into();
        }
        let file = format!("--- profiles.yml\nshop: {{target: dev, outputs: {{dev: {output}}}}}\n");
        home.project.add(&file);
        let ended = home.project.call("debug");
        let said = ended.all();
        assert_eq!(ended.code, 1, "{said}");
        assert!(said.contains("Connection test: [ERROR]"), "{said}");
        assert!(said.contains(expected), "{key}: {said}");
    }
}
