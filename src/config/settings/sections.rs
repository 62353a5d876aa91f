//! The sections of a project file that hold settings by folder, one for each kind of node.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::yaml::Yaml;
use serde_json::Map;
use serde_json::Value;

/// A kind of node that a project file has a section for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Models,
    Seeds,
    Snapshots,
    Analyses,
    Sources,
    /// `data_tests:`, or `tests:` as it was called.
    DataTests,
    UnitTests,
    Exposures,
    Metrics,
    SemanticModels,
    SavedQueries,
    Functions,
}

impl Section {
    pub const ALL: [Section; 12] = [
        Section::Models,
        Section::Seeds,
        Section::Snapshots,
        Section::Analyses,
        Section::Sources,
        Section::DataTests,
        Section::UnitTests,
        Section::Exposures,
        Section::Metrics,
        Section::SemanticModels,
        Section::SavedQueries,
        Section::Functions,
    ];

    /// The key in a project file.
    pub fn key(self) -> &'static str {
        match self {
            Section::Models => "models",
            Section::Seeds => "seeds",
            Section::Snapshots => "snapshots",
            Section::Analyses => "analyses",
            Section::Sources => "sources",
            Section::DataTests => "data_tests",
            Section::UnitTests => "unit_tests",
            Section::Exposures => "exposures",
            Section::Metrics => "metrics",
            Section::SemanticModels => "semantic-models",
            Section::SavedQueries => "saved-queries",
            Section::Functions => "functions",
        }
    }
}

/// The trees of all sections, rendered and as written.
#[derive(Debug, Clone)]
pub struct Trees {
    /// In the order of [`Section::ALL`].
    trees: Vec<Option<Tree>>,
}

#[derive(Debug, Clone)]
struct Tree {
    rendered: Map<String, Value>,
    unrendered: Map<String, Value>,
}

impl Trees {
    pub(super) fn read(raw: &Yaml, rendered: &Yaml, bag: &Bag) -> Self {
        report_both_test_sections(rendered, bag);
        let trees = Section::ALL.map(|section| {
            let (key, value) = entry(rendered, section)?;
            value.map(&key.key_text(), bag);
            let written = entry(raw, section).map(|(_, value)| value.to_json_map());
            Some(Tree {
                rendered: value.to_json_map(),
                unrendered: written.unwrap_or_default(),
            })
        });
        Trees {
            trees: trees.into(),
        }
    }

    pub fn rendered(&self, section: Section) -> Option<&Map<String, Value>> {
        self.tree(section).map(|tree| &tree.rendered)
    }

    pub fn unrendered(&self, section: Section) -> Option<&Map<String, Value>> {
        self.tree(section).map(|tree| &tree.unrendered)
    }

    fn tree(&self, section: Section) -> Option<&Tree> {
        self.trees[section as usize].as_ref()
    }
}

fn entry(yaml: &Yaml, section: Section) -> Option<&(Yaml, Yaml)> {
    let found = match section {
        Section::DataTests => yaml.entry("data_tests").or_else(|| yaml.entry("tests")),
        _ => yaml.entry(section.key()),
    };
    found.filter(|(_, value)| !value.is_null())
}

fn report_both_test_sections(yaml: &Yaml, bag: &Bag) {
    if let (Some((old, _)), Some((modern, _))) = (yaml.entry("tests"), yaml.entry("data_tests")) {
        bag.add(
            Diagnostic::error(
                "old-spelling",
                "`tests` and `data_tests` cannot both be given",
            )
            .at(old.place())
            .related(modern.place(), "given here too")
            .hint("keep `data_tests`; `tests` is its old name"),
        );
    }
}
