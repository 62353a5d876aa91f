//! Reads columns, constraints and test entries of a properties file.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::config::yaml::Yaml;
use crate::node::Column;
use crate::node::Constraint;
use crate::node::SparseMap;
use crate::parse::fields;
use crate::parse::strange_keys;
use indexmap::IndexMap;
use serde_json::Value;

/// A data test as written below a model, a source table or one of their columns.
#[derive(Debug, Clone)]
pub(crate) struct TestEntry {
    /// Column it was written under; `None` for one of the whole node.
    pub column: Option<String>,
    /// How the column's name goes into SQL.
    pub spelling: Spelling,
    /// Tags of that column, which the test takes over.
    pub column_tags: Vec<String>,
    /// `unique`, `dbt_utils.equal_rowcount`.
    pub test: String,
    /// `name:` given by the user.
    pub name: Option<String>,
    pub description: String,
    pub arguments: SparseMap,
    pub config: SparseMap,
    pub place: Place,
    /// The first argument that stands beside `arguments:`, not below it.
    pub stray: Option<Box<(String, Place)>>,
    /// `arguments:` as written.
    pub nested: Option<Box<Yaml>>,
}

/// How the name of a column is handed to its tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    AsWritten,
    Quoted,
}

/// Settings of a test that may stand among its arguments.
pub(super) const TEST_SETTINGS: [&str; 13] = [
    "enabled",
    "severity",
    "tags",
    "where",
    "warn_if",
    "error_if",
    "fail_calc",
    "limit",
    "store_failures",
    "store_failures_as",
    "meta",
    "database",
    "schema",
];

/// The old key of a list of tests, and the new one.
pub(super) const TESTS: [&str; 2] = ["tests", "data_tests"];

const COLUMN_KEYS: [&str; 12] = [
    "name",
    "description",
    "meta",
    "tags",
    "data_type",
    "constraints",
    "quote",
    "granularity",
    "config",
    "tests",
    "data_tests",
    "dimension",
];

/// The columns of a node; their tests go to `tests`.
pub(super) fn read(yaml: &Yaml, tests: &mut Vec<TestEntry>, bag: &Bag) -> IndexMap<String, Column> {
    let mut columns = IndexMap::new();
    let Some(list) = yaml.get("columns") else {
        return columns;
    };
    for item in fields::list(list, "columns", bag) {
        let Some(name) = column_name(item, bag) else {
            continue;
        };
        let column = column(item, name.clone(), bag);
        tests.extend(below(item, Some(&column), bag));
        columns.insert(name, column);
    }
    if fields::flag(yaml, "quote_columns", bag) == Some(true) {
        quote(tests, &columns);
    }
    // They stay as long as the project does.
    columns.shrink_to_fit();
    columns
}

/// Quotes the names in tests of those columns that do not say by `quote:` how they are spelled.
pub(super) fn quote(tests: &mut [TestEntry], columns: &IndexMap<String, Column>) {
    for test in tests {
        let column = test.column.as_ref().and_then(|name| columns.get(name));
        if column.is_some_and(|column| column.quote.is_none()) {
            test.spelling = Spelling::Quoted;
        }
    }
}

/// Applies the `columns:` of a version: `include`/`exclude`, then own columns.
pub(super) fn narrow(
    columns: &mut IndexMap<String, Column>,
    tests: &mut Vec<TestEntry>,
    yaml: &Yaml,
    bag: &Bag,
) {
    let Some(list) = yaml.get("columns") else {
        return;
    };
    let items = fields::list(list, "columns", bag);
    let mut choices = items
        .iter()
        .filter(|item| item.get("include").is_some() || item.get("exclude").is_some());
    let choice = choices.next();
    if let Some(second) = choices.next() {
        let message = "version can have at most one include/exclude element";
        bag.add(Diagnostic::error("version-columns", message).at(second.place()));
    }
    if let Some(choice) = choice {
        let included = fields::texts(choice, "include", bag);
        let excluded = fields::texts(choice, "exclude", bag);
        let all = included.is_empty() || included.iter().any(|name| name == "*" || name == "all");
        if !all && !excluded.is_empty() {
            let message = "include must be '*' or 'all' where columns are excluded";
            let found = Diagnostic::error("version-columns", message).at(choice.place());
            bag.add(found.hint("leave out `exclude`: what is not included is not there"));
        }
        let keeps = |name: &str| {
            (all || included.iter().any(|i| i == name)) && !excluded.iter().any(|e| e == name)
        };
        columns.retain(|name, _| keeps(name));
        tests.retain(|test| test.column.as_deref().is_none_or(keeps));
    }
    for item in items.iter().filter(|item| item.get("name").is_some()) {
        let Some(name) = column_name(item, bag) else {
            continue;
        };
        let column = column(item, name.clone(), bag);
        tests.retain(|test| test.column.as_ref() != Some(&name));
        tests.extend(below(item, Some(&column), bag));
        columns.insert(name, column);
    }
}

