//! The Python modules that dbt offers to templates: `modules.datetime`, `pytz`, `re`, `itertools`.

pub mod datetime;

use crate::base::Context;
use minijinja::value::Value;
use std::sync::Arc;

/// The value of `modules`.
pub fn modules(context: &Arc<Context>) -> Value {
    Value::from_pairs([("datetime", datetime::module(context))])
}
