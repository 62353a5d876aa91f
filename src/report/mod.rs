//! Draws events and diagnostics for people, or as JSON lines, and keeps the log file.
//! Promise: progress, warnings and errors go to stderr, results to stdout; with JSON everything goes to stdout.
//! Only here are colours, quiet and log levels known.

mod batches;
mod count;
mod deprecations;
mod diagnostics;
mod events;
mod file;
mod json;
mod line;
mod progress;
pub mod say;
mod screen;
mod summary;
mod timing;
mod wording;

use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::event::Level;
use crate::base::event::NodeEnd;
use crate::config::Flags;
use crate::config::flags::Command;
use crate::config::flags::LogFormat;
use crate::config::flags::Verdict;
use crate::config::flags::warn_error::is_deprecation;
use deprecations::Deprecations;
use file::LogFile;
use line::Line;
use serde_json::Value;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use timing::Timing;

pub use screen::Streams;

/// Hears everything that happens in a call and tells it to whom it concerns.
pub struct Reporter {
    context: Arc<Context>,
    flags: Flags,
    call: json::Call,
    /// Values of `DBT_ENV_SECRET_...`, which nobody may read.
    secrets: Vec<String>,
    state: Mutex<State>,
}

struct State {
    screen: screen::Screen,
    file: Option<LogFile>,
    deprecations: Deprecations,
    /// In the order in which the nodes ended.
    ends: Vec<Arc<NodeEnd>>,
    /// Whether an error was told that is not a node's.
    failed: bool,
    timing: Option<Timing>,
}

impl Reporter {
    /// Reports to this process's stdout and stderr, and to the log file that the flags name.
    pub fn new(flags: &Flags, context: Arc<Context>) -> Self {
        let colours = context.var("NO_COLOR").is_none_or(str::is_empty);
        Reporter::with_streams(flags, context, Streams::of_process(colours))
    }

    /// Reports to other streams; tests use it.
    pub fn with_streams(flags: &Flags, context: Arc<Context>, streams: Streams) -> Self {
        let secrets = context.secrets();
        let reporter = Reporter {
            call: json::Call {
                invocation_id: context.invocation_id.clone(),
                process_id: std::process::id(),
                extra: context
                    .custom_vars()
                    .map(|(name, value)| (name.to_string(), json!(value)))
                    .collect(),
            },
            secrets,
            state: Mutex::new(State {
                screen: screen::Screen::new(flags, streams),
                file: None,
                deprecations: Deprecations::default(),
                ends: Vec::new(),
                failed: false,
                timing: timing_file(flags, &context).map(Timing::new),
            }),
            flags: flags.clone(),
            context,
        };
        reporter.open_file();
        reporter
    }

    /// Whether an error was told that is not a node's, such as a warning that `--warn-error` turned into one.
    pub fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// Says the last words of a call.
    pub fn finish(&self, success: bool) {
        let mut state = self.lock();
        state.screen.end_progress();
        let all_shown = self.flags.show_all_deprecations;
        if let Some(line) = state.deprecations.summary(all_shown) {
            self.tell(&mut state, &line);
        }
        let now = self.context.now();
        let elapsed = elapsed(self.context.started_at, now);
        let command = format!("dbt {}", self.flags.command.which());
        if let Some(mut timing) = state.timing.take()
            && let Err(error) = timing.write(&command, elapsed)
        {
            let found = Diagnostic::error("unwritable-file", error.to_string());
            self.found(&mut state, &found);
        }
        let word = if success { "succeeded" } else { "failed" };
        let line = Line::new(
            "CommandCompleted",
            Level::Debug,
            format!(
                "Command `{command}` {word} at {} after {:.2} seconds",
                now.strftime("%H:%M:%S.%6f"),
                elapsed.as_secs_f64()
            ),
            json!({
                "command": command,
                "completed_at": line::full_time(now),
                "elapsed": elapsed.as_secs_f64(),
                "success": success,
            }),
        );
        self.tell(&mut state, &line);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_file(&self) {
        let Some(_) = self.flags.log_level_file else {
            return;
        };
        match LogFile::open(&log_folder(&self.flags), self.flags.log_file_max_bytes) {
            Ok(mut file) => {
                if self.flags.log_format_file == LogFormat::Debug {
                    file.write(&screen::file_header(&self.context));
                }
                self.lock().file = Some(file);
            }
            Err(e) => self.on(&Event::Found(
                Diagnostic::warning("no-log-file", e.to_string())
                    .hint("name another folder with `--log-path`"),
            )),
        }
    }

    fn found(&self, state: &mut State, found: &Diagnostic) {
        let Some(found) = self.flags.warn_error.judge(found.clone()) else {
            return;
        };
        if found.is_error() {
            state.failed = true;
        } else if let Some(event) = found.event.filter(|event| is_deprecation(event)) {
            let first = state.deprecations.is_first(event);
            if !first && !self.flags.show_all_deprecations {
                return;
            }
        }
        self.tell(state, &events::found(&found));
    }

    /// A warning by name that is no diagnostic, under the same law.
    fn note(&self, state: &mut State, line: &Line<'_>) {
        if line.level != Level::Warn {
            return self.tell(state, line);
        }
        match self.flags.warn_error.verdict(line.name) {
            Verdict::Warn => self.tell(state, line),
            Verdict::Silence => {}
            Verdict::Error => {
                state.failed = true;
                self.tell(state, &events::raised(&line.message));
            }
        }
    }

    /// Hands a line to the log file and to the screen.
    fn tell(&self, state: &mut State, line: &Line<'_>) {
        self.note_down(state, line);
        self.show(state, line);
    }

    fn note_down(&self, state: &mut State, line: &Line<'_>) {
        let is_wanted = is_loud_enough(line, self.flags.log_level_file);
        if let Some(file) = state.file.as_mut().filter(|_| is_wanted) {
            let moment = screen::Moment::now(&self.context, &self.call);
            let text = moment.line(line, self.flags.log_format_file);
            let text = match self.flags.use_colors_file {
                true => text,
                false => console::strip_ansi_codes(&text).into_owned(),
            };
            file.write(&self.scrubbed(text));
        }
    }

    fn show(&self, state: &mut State, line: &Line<'_>) {
        if is_loud_enough(line, self.least_on_screen()) {
            let moment = screen::Moment::now(&self.context, &self.call);
            let text = moment.line(line, self.flags.log_format);
            state.screen.show(line.level, &self.scrubbed(text));
        }
    }

    fn least_on_screen(&self) -> Option<Level> {
        match self.flags {
            Flags { quiet: true, .. } => Some(Level::Error),
            Flags { debug: true, .. } => Some(Level::Debug),
            _ => self.flags.log_level,
        }
    }

    /// Whether a node is news: where it is only rendered, the text is.
    fn tells_steps(&self) -> bool {
        let rendering = [
            Command::Compile,
            Command::Show,
            Command::DocsGenerate,
            Command::Clone,
        ];
        !rendering.contains(&self.flags.command)
    }

    /// Whether anyone listens to debug lines; statements are many and long.
    fn hears_debug(&self) -> bool {
        let debug = Some(Level::Debug);
        self.flags.log_level_file == debug || self.least_on_screen() == debug
    }

    /// A result: for a pipe as it is, for JSON and the log file as a line.
    fn output(
        &self,
        state: &mut State,
        name: &'static str,
        heading: Option<&str>,
        text: &str,
        data: &Value,
    ) {
        let message = match heading {
            Some(heading) => format!("{heading}\n{text}"),
            None => text.to_string(),
        };
        let line = Line::new(name, Level::Print, message, data.clone());
        if self.flags.log_format == LogFormat::Json {
            return self.tell(state, &line);
        }
        self.note_down(state, &line);
        if let Some(heading) = heading {
            let heading = Line::new(name, Level::Info, heading, Value::Null);
            self.show(state, &heading);
        }
        state.screen.print(&self.scrubbed(text.to_string()));
    }

    fn scrubbed(&self, mut text: String) -> String {
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "*****");
            }
        }
        text
    }
}

