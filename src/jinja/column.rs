//! Columns as templates see them: what `adapter.get_columns_in_relation()` gives, `api.Column`.

use crate::adapter::Column;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::repr;
use crate::jinja::values;
use crate::sql::Dialect;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A column as a value.
pub fn column(column: Column, dialect: &'static Dialect) -> Value {
    Value::from_object(ColumnValue { column, dialect })
}

/// The column in a value; `None` for any other value.
pub fn column_of(value: &Value) -> Option<Column> {
    let found = value.downcast_object_ref::<ColumnValue>();
    found.map(|found| found.column.clone())
}

pub fn is_column(value: &Value) -> bool {
    value.downcast_object_ref::<ColumnValue>().is_some()
}

/// `api.Column`: makes columns, and knows the names of types.
pub fn column_class(dialect: &'static Dialect) -> Value {
    Value::from_object(Class(dialect))
}

struct ColumnValue {
    column: Column,
    dialect: &'static Dialect,
}

impl Object for ColumnValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        attribute(self, key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let args = Args::new(method, args);
        match class_method(method) {
            Some(run) => run(args, self.dialect),
            None => answer(self, method, args),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = &other.downcast_ref::<ColumnValue>()?.column;
        let key = |column: &Column| {
            let sizes = (
                column.char_size,
                column.numeric_precision,
                column.numeric_scale,
            );
            (column.name.clone(), column.dtype.clone(), sizes)
        };
        Some(key(&self.column).cmp(&key(other)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Debug for ColumnValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_column(f, &self.column, self.dialect)
    }
}

/// As Python prints dbt's class.
fn write_column(f: &mut fmt::Formatter<'_>, column: &Column, dialect: &Dialect) -> fmt::Result {
    let size = |size: Option<u32>| size.map_or("None".to_string(), |size| size.to_string());
    write!(
        f,
        "{}Column(column={}, dtype={}, char_size={}, numeric_precision={}, numeric_scale={}",
        dialect.title,
        repr::quote(&column.name),
        repr::quote(&column.dtype),
        size(column.char_size),
        size(column.numeric_precision),
        size(column.numeric_scale)
    )?;
    if !dialect.nested_columns {
        return f.write_str(")");
    }
    f.write_str(", fields=[")?;
    for (index, field) in column.fields().iter().enumerate() {
        f.write_str(if index > 0 { ", " } else { "" })?;
        write_column(f, field, dialect)?;
    }
    f.write_str("])")
}

fn attribute(this: &ColumnValue, name: &str) -> Option<Value> {
    let column = &this.column;
    let size = |size: Option<u32>| size.map_or_else(values::none, Value::from);
    Some(match name {
        "name" | "column" => Value::from(column.name.as_str()),
        "dtype" => Value::from(column.dtype.as_str()),
        "data_type" | "expanded_data_type" => Value::from(column.data_type(this.dialect)),
        "quoted" => Value::from(column.quoted(this.dialect)),
        "char_size" => size(column.char_size),
        "numeric_precision" => size(column.numeric_precision),
        "numeric_scale" => size(column.numeric_scale),
        "fields" => list(column.fields(), this.dialect),
        _ => return None,
    })
}

fn answer(this: &ColumnValue, method: &str, mut args: Args<'_>) -> Result<Value, Error> {
    let dialect = this.dialect;
    let this = &this.column;
    let value = match method {
        "is_string" => Value::from(this.is_string()),
        "is_number" => Value::from(this.is_number()),
        "is_float" => Value::from(this.is_float()),
        "is_integer" => Value::from(this.is_integer()),
        "is_numeric" => Value::from(this.is_numeric()),
        "is_struct" => Value::from(this.is_struct()),
        "string_size" => match this.string_size() {
            Some(size) => Value::from(size),
            None => return Err(fail("Called string_size() on non-string field!")),
        },
        "can_expand_to" => {
            let other = args.required("other_column")?;
            let other = column_of(&other).ok_or_else(|| fail("can_expand_to() needs a column"))?;
            Value::from(this.can_expand_to(&other))
        }
        "literal" => {
            let value = args.required("value")?;
            Value::from(format!(
                "{}::{}",
                repr::str(&value),
                this.data_type(dialect)
            ))
        }
        "flatten" => list(this.flatten(), dialect),
        _ => return Err(Error::from(ErrorKind::UnknownMethod)),
    };
    args.finish()?;
    Ok(value)
}

fn list(columns: Vec<Column>, dialect: &'static Dialect) -> Value {
    values::list(columns.into_iter().map(|c| column(c, dialect)))
}

type ClassMethod = fn(Args<'_>, &'static Dialect) -> Result<Value, Error>;

fn class_method(name: &str) -> Option<ClassMethod> {
    Some(match name {
        "create" => create,
        "from_description" => from_description,
        "translate_type" => translate_type,
        "string_type" => string_type,
        "numeric_type" => numeric_type,
        _ => return None,
    })
}

/// `Column.create(name, label_or_dtype)`
fn create(mut args: Args<'_>, dialect: &'static Dialect) -> Result<Value, Error> {
    let name = args.required_str("name")?;
    let dtype = args.required_str("label_or_dtype")?;
    args.finish()?;
    Ok(column(
        Column::new(name, Column::translate_type(&dtype)),
        dialect,
    ))
}

/// `Column.from_description(name, raw_data_type)`
fn from_description(mut args: Args<'_>, dialect: &'static Dialect) -> Result<Value, Error> {
    let name = args.required_str("name")?;
    let described = args.required_str("raw_data_type")?;
    args.finish()?;
    let made = Column::from_description(&name, &described).map_err(fail)?;
    Ok(column(made, dialect))
}

fn translate_type(mut args: Args<'_>, _: &'static Dialect) -> Result<Value, Error> {
    let dtype = args.required_str("dtype")?;
    args.finish()?;
    Ok(Value::from(Column::translate_type(&dtype)))
}

fn string_type(mut args: Args<'_>, _: &'static Dialect) -> Result<Value, Error> {
    let size = args.required_int("size")?;
    args.finish()?;
    Ok(Value::from(Column::string_type(
        u32::try_from(size).unwrap_or(0),
    )))
}

/// `Column.numeric_type(dtype, precision, scale)`
fn numeric_type(mut args: Args<'_>, _: &'static Dialect) -> Result<Value, Error> {
    let dtype = args.required_str("dtype")?;
    let precision = size_argument(args.optional("precision"));
    let scale = size_argument(args.optional("scale"));
    args.finish()?;
    Ok(Value::from(Column::numeric_type(&dtype, precision, scale)))
}

/// `Column(column, dtype, char_size=None, numeric_precision=None, numeric_scale=None)`
fn construct(mut args: Args<'_>, dialect: &'static Dialect) -> Result<Value, Error> {
    let made = Column::new(args.required_str("column")?, args.required_str("dtype")?);
    let made = Column {
        char_size: size_argument(args.optional("char_size")),
        numeric_precision: size_argument(args.optional("numeric_precision")),
        numeric_scale: size_argument(args.optional("numeric_scale")),
        ..made
    };
    args.finish()?;
    Ok(column(made, dialect))
}

/// A size is a number, or none; catalogs also give it as a float.
fn size_argument(value: Option<Value>) -> Option<u32> {
    let value = value?;
    let whole = value
        .as_i64()
        .or_else(|| f64::try_from(value).ok().map(|float| float as i64));
    u32::try_from(whole?).ok()
}

struct Class(&'static Dialect);

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class {}Column>", self.0.title)
    }
}

impl Object for Class {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "TYPE_LABELS" => Some(values::dict([("STRING", Value::from("TEXT"))])),
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        construct(Args::new("Column", args), self.0)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match class_method(method) {
            Some(run) => run(Args::new(method, args), self.0),
            None => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
