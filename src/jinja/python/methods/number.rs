//! Methods of `int`, `bool` and `float`.

use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::numbers::int_value;
use minijinja::Error;
use minijinja::value::Value;

/// `None` where numbers have no such method.
pub(super) fn call(value: &Value, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let number = Number::of(value)?;
    let answer = match (number, name) {
        (Number::Int(int), "bit_length") => Ok(Value::from(bits(int))),
        (Number::Int(int), "bit_count") => Ok(Value::from(int.unsigned_abs().count_ones())),
        (Number::Int(int), "as_integer_ratio") => Ok(Value::from((int_value(int), 1))),
        (Number::Int(_), "is_integer") => Ok(Value::from(true)),
        (Number::Float(float), "is_integer") => {
            Ok(Value::from(float.is_finite() && float.fract() == 0.0))
        }
        (Number::Float(float), "as_integer_ratio") => ratio(float),
        (_, "conjugate") => Ok(number.into()),
        _ => return None,
    };
    Some(bind(name, [], args).and(answer))
}

fn bits(int: i128) -> u32 {
    u128::BITS - int.unsigned_abs().leading_zeros()
}

fn ratio(float: f64) -> Result<Value, Error> {
    if float.is_nan() {
        return Err(fail("cannot convert NaN to integer ratio"));
    }
    if float.is_infinite() {
        return Err(fail("cannot convert Infinity to integer ratio"));
    }
    let mut numerator = float;
    let mut denominator: i128 = 1;
    while numerator.fract() != 0.0 {
        numerator *= 2.0;
        denominator = denominator
            .checked_mul(2)
            .ok_or_else(|| fail("the ratio has too many digits"))?;
    }
    Ok(Value::from((
        int_value(numerator as i128),
        int_value(denominator),
    )))
}