impl Observer for Reporter {
    fn on(&self, event: &Event) {
        let mut state = self.lock();
        let state = &mut *state;
        let width = self.flags.printer_width;
        match event {
            Event::Found(found) => self.found(state, found),
            Event::JinjaLog { level, message, .. } if *level == Level::Print => {
                if self.flags.print {
                    self.output(state, "PrintEvent", None, message, &json!({"msg": message}));
                }
            }
            Event::Output {
                name,
                heading,
                text,
                data,
            } => self.output(state, name, heading.as_deref(), text, data),
            Event::NodeStarted(node) => {
                state.screen.node_started(node, &wording::description(node));
                let told = self.tells_steps() && !state.screen.shows_progress();
                for line in wording::started(node, width) {
                    if line.level == Level::Debug || told {
                        self.tell(state, &line);
                    }
                }
            }
            Event::NodeFinished(end) => {
                state.screen.node_finished(&end.node);
                if let Some(timing) = &mut state.timing {
                    timing.node(end);
                }
                let told = self.tells_steps();
                for line in wording::finished(end, width) {
                    if line.level == Level::Debug || told {
                        self.tell(state, &line);
                    }
                }
                state.ends.push(end.clone());
            }
            Event::BatchStarted(batch) => {
                if !state.screen.shows_progress() {
                    self.tell(state, &batches::started(batch, width));
                }
            }
            Event::BatchFinished(end) => {
                for line in batches::finished(end, width) {
                    self.tell(state, &line);
                }
            }
            Event::RunEnded {
                elapsed,
                interrupted,
            } => {
                state.screen.end_progress();
                let ends = std::mem::take(&mut state.ends);
                let ends: Vec<&NodeEnd> = ends.iter().map(|end| &**end).collect();
                // Where the steps were no news, how many there were is none either.
                let told = self.tells_steps();
                let lines = match self.flags.command {
                    Command::Freshness => summary::of_freshness(&ends, *elapsed),
                    _ => summary::lines(&ends, *elapsed, *interrupted),
                };
                for line in lines {
                    if told || line.name != "FinishedRunningStats" {
                        self.tell(state, &line);
                    }
                }
            }
            Event::Note { .. } | Event::JinjaLog { .. } => {
                self.note(state, &events::line(event));
            }
            Event::Sql { .. } | Event::SqlDone { .. } => {
                if let (
                    Some(timing),
                    Event::SqlDone {
                        connection,
                        node,
                        took,
                        ..
                    },
                ) = (&mut state.timing, event)
                {
                    timing.statement(node.as_deref(), connection, *took);
                }
                if self.hears_debug() {
                    self.tell(state, &events::line(event));
                }
            }
        }
    }
}

fn timing_file(flags: &Flags, context: &Context) -> Option<PathBuf> {
    let path = flags.record_timing_info.as_ref()?;
    Some(context.cwd.join(path))
}

fn is_loud_enough(line: &Line<'_>, least: Option<Level>) -> bool {
    least.is_some_and(|least| line.level >= least)
}

fn elapsed(from: jiff::Timestamp, to: jiff::Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// The folder in which the log file lies, for those who clean up.
pub fn log_folder(flags: &Flags) -> PathBuf {
    match &flags.log_path {
        Some(path) => flags.project_dir.join(path),
        None => flags.project_dir.join("logs"),
    }
}

#[cfg(test)]
mod tests;
