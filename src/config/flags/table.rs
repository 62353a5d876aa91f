//! The flags as a table: one row each, with its kind, default, and where it may be set.
//! Names, defaults and reach are those of dbt 1.11. Not here: the values of one call (`flags`).

use crate::config::flags::Command;
use crate::config::flags::Command::*;
pub use crate::config::flags::flag::Flag;
pub use crate::config::flags::flag::Kind;
pub use crate::config::flags::flag::Reach;
use crate::config::flags::row::behaviour;
use crate::config::flags::row::choice;
use crate::config::flags::row::integer;
use crate::config::flags::row::mapping;
use crate::config::flags::row::moment;
use crate::config::flags::row::path;
use crate::config::flags::row::sample;
use crate::config::flags::row::switch;
use crate::config::flags::row::text;
use crate::config::flags::row::words;
use crate::config::flags::row::words_of;

/// Every flag that a command knows.
pub fn flags_of(command: Command) -> impl Iterator<Item = &'static Flag> {
    FLAGS.iter().filter(move |flag| flag.applies_to(command))
}

/// Commands that work on selected nodes.
const SELECTING: Reach =
    Reach::Except(&[List, Parse, RunOperation, Clean, Debug, Deps, Init, Retry]);
const LISTING: Reach = Reach::Except(&[Parse, RunOperation, Clean, Debug, Deps, Init, Retry]);
const THREADED: Reach = Reach::Except(&[List, Clean, Debug, Deps, Init]);
const WITH_TARGET: Reach = Reach::Except(&[Debug, Deps, Init]);

const RESOURCE_TYPES: &[&str] = &[
    "metric",
    "semantic_model",
    "saved_query",
    "source",
    "analysis",
    "function",
    "model",
    "test",
    "unit_test",
    "exposure",
    "snapshot",
    "seed",
    "default",
    "all",
];
const LOG_FORMATS: &[&str] = &["text", "debug", "json", "default"];
const LOG_LEVELS: &[&str] = &["debug", "info", "warn", "error", "none"];

