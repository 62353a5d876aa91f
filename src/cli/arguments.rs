//! The command line as clap knows it, made out of the table of flags, and what was found on it.

use crate::cli::values;
use crate::config::flags::Command;
use crate::config::flags::Layer;
use crate::config::flags::table::Flag;
use crate::config::flags::table::Kind;
use crate::config::flags::table::Reach;
use crate::config::flags::table::flags_of;
use clap::Arg;
use clap::ArgAction;
use clap::ArgMatches;
use clap::builder::PossibleValuesParser;
use clap::parser::ValueSource;
use serde_json::Value;
use serde_json::json;

/// A command with its name on the command line and its one-line description.
struct Entry {
    command: Command,
    name: &'static str,
    about: &'static str,
}

const ENTRIES: &[Entry] = &[
    entry(
        Command::Build,
        "build",
        "Build and test the selected nodes in order: seeds, models, snapshots, tests",
    ),
    entry(
        Command::Clean,
        "clean",
        "Delete the folders named in clean-targets",
    ),
    entry(
        Command::Clone,
        "clone",
        "Copy the selected nodes from the environment that --state describes",
    ),
    entry(
        Command::Compile,
        "compile",
        "Write the SQL of the selected nodes without running it",
    ),
    entry(
        Command::Debug,
        "debug",
        "Show and check the set-up: files, profile, connection",
    ),
    entry(
        Command::Deps,
        "deps",
        "Install the packages that the project names",
    ),
    entry(Command::Init, "init", "Make a new project"),
    entry(Command::List, "list", "List the nodes of the project"),
    entry(
        Command::Parse,
        "parse",
        "Read the whole project and write its manifest",
    ),
    entry(
        Command::Retry,
        "retry",
        "Work on what the last call left undone, under its options",
    ),
    entry(Command::Run, "run", "Build the selected models"),
    entry(Command::RunOperation, "run-operation", "Call a macro"),
    entry(Command::Seed, "seed", "Load CSV files into the warehouse"),
    entry(Command::Show, "show", "Show rows of a node or of a query"),
    entry(
        Command::Snapshot,
        "snapshot",
        "Record how rows changed since the last time",
    ),
    entry(Command::Test, "test", "Test the selected nodes"),
];
const GENERATE: Entry = entry(
    Command::DocsGenerate,
    "generate",
    "Write the manifest and the catalog that documentation is made of",
);
const SERVE: Entry = entry(
    Command::DocsServe,
    "serve",
    "Show the documentation in a browser",
);

const FRESHNESS: Entry = entry(
    Command::Freshness,
    "freshness",
    "Check how old the rows of sources are",
);

