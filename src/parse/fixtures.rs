//! Rows for unit tests: written in the test itself or in a file below `tests/fixtures`.
//! Promise: wrong rows are told at their place; what is right beside them is kept.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::node::unit_test::Fixture;
use crate::node::unit_test::Format;
use crate::node::unit_test::Rows;
use crate::parse::fields;
use crate::parse::files;
use crate::parse::site::Site;
use crate::project::ProjectFile;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tells of files with rows that share a name, whatever their endings: a test could mean either.
pub(super) fn report_clashes(site: &Site<'_>, bag: &Bag) {
    for package in site.packages() {
        let mut first_of: BTreeMap<&str, &ProjectFile> = BTreeMap::new();
        for file in &package.files.fixtures {
            let name = files::stem(&file.below);
            if let Some(first) = first_of.get(name) {
                bag.add(clash(name, first, file));
            } else {
                first_of.insert(name, file);
            }
        }
    }
}

fn clash(name: &str, first: &ProjectFile, second: &ProjectFile) -> Diagnostic {
    let message = format!(
        "dbt found two fixtures with the name \"{name}\": {} and {}",
        first.path, second.path
    );
    Diagnostic::error("duplicate-name", message)
        .at(Place::line(&second.source, 1))
        .related(Place::line(&first.source, 1), "the other one is here")
        .hint("rename one of them; a fixture is found by its name without folder and ending")
}

/// The rows of one `given` entry, or of `expect`.
pub(super) fn read(site: &Site<'_>, package: &str, yaml: &Yaml) -> Fixture {
    let format = format(site, yaml);
    let file = fields::text(yaml, "fixture", site.bag);
    let written = yaml.get("rows").filter(|rows| !rows.is_null());
    if let (Some(_), Some(rows)) = (&file, written) {
        let message = "rows are given twice: with `rows` and with `fixture`";
        let found = Diagnostic::error("unit-test-rows", message).at(rows.place());
        site.bag.add(found.hint("keep one of them"));
    }
    let rows = match (&file, written) {
        (Some(name), _) => of_file(site, package, name, format, yaml),
        (None, Some(rows)) => inline(site, rows, format),
        (None, None) => Some(empty(format)),
    };
    Fixture {
        rows: rows.unwrap_or_default(),
        format,
        file,
    }
}

fn format(site: &Site<'_>, yaml: &Yaml) -> Format {
    let Some(written) = yaml.get("format").filter(|format| !format.is_null()) else {
        return Format::Dict;
    };
    match written.printed().to_lowercase().as_str() {
        "dict" => Format::Dict,
        "csv" => Format::Csv,
        "sql" => Format::Sql,
        other => {
            let message = format!("`{other}` is no format of rows");
            let found = Diagnostic::error("unit-test-format", message).at(written.place());
            site.bag
                .add(found.hint("a format is `dict`, `csv` or `sql`"));
            Format::Dict
        }
    }
}

fn empty(format: Format) -> Rows {
    match format {
        Format::Sql => Rows::Sql(String::new()),
        Format::Dict | Format::Csv => Rows::Values(Vec::new()),
    }
}

fn inline(site: &Site<'_>, rows: &Yaml, format: Format) -> Option<Rows> {
    let wrong = |wanted: &str, hint: &str| {
        let message = format!(
            "rows of the format `{}` are {wanted}, found {}",
            format.as_str(),
            rows.kind()
        );
        let found = Diagnostic::error("unit-test-rows", message).at(rows.place());
        site.bag.add(found.hint(hint.to_string()));
        None
    };
    match (format, &rows.data) {
        (Format::Dict, Data::List(items)) => Some(Rows::Values(dicts(site, items))),
        (Format::Dict, Data::Text(_)) => wrong(
            "a list of mappings",
            "say `format: csv` or `format: sql` for rows that are one text",
        ),
        (Format::Dict, _) => wrong("a list of mappings", "begin each row with `- `"),
        (Format::Csv, Data::List(items)) if items.iter().all(Yaml::is_map) => {
            Some(Rows::Values(dicts(site, items)))
        }
        (Format::Csv, Data::Text(text)) => csv(text, &rows.place(), site).map(Rows::Values),
        (Format::Csv, _) => wrong(
            "one text",
            "begin it with `rows: |`, names in the first line",
        ),
        (Format::Sql, Data::Text(text)) => Some(Rows::Sql(text.trim().to_string())),
        (Format::Sql, _) => wrong("one text", "begin it with `rows: |` and write a query"),
    }
}

