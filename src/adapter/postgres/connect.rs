//! Opening a connection step by step; a step that fails is named.
//! Promise: what may pass by itself is tried again with growing pauses, a wrong password is not.

use super::errors;
use super::errors::Complaint;
use super::login;
use super::login::Line;
use super::login::Refusal;
use super::server::Server;
use super::tls;
use super::wire::Stream;
use super::wire::Wire;
use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use crate::adapter::Result;
use crate::adapter::credentials::SslMode;
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use socket2::SockRef;
use socket2::TcpKeepalive;
use std::io;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::net::ToSocketAddrs;
use std::time::Duration;

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct Failure {
    step: Step,
    reason: String,
    /// Whether another try may go better.
    passing: bool,
    /// The server's word, where it was the server that refused.
    complaint: Option<Complaint>,
}

/// The steps of opening a connection, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    NameLookup,
    Port,
    Tls,
    Login,
}

/// Opens a connection with as many tries as the server's settings allow.
pub(super) fn open(server: &Server) -> Result<Line> {
    let mut pause = Duration::from_secs(1);
    for _ in 0..server.retries {
        match open_once(server) {
            Err(failure) if failure.passing => {}
            outcome => return outcome.map_err(|failure| failure.told(server)),
        }
        std::thread::sleep(pause);
        pause *= 2;
    }
    open_once(server).map_err(|failure| failure.told(server))
}

/// Asks the server to stop what a connection runs. Whoever cannot be reached is not asked.
pub(super) fn cancel(server: &Server, process_id: i32, secret_key: i32) {
    let ask = |security: Security| -> std::result::Result<(), Failure> {
        let mut stream = reach(server, security)?.stream;
        let mut message = BytesMut::new();
        frontend::cancel_request(process_id, secret_key, &mut message);
        let sent = stream.write_all(&message).and_then(|()| stream.flush());
        // The server hangs up once it has passed the request on.
        let heard = sent.and_then(|()| stream.read(&mut [0]));
        heard
            .map(drop)
            .map_err(|e| Failure::socket(Step::Login, &e))
    };
    for security in securities(server) {
        if ask(*security).is_ok() {
            return;
        }
    }
}

fn open_once(server: &Server) -> std::result::Result<Line, Failure> {
    let mut first: Option<Failure> = None;
    for security in securities(server) {
        match open_with(server, *security) {
            Ok(line) => return Ok(line),
            // Only what another kind of connection could change is worth the other kind.
            Err(failure) if matches!(failure.step, Step::Tls | Step::Login) => {
                first.get_or_insert(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(first.unwrap_or_else(|| Failure::new(Step::Port, "nothing was tried")))
}

fn open_with(server: &Server, security: Security) -> std::result::Result<Line, Failure> {
    let Reached { stream, timer } = reach(server, security)?;
    let line = login::log_in(Wire::new(stream), server).map_err(Failure::refused)?;
    timer.stop().map_err(|e| Failure::socket(Step::Port, &e))?;
    Ok(line)
}

/// Whether a connection speaks TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    Plain,
    /// TLS where the server has it.
    Offered,
    Tls,
}

/// What a mode tries, in its order.
fn securities(server: &Server) -> &'static [Security] {
    if server.is_local() {
        return &[Security::Plain];
    }
    match server.tls.mode {
        SslMode::Disable => &[Security::Plain],
        SslMode::Allow => &[Security::Plain, Security::Tls],
        SslMode::Prefer => &[Security::Offered, Security::Plain],
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[Security::Tls],
    }
}

/// An open socket on which nobody has spoken yet.
struct Reached {
    stream: Box<dyn Stream>,
    timer: Timer,
}

/// Limits how long the socket waits, until it is stopped.
enum Timer {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Timer {
    fn set(&self, patience: Option<Duration>) -> io::Result<()> {
        match self {
            Timer::Tcp(socket) => {
                socket.set_read_timeout(patience)?;
                socket.set_write_timeout(patience)
            }
            #[cfg(unix)]
            Timer::Unix(socket) => {
                socket.set_read_timeout(patience)?;
                socket.set_write_timeout(patience)
            }
        }
    }

    fn stop(self) -> io::Result<()> {
        self.set(None)
    }
}

fn reach(server: &Server, security: Security) -> std::result::Result<Reached, Failure> {
    if server.is_local() {
        return reach_local(server);
    }
    let socket = reach_port(server)?;
    let port = |e: io::Error| Failure::socket(Step::Port, &e);
    let timer = Timer::Tcp(socket.try_clone().map_err(port)?);
    timer.set(server.patience).map_err(port)?;
    let stream = match security {
        Security::Plain => Box::new(socket) as Box<dyn Stream>,
        Security::Offered => secure(server, socket, false)?,
        Security::Tls => secure(server, socket, true)?,
    };
    Ok(Reached { stream, timer })
}

#[cfg(unix)]
fn reach_local(server: &Server) -> std::result::Result<Reached, Failure> {
    use std::os::unix::net::UnixStream;
    let path = format!("{}/.s.PGSQL.{}", server.host, server.port);
    let local = |e: io::Error| Failure::socket(Step::Port, &e);
    let socket = UnixStream::connect(path).map_err(local)?;
    let timer = Timer::Unix(socket.try_clone().map_err(local)?);
    timer.set(server.patience).map_err(local)?;
    Ok(Reached {
        stream: Box::new(socket),
        timer,
    })
}

#[cfg(not(unix))]
fn reach_local(_: &Server) -> std::result::Result<Reached, Failure> {
    let reason = "this system has no Unix sockets; give the name of a host";
    Err(Failure::new(Step::Port, reason))
}

/// The first address of the host that answers.
fn reach_port(server: &Server) -> std::result::Result<TcpStream, Failure> {
    let addresses = (server.host.as_str(), server.port).to_socket_addrs();
    let addresses: Vec<SocketAddr> = addresses
        .map_err(|e| Failure::socket(Step::NameLookup, &e))?
        .collect();
    let mut last = Failure::new(Step::NameLookup, "the name has no address");
    for address in &addresses {
        let reached = match server.patience {
            Some(patience) => TcpStream::connect_timeout(address, patience),
            None => TcpStream::connect(address),
        };
        match reached.and_then(|socket| prepare(socket, server)) {
            Ok(socket) => return Ok(socket),
            Err(e) => last = Failure::socket(Step::Port, &e),
        }
    }
    Err(last)
}

fn prepare(socket: TcpStream, server: &Server) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    let options = SockRef::from(&socket);
    match server.keepalives_idle {
        Some(idle) => options.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle))?,
        None => options.set_keepalive(true)?,
    }
    Ok(socket)
}

