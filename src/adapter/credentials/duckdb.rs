//! The keys of a DuckDB profile.

use super::Keys;
use crate::sql::quote;
use serde_json::Map;
use serde_json::Value as Json;

/// Settings of one DuckDB database, checked.
#[derive(Debug, Clone, Default)]
pub struct DuckDbProfile {
    /// A file, or `:memory:`.
    pub path: String,
    pub database: String,
    pub schema: String,
    /// Options given when the database is opened.
    pub config_options: Map<String, Json>,
    /// `SET key = value` on each connection.
    pub settings: Map<String, Json>,
    pub extensions: Vec<Extension>,
    /// Statements that create the profile's secrets.
    pub secrets: Vec<String>,
    pub attach: Vec<Attachment>,
    /// Folder (or address) below which external relations are written.
    pub external_root: String,
    /// Whether credentials for cloud storage come from the environment's own chain.
    pub credential_chain: bool,
    pub disable_transactions: bool,
    pub is_ducklake: bool,
    pub retries: Retries,
    /// The program that runs Python models; `None` leaves the choice to the environment.
    pub python: Option<String>,
    /// Folders with modules for Python models.
    pub module_paths: Vec<String>,
    /// The keys as written, for `target` and `debug`; secrets left out.
    shown: Map<String, Json>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub name: String,
    /// `core_nightly`, `community` or an address; `None` for DuckDB's own.
    pub repository: Option<String>,
}

/// A second database beside the main one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attachment {
    pub path: String,
    /// `None` lets DuckDB name it after the file.
    pub alias: Option<String>,
    /// `sqlite`, `postgres`, ...; `None` for DuckDB's own format.
    pub kind: Option<String>,
    pub secret: Option<String>,
    pub read_only: bool,
    pub options: Map<String, Json>,
    pub is_ducklake: bool,
}

/// How often to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// Tries at opening the database in all, 1 at least.
    pub connect_attempts: usize,
    /// Tries at a statement in all, 1 at least.
    pub query_attempts: usize,
    /// Names of errors worth another try, such as `IOException`.
    pub retryable: Vec<String>,
}

impl Default for Retries {
    fn default() -> Self {
        Retries {
            connect_attempts: 1,
            query_attempts: 1,
            retryable: vec!["IOException".to_string()],
        }
    }
}

/// Keys that `target` and `debug` show, in order.
const SHOWN: [&str; 11] = [
    "config_options",
    "extensions",
    "settings",
    "external_root",
    "use_credential_provider",
    "attach",
    "filesystems",
    "remote",
    "plugins",
    "disable_transactions",
    "is_ducklake",
];

impl DuckDbProfile {
    pub(super) fn read(keys: &mut Keys<'_>) -> Self {
        refuse_python(keys);
        let path = keys.text("path").unwrap_or_else(|| ":memory:".to_string());
        if is_motherduck(&path) {
            keys.mistake("path", NO_MOTHERDUCK);
        }
        let own_name = database_of(&path);
        let database = keys.text("database").unwrap_or_else(|| own_name.clone());
        if database != own_name && !path.contains(':') {
            keys.mistake(
                "database",
                &format!("has the database `{database}`, but its `path` makes it `{own_name}`"),
            );
        }
        let mut profile = DuckDbProfile {
            path,
            database,
            schema: keys.text("schema").unwrap_or_else(|| "main".to_string()),
            config_options: keys.object("config_options").cloned().unwrap_or_default(),
            settings: keys.object("settings").cloned().unwrap_or_default(),
            extensions: extensions(keys),
            secrets: secrets(keys),
            attach: attachments(keys),
            external_root: keys
                .text("external_root")
                .unwrap_or_else(|| ".".to_string()),
            credential_chain: credential_chain(keys),
            disable_transactions: keys.flag("disable_transactions").unwrap_or(false),
            is_ducklake: keys.flag("is_ducklake").unwrap_or(false),
            retries: retries(keys),
            python: keys.text("python"),
            module_paths: texts(keys, "module_paths"),
            shown: Map::new(),
        };
        if keys.flag("keep_open") == Some(false) {
            keys.warn("sets `keep_open: false`; sqlmill opens the file once per command and closes it at the end");
        }
        profile.shown = profile.shown_keys(keys.map);
        profile
    }

    pub(super) fn fields(&self) -> Map<String, Json> {
        self.shown.clone()
    }

