//! The options of one call, typed: what commands read, templates see as `flags.X`, and artifacts write as `args`.
//! Promise: command line over environment over `flags:` of the project over the default.
//! Not here: reading arguments and variables (`cli`).

mod command;
mod flag;
mod row;
pub mod sample;
pub mod table;
mod values;
pub mod warn_error;

use crate::base::Window;
use crate::base::event::Level;
pub use command::Command;
pub use sample::Sample;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use values::Values;
pub use warn_error::Verdict;
pub use warn_error::WarnErrorOptions;

/// Values from one origin, by flag name.
pub type Layer = BTreeMap<&'static str, Value>;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Time and message.
    Text,
    /// Time with microseconds, level, thread and message.
    Debug,
    /// One JSON record per line.
    Json,
}

/// Which tests come along with the nodes that were selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndirectSelection {
    #[default]
    Eager,
    Cautious,
    Buildable,
    Empty,
}

/// Form of what a command prints as its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputForm {
    Json,
    Name,
    Path,
    Selector,
    Text,
}

/// The options of one call.
#[derive(Debug, Clone)]
pub struct Flags {
    pub command: Command,
    /// The command as typed.
    pub invocation_command: String,

    /// Absolute. Whether a project is there is for `project` to say.
    pub project_dir: PathBuf,
    /// Absolute; `None` where neither a flag nor a file names the folder.
    pub profiles_dir: Option<PathBuf>,
    pub profile: Option<String>,
    pub target: Option<String>,
    /// As given: absolute, or relative to the project.
    pub target_path: Option<String>,
    /// As given: absolute, or relative to the project.
    pub log_path: Option<String>,
    pub vars: Map<String, Value>,
    /// `None` leaves it to the profile.
    pub threads: Option<usize>,

    pub select: Vec<String>,
    pub exclude: Vec<String>,
    pub selector: Option<String>,
    pub indirect_selection: IndirectSelection,
    /// Empty for no restriction.
    pub resource_types: Vec<String>,
    pub exclude_resource_types: Vec<String>,

    /// Folder with artifacts of an earlier call; as given: absolute, or relative to the project.
    pub state: Option<String>,
    /// As `state`, for deferral alone.
    pub defer_state: Option<String>,
    pub defer: bool,
    pub favor_state: bool,

    pub full_refresh: bool,
    pub fail_fast: bool,
    pub store_failures: bool,
    pub empty: bool,
    /// `--event-time-start` and `--event-time-end`: what microbatch models work on.
    pub event_time: Option<Window>,
    /// `--sample`: how much is read of what has a time.
    pub sample: Option<Window>,
    pub introspect: bool,
    pub populate_cache: bool,
    pub cache_selected_only: bool,
    pub version_check: bool,
    pub write_json: bool,
    /// Whether what an earlier call found in the files may be used.
    pub partial_parse: bool,
    pub warn_error: WarnErrorOptions,

    pub debug: bool,
    pub quiet: bool,
    /// Whether `{{ print() }}` is shown.
    pub print: bool,
    pub log_format: LogFormat,
    pub log_format_file: LogFormat,
    /// Least level on the screen; `None` for silence.
    pub log_level: Option<Level>,
    pub log_level_file: Option<Level>,
    /// In bytes; `None` for no limit.
    pub log_file_max_bytes: Option<u64>,
    /// `None` leaves it to the terminal.
    pub use_colors: Option<bool>,
    pub use_colors_file: bool,
    /// In characters.
    pub printer_width: usize,
    pub show_all_deprecations: bool,
    pub log_cache_events: bool,
    /// Absolute, or relative to the working folder.
    pub record_timing_info: Option<PathBuf>,
    pub upload_artifacts: bool,

    /// `None` for commands that know no `--output`.
    pub output: Option<OutputForm>,
    /// File for the result of `source freshness`, as given.
    pub output_path: Option<String>,
    pub output_keys: Vec<String>,
    pub inline: Option<String>,
    /// Text of `--inline-direct`, which is no template.
    pub inline_direct: Option<String>,
    /// Rows to show; `None` for all.
    pub limit: Option<usize>,
    /// Macro of `run-operation`.
    pub macro_name: Option<String>,
    /// Arguments of that macro.
    pub macro_args: Map<String, Value>,
    /// Show a sample of the rows that a seed loaded.
    pub show: bool,
    /// `debug --connection`.
    pub connection_only: bool,
    /// `debug --config-dir`.
    pub config_dir_only: bool,
    pub clean_project_files_only: bool,
    /// Name of the project that `init` makes.
    pub project_name: Option<String>,
    pub skip_profile_setup: bool,
    /// `deps --lock`: write the lock file only.
    pub lock_only: bool,
    /// `deps --upgrade`: resolve again, whatever the lock file says.
    pub upgrade: bool,
    /// A package for `deps` to add, as `name@version`.
    pub add_package: Option<String>,
    /// Where that package comes from: `hub`, `git` or `local`.
    pub package_source: String,
    /// `docs generate`: compile first, ask the warehouse, write one page with everything.
    pub compile: bool,
    pub empty_catalog: bool,
    pub static_page: bool,
    /// `docs serve`: where to listen, and whether to open the page.
    pub host: String,
    pub port: usize,
    pub browser: bool,

