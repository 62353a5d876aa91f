//! Operators as Python has them; the engine sends its arithmetic and comparisons here.
//! Errors are Python's own words, with the types of both sides.

use crate::jinja::fail;
use crate::jinja::python::decimal;
use crate::jinja::python::modules::datetime;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::numbers::as_int;
use crate::jinja::python::printf;
use crate::jinja::python::repr;
use crate::jinja::python::set::Set;
use crate::jinja::python::type_name;
use crate::jinja::table;
use crate::jinja::values::list;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::cmp::Ordering;

/// Most items or characters that `*` makes.
const MAX_REPEATED: usize = 100_000_000;

/// `a + b`: numbers, strings, lists, tuples, dates.
pub fn add(a: &Value, b: &Value) -> Result<Value, Error> {
    if let (Some(a), Some(b)) = (Number::of(a), Number::of(b)) {
        return arithmetic(a, b, i128::checked_add, |a, b| a + b);
    }
    match (Shape::of(a), Shape::of(b)) {
        (Shape::Text, Shape::Text) => {
            let (a, b) = (
                a.as_str().unwrap_or_default(),
                b.as_str().unwrap_or_default(),
            );
            Ok(Value::from([a, b].concat()))
        }
        (Shape::List, Shape::List) => Ok(list(items(a).chain(items(b)))),
        (Shape::Tuple, Shape::Tuple) => Ok(tuple(items(a).chain(items(b)))),
        (shape @ (Shape::Text | Shape::List | Shape::Tuple), _) if !b.is_undefined() => {
            let name = shape.name();
            Err(fail(format!(
                "can only concatenate {name} (not \"{}\") to {name}",
                type_name(b)
            )))
        }
        _ => objects("+", a, b, datetime::add),
    }
}

/// `a - b`: numbers, dates.
pub fn subtract(a: &Value, b: &Value) -> Result<Value, Error> {
    if let (Some(a), Some(b)) = (set_of(a), set_of(b)) {
        return Ok(a.difference(b));
    }
    match (Number::of(a), Number::of(b)) {
        (Some(a), Some(b)) => arithmetic(a, b, i128::checked_sub, |a, b| a - b),
        _ => objects("-", a, b, datetime::subtract),
    }
}

/// `a * b`: numbers, and a string, list or tuple repeated.
pub fn multiply(a: &Value, b: &Value) -> Result<Value, Error> {
    if let (Some(a), Some(b)) = (Number::of(a), Number::of(b)) {
        return arithmetic(a, b, i128::checked_mul, |a, b| a * b);
    }
    let (sequence, count) = match Shape::of(a) {
        Shape::Other => (b, a),
        _ => (a, b),
    };
    if Shape::of(sequence) == Shape::Other || count.is_undefined() {
        return scaled("*", a, b);
    }
    match as_int(count) {
        Some(count) => repeat(sequence, count.max(0) as usize),
        None => Err(fail(format!(
            "can't multiply sequence by non-int of type '{}'",
            type_name(count)
        ))),
    }
}

/// `a / b`, always a float.
pub fn divide(a: &Value, b: &Value) -> Result<Value, Error> {
    match (Number::of(a), Number::of(b)) {
        (Some(Number::Int(_)), Some(Number::Int(0))) => Err(fail("division by zero")),
        (Some(_), Some(b)) if b.as_f64() == 0.0 => Err(fail("float division by zero")),
        (Some(a), Some(b)) => Ok(Value::from(a.as_f64() / b.as_f64())),
        _ => scaled("/", a, b),
    }
}

/// `a // b`, rounded down.
pub fn floor_divide(a: &Value, b: &Value) -> Result<Value, Error> {
    match (Number::of(a), Number::of(b)) {
        (Some(Number::Int(_)), Some(Number::Int(0))) => {
            Err(fail("integer division or modulo by zero"))
        }
        (Some(Number::Int(a)), Some(Number::Int(b))) => {
            let quotient = a.checked_div(b).ok_or_else(too_large)?;
            let exact = a % b == 0 || (a < 0) == (b < 0);
            Ok(Number::Int(if exact { quotient } else { quotient - 1 }).into())
        }
        (Some(_), Some(b)) if b.as_f64() == 0.0 => Err(fail("float floor division by zero")),
        (Some(a), Some(b)) => Ok(Value::from(float_floor_divide(a.as_f64(), b.as_f64()))),
        _ => scaled("//", a, b),
    }
}

