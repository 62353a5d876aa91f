//! Why there is no connection: the step that failed, the reason, and what a person can do about it.

use super::errors;
use super::errors::Complaint;
use super::server::Server;
use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use std::io;

pub(super) type Result<T> = std::result::Result<T, Box<Failure>>;

#[derive(Debug)]
pub(super) struct Failure {
    pub(super) step: Step,
    reason: String,
    /// SQLSTATE, where it was the server that refused; else empty.
    code: String,
    /// Whether another try may go better.
    pub(super) is_passing: bool,
}

/// The steps of opening a connection, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    NameLookup,
    Port,
    Tls,
    Login,
}

impl Failure {
    pub(super) fn new(step: Step, reason: impl Into<String>) -> Box<Self> {
        Box::new(Failure {
            step,
            reason: reason.into(),
            code: String::new(),
            is_passing: false,
        })
    }

    pub(super) fn socket(step: Step, error: &io::Error) -> Box<Self> {
        let reason = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "timeout expired".to_string(),
            io::ErrorKind::ConnectionRefused => "Connection refused".to_string(),
            io::ErrorKind::NotFound => "No such file or directory".to_string(),
            io::ErrorKind::UnexpectedEof => "server closed the connection unexpectedly".to_string(),
            _ => error.to_string(),
        };
        let mut failure = Failure::new(step, reason);
        failure.is_passing = true;
        failure
    }

    pub(super) fn complaint(complaint: &Complaint) -> Box<Self> {
        let reason = format!("{}:  {}", complaint.severity, complaint.message);
        let mut failure = Failure::new(Step::Login, reason);
        // The server starts or stops, or has no connection left.
        failure.is_passing = complaint.code.starts_with("57P") || complaint.code == "53300";
        failure.code.clone_from(&complaint.code);
        failure
    }

    /// In libpq's words, and a hint that names the step and the keys of the profile to look at.
    pub(super) fn told(&self, server: &Server) -> AdapterError {
        let Server { host, port, .. } = server;
        let reason = self.reason.as_str();
        let headline = match (self.step, server.is_local()) {
            (Step::NameLookup, _) => {
                let reason = reason.split("information: ").last().unwrap_or(reason);
                format!("could not translate host name \"{host}\" to address: {reason}")
            }
            (_, true) => format!(
                "connection to server on socket \"{host}/.s.PGSQL.{port}\" failed: {reason}"
            ),
            _ => format!("connection to server at \"{host}\", port {port} failed: {reason}"),
        };
        let kind = match self.is_passing {
            true => ErrorKind::Disconnected,
            false => ErrorKind::Config,
        };
        errors::new(kind, format!("{headline}\nHINT:  {}", self.hint(server)))
    }

    fn hint(&self, server: &Server) -> String {
        let seconds = server.patience.unwrap_or_default().as_secs();
        match (self.step, self.code.as_str()) {
            (Step::NameLookup, _) => "The name lookup failed: check `host`.".to_string(),
            (Step::Port, _) if self.reason.starts_with("timeout") => format!(
                "Nobody answered within {seconds} seconds (`connect_timeout`): check `host`, `port` \
                 and firewalls between."
            ),
            (Step::Port, _) => {
                "The port is closed: check `host` and `port`, and whether the server runs."
                    .to_string()
            }
            (Step::Tls, _) => format!(
                "TLS failed under `sslmode: {}`: check `sslmode`, `sslrootcert`, `sslcert` and `sslkey`.",
                server.tls.mode.as_str()
            ),
            (Step::Login, "28P01") => {
                "The password is wrong, or there is no such user: check `user` and `password`."
                    .to_string()
            }
            (Step::Login, "28000") => {
                "The server does not let this user in from here: check `user`, `sslmode` and the \
                 server's pg_hba.conf."
                    .to_string()
            }
            (Step::Login, "3D000") => "There is no such database: check `dbname`.".to_string(),
            (Step::Login, "42501") => {
                "The user may not connect to this database: check `user` and `dbname`.".to_string()
            }
            (Step::Login, "53300") => {
                "The server has no connection left: lower `threads`, or raise its max_connections."
                    .to_string()
            }
            (Step::Login, "") if server.password.is_none() => {
                "There is no password: give `password` in the profile, PGPASSWORD, or a line in the \
                 password file."
                    .to_string()
            }
            (Step::Login, _) => "The server was reached, and refused the login.".to_string(),
        }
    }
}