    fn shown_keys(&self, given: &Map<String, Json>) -> Map<String, Json> {
        let mut map = Map::new();
        map.insert("database".to_string(), self.database.clone().into());
        map.insert("schema".to_string(), self.schema.clone().into());
        map.insert("path".to_string(), self.path.clone().into());
        for key in SHOWN {
            map.insert(
                key.to_string(),
                given.get(key).cloned().unwrap_or(Json::Null),
            );
        }
        map["settings"] = Json::Object(self.settings.clone());
        map["external_root"] = self.external_root.clone().into();
        map["disable_transactions"] = self.disable_transactions.into();
        map
    }
}

impl Attachment {
    pub fn is_lake(&self) -> bool {
        self.is_ducklake || self.path.starts_with("ducklake:")
    }

    /// The statement that attaches the database.
    pub fn to_sql(&self) -> String {
        let mut sql = format!("attach if not exists {}", quote::text(&self.path));
        if let Some(alias) = &self.alias {
            sql.push_str(&format!(
                " as {}",
                quote::identifier(alias, &crate::sql::dialect::DUCKDB)
            ));
        }
        let mut options = Vec::new();
        options.extend(self.kind.as_ref().map(|kind| format!("type {kind}")));
        options.extend(
            self.secret
                .as_ref()
                .map(|secret| format!("secret {secret}")),
        );
        options.extend(self.read_only.then(|| "read_only".to_string()));
        for (key, value) in &self.options {
            match value {
                Json::Bool(true) => options.push(key.clone()),
                Json::Bool(false) | Json::Null => {}
                other => options.push(format!("{key} {}", literal(other))),
            }
        }
        match options.is_empty() {
            true => sql,
            false => format!("{sql} ({})", options.join(", ")),
        }
    }
}