/// `a % b`: the remainder with the sign of `b`, or a string filled in.
pub fn modulo(a: &Value, b: &Value) -> Result<Value, Error> {
    if let Some(template) = text(a) {
        return printf::format(template, b).map(Value::from);
    }
    match (Number::of(a), Number::of(b)) {
        (Some(Number::Int(_)), Some(Number::Int(0))) => Err(fail("integer modulo by zero")),
        (Some(Number::Int(a)), Some(Number::Int(b))) => {
            let rest = a.checked_rem(b).unwrap_or(0);
            let same_side = rest == 0 || (rest < 0) == (b < 0);
            Ok(Number::Int(if same_side { rest } else { rest + b }).into())
        }
        (Some(_), Some(b)) if b.as_f64() == 0.0 => Err(fail("float modulo")),
        (Some(a), Some(b)) => Ok(Value::from(float_modulo(a.as_f64(), b.as_f64()))),
        _ => scaled("%", a, b),
    }
}

/// `a ** b`: an integer unless a side is a float or `b` is negative.
pub fn power(a: &Value, b: &Value) -> Result<Value, Error> {
    match (Number::of(a), Number::of(b)) {
        (Some(Number::Int(a)), Some(Number::Int(b))) if b >= 0 => {
            let exponent = u32::try_from(b).map_err(|_| too_large())?;
            let power = a.checked_pow(exponent).ok_or_else(too_large)?;
            Ok(Number::Int(power).into())
        }
        (Some(a), Some(b)) if a.as_f64() == 0.0 && b.as_f64() < 0.0 => {
            Err(fail("0.0 cannot be raised to a negative power"))
        }
        (Some(a), Some(b)) => Ok(Value::from(a.as_f64().powf(b.as_f64()))),
        _ => decimal::binary("**", a, b).unwrap_or_else(|| Err(unsupported("** or pow()", a, b))),
    }
}

/// `-a`
pub fn negate(a: &Value) -> Result<Value, Error> {
    match Number::of(a) {
        Some(Number::Int(int)) => {
            let negated = int.checked_neg().ok_or_else(too_large)?;
            Ok(Number::Int(negated).into())
        }
        Some(Number::Float(float)) => Ok(Value::from(-float)),
        None if a.is_undefined() => Err(undefined()),
        None => {
            let negated = decimal::negate(a).or_else(|| datetime::negate(a));
            negated.unwrap_or_else(|| {
                Err(fail(format!(
                    "bad operand type for unary -: '{}'",
                    type_name(a)
                )))
            })
        }
    }
}

/// `a ~ b`: both as text.
pub fn concat(a: &Value, b: &Value) -> Value {
    let mut joined = repr::str(a);
    match text(b) {
        Some(b) => joined.push_str(b),
        None => joined.push_str(&repr::str(b)),
    }
    Value::from(joined)
}

/// `value[start:stop:step]` of a string, list or tuple; undefined for anything else, as in Jinja2.
pub fn slice(value: &Value, start: &Value, stop: &Value, step: &Value) -> Result<Value, Error> {
    if let Some(text) = text(value) {
        let chars: Vec<char> = text.chars().collect();
        let picked = indices(chars.len(), start, stop, step)?;
        return Ok(picked.map_or(Value::UNDEFINED, |picked| {
            Value::from(picked.into_iter().map(|at| chars[at]).collect::<String>())
        }));
    }
    let shape = match is_tuple(value) {
        true => Shape::Tuple,
        false => Shape::of(value),
    };
    if shape == Shape::Other && value.kind() != ValueKind::Iterable {
        return Ok(Value::UNDEFINED);
    }
    let all: Vec<Value> = items(value).collect();
    let Some(picked) = indices(all.len(), start, stop, step)? else {
        return Ok(Value::UNDEFINED);
    };
    let picked = picked.into_iter().map(|at| all[at].clone());
    Ok(match shape {
        Shape::Tuple => tuple(picked),
        _ => list(picked),
    })
}

