//! `overrides:` of a source: what one project says over a source of a package.
//! Keys of the override replace those of the source, for each table by its name too; the source stays
//! a source of its package.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;
use crate::parse::properties::Entry;

/// Puts each override over its source; those without one are told and dropped.
pub(super) fn applied(sources: Vec<Entry>, bag: &Bag) -> Vec<Entry> {
    let (overrides, mut sources): (Vec<Entry>, Vec<Entry>) = sources
        .into_iter()
        .partition(|entry| target(&entry.yaml).is_some());
    let mut unused = Vec::new();
    for over in overrides {
        let package = target(&over.yaml).unwrap_or_default();
        let name = text(&over.yaml, "name");
        let found = sources
            .iter_mut()
            .find(|entry| entry.package == package && text(&entry.yaml, "name") == name);
        match found {
            Some(source) => source.yaml = merged(&source.yaml, &over.yaml),
            None => unused.push((format!("{package}.{name}"), over)),
        }
    }
    if let Some(warning) = unused_warning(&unused) {
        bag.add(warning);
    }
    sources
}

/// The package whose source is meant; `None` for a source of one's own.
pub(super) fn target(yaml: &Yaml) -> Option<String> {
    let written = yaml.get("overrides").filter(|value| !value.is_null())?;
    Some(written.printed().into_owned())
}

fn text(yaml: &Yaml, key: &str) -> String {
    yaml.get(key)
        .map(|value| value.printed().into_owned())
        .unwrap_or_default()
}

/// A source or a table with the keys of its override.
fn merged(source: &Yaml, over: &Yaml) -> Yaml {
    let mut entries = source.entries().to_vec();
    for (key, value) in over.entries() {
        let name = key.key_text();
        if name == "overrides" {
            continue;
        }
        let slot = entries
            .iter_mut()
            .find(|(known, _)| known.key_text() == name);
        match slot {
            Some((_, tables)) if name == "tables" => *tables = merged_tables(tables, value),
            Some((_, old)) => *old = value.clone(),
            None => entries.push((key.clone(), value.clone())),
        }
    }
    source.with(Data::Map(entries))
}

fn merged_tables(tables: &Yaml, overs: &Yaml) -> Yaml {
    let overs = overs.as_list().unwrap_or_default();
    let of = |table: &Yaml| {
        let name = text(table, "name");
        overs.iter().find(|over| text(over, "name") == name)
    };
    let list = tables.as_list().unwrap_or_default().iter();
    let list =
        list.map(|table| of(table).map_or_else(|| table.clone(), |over| merged(table, over)));
    tables.with(Data::List(list.collect()))
}

fn unused_warning(unused: &[(String, Entry)]) -> Option<Diagnostic> {
    let (_, first) = unused.first()?;
    let lines: Vec<String> = unused
        .iter()
        .map(|(name, entry)| format!("  - Source {name} (in {})", entry.file.shown))
        .collect();
    let message = format!(
        "During parsing, dbt encountered source overrides that had no target:\n{}",
        lines.join("\n")
    );
    let place = first.yaml.get("overrides").map(Yaml::place);
    Some(
        Diagnostic::warning("unused-override", message)
            .maybe_at(place)
            .hint("`overrides` names the package that has the source")
            .event("UnusedTables")
            .field("unused_tables", lines),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;
    use serde_json::json;

    #[test]
    fn keys_of_the_override_replace_those_of_the_source() {
        let read = |text: &str| yaml::parse_text("a.yml", text, &Bag::new()).unwrap();
        let source =
            read("{name: raw, schema: a, tables: [{name: x, description: old}, {name: y}]}");
        let over = read(
            "{name: raw, overrides: p, schema: b, tables: [{name: x, identifier: z}, {name: new}]}",
        );
        assert_eq!(
            merged(&source, &over).to_json(),
            json!({"name": "raw", "schema": "b", "tables": [
                {"name": "x", "description": "old", "identifier": "z"}, {"name": "y"}
            ]})
        );
    }
}
