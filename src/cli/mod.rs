//! The rim: arguments, variables and `flags:` of the project become typed options; the outcome an exit code.

mod arguments;
mod environment;
mod values;
mod version;

use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::base::window;
use crate::commands;
use crate::config::Flags;
use crate::config::flags::Command;
use crate::config::flags::Layer;
use crate::config::flags::Sample;
use crate::config::flags::WarnErrorOptions;
use crate::config::flags::project_layer;
use crate::config::flags::sample;
use clap::error::ErrorKind;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// What a command line asks for.
#[derive(Debug)]
pub enum Request {
    /// Print the versions and stop.
    Version,
    /// Do the work; the diagnostics are about the flags themselves.
    Work(Box<Flags>, Vec<Diagnostic>),
}

/// The whole program: exit code 0 fine, 1 something in the project failed, 2 the work could not be done.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    let context = Arc::new(Context::system(invocation(&arguments)));
    match parse(&arguments, &context) {
        Ok(Request::Version) => {
            let shown = std::io::stdout().write_all(version::text().as_bytes());
            ExitCode::from(if shown.is_ok() { 0 } else { 2 })
        }
        Ok(Request::Work(flags, found)) => commands::run(*flags, found, context),
        Err(wrong) => wrong.exit(),
    }
}

/// Reads a command line; the error (or the help that was asked for) is for clap to print.
pub fn parse(arguments: &[String], context: &Context) -> Result<Request, clap::Error> {
    let program = program_name(arguments);
    if asks_for_version(arguments) {
        return Ok(Request::Version);
    }
    let mut line = arguments::command_line(&program);
    let matches = line.try_get_matches_from_mut(arguments)?;
    resolve(arguments, &matches, context)
        .map_err(|wrong| line.error(ErrorKind::InvalidValue, wrong))
}

fn resolve(
    arguments: &[String],
    matches: &clap::ArgMatches,
    context: &Context,
) -> Result<Request, String> {
    let (command, typed) = arguments::read(matches)?;
    let mut given = environment::read(context, command)?;
    given.extend(typed);
    if given.contains_key("warn_error") && given.contains_key("warn_error_options") {
        return Err("--warn-error and --warn-error-options exclude each other".to_string());
    }
    if command == Command::List
        && ["models", "select"]
            .iter()
            .all(|name| given.contains_key(name))
    {
        return Err("--models and --select exclude each other".to_string());
    }
    if ["inline", "select"]
        .iter()
        .all(|name| given.contains_key(name))
    {
        return Err("inline: not allowed with argument select".to_string());
    }
    check_window(&given)?;
    settle_sample(&mut given, context)?;
    place(&mut given, command, context)?;
    let project_dir = given["project_dir"].as_str().unwrap_or_default();
    let section = section_of(Path::new(project_dir), "dbt_project.yml", "flags");
    let (mut project, wrong) = project_layer(&section, command);
    let mut found: Vec<Diagnostic> = wrong.into_iter().map(wrong_project_flag).collect();
    let profiles_dir = given.get("profiles_dir").and_then(Value::as_str);
    let old = profiles_dir.map(|folder| section_of(Path::new(folder), "profiles.yml", "config"));
    if let Some(old) = old.filter(|old| !old.is_empty()) {
        match section.is_empty() {
            true => project = project_layer(&old, command).0,
            false => found.push(both_sections()),
        }
    }
    found.extend(environment::notices(context));
    let options = given.get("warn_error_options");
    if let Some(Value::Object(options)) = options.or_else(|| project.get("warn_error_options")) {
        let mistake = WarnErrorOptions::mistake(options);
        found.extend(match mistake {
            Some(mistake) => Some(Diagnostic::error("wrong-flag", mistake)),
            None => old_warning_options(options),
        });
    }
    let flags = Flags::new(command, &context.command_line, &[project, given]);
    if command != Command::Init && arguments::uses_model_spelling(&arguments[1..]) {
        found.push(model_spelling());
    }
    Ok(Request::Work(Box::new(flags), found))
}

/// A window of time has a start before its end.
fn check_window(given: &Layer) -> Result<(), String> {
    let names = ["event_time_start", "event_time_end"];
    let at = |name: &str| window::moment(given.get(name)?.as_str()?);
    let alone = |one: &str, other: &str| {
        let [one, other] = [one, other].map(|name| name.replace('_', "-"));
        Err(format!(
            "The flag `--{one}` was specified, but `--{other}` was not. When specifying `--{one}`, \
             `--{other}` must also be present."
        ))
    };
    match names.map(at) {
        [Some(_), None] => alone(names[0], names[1]),
        [None, Some(_)] => alone(names[1], names[0]),
        [Some(start), Some(end)] if start >= end => {
            Err("Value for `--event-time-start` must be less than `--event-time-end`".to_string())
        }
        _ => Ok(()),
    }
}

/// A sample that says how long it is ends now.
fn settle_sample(given: &mut Layer, context: &Context) -> Result<(), String> {
    if let Some(text) = given.get("sample").and_then(Value::as_str) {
        let window = Sample::read(text)?.window(context.started_at);
        given.insert("sample", sample::to_record(window));
    }
    Ok(())
}