    values: Map<String, Value>,
    /// The strongest layer: what this call itself was given.
    given: Layer,
}

impl Flags {
    /// Puts the layers over each other, the weakest first, and the defaults below them.
    /// The layers hold values of the right kind: `cli` has checked its own, [`project_layer`] the project's.
    pub fn new(command: Command, invocation_command: &str, layers: &[Layer]) -> Self {
        let values = Values::merged(command, layers);
        let list_of_models = command == Command::List && !values.words("models").is_empty();
        Flags {
            command,
            invocation_command: invocation_command.to_string(),
            project_dir: values.path("project_dir").unwrap_or_default(),
            profiles_dir: values.path("profiles_dir"),
            profile: values.text("profile"),
            target: values.text("target"),
            target_path: values.text("target_path"),
            log_path: values.text("log_path"),
            vars: values.mapping("vars"),
            threads: match values.is_on("single_threaded") {
                true => Some(1),
                false => values.count("threads").filter(|threads| *threads > 0),
            },
            select: values.words(if list_of_models { "models" } else { "select" }),
            exclude: values.words("exclude"),
            selector: values.text("selector"),
            indirect_selection: values.indirect_selection(),
            resource_types: match list_of_models {
                true => vec!["model".to_string()],
                false => values.words("resource_types"),
            },
            exclude_resource_types: values.words("exclude_resource_types"),
            state: values.text("state").filter(|path| !path.is_empty()),
            defer_state: values.text("defer_state").filter(|path| !path.is_empty()),
            defer: values.is_on("defer"),
            favor_state: values.is_on("favor_state"),
            full_refresh: values.is_on("full_refresh"),
            fail_fast: values.is_on("fail_fast"),
            store_failures: values.is_on("store_failures"),
            empty: values.is_on("empty"),
            event_time: values.window("event_time_start", "event_time_end"),
            sample: sample::from_record(values.all.get("sample")),
            introspect: values.is_not_off("introspect"),
            populate_cache: values.is_on("populate_cache"),
            cache_selected_only: values.is_on("cache_selected_only"),
            version_check: values.is_on("version_check"),
            write_json: values.is_on("write_json"),
            partial_parse: values.is_on("partial_parse"),
            warn_error: values.warn_error_options(),
            debug: values.is_on("debug"),
            quiet: values.is_on("quiet"),
            print: values.is_on("print"),
            log_format: values.log_format("log_format"),
            log_format_file: values.log_format(values.of_file("log_format", "log_format_file")),
            log_level: values.log_level("log_level"),
            log_level_file: values.log_level(values.of_file("log_level", "log_level_file")),
            log_file_max_bytes: values
                .integer("log_file_max_bytes")
                .and_then(|bytes| u64::try_from(bytes).ok())
                .filter(|bytes| *bytes > 0),
            use_colors: values
                .given("use_colors")
                .then(|| values.is_on("use_colors")),
            use_colors_file: values.is_on(values.of_file("use_colors", "use_colors_file")),
            printer_width: values.count("printer_width").unwrap_or(80),
            show_all_deprecations: values.is_on("show_all_deprecations"),
            log_cache_events: values.is_on("log_cache_events"),
            record_timing_info: values.path("record_timing_info"),
            upload_artifacts: values.is_on("upload_to_artifacts_ingest_api"),
            output: values
                .output_form()
                .filter(|_| command != Command::Freshness),
            output_path: match command {
                Command::Freshness => values.text("output"),
                _ => None,
            },
            output_keys: values.words("output_keys"),
            inline: values.text("inline"),
            inline_direct: values.text("inline_direct"),
            limit: values.count("limit"),
            macro_name: values.text("macro"),
            macro_args: values.mapping("args"),
            show: values.is_on("show"),
            connection_only: values.is_on("connection"),
            config_dir_only: values.is_on("config_dir"),
            clean_project_files_only: values.is_on("clean_project_files_only"),
            project_name: values.text("project_name"),
            skip_profile_setup: values.is_on("skip_profile_setup"),
            lock_only: values.is_on("lock"),
            upgrade: values.is_on("upgrade"),
            add_package: values.text("add_package"),
            package_source: values.text("source").unwrap_or_default(),
            compile: values.is_on("compile"),
            empty_catalog: values.is_on("empty_catalog"),
            static_page: values.is_on("static"),
            host: values.text("host").unwrap_or_default(),
            port: values.count("port").unwrap_or_default(),
            browser: values.is_on("browser"),
            values: values.all,
            given: layers.last().cloned().unwrap_or_default(),
        }
    }

