//! Command lines, variables and what becomes of them.

use super::*;
use clap::error::ErrorKind;

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut quoted = false;
    let mut word = String::new();
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words
}

fn parse_with(line: &str, env: &[(&str, &str)]) -> Result<(Flags, Vec<Diagnostic>), clap::Error> {
    let mut context = Context::fixed("/");
    context.command_line = line.to_string();
    for (name, value) in env {
        context.env.insert(name.to_string(), value.to_string());
    }
    match parse(&words(line), &context)? {
        Request::Work(flags, found) => Ok((*flags, found)),
        Request::Version => panic!("a command was expected"),
    }
}

fn args_of(line: &str) -> serde_json::Map<String, Value> {
    parse_with(line, &[]).unwrap().0.args_json()
}

#[test]
fn flags_stand_before_and_after_the_command() {
    let rows = [
        ("dbt run", "which", json!("run")),
        ("dbt --quiet run", "quiet", json!(true)),
        ("dbt run -q", "quiet", json!(true)),
        ("dbt -q run --no-quiet", "quiet", json!(false)),
        ("dbt --no-print run --print", "print", json!(true)),
        ("dbt run -x --no-fail-fast", "fail_fast", json!(false)),
        ("dbt run --no-fail-fast -x", "fail_fast", json!(true)),
        (
            "dbt run --log-format text --log-format json",
            "log_format",
            json!("json"),
        ),
        (
            "dbt --log-format json run-operation op",
            "log_format",
            json!("json"),
        ),
        ("dbt run --no-write-json", "write_json", json!(false)),
        ("dbt -t ci --vars \"{day: 2}\" build", "target", json!("ci")),
        (
            "dbt -t ci --vars \"{day: 2}\" build",
            "vars",
            json!({"day": 2}),
        ),
    ];
    for (line, name, expected) in rows {
        assert_eq!(args_of(line).get(name), Some(&expected), "{line}");
    }
}

#[test]
fn one_option_takes_several_values() {
    let rows = [
        (
            "dbt run -s a b+ --exclude c -q",
            "select",
            json!(["a", "b+"]),
        ),
        (
            "dbt run --select \"a b\" -s c",
            "select",
            json!(["a", "b", "c"]),
        ),
        (
            "dbt run --select=a -m b --models c",
            "select",
            json!(["a", "b", "c"]),
        ),
        (
            "dbt build --exclude a,tag:b c",
            "exclude",
            json!(["a,tag:b", "c"]),
        ),
        (
            "dbt ls --output json --output-keys name config",
            "output_keys",
            json!(["name", "config"]),
        ),
        (
            "dbt list --resource-type model seed",
            "resource_types",
            json!(["model", "seed"]),
        ),
        (
            "dbt ls --resource-types model --resource-type test",
            "resource_types",
            json!(["model", "test"]),
        ),
    ];
    for (line, name, expected) in rows {
        assert_eq!(args_of(line).get(name), Some(&expected), "{line}");
    }
}

#[test]
fn each_command_has_its_own_values() {
    let of = |line: &str| parse_with(line, &[]).unwrap().0;
    assert_eq!(of("dbt ls").args_json()["which"], "list");
    assert_eq!(
        of("dbt docs generate --no-compile").command,
        Command::DocsGenerate
    );
    assert!(!of("dbt docs generate --no-compile").compile);
    let operation = of("dbt run-operation pkg.op --args \"{x: [1]}\"");
    assert_eq!(operation.macro_name.as_deref(), Some("pkg.op"));
    assert_eq!(operation.macro_args["x"], json!([1]));
    assert_eq!(of("dbt show --inline \"-- note\" --limit -1").limit, None);
    assert_eq!(of("dbt show -s a").limit, Some(5));
    assert_eq!(of("dbt init shop -s").project_name.as_deref(), Some("shop"));
    assert!(of("dbt debug --connection").connection_only);
}

#[test]
fn mistakes_are_told_with_a_hint() {
    let rows = [
        ("dbt rum", ErrorKind::InvalidSubcommand, "'run'"),
        (
            "dbt run --ful-refresh",
            ErrorKind::UnknownArgument,
            "'--full-refresh'",
        ),
        (
            "dbt run --threads x",
            ErrorKind::InvalidValue,
            "'x' is not a whole number",
        ),
        (
            "dbt ls --output foo",
            ErrorKind::InvalidValue,
            "json, name, path, selector",
        ),
        (
            "dbt run --vars [a",
            ErrorKind::InvalidValue,
            "'[a' is not valid YAML",
        ),
        (
            "dbt run --project-dir /nowhere",
            ErrorKind::InvalidValue,
            "'/nowhere' does not exist",
        ),
        (
            "dbt run --warn-error --warn-error-options {}",
            ErrorKind::InvalidValue,
            "exclude each other",
        ),
        (
            "dbt run-operation",
            ErrorKind::MissingRequiredArgument,
            "<MACRO>",
        ),
        (
            "dbt",
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            "Usage: dbt",
        ),
        ("dbt --select a run", ErrorKind::UnknownArgument, "--select"),
    ];
    for (line, kind, text) in rows {
        let wrong = parse_with(line, &[]).unwrap_err();
        let shown = wrong.to_string();
        assert_eq!(wrong.kind(), kind, "{line}");
        assert!(shown.contains(text), "{line}: {shown}");
        assert_eq!(wrong.exit_code(), 2, "{line}");
    }
}

#[test]
fn variables_are_weaker_than_arguments() {
    let env = [("DBT_ENGINE_PRINTER_WIDTH", "90"), ("DBT_QUIET", "true")];
    let (flags, _) = parse_with("dbt run --no-quiet", &env).unwrap();
    assert_eq!((flags.printer_width, flags.quiet), (90, false));
}

#[test]
fn old_spellings_of_select_are_warned_about() {
    let names = |line: &str| -> Vec<Option<&str>> {
        let found = parse_with(line, &[]).unwrap().1;
        found.iter().map(|d| d.event).collect()
    };
    assert_eq!(names("dbt run -m a"), [Some("ModelParamUsageDeprecation")]);
    assert_eq!(
        names("dbt run --models=a"),
        [Some("ModelParamUsageDeprecation")]
    );
    assert_eq!(names("dbt run -s a"), []);
}

#[test]
fn the_first_number_of_the_versions_is_dbts() {
    assert!(matches!(
        parse(&words("dbt --version"), &Context::fixed("/")),
        Ok(Request::Version)
    ));
    assert!(version::text().starts_with("Core:\n  - installed: 1.11.16 "));
}
