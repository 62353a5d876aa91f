//! Facts about SQL dialects, and looking into SQL text: quoting, lexing, joining, parsing.
//! Promise: nothing in here fails on text it does not understand; it says less about it.
//! Not here: what a model is, and what the warehouse thinks of the text.

pub mod cte;
pub mod dialect;
pub mod effect;
pub mod lex;
pub mod parse;
pub mod quote;
pub mod split;

pub use cte::inject_ctes;
pub use dialect::Dialect;
pub use dialect::Parts;
pub use parse::Query;
