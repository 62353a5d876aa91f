//! `config.key:value`: a setting of a node, however deep it lies (`config.meta.owner:ann`).
//!
//! A setting that is a list fits where it holds the value. `true` and `false` fit yes-or-no settings in
//! any case of letters; a number only fits if YAML gave a number. Exposures are left aside.

use crate::graph::Graph;
use crate::node::Node;
use crate::node::Resource;
use crate::select::Read;
use crate::select::methods::nodes;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use serde_json::Value;

pub(super) fn find(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let wanted = Wanted {
        value: &criterion.value,
        ignores_case: criterion.arguments == ["severity"],
    };
    Ok(nodes(graph, |node| {
        node.resource != Resource::Exposure
            && setting(node, &criterion.arguments).is_some_and(|value| wanted.fits(value))
    }))
}

/// The setting that a path of keys leads to.
fn setting<'a>(node: &'a Node, keys: &[String]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    let start = node.config.get(first)?;
    rest.iter().try_fold(start, |value, key| value.get(key))
}

struct Wanted<'a> {
    value: &'a Value,
    ignores_case: bool,
}

impl Wanted<'_> {
    fn fits(&self, setting: &Value) -> bool {
        match setting {
            Value::Array(members) => members.iter().any(|member| self.is(member)),
            Value::Object(_) | Value::Null => false,
            scalar => self.is(scalar),
        }
    }

    fn is(&self, scalar: &Value) -> bool {
        match (self.value, scalar) {
            (Value::String(wanted), Value::String(found)) if self.ignores_case => {
                wanted.to_lowercase() == found.to_lowercase()
            }
            (Value::String(wanted), Value::Bool(found)) => {
                wanted.eq_ignore_ascii_case(if *found { "true" } else { "false" })
            }
            (Value::Number(wanted), Value::Number(found)) => wanted.as_f64() == found.as_f64(),
            (wanted, found) => wanted == found,
        }
    }
}
