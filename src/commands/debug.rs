//! `debug`: what sqlmill sees of project, profile and warehouse, and whether it can connect.

use crate::adapter;
use crate::base::DBT_VERSION;
use crate::base::Event;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let folder = desk
        .flags
        .profiles_dir
        .as_deref()
        .map_or_else(|| "none".to_string(), |path| path.display().to_string());
    if desk.flags.config_dir_only {
        tell(
            desk,
            &Event::info(
                "DebugCmdOut",
                format!("To view your profiles.yml file, open {folder}"),
            ),
        );
        return Ok(Ended::Well);
    }
    tell(
        desk,
        &Event::info("DebugCmdOut", format!("dbt version: {DBT_VERSION}")),
    );
    tell(
        desk,
        &Event::info(
            "DebugCmdOut",
            format!("sqlmill version: {}", env!("CARGO_PKG_VERSION")),
        ),
    );
    tell(
        desk,
        &Event::info(
            "DebugCmdOut",
            format!(
                "os info: {}-{}",
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
        ),
    );
    tell(
        desk,
        &Event::info("DebugCmdOut", format!("Using profiles dir at {folder}")),
    );
    let project_file = desk.flags.project_dir.join("dbt_project.yml");
    tell(
        desk,
        &Event::info(
            "DebugCmdOut",
            format!("Using dbt_project.yml file at {}", project_file.display()),
        ),
    );
    let (project, credentials) = match load::settings(desk) {
        Ok(read) => read,
        Err(Told) => {
            tell(
                desk,
                &Event::info("DebugCmdOut", "Configuration: [ERROR invalid]".to_string()),
            );
            return Ok(Ended::WithFailures);
        }
    };
    let profile = project.profile.folder.join("profiles.yml");
    tell(
        desk,
        &Event::info(
            "DebugCmdOut",
            format!("Using profiles.yml file at {}", profile.display()),
        ),
    );
    tell(desk, &Event::info("DebugCmdOut", "Configuration:\n  profiles.yml file [OK found and valid]\n  dbt_project.yml file [OK found and valid]".to_string()));
    tell(
        desk,
        &Event::info(
            "DebugCmdOut",
            format!("adapter type: {}\nConnection:", credentials.kind()),
        ),
    );
    for (key, value) in credentials.fields() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_string);
        tell(
            desk,
            &Event::info("DebugCmdOut", format!("  {key}: {value}")),
        );
    }
    let connected = adapter::open(&credentials, &project.root.root)
        .and_then(|adapter| adapter.connect("debug")?.execute("select 1 as id", &[]));
    match connected {
        Ok(_) => {
            tell(
                desk,
                &Event::info(
                    "DebugCmdOut",
                    "Connection test: [OK connection ok]".to_string(),
                ),
            );
            tell(
                desk,
                &Event::info("DebugCmdOut", "All checks passed!".to_string()),
            );
            Ok(Ended::Well)
        }
        Err(error) => {
            tell(
                desk,
                &Event::info("DebugCmdOut", "Connection test: [ERROR]".to_string()),
            );
            desk.fail("warehouse", error);
            Ok(Ended::WithFailures)
        }
    }
}
