//! Windows of time: what one batch of a model, or a sample of the project, reads.
//! Promise: moments are in UTC; a text without a zone is read as UTC.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

/// From `start` up to, but not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Window {
    /// What both windows hold; empty or turned around where they do not meet.
    pub fn within(self, other: Window) -> Window {
        Window {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        }
    }

    /// Both ends as records hold them: `2020-01-01T00:00:00+00:00`.
    pub fn to_iso(self) -> [String; 2] {
        [iso(self.start), iso(self.end)]
    }
}

/// A day (`2020-01-01`) or a moment (`2020-01-01 10:00:00`, `2020-01-01T10:00:00+02:00`);
/// `None` for anything else.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let as_utc = |at: civil::DateTime| Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| as_utc(text.parse::<civil::DateTime>().ok()?))
        .or_else(|| {
            as_utc(
                text.parse::<civil::Date>()
                    .ok()?
                    .to_datetime(civil::Time::midnight()),
            )
        })
}

/// A moment as SQL compares it: `2020-01-01 00:00:00+00:00`.
pub fn sql_text(at: Timestamp) -> String {
    iso(at).replacen('T', " ", 1)
}

fn iso(at: Timestamp) -> String {
    let fraction = match at.subsec_microsecond() {
        0 => "",
        _ => "%.6f",
    };
    let form = format!("%Y-%m-%dT%H:%M:%S{fraction}+00:00");
    at.strftime(&form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_and_written_in_utc() {
        let rows = [
            ("2020-01-01", Some("2020-01-01 00:00:00+00:00")),
            ("2020-01-01 10:30:00", Some("2020-01-01 10:30:00+00:00")),
            (
                "2020-01-01T10:30:00.5",
                Some("2020-01-01 10:30:00.500000+00:00"),
            ),
            (
                "2020-01-01T01:00:00+02:00",
                Some("2019-12-31 23:00:00+00:00"),
            ),
            ("2020-01-01 00:00:00Z", Some("2020-01-01 00:00:00+00:00")),
            ("2020-13-01", None),
            ("yesterday", None),
        ];
        for (text, expected) in rows {
            assert_eq!(moment(text).map(sql_text).as_deref(), expected, "{text}");
        }
    }
}
