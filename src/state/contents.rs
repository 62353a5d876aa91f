//! Which contents of a node count as a change, for each kind of node.

use crate::base::Bag;
use crate::node::Aspect;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::state::Places;
use crate::state::configs;
use crate::state::contract;
use crate::state::pair::Pair;
use crate::state::seed;
use serde_json::Value;

/// What of a model counts besides its code, settings, relation and contract.
const OF_MODELS: [&str; 3] = ["deprecation_date", "latest_version", "version"];
const OF_SOURCES: [&str; 3] = ["fqn", "quoting", "external"];
const OF_EXPOSURES: [&str; 8] = [
    "fqn",
    "type",
    "owner",
    "maturity",
    "url",
    "description",
    "label",
    "depends_on.nodes",
];

const OF_METRICS: [&str; 5] = ["fqn", "type", "type_params", "label", "description"];
const OF_SEMANTIC_MODELS: [&str; 9] = [
    "fqn",
    "model",
    "description",
    "label",
    "defaults",
    "entities",
    "dimensions",
    "measures",
    "primary_entity",
];
const OF_SAVED_QUERIES: [&str; 5] = ["fqn", "query_params", "exports", "label", "description"];
const OF_UNIT_TESTS: [&str; 6] = ["fqn", "model", "versions", "given", "expect", "overrides"];
const OF_FUNCTIONS: [&str; 2] = ["arguments", "returns"];

/// Whether a node differs in that way. Macros are not looked at.
pub(super) fn differ(pair: &Pair<'_>, aspect: Aspect, bag: &Bag) -> bool {
    match pair.node.resource {
        Resource::Source => source(pair, aspect),
        Resource::Exposure => declared(pair, aspect, &OF_EXPOSURES),
        Resource::Metric => declared(pair, aspect, &OF_METRICS),
        Resource::SemanticModel => declared(pair, aspect, &OF_SEMANTIC_MODELS),
        Resource::SavedQuery => declared(pair, aspect, &OF_SAVED_QUERIES),
        Resource::UnitTest => aspect == Aspect::Any && pair.differs_in(&OF_UNIT_TESTS),
        _ => with_code(pair, aspect, bag),
    }
}

/// Whether a node that is new counts as different in that way.
pub(super) fn is_new_in(node: &Node, aspect: Aspect) -> bool {
    match node.resource {
        // As in dbt: what only YAML declares is new, but not modified.
        Resource::Source
        | Resource::Exposure
        | Resource::Metric
        | Resource::SemanticModel
        | Resource::SavedQuery => false,
        Resource::UnitTest => aspect == Aspect::Any,
        _ => aspect != Aspect::Macros,
    }
}

fn with_code(pair: &Pair<'_>, aspect: Aspect, bag: &Bag) -> bool {
    let is_model = pair.node.resource == Resource::Model;
    let is_function = pair.node.resource == Resource::Function;
    match aspect {
        Aspect::Body if pair.node.resource == Resource::Seed => seed::differs(pair, bag),
        Aspect::Body => pair.differs("raw_code"),
        Aspect::Configs if pair.node.resource == Resource::Test => configs::of_test_differ(pair),
        Aspect::Configs => configs::differ(pair),
        Aspect::Relation => configs::places_differ(pair),
        Aspect::PersistedDescriptions => descriptions_differ(pair),
        Aspect::Contract => is_model && contract::differs(pair, bag),
        Aspect::Macros => false,
        Aspect::Any => {
            if is_generic_test(pair.node) {
                return configs::of_test_differ(pair) || pair.differs("fqn");
            }
            // The contract is asked first: what breaks it has to be told.
            with_code(pair, Aspect::Contract, bag)
                || with_code(pair, Aspect::Body, bag)
                || with_code(pair, Aspect::Configs, bag)
                || descriptions_differ(pair)
                || pair.differs("fqn")
                || configs::places_differ(pair)
                || (is_model && pair.differs_in(&OF_MODELS))
                || (is_function && pair.differs_in(&OF_FUNCTIONS))
        }
    }
}

fn is_generic_test(node: &Node) -> bool {
    matches!(&node.detail, Detail::Test(test) if test.metadata.is_some())
}

fn source(pair: &Pair<'_>, aspect: Aspect) -> bool {
    match aspect {
        Aspect::Configs => configs::all_differ(pair),
        Aspect::Relation => source_places_differ(pair),
        Aspect::Any => {
            configs::all_differ(pair) || source_places_differ(pair) || pair.differs_in(&OF_SOURCES)
        }
        _ => false,
    }
}

fn source_places_differ(pair: &Pair<'_>) -> bool {
    let places = match pair.places {
        Places::Rendered => ["database", "schema", "identifier"],
        Places::AsWritten => ["unrendered_database", "unrendered_schema", "identifier"],
    };
    pair.differs_in(&places)
}

/// What YAML alone declares: settings, and the keys that count.
fn declared(pair: &Pair<'_>, aspect: Aspect, keys: &[&str]) -> bool {
    match aspect {
        Aspect::Configs => configs::all_differ(pair),
        Aspect::Any => configs::all_differ(pair) || pair.differs_in(keys),
        _ => false,
    }
}

/// Descriptions count where they are written into the warehouse.
fn descriptions_differ(pair: &Pair<'_>) -> bool {
    let docs = pair.node.config.map("persist_docs");
    let is_kept = |what: &str| docs.get(what).and_then(Value::as_bool) == Some(true);
    (is_kept("relation") && pair.differs("description"))
        || (is_kept("columns") && column_descriptions(pair.now) != column_descriptions(pair.then))
}

fn column_descriptions(of: &serde_json::Map<String, Value>) -> Vec<(&str, &str)> {
    let columns = of.get("columns").and_then(Value::as_object);
    let columns = columns.into_iter().flatten();
    columns
        .map(|(name, column)| {
            let description = column.get("description").and_then(Value::as_str);
            (name.as_str(), description.unwrap_or_default())
        })
        .collect()
}
