//! Reads a seed's CSV and finds out what its columns hold.
//! Promise: the kinds are those that dbt gives; a broken row is an error with its line.
//! Not here: the warehouse's words for the kinds, loading the rows (`templates`).

use crate::adapter::cell::Cell;
use crate::adapter::decimal::Decimal;
use crate::adapter::table::Kind;
use crate::adapter::table::Table;
use crate::adapter::table::TableColumn;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;
use std::fmt;

/// How a seed is to be read.
#[derive(Debug, Clone)]
pub struct SeedOptions {
    /// One ASCII character.
    pub delimiter: u8,
    /// Columns whose type the project declares: taken as texts, whatever they hold.
    pub text_columns: Vec<String>,
}

impl Default for SeedOptions {
    fn default() -> Self {
        SeedOptions {
            delimiter: b',',
            text_columns: Vec::new(),
        }
    }
}

/// A file that is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedError {
    /// Counted from 1; `None` where the whole file is to blame.
    pub line: Option<usize>,
    /// One sentence, lowercase, no full stop.
    pub message: String,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for SeedError {}

/// Reads a CSV text: a line of names, then rows with as many values.
pub fn read(text: &str, options: &SeedOptions) -> Result<Table, SeedError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(options.delimiter)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| broken(&e))?.clone();
    if header.is_empty() {
        return Err(SeedError {
            line: None,
            message: "the file is empty; its first line must name the columns".to_string(),
        });
    }
    let names = column_names(&header)?;
    let mut records = Vec::new();
    for record in reader.records() {
        records.push(record.map_err(|e| broken(&e))?);
    }
    let kinds: Vec<Kind> = names
        .iter()
        .enumerate()
        .map(|(index, name)| match options.text_columns.contains(name) {
            true => Kind::Text,
            false => kind_of(records.iter().map(|record| &record[index])),
        })
        .collect();
    let rows = records
        .iter()
        .map(|record| {
            let values = record.iter().zip(&kinds);
            values.map(|(value, kind)| cell(value, *kind)).collect()
        })
        .collect();
    let columns = names
        .into_iter()
        .zip(kinds)
        .map(|(name, kind)| TableColumn {
            kind,
            ..TableColumn::new(name, "")
        })
        .collect();
    Ok(Table::new(columns, rows))
}

/// Repeated names are numbered (`a_2`), missing ones are letters (`a`, `b`, ...).
fn column_names(header: &csv::StringRecord) -> Result<Vec<String>, SeedError> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for (index, written) in header.iter().enumerate() {
        let base = match written.is_empty() {
            true => letters(index),
            false => written.to_string(),
        };
        let mut name = base.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        let same = names
            .iter()
            .find(|other| other.to_lowercase() == name.to_lowercase());
        if let Some(other) = same {
            return Err(SeedError {
                line: Some(1),
                message: format!("the columns `{other}` and `{name}` differ by case alone"),
            });
        }
        names.push(name);
    }
    Ok(names)
}

/// `a` to `z`, then `aa`, `bb`.
fn letters(index: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(index % 26).unwrap_or(0));
    std::iter::repeat_n(letter, index / 26 + 1).collect()
}

fn broken(error: &csv::Error) -> SeedError {
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("the row has {len} values, but the table has {expected_len} columns"),
        csv::ErrorKind::Utf8 { err, .. } => format!("the text is no UTF-8: {err}"),
        _ => error.to_string(),
    };
    SeedError {
        line: error
            .position()
            .and_then(|place| usize::try_from(place.line()).ok()),
        message,
    }
}

/// The first kind that all values fit; nothing but nulls counts as integers.
fn kind_of<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Kind {
    let values = values.filter(|value| !is_null(value));
    let all = |fits: fn(&str) -> bool| values.clone().all(fits);
    if all(|value| number(value).is_some()) {
        let is_integer = |value: &str| number(value).is_some_and(|n| n.is_integer());
        return if all(is_integer) {
            Kind::Integer
        } else {
            Kind::Number
        };
    }
    if all(|value| date(value.trim()).is_some()) {
        return Kind::Date;
    }
    let is_spaced = |value: &str| date_time(value.trim(), ' ').is_some();
    let is_iso = |value: &str| date_time(value.trim(), 'T').is_some();
    if all(is_spaced) || all(is_iso) {
        return Kind::DateTime;
    }
    match all(|value| boolean(value).is_some()) {
        true => Kind::Boolean,
        false => Kind::Text,
    }
}

