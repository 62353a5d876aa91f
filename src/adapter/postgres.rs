//! PostgreSQL over its own protocol: one connection per worker, every text in one round trip.
//! Promise: nothing is sent twice; a connection that broke says so and is never used again.
//! Not here: what a profile may say (`credentials`), when a statement may be repeated (`session`).

mod bind;
mod catalog;
mod connect;
mod copy;
mod dialogue;
mod errors;
mod failure;
mod login;
mod passwords;
mod server;
mod socket;
mod tls;
mod types;
mod values;
mod wire;

use crate::adapter::Adapter;
use crate::adapter::AdapterError;
use crate::adapter::Capabilities;
use crate::adapter::Cell;
use crate::adapter::Column;
use crate::adapter::Connection;
use crate::adapter::ErrorKind;
use crate::adapter::Interrupt;
use crate::adapter::Relation;
use crate::adapter::Response;
use crate::adapter::Result;
use crate::adapter::Setup;
use crate::adapter::Table;
use crate::adapter::credentials::PostgresProfile;
use crate::base::Context;
use crate::sql::Dialect;
use crate::sql::dialect::POSTGRES;
use crate::sql::quote;
use dialogue::Answer;
use dialogue::Ask;
use login::Line;
use server::Server;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Of the protocol; PostgreSQL 13 and later are tested.
pub(super) const VERSION: &str = "3.0 (protocol)";

/// A server and the connections to it.
pub struct Postgres {
    server: Arc<Server>,
    setup: Setup,
    /// Handles of all connections ever made, for `cancel_all`.
    running: Mutex<Vec<Weak<Handle>>>,
    cancelled: Arc<AtomicBool>,
}

impl Postgres {
    /// Connects to nothing yet: each worker opens its own connection.
    pub fn new(profile: &PostgresProfile, context: &Context) -> Self {
        Postgres {
            server: Arc::new(Server::new(profile, context)),
            setup: Setup::default(),
            running: Mutex::default(),
            cancelled: Arc::default(),
        }
    }
}

static CAPABILITIES: Capabilities = Capabilities {
    incremental_strategies: &["append", "delete+insert", "merge", "microbatch"],
    file_carriers: &[],
};

impl Adapter for Postgres {
    fn dialect(&self) -> &'static Dialect {
        &POSTGRES
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn setup(&self) -> &Setup {
        &self.setup
    }

    fn connect(&self, _: &str) -> Result<Box<dyn Connection>> {
        let line = connect::open(&self.server, &self.cancelled)?;
        let handle = Arc::new(Handle {
            server: self.server.clone(),
            process_id: line.process_id,
            secret_key: line.secret_key,
            is_busy: AtomicBool::new(false),
        });
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|handle| handle.strong_count() > 0);
        running.push(Arc::downgrade(&handle));
        drop(running);
        let mut connection = PostgresConnection {
            line,
            handle,
            cancelled: self.cancelled.clone(),
            queued: 0,
            begin_waits: false,
            is_broken: false,
        };
        connection.settle_in(&self.server)?;
        Ok(Box::new(connection))
    }

    fn cancel_all(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let handles: Vec<Arc<Handle>> = running.iter().filter_map(Weak::upgrade).collect();
        drop(running);
        std::thread::scope(|scope| {
            for handle in &handles {
                scope.spawn(|| handle.interrupt());
            }
        });
    }

    fn close(&self) {}
}

struct PostgresConnection {
    line: Line,
    handle: Arc<Handle>,
    cancelled: Arc<AtomicBool>,
    /// Texts that wait to go out in front of the next one.
    queued: usize,
    begin_waits: bool,
    is_broken: bool,
}

impl PostgresConnection {
    /// What the profile asks of every session beyond its start.
    fn settle_in(&mut self, server: &Server) -> Result<()> {
        if !self.line.iso_dates {
            self.queue("set datestyle to 'ISO'")?;
        }
        match &server.role {
            // Nothing may run in another role's name, so the answer is waited for.
            Some(role) => {
                let role = quote::identifier(role, &POSTGRES);
                let taken = self.ask(Ask::done(&format!("set role {role}")));
                taken.map(drop).map_err(|mut e| {
                    e.message += "\nHINT:  The login went well: check `role` in the profile.";
                    e
                })
            }
            None => Ok(()),
        }
    }

    /// Lets a text wait for the next one, to save a round trip.
    fn queue(&mut self, sql: &str) -> Result<()> {
        let queued = self.line.wire.queue_query(sql);
        queued.map_err(|e| errors::unsendable(&e))?;
        self.queued += 1;
        Ok(())
    }

    /// Does what a person may stop: work of the project, not the ending of transactions.
    fn work(&mut self, ask: Ask<'_>) -> Result<Answer> {
        // Busy first, so that whoever cancels meanwhile sees this statement, or this sees the word.
        self.handle.is_busy.store(true, Ordering::SeqCst);
        let answer = match self.cancelled.load(Ordering::SeqCst) {
            true => Err(errors::new(ErrorKind::Interrupted, "Interrupted!")),
            false => self.ask(ask),
        };
        self.handle.is_busy.store(false, Ordering::SeqCst);
        answer
    }

    /// Ends a transaction of which the server knows.
    fn end(&mut self, word: &str) -> Result<()> {
        match std::mem::take(&mut self.begin_waits) {
            true => Ok(()),
            false => self.ask(Ask::done(word)).map(drop),
        }
    }