    /// The flags of an earlier call, by what its results say, with those given to this one over them.
    /// `None` where that call was of no known kind.
    pub fn again(&self, earlier: &Map<String, Value>) -> Option<Flags> {
        let which = earlier.get("which")?.as_str()?;
        let command = Command::named(which)?;
        let mut layer = Layer::new();
        let names = table::flags_of(command).map(|flag| flag.name);
        for name in names
            .chain(["macro"])
            .filter(|name| !OF_ONE_CALL.contains(name))
        {
            if let Some(value) = earlier.get(name).filter(|value| !value.is_null()) {
                layer.insert(name, value.clone());
            }
        }
        let mut given = self.given.clone();
        // It says where the earlier results are; the earlier call had a state of its own.
        given.remove("state");
        Some(Flags::new(
            command,
            &self.invocation_command,
            &[layer, given],
        ))
    }

    /// Whether the project chose a behaviour of `flags:`, such as `require_resource_names_without_spaces`.
    pub fn behaviour(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// `args` of `run_results.json`, sorted; flags without a value are left out.
    pub fn args_json(&self) -> Map<String, Value> {
        let mut args: BTreeMap<&str, Value> = BTreeMap::new();
        for (name, value) in &self.values {
            args.insert(name, value.clone());
        }
        args.insert("vars", Value::Object(without_secrets(&self.vars)));
        args.insert("which", json!(self.command.which()));
        args.insert("invocation_command", json!(self.invocation_command));
        args.insert("warn_error_options", self.warn_error.as_json());
        args.insert("strict_mode", json!(false));
        if let Some(folder) = &self.profiles_dir {
            args.insert("profiles_dir", json!(folder));
        }
        let known = args.into_iter().filter(|(_, value)| !value.is_null());
        known
            .map(|(name, value)| (name.to_string(), value))
            .collect()
    }

    /// What a template sees as `flags`.
    pub fn jinja_map(&self) -> Map<String, Value> {
        let value = |name: &str| self.values.get(name).cloned().unwrap_or(Value::Null);
        let mut map: Map<String, Value> = IN_TEMPLATES
            .iter()
            .map(|name| (name.to_uppercase(), value(name)))
            .collect();
        let own = [
            ("FULL_REFRESH", json!(self.full_refresh)),
            ("INTROSPECT", json!(self.introspect)),
            ("INVOCATION_COMMAND", json!(self.invocation_command)),
            (
                "NO_PRINT",
                if self.print { Value::Null } else { json!(true) },
            ),
            ("PROFILES_DIR", json!(self.profiles_dir)),
            ("STORE_FAILURES", json!(self.store_failures)),
            ("WARN_ERROR_OPTIONS", self.warn_error.as_json()),
            ("WHICH", json!(self.command.which())),
        ];
        for (name, value) in own {
            map.insert(name.to_string(), value);
        }
        map
    }
}

/// Flags that say where things are and how they are told: each call has its own.
const OF_ONE_CALL: &[&str] = &[
    "debug",
    "log_format",
    "log_format_file",
    "log_level",
    "log_level_file",
    "log_path",
    "profiles_dir",
    "project_dir",
    "quiet",
    "target_path",
    "use_colors",
    "use_colors_file",
    "warn_error",
];

/// Flags that templates see as they are.
const IN_TEMPLATES: &[&str] = &[
    "cache_selected_only",
    "debug",
    "empty",
    "fail_fast",
    "indirect_selection",
    "log_cache_events",
    "log_format",
    "log_path",
    "partial_parse",
    "printer_width",
    "quiet",
    "send_anonymous_usage_stats",
    "static_parser",
    "target_path",
    "use_colors",
    "use_experimental_parser",
    "version_check",
    "warn_error",
    "write_json",
];

/// The values that `flags:` of a project gives. Unknown names are ignored, as dbt does;
/// a value of the wrong kind is reported as `(name, what was expected)`.
pub fn project_layer(
    section: &Map<String, Value>,
    command: Command,
) -> (Layer, Vec<(&'static str, String)>) {
    let mut layer = Layer::new();
    let mut wrong = Vec::new();
    for flag in table::flags_of(command).filter(|flag| flag.in_project) {
        let Some(value) = section.get(flag.name).filter(|value| !value.is_null()) else {
            continue;
        };
        match flag.kind.expected(value) {
            None => {
                layer.insert(flag.name, value.clone());
            }
            Some(expected) => wrong.push((flag.name, expected)),
        }
    }
    (layer, wrong)
}

/// Variables whose names mark them as secret are in no record.
fn without_secrets(vars: &Map<String, Value>) -> Map<String, Value> {
    let hidden = |name: &str| name.starts_with("DBT_ENV_SECRET_");
    let vars = vars.iter().map(|(name, value)| match hidden(name) {
        true => (name.clone(), json!("*****")),
        false => (name.clone(), value.clone()),
    });
    vars.collect()
}

#[cfg(test)]
mod tests;