fn cell(value: &str, kind: Kind) -> Cell {
    if value.is_empty() || (kind != Kind::Text && is_null(value)) {
        return Cell::Null;
    }
    let trimmed = value.trim();
    let read = match kind {
        Kind::Text => None,
        Kind::Integer => number(value)
            .and_then(|number| number.to_integer())
            .map(Cell::Int),
        Kind::Number => number(value).map(|number| match number {
            SeedNumber::Exact(decimal) => Cell::Decimal(decimal),
            SeedNumber::Float(float) => Cell::Float(float),
        }),
        Kind::Boolean => boolean(value).map(Cell::Bool),
        Kind::Date => date(trimmed).map(Cell::Date),
        Kind::DateTime => date_time(trimmed, ' ')
            .or_else(|| date_time(trimmed, 'T'))
            .map(Cell::DateTime),
    };
    read.unwrap_or_else(|| Cell::text(value))
}

fn is_null(value: &str) -> bool {
    value.is_empty() || value.eq_ignore_ascii_case("null")
}

fn boolean(value: &str) -> Option<bool> {
    if value.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    value.eq_ignore_ascii_case("false").then_some(false)
}

enum SeedNumber {
    Exact(Decimal),
    /// Not a number, infinity, or more digits than are kept exactly.
    Float(f64),
}

impl SeedNumber {
    /// Whole, and small enough for a warehouse's widest common integer.
    fn is_integer(&self) -> bool {
        match self {
            SeedNumber::Exact(decimal) => {
                let whole = decimal.is_whole().then(|| decimal.to_integer()).flatten();
                whole.is_some_and(|whole| i64::try_from(whole).is_ok())
            }
            SeedNumber::Float(_) => false,
        }
    }

    fn to_integer(&self) -> Option<i128> {
        match self {
            SeedNumber::Exact(decimal) => decimal.to_integer(),
            SeedNumber::Float(_) => None,
        }
    }
}

/// `-1`, `1.50`, `.5`, `1e3`, `1_000`, `nan`, `inf`; blanks around it do not count.
fn number(value: &str) -> Option<SeedNumber> {
    let value = value.trim();
    let digits = value.contains('_').then(|| value.replace('_', ""));
    let value = digits.as_deref().unwrap_or(value);
    if let Some(decimal) = Decimal::parse(value) {
        return Some(SeedNumber::Exact(decimal));
    }
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let is_word = ["nan", "inf", "infinity"]
        .iter()
        .any(|w| unsigned.eq_ignore_ascii_case(w));
    if is_word || unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return value.parse().ok().map(SeedNumber::Float);
    }
    None
}

/// `2024-01-02`, also `2024-1-2`.
fn date(value: &str) -> Option<Date> {
    let mut parts = value.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_short = |part: &str| part.len() <= 2;
    if year.len() != 4 || !is_short(month) || !is_short(day) || parts.next().is_some() {
        return None;
    }
    Date::new(
        small(year)?,
        i8::try_from(small(month)?).ok()?,
        i8::try_from(small(day)?).ok()?,
    )
    .ok()
}

/// `2024-01-02 03:04:05`; with a `T` also fractions of seconds and a zone.
fn date_time(value: &str, separator: char) -> Option<DateTime> {
    let (day, time) = value.split_once(separator)?;
    let day = date(day)?;
    if separator == ' ' {
        return Some(day.to_datetime(clock(time.trim_start())?));
    }
    let zoned = ["Z", "z"].iter().find_map(|zone| time.strip_suffix(zone));
    let time = match (zoned, time.rfind(['+', '-'])) {
        (Some(time), _) => time,
        (None, Some(at)) => &time[..at],
        (None, None) => time,
    };
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let nanos: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let time = clock(seconds).filter(|_| is_fraction)?;
    let time = Time::new(time.hour(), time.minute(), time.second(), nanos).ok()?;
    Some(day.to_datetime(time))
}

/// `03:04:05`
fn clock(value: &str) -> Option<Time> {
    let mut parts = value.split(':');
    let mut part = || i8::try_from(small(parts.next()?)?).ok();
    let (hour, minute, second) = (part()?, part()?, part()?);
    match parts.next() {
        Some(_) => None,
        None => Time::new(hour, minute, second, 0).ok(),
    }
}

