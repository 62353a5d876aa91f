//! Relations in files, and the databases that a warehouse attaches.

use super::Call;
use super::call::relation_argument;
use crate::adapter::session::AutoBegin;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::repr;
use crate::jinja::values;
use crate::jinja::values::Dict;
use crate::sql::quote;
use minijinja::Error;
use minijinja::value::Value;

/// Options of `copy` whose values are texts in quotes.
const TEXT_OPTIONS: [&str; 4] = ["delimiter", "quote", "escape", "null"];

/// The folder or address below which external relations are written.
pub(super) fn root(call: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    args.finish()?;
    Ok(Value::from(call.setup(|setup| setup.external_root.clone())))
}

/// `external_write_options(write_location, rendered_options)`: the options of `copy`.
/// What is found out from the location is put into the options too.
pub(super) fn write_options(_: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let location = args.required_str("write_location")?;
    let given = args.required("rendered_options")?;
    args.finish()?;
    let mut options: Vec<(String, String)> = values::pairs(&given)
        .into_iter()
        .map(|(key, value)| (key, repr::str(&value)))
        .collect();
    let found: Vec<(&str, String)> = missing_options(&location, &options);
    for (key, value) in found {
        if let Some(dict) = given.downcast_object_ref::<Dict>() {
            dict.insert(key, Value::from(value.as_str()));
        }
        options.push((key.to_string(), value));
    }
    let written: Vec<String> = options
        .iter()
        .map(|(key, value)| option(key, value))
        .collect();
    Ok(Value::from(written.join(", ")))
}

/// `external_read_location(write_location, rendered_options)`: where the written rows are read from.
pub(super) fn read_location(_: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let location = args.required_str("write_location")?;
    let options = args.required("rendered_options")?;
    args.finish()?;
    let option = |name: &str| {
        let found = options.get_item(&Value::from(name)).unwrap_or_default();
        Some(found)
            .filter(|found| found.is_true())
            .map(|found| repr::str(&found))
    };
    let partitions = option("partition_by").map(|columns| columns.split(',').count());
    if partitions.is_none() && option("per_thread_output").is_none() {
        return Ok(Value::from(location));
    }
    let folders = "/*".repeat(partitions.unwrap_or(0));
    let format = option("format").unwrap_or_else(|| "parquet".to_string());
    Ok(Value::from(format!("{location}{folders}/*.{format}")))
}

/// Whether something can be read at a location.
pub(super) fn location_exists(
    call: &mut Call<'_, '_, '_>,
    mut args: Args<'_>,
) -> Result<Value, Error> {
    let location = args.required_str("location")?;
    args.finish()?;
    let place = quote::text(&location);
    // Reading what is not there ends the open transaction; looking for files does not.
    let sql = match location.contains("://") {
        true => format!("select 1 from {place} where 1 = 0"),
        false => format!("select 1 from glob({place}) having count(*) = 0"),
    };
    let asked = call.session()?.fetch(&sql, AutoBegin::No, None);
    Ok(Value::from(
        asked.is_ok_and(|(_, rows)| rows.rows.is_empty()),
    ))
}

/// `store_relation(plugin_name, ...)`: hands a relation to a plugin, of which there are none.
pub(super) fn store_relation(_: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let plugin = args.required_str("plugin_name")?;
    Err(fail(format!(
        "the plugin `{plugin}` is a Python program, which sqlmill cannot load"
    )))
}

pub(super) fn is_motherduck(_: &mut Call<'_, '_, '_>, args: Args<'_>) -> Result<Value, Error> {
    args.finish()?;
    Ok(Value::from(false))
}

/// Whether a relation lives in a DuckLake.
pub(super) fn is_ducklake(call: &mut Call<'_, '_, '_>, mut args: Args<'_>) -> Result<Value, Error> {
    let relation = args.required("relation")?;
    args.finish()?;
    if relation.is_none() || relation.is_undefined() {
        return Ok(Value::from(false));
    }
    let database = relation_argument(&relation)?.database.unwrap_or_default();
    let is_lake = call.setup(|setup| {
        let mut lakes = setup.ducklakes.iter();
        lakes.any(|lake| lake.eq_ignore_ascii_case(&database))
    });
    Ok(Value::from(is_lake))
}

/// Format, compression and header, as the location's endings tell them.
fn missing_options(location: &str, given: &[(String, String)]) -> Vec<(&'static str, String)> {
    let value = |key: &str| {
        given
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value)
    };
    let mut found = Vec::new();
    let name = location
        .rsplit('/')
        .next()
        .unwrap_or(location)
        .to_lowercase();
    let mut endings = name.split('.').skip(1).collect::<Vec<_>>();
    if value("format").is_none() {
        let compression = match endings.last() {
            Some(&"gz") => Some("gzip"),
            Some(&"zst") => Some("zstd"),
            _ => None,
        };
        if compression.is_some() {
            endings.pop();
        }
        let format = endings.last().unwrap_or(&"parquet");
        found.push(("format", format.to_string()));
        if let (Some(compression), None) = (compression, value("compression")) {
            found.push(("compression", compression.to_string()));
        }
    }
    let format = found.first().map(|(_, format)| format).or(value("format"));
    if format.is_some_and(|format| format == "csv") && value("header").is_none() {
        found.push(("header", "1".to_string()));
    }
    found
}

fn option(key: &str, value: &str) -> String {
    let is_quoted = value.len() > 1 && value.starts_with('\'') && value.ends_with('\'');
    if TEXT_OPTIONS.contains(&key) && !is_quoted {
        return format!("{key} {}", quote::text(value));
    }
    match key {
        "partition_by" if value.contains(',') && !value.starts_with('(') => {
            format!("{key} ({value})")
        }
        _ => format!("{key} {value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_from_the_location() {
        let rows = [
            ("a/b.parquet", vec![], "format parquet"),
            ("a/b.csv", vec![], "format csv, header 1"),
            (
                "b.csv.gz",
                vec![("delimiter", "|")],
                "delimiter '|', format csv, compression gzip, header 1",
            ),
            (
                "a/b",
                vec![("partition_by", "x, y"), ("format", "parquet")],
                "partition_by (x, y), format parquet",
            ),
            (
                "a.txt",
                vec![("format", "csv"), ("header", "0")],
                "format csv, header 0",
            ),
            ("s3://bucket.x/a", vec![], "format parquet"),
        ];
        for (location, given, expected) in rows {
            let given: Vec<(String, String)> = given
                .into_iter()
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect();
            let found = missing_options(location, &given);
            let found = found
                .into_iter()
                .map(|(key, value)| (key.to_string(), value));
            let all = given.clone().into_iter().chain(found);
            let written: Vec<String> = all.map(|(key, value)| option(&key, &value)).collect();
            assert_eq!(written.join(", "), expected);
        }
    }
}
