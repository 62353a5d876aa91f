//! The child process: started, talked to in lines of JSON, and ended with the call.

use super::interpreter::Interpreter;
use crate::base::Event;
use crate::base::NodeInfo;
use crate::base::Observer;
use crate::base::event::Level;
use crate::compile;
use crate::compile::SessionHandle;
use crate::jinja::builtin;
use serde_json::Value as Json;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::process::ChildStdin;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::Duration;

pub(super) struct Child {
    process: std::process::Child,
    /// `None` once nothing more is said.
    input: Option<ChildStdin>,
    questions: Receiver<Json>,
    printed: Option<JoinHandle<()>>,
}

/// How the child's work ended.
#[derive(Debug)]
pub(super) enum Ended {
    Done,
    /// With the traceback, and the lines of the model's file in it, the outermost first.
    Failed {
        text: String,
        lines: Vec<usize>,
    },
    /// The process ended without a word, or was stopped.
    Gone(String),
}

/// Who hears what the model prints.
struct Listener {
    observer: Arc<dyn Observer>,
    node: Option<Arc<NodeInfo>>,
}

/// How often a waiting call looks whether it was stopped.
const LOOK_EVERY: Duration = Duration::from_millis(50);

impl Child {
    /// Starts Python with the runner; what the model prints is told as the session's node speaking.
    pub(super) fn start(
        interpreter: &Interpreter,
        session: &SessionHandle,
    ) -> Result<Self, String> {
        let session = compile::lock(session);
        let listener = Listener {
            observer: session.shared().observer.clone(),
            node: session.task().node.clone(),
        };
        Child::spawn(interpreter, listener)
    }

    /// Asks Python a question that belongs to no node; `None` where it gives no answer.
    pub(super) fn ask(
        interpreter: &Interpreter,
        observer: &Arc<dyn Observer>,
        question: &Json,
    ) -> Option<Json> {
        let listener = Listener {
            observer: observer.clone(),
            node: None,
        };
        let mut child = Child::spawn(interpreter, listener).ok()?;
        child.send(question);
        child.questions.recv().ok()
    }

    fn spawn(interpreter: &Interpreter, listener: Listener) -> Result<Self, String> {
        let runner = builtin::file("python/runner.py").unwrap_or_default();
        let mut process = Command::new(&interpreter.program)
            .arg("-c")
            .arg(String::from_utf8_lossy(runner).as_ref())
            .current_dir(&interpreter.folder)
            .env("PYTHONIOENCODING", "utf-8")
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start `{}`: {e}", interpreter.program.display()))?;
        let (sender, questions) = mpsc::channel();
        if let Some(output) = process.stdout.take() {
            std::thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(Result::ok);
                let read = lines.filter_map(|line| serde_json::from_str(&line).ok());
                // Whoever waited may have gone.
                read.for_each(|question: Json| drop(sender.send(question)));
            });
        }
        let printed = process.stderr.take();
        Ok(Child {
            input: process.stdin.take(),
            printed: printed.map(|text| std::thread::spawn(move || listener.hear(text))),
            process,
            questions,
        })
    }

    /// A child that is gone hears nothing; its end is noticed where its answer is missed.
    pub(super) fn send(&mut self, message: &Json) {
        if let Some(input) = &mut self.input {
            let _ = writeln!(input, "{message}");
        }
    }

    /// Answers the child's questions until it is done.
    pub(super) fn serve(
        &mut self,
        mut answer: impl FnMut(&Json) -> Json,
        cancelled: &AtomicBool,
    ) -> Ended {
        loop {
            match self.questions.recv_timeout(LOOK_EVERY) {
                Ok(message) => match message["ask"].as_str() {
                    Some("done") => return Ended::Done,
                    Some("failed") => return failed(&message),
                    _ => {
                        let answer = answer(&message);
                        self.send(&answer);
                    }
                },
                Err(RecvTimeoutError::Timeout) if cancelled.load(Ordering::Relaxed) => {
                    return Ended::Gone("Interrupted!".to_string());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.gone(),
            }
        }
    }

    fn gone(&mut self) -> Ended {
        self.input = None;
        Ended::Gone(match self.process.wait() {
            Ok(status) => format!("Python ended without a result ({status})"),
            Err(e) => format!("Python ended without a result: {e}"),
        })
    }
}

impl Drop for Child {
    /// Nothing is left running behind a call.
    fn drop(&mut self) {
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(printed) = self.printed.take() {
            let _ = printed.join();
        }
    }
}

impl Listener {
    /// Tells what the model prints, line by line.
    fn hear(&self, text: impl Read) {
        for line in BufReader::new(text).lines().map_while(Result::ok) {
            self.observer.on(&Event::JinjaLog {
                level: Level::Info,
                message: line,
                node: self.node.clone(),
            });
        }
    }
}

fn failed(message: &Json) -> Ended {
    let lines = message["lines"].as_array().into_iter().flatten();
    let lines = lines.filter_map(|line| usize::try_from(line.as_u64()?).ok());
    Ended::Failed {
        text: message["text"].as_str().unwrap_or_default().to_string(),
        lines: lines.collect(),
    }
}
