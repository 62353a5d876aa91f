//! Copies a node from the environment that is deferred to, by the `clone` materialization.

use crate::base::Diagnostic;
use crate::compile::Compiled;
use crate::compile::SessionHandle;
use crate::graph::Index;
use crate::run::Call;
use crate::run::materialize;
use crate::run::step::Done;
use std::sync::Arc;

/// Where nothing can be cloned, a view of everything in the other relation takes its place.
pub(super) fn run(
    call: &Call<'_>,
    index: Index,
    session: &SessionHandle,
) -> Result<Done, Box<Diagnostic>> {
    let other = call.world.deferral.relations.get(&index);
    let compiled = other.map(|other| Compiled {
        code: Arc::from(format!(
            "select * from {}",
            call.world.defer_relation(other)
        )),
        extra_ctes: Vec::new(),
        macros: Vec::new(),
    });
    let done = materialize::by(call, &index.into(), "clone", compiled.as_ref(), session)?;
    Ok(Done {
        message: done.message.or_else(|| Some("No-op".to_string())),
        ..done
    })
}
