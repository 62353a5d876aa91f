//! Where lines go, and how they look there: plain text, text with details, or JSON.

use crate::base::Context;
use crate::base::event::Level;
use crate::base::event::NodeInfo;
use crate::config::Flags;
use crate::config::flags::LogFormat;
use crate::report::json;
use crate::report::line::Line;
use crate::report::progress::Progress;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::io::Write;

/// Two streams and what they can do.
pub struct Streams {
    pub out: Box<dyn Write + Send>,
    pub err: Box<dyn Write + Send>,
    /// Whether `err` is a terminal that can be drawn on.
    pub live: bool,
    /// Whether `err` shows colours unless told otherwise.
    pub colours: bool,
}

impl Streams {
    /// Those of this process; `colours` says whether the person wants any.
    pub fn of_process(colours: bool) -> Self {
        let terminal = console::Term::stderr().features().is_attended();
        Streams {
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            live: terminal,
            colours: terminal && colours,
        }
    }
}

/// The terminal or the pipes.
pub(super) struct Screen {
    streams: Streams,
    json: bool,
    progress: Option<Progress>,
}

impl Screen {
    pub(super) fn new(flags: &Flags, mut streams: Streams) -> Self {
        streams.colours = flags.use_colors.unwrap_or(streams.colours);
        let json = flags.log_format == LogFormat::Json;
        let plain = flags.log_format == LogFormat::Text && !flags.quiet && !flags.debug;
        let live = streams.live && plain && flags.log_level == Some(Level::Info);
        Screen {
            streams,
            json,
            progress: live.then(Progress::on_stderr),
        }
    }

    /// Shows a formatted line.
    pub(super) fn show(&mut self, level: Level, text: &str) {
        if self.json || level == Level::Print {
            return self.print(text);
        }
        let text = match self.streams.colours {
            true => text.to_string(),
            false => console::strip_ansi_codes(text).into_owned(),
        };
        let err = &mut self.streams.err;
        above(self.progress.as_ref(), || write_line(err, &text));
    }

    /// Prints a result.
    pub(super) fn print(&mut self, text: &str) {
        let out = &mut self.streams.out;
        above(self.progress.as_ref(), || write_line(out, text));
    }

    pub(super) fn shows_progress(&self) -> bool {
        self.progress.is_some()
    }

    pub(super) fn node_started(&mut self, node: &NodeInfo, description: &str) {
        if let Some(progress) = &mut self.progress {
            progress.started(node, description);
        }
    }

    pub(super) fn node_finished(&mut self, node: &NodeInfo) {
        if let Some(progress) = &mut self.progress {
            progress.finished(node);
        }
    }

    pub(super) fn end_progress(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.clear();
        }
    }
}

/// When and by whom a line is said.
pub(super) struct Moment<'a> {
    at: Timestamp,
    zone: &'a TimeZone,
    thread: String,
    call: &'a json::Call,
}

impl<'a> Moment<'a> {
    pub(super) fn now(context: &'a Context, call: &'a json::Call) -> Self {
        let current = std::thread::current();
        let thread = match current.name() {
            None | Some("main") => "MainThread",
            Some(name) => name,
        };
        Moment {
            at: context.now(),
            zone: &context.time_zone,
            thread: thread.to_string(),
            call,
        }
    }

    pub(super) fn line(&self, line: &Line<'_>, format: LogFormat) -> String {
        let time = self.at.to_zoned(self.zone.clone());
        match format {
            LogFormat::Json => json::record(line, self.call, &self.thread, self.at),
            LogFormat::Text if line.level == Level::Print => line.message.clone(),
            LogFormat::Text => format!("{}  {}", time.strftime("%H:%M:%S"), line.message),
            LogFormat::Debug => format!(
                "{} [{:<5}] [{}]: {}",
                time.strftime("%H:%M:%S.%6f"),
                json::level(line.level),
                self.thread,
                line.message
            ),
        }
    }
}

/// What divides the calls in a log file.
pub(super) fn file_header(context: &Context) -> String {
    let rule = "=".repeat(30);
    let time = context.started_at.to_zoned(context.time_zone.clone());
    let time = time.strftime("%H:%M:%S.%6f");
    format!("\n\n{rule} {time} | {} {rule}", context.invocation_id)
}

/// A line is written in one piece, so that others who write there do not come between.
/// Nobody may be left to read it, which is no reason to stop.
fn write_line(stream: &mut Box<dyn Write + Send>, text: &str) {
    drop(stream.write_all(format!("{text}\n").as_bytes()));
    drop(stream.flush());
}

fn above(progress: Option<&Progress>, write: impl FnOnce()) {
    match progress {
        Some(progress) => progress.above(write),
        None => write(),
    }
}
