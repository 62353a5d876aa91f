//! In which way a node may differ from what it was in an earlier manifest.

/// What `state:modified` and its sub-kinds look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Anything that counts as a change, macros included.
    Any,
    /// The code, or the rows of a seed.
    Body,
    /// Settings as written; those that place or label a node are left aside.
    Configs,
    /// Database, schema and alias.
    Relation,
    /// Descriptions, where they are written into the warehouse.
    PersistedDescriptions,
    /// Macros that the node calls, however far down.
    Macros,
    /// Columns and constraints of an enforced contract.
    Contract,
}

impl Aspect {
    const ALL: [(&'static str, Aspect); 7] = [
        ("modified", Aspect::Any),
        ("modified.body", Aspect::Body),
        ("modified.configs", Aspect::Configs),
        ("modified.relation", Aspect::Relation),
        (
            "modified.persisted_descriptions",
            Aspect::PersistedDescriptions,
        ),
        ("modified.macros", Aspect::Macros),
        ("modified.contract", Aspect::Contract),
    ];

    /// The aspect of a word behind `state:`, such as `modified.body`.
    pub fn named(word: &str) -> Option<Aspect> {
        let mut all = Aspect::ALL.iter();
        all.find(|(name, _)| *name == word)
            .map(|(_, aspect)| *aspect)
    }
}
