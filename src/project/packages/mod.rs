//! Packages that a project asks for: what is declared, what that resolves to, and its installation.
//! Promise: an installation is complete or leaves everything as it was.

mod spec;

pub use spec::Declared;
pub use spec::Origin;
pub use spec::Spec;
pub(super) use spec::declared;
