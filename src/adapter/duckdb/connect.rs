//! Opening the database the way its profile says.

use super::errors;
use super::library;
use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use crate::adapter::Result;
use crate::adapter::credentials::Attachment;
use crate::adapter::credentials::DuckDbProfile;
use crate::adapter::credentials::Extension;
use crate::adapter::credentials::literal;
use crate::sql::dialect::DUCKDB;
use crate::sql::quote;
use duckdb::Config;
use duckdb::Connection;
use serde_json::Value as Json;
use std::path::Path;
use std::time::Duration;

/// DuckDB's option by which a statement installs the extension that it needs.
const AUTOINSTALL: &str = "autoinstall_known_extensions";

/// Opens the database, then loads, makes and attaches what the profile lists.
pub(super) fn open(profile: &DuckDbProfile, folder: &Path) -> Result<Connection> {
    library::load()?;
    let connection = open_with_patience(profile, folder)?;
    apply_settings(&connection, profile, folder)?;
    for extension in &profile.extensions {
        load(&connection, extension)?;
    }
    if profile.credential_chain {
        take_credential_chain(&connection)?;
    }
    for secret in &profile.secrets {
        run(&connection, secret)?;
    }
    for attachment in &profile.attach {
        run(&connection, &resolved(attachment, folder).to_sql())?;
    }
    Ok(connection)
}

/// `set key = value` for each setting of the profile; DuckDB keeps some of them per connection.
pub(super) fn apply_settings(
    connection: &Connection,
    profile: &DuckDbProfile,
    folder: &Path,
) -> Result<()> {
    // Files that SQL names by a relative path lie in the project's folder.
    let folder = quote::text(&folder.to_string_lossy());
    run(connection, &format!("set file_search_path = {folder}"))?;
    for (key, value) in &profile.settings {
        let key = quote::identifier(key, &DUCKDB);
        run(connection, &format!("set {key} = {}", literal(value)))?;
    }
    Ok(())
}

/// Tries as often as the profile says, waiting longer each time.
fn open_with_patience(profile: &DuckDbProfile, folder: &Path) -> Result<Connection> {
    let retries = &profile.retries;
    let mut wait = Duration::from_secs(1);
    for _ in 1..retries.connect_attempts {
        match open_once(profile, folder) {
            Err(e) if errors::is_retryable(&e, &retries.retryable) => {}
            outcome => return outcome,
        }
        std::thread::sleep(wait);
        wait *= 2;
    }
    open_once(profile, folder)
}

fn open_once(profile: &DuckDbProfile, folder: &Path) -> Result<Connection> {
    let mut config = Config::default();
    // Nothing is downloaded at run time, unless the profile asks for it.
    if !profile.config_options.contains_key(AUTOINSTALL) {
        let refused = config.with(AUTOINSTALL, "false");
        config = refused.map_err(|e| errors::of(&e, ""))?;
    }
    for (key, value) in &profile.config_options {
        let text = match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        config = config.with(key, &text).map_err(|e| {
            let message = format!("cannot set the option `{key}` to `{text}`: {e}");
            AdapterError::new(ErrorKind::Config, message)
        })?;
    }
    let opened = match profile.path.as_str() {
        ":memory:" => Connection::open_in_memory_with_flags(config),
        path => Connection::open_with_flags(located(path, folder), config),
    };
    opened.map_err(|e| errors::of(&e, ""))
}

fn load(connection: &Connection, extension: &Extension) -> Result<()> {
    let name = quote::identifier(&extension.name, &DUCKDB);
    let load = format!("load {name}");
    if run(connection, &load).is_ok() {
        return Ok(());
    }
    match &extension.repository {
        // A folder of this machine: nothing is downloaded.
        Some(folder) if folder.contains(['/', '\\']) && !folder.contains("://") => {
            let from = quote::text(folder);
            run(connection, &format!("install {name} from {from}"))?;
            run(connection, &load)
        }
        _ => Err(not_installed(extension)),
    }
}

fn not_installed(extension: &Extension) -> AdapterError {
    let Extension { name, repository } = extension;
    let from = repository.as_ref().map(|name| format!(" from {name}"));
    let message = format!(
        "the extension `{name}` is not installed on this machine, and sqlmill downloads nothing: run \
         `install {name}{}` once with another DuckDB 1.5, or take it out of the profile",
        from.unwrap_or_default()
    );
    AdapterError::new(ErrorKind::Config, message)
}

fn take_credential_chain(connection: &Connection) -> Result<()> {
    for name in ["httpfs", "aws"] {
        let extension = Extension {
            name: name.to_string(),
            repository: None,
        };
        load(connection, &extension)?;
    }
    let secret =
        "create or replace secret _dbt_credential_chain (type s3, provider credential_chain)";
    run(connection, secret)
}

fn run(connection: &Connection, sql: &str) -> Result<()> {
    connection
        .execute_batch(sql)
        .map_err(|e| errors::of(&e, sql))
}

/// A path of the profile as the process can open it; addresses with a scheme stay as they are.
fn located(path: &str, folder: &Path) -> String {
    let has_scheme = path
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.len() > 1);
    match has_scheme {
        true => path.to_string(),
        false => folder.join(path).to_string_lossy().into_owned(),
    }
}

/// The attachment with its file found; other warehouses' paths are theirs to read.
fn resolved(attachment: &Attachment, folder: &Path) -> Attachment {
    let is_file = match attachment.kind.as_deref() {
        None => true,
        Some(kind) => ["duckdb", "sqlite"]
            .iter()
            .any(|own| kind.eq_ignore_ascii_case(own)),
    };
    let mut resolved = attachment.clone();
    if is_file && attachment.path != ":memory:" {
        resolved.path = located(&attachment.path, folder);
    }
    resolved
}