/// `a == b`. Decimals are numbers here, which the engine does not know; inside of lists too.
pub fn equal(a: &Value, b: &Value) -> bool {
    let are = |kind: ValueKind| a.kind() == kind && b.kind() == kind;
    if are(ValueKind::Seq) {
        let same_shape = is_tuple(a) == is_tuple(b) && a.len() == b.len();
        return same_shape && items(a).zip(items(b)).all(|(a, b)| equal(&a, &b));
    }
    if are(ValueKind::Map) {
        let pairs = a.as_object().and_then(|map| map.try_iter_pairs());
        let mut pairs = pairs.into_iter().flatten();
        return a.len() == b.len()
            && pairs.all(|(key, value)| {
                b.as_object()
                    .and_then(|map| map.get_value(&key))
                    .is_some_and(|other| equal(&value, &other))
            });
    }
    match decimal::compare(a, b) {
        Some(order) => order == Some(Ordering::Equal),
        None => a == b,
    }
}

/// `a < b`
pub fn less(a: &Value, b: &Value) -> Result<bool, Error> {
    Ok(compare("<", a, b)? == Some(Ordering::Less))
}

/// `a <= b`
pub fn less_or_equal(a: &Value, b: &Value) -> Result<bool, Error> {
    Ok(compare("<=", a, b)?.is_some_and(Ordering::is_le))
}

/// `a > b`
pub fn greater(a: &Value, b: &Value) -> Result<bool, Error> {
    Ok(compare(">", a, b)? == Some(Ordering::Greater))
}

/// `a >= b`
pub fn greater_or_equal(a: &Value, b: &Value) -> Result<bool, Error> {
    Ok(compare(">=", a, b)?.is_some_and(Ordering::is_ge))
}

/// Which of two values comes first; `None` where neither does (NaN).
/// Fails for types that Python does not order; `symbol` is the operator its message names.
pub fn compare(symbol: &str, a: &Value, b: &Value) -> Result<Option<Ordering>, Error> {
    if let (Some(x), Some(y)) = (Number::of(a), Number::of(b)) {
        return Ok(match (x, y) {
            (Number::Int(x), Number::Int(y)) => Some(x.cmp(&y)),
            _ => x.as_f64().partial_cmp(&y.as_f64()),
        });
    }
    if let (Some(a), Some(b)) = (set_of(a), set_of(b)) {
        return Ok(a.order(b));
    }
    match (Shape::of(a), Shape::of(b)) {
        (Shape::Text, Shape::Text) => Ok(Some(a.as_str().cmp(&b.as_str()))),
        (Shape::List, Shape::List) | (Shape::Tuple, Shape::Tuple) => {
            compare_items(symbol, items(a).collect(), items(b).collect())
        }
        _ if a.is_undefined() || b.is_undefined() => Err(undefined()),
        _ if let Some(order) = decimal::compare(a, b) => Ok(order),
        _ if let Some(order) = datetime::compare(a, b) => order.map(Some),
        _ => Err(fail(format!(
            "'{symbol}' not supported between instances of '{}' and '{}'",
            type_name(a),
            type_name(b)
        ))),
    }
}

/// `item in container`
pub fn contains(container: &Value, item: &Value) -> Result<bool, Error> {
    if let Some(text) = text(container) {
        return match item.as_str() {
            Some(part) => Ok(text.contains(part)),
            None => Err(fail(format!(
                "'in <string>' requires string as left operand, not {}",
                type_name(item)
            ))),
        };
    }
    if let Some(set) = set_of(container) {
        return Ok(set.contains(item));
    }
    match container.kind() {
        ValueKind::Undefined => Ok(false),
        ValueKind::Map => {
            let object = container.as_object();
            Ok(object.is_some_and(|map| map.get_value(item).is_some()))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            Ok(items(container).any(|found| equal(&found, item)))
        }
        _ => Err(fail(format!(
            "argument of type '{}' is not iterable",
            type_name(container)
        ))),
    }
}

/// The types that `+`, `*` and slices treat alike.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Text,
    List,
    Tuple,
    Other,
}

impl Shape {
    fn of(value: &Value) -> Shape {
        match value.kind() {
            ValueKind::String => Shape::Text,
            _ if table::class_of(value).is_some() => Shape::Other,
            ValueKind::Seq if value.is_tuple() => Shape::Tuple,
            ValueKind::Seq => Shape::List,
            ValueKind::Iterable if value.len().is_some() && set_of(value).is_none() => Shape::List,
            _ => Shape::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Shape::Text => "str",
            Shape::List => "list",
            Shape::Tuple => "tuple",
            Shape::Other => "object",
        }
    }
}

