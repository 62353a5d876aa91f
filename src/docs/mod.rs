//! The documentation site: one page made of the manifest and the catalog, and a server for it.
//! Promise: the page needs nothing from elsewhere; it reads the two records beside it, or holds them.
//! Not here: what the records say (`artifacts`), how the page looks (`templates/docs`).

mod page;
mod serve;

pub use page::page;
pub use page::page_with;
pub use serve::Server;
