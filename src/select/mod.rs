//! The selection grammar: which nodes `--select`, `--exclude`, `--selector` and the kinds of nodes mean.
//! Promise: nodes come out in the order of the graph, and nothing in the graph is copied or changed.
//! Not here: what is done with them (`plan`), how a list of them is shown on a screen (`report`).

mod answer;
pub mod kinds;
pub mod listing;
mod methods;
mod past;
pub mod selectors;
mod set;
mod spec;
mod wildcard;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::flags::Command;
use crate::config::flags::Flags;
use crate::config::flags::IndirectSelection;
use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Node;
use crate::node::Resource;
use spec::How;
use spec::Spec;

pub use past::EarlierNodes;
pub use past::MissingLook;
pub use past::Past;
pub use selectors::Selectors;

/// A part that was read, or what is wrong with it.
type Read<T> = Result<T, Box<Diagnostic>>;

/// What a call asks for.
#[derive(Clone)]
pub struct Request<'a> {
    /// Words of `--select`, as given: a word may hold several criteria with spaces between.
    pub select: &'a [String],
    pub exclude: &'a [String],
    /// Name of a definition in `selectors`; it leaves `select` and `exclude` unread.
    pub selector: Option<&'a str>,
    pub selectors: &'a Selectors,
    pub mode: IndirectSelection,
    pub past: Past<'a>,
    /// Kinds of nodes that may come out.
    pub kinds: Vec<Resource>,
    pub blank: Blank,
}

/// What becomes of a node whose file holds nothing but white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    Keep,
    Leave,
}

impl<'a> Request<'a> {
    /// What the options of a call ask for.
    pub fn new(flags: &'a Flags, selectors: &'a Selectors, past: Past<'a>) -> Self {
        Request {
            select: &flags.select,
            exclude: &flags.exclude,
            selector: flags.selector.as_deref().filter(|name| !name.is_empty()),
            selectors,
            mode: flags.indirect_selection,
            past,
            kinds: kinds::of(
                flags.command,
                &flags.resource_types,
                &flags.exclude_resource_types,
            ),
            blank: match flags.command {
                Command::List => Blank::Keep,
                _ => Blank::Leave,
            },
        }
    }
}

/// The nodes that a request means, in the order of the graph.
///
/// A criterion that leads to nothing is a warning in the bag; one that makes no sense is an error
/// there, and then nothing is picked.
pub fn pick(graph: &Graph, request: &Request<'_>, bag: &Bag) -> Vec<Index> {
    let found =
        spec(request).and_then(|spec| answer::to(graph, &request.past, &spec, request.mode, bag));
    let found = match found {
        Ok(found) => found,
        Err(diagnostic) => {
            bag.add(*diagnostic);
            return Vec::new();
        }
    };
    found
        .iter()
        .filter(|index| {
            let node = graph.node(*index);
            request.kinds.contains(&node.resource)
                && (request.blank == Blank::Keep || !is_blank(node))
        })
        .collect()
}

fn spec(request: &Request<'_>) -> Read<Spec> {
    if let Some(name) = request.selector {
        return request.selectors.spec(name).cloned();
    }
    if request.select.is_empty() && request.exclude.is_empty() {
        let default = request.selectors.default_spec();
        return Ok(default.cloned().unwrap_or(Spec::Everything));
    }
    let included = match request.select {
        [] => Spec::Everything,
        words => Spec::from_words(words)?,
    };
    match request.exclude {
        [] => Ok(included),
        words => {
            let excluded = Spec::from_words(words)?;
            Ok(Spec::set(How::Difference, vec![included, excluded]))
        }
    }
}

/// Whether a node that should hold code holds none.
fn is_blank(node: &Node) -> bool {
    let holds_code = matches!(
        node.resource,
        Resource::Model | Resource::Snapshot | Resource::Test | Resource::Analysis
    );
    holds_code && node.raw_code.trim().is_empty()
}