    /// Sends a text behind those that wait, and reads what it gives.
    fn ask(&mut self, ask: Ask<'_>) -> Result<Answer> {
        if self.is_broken {
            let reason = "the connection to the server was lost earlier";
            return Err(errors::new(ErrorKind::Disconnected, reason));
        }
        if std::mem::take(&mut self.begin_waits) {
            self.queue("begin")?;
        }
        self.queue(ask.sql)?;
        let sql = ask.sql;
        self.converse(ask).map_err(|error| {
            self.is_broken = error.kind == ErrorKind::Disconnected;
            errors::with_role(error, self.handle.server.acting_role(), sql)
        })
    }

    fn converse(&mut self, ask: Ask<'_>) -> Result<Answer> {
        let wire = &mut self.line.wire;
        let sent = wire.send();
        let before = std::mem::take(&mut self.queued) - 1;
        let mut earlier = Ok(());
        for _ in 0..before {
            // Each answer is read, so that the next one is not taken for it.
            earlier = earlier.and(dialogue::read(wire, Ask::done("")).map(drop));
        }
        let answer = dialogue::read(wire, ask);
        // What the server said before it hung up tells more than the failed send.
        let sent = sent.map_err(|e| errors::lost(&e));
        earlier.and(answer).and_then(|answer| sent.map(|()| answer))
    }

    /// Whether a database is the one that is connected to.
    fn sees(&self, database: &str) -> bool {
        let own = self.handle.server.database();
        own.to_lowercase() == database.to_lowercase()
    }
}

impl Connection for PostgresConnection {
    /// Goes out together with the first statement; without one, not at all.
    fn begin(&mut self) -> Result<()> {
        self.begin_waits = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.end("commit")
    }

    fn rollback(&mut self) -> Result<()> {
        self.end("rollback")
    }

    fn execute(&mut self, sql: &str, bindings: &[Cell]) -> Result<Response> {
        let sql = bind::filled(sql, bindings)?;
        self.work(Ask::done(&sql)).map(|answer| answer.response())
    }

    fn fetch(&mut self, sql: &str, limit: Option<usize>) -> Result<(Response, Table)> {
        let answer = self.work(Ask::rows(sql, limit.unwrap_or(usize::MAX)))?;
        Ok((answer.response(), answer.table))
    }

    fn load_rows(&mut self, relation: &Relation, rows: &Table) -> Result<Response> {
        let statement = copy::statement(relation);
        let answer = self.work(Ask::with_input(&statement, copy::lines(&rows.rows)))?;
        Ok(answer.response())
    }

    fn list_schemas(&mut self, database: &str) -> Result<Vec<String>> {
        if !self.sees(database) {
            let own = self.handle.server.database();
            let reason =
                format!("Cross-db references not allowed in postgres ({database} vs {own})");
            return Err(AdapterError::new(ErrorKind::Catalog, reason));
        }
        let answer = self.ask(Ask::rows(catalog::schemas(), usize::MAX))?;
        Ok(catalog::texts(&answer.table))
    }

    fn list_relations(&mut self, database: &str, schemas: &[String]) -> Result<Vec<Relation>> {
        if schemas.is_empty() || !self.sees(database) {
            return Ok(Vec::new());
        }
        let answer = self.ask(Ask::rows(&catalog::relations(schemas), usize::MAX))?;
        Ok(catalog::to_relations(&answer.table))
    }

    fn list_dependents(&mut self) -> Result<Vec<(Relation, Relation)>> {
        let answer = self.ask(Ask::rows(catalog::dependents(), usize::MAX))?;
        Ok(catalog::to_pairs(&answer.table))
    }

    fn columns_of(&mut self, relation: &Relation) -> Result<Vec<Column>> {
        let answer = self.ask(Ask::rows(&catalog::columns(relation), usize::MAX))?;
        Ok(catalog::to_columns(&answer.table))
    }

    fn columns_of_query(&mut self, sql: &str) -> Result<Vec<Column>> {
        let described = self.ask(Ask::done(sql))?;
        let types = described.types.iter().copied();
        let names = self.ask(Ask::rows(&catalog::type_names(types), usize::MAX))?;
        let names = catalog::texts(&names.table);
        let columns = described.table.columns.into_iter().zip(names);
        Ok(columns
            .map(|(column, dtype)| catalog::column(&column.name, &dtype))
            .collect())
    }

    fn check_schema(&mut self, database: &str, schema: &str) -> Result<()> {
        let answer = self.ask(Ask::rows(&catalog::rights(schema), 1))?;
        match catalog::missing_right(&answer.table, database, schema) {
            None => Ok(()),
            Some(missing) => Err(errors::new(ErrorKind::Privilege, missing)),
        }
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.handle.clone()
    }
}

/// Says goodbye, so that the server does not note a broken connection.
impl Drop for PostgresConnection {
    fn drop(&mut self) {
        if !self.is_broken {
            self.line.wire.say_goodbye();
        }
    }
}

/// What it takes to cancel a connection's statement.
struct Handle {
    server: Arc<Server>,
    process_id: i32,
    secret_key: i32,
    /// Whether a statement runs at the moment.
    is_busy: AtomicBool,
}

impl Interrupt for Handle {
    fn interrupt(&self) {
        if self.is_busy.load(Ordering::SeqCst) {
            connect::cancel(&self.server, self.process_id, self.secret_key);
        }
    }
}
