//! The keys of a PostgreSQL profile, with dbt's defaults.

use super::Keys;
use serde_json::Map;
use serde_json::Value as Json;
use std::time::Duration;

/// Settings of one PostgreSQL database, checked.
#[derive(Debug, Clone)]
pub struct PostgresProfile {
    /// A name, an address, or the folder of a Unix socket, which starts with `/`.
    pub host: String,
    pub port: u16,
    pub user: String,
    /// `None` leaves it to `PGPASSWORD` and the password file.
    pub password: Option<String>,
    pub database: String,
    pub schema: String,
    /// For opening a connection, each address apart.
    pub connect_timeout: Duration,
    /// Tries after the first one.
    pub retries: usize,
    /// Silence on a connection before the system asks whether the other side is still there;
    /// `None` leaves it to the system.
    pub keepalives_idle: Option<Duration>,
    pub search_path: Option<String>,
    /// The role that every connection takes on.
    pub role: Option<String>,
    pub ssl: SslKeys,
    pub application_name: String,
    /// The keys as `target` and `debug` show them; secrets left out.
    shown: Map<String, Json>,
}

/// What a profile says about TLS; `None` leaves it to the environment and to what libpq does then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SslKeys {
    pub mode: Option<SslMode>,
    pub certificate: Option<String>,
    pub key: Option<String>,
    /// A file of certificates, or `system`.
    pub root_certificate: Option<String>,
}

/// How much a connection insists on TLS, as libpq means these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    Disable,
    /// Without TLS first, with it where the server refuses that.
    Allow,
    /// With TLS where the server has it.
    Prefer,
    Require,
    /// The server's certificate comes from a trusted authority.
    VerifyCa,
    /// It is also made out to the host's name.
    VerifyFull,
}