/// The whole command line; `program` is the name it was called by.
pub(super) fn command_line(program: &str) -> clap::Command {
    let everywhere = flags_of(Command::Run).filter(|flag| flag.reach == Reach::Everywhere);
    let docs = clap::Command::new("docs")
        .about("Documentation of the project")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(command(&GENERATE))
        .subcommand(command(&SERVE));
    let source = clap::Command::new("source")
        .about("Sources of the project")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(command(&FRESHNESS).alias("snapshot-freshness"));
    clap::Command::new(program.to_string())
        .bin_name(program)
        .about("Compiles, runs and tests dbt projects")
        .args(everywhere.filter(|flag| flag.accepted).flat_map(args))
        .arg(
            Arg::new("version")
                .short('V')
                .short_alias('v')
                .long("version")
                .action(ArgAction::SetTrue)
                .help("Print versions"),
        )
        .args_override_self(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(ENTRIES.iter().map(command))
        .subcommand(docs)
        .subcommand(source)
}

/// What the arguments say: the command and the values given.
pub(super) fn read(matches: &ArgMatches) -> Result<(Command, Layer), String> {
    let mut layer = Layer::new();
    let (command, inner) = find_command(matches);
    collect(matches, command, &mut layer)?;
    collect(inner, command, &mut layer)?;
    for positional in ["macro", "project_name"] {
        if let Ok(Some(value)) = inner.try_get_one::<String>(positional) {
            layer.insert(positional, json!(value));
        }
    }
    Ok((command, layer))
}

/// Spellings of options that dbt calls old: found where `--models`, `--model` or `-m` selects.
pub(super) fn uses_model_spelling(arguments: &[String]) -> bool {
    let old = |word: &String| {
        let name = word.split('=').next().unwrap_or_default();
        matches!(name, "-m" | "--models" | "--model")
    };
    arguments.iter().any(old)
}

const fn entry(command: Command, name: &'static str, about: &'static str) -> Entry {
    Entry {
        command,
        name,
        about,
    }
}

fn command(entry: &Entry) -> clap::Command {
    let command = clap::Command::new(entry.name)
        .about(entry.about)
        .args_override_self(true)
        .args(
            flags_of(entry.command)
                .filter(|flag| flag.accepted)
                .flat_map(args),
        );
    match entry.command {
        Command::List => command.visible_alias("ls"),
        Command::RunOperation => command.arg(
            Arg::new("macro")
                .required(true)
                .value_name("MACRO")
                .help("Name of the macro, `package.name` for one of a package"),
        ),
        Command::Init => command.arg(
            Arg::new("project_name")
                .value_name("NAME")
                .help("Name of the project and of its folder"),
        ),
        _ => command,
    }
}

/// The option of a flag, and its opposite where there is one.
fn args(flag: &'static Flag) -> Vec<Arg> {
    let mut arg = Arg::new(flag.name).long(flag.long()).help(help(flag));
    if let Some(letter) = flag.short {
        arg = arg.short(letter);
    }
    for alias in flag.aliases {
        let mut letters = alias.chars();
        arg = match (letters.next(), letters.next()) {
            (Some(letter), None) => arg.visible_short_alias(letter),
            _ => arg.visible_alias(*alias),
        };
    }
    if matches!(flag.reach, Reach::Everywhere) {
        arg = arg.help_heading("Options of every command");
    }
    match flag.kind {
        Kind::Switch(_) if flag.negatable => {
            let opposite = format!("no_{}", flag.name);
            let no = Arg::new(opposite.clone())
                .long(format!("no-{}", flag.long()))
                .action(ArgAction::SetTrue)
                .hide(true)
                .overrides_with(flag.name);
            vec![arg.action(ArgAction::SetTrue).overrides_with(opposite), no]
        }
        Kind::Switch(_) => vec![arg.action(ArgAction::SetTrue)],
        Kind::Words | Kind::WordsOf(_) => vec![
            arg.action(ArgAction::Append)
                .num_args(1..)
                .value_name("NAME"),
        ],
        Kind::Choice(words, _) => vec![
            arg.value_name("WORD")
                .value_parser(PossibleValuesParser::new(words)),
        ],
        Kind::Integer(_) => vec![arg.value_name("NUMBER").allow_negative_numbers(true)],
        Kind::Path => vec![arg.value_name("PATH")],
        Kind::Moment => vec![arg.value_name("MOMENT")],
        Kind::Sample => vec![arg.value_name("SAMPLE").allow_hyphen_values(true)],
        Kind::Mapping | Kind::WarnErrorOptions => {
            vec![arg.value_name("YAML").allow_hyphen_values(true)]
        }
        // SQL may begin with a comment.
        Kind::Text => vec![
            arg.value_name("TEXT")
                .allow_hyphen_values(flag.name == "inline"),
        ],
    }
}

fn help(flag: &Flag) -> String {
    match flag.negatable {
        true => format!("{} [or --no-{}]", flag.help, flag.long()),
        false => flag.help.to_string(),
    }
}

fn find_command(matches: &ArgMatches) -> (Command, &ArgMatches) {
    let (name, inner) = matches
        .subcommand()
        .expect("clap refuses a command line without a command");
    match ENTRIES.iter().find(|entry| entry.name == name) {
        Some(entry) => (entry.command, inner),
        None if name == "source" => {
            let (_, inner) = inner.subcommand().expect("`source` requires a subcommand");
            (Command::Freshness, inner)
        }
        None => {
            let (name, inner) = inner.subcommand().expect("`docs` requires a subcommand");
            match name == SERVE.name {
                true => (Command::DocsServe, inner),
                false => (Command::DocsGenerate, inner),
            }
        }
    }
}

/// Adds what was typed before the command, or after it.
fn collect(matches: &ArgMatches, command: Command, layer: &mut Layer) -> Result<(), String> {
    for flag in flags_of(command).filter(|flag| flag.accepted) {
        if let Some(value) = typed(matches, flag)? {
            layer.insert(flag.name, value);
        }
    }
    Ok(())
}

/// The value typed for a flag; `None` where the flag was not typed.
fn typed(matches: &ArgMatches, flag: &Flag) -> Result<Option<Value>, String> {
    let was_typed = |id: &str| {
        matches!(matches.try_contains_id(id), Ok(true))
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    if flag.negatable && was_typed(&format!("no_{}", flag.name)) {
        return Ok(Some(json!(false)));
    }
    if !was_typed(flag.name) {
        return Ok(None);
    }
    if let Kind::Switch(_) = flag.kind {
        return Ok(Some(json!(true)));
    }
    let texts: Vec<&str> = matches
        .get_many::<String>(flag.name)
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let told = |what| format!("invalid value for '--{}': {what}", flag.long());
    values::read(flag.kind, &texts.join(" "))
        .map_err(told)
        .map(Some)
}