/// A value of the profile as SQL: texts in quotes, numbers and flags plain.
pub(crate) fn literal(value: &Json) -> String {
    match value {
        Json::String(text) => quote::text(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(map) => {
            let entries = map.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{}: {}", quote::text(key), literal(value)))
                .collect();
            format!("map {{{}}}", entries.join(", "))
        }
        plain => plain.to_string(),
    }
}

/// The name that DuckDB gives the database in a file: what stands before the first dot,
/// with `_db` behind it where DuckDB itself uses the name.
fn database_of(path: &str) -> String {
    if path == ":memory:" || path.is_empty() {
        return "memory".to_string();
    }
    let path = path.split('?').next().unwrap_or(path);
    let file = path.rsplit(['/', '\\', ':']).next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    match ["main", "temp", "system"].contains(&stem) {
        true => format!("{stem}_db"),
        false => stem.to_string(),
    }
}

const NO_MOTHERDUCK: &str =
    "has a MotherDuck path, which sqlmill cannot open; give a file or `:memory:`";

fn is_motherduck(path: &str) -> bool {
    ["md:", "motherduck:"]
        .iter()
        .any(|scheme| path.starts_with(scheme))
}

fn refuse_python(keys: &mut Keys<'_>) {
    let refused = [
        (
            "plugins",
            "asks for plugins, which are Python programs; read files through `external_location` or `attach` instead",
        ),
        (
            "filesystems",
            "asks for filesystems, which are Python programs; DuckDB reads `s3://` and `https://` through its extension `httpfs`",
        ),
        (
            "remote",
            "asks for a remote DuckDB server, which sqlmill does not speak to",
        ),
        (
            "motherduck_token",
            "has a MotherDuck token, and sqlmill cannot open MotherDuck databases",
        ),
        (
            "flights",
            "asks for MotherDuck flights, which sqlmill does not have",
        ),
    ];
    for (key, sentence) in refused {
        if keys.get(key).is_some_and(|value| !is_empty(value)) {
            keys.mistake(key, sentence);
        }
    }
}

fn texts(keys: &mut Keys<'_>, key: &'static str) -> Vec<String> {
    let items = keys.list(key).unwrap_or_default();
    let texts = items.iter().filter_map(Json::as_str);
    texts.map(str::to_string).collect()
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}

fn extensions(keys: &mut Keys<'_>) -> Vec<Extension> {
    let mut found = Vec::new();
    for item in keys.list("extensions").unwrap_or_default() {
        let extension = match item {
            Json::String(name) => Some(Extension {
                name: name.clone(),
                repository: None,
            }),
            Json::Object(map) => map
                .get("name")
                .and_then(Json::as_str)
                .map(|name| Extension {
                    name: name.to_string(),
                    repository: map.get("repo").and_then(Json::as_str).map(str::to_string),
                }),
            _ => None,
        };
        match extension {
            Some(extension) => found.push(extension),
            None => keys.mistake(
                "extensions",
                &format!("has the extension `{item}`; write a name, or `name` and `repo`"),
            ),
        }
    }
    found
}

fn secrets(keys: &mut Keys<'_>) -> Vec<String> {
    let maps = keys.objects("secrets").unwrap_or_default();
    let mut statements = Vec::new();
    for (index, map) in maps.into_iter().enumerate() {
        match secret(map, index + 1) {
            Some(statement) => statements.push(statement),
            None => keys.mistake("secrets", "has a secret without `type`, such as `s3`"),
        }
    }
    statements
}

/// `create or replace secret ... (type s3, key_id '...')`; `None` without a type.
fn secret(map: &Map<String, Json>, number: usize) -> Option<String> {
    let text = |key: &str| map.get(key).and_then(Json::as_str);
    let kind = text("type").or(text("secret_type"))?;
    let unnamed = format!("_dbt_secret_{number}");
    let name = text("name").unwrap_or(&unnamed);
    let persistent = match map.get("persistent") {
        Some(Json::Bool(true)) => "persistent ",
        _ => "",
    };
    let mut options = vec![format!("type {kind}")];
    for (key, value) in map {
        match (key.as_str(), value) {
            ("type" | "secret_type" | "name" | "persistent", _) | (_, Json::Null) => {}
            ("provider", Json::String(provider)) => options.push(format!("provider {provider}")),
            ("scope", Json::Array(scopes)) => {
                options.extend(
                    scopes
                        .iter()
                        .map(|scope| format!("scope {}", literal(scope))),
                );
            }
            (key, Json::Array(_)) => options.push(format!("{key} array {}", literal(value))),
            (key, value) => options.push(format!("{key} {}", literal(value))),
        }
    }
    Some(format!(
        "create or replace {persistent}secret {name} ({})",
        options.join(", ")
    ))
}

fn attachments(keys: &mut Keys<'_>) -> Vec<Attachment> {
    let maps = keys.objects("attach").unwrap_or_default();
    let owner = format!("an attachment of {}", keys.owner);
    let mut found = Vec::new();
    for map in maps {
        let mut inner = Keys::new(owner.clone(), map, keys.bag);
        let attachment = Attachment {
            path: inner.text("path").unwrap_or_default(),
            alias: inner.text("alias"),
            kind: inner.text("type"),
            secret: inner.text("secret"),
            read_only: inner.flag("read_only").unwrap_or(false),
            options: inner.object("options").cloned().unwrap_or_default(),
            is_ducklake: inner.flag("is_ducklake").unwrap_or(false),
        };
        if attachment.path.is_empty() {
            inner.mistake("path", "has no `path`");
        }
        if is_motherduck(&attachment.path) {
            inner.mistake("path", NO_MOTHERDUCK);
        }
        keys.failed |= !inner.finish();
        found.push(attachment);
    }
    found
}

fn credential_chain(keys: &mut Keys<'_>) -> bool {
    match keys.text("use_credential_provider") {
        None => false,
        Some(provider) if provider == "aws" => true,
        Some(provider) => {
            keys.mistake(
                "use_credential_provider",
                &format!("has the credential provider `{provider}`; the one known is `aws`"),
            );
            false
        }
    }
}

fn retries(keys: &mut Keys<'_>) -> Retries {
    let usual = Retries::default();
    let Some(map) = keys.object("retries") else {
        return usual;
    };
    let mut inner = Keys::new(format!("`retries` of {}", keys.owner), map, keys.bag);
    let retryable = inner.list("retryable_exceptions").map(|names| {
        let names = names.iter().filter_map(Json::as_str);
        names.map(str::to_string).collect()
    });
    let retries = Retries {
        connect_attempts: inner.number("connect_attempts").unwrap_or(1).max(1),
        query_attempts: inner.number("query_attempts").unwrap_or(1).max(1),
        retryable: retryable.unwrap_or(usual.retryable),
    };
    keys.failed |= !inner.finish();
    retries
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attachments_become_statements() {
        let attachment = Attachment {
            path: "b's.db".to_string(),
            alias: Some("b".to_string()),
            kind: Some("sqlite".to_string()),
            read_only: true,
            ..Attachment::default()
        };
        assert_eq!(
            attachment.to_sql(),
            "attach if not exists 'b''s.db' as \"b\" (type sqlite, read_only)"
        );
    }

    #[test]
    fn secrets_become_statements() {
        let map = json!({
            "type": "s3", "name": "n", "provider": "credential_chain", "persistent": true,
            "chain": ["env", "sts"], "scope": ["a", "b"], "secret": "s'q",
        });
        assert_eq!(
            secret(map.as_object().unwrap(), 1).unwrap(),
            "create or replace persistent secret n (type s3, provider credential_chain, \
             chain array ['env', 'sts'], scope 'a', scope 'b', secret 's''q')"
        );
    }
}
