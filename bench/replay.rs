//! Sends the statements of a recorded build through the bare DuckDB library: the same texts over as many
//! connections, each step once the steps it came after have ended, in the recorded order otherwise.
//! `bench/compare.py` records a build, writes the script, and times this beside the build itself.
//!
//! usage: replay LIBRARY SCRIPT DATABASE
#![expect(
    unsafe_code,
    reason = "the library is called as C calls it, with nothing of ours in between"
)]

use duckdb::ffi;
use libloading::Library;
use libloading::Symbol;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::error::Error;
use std::ffi::CStr;
use std::ffi::CString;
use std::ffi::c_char;
use std::fs::File;
use std::io::BufReader;
use std::ptr;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::PoisonError;

/// What a build sent.
#[derive(Deserialize)]
struct Script {
    connections: usize,
    /// Sent over the first connection ahead of all steps.
    before: Vec<String>,
    /// In the order in which they began.
    steps: Vec<Step>,
    /// Sent over the first connection behind all steps.
    after: Vec<String>,
}

/// The statements of one node.
#[derive(Deserialize)]
struct Step {
    /// Positions of the steps that must have ended.
    waits_for: Vec<usize>,
    statements: Vec<String>,
}

/// What the connections share: which steps are ready, which still wait.
struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    ready: BinaryHeap<Reverse<usize>>,
    /// For each step, how many others it still waits for.
    waiting: Vec<usize>,
    /// Steps that nobody has taken.
    open: usize,
}

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, script, database] = arguments.as_slice() else {
        return Err("usage: replay LIBRARY SCRIPT DATABASE".into());
    };
    let script: Script = serde_json::from_reader(BufReader::new(File::open(script)?))?;
    // SAFETY: what the library does while it is loaded is DuckDB's own; it needs nothing of us.
    let library = unsafe { Library::new(library) }?;
    let duckdb = DuckDb::open(&library, database)?;
    let root = duckdb.connect()?;
    send(&root, &script.before)?;
    steps(&duckdb, &script)?;
    send(&root, &script.after)
}

fn steps(duckdb: &DuckDb<'_>, script: &Script) -> Fallible<()> {
    let mut unlocks = vec![Vec::new(); script.steps.len()];
    for (number, step) in script.steps.iter().enumerate() {
        for before in &step.waits_for {
            unlocks[*before].push(number);
        }
    }
    let board = Board::new(script);
    let lines: Vec<Connection<'_>> = (0..script.connections)
        .map(|_| duckdb.connect())
        .collect::<Result<_, _>>()?;
    std::thread::scope(|threads| {
        let work = |line| work(line, script, &unlocks, &board);
        let workers: Vec<_> = lines
            .into_iter()
            .map(|line| threads.spawn(move || work(line)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err("a worker broke".into()))
        })
    })
}

fn work(
    line: Connection<'_>,
    script: &Script,
    unlocks: &[Vec<usize>],
    board: &Board,
) -> Fallible<()> {
    while let Some(number) = board.take() {
        let sent = send(&line, &script.steps[number].statements);
        // Those who wait must not wait for ever.
        board.end(&unlocks[number]);
        sent?;
    }
    Ok(())
}

fn send(line: &Connection<'_>, statements: &[String]) -> Fallible<()> {
    for statement in statements {
        line.query(statement)
            .map_err(|error| format!("{error}\n{statement}"))?;
    }
    Ok(())
}

/// An open database.
struct DuckDb<'a> {
    database: ffi::duckdb_database,
    connect: Symbol<
        'a,
        unsafe extern "C" fn(
            ffi::duckdb_database,
            *mut ffi::duckdb_connection,
        ) -> ffi::duckdb_state,
    >,
    close: Symbol<'a, unsafe extern "C" fn(*mut ffi::duckdb_database)>,
    disconnect: Symbol<'a, unsafe extern "C" fn(*mut ffi::duckdb_connection)>,
    query: Symbol<
        'a,
        unsafe extern "C" fn(
            ffi::duckdb_connection,
            *const c_char,
            *mut ffi::duckdb_result,
        ) -> ffi::duckdb_state,
    >,
    error: Symbol<'a, unsafe extern "C" fn(*mut ffi::duckdb_result) -> *const c_char>,
    free: Symbol<'a, unsafe extern "C" fn(*mut ffi::duckdb_result)>,
}

