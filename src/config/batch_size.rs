//! The sizes in which a microbatch model works through time.

use crate::base::window::Window;
use jiff::Span;
use jiff::Timestamp;
use jiff::Zoned;
use jiff::civil;
use jiff::tz::TimeZone;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchSize {
    Hour,
    Day,
    Month,
    Year,
}

impl BatchSize {
    pub const ALL: [BatchSize; 4] = [
        BatchSize::Hour,
        BatchSize::Day,
        BatchSize::Month,
        BatchSize::Year,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            BatchSize::Hour => "hour",
            BatchSize::Day => "day",
            BatchSize::Month => "month",
            BatchSize::Year => "year",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        BatchSize::ALL
            .into_iter()
            .find(|size| size.as_str() == name)
    }

    /// The start of the batch that holds a moment.
    pub fn floor(self, at: Timestamp) -> Timestamp {
        let at = utc(at);
        let first = |month: i8| civil::date(at.year(), month, 1).at(0, 0, 0, 0);
        let start = match self {
            BatchSize::Hour => at.date().at(at.hour(), 0, 0, 0),
            BatchSize::Day => at.date().at(0, 0, 0, 0),
            BatchSize::Month => first(at.month()),
            BatchSize::Year => first(1),
        };
        start
            .to_zoned(TimeZone::UTC)
            .map_or(at.timestamp(), |start| start.timestamp())
    }

    /// The next start of a batch, or the moment itself where it is one.
    pub fn ceiling(self, at: Timestamp) -> Timestamp {
        match self.floor(at) {
            start if start == at => at,
            start => self.step(start, 1),
        }
    }

    /// So many batches later, or earlier where `count` is negative.
    pub fn step(self, at: Timestamp, count: i64) -> Timestamp {
        let span = Span::new();
        let span = match self {
            BatchSize::Hour => span.hours(count),
            BatchSize::Day => span.days(count),
            BatchSize::Month => span.months(count),
            BatchSize::Year => span.years(count),
        };
        utc(at)
            .checked_add(span)
            .map_or(at, |moved| moved.timestamp())
    }

    /// All batches of a window: the first begins where the window does, the last ends where it ends.
    pub fn batches(self, window: Window) -> Vec<Window> {
        let mut batches = Vec::new();
        let mut start = window.start;
        loop {
            let end = self.step(start, 1);
            if end >= window.end || end <= start {
                batches.push(Window {
                    start,
                    end: window.end,
                });
                return batches;
            }
            batches.push(Window { start, end });
            start = end;
        }
    }

    /// A batch for people and file names, by its start: `2020-01-01`, or `2020-01-01T10`.
    pub fn label(self, start: Timestamp) -> String {
        let form = match self {
            BatchSize::Hour => "%Y-%m-%dT%H",
            BatchSize::Day => "%Y-%m-%d",
            BatchSize::Month => "%Y-%m",
            BatchSize::Year => "%Y",
        };
        start.strftime(form).to_string()
    }

    /// A batch as a part of names: `20200101`, or `20200101T10`.
    pub fn id(self, start: Timestamp) -> String {
        self.label(start).replace('-', "")
    }
}

fn utc(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::UTC)
}
