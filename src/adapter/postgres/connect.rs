//! Opening a connection step by step, with as much TLS as the profile asks for.
//! Promise: what may pass by itself is tried again with growing pauses, a wrong password is not.

use super::failure::Failure;
use super::failure::Result;
use super::failure::Step;
use super::login;
use super::login::Line;
use super::server::Server;
use super::socket;
use super::socket::Timer;
use super::tls;
use super::wire::Stream;
use super::wire::Wire;
use crate::adapter;
use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use crate::adapter::credentials::SslMode;
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

/// How often a wait looks whether somebody asked to stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Opens a connection with as many tries as the profile allows, unless `cancelled` is set meanwhile.
pub(super) fn open(server: &Server, cancelled: &AtomicBool) -> adapter::Result<Line> {
    let mut pause = Duration::from_secs(1);
    for _ in 0..server.retries {
        match open_once(server) {
            Err(failure) if failure.is_passing => {}
            outcome => return outcome.map_err(|failure| failure.told(server)),
        }
        wait(pause, cancelled)?;
        pause *= 2;
    }
    open_once(server).map_err(|failure| failure.told(server))
}

fn wait(pause: Duration, cancelled: &AtomicBool) -> adapter::Result<()> {
    let started = Instant::now();
    while started.elapsed() < pause {
        if cancelled.load(Ordering::SeqCst) {
            let message = "interrupted while waiting to connect once more";
            return Err(AdapterError::new(ErrorKind::Interrupted, message));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Asks the server to stop what a connection runs. A server that cannot be reached is not asked.
pub(super) fn cancel(server: &Server, process_id: i32, secret_key: i32) {
    for security in securities(server) {
        if ask_to_stop(server, *security, process_id, secret_key).is_ok() {
            return;
        }
    }
}

fn ask_to_stop(
    server: &Server,
    security: Security,
    process_id: i32,
    secret_key: i32,
) -> Result<()> {
    let (mut stream, _timer) = reach(server, security)?;
    let mut message = BytesMut::new();
    frontend::cancel_request(process_id, secret_key, &mut message);
    let sent = stream.write_all(&message).and_then(|()| stream.flush());
    // The server hangs up once it has passed the request on.
    let heard = sent.and_then(|()| stream.read(&mut [0]));
    heard
        .map(drop)
        .map_err(|e| Failure::socket(Step::Login, &e))
}

fn open_once(server: &Server) -> Result<Line> {
    let mut first: Option<Box<Failure>> = None;
    for security in securities(server) {
        match open_with(server, *security) {
            Ok(line) => return Ok(line),
            // Only what another kind of connection could change is worth the other kind.
            Err(failure) if failure.step >= Step::Tls => {
                first.get_or_insert(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(first.unwrap_or_else(|| Failure::new(Step::Port, "nothing was tried")))
}

fn open_with(server: &Server, security: Security) -> Result<Line> {
    let (stream, timer) = reach(server, security)?;
    let line = login::log_in(Wire::new(stream), server)?;
    timer.stop()?;
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

/// An open socket on which nobody has spoken of logins yet.
fn reach(server: &Server, security: Security) -> Result<(Box<dyn Stream>, Timer)> {
    if server.is_local() {
        return socket::reach_folder(server);
    }
    let (socket, timer) = socket::reach_port(server)?;
    let stream = match security {
        Security::Plain => Box::new(socket),
        Security::Offered | Security::Tls => secure(server, socket, security)?,
    };
    Ok((stream, timer))
}

/// Asks for TLS and shakes hands.
fn secure(server: &Server, mut socket: TcpStream, security: Security) -> Result<Box<dyn Stream>> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    let mut answer = [0];
    let asked = socket.write_all(&request);
    let asked = asked.and_then(|()| socket.read_exact(&mut answer));
    asked.map_err(|e| Failure::socket(Step::Tls, &e))?;
    match &answer {
        b"S" => {
            let stream = tls::shake_hands(socket, &server.host, &server.tls);
            stream.map_err(|reason| Failure::new(Step::Tls, format!("SSL error: {reason}")))
        }
        _ if security == Security::Tls => {
            let reason = "server does not support SSL, but SSL was required";
            Err(Failure::new(Step::Tls, reason))
        }
        _ => Ok(Box::new(socket)),
    }
}
