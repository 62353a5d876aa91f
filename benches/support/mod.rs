//! What the benches work on.

pub(crate) mod desk;
pub(crate) mod generate;