/// A number of digits alone.
fn small(digits: &str) -> Option<i16> {
    let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(values: &[&str]) -> Kind {
        kind_of(values.iter().copied())
    }

    #[test]
    fn values_decide_the_kind() {
        let rows: [(&[&str], Kind); 34] = [
            (&["1", "2"], Kind::Integer),
            (&["01", ""], Kind::Integer),
            (&["1.0", "2"], Kind::Integer),
            (&["1e5", "-0"], Kind::Integer),
            (&["1_000", " 2 "], Kind::Integer),
            (&["", "null", "NULL"], Kind::Integer),
            (&["12345678901"], Kind::Integer),
            (&["123456789012345678901234567890"], Kind::Number),
            (&[".5", "5."], Kind::Number),
            (&["nan", "1"], Kind::Number),
            (&["1.5E-3", "2"], Kind::Number),
            (&["1", "a"], Kind::Text),
            (&["$1.5"], Kind::Text),
            (&["(5)"], Kind::Text),
            (&["0x10"], Kind::Text),
            (&["-"], Kind::Text),
            (&["1.5.2"], Kind::Text),
            (&["2024-01-02", "2024-1-2", " 2024-01-02 "], Kind::Date),
            (&["2024-13-01"], Kind::Text),
            (&["01/02/2024"], Kind::Text),
            (&["24-01-02"], Kind::Text),
            (&["2024-01"], Kind::Text),
            (&["2024-01-02 03:04:05", "2024-1-2 3:4:5"], Kind::DateTime),
            (
                &["2024-01-02T03:04:05", "2024-01-02T03:04:05Z"],
                Kind::DateTime,
            ),
            (&["2024-01-02T03:04:05+00:00"], Kind::DateTime),
            (&["2024-01-02 03:04:05", "2024-01-02T03:04:06"], Kind::Text),
            (&["2024-01-02 03:04:05.123"], Kind::Text),
            (&["2024-01-02 03:04"], Kind::Text),
            (&["2024-01-02 03:04:05", "2024-01-02"], Kind::Text),
            (&["03:04:05"], Kind::Text),
            (&["true", "FALSE", ""], Kind::Boolean),
            (&["yes", "no"], Kind::Text),
            (&["t", "f"], Kind::Text),
            (&["true", "1"], Kind::Text),
        ];
        for (values, expected) in rows {
            assert_eq!(kind(values), expected, "{values:?}");
        }
    }

    #[test]
    fn rows_are_read_by_kind() {
        let text = "\u{feff}id,,name,name\r\n1,2.5,\"a \"\"b\"\"\n\",null\r\n\r\n2,,,x\r\n";
        let table = read(text, &SeedOptions::default()).unwrap();
        let names: Vec<&str> = table.names().collect();
        assert_eq!(names, ["id", "b", "name", "name_2"]);
        let shown: Vec<String> = table.rows.concat().iter().map(Cell::to_string).collect();
        assert_eq!(
            shown,
            ["1", "2.5", "a \"b\"\n", "null", "2", "None", "None", "x"]
        );
    }

    #[test]
    fn declared_columns_stay_texts() {
        let options = SeedOptions {
            delimiter: b';',
            text_columns: vec!["zip".to_string()],
        };
        let table = read("zip;n\n01234;1\n", &options).unwrap();
        let kinds: Vec<Kind> = table.columns.iter().map(|c| c.kind).collect();
        assert_eq!(kinds, [Kind::Text, Kind::Integer]);
        assert_eq!(table.rows[0][0], Cell::text("01234"));
    }

    #[test]
    fn broken_rows_name_their_line() {
        let rows = [
            (
                "a,b\n1,2\n3\n",
                "line 3: the row has 1 values, but the table has 2 columns",
            ),
            (
                "a,b\n1,2,3\n",
                "line 2: the row has 3 values, but the table has 2 columns",
            ),
            (
                "a,A\n",
                "line 1: the columns `a` and `A` differ by case alone",
            ),
            (
                "",
                "the file is empty; its first line must name the columns",
            ),
        ];
        for (text, expected) in rows {
            let error = read(text, &SeedOptions::default()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        assert!(
            read("a\n", &SeedOptions::default())
                .unwrap()
                .rows
                .is_empty()
        );
    }
}
