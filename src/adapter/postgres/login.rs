//! Saying who we are: startup, password, and what the server tells about itself.

use super::errors::Complaint;
use super::failure::Failure;
use super::failure::Result;
use super::failure::Step;
use super::server::Server;
use super::wire::Wire;
use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl;
use postgres_protocol::authentication::sasl::ChannelBinding;
use postgres_protocol::authentication::sasl::ScramSha256;
use postgres_protocol::message::backend::AuthenticationSaslBody;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use std::io;

/// An open connection, ready for statements.
pub(super) struct Line {
    pub(super) wire: Wire,
    pub(super) process_id: i32,
    /// Whoever knows it may cancel this connection's statements.
    pub(super) secret_key: i32,
    /// Whether dates come as `2024-01-02`.
    pub(super) iso_dates: bool,
}

pub(super) fn log_in(mut wire: Wire, server: &Server) -> Result<Line> {
    let parameters = server.parameters.iter();
    let parameters = parameters.map(|(name, value)| (*name, value.as_str()));
    say(&mut wire, |out| frontend::startup_message(parameters, out))?;
    authenticate(&mut wire, server)?;
    let mut line = Line {
        wire,
        process_id: 0,
        secret_key: 0,
        iso_dates: true,
    };
    loop {
        match next(&mut line.wire)? {
            Message::BackendKeyData(body) => {
                line.process_id = body.process_id();
                line.secret_key = body.secret_key();
            }
            Message::ParameterStatus(body) if body.name().map_err(socket)? == "DateStyle" => {
                line.iso_dates = body.value().map_err(socket)?.starts_with("ISO");
            }
            Message::ReadyForQuery(_) => break,
            _ => {}
        }
    }
    Ok(line)
}

fn authenticate(wire: &mut Wire, server: &Server) -> Result<()> {
    loop {
        match next(wire)? {
            Message::AuthenticationOk => return Ok(()),
            Message::AuthenticationCleartextPassword => {
                let password = password(server)?;
                send_password(wire, password.as_bytes())?;
            }
            Message::AuthenticationMd5Password(body) => {
                let password = password(server)?;
                let hash = md5_hash(server.user.as_bytes(), password.as_bytes(), body.salt());
                send_password(wire, hash.as_bytes())?;
            }
            Message::AuthenticationSasl(body) => scram(wire, server, &body)?,
            Message::AuthenticationGss | Message::AuthenticationSspi => {
                let reason = "the server asks for Kerberos, which sqlmill does not speak";
                return Err(Failure::new(Step::Login, reason));
            }
            _ => return Err(unexpected()),
        }
    }
}

fn scram(wire: &mut Wire, server: &Server, offered: &AuthenticationSaslBody) -> Result<()> {
    let mut mechanisms = offered.mechanisms();
    let mut known = false;
    while let Some(mechanism) = mechanisms.next().map_err(socket)? {
        known |= mechanism == sasl::SCRAM_SHA_256;
    }
    if !known {
        let reason = "none of the server's SASL authentication mechanisms are supported";
        return Err(Failure::new(Step::Login, reason));
    }
    let password = password(server)?;
    let mut scram = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
    say(wire, |out| {
        frontend::sasl_initial_response(sasl::SCRAM_SHA_256, scram.message(), out)
    })?;
    let Message::AuthenticationSaslContinue(body) = next(wire)? else {
        return Err(unexpected());
    };
    scram.update(body.data()).map_err(untrue)?;
    say(wire, |out| frontend::sasl_response(scram.message(), out))?;
    let Message::AuthenticationSaslFinal(body) = next(wire)? else {
        return Err(unexpected());
    };
    scram.finish(body.data()).map_err(untrue)
}

fn send_password(wire: &mut Wire, password: &[u8]) -> Result<()> {
    say(wire, |out| frontend::password_message(password, out))
}

fn password(server: &Server) -> Result<&str> {
    let password = server.password.as_deref();
    password.ok_or_else(|| Failure::new(Step::Login, "fe_sendauth: no password supplied"))
}

fn say(wire: &mut Wire, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<()> {
    let sent = wire.queue(write).and_then(|()| wire.send());
    sent.map_err(socket)
}

/// The next message that is neither a complaint nor a notice.
fn next(wire: &mut Wire) -> Result<Message> {
    loop {
        match wire.receive().map_err(socket)? {
            Message::ErrorResponse(body) => {
                let complaint = Complaint::read(body.fields()).map_err(socket)?;
                return Err(Failure::complaint(&complaint));
            }
            Message::NoticeResponse(_) => {}
            message => return Ok(message),
        }
    }
}

fn socket(error: io::Error) -> Box<Failure> {
    Failure::socket(Step::Login, &error)
}

/// The server does not know the password either.
fn untrue(error: io::Error) -> Box<Failure> {
    Failure::new(Step::Login, error.to_string())
}

fn unexpected() -> Box<Failure> {
    let reason = "the server's answer is not what PostgreSQL says there";
    Failure::new(Step::Login, reason)
}
