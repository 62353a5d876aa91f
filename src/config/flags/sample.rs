//! `--sample`: how much of the past is read of everything that has an `event_time`.

use crate::base::Window;
use crate::base::window;
use crate::config::BatchSize;
use crate::config::yaml;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

/// What `--sample` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// So many hours, days, months or years until now.
    Last {
        count: i64,
        size: BatchSize,
    },
    Between(Window),
}

impl Sample {
    /// `3 days`, or a YAML mapping with `start` and `end`; the error says what is wrong.
    pub fn read(text: &str) -> Result<Self, String> {
        let bag = crate::base::Bag::new();
        let Some(yaml) = yaml::parse_text("sample", text, &bag) else {
            return Err("The YAML provided in the --sample argument is not valid.".to_string());
        };
        match yaml.is_map() {
            true => between(&yaml),
            false => last(text),
        }
    }

    /// The window that is read; `now` ends a sample that says how long it is.
    pub fn window(self, now: Timestamp) -> Window {
        match self {
            Sample::Between(window) => window,
            Sample::Last { count, size } => Window {
                start: size.step(now, count.checked_neg().unwrap_or(0)),
                end: now,
            },
        }
    }
}

/// A sample as records hold it.
pub fn to_record(sample: Window) -> Value {
    let [start, end] = sample.to_iso();
    json!({"start": start, "end": end})
}

/// Out of such a record; `None` for anything else.
pub(super) fn from_record(record: Option<&Value>) -> Option<Window> {
    let end = |name: &str| window::moment(record?.get(name)?.as_str()?);
    Some(Window {
        start: end("start")?,
        end: end("end")?,
    })
}

fn last(text: &str) -> Result<Sample, String> {
    let words: Vec<&str> = text.split(' ').collect();
    let [count, size] = words.as_slice() else {
        return Err(format!(
            "Cannot load SAMPLE_WINDOW from '{text}'. Must be of form 'DAYS_INT GRAIN_SIZE'."
        ));
    };
    let Ok(count) = count.parse::<i64>() else {
        return Err(format!("Unable to convert '{count}' to an integer."));
    };
    let name = size.to_lowercase();
    let size = BatchSize::named(name.strip_suffix('s').unwrap_or(&name)).ok_or_else(|| {
        format!(
            "Invalid grain size '{size}'. Must be one of ['hour', 'day', 'month', 'year', 'hours', 'days', \
             'months', 'years']."
        )
    })?;
    Ok(Sample::Last { count, size })
}

fn between(yaml: &yaml::Yaml) -> Result<Sample, String> {
    let end = |name: &str| {
        let value = yaml.get(name).ok_or_else(|| {
            format!("Field \"{name}\" of type datetime is missing in SampleWindow instance")
        })?;
        let text = value.key_text();
        window::moment(&text).ok_or_else(|| {
            format!("Field \"{name}\" of type datetime in SampleWindow has invalid value '{text}'")
        })
    };
    Ok(Sample::Between(Window {
        start: end("start")?,
        end: end("end")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_a_length_or_a_window() {
        let now = window::moment("2024-03-31 12:00:00").unwrap();
        let rows = [
            ("3 days", Ok("2024-03-28 12:00:00+00:00")),
            ("1 month", Ok("2024-02-29 12:00:00+00:00")),
            ("2 HOURS", Ok("2024-03-31 10:00:00+00:00")),
            (
                "{start: 2024-01-01, end: '2024-01-02 06:00:00'}",
                Ok("2024-01-01 00:00:00+00:00"),
            ),
            (
                "3",
                Err("Cannot load SAMPLE_WINDOW from '3'. Must be of form 'DAYS_INT GRAIN_SIZE'."),
            ),
            ("x days", Err("Unable to convert 'x' to an integer.")),
            (
                "3 weeks",
                Err(
                    "Invalid grain size 'weeks'. Must be one of ['hour', 'day', 'month', 'year', 'hours', 'days', 'months', 'years'].",
                ),
            ),
            (
                "{start: 2024-01-01}",
                Err("Field \"end\" of type datetime is missing in SampleWindow instance"),
            ),
            (
                "{start: x, end: 2024-01-01}",
                Err("Field \"start\" of type datetime in SampleWindow has invalid value 'x'"),
            ),
        ];
        for (text, expected) in rows {
            let found = Sample::read(text).map(|sample| window::sql_text(sample.window(now).start));
            assert_eq!(
                found,
                expected.map(str::to_string).map_err(str::to_string),
                "{text}"
            );
        }
    }
}
