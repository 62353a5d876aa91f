//! The commands by name.

/// What the person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Run,
    Test,
    Build,
    Seed,
    Snapshot,
    Compile,
    Parse,
    List,
    Show,
    RunOperation,
    Debug,
    Clean,
    Init,
    Deps,
    DocsGenerate,
    DocsServe,
    Clone,
    Retry,
    /// `source freshness`.
    Freshness,
}

impl Command {
    const NAMES: [(Command, &'static str); 19] = [
        (Command::Run, "run"),
        (Command::Test, "test"),
        (Command::Build, "build"),
        (Command::Seed, "seed"),
        (Command::Snapshot, "snapshot"),
        (Command::Compile, "compile"),
        (Command::Parse, "parse"),
        (Command::List, "list"),
        (Command::Show, "show"),
        (Command::RunOperation, "run-operation"),
        (Command::Debug, "debug"),
        (Command::Clean, "clean"),
        (Command::Init, "init"),
        (Command::Deps, "deps"),
        (Command::DocsGenerate, "generate"),
        (Command::DocsServe, "serve"),
        (Command::Clone, "clone"),
        (Command::Retry, "retry"),
        (Command::Freshness, "freshness"),
    ];

    /// The word in `flags.WHICH` and `args.which`.
    pub fn which(self) -> &'static str {
        let mut names = Command::NAMES.iter();
        let found = names.find(|(command, _)| *command == self);
        found.expect("every command has a name").1
    }

    /// The command of a word as `args.which` of an artifact holds it.
    pub fn named(which: &str) -> Option<Command> {
        let mut names = Command::NAMES.iter();
        names
            .find(|(_, name)| *name == which)
            .map(|(command, _)| *command)
    }
}
