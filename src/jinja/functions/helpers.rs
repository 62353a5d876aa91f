//! Small helpers: `local_md5`, `try_or_compiler_error`.

use crate::jinja::Args;
use crate::jinja::fail;
use crate::jinja::function;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use md5::Digest;
use md5::Md5;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::sync::Arc;

pub(super) fn functions() -> [(&'static str, Value); 2] {
    [
        (
            "local_md5",
            function("local_md5", |_, args| local_md5(args)),
        ),
        ("try_or_compiler_error", Value::from_object(TryOrError)),
    ]
}

/// The MD5 of a text, in hexadecimal digits.
fn local_md5(mut args: Args) -> Result<Value, Error> {
    let value = args.required("value")?;
    args.finish()?;
    let text = value.as_str().ok_or_else(|| {
        fail(format!(
            "'{}' object has no attribute 'encode'",
            type_name(&value)
        ))
    })?;
    let digest = Md5::digest(text.as_bytes());
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    Ok(Value::from(digits.collect::<String>()))
}

/// Calls a function with the further arguments; a failure is told in the given words.
#[derive(Debug)]
struct TryOrError;

impl Object for TryOrError {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut args = Args::new("try_or_compiler_error", args);
        let message = args.required("message_if_exception")?;
        let function = args.required("func")?;
        let rest = crate::jinja::call::join(args.rest(), args.keywords());
        function
            .call(state, &rest)
            .map_err(|_| fail(repr::str(&message)))
    }
}