fn arithmetic(
    a: Number,
    b: Number,
    ints: fn(i128, i128) -> Option<i128>,
    floats: fn(f64, f64) -> f64,
) -> Result<Value, Error> {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => ints(a, b)
            .map(|int| Number::Int(int).into())
            .ok_or_else(too_large),
        _ => Ok(Value::from(floats(a.as_f64(), b.as_f64()))),
    }
}

fn float_floor_divide(a: f64, b: f64) -> f64 {
    let exact = (a - float_modulo(a, b)) / b;
    match exact == 0.0 {
        true => 0.0f64.copysign(a / b),
        false => exact.round(),
    }
}

fn float_modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        return 0.0f64.copysign(b);
    }
    match (rest < 0.0) == (b < 0.0) {
        true => rest,
        false => rest + b,
    }
}

fn repeat(value: &Value, count: usize) -> Result<Value, Error> {
    let len = value.len().unwrap_or(0);
    if len.saturating_mul(count) > MAX_REPEATED {
        return Err(fail("the repeated sequence is too long"));
    }
    if let Some(text) = text(value) {
        return Ok(Value::from(text.repeat(count)));
    }
    let all: Vec<Value> = items(value).collect();
    let repeated = all.iter().cycle().take(len * count).cloned();
    Ok(match Shape::of(value) {
        Shape::Tuple => tuple(repeated),
        _ => list(repeated),
    })
}

fn compare_items(symbol: &str, a: Vec<Value>, b: Vec<Value>) -> Result<Option<Ordering>, Error> {
    match a.iter().zip(&b).find(|(a, b)| !equal(a, b)) {
        Some((a, b)) => compare(symbol, a, b),
        None => Ok(Some(a.len().cmp(&b.len()))),
    }
}

/// The indices that a slice picks from a sequence of this length; `None` for ends that are no numbers.
fn indices(
    len: usize,
    start: &Value,
    stop: &Value,
    step: &Value,
) -> Result<Option<Vec<usize>>, Error> {
    let part = |value: &Value| match value.kind() {
        ValueKind::None | ValueKind::Undefined => Some(None),
        _ => as_int(value).map(Some),
    };
    let (Some(start), Some(stop), Some(step)) = (part(start), part(stop), part(step)) else {
        return Ok(None);
    };
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(fail("slice step cannot be zero"));
    }
    let len = len as i64;
    let (lowest, highest) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let place = |at: i64| if at < 0 { at + len } else { at }.clamp(lowest, highest);
    let (first, last) = if step > 0 { (0, len) } else { (len - 1, -1) };
    let mut at = start.map_or(first, place);
    let end = stop.map_or(last, place);
    let mut picked = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        picked.push(at as usize);
        at = at.saturating_add(step);
    }
    Ok(Some(picked))
}

/// Rows and columns of a query are like tuples, but are not added to each other.
fn is_tuple(value: &Value) -> bool {
    value.is_tuple() || table::class_of(value).is_some()
}

fn set_of(value: &Value) -> Option<&Set> {
    value.downcast_object_ref()
}

fn text(value: &Value) -> Option<&str> {
    match value.kind() {
        ValueKind::String => value.as_str(),
        _ => None,
    }
}

fn items(value: &Value) -> impl Iterator<Item = Value> + use<> {
    value.try_iter().into_iter().flatten()
}

fn scaled(symbol: &str, a: &Value, b: &Value) -> Result<Value, Error> {
    objects(symbol, a, b, |a, b| datetime::scale(symbol, a, b))
}

/// The operators of decimals and dates.
fn objects(
    symbol: &str,
    a: &Value,
    b: &Value,
    dates: impl Fn(&Value, &Value) -> Option<Result<Value, Error>>,
) -> Result<Value, Error> {
    let found = decimal::binary(symbol, a, b).or_else(|| dates(a, b));
    found.unwrap_or_else(|| Err(unsupported(symbol, a, b)))
}

fn unsupported(symbol: &str, a: &Value, b: &Value) -> Error {
    if a.is_undefined() || b.is_undefined() {
        return undefined();
    }
    fail(format!(
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        type_name(a),
        type_name(b)
    ))
}

/// The engine knows the name of what is undefined.
fn undefined() -> Error {
    Error::from(ErrorKind::UndefinedError)
}

fn too_large() -> Error {
    fail("the integer is too large")
}