/// Makes the folders absolute and fills in those that nobody named.
fn place(given: &mut Layer, command: Command, context: &Context) -> Result<(), String> {
    for name in ["project_dir", "profiles_dir"] {
        let Some(folder) = given.get(name).and_then(Value::as_str) else {
            continue;
        };
        let path = context.cwd.join(expand_home(folder, context));
        // `debug` tells of a missing profile itself, `init` makes it, `deps` needs none.
        let does_without = matches!(command, Command::Debug | Command::Init | Command::Deps);
        let may_miss = name == "profiles_dir" && does_without;
        if !may_miss && !fs::exists(&path) {
            let option = name.replace('_', "-");
            return Err(format!(
                "invalid value for '--{option}': path '{folder}' does not exist"
            ));
        }
        given.insert(name, json!(fs::canonical(&path)));
    }
    if !given.contains_key("project_dir") {
        given.insert("project_dir", json!(nearest_project(&context.cwd)));
    }
    if !given.contains_key("profiles_dir")
        && let Some(folder) = usual_profiles_dir(context)
    {
        given.insert("profiles_dir", json!(folder));
    }
    Ok(())
}

fn expand_home(folder: &str, context: &Context) -> PathBuf {
    match (folder.strip_prefix("~/"), &context.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(folder),
    }
}

/// The nearest folder upwards with a project in it; the folder itself where there is none.
fn nearest_project(folder: &Path) -> PathBuf {
    let has_project = |at: &&Path| fs::exists(&at.join("dbt_project.yml"));
    folder
        .ancestors()
        .find(has_project)
        .unwrap_or(folder)
        .to_path_buf()
}

fn usual_profiles_dir(context: &Context) -> Option<PathBuf> {
    match fs::exists(&context.cwd.join("profiles.yml")) {
        true => Some(context.cwd.clone()),
        false => context.home.as_ref().map(|home| home.join(".dbt")),
    }
}

/// A section of flags in a settings file. A file that cannot be read says nothing here; `project`
/// reports it.
fn section_of(folder: &Path, file: &str, key: &str) -> Map<String, Value> {
    fs::read_text(&folder.join(file), "settings")
        .ok()
        .and_then(|text| values::read_mapping(&text).ok())
        .and_then(|mut settings| settings.get_mut(key).map(Value::take))
        .and_then(|flags| match flags {
            Value::Object(section) => Some(section),
            _ => None,
        })
        .unwrap_or_default()
}

fn both_sections() -> Diagnostic {
    let message = "Do not specify both 'config' in profiles.yml and 'flags' in dbt_project.yml. \
                   Using 'config' in profiles.yml is deprecated.";
    Diagnostic::error("wrong-flag", message).hint("move the entries of `config` to `flags`")
}

fn wrong_project_flag((name, expected): (&'static str, String)) -> Diagnostic {
    Diagnostic::error(
        "wrong-flag",
        format!("`flags: {name}` of dbt_project.yml has to be {expected}"),
    )
}

fn model_spelling() -> Diagnostic {
    Diagnostic::warning(
        "old-spelling",
        "Usage of `--models`, `--model`, and `-m` is deprecated in favor of `--select` or `-s`.",
    )
    .hint("write `--select` or `-s`")
    .event("ModelParamUsageDeprecation")
}

/// `include` and `exclude` are called `error` and `warn` now.
fn old_warning_options(options: &Map<String, Value>) -> Option<Diagnostic> {
    let has = |name: &str| options.contains_key(name);
    let (include, exclude) = (has("include"), has("exclude"));
    let (found, advice) = match (include, exclude) {
        (true, true) => (
            "`include` and `exclude`",
            "`error` instead of `include`. Please use `warn` instead of `exclude`.",
        ),
        (true, false) => ("`include`", "`error` instead of `include`."),
        (false, true) => ("`exclude`", "`warn` instead of `exclude`."),
        (false, false) => return None,
    };
    let said = format!("Found {found} in `warn_error_options` specification. Please use {advice}");
    Some(
        Diagnostic::warning("old-spelling", said)
            .event("WEOIncludeExcludeDeprecation")
            .field("found_include", include)
            .field("found_exclude", exclude),
    )
}

/// The name it was called by, so that a link named `dbt` says `dbt`.
fn program_name(arguments: &[String]) -> String {
    let called = arguments.first().map(Path::new).and_then(Path::file_stem);
    called.map_or("sqlmill".to_string(), |name| {
        name.to_string_lossy().into_owned()
    })
}

/// The command as typed, under the name it was called by.
fn invocation(arguments: &[String]) -> String {
    let mut words = vec![program_name(arguments)];
    words.extend(arguments.iter().skip(1).cloned());
    words.join(" ")
}

/// `--version` needs no command and may follow one, so it is looked for before clap asks for more.
fn asks_for_version(arguments: &[String]) -> bool {
    let mut words = arguments.iter().skip(1).take_while(|word| *word != "--");
    words.any(|word| matches!(word.as_str(), "--version" | "-V" | "-v"))
}

#[cfg(test)]
mod tests;
