//! The rows of a seed: known by their checksum, or, where the file is large, by its path alone.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::state::pair::Pair;

/// The name of the sum that is only a path.
const BY_PATH: &str = "path";

/// Whether the rows differ, as far as can be told. Where it cannot, a warning says what is assumed.
pub(super) fn differs(pair: &Pair<'_>, bag: &Bag) -> bool {
    let is_different = pair.differs("checksum.name") || pair.differs("checksum.checksum");
    let name = |side: Option<&serde_json::Value>| side.and_then(|v| v.as_str()).map(str::to_string);
    let (now, then) = pair.both("checksum.name");
    if name(now).as_deref() == Some(BY_PATH) {
        let was_by_path = name(then).as_deref() == Some(BY_PATH);
        bag.add(warning(pair, is_different, was_by_path));
    }
    is_different
}

fn warning(pair: &Pair<'_>, is_different: bool, was_by_path: bool) -> Diagnostic {
    let package = &pair.node.package;
    let name = &pair.node.name;
    let (event, what) = match (was_by_path, is_different) {
        (false, _) => (
            "SeedIncreased",
            ". The previous file was <=1MB, so it has changed",
        ),
        (true, true) => (
            "SeedExceedsLimitAndPathChanged",
            ". The previous file was in a different location, assuming it has changed",
        ),
        (true, false) => (
            "SeedExceedsLimitSamePath",
            " at the same path, dbt cannot tell if it has changed: assuming they are the same",
        ),
    };
    let message = format!("Found a seed ({package}.{name}) >1MB in size{what}");
    Diagnostic::warning("large-seed", message)
        .at(Place::line(&pair.node.file, 1))
        .event(event)
}
