//! One statement's way to the server and back: simple queries, so that a text of several statements
//! runs whole, in one round trip, and every value comes as the server writes it.

use super::errors;
use super::errors::Complaint;
use super::types;
use super::values;
use super::wire::Wire;
use crate::adapter::AdapterError;
use crate::adapter::Cell;
use crate::adapter::Response;
use crate::adapter::Result;
use crate::adapter::Table;
use crate::adapter::table::TableColumn;
use bytes::Bytes;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::DataRowBody;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::backend::RowDescriptionBody;
use postgres_protocol::message::frontend;
use std::io;

/// Number and modifier of a type.
pub(super) type Type = (u32, i32);

/// What a text gave: its last statement's answer.
#[derive(Default)]
pub(super) struct Answer {
    /// `SELECT 5`, `CREATE VIEW`; empty for a text without statements.
    tag: String,
    /// Rows that the last statement gave, kept or not; `None` where it gives none.
    given: Option<i64>,
    /// Rows of the statement that is being read.
    reading: Option<i64>,
    pub(super) table: Table,
    /// Types of the table's columns.
    pub(super) types: Vec<Type>,
}

/// A text, and how its answer is read.
pub(super) struct Ask<'a> {
    pub(super) sql: &'a str,
    /// Rows kept at most.
    limit: usize,
    /// What `copy ... from stdin` reads; `None` where nobody expects such a statement.
    input: Option<Input<'a>>,
}

/// Pieces of data, made when they are sent.
type Input<'a> = Box<dyn Iterator<Item = Bytes> + 'a>;

impl<'a> Ask<'a> {
    /// Whose rows are of no interest.
    pub(super) fn done(sql: &'a str) -> Self {
        Ask::rows(sql, 0)
    }

    pub(super) fn rows(sql: &'a str, limit: usize) -> Self {
        Ask {
            sql,
            limit,
            input: None,
        }
    }

    pub(super) fn with_input(sql: &'a str, input: impl Iterator<Item = Bytes> + 'a) -> Self {
        Ask {
            input: Some(Box::new(input)),
            ..Ask::done(sql)
        }
    }
}

/// Bytes of input that are sent in one piece.
const PIECE: usize = 256 * 1024;

/// Reads up to the server's word that it is ready for the next text.
/// A complaint is returned once the server is ready again, or has hung up.
pub(super) fn read(wire: &mut Wire, mut ask: Ask<'_>) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut failed: Option<AdapterError> = None;
    loop {
        let message = match wire.receive() {
            Ok(message) => message,
            // The server's last words tell more than the socket.
            Err(e) => return Err(failed.unwrap_or_else(|| errors::lost(&e))),
        };
        let done = match message {
            Message::RowDescription(body) => answer.describe(&body),
            Message::DataRow(body) => answer.take_row(&body, ask.limit),
            Message::CommandComplete(body) => body.tag().map(|tag| answer.conclude(tag)),
            Message::CopyInResponse(_) => send_input(wire, ask.input.take()),
            Message::ErrorResponse(body) => Complaint::read(body.fields()).map(|complaint| {
                failed.get_or_insert(complaint.of(ask.sql));
            }),
            Message::ReadyForQuery(_) => return failed.map_or(Ok(answer), Err),
            _ => Ok(()),
        };
        done.map_err(|e| errors::lost(&e))?;
    }
}

impl Answer {
    pub(super) fn response(&self) -> Response {
        if self.tag.is_empty() {
            return Response::ok();
        }
        let is_count = |word: &&str| word.bytes().all(|b| b.is_ascii_digit());
        let words: Vec<&str> = self.tag.split(' ').collect();
        let counted = || words.last().and_then(|word| word.parse().ok());
        let code: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !is_count(word))
            .collect();
        Response {
            message: self.tag.clone(),
            code: Some(code.join(" ")),
            rows_affected: Some(self.given.or_else(counted).unwrap_or(NOT_COUNTED)),
        }
    }

    /// Names and types of the columns; rows of earlier statements are forgotten.
    fn describe(&mut self, body: &RowDescriptionBody) -> io::Result<()> {
        self.forget();
        self.reading = Some(0);
        let mut fields = body.fields();
        while let Some(field) = fields.next()? {
            let column = TableColumn::new(field.name(), types::name(field.type_oid()));
            self.table.columns.push(column);
            self.types.push((field.type_oid(), field.type_modifier()));
        }
        Ok(())
    }

    fn take_row(&mut self, body: &DataRowBody, limit: usize) -> io::Result<()> {
        self.reading = self.reading.map(|rows| rows + 1);
        if self.table.rows.len() < limit {
            self.table.rows.push(row(body, &self.types)?);
        }
        Ok(())
    }

    /// A statement is done.
    fn conclude(&mut self, tag: &str) {
        self.tag = tag.to_string();
        self.given = self.reading.take();
        if self.given.is_none() {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.table = Table::default();
        self.types.clear();
    }
}

/// Rows of a statement that writes none, in the words of dbt's Python driver.
const NOT_COUNTED: i64 = -1;

fn row(body: &DataRowBody, columns: &[Type]) -> io::Result<Vec<Cell>> {
    let mut cells = Vec::with_capacity(columns.len());
    let mut ranges = body.ranges();
    while let Some(range) = ranges.next()? {
        let (oid, _) = columns
            .get(cells.len())
            .copied()
            .unwrap_or((types::TEXT, -1));
        cells.push(match range {
            None => Cell::Null,
            Some(range) => values::cell(oid, &String::from_utf8_lossy(&body.buffer()[range])),
        });
    }
    Ok(cells)
}

/// Sends what a `copy` reads, or that there is nothing.
fn send_input(wire: &mut Wire, input: Option<Input<'_>>) -> io::Result<()> {
    let Some(input) = input else {
        let reason = "sqlmill sends no data for a statement that copies from stdin";
        wire.queue(|out| frontend::copy_fail(reason, out))?;
        return wire.send();
    };
    for piece in input {
        let data = frontend::CopyData::new(piece)?;
        wire.queue(|out| {
            data.write(out);
            Ok(())
        })?;
        if wire.queued() >= PIECE {
            wire.send()?;
        }
    }
    wire.queue(|out| {
        frontend::copy_done(out);
        Ok(())
    })?;
    wire.send()
}