pub const FLAGS: &[Flag] = &[
    // Where things are.
    path("project_dir")
        .env()
        .help("Folder that holds dbt_project.yml [default: this folder or the nearest above]"),
    path("profiles_dir")
        .env()
        .help("Folder that holds profiles.yml [default: this folder, else ~/.dbt]"),
    text("profile")
        .env()
        .help("Profile to use instead of the project's"),
    text("target")
        .short('t')
        .env()
        .help("Target of the profile to use"),
    path("target_path")
        .reach(WITH_TARGET)
        .env()
        .help("Folder for artifacts [default: target]"),
    mapping("vars").help("Values for var(), as a YAML mapping: '{name: value}'"),
    integer("threads", None)
        .reach(THREADED)
        .help("Number of nodes to work on at a time"),
    // What to work on.
    words("select")
        .short('s')
        .aliases(&["m", "models", "model"])
        .reach(SELECTING)
        .help("Nodes to include"),
    words("select")
        .short('s')
        .on(&[List])
        .help("Nodes to include"),
    words("models")
        .short('m')
        .aliases(&["model"])
        .on(&[List])
        .help("Models to include"),
    words("exclude").reach(LISTING).help("Nodes to leave out"),
    text("selector")
        .reach(LISTING)
        .help("Name of a selector of selectors.yml"),
    choice(
        "indirect_selection",
        &["eager", "cautious", "buildable", "empty"],
        "eager",
    )
    .env()
    .project()
    .help("Which tests come along with the selected nodes"),
    words_of("resource_types", RESOURCE_TYPES)
        .aliases(&["resource-type"])
        .on(&[Build, List, Test, Clone])
        .env()
        .help("Keep only these kinds of nodes"),
    words_of("exclude_resource_types", RESOURCE_TYPES)
        .aliases(&["exclude-resource-type"])
        .on(&[Build, List, Test, Clone])
        .env()
        .help("Leave out these kinds of nodes"),
    // How to work.
    switch("full_refresh", Some(false))
        .short('f')
        .on(&[Run, Build, Seed, Compile, Show, Clone, Retry])
        .env()
        .help("Rebuild incremental models and seeds from nothing"),
    switch("fail_fast", Some(false))
        .short('x')
        .no()
        .env()
        .project()
        .help("Stop at the first failure"),
    switch("store_failures", Some(false))
        .on(&[Build, Test])
        .env()
        .help("Keep the failing rows of tests in the database"),
    switch("empty", Some(false))
        .no()
        .on(&[Build, Run, Compile, Snapshot])
        .env()
        .help("Read no rows: everything is built, and stays empty"),
    switch("introspect", Some(true))
        .no()
        .on(&[Compile, Show])
        .env()
        .help("Let templates query the warehouse while compiling"),
    switch("cache_selected_only", Some(false))
        .no()
        .env()
        .project()
        .help("Look up existing relations only in the schemas of selected nodes"),
    switch("populate_cache", Some(true))
        .no()
        .env()
        .project()
        .help("Look up existing relations before the first node starts"),
    switch("single_threaded", Some(false))
        .no()
        .env()
        .help("Work on one node at a time"),
    switch("version_check", Some(true))
        .no()
        .env()
        .project()
        .help("Check require-dbt-version of the project and its packages"),
    switch("write_json", Some(true))
        .no()
        .env()
        .project()
        .help("Write artifacts into the target folder"),
    switch("warn_error", None)
        .env()
        .project()
        .help("Turn every warning into an error"),
    Flag {
        kind: Kind::WarnErrorOptions,
        ..text("warn_error_options")
    }
    .env()
    .project()
    .help("Which warnings are errors: '{error: all, warn: [Name], silence: [Name]}'"),
    // What an earlier call left behind.
    path("state")
        .env()
        .help("Folder with artifacts of an earlier call, to compare with and to defer to"),
    path("defer_state")
        .env()
        .help("Folder with the manifest to defer to [default: that of --state]"),
    switch("defer", Some(false))
        .no()
        .env()
        .help("Read nodes that are not built here where the earlier manifest has them"),
    switch("favor_state", Some(false))
        .no()
        .env()
        .help("With --defer, read what is not selected from there even if it is built here"),
    // What to say.
    switch("debug", Some(false))
        .short('d')
        .no()
        .env()
        .project()
        .help("Show debug lines on the screen"),
    switch("quiet", Some(false))
        .short('q')
        .no()
        .env()
        .help("Show errors and results only"),
    choice("log_format", LOG_FORMATS, "default")
        .env()
        .project()
        .help("Form of the lines on the screen and in the log file"),
    choice("log_format_file", LOG_FORMATS, "debug")
        .env()
        .project()
        .help("Form of the lines in the log file"),
    choice("log_level", LOG_LEVELS, "info")
        .env()
        .project()
        .help("Least severity shown on the screen and in the log file"),
    choice("log_level_file", LOG_LEVELS, "debug")
        .env()
        .project()
        .help("Least severity in the log file"),
    path("log_path")
        .env()
        .help("Folder for the log file [default: logs]"),
    integer("log_file_max_bytes", Some(10_485_760))
        .env()
        .help("Size at which a new log file begins, in bytes; 0 for no limit"),
    switch("use_colors", Some(true))
        .no()
        .env()
        .project()
        .help("Colour the screen"),
    switch("use_colors_file", Some(true))
        .no()
        .env()
        .project()
        .help("Colour the log file"),
    integer("printer_width", Some(80))
        .env()
        .project()
        .help("Width of the progress lines in characters"),
    switch("print", Some(true))
        .no()
        .env()
        .help("Show what {{ print() }} says"),
    switch("show_all_deprecations", Some(false))
        .no()
        .help("Show every deprecation, not only the first of each kind"),
    // Some of these change nothing: every node is rendered, nothing is ever sent anywhere.
    switch("partial_parse", Some(true))
        .no()
        .env()
        .project()
        .help("Read only files that changed since the last call"),
    switch("static_parser", Some(true))
        .no()
        .env()
        .project()
        .help("Allow the static parser (every node is rendered either way)"),
    switch("use_experimental_parser", Some(false))
        .no()
        .env()
        .project()
        .help("Allow the experimental parser (every node is rendered either way)"),
    switch("send_anonymous_usage_stats", Some(true))
        .no()
        .env()
        .project()
        .help("Allow usage statistics (none are sent either way)"),
    switch("log_cache_events", Some(false))
        .no()
        .env()
        .help("Say in the log what is noted about existing relations"),
    path("record_timing_info")
        .short('r')
        .env()
        .help("File that tells what took how long"),
    switch("upload_to_artifacts_ingest_api", Some(false))
        .no()
        .env()
        .help("Ask for an upload of the artifacts (they stay here either way)"),
    // One command's own.
    choice("output", &["json", "name", "path", "selector"], "selector")
        .on(&[List])
        .help("Form of the listed lines"),
    choice("output", &["json", "text"], "text")
        .on(&[Compile, Show])
        .help("Form of the result"),
    path("output")
        .short('o')
        .on(&[Freshness])
        .help("File for the result [default: sources.json in the target folder]"),
    words("output_keys")
        .on(&[List])
        .help("Keys to list with --output json"),
    text("inline")
        .on(&[Compile, Show])
        .help("SQL to use instead of a node"),
    text("inline_direct")
        .on(&[Show])
        .help("SQL to run as it is, without reading the project's files"),
    integer("limit", Some(5))
        .on(&[Show])
        .help("Number of rows to show; -1 for all"),
    switch("inject_ephemeral_ctes", Some(true))
        .no()
        .on(&[Compile])
        .later(),
    mapping("args")
        .on(&[RunOperation])
        .help("Arguments of the macro, as a YAML mapping"),
    switch("show", Some(false))
        .on(&[Build, Seed])
        .help("Show a sample of the loaded rows"),
    switch("connection", Some(false))
        .on(&[Debug])
        .help("Test the connection only"),
    switch("config_dir", Some(false))
        .on(&[Debug])
        .help("Show the folder of profiles.yml only"),
    switch("clean_project_files_only", Some(true))
        .no()
        .on(&[Clean])
        .env()
        .help("Refuse to delete folders outside the project"),
    switch("skip_profile_setup", Some(false))
        .short('s')
        .on(&[Init])
        .help("Do not write a profile"),
    switch("lock", Some(false))
        .on(&[Deps])
        .help("Write package-lock.yml and install nothing"),
    switch("upgrade", Some(false))
        .on(&[Deps])
        .help("Resolve the packages again, whatever package-lock.yml says"),
    text("add_package")
        .on(&[Deps])
        .help("Add a package to those of the project, as `name@version`"),
    choice("source", &["hub", "git", "local"], "hub")
        .on(&[Deps])
        .help("Where the added package comes from"),
    switch("compile", Some(true))
        .no()
        .on(&[DocsGenerate])
        .help("Compile the project first"),
    switch("empty_catalog", Some(false))
        .on(&[DocsGenerate])
        .help("Write a catalog without asking the warehouse"),
    switch("static", Some(false))
        .on(&[DocsGenerate])
        .help("Write one page that holds everything as well"),
    integer("port", Some(8080))
        .on(&[DocsServe])
        .help("Port to listen on; 0 for any that is free"),
    text("host")
        .on(&[DocsServe])
        .help("Address to listen on (127.0.0.1 unless given)"),
    switch("browser", Some(true))
        .no()
        .on(&[DocsServe])
        .help("Open the page in a browser"),
    moment("event_time_start")
        .on(&[Run, Build])
        .env()
        .help("Where the batches of microbatch models start, this moment included"),
    moment("event_time_end")
        .on(&[Run, Build])
        .env()
        .help("Where the batches of microbatch models end, this moment not included"),
    sample("sample").on(&[Run, Build]).env().help(
        "Read only so much of what has an event_time, as '3 days' or '{start: ..., end: ...}'",
    ),
    // Old and new behaviour, chosen by the project.
    behaviour(
        "require_explicit_package_overrides_for_builtin_materializations",
        true,
    ),
    behaviour("require_resource_names_without_spaces", true),
    behaviour("source_freshness_run_project_hooks", true),
    behaviour("skip_nodes_if_on_run_start_fails", false),
    behaviour("state_modified_compare_more_unrendered_values", false),
    behaviour("state_modified_compare_vars", false),
    behaviour("require_yaml_configuration_for_mf_time_spines", false),
    behaviour(
        "require_batched_execution_for_custom_microbatch_strategy",
        false,
    ),
    behaviour("require_nested_cumulative_type_params", false),
    behaviour("validate_macro_args", false),
    behaviour("require_all_warnings_handled_by_warn_error", false),
    behaviour("require_generic_test_arguments_property", true),
    behaviour("require_unique_project_resource_names", false),
    behaviour("require_ref_searches_node_package_before_root", false),
];