/// Constraints written on the model itself.
pub(super) fn constraints(yaml: &Yaml, bag: &Bag) -> Vec<Constraint> {
    let Some(list) = yaml.get("constraints") else {
        return Vec::new();
    };
    fields::list(list, "constraints", bag)
        .iter()
        .map(|item| constraint(item, bag))
        .collect()
}

/// The tests written below a node, a table or a column, under the old key or the new one.
pub(super) fn below(yaml: &Yaml, column: Option<&Column>, bag: &Bag) -> Vec<TestEntry> {
    let lists = TESTS.map(|key| yaml.get(key));
    let is_filled =
        |list: Option<&Yaml>| list.and_then(Yaml::as_list).is_some_and(|l| !l.is_empty());
    if let [Some(old), new] = lists
        && is_filled(Some(old))
        && is_filled(new)
    {
        let message = "Invalid test config: cannot have both 'tests' and 'data_tests' defined";
        let found = Diagnostic::error("tests-twice", message).at(old.place());
        bag.add(found.hint("write all of them below `data_tests:`"));
    }
    let lists = lists.into_iter().flatten();
    lists.flat_map(|list| tests(list, column, bag)).collect()
}

/// The entries of a `tests:` or `data_tests:` list.
fn tests(list: &Yaml, column: Option<&Column>, bag: &Bag) -> Vec<TestEntry> {
    let items = fields::list(list, "data_tests", bag).iter();
    items.filter_map(|item| test(item, column, bag)).collect()
}

fn column_name(item: &Yaml, bag: &Bag) -> Option<String> {
    let name = item
        .get("name")
        .filter(|name| !name.is_null())
        .map(|name| name.printed().into_owned());
    if name.is_none() {
        bag.add(
            Diagnostic::error("missing-name", "a column is a mapping with a `name`")
                .at(item.place()),
        );
    }
    name
}

fn column(item: &Yaml, name: String, bag: &Bag) -> Column {
    strange_keys::of_column(item, bag);
    let config = item
        .get("config")
        .map(Yaml::to_json_map)
        .unwrap_or_default();
    let mut meta = item.get("meta").map(Yaml::to_json_map).unwrap_or_default();
    if let Some(Value::Object(more)) = config.get("meta") {
        meta.extend(more.clone());
    }
    let mut tags = fields::texts(item, "tags", bag);
    if let Some(written) = item.get("config") {
        tags.extend(fields::texts(written, "tags", bag));
    }
    let constraints = item
        .get("constraints")
        .map_or(&[][..], |list| fields::list(list, "constraints", bag));
    let extra = item
        .entries()
        .iter()
        .filter(|(key, _)| !COLUMN_KEYS.contains(&&*key.key_text()));
    Column {
        description: fields::text(item, "description", bag).unwrap_or_default(),
        data_type: fields::text(item, "data_type", bag),
        quote: fields::flag(item, "quote", bag),
        granularity: fields::text(item, "granularity", bag),
        constraints: constraints
            .iter()
            .map(|item| constraint(item, bag))
            .collect(),
        extra: extra
            .map(|(key, value)| (key.key_text().into_owned(), value.to_json()))
            .collect(),
        doc_blocks: Vec::new(),
        name,
        meta: meta.into(),
        tags,
        config: config.into(),
    }
}

