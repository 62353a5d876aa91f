//! The checksum of a unit test, as dbt makes it: over everything that its outcome depends on, written
//! as Python prints it. So a test counts as changed alike beside a manifest of either.

use crate::jinja::python::repr::repr;
use crate::jinja::values;
use crate::node::UnitTest;
use crate::node::unit_test::Fixture;
use crate::node::unit_test::Format;
use crate::node::unit_test::Given;
use crate::node::unit_test::Overrides;
use crate::node::unit_test::Rows;
use crate::parse::files;
use serde_json::Map;
use serde_json::Value;

pub(super) fn of(test: &UnitTest) -> String {
    let given: Vec<String> = test.given.iter().map(given).collect();
    let mut text = format!(
        "{}-{}-[{}]-UnitTestOutputFixture({})-{}",
        test.model,
        test.versions.as_ref().map_or_else(none, versions),
        given.join(", "),
        fixture(&test.expect),
        test.overrides.as_ref().map_or_else(none, overrides),
    );
    // Rows out of files once more.
    for given in test.given.iter().filter(|given| given.rows.file.is_some()) {
        text.push('-');
        text.push_str(&match &given.rows.rows {
            Rows::Values(_) => rows(&given.rows.rows),
            Rows::Sql(query) => query.clone(),
        });
    }
    files::sha256(text.as_bytes())
}

fn none() -> String {
    "None".to_string()
}

fn given(given: &Given) -> String {
    let input = python(&Value::from(given.written.as_str()));
    format!(
        "UnitTestInputFixture(input={input}, {})",
        fixture(&given.rows)
    )
}

fn fixture(fixture: &Fixture) -> String {
    let format = match fixture.format {
        Format::Dict => "<UnitTestFormat.Dict: 'dict'>",
        Format::Csv => "<UnitTestFormat.CSV: 'csv'>",
        Format::Sql => "<UnitTestFormat.SQL: 'sql'>",
    };
    let file = python(&Value::from(fixture.file.clone()));
    format!(
        "rows={}, format={format}, fixture={file}",
        rows(&fixture.rows)
    )
}

fn rows(rows: &Rows) -> String {
    match rows {
        Rows::Values(rows) => {
            let rows = rows.iter().cloned().map(Value::Object);
            python(&Value::Array(rows.collect()))
        }
        Rows::Sql(query) => python(&Value::from(query.as_str())),
    }
}

fn versions(versions: &Value) -> String {
    let part = |key: &str| python(&versions[key]);
    format!(
        "UnitTestNodeVersions(include={}, exclude={})",
        part("include"),
        part("exclude")
    )
}

fn overrides(overrides: &Overrides) -> String {
    let part = |map: &Map<String, Value>| python(&Value::Object(map.clone()));
    format!(
        "UnitTestOverrides(macros={}, vars={}, env_vars={})",
        part(&overrides.macros),
        part(&overrides.vars),
        part(&overrides.env_vars)
    )
}

/// A value as Python prints it within a list.
fn python(value: &Value) -> String {
    repr(&values::from_json(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::unit_test::Input;
    use serde_json::json;

    fn csv(rows: Value, file: Option<&str>) -> Fixture {
        let rows = rows.as_array().unwrap().iter();
        Fixture {
            rows: Rows::Values(rows.map(|row| row.as_object().unwrap().clone()).collect()),
            format: Format::Csv,
            file: file.map(str::to_string),
        }
    }

    /// The sums are those that dbt 1.11 wrote for the same tests.
    #[test]
    fn the_sum_is_that_of_dbt() {
        let mut test = UnitTest {
            model: "b".to_string(),
            version: None,
            versions: None,
            tested: None,
            given: Vec::new(),
            expect: Fixture::default(),
            overrides: None,
        };
        let empty = "94bde9950683ba3f36e37f944a3b714b69e8e35a26bdfdf4a91aa9da89d51083";
        assert_eq!(of(&test), empty);
        let given = |written: &str, rows: Fixture| Given {
            written: written.to_string(),
            input: Input::This,
            rows,
        };
        let query = Fixture {
            rows: Rows::Sql("select 1 as id".to_string()),
            format: Format::Sql,
            file: None,
        };
        test.given = vec![
            given("ref('a')", csv(json!([{"id": "1"}]), Some("f"))),
            given("this", query.clone()),
        ];
        test.expect = query;
        let files = "c7eb235d2e1ce5cc376ec9621cc62cdc05bf43504464364cf0bde7eb834c6a95";
        assert_eq!(of(&test), files);
        let map = |value: Value| value.as_object().unwrap().clone();
        test.given = vec![given("ref('a')", csv(json!([{"id": "1"}]), None))];
        test.expect = csv(json!([{"id": "1"}]), Some("f"));
        test.overrides = Some(Overrides {
            vars: map(json!({"x": 1, "y": ["a", 1.5]})),
            env_vars: map(json!({"E": "v"})),
            macros: map(json!({"is_incremental": true})),
        });
        let overridden = "7e258cb6ca04b887563aeee72a5bc083e802162b933ba2a613a8b60cdc2a438f";
        assert_eq!(of(&test), overridden);
    }
}
