//! The type of a result's column: its name, and how its values are written to JSON and CSV.

use crate::adapter::Kind;
use crate::jinja::call::Args;
use crate::jinja::python::repr;
use crate::jinja::values;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// A column's type as a value; prints its name.
pub(super) fn data_type(kind: Kind) -> Value {
    Value::from_object(DataType(kind))
}

#[derive(Debug)]
struct DataType(Kind);

impl Object for DataType {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut args = Args::new(method, args);
        let written = match method {
            "jsonify" => for_json,
            "csvify" => as_text,
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        let value = args.required("d")?;
        args.finish()?;
        match value.is_none() {
            true => Ok(values::none()),
            false => written(self.0, state, value),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// Numbers become floats, moments texts; the rest stays.
fn for_json(kind: Kind, state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    match kind {
        Kind::Integer | Kind::Boolean => Ok(value),
        Kind::Number => {
            let float = repr::str(&value).parse::<f64>();
            Ok(float.map_or(value, Value::from))
        }
        Kind::Date | Kind::DateTime | Kind::Text => as_text(kind, state, value),
    }
}

fn as_text(kind: Kind, state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    match kind {
        Kind::Date | Kind::DateTime => value.call_method(state, "isoformat", &[]),
        _ => Ok(Value::from(repr::str(&value))),
    }
}
