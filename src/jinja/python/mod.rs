//! What templates expect of Python: how values print, methods of strings and numbers, operators,
//! filters and tests of Jinja2, and the `modules.*` that dbt offers.
//! Not here: the engine itself, and lists and dicts that change (`values`).

pub mod args;
pub mod decimal;
pub mod filler;
pub mod filters;
pub mod format;
pub mod globals;
pub mod iterate;
pub mod json;
pub mod literal;
pub mod methods;
pub mod modules;
pub mod named;
pub mod numbers;
pub mod operators;
pub mod printf;
pub mod range;
pub mod repr;
pub mod set;
pub mod sorting;
pub mod tests;

use crate::jinja::table;
pub use filters::Rendering;
use minijinja::Environment;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// Makes an environment print, filter, test and answer methods as Python and Jinja2 do.
pub fn install(env: &mut Environment, rendering: Rendering) {
    env.set_formatter(repr::write_output);
    env.set_unknown_method_callback(methods::call);
    filters::install(env, rendering);
    globals::install(env);
    tests::install(env);
}

/// The name of a value's type in Python's messages.
pub fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "Undefined",
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq | ValueKind::Iterable if let Some(class) = table::class_of(value) => class,
        ValueKind::Seq if value.is_tuple() => "tuple",
        ValueKind::Seq if value.downcast_object_ref::<range::Range>().is_some() => "range",
        ValueKind::Seq => "list",
        ValueKind::Map => "dict",
        ValueKind::Iterable if value.downcast_object_ref::<set::Set>().is_some() => "set",
        ValueKind::Iterable => "generator",
        _ if decimal::of(value).is_some() => decimal::TYPE_NAME,
        _ => modules::type_name(value).unwrap_or("object"),
    }
}
