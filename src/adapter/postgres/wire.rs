//! Messages to and from a server over one open socket.
//! Promise: what is queued goes out in one piece with `send`; whoever waits, waits in `receive` alone.
//! Not here: what the messages mean (`login`, `dialogue`).

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use std::io;
use std::io::Read;
use std::io::Write;

/// A socket of any kind, with or without TLS.
pub(super) trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

pub(super) struct Wire {
    stream: Box<dyn Stream>,
    inbox: BytesMut,
    outbox: BytesMut,
}

/// Bytes asked of the socket at once.
const CHUNK: usize = 64 * 1024;

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Wire {
            stream,
            inbox: BytesMut::with_capacity(CHUNK),
            outbox: BytesMut::new(),
        }
    }

    /// Puts a message behind those that wait to be sent.
    /// Fails where a text holds the zero byte that ends texts in messages; nothing is queued then.
    pub(super) fn queue(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> io::Result<()>,
    ) -> io::Result<()> {
        let before = self.outbox.len();
        write(&mut self.outbox).inspect_err(|_| self.outbox.truncate(before))
    }

    pub(super) fn queue_query(&mut self, sql: &str) -> io::Result<()> {
        self.queue(|out| frontend::query(sql, out))
    }

    /// Bytes that wait to be sent.
    pub(super) fn queued(&self) -> usize {
        self.outbox.len()
    }

    pub(super) fn send(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outbox)?;
        self.outbox.clear();
        self.stream.flush()
    }

    /// Tells the server that this was all, if it still listens.
    pub(super) fn say_goodbye(&mut self) {
        self.outbox.clear();
        frontend::terminate(&mut self.outbox);
        // Whether it is heard makes no difference.
        drop(self.send());
    }

    /// The next message; fails with `UnexpectedEof` where the server has hung up.
    pub(super) fn receive(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.inbox)? {
                return Ok(message);
            }
            let filled = self.inbox.len();
            self.inbox.resize(filled + CHUNK, 0);
            let read = read_some(&mut *self.stream, &mut self.inbox[filled..]);
            self.inbox.truncate(filled + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

fn read_some(stream: &mut dyn Stream, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(into) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
