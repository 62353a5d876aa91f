//! Methods that compare with earlier calls: `state:`, `result:` and `source_status:`.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Aspect;
use crate::select::Read;
use crate::select::methods::properties::near;
use crate::select::methods::text;
use crate::select::past::MissingLook;
use crate::select::past::Past;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;

/// The words behind `state:`, in dbt's order.
const STATES: [&str; 10] = [
    "new",
    "old",
    "modified",
    "unmodified",
    "modified.body",
    "modified.configs",
    "modified.persisted_descriptions",
    "modified.relation",
    "modified.macros",
    "modified.contract",
];

/// Nodes that are new, old, modified (in one way or any) or unmodified.
pub(super) fn state(
    graph: &Graph,
    past: &Past<'_>,
    criterion: &Criterion,
    bag: &Bag,
) -> Read<NodeSet> {
    let word = text(criterion)?;
    let earlier = past.nodes.ok_or_else(no_manifest)?;
    let fits: Box<dyn Fn(Index) -> bool> = match (word, Aspect::named(word)) {
        ("new", _) => Box::new(|index| !earlier.has(index)),
        ("old", _) => Box::new(|index| earlier.has(index)),
        ("unmodified", _) => Box::new(|index| !earlier.differs(index, Aspect::Any, bag)),
        (_, Some(aspect)) => Box::new(move |index| earlier.differs(index, aspect, bag)),
        _ => return Err(unknown_state(word).into()),
    };
    if matches!(word, "modified" | "unmodified" | "modified.contract") {
        earlier.tell_of_removed(bag);
    }
    Ok(NodeSet::of(
        graph.len(),
        graph.indices().filter(|i| fits(*i)),
    ))
}

/// Nodes that ended with a status in the earlier call.
pub(super) fn result(
    graph: &Graph,
    past: &Past<'_>,
    criterion: &Criterion,
    _: &Bag,
) -> Read<NodeSet> {
    let word = text(criterion)?;
    let statuses = past.statuses.as_ref().ok_or_else(no_results)?;
    let ended = graph.indices().filter(|index| {
        let id = graph.node(*index).unique_id.as_str();
        statuses.get(id).is_some_and(|status| status == word)
    });
    Ok(NodeSet::of(graph.len(), ended))
}

/// Sources that have newer rows than at the earlier look.
pub(super) fn source_status(
    graph: &Graph,
    past: &Past<'_>,
    criterion: &Criterion,
    _: &Bag,
) -> Read<NodeSet> {
    let word = text(criterion)?;
    let fresher = past
        .fresher
        .as_ref()
        .map_err(|missing| no_freshness(*missing))?;
    let found = graph.indices().filter(|index| {
        word == "fresher" && fresher.contains(graph.node(*index).unique_id.as_str())
    });
    Ok(NodeSet::of(graph.len(), found))
}

fn no_manifest() -> Box<Diagnostic> {
    let message = "Got a state selector method, but no comparison manifest";
    Box::new(
        Diagnostic::error("no-comparison", message)
            .hint("name the folder of an earlier manifest.json with `--state`")
            .headline("Runtime Error"),
    )
}

fn no_results() -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("no-comparison", "No comparison run_results")
            .hint("name the folder of an earlier run_results.json with `--state`")
            .headline("Internal Error"),
    )
}

fn no_freshness(missing: MissingLook) -> Box<Diagnostic> {
    let missing = match missing {
        MissingLook::Earlier => "previous",
        MissingLook::Present => "current",
    };
    let message = format!("No {missing} state comparison freshness results in sources.json");
    Box::new(
        Diagnostic::error("no-comparison", message)
            .hint("run `source freshness`, and name the folder of an earlier sources.json with `--state`")
            .headline("Internal Error"),
    )
}

fn unknown_state(word: &str) -> Diagnostic {
    let words = STATES.map(|state| format!("'{state}'")).join(", ");
    let message = format!("Got an invalid selector \"{word}\", expected one of \"[{words}]\"");
    Diagnostic::error("bad-selection", message)
        .maybe_hint(near(word, &STATES))
        .headline("Runtime Error")
}