/// One line to it.
struct Connection<'a> {
    duckdb: &'a DuckDb<'a>,
    connection: ffi::duckdb_connection,
}

// SAFETY: a database may be used from several threads, and a connection from one after the other.
unsafe impl Sync for DuckDb<'_> {}
unsafe impl Send for Connection<'_> {}

type Open = unsafe extern "C" fn(*const c_char, *mut ffi::duckdb_database) -> ffi::duckdb_state;

impl<'a> DuckDb<'a> {
    fn open(library: &'a Library, path: &str) -> Fallible<Self> {
        let path = CString::new(path)?;
        let mut database = ptr::null_mut();
        // SAFETY: the types are those of DuckDB's header, and the pointers live through the call.
        unsafe {
            let open: Symbol<'_, Open> = library.get("duckdb_open")?;
            if open(path.as_ptr(), &mut database) != ffi::duckdb_state_DuckDBSuccess {
                return Err("cannot open the database".into());
            }
            Ok(DuckDb {
                database,
                connect: library.get("duckdb_connect")?,
                close: library.get("duckdb_close")?,
                disconnect: library.get("duckdb_disconnect")?,
                query: library.get("duckdb_query")?,
                error: library.get("duckdb_result_error")?,
                free: library.get("duckdb_destroy_result")?,
            })
        }
    }

    fn connect(&self) -> Fallible<Connection<'_>> {
        let mut connection = ptr::null_mut();
        // SAFETY: the database is open as long as this value lives.
        let state = unsafe { (self.connect)(self.database, &mut connection) };
        if state != ffi::duckdb_state_DuckDBSuccess {
            return Err("cannot connect to the database".into());
        }
        Ok(Connection {
            duckdb: self,
            connection,
        })
    }
}

impl Drop for DuckDb<'_> {
    fn drop(&mut self) {
        // SAFETY: connections borrow from this value, so none is left.
        unsafe { (self.close)(&mut self.database) }
    }
}

impl Connection<'_> {
    /// Runs a text of one or more statements to its end.
    fn query(&self, sql: &str) -> Fallible<()> {
        let text = CString::new(sql)?;
        // SAFETY: a result is plain data, filled by the call and freed once.
        unsafe {
            let mut result: ffi::duckdb_result = std::mem::zeroed();
            let state = (self.duckdb.query)(self.connection, text.as_ptr(), &mut result);
            let outcome = match state {
                ffi::duckdb_state_DuckDBSuccess => Ok(()),
                _ => Err(told((self.duckdb.error)(&mut result)).into()),
            };
            (self.duckdb.free)(&mut result);
            outcome
        }
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        // SAFETY: dropped once.
        unsafe { (self.duckdb.disconnect)(&mut self.connection) }
    }
}

/// What the library says of a mistake; it may say nothing.
fn told(message: *const c_char) -> String {
    if message.is_null() {
        return "the statement failed".to_string();
    }
    // SAFETY: the library ends its texts with a zero, and keeps them as long as the result.
    let message = unsafe { CStr::from_ptr(message) };
    message.to_string_lossy().into_owned()
}

impl Board {
    fn new(script: &Script) -> Self {
        let waiting: Vec<usize> = script.steps.iter().map(|s| s.waits_for.len()).collect();
        let ready = (0..waiting.len()).filter(|number| waiting[*number] == 0);
        Board {
            state: Mutex::new(State {
                ready: ready.map(Reverse).collect(),
                open: waiting.len(),
                waiting,
            }),
            changed: Condvar::new(),
        }
    }

    /// The next step that may begin, as soon as there is one; `None` once all are taken.
    fn take(&self) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.open == 0 {
                return None;
            }
            if let Some(Reverse(number)) = state.ready.pop() {
                state.open -= 1;
                return Some(number);
            }
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self, unlocked: &[usize]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for number in unlocked {
            state.waiting[*number] -= 1;
            if state.waiting[*number] == 0 {
                state.ready.push(Reverse(*number));
            }
        }
        drop(state);
        self.changed.notify_all();
    }
}
