//! Layers of flags, and what artifacts and templates see of them.

use super::*;

fn layer(pairs: &[(&'static str, Value)]) -> Layer {
    pairs.iter().cloned().collect()
}

#[test]
fn stronger_layers_win() {
    let project = layer(&[("printer_width", json!(100)), ("fail_fast", json!(true))]);
    let env = layer(&[("printer_width", json!(90))]);
    let cli = layer(&[("fail_fast", json!(false))]);
    let flags = Flags::new(Command::Run, "sqlmill run", &[project, env, cli]);
    assert_eq!((flags.printer_width, flags.fail_fast), (90, false));
    assert_eq!(flags.use_colors, None);
    assert_eq!(flags.indirect_selection, IndirectSelection::Eager);
}

#[test]
fn the_general_log_flags_rule_the_file_until_it_has_its_own() {
    let level = |pairs: &[(&'static str, Value)]| {
        Flags::new(Command::Run, "", &[layer(pairs)]).log_level_file
    };
    let warn = ("log_level", json!("warn"));
    assert_eq!(level(&[]), Some(Level::Debug));
    assert_eq!(level(std::slice::from_ref(&warn)), Some(Level::Warn));
    assert_eq!(level(&[warn, ("log_level_file", json!("none"))]), None);
}

#[test]
fn artifacts_and_templates_see_dbt_names() {
    let cli = layer(&[
        ("select", json!(["a", "b"])),
        ("project_dir", json!("/shop")),
        ("vars", json!({"day": 1})),
    ]);
    let flags = Flags::new(Command::Build, "sqlmill build -s a b", &[cli]);
    let args = flags.args_json();
    let rows = [
        ("which", json!("build")),
        ("invocation_command", json!("sqlmill build -s a b")),
        ("select", json!(["a", "b"])),
        ("vars", json!({"day": 1})),
        ("full_refresh", json!(false)),
        ("printer_width", json!(80)),
        (
            "warn_error_options",
            json!({"error": [], "warn": [], "silence": []}),
        ),
        ("require_generic_test_arguments_property", json!(true)),
    ];
    for (name, expected) in rows {
        assert_eq!(args.get(name), Some(&expected), "{name}");
    }
    assert_eq!(args.get("target"), None);
    let templates = flags.jinja_map();
    assert_eq!(templates["WHICH"], "build");
    assert_eq!(templates["FULL_REFRESH"], false);
    assert_eq!(templates["TARGET_PATH"], Value::Null);
}

#[test]
fn listing_models_is_selecting_among_models() {
    let cli = layer(&[("models", json!(["+a"]))]);
    let flags = Flags::new(Command::List, "", &[cli]);
    assert_eq!(
        (flags.select, flags.resource_types),
        (vec!["+a".to_string()], vec!["model".to_string()])
    );
}

#[test]
fn a_wrong_value_in_the_project_is_told() {
    let section = json!({"fail_fast": "often", "quiet": true, "printer_width": 60});
    let (layer, wrong) = project_layer(section.as_object().unwrap(), Command::Run);
    assert_eq!(layer.keys().copied().collect::<Vec<_>>(), ["printer_width"]);
    assert_eq!(wrong, [("fail_fast", "true or false".to_string())]);
}
