//! Where the server is and who we are there: the profile, completed by what libpq takes from the
//! environment.

use super::passwords;
use crate::adapter::credentials::PostgresProfile;
use crate::adapter::credentials::SslMode;
use crate::base::Context;
use crate::base::fs;
use std::path::PathBuf;
use std::time::Duration;

/// All that opening a connection needs.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) role: Option<String>,
    /// What the session starts with, by name.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// `None` waits for as long as the system does.
    pub(super) patience: Option<Duration>,
    pub(super) keepalives_idle: Option<Duration>,
    /// Tries after the first one.
    pub(super) retries: usize,
    pub(super) tls: TlsWish,
}

/// How the connection is to be secured.
#[derive(Debug, Clone)]
pub(super) struct TlsWish {
    pub(super) mode: SslMode,
    /// Certificates of trusted authorities; `None` where nobody is trusted by name.
    pub(super) roots: Option<PathBuf>,
    /// Our own certificate with its key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

impl Server {
    pub(super) fn new(profile: &PostgresProfile, context: &Context) -> Self {
        let from_env = |name: &str| context.var(name).filter(|value| !value.is_empty());
        let given = profile.password.clone();
        let password = given
            .or_else(|| from_env("PGPASSWORD").map(str::to_string))
            .or_else(|| passwords::look_up(profile, context));
        Server {
            host: profile.host.clone(),
            port: profile.port,
            user: profile.user.clone(),
            password,
            role: profile.role.clone(),
            parameters: parameters(profile, context),
            patience: Some(profile.connect_timeout).filter(|time| !time.is_zero()),
            keepalives_idle: profile.keepalives_idle,
            retries: profile.retries,
            tls: wish(profile, context),
        }
    }

    /// The one database that a connection sees.
    pub(super) fn database(&self) -> &str {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(name, _)| *name == "database");
        found.map_or("", |(_, database)| database)
    }

    /// Whose rights count.
    pub(super) fn acting_role(&self) -> &str {
        self.role.as_deref().unwrap_or(&self.user)
    }

    /// The folder of a Unix socket instead of a name.
    pub(super) fn is_local(&self) -> bool {
        self.host.starts_with(['/', '@'])
    }
}

fn parameters(profile: &PostgresProfile, context: &Context) -> Vec<(&'static str, String)> {
    let mut options = context.var("PGOPTIONS").unwrap_or_default().to_string();
    if let Some(path) = &profile.search_path {
        // The server splits the options at spaces.
        let path = path.replace('\\', "\\\\").replace(' ', "\\ ");
        options = format!("{options} -c search_path={path}")
            .trim()
            .to_string();
    }
    let mut parameters = vec![
        ("user", profile.user.clone()),
        ("database", profile.database.clone()),
        ("client_encoding", "UTF8".to_string()),
        ("application_name", profile.application_name.clone()),
    ];
    if !options.is_empty() {
        parameters.push(("options", options));
    }
    parameters
}

fn wish(profile: &PostgresProfile, context: &Context) -> TlsWish {
    let from_env = |name: &str| context.var(name).filter(|value| !value.is_empty());
    let home = context.home.as_ref().map(|home| home.join(".postgresql"));
    // What nobody names is taken where libpq looks for it, if it is there.
    let file = |given: &Option<String>, variable: &str, usual: &str| {
        let named = given.as_deref().or_else(|| from_env(variable));
        let usual = home.as_ref().map(|home| home.join(usual));
        let usual = usual.filter(|path| fs::exists(path));
        named.map(|path| context.cwd.join(path)).or(usual)
    };
    let keys = &profile.ssl;
    let certificate = file(&keys.certificate, "PGSSLCERT", "postgresql.crt");
    let key = file(&keys.key, "PGSSLKEY", "postgresql.key");
    let roots = file(&keys.root_certificate, "PGSSLROOTCERT", "root.crt");
    let of_system = roots.as_deref() == Some(&context.cwd.join("system"));
    let mode = keys
        .mode
        .or_else(|| SslMode::named(from_env("PGSSLMODE")?))
        .unwrap_or(SslMode::Prefer);
    TlsWish {
        // Everybody can get a certificate from some public authority, so the name must count.
        mode: if of_system { SslMode::VerifyFull } else { mode },
        roots: if of_system {
            system_roots(context)
        } else {
            roots
        },
        identity: certificate.zip(key),
    }
}

/// Where systems keep the certificates of public authorities.
const SYSTEM_ROOTS: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
];

/// What `sslrootcert: system` stands for; `None` where the system has no such file.
fn system_roots(context: &Context) -> Option<PathBuf> {
    let named = context.var("SSL_CERT_FILE").filter(|path| !path.is_empty());
    let mut usual = SYSTEM_ROOTS.iter().map(PathBuf::from);
    named
        .map(|path| context.cwd.join(path))
        .or_else(|| usual.find(|path| fs::exists(path)))
}
