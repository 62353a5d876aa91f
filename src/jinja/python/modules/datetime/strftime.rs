//! `strftime`: a moment written by a format, with the C library's directives and flags.

use super::iso;
use super::zone::Zone;
use jiff::civil;

/// What a format writes: day, time and zone.
pub(super) struct Moment {
    pub(super) at: civil::DateTime,
    pub(super) zone: Option<Zone>,
}

pub(super) const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Unknown directives stay as they are.
pub(super) fn strftime(moment: &Moment, format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let start = after.trim_start_matches(['-', '_', '0', '^', '#']);
        let flags = &after[..after.len() - start.len()];
        let Some(directive) = start.chars().next() else {
            out.push_str(&rest[at..]);
            return out;
        };
        let end = at + 1 + flags.len() + directive.len_utf8();
        match write(moment, directive) {
            Some(text) => out.push_str(&apply_flags(flags, text)),
            None => out.push_str(&rest[at..end]),
        }
        rest = &rest[end..];
    }
    out + rest
}

fn write(moment: &Moment, directive: char) -> Option<String> {
    let (date, time) = (moment.at.date(), moment.at.time());
    let weekday = date.weekday().to_monday_zero_offset();
    let month = i64::from(date.month());
    let hour_of_12 = (time.hour() + 11) % 12 + 1;
    let two = |number: i64| format!("{number:02}");
    let part = |format: &str| strftime(moment, format);
    Some(match directive {
        'a' => WEEKDAYS[weekday as usize][..3].to_string(),
        'A' => WEEKDAYS[weekday as usize].to_string(),
        'b' | 'h' => MONTHS[month as usize - 1][..3].to_string(),
        'B' => MONTHS[month as usize - 1].to_string(),
        'c' => part("%a %b %e %H:%M:%S %Y"),
        'C' => two(i64::from(date.year()) / 100),
        'd' => two(i64::from(date.day())),
        'D' | 'x' => part("%m/%d/%y"),
        'e' => format!("{:>2}", date.day()),
        'f' => format!("{:06}", time.subsec_nanosecond() / 1000),
        'F' => part("%Y-%m-%d"),
        'g' => two(i64::from(date.iso_week_date().year()) % 100),
        'G' => date.iso_week_date().year().to_string(),
        'H' => two(i64::from(time.hour())),
        'I' => two(i64::from(hour_of_12)),
        'j' => format!("{:03}", date.day_of_year()),
        'k' => format!("{:>2}", time.hour()),
        'l' => format!("{hour_of_12:>2}"),
        'm' => two(month),
        'M' => two(i64::from(time.minute())),
        'n' => "\n".to_string(),
        'p' => if time.hour() < 12 { "AM" } else { "PM" }.to_string(),
        'P' => if time.hour() < 12 { "am" } else { "pm" }.to_string(),
        'r' => part("%I:%M:%S %p"),
        'R' => part("%H:%M"),
        's' => seconds_of_epoch(moment).to_string(),
        'S' => two(i64::from(time.second())),
        't' => "\t".to_string(),
        'T' | 'X' => part("%H:%M:%S"),
        'u' => (weekday + 1).to_string(),
        'U' => two(week_of_year(date, weekday + 1)),
        'V' => two(i64::from(date.iso_week_date().week())),
        'w' => ((weekday + 1) % 7).to_string(),
        'W' => two(week_of_year(date, weekday)),
        'y' => two(i64::from(date.year()) % 100),
        'Y' => date.year().to_string(),
        'z' => match &moment.zone {
            Some(zone) => iso::signed_offset(zone.offset_seconds(), ""),
            None => String::new(),
        },
        'Z' => moment
            .zone
            .as_ref()
            .map_or(String::new(), Zone::abbreviation),
        '%' => "%".to_string(),
        _ => return None,
    })
}

/// `-` drops padding, `_` pads with blanks, `0` with zeros, `^` writes upper case, `#` turns case.
fn apply_flags(flags: &str, text: String) -> String {
    let mut text = text;
    for flag in flags.chars() {
        let digits = text.trim_start_matches(['0', ' ']);
        let digits = if digits.is_empty() { "0" } else { digits };
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        text = match flag {
            '-' if is_number => digits.to_string(),
            '_' if is_number => format!("{digits:>width$}", width = text.len()),
            '0' if is_number => format!("{digits:0>width$}", width = text.len()),
            '^' => text.to_uppercase(),
            '#' if text.chars().any(char::is_lowercase) => text.to_uppercase(),
            '#' => text.to_lowercase(),
            _ => text,
        };
    }
    text
}

/// Weeks begin on the day that is `days_since_start` before the date; days before the first are week 0.
fn week_of_year(date: civil::Date, days_since_start: i8) -> i64 {
    let days_since_start = i64::from(days_since_start % 7);
    (i64::from(date.day_of_year()) - 1 + 7 - days_since_start) / 7
}

fn seconds_of_epoch(moment: &Moment) -> i64 {
    let epoch = super::day_number(civil::Date::constant(1970, 1, 1));
    let days = super::day_number(moment.at.date()) - epoch;
    let seconds = super::micros_of_day(moment.at.time()) / super::MICROS_PER_SECOND;
    let offset = moment.zone.as_ref().map_or(0, Zone::offset_seconds);
    days * 86_400 + seconds - offset
}
