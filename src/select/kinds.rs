//! Which kinds of nodes a command works on, and how `--resource-type` narrows that.

use crate::config::flags::Command;
use crate::node::Resource;

const LISTED: &[Resource] = &[
    Resource::Model,
    Resource::Seed,
    Resource::Snapshot,
    Resource::Test,
    Resource::UnitTest,
    Resource::Function,
    Resource::Source,
    Resource::Exposure,
    Resource::Metric,
    Resource::SemanticModel,
    Resource::SavedQuery,
    Resource::Analysis,
];
const BUILT: &[Resource] = &[
    Resource::Model,
    Resource::Seed,
    Resource::Snapshot,
    Resource::Test,
    Resource::UnitTest,
    Resource::Function,
    Resource::Exposure,
    Resource::SavedQuery,
];
const CLONED: &[Resource] = &[Resource::Model, Resource::Seed, Resource::Snapshot];
const RENDERED: &[Resource] = &[
    Resource::Model,
    Resource::Seed,
    Resource::Snapshot,
    Resource::Test,
    Resource::Analysis,
    Resource::SqlOperation,
];

/// Kinds that a command takes, given the words of `--resource-type` and `--exclude-resource-type`.
///
/// `all` stands for every kind that the command can take, `default` for those it takes unasked.
/// A word for a kind that no node has is allowed and finds nothing.
pub fn of(command: Command, wanted: &[String], unwanted: &[String]) -> Vec<Resource> {
    let able = able(command);
    let unasked: Vec<Resource> = able
        .iter()
        .copied()
        .filter(|kind| command != Command::List || *kind != Resource::Analysis)
        .collect();
    let is_wanted = |kind: &Resource| match wanted {
        [] => unasked.contains(kind),
        words => words.iter().any(|word| match word.as_str() {
            "all" => true,
            "default" => unasked.contains(kind),
            word => word == kind.as_str(),
        }),
    };
    let is_unwanted = |kind: &Resource| unwanted.iter().any(|word| word == kind.as_str());
    able.iter()
        .copied()
        .filter(|kind| is_wanted(kind) && !is_unwanted(kind))
        .collect()
}

/// Kinds that a command can do something with.
fn able(command: Command) -> &'static [Resource] {
    match command {
        Command::Run => &[Resource::Model],
        Command::Test => &[Resource::Test, Resource::UnitTest],
        Command::Seed => &[Resource::Seed],
        Command::Snapshot => &[Resource::Snapshot],
        Command::Build => BUILT,
        Command::Clone => CLONED,
        Command::Freshness => &[Resource::Source],
        Command::List => LISTED,
        _ => RENDERED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_narrow_the_kinds() {
        let rows = [
            (Command::Run, "", "", "model"),
            (
                Command::List,
                "",
                "test model seed",
                "snapshot unit_test function source exposure metric semantic_model saved_query",
            ),
            (Command::List, "model seed", "seed", "model"),
            (
                Command::List,
                "all",
                "",
                "model seed snapshot test unit_test function source exposure metric semantic_model saved_query analysis",
            ),
            (
                Command::List,
                "default",
                "",
                "model seed snapshot test unit_test function source exposure metric semantic_model saved_query",
            ),
            (
                Command::List,
                "default analysis",
                "test",
                "model seed snapshot unit_test function source exposure metric semantic_model saved_query analysis",
            ),
            (Command::List, "metric", "", "metric"),
            (
                Command::Build,
                "all",
                "",
                "model seed snapshot test unit_test function exposure saved_query",
            ),
            (Command::Test, "model", "", ""),
        ];
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_string)
                .collect::<Vec<_>>()
        };
        for (command, wanted, unwanted, expected) in rows {
            let kinds = of(command, &words(wanted), &words(unwanted));
            let shown: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            assert_eq!(shown.join(" "), expected, "{wanted} / {unwanted}");
        }
    }
}
