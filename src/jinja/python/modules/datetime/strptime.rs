//! `strptime`: a moment read by a format.

use super::make_date;
use super::make_time;
use super::strftime::MONTHS;
use super::strftime::Moment;
use super::strftime::WEEKDAYS;
use super::zone::Zone;
use crate::jinja::fail;
use crate::jinja::python::repr;
use jiff::civil;
use minijinja::Error;

/// What Python's `datetime.strptime(text, format)` makes; missing parts are those of 1900-01-01.
pub(super) fn strptime(text: &str, format: &str) -> Result<Moment, Error> {
    let mut reader = Reader {
        rest: text,
        found: Found::default(),
    };
    match reader.read(format)? {
        Some(()) if reader.rest.is_empty() => reader.found.moment(),
        Some(()) => Err(fail(format!("unconverted data remains: {}", reader.rest))),
        None => Err(fail(format!(
            "time data {} does not match format {}",
            repr::quote(text),
            repr::quote(format)
        ))),
    }
}

struct Reader<'a> {
    rest: &'a str,
    found: Found,
}

#[derive(Default)]
struct Found {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    hour_of_12: Option<i64>,
    afternoon: bool,
    minute: i64,
    second: i64,
    micros: i64,
    offset: Option<i64>,
    zone: Option<Zone>,
}

impl Reader<'_> {
    /// `Ok(None)` where the text does not fit, `Err` where the format itself is wrong.
    fn read(&mut self, format: &str) -> Result<Option<()>, Error> {
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            let fits = match c {
                '%' => {
                    let directive = chars
                        .next()
                        .ok_or_else(|| fail(format!("stray % in format '{format}'")))?;
                    self.directive(directive, format)?
                }
                c if c.is_whitespace() => {
                    let trimmed = self.rest.trim_start();
                    let some = trimmed.len() < self.rest.len();
                    self.rest = trimmed;
                    some.then_some(())
                }
                c => self.literal(c),
            };
            if fits.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    fn directive(&mut self, directive: char, format: &str) -> Result<Option<()>, Error> {
        Ok(match directive {
            'Y' => self.number(4..=4).map(|n| self.found.year = Some(n)),
            'y' => self.number(1..=2).map(|n| {
                self.found.year = Some(if n < 69 { 2000 + n } else { 1900 + n });
            }),
            'm' => self.within(1..=12).map(|n| self.found.month = Some(n)),
            'd' => self.within(1..=31).map(|n| self.found.day = Some(n)),
            'j' => self.day_of_year(),
            'H' => self.within(0..=23).map(|n| self.found.hour = n),
            'I' => self.within(1..=12).map(|n| self.found.hour_of_12 = Some(n)),
            'M' => self.within(0..=59).map(|n| self.found.minute = n),
            'S' => self.within(0..=61).map(|n| self.found.second = n.min(59)),
            'f' => self.fraction(),
            'b' => self
                .word(&MONTHS.map(|name| &name[..3]))
                .map(|at| self.found.month = Some(at)),
            'B' => self.word(&MONTHS).map(|at| self.found.month = Some(at)),
            'a' => self.word(&WEEKDAYS.map(|name| &name[..3])).map(drop),
            'A' => self.word(&WEEKDAYS).map(drop),
            'p' => self
                .word(&["AM", "PM"])
                .map(|at| self.found.afternoon = at == 2),
            'w' | 'u' => self.number(1..=1).map(drop),
            'z' => self.offset(),
            'Z' => self.zone_name(),
            'D' | 'x' => return self.read("%m/%d/%y"),
            'T' | 'X' => return self.read("%H:%M:%S"),
            'F' => return self.read("%Y-%m-%d"),
            'R' => return self.read("%H:%M"),
            'c' => return self.read("%a %b %d %H:%M:%S %Y"),
            '%' => self.literal('%'),
            other => {
                return Err(fail(format!(
                    "'{other}' is a bad directive in format '{format}'"
                )));
            }
        })
    }

    fn literal(&mut self, wanted: char) -> Option<()> {
        let first = self.rest.chars().next()?;
        let same = first == wanted || first.to_lowercase().eq(wanted.to_lowercase());
        self.rest = self.rest.get(first.len_utf8()..).filter(|_| same)?;
        Some(())
    }

    /// The digits at the start, at most as many as allowed.
    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
        let have = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let count = have.min(*digits.end());
        if count < *digits.start() {
            return None;
        }
        let (number, rest) = self.rest.split_at(count);
        self.rest = rest;
        number.parse().ok()
    }

    /// One or two digits, two only where they make a number of the range.
    fn within(&mut self, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let before = self.rest;
        for digits in [2, 1] {
            self.rest = before;
            if let Some(number) = self.number(digits..=digits).filter(|n| range.contains(n)) {
                return Some(number);
            }
        }
        None
    }

    fn day_of_year(&mut self) -> Option<()> {
        let number = self.number(1..=3).filter(|n| (1..=366).contains(n))?;
        self.found.day_of_year = Some(number);
        Some(())
    }

    fn fraction(&mut self) -> Option<()> {
        let before = self.rest;
        let number = self.number(1..=6)?;
        let digits = before.len() - self.rest.len();
        self.found.micros = number * 10i64.pow(6 - digits as u32);
        Some(())
    }

    /// Position from 1 of the word that the text starts with, in any case.
    fn word(&mut self, words: &[&str]) -> Option<i64> {
        let at = words.iter().position(|word| {
            let start = self.rest.get(..word.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        })?;
        self.rest = &self.rest[words[at].len()..];
        Some(at as i64 + 1)
    }

    fn offset(&mut self) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix(['Z', 'z']) {
            self.rest = rest;
            self.found.offset = Some(0);
            return Some(());
        }
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        self.rest = self.rest.strip_prefix(['+', '-'])?;
        let hours = self.number(2..=2)?;
        let colon = self.rest.starts_with(':');
        self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        let minutes = self.number(2..=2)?;
        let separator = if colon { ":" } else { "" };
        let mut seconds = 0;
        if let Some(rest) = self.rest.strip_prefix(separator)
            && rest.starts_with(|c: char| c.is_ascii_digit())
        {
            self.rest = rest;
            seconds = self.number(2..=2)?;
        }
        self.found.offset = Some(sign * (hours * 3600 + minutes * 60 + seconds));
        Some(())
    }

    fn zone_name(&mut self) -> Option<()> {
        let at = self.word(&["UTC", "GMT"])?;
        _ = at;
        Some(())
    }
}

impl Found {
    fn moment(self) -> Result<Moment, Error> {
        let date = self.date()?;
        let hour = match self.hour_of_12 {
            Some(hour) => hour % 12 + if self.afternoon { 12 } else { 0 },
            None => self.hour,
        };
        let time = make_time(hour, self.minute, self.second, self.micros)?;
        let zone = self.offset.map(|offset| match offset {
            0 => Zone::Utc,
            offset => Zone::fixed(offset),
        });
        Ok(Moment {
            at: date.to_datetime(time),
            zone: zone.or(self.zone),
        })
    }

    fn date(&self) -> Result<civil::Date, Error> {
        let year = self.year.unwrap_or(1900);
        let (None, Some(day)) = (self.month, self.day_of_year) else {
            return make_date(year, self.month.unwrap_or(1), self.day.unwrap_or(1));
        };
        let first = super::day_number(make_date(year, 1, 1)?);
        super::from_day_number(first + day - 1)
    }
}