fn constraint(item: &Yaml, bag: &Bag) -> Constraint {
    Constraint {
        kind: fields::text(item, "type", bag).unwrap_or_default(),
        name: fields::text(item, "name", bag),
        expression: fields::text(item, "expression", bag),
        warn_unenforced: fields::flag(item, "warn_unenforced", bag).unwrap_or(true),
        warn_unsupported: fields::flag(item, "warn_unsupported", bag).unwrap_or(true),
        to: fields::text(item, "to", bag),
        to_columns: fields::texts(item, "to_columns", bag),
        columns: fields::texts(item, "columns", bag),
    }
}

/// One test: a bare name, `{name: {arguments}}`, or `{test_name: .., arguments: ..}`.
fn test(item: &Yaml, column: Option<&Column>, bag: &Bag) -> Option<TestEntry> {
    let (name, body) = match (item.as_text(), item.get("test_name"), item.entries()) {
        (Some(name), _, _) => (name.to_string(), None),
        (None, Some(name), _) => (name.printed().into_owned(), Some(item)),
        (None, None, [(name, body)]) => (name.key_text().into_owned(), Some(body)),
        // `- unique:` with its settings one step too far left.
        (None, None, [(name, body), ..]) if body.is_null() => {
            (name.key_text().into_owned(), Some(item))
        }
        (None, None, [(name, _), ..]) => {
            let message = format!(
                "a test is one name with its arguments below it, found `{}` and more",
                name.key_text()
            );
            bag.add(
                Diagnostic::error("test-shape", message)
                    .at(item.place())
                    .hint("indent the arguments below the name of the test"),
            );
            return None;
        }
        _ => {
            let message = format!(
                "a test is a name or a mapping with its arguments, found {}",
                item.kind()
            );
            bag.add(Diagnostic::error("test-shape", message).at(item.place()));
            return None;
        }
    };
    let mut entry = TestEntry {
        column: column.map(|c| c.name.clone()),
        spelling: match column.and_then(|c| c.quote) {
            Some(true) => Spelling::Quoted,
            _ => Spelling::AsWritten,
        },
        column_tags: column.map(|c| c.tags.clone()).unwrap_or_default(),
        test: name,
        name: None,
        description: String::new(),
        arguments: SparseMap::default(),
        config: SparseMap::default(),
        place: item.place(),
        stray: None,
        nested: None,
    };
    if let Some(body) = body.filter(|body| !body.is_map() && !body.is_null()) {
        let message = format!("test arguments must be a dict, got {}", body.kind());
        bag.add(
            Diagnostic::error("test-shape", message)
                .at(body.place())
                .hint("write each argument as `name: value` below `arguments:`"),
        );
    }
    for (key, value) in body.map_or(&[][..], Yaml::entries) {
        entry.field(&key.key_text(), key, value);
    }
    check_settings(body, bag);
    Some(entry)
}

/// A setting of a test stands beside its arguments or below `config:`, not in both places.
fn check_settings(body: Option<&Yaml>, bag: &Bag) {
    let Some((body, config)) = body.and_then(|body| Some((body, body.get("config")?))) else {
        return;
    };
    let is_twice = |key: &str| TEST_SETTINGS.contains(&key) && config.get(key).is_some();
    let twice = body
        .entries()
        .iter()
        .find(|(key, _)| is_twice(&key.key_text()));
    if let Some((key, _)) = twice {
        bag.add(
            Diagnostic::error(
                "setting-twice",
                "Test cannot have the same key at the top-level and in config",
            )
            .at(key.place())
            .hint(format!("keep the `{}` below `config:`", key.key_text()))
            .headline("Compilation Error"),
        );
    }
}

impl TestEntry {
    fn field(&mut self, key: &str, written: &Yaml, value: &Yaml) {
        if key == "arguments" {
            self.nested = Some(Box::new(value.clone()));
        }
        match key {
            "test_name" => {}
            _ if key == self.test && value.is_null() => {}
            "name" => self.name = Some(value.printed().into_owned()),
            "description" => self.description = value.printed().into_owned(),
            "config" => self.config.extend(value.to_json_map()),
            "arguments" if value.is_map() => self.arguments.extend(value.to_json_map()),
            key if TEST_SETTINGS.contains(&key) => {
                self.config.entry(key).or_insert_with(|| value.to_json());
            }
            key => {
                self.arguments.insert(key.to_string(), value.to_json());
                if key != "arguments" {
                    self.stray
                        .get_or_insert_with(|| Box::new((key.to_string(), written.place())));
                }
            }
        }
    }
}
