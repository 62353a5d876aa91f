//! `fqn:` and bare words: a name, or where it stands below its package, such as `staging.crm`.
//!
//! Parts are compared from the left, with and without the package; a part with a wildcard is
//! compared together with everything that follows. Dots within a name or a folder count as separators.
//! Sources have a method of their own.

use crate::graph::Graph;
use crate::node::Node;
use crate::node::Resource;
use crate::select::Read;
use crate::select::methods::nodes;
use crate::select::methods::text;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use crate::select::wildcard::Pattern;
use crate::select::wildcard::has_wildcard;

pub(super) fn find(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let name = Name::new(text(criterion)?);
    Ok(nodes(graph, |node| {
        node.resource != Resource::Source && name.fits(node)
    }))
}

pub(super) fn values(graph: &Graph) -> Vec<String> {
    let named = graph.nodes().filter(|n| n.resource != Resource::Source);
    named.map(|node| node.name.clone()).collect()
}

/// A written name, taken apart once.
struct Name<'a> {
    whole: &'a str,
    /// Parts before the first with a wildcard.
    parts: Vec<&'a str>,
    /// The part with the first wildcard and all after it.
    rest: Option<Pattern>,
    /// How many parts there are in all.
    count: usize,
    /// The whole, if it has wildcards and no dot.
    pattern: Option<Pattern>,
    /// The last two parts as a versioned model writes them: `orders_v2`.
    version_name: String,
}

impl<'a> Name<'a> {
    fn new(whole: &'a str) -> Self {
        let mut parts: Vec<&str> = whole.split('.').collect();
        let count = parts.len();
        let version_name = parts[count.saturating_sub(2)..].join("_");
        let wild = parts.iter().position(|part| has_wildcard(part));
        let rest = wild.map(|at| Pattern::new(&parts.split_off(at).join(".")));
        Name {
            whole,
            pattern: (count == 1 && has_wildcard(whole)).then(|| Pattern::new(whole)),
            parts,
            rest,
            count,
            version_name,
        }
    }

    fn fits(&self, node: &Node) -> bool {
        self.is_leaf(node) || self.leads(&node.fqn) || self.leads(node.fqn.get(1..).unwrap_or(&[]))
    }

    /// Whether it is the plain name of the node. A versioned model is also `orders.v2` and `orders_v2`.
    fn is_leaf(&self, node: &Node) -> bool {
        match (node.version(), node.fqn.as_slice()) {
            (Some(_), [.., name, version]) => self.is(name) || self.is_version(name, version),
            (_, [.., name]) => self.is(name),
            _ => false,
        }
    }

    fn is(&self, name: &str) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.fits(name),
            None => self.whole == name,
        }
    }

    fn is_version(&self, name: &str, version: &str) -> bool {
        let rest = self.version_name.strip_prefix(name);
        rest.and_then(|rest| rest.strip_prefix('_')) == Some(version)
    }

    /// Whether a path of names starts with these parts.
    fn leads(&self, path: &[String]) -> bool {
        let mut flat = path.iter().flat_map(|segment| segment.split('.'));
        if flat.clone().count() < self.count || self.parts.iter().any(|p| flat.next() != Some(p)) {
            return false;
        }
        match &self.rest {
            Some(rest) => rest.fits(&flat.collect::<Vec<_>>().join(".")),
            None => true,
        }
    }
}