impl SslMode {
    pub const ALL: [SslMode; 6] = [
        SslMode::Disable,
        SslMode::Allow,
        SslMode::Prefer,
        SslMode::Require,
        SslMode::VerifyCa,
        SslMode::VerifyFull,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        SslMode::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

/// What goes by two names in a profile.
const ALIASES: [(&str, &str); 2] = [("database", "dbname"), ("password", "pass")];

impl PostgresProfile {
    pub(super) fn read(keys: &mut Keys<'_>) -> Self {
        let mut profile = PostgresProfile {
            host: required(keys, "host"),
            port: port(keys),
            user: required(keys, "user"),
            password: aliased(keys, "password"),
            database: database(keys),
            schema: required(keys, "schema"),
            connect_timeout: seconds(keys, "connect_timeout").unwrap_or(Duration::from_secs(10)),
            retries: keys.number("retries").unwrap_or(1),
            keepalives_idle: seconds(keys, "keepalives_idle").filter(|time| !time.is_zero()),
            search_path: given(keys, "search_path"),
            role: given(keys, "role"),
            ssl: ssl(keys),
            application_name: given(keys, "application_name").unwrap_or_else(|| "dbt".to_string()),
            shown: Map::new(),
        };
        profile.shown = profile.shown_keys();
        profile
    }

    pub(super) fn fields(&self) -> Map<String, Json> {
        self.shown.clone()
    }

    fn shown_keys(&self) -> Map<String, Json> {
        let mode = self.ssl.mode.map(SslMode::as_str);
        let whole = |time: Duration| Json::from(time.as_secs());
        let fields = [
            ("host", Json::from(self.host.as_str())),
            ("port", self.port.into()),
            ("user", self.user.as_str().into()),
            ("database", self.database.as_str().into()),
            ("schema", self.schema.as_str().into()),
            ("connect_timeout", whole(self.connect_timeout)),
            ("role", self.role.as_deref().into()),
            ("search_path", self.search_path.as_deref().into()),
            (
                "keepalives_idle",
                whole(self.keepalives_idle.unwrap_or_default()),
            ),
            ("sslmode", mode.into()),
            ("sslcert", self.ssl.certificate.as_deref().into()),
            ("sslkey", self.ssl.key.as_deref().into()),
            ("sslrootcert", self.ssl.root_certificate.as_deref().into()),
            ("application_name", self.application_name.as_str().into()),
            ("retries", self.retries.into()),
        ];
        let fields = fields.into_iter();
        fields
            .map(|(key, value)| (key.to_string(), value))
            .collect()
    }
}

/// The text of a key that must be there.
fn required(keys: &mut Keys<'_>, key: &'static str) -> String {
    match given(keys, key) {
        Some(text) => text,
        None => {
            // A value of another type was complained about already.
            if keys
                .map
                .get(key)
                .is_none_or(|value| value.is_null() || *value == "")
            {
                keys.mistake(key, &format!("has no `{key}`"));
            }
            String::new()
        }
    }
}

fn database(keys: &mut Keys<'_>) -> String {
    aliased(keys, "database").unwrap_or_else(|| {
        keys.mistake("database", "has no `dbname` (or `database`)");
        String::new()
    })
}

/// The text of a key or of its other name; both at once are a mistake.
fn aliased(keys: &mut Keys<'_>, key: &'static str) -> Option<String> {
    let mut aliases = ALIASES.iter();
    let (_, alias) = aliases.find(|(name, _)| *name == key)?;
    let (named, other) = (scalar(keys, key), scalar(keys, alias));
    if named.is_some() && other.is_some() {
        keys.mistake(
            key,
            &format!("has both `{key}` and `{alias}`; leave one of them"),
        );
    }
    named.or(other)
}

/// A text, also where YAML reads a number: passwords may be all digits.
fn scalar(keys: &mut Keys<'_>, key: &'static str) -> Option<String> {
    match keys.get(key) {
        Some(Json::Number(number)) => Some(number.to_string()),
        _ => given(keys, key),
    }
}

/// A text that is not empty.
fn given(keys: &mut Keys<'_>, key: &'static str) -> Option<String> {
    keys.text(key).filter(|text| !text.is_empty())
}

fn port(keys: &mut Keys<'_>) -> u16 {
    let Some(number) = keys.number("port") else {
        if keys.map.get("port").is_none_or(Json::is_null) {
            keys.mistake("port", "has no `port`, such as 5432");
        }
        return 0;
    };
    match u16::try_from(number) {
        Ok(port) if port > 0 => port,
        _ => {
            keys.mistake(
                "port",
                &format!("has the port {number}; ports go from 1 to 65535"),
            );
            0
        }
    }
}

fn seconds(keys: &mut Keys<'_>, key: &'static str) -> Option<Duration> {
    let number = keys.number(key)?;
    Some(Duration::from_secs(number as u64))
}

fn ssl(keys: &mut Keys<'_>) -> SslKeys {
    let mode = given(keys, "sslmode").and_then(|word| {
        let mode = SslMode::named(&word);
        if mode.is_none() {
            let known = SslMode::ALL.map(|mode| format!("`{}`", mode.as_str()));
            keys.mistake(
                "sslmode",
                &format!("has the sslmode `{word}`; known are {}", known.join(", ")),
            );
        }
        mode
    });
    SslKeys {
        mode,
        certificate: given(keys, "sslcert"),
        key: given(keys, "sslkey"),
        root_certificate: given(keys, "sslrootcert"),
    }
}

#[cfg(test)]
mod tests {
    use crate::adapter::Credentials;
    use crate::base::Bag;
    use serde_json::Value as Json;
    use serde_json::json;

    fn read(output: &Json) -> (Option<Credentials>, Vec<String>) {
        let bag = Bag::new();
        let found = Credentials::read("shop", "dev", output.as_object().unwrap(), &bag);
        let said = bag.take().into_iter().map(|d| d.message);
        (found, said.collect())
    }

    #[test]
    fn defaults_are_those_of_dbt_and_passwords_stay_hidden() {
        let (found, said) = read(&json!({
            "type": "postgres", "host": "h", "port": "5432", "user": "u", "pass": 123,
            "dbname": "d", "schema": "s",
        }));
        assert_eq!(said, Vec::<String>::new());
        let fields = Json::Object(found.unwrap().fields());
        assert_eq!(
            fields,
            json!({
                "host": "h", "port": 5432, "user": "u", "database": "d", "schema": "s",
                "connect_timeout": 10, "role": null, "search_path": null, "keepalives_idle": 0,
                "sslmode": null, "sslcert": null, "sslkey": null, "sslrootcert": null,
                "application_name": "dbt", "retries": 1,
            })
        );
    }

    #[test]
    fn mistakes_are_named_together() {
        let (found, said) = read(&json!({
            "type": "postgres", "host": "h", "port": 70000, "database": "d", "dbname": "e",
            "schema": 5, "sslmode": "always",
        }));
        assert!(found.is_none());
        insta::assert_snapshot!(said.join("\n"), @r"
        profile `shop`, target `dev` has both `database` and `dbname`; leave one of them
        profile `shop`, target `dev` has no `user`
        profile `shop`, target `dev` has the port 70000; ports go from 1 to 65535
        profile `shop`, target `dev` has the sslmode `always`; known are `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`
        profile `shop`, target `dev` must have a text as `schema`, not `5`
        ");
    }
}
