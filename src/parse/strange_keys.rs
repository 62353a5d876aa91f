//! Keys of properties files that are a letter away from one that means something.
//! Other keys of the user's own are nobody's business, so this is a remark and no warning.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Yaml;

const OF_NODES: &[&str] = &[
    "access",
    "agg_time_dimension",
    "columns",
    "config",
    "constraints",
    "data_tests",
    "defined_in",
    "deprecation_date",
    "description",
    "docs",
    "enabled",
    "freshness",
    "group",
    "latest_version",
    "meta",
    "metrics",
    "name",
    "primary_entity",
    "relation",
    "semantic_model",
    "tags",
    "tests",
    "time_spine",
    "versions",
];

const OF_COLUMNS: &[&str] = &[
    "config",
    "constraints",
    "data_tests",
    "data_type",
    "description",
    "dimension",
    "entity",
    "exclude",
    "granularity",
    "include",
    "meta",
    "name",
    "quote",
    "tags",
    "tests",
];

/// The keys of a model, seed, snapshot, analysis or test.
pub(super) fn of_node(yaml: &Yaml, bag: &Bag) {
    check(yaml, OF_NODES, bag);
}

pub(super) fn of_column(yaml: &Yaml, bag: &Bag) {
    check(yaml, OF_COLUMNS, bag);
}

fn check(yaml: &Yaml, known: &[&str], bag: &Bag) {
    for (key, _) in yaml.entries() {
        let name = key.key_text();
        if known.contains(&&*name) {
            continue;
        }
        if let Some(near) = nearest(&name, known.iter().copied()) {
            let found = Diagnostic::remark(
                "unknown-property",
                format!("`{name}` is no property that dbt knows"),
            );
            let hint = format!("did you mean `{near}`? A property of your own goes below `meta`");
            bag.add(found.at(key.place()).hint(hint));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml;

    #[test]
    fn only_what_looks_mistyped_is_told() {
        let bag = Bag::new();
        let text = "{name: a, colums: [], my_own: 1, owner: x, descripton: y}";
        of_node(&yaml::parse_text("a.yml", text, &bag).unwrap(), &bag);
        let told: Vec<String> = bag.take().into_iter().filter_map(|d| d.hint).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("`columns`") && told[1].contains("`description`"));
    }
}