fn dicts(site: &Site<'_>, items: &[Yaml]) -> Vec<Map<String, Value>> {
    let maps = items
        .iter()
        .filter(|item| fields::is_map(item, "row", site.bag));
    maps.map(Yaml::to_json_map).collect()
}

fn of_file(
    site: &Site<'_>,
    package: &str,
    name: &str,
    format: Format,
    yaml: &Yaml,
) -> Option<Rows> {
    let place = yaml.place_of("fixture");
    let ending = match format {
        Format::Csv => ".csv",
        Format::Sql => ".sql",
        Format::Dict => {
            let message = "a fixture file needs `format: csv` or `format: sql`";
            let found = Diagnostic::error("unit-test-format", message).at(place);
            site.bag
                .add(found.hint("rows of the format `dict` stand in the test itself"));
            return None;
        }
    };
    let known = site.fixtures(package).iter();
    let mut known = known.filter(|file| file.path.to_lowercase().ends_with(ending));
    let Some(file) = known.clone().find(|file| files::stem(&file.below) == name) else {
        let names: Vec<String> = known
            .by_ref()
            .map(|file| files::stem(&file.below))
            .map(str::to_string)
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        site.bag.add(missing(name, &names, place));
        return None;
    };
    of_text(site, file, format)
}

fn of_text(site: &Site<'_>, file: &ProjectFile, format: Format) -> Option<Rows> {
    let source: &Arc<SourceFile> = &file.source;
    match format {
        Format::Sql => Some(Rows::Sql(source.text().trim().to_string())),
        _ => csv(source.text(), &Place::whole(source), site).map(Rows::Values),
    }
}

fn missing(name: &str, names: &[&str], place: Place) -> Diagnostic {
    let message = format!(
        "File not found for fixture '{name}' in unit tests in {}",
        place.file.shown
    );
    let near = nearest(name, names.iter().copied());
    Diagnostic::error("unknown-fixture", message)
        .at(place)
        .note("looked for below the folder `fixtures` of the test folders")
        .maybe_hint(near.map(|near| format!("did you mean `{near}`?")))
        .headline("Parsing Error")
}

/// The lines of a CSV text as rows; empty values are null, the others are texts.
fn csv(text: &str, place: &Place, site: &Site<'_>) -> Option<Vec<Map<String, Value>>> {
    let wrong = |line: usize, what: String| {
        let message = format!("line {line} of the rows: {what}");
        let found = Diagnostic::error("unit-test-rows", message).at(place.clone());
        site.bag.add(found.hint(
            "every line needs as many values as the first has names; put a value with a comma in quotes",
        ));
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::None)
        .from_reader(text.trim_start().as_bytes());
    let names = match reader.headers() {
        Ok(names) => names.clone(),
        Err(error) => {
            wrong(1, error.to_string());
            return None;
        }
    };
    let mut rows = Vec::new();
    for (at, record) in reader.records().enumerate() {
        match record {
            Ok(record) if record.len() == names.len() => {
                let values = record.iter().map(|value| match value {
                    "" => Value::Null,
                    text => Value::from(text),
                });
                rows.push(names.iter().map(str::to_string).zip(values).collect());
            }
            Ok(record) => wrong(
                at + 2,
                format!("{} values for {} names", record.len(), names.len()),
            ),
            Err(error) => wrong(at + 2, error.to_string()),
        }
    }
    Some(rows)
}