/// Asks for TLS and shakes hands.
fn secure(
    server: &Server,
    mut socket: TcpStream,
    insist: bool,
) -> std::result::Result<Box<dyn Stream>, Failure> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    let mut answer = [0];
    let asked = socket.write_all(&request);
    let asked = asked.and_then(|()| socket.read_exact(&mut answer));
    asked.map_err(|e| Failure::socket(Step::Tls, &e))?;
    match &answer {
        b"S" => {
            let stream = tls::shake_hands(socket, &server.host, &server.tls);
            stream.map_err(|reason| Failure::new(Step::Tls, reason))
        }
        _ if insist => Err(Failure::new(
            Step::Tls,
            "server does not support SSL, but SSL was required",
        )),
        _ => Ok(Box::new(socket)),
    }
}

impl Failure {
    fn new(step: Step, reason: impl Into<String>) -> Self {
        Failure {
            step,
            reason: reason.into(),
            passing: false,
            complaint: None,
        }
    }

    fn socket(step: Step, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "timeout expired".to_string(),
            io::ErrorKind::ConnectionRefused => "Connection refused".to_string(),
            io::ErrorKind::UnexpectedEof => "server closed the connection unexpectedly".to_string(),
            _ => error.to_string(),
        };
        Failure {
            passing: true,
            ..Failure::new(step, reason)
        }
    }

    fn refused(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Socket(e) => Failure::socket(Step::Login, &e),
            Refusal::Unable(reason) => Failure::new(Step::Login, reason),
            Refusal::Server(complaint) => Failure {
                // The server starts or stops, or has no connection left.
                passing: complaint.code.starts_with("57P") || complaint.code == "53300",
                reason: format!("{}:  {}", complaint.severity, complaint.message),
                complaint: Some(complaint),
                step: Step::Login,
            },
        }
    }

    fn told(self, server: &Server) -> AdapterError {
        let Server { host, port, .. } = server;
        let place = match server.is_local() {
            true => format!("server on socket \"{host}/.s.PGSQL.{port}\""),
            false => format!("server at \"{host}\", port {port}"),
        };
        let (lead, hint) = match (self.step, &self.complaint) {
            (Step::NameLookup, _) => {
                let message = format!(
                    "could not translate host name \"{host}\" to address: {}",
                    self.reason
                );
                return errors::new(ErrorKind::Config, message);
            }
            (Step::Port, _) => (
                "",
                "\nIs the server running there and accepting connections?",
            ),
            (Step::Tls, _) => ("SSL error: ", ""),
            (Step::Login, _) => ("", ""),
        };
        let reason = &self.reason;
        let message = format!("connection to {place} failed: {lead}{reason}{hint}");
        errors::new(ErrorKind::Config, message)
    }
}
