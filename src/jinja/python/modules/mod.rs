//! The Python modules that dbt offers to templates: `modules.datetime`, `pytz`, `re`, `itertools`.

pub mod datetime;
pub mod itertools;
pub mod pytz;
pub mod re;

use crate::base::Context;
use minijinja::value::Value;
use std::sync::Arc;

/// The value of `modules`.
pub fn modules(context: &Arc<Context>) -> Value {
    Value::from_pairs([
        ("datetime", datetime::module(context)),
        ("itertools", itertools::module()),
        ("pytz", pytz::module()),
        ("re", re::module()),
    ])
}

/// The Python name of a value's type, where it is one of these modules'.
pub fn type_name(value: &Value) -> Option<&'static str> {
    datetime::type_name(value).or_else(|| re::type_name(value))
}
