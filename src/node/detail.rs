//! What only one kind of node has.

use crate::node::Constraint;
use crate::node::Function;
use crate::node::Metric;
use crate::node::SavedQuery;
use crate::node::SemanticModel;
use crate::node::UniqueId;
use crate::node::UnitTest;
use serde_json::Map;
use serde_json::Value;

/// Boxed, because most nodes are tests, and those need little.
#[derive(Debug, Clone)]
pub enum Detail {
    Model(Box<Model>),
    Seed {
        /// Folder of the project that holds the file.
        root_path: String,
        /// Whether the file is too large to be summed: then its path stands for its rows.
        known_by_path: bool,
    },
    Snapshot,
    Test(Box<Test>),
    UnitTest(Box<UnitTest>),
    Analysis,
    Function(Box<Function>),
    Operation {
        /// `on-run-start` or `on-run-end`.
        event: &'static str,
        index: usize,
    },
    SqlOperation,
    Source(Box<Source>),
    Exposure(Box<Exposure>),
    Metric(Box<Metric>),
    SemanticModel(Box<SemanticModel>),
    SavedQuery(Box<SavedQuery>),
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    /// `private`, `protected` or `public`.
    pub access: String,
    pub constraints: Vec<Constraint>,
    pub version: Option<Box<Value>>,
    pub latest_version: Option<Box<Value>>,
    /// ISO date or time after which the model is gone.
    pub deprecation_date: Option<String>,
    pub time_spine: Option<Box<Value>>,
    /// Columns that tests or constraints show to be a key.
    pub primary_key: Vec<String>,
}

/// A data test. A singular test has no metadata.
#[derive(Debug, Clone, Default)]
pub struct Test {
    pub metadata: Option<TestMetadata>,
    pub column_name: Option<String>,
    /// The node that the test was written under, with `ref`s among the arguments left aside.
    pub attached_node: Option<UniqueId>,
    /// `models.orders`: section and entry of the YAML file.
    pub file_key_name: Option<String>,
    /// The group of that node, which the test takes over.
    pub group: Option<String>,
}

/// Where a generic test comes from.
#[derive(Debug, Clone)]
pub struct TestMetadata {
    pub name: String,
    /// Arguments as written, with `model` as the template text that names the tested relation.
    pub kwargs: Map<String, Value>,
    /// Package, for a test written as `dbt_utils.equal_rowcount`.
    pub namespace: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Source {
    pub source_name: String,
    pub source_description: String,
    pub loader: String,
    pub identifier: String,
    pub quoting: Map<String, Value>,
    pub loaded_at_field: Option<String>,
    pub loaded_at_query: Option<String>,
    pub freshness: Option<Freshness>,
    pub external: Option<Value>,
    pub source_meta: Map<String, Value>,
    /// Whether the warehouse reads files where they lie, so that `external_location` counts.
    pub read_in_place: bool,
    pub unrendered_database: Option<String>,
    pub unrendered_schema: Option<String>,
}

/// How old a source may be.
#[derive(Debug, Clone, Default)]
pub struct Freshness {
    pub warn_after: Limit,
    pub error_after: Limit,
    pub filter: Option<String>,
}

/// One limit of an age.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Limit {
    /// Nothing is said.
    #[default]
    Unset,
    /// `null`, against a limit of the source.
    Off,
    /// Count and period (`minute`, `hour`, `day`).
    After(i64, String),
}

impl Limit {
    /// The age in seconds; `None` without a limit.
    pub fn seconds(&self) -> Option<f64> {
        let Limit::After(count, period) = self else {
            return None;
        };
        let unit = match period.as_str() {
            "minute" => 60.0,
            "hour" => 3600.0,
            _ => 86400.0,
        };
        Some(*count as f64 * unit)
    }
}

impl Freshness {
    /// Whether rows can be too old for it.
    pub fn has_limit(&self) -> bool {
        self.warn_after.seconds().is_some() || self.error_after.seconds().is_some()
    }

    /// Whether nothing is said at all.
    pub fn is_blank(&self) -> bool {
        let is_unset = |limit: &Limit| *limit == Limit::Unset;
        is_unset(&self.warn_after) && is_unset(&self.error_after) && self.filter.is_none()
    }
}

#[derive(Debug, Clone, Default)]
pub struct Exposure {
    /// `dashboard`, `notebook`, `analysis`, `ml` or `application`.
    pub kind: String,
    pub owner: Map<String, Value>,
    pub label: Option<String>,
    pub maturity: Option<String>,
    pub url: Option<String>,
}
