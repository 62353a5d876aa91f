//! Fetches over HTTP. The one place of the program that opens a network connection, and only
//! `deps` comes here.
//! Promise: what fails for a passing reason is tried again; nothing waits for ever.

use crate::base::Context;
use crate::base::fs;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use ureq::Agent;
use ureq::Proxy;
use ureq::config::Config;
use ureq::tls::PemItem;
use ureq::tls::RootCerts;
use ureq::tls::TlsConfig;

/// Largest answer that is read, in bytes; packages are some hundred kilobytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// How long to wait before another try, each.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];

/// Variables that name a file of certificates to trust in place of the built-in list.
const CERTIFICATE_VARIABLES: [&str; 3] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"];

/// Variables that name the proxy for an address, by its beginning.
const PROXY_VARIABLES: [(&str, [&str; 4]); 2] = [
    (
        "https:",
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
    ),
    (
        "http:",
        ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"],
    ),
];

/// Fetches what lies at an address, the way the environment says.
pub(super) struct Client<'a> {
    context: &'a Context,
}

/// Why something could not be fetched.
#[derive(Debug)]
pub(super) enum Failure {
    /// There is nothing at this address.
    Missing,
    /// The server gave another status than success.
    Status(u16),
    /// No answer came, for this reason.
    Unreachable(String),
    /// What the environment says about the network makes no sense.
    Settings(String),
}

impl<'a> Client<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Client { context }
    }

    /// The content at an address that begins with `http://` or `https://`.
    pub(super) fn get(&self, address: &str) -> Result<Vec<u8>, Failure> {
        let agent = self.agent(address)?;
        let mut pauses = PAUSES.into_iter();
        loop {
            match once(&agent, address) {
                Err(failure) if failure.may_pass() => match pauses.next() {
                    Some(pause) => sleep(pause),
                    None => return Err(failure),
                },
                done => return done,
            }
        }
    }

    fn agent(&self, address: &str) -> Result<Agent, Failure> {
        let roots = match self.certificates()? {
            Some(roots) => roots,
            None => RootCerts::WebPki,
        };
        let config = Config::builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .proxy(self.proxy(address)?)
            .user_agent(concat!("sqlmill/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_global(Some(Duration::from_secs(600)))
            .build();
        Ok(config.into())
    }

    /// `None` where the built-in list of authorities is to be trusted.
    fn certificates(&self) -> Result<Option<RootCerts>, Failure> {
        let named = CERTIFICATE_VARIABLES
            .iter()
            .find_map(|name| Some((name, self.filled(name)?)));
        let Some((name, path)) = named else {
            return Ok(None);
        };
        let wrong = |why: String| Failure::Settings(format!("{name}: {why}"));
        let bytes = fs::read_bytes(Path::new(path), "certificates")
            .map_err(|error| wrong(error.to_string()))?;
        let mut roots = Vec::new();
        for item in ureq::tls::parse_pem(&bytes) {
            match item {
                Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                Ok(_) => {}
                Err(error) => return Err(wrong(error.to_string())),
            }
        }
        Ok(Some(RootCerts::Specific(Arc::new(roots))))
    }

    fn proxy(&self, address: &str) -> Result<Option<Proxy>, Failure> {
        let variables = PROXY_VARIABLES
            .iter()
            .find(|(start, _)| address.starts_with(start));
        let named = variables
            .into_iter()
            .flat_map(|(_, names)| names)
            .find_map(|name| Some((name, self.filled(name)?)));
        match named {
            Some((name, proxy)) if !self.goes_straight(address) => Proxy::new(proxy)
                .map(Some)
                .map_err(|error| Failure::Settings(format!("{name}: {error}"))),
            _ => Ok(None),
        }
    }

    /// Whether `NO_PROXY` exempts the address: its host, or a domain that holds it.
    fn goes_straight(&self, address: &str) -> bool {
        let exempt = self.filled("no_proxy").or(self.filled("NO_PROXY"));
        let host = host(address);
        exempt.unwrap_or_default().split(',').any(|entry| {
            let domain = entry
                .trim()
                .trim_start_matches("*.")
                .trim_start_matches('.');
            entry.trim() == "*" || host == domain || host.ends_with(&format!(".{domain}"))
        })
    }

    fn filled(&self, name: &str) -> Option<&str> {
        self.context.var(name).filter(|text| !text.is_empty())
    }
}

impl Failure {
    fn may_pass(&self) -> bool {
        match self {
            Failure::Unreachable(_) => true,
            Failure::Status(status) => matches!(status, 408 | 429 | 500..=599),
            Failure::Missing | Failure::Settings(_) => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Missing => f.write_str("there is nothing at this address (status 404)"),
            Failure::Status(status) => write!(f, "the server answered with status {status}"),
            Failure::Unreachable(why) | Failure::Settings(why) => f.write_str(why),
        }
    }
}

fn once(agent: &Agent, address: &str) -> Result<Vec<u8>, Failure> {
    let mut answer = agent.get(address).call().map_err(failure)?;
    let body = answer.body_mut().with_config().limit(LARGEST);
    body.read_to_vec().map_err(failure)
}

fn failure(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::StatusCode(404) => Failure::Missing,
        ureq::Error::StatusCode(status) => Failure::Status(status),
        ureq::Error::Io(error) => Failure::Unreachable(error.to_string().to_lowercase()),
        ureq::Error::HostNotFound => Failure::Unreachable("no such host".to_string()),
        other => Failure::Unreachable(other.to_string()),
    }
}

/// `hub.getdbt.com` of `https://user:word@hub.getdbt.com:443/api`.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = authority.rsplit('@').next().unwrap_or_default();
    named.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_exceptions() {
        assert_eq!(
            host("https://a:b@hub.example.com:8443/api?x"),
            "hub.example.com"
        );
        assert_eq!(host("http://127.0.0.1:80"), "127.0.0.1");
        for (exempt, straight) in [
            ("", false),
            ("example.com", true),
            (".example.com, other", true),
            ("*.example.com", true),
            ("ample.com", false),
            ("*", true),
        ] {
            let mut context = Context::fixed("/shop");
            context
                .env
                .insert("NO_PROXY".to_string(), exempt.to_string());
            let client = Client::new(&context);
            assert_eq!(
                client.goes_straight("https://hub.example.com/x"),
                straight,
                "{exempt}"
            );
        }
    }
}
