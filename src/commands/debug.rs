//! `debug`: what sqlmill sees of project, profile and warehouse, and whether it can connect.

use crate::adapter;
use crate::adapter::Credentials;
use crate::base::DBT_VERSION;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::tell;
use crate::project;
use crate::project::Examined;
use crate::project::Options;
use serde_json::Value;
use std::path::Path;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    if desk.flags.config_dir_only {
        let folder = profiles_folder(desk);
        say(
            desk,
            format!("To view your profiles.yml file, open {folder}"),
        );
        return Ok(Ended::Well);
    }
    let examined = project::examine(&Options::from_flags(&desk.flags), &desk.context);
    say_versions(desk);
    say_places(desk, &examined);
    let mut failures = Vec::new();
    if desk.flags.connection_only {
        say(desk, "Skipping steps before connection verification");
        failures.extend(Some(profile_failure(desk, &examined)).filter(Failure::is_real));
    } else {
        failures.extend(check_files(desk, &examined));
        failures.extend(check_programs(desk));
    }
    match &examined.profile {
        Some(profile) => failures.extend(check_connection(desk, &profile.credentials)),
        None => say(desk, "Connection test skipped since no profile was found"),
    }
    Ok(conclude(desk, failures))
}

/// A check that failed: a line that says which, and why.
struct Failure {
    what: String,
    reasons: Vec<Diagnostic>,
}

fn say_versions(desk: &Desk) {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    say(desk, format!("dbt version: {DBT_VERSION}"));
    say(
        desk,
        format!("sqlmill version: {}", env!("CARGO_PKG_VERSION")),
    );
    say(desk, format!("os info: {system}-{machine}"));
}

fn say_places(desk: &Desk, examined: &Examined) {
    let folder = match &examined.profile {
        Some(profile) => profile.folder.display().to_string(),
        None => profiles_folder(desk),
    };
    let project_file = desk.flags.project_dir.join("dbt_project.yml");
    say(desk, format!("Using profiles dir at {folder}"));
    say(
        desk,
        format!("Using profiles.yml file at {folder}/profiles.yml"),
    );
    say(
        desk,
        format!("Using dbt_project.yml file at {}", project_file.display()),
    );
    if let Some(profile) = &examined.profile {
        say(
            desk,
            format!("adapter type: {}", profile.credentials.kind()),
        );
    }
}

fn check_files(desk: &Desk, examined: &Examined) -> Vec<Failure> {
    let of_profile = profile_failure(desk, examined);
    let of_project = Failure {
        what: "Project loading failed for the following reason:".to_string(),
        reasons: examined.project_mistakes.clone(),
    };
    say(desk, "Configuration:");
    for (file, failure) in [
        ("profiles.yml", &of_profile),
        ("dbt_project.yml", &of_project),
    ] {
        say(desk, format!("  {file} file [{}]", failure.state()));
    }
    let failures = [of_profile, of_project].into_iter();
    failures.filter(Failure::is_real).collect()
}

fn profile_failure(desk: &Desk, examined: &Examined) -> Failure {
    let reasons = examined.profile_mistakes.clone();
    let is_missing = reasons
        .iter()
        .any(|reason| reason.code == "no-profiles-file");
    let what = match is_missing {
        true => format!(
            "dbt looked for a profiles.yml file in {}/profiles.yml, but did not find one",
            as_typed(desk, &profiles_folder(desk))
        ),
        false => "Profile loading failed for the following reason:".to_string(),
    };
    Failure { what, reasons }
}

/// A folder below the working folder as a person would type it.
fn as_typed<'p>(desk: &Desk, folder: &'p str) -> &'p str {
    let below = Path::new(folder).strip_prefix(&desk.context.cwd).ok();
    let below = below.and_then(Path::to_str);
    below.filter(|below| !below.is_empty()).unwrap_or(folder)
}

fn check_programs(desk: &Desk) -> Option<Failure> {
    say(desk, "Required dependencies:");
    if desk.context.program(&["git", "git.exe"]).is_some() {
        say(desk, " - git [OK found]");
        return None;
    }
    say(desk, " - git [ERROR]");
    let hint = "`deps` needs git for packages out of git repositories";
    Some(Failure {
        what: "Error from git --help:".to_string(),
        reasons: vec![Diagnostic::error("no-git", "there is no program `git`").hint(hint)],
    })
}

fn check_connection(desk: &Desk, credentials: &Credentials) -> Option<Failure> {
    say(desk, "Connection:");
    for (key, value) in credentials.fields() {
        let value = match &value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        say(desk, format!("  {key}: {value}"));
    }
    let connected =
        adapter::open(credentials, &desk.flags.project_dir, &desk.context).and_then(|adapter| {
            let mut connection = adapter.connect("debug")?;
            connection.execute("select 1 as id", &[])?;
            connection.check_schema(&credentials.database, &credentials.schema)
        });
    let Err(error) = connected else {
        say(desk, "  Connection test: [OK connection ok]");
        return None;
    };
    say(desk, "  Connection test: [ERROR]");
    let hint = "check your database credentials and try again";
    Some(Failure {
        what: "dbt was unable to connect to the specified database.".to_string(),
        reasons: vec![error.diagnostic().hint(hint)],
    })
}

fn conclude(desk: &Desk, failures: Vec<Failure>) -> Ended {
    match failures.len() {
        0 => {
            say(desk, "All checks passed!");
            return Ended::Well;
        }
        1 => say(desk, "1 check failed:"),
        count => say(desk, format!("{count} checks failed:")),
    }
    for failure in failures {
        say(desk, failure.what);
        for reason in failure.reasons {
            desk.stop(reason);
        }
    }
    Ended::WithFailures
}

impl Failure {
    fn is_real(&self) -> bool {
        !self.reasons.is_empty()
    }

    fn state(&self) -> &'static str {
        let is_missing =
            |reason: &Diagnostic| matches!(reason.code, "no-project" | "no-profiles-file");
        match self.reasons.as_slice() {
            [] => "OK found and valid",
            reasons if reasons.iter().any(is_missing) => "ERROR not found",
            _ => "ERROR invalid",
        }
    }
}

fn profiles_folder(desk: &Desk) -> String {
    let folder = desk.flags.profiles_dir.as_deref();
    folder.map_or_else(|| "none".to_string(), |path| path.display().to_string())
}

fn say(desk: &Desk, line: impl Into<String>) {
    tell(desk, &Event::info("DebugCmdOut", line));
}
