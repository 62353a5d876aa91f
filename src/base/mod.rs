//! What every room needs: places in files, diagnostics as data, file access, the outside world.
//! Promise: nothing in here knows what a model is.

pub mod context;
pub mod diagnostic;
pub mod event;
pub mod event_name;
pub mod fs;
pub mod source;
pub mod window;

pub use context::Context;
pub use diagnostic::Bag;
pub use diagnostic::Diagnostic;
pub use diagnostic::Severity;
pub use event::Event;
pub use event::NodeInfo;
pub use event::Observer;
pub use source::Place;
pub use source::SourceFile;
pub use window::Window;

/// The version of dbt whose projects, flags, events and artifacts are understood.
pub const DBT_VERSION: &str = "1.11.16";
