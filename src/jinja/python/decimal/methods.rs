//! The methods of decimals.

use super::Decimal;
use super::Number;
use super::Refusal;
use super::finished;
use super::of;
use super::operand;
use super::refused;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::required;
use crate::jinja::python::named::NamedTuple;
use crate::jinja::python::type_name;
use crate::jinja::values::tuple;
use minijinja::Error;
use minijinja::value::Value;
use std::cmp::Ordering;

/// `None` where decimals have no such method.
pub(super) fn call(
    decimal: &Decimal,
    method: &str,
    args: &[Value],
) -> Option<Result<Value, Error>> {
    if let Some(answer) = told(decimal, method) {
        return Some(bind(method, [], args).map(|_| answer));
    }
    if let Some(answer) = changed(decimal, method) {
        return Some(bind(method, [], args).and(answer));
    }
    if matches!(method, "compare" | "max" | "min" | "quantize") {
        return Some(with_other(decimal, method, args));
    }
    None
}

/// What can be asked of any decimal.
fn told(decimal: &Decimal, method: &str) -> Option<Value> {
    let number = match decimal {
        Decimal::Finite(number) => Some(number),
        _ => None,
    };
    Some(match method {
        "adjusted" => Value::from(number.map_or(0, Number::adjusted)),
        "as_tuple" => as_tuple(decimal),
        "is_finite" => Value::from(number.is_some()),
        "is_infinite" => Value::from(matches!(decimal, Decimal::Infinite { .. })),
        "is_nan" => Value::from(*decimal == Decimal::NotANumber),
        "is_signed" => Value::from(is_negative(decimal)),
        "is_zero" => Value::from(number.is_some_and(|number| number.digits.is_zero())),
        "to_eng_string" => Value::from(decimal.to_string()),
        _ => return None,
    })
}

/// Decimals that follow from this one alone.
fn changed(decimal: &Decimal, method: &str) -> Option<Result<Value, Error>> {
    let Decimal::Finite(number) = decimal else {
        return None;
    };
    let answer = match method {
        "as_integer_ratio" => return Some(ratio(number)),
        "conjugate" => Ok(number.clone()),
        "copy_abs" => Ok(number.signed(false)),
        "copy_negate" => Ok(number.signed(!number.negative)),
        "normalize" => number
            .rounded(super::number::PRECISION)
            .map(|n| n.normalized()),
        "sqrt" => number.square_root(),
        "to_integral" | "to_integral_value" | "to_integral_exact" => {
            Ok(number.at_exponent(number.exponent.max(0)))
        }
        _ => return None,
    };
    Some(finished(answer))
}

fn with_other(decimal: &Decimal, method: &str, args: &[Value]) -> Result<Value, Error> {
    let name = if method == "quantize" { "exp" } else { "other" };
    let [other] = bind(method, [name], args)?;
    let value = required(method, name, other)?;
    let Some(other) = operand(&value) else {
        return Err(fail(format!(
            "conversion from {} to Decimal is not supported",
            type_name(&value)
        )));
    };
    let order = decimal.order(&other);
    Ok(match (method, order) {
        ("quantize", _) => match (decimal, &other) {
            (Decimal::Finite(a), Decimal::Finite(b)) => {
                return finished(a.quantized(b.exponent));
            }
            _ => return Err(refused(Refusal::InvalidOperation)),
        },
        ("compare", Some(order)) => Value::from_object(Decimal::Finite(Number::int(order as i128))),
        ("compare", None) => Value::from_object(Decimal::NotANumber),
        ("max", Some(Ordering::Less)) | ("min", Some(Ordering::Greater)) => match of(&value) {
            Some(_) => value,
            None => Value::from_object(other),
        },
        _ => Value::from_object(decimal.clone()),
    })
}

/// `DecimalTuple(sign=0, digits=(1, 5, 0), exponent=-2)`
fn as_tuple(decimal: &Decimal) -> Value {
    let (digits, exponent) = match decimal {
        Decimal::Finite(number) => (
            tuple(number.digits.iter().map(Value::from)),
            Value::from(number.exponent),
        ),
        Decimal::Infinite { .. } => (tuple([Value::from(0)]), Value::from("F")),
        Decimal::NotANumber => (tuple([]), Value::from("n")),
    };
    let sign = Value::from(i64::from(is_negative(decimal)));
    NamedTuple::value(
        &["sign", "digits", "exponent"],
        vec![sign, digits, exponent],
    )
}

fn is_negative(decimal: &Decimal) -> bool {
    match decimal {
        Decimal::Finite(number) => number.negative,
        Decimal::Infinite { negative } => *negative,
        Decimal::NotANumber => false,
    }
}

/// Numerator and denominator in lowest terms.
fn ratio(number: &Number) -> Result<Value, Error> {
    let too_long = || fail("the ratio has too many digits");
    let number = number.normalized();
    let (mut above, mut below) = match u32::try_from(-number.exponent) {
        Ok(places) => {
            let digits = number.digits.to_u128().ok_or_else(too_long)?;
            let below = 10u128.checked_pow(places).ok_or_else(too_long)?;
            (digits, below)
        }
        Err(_) => {
            let whole = number.to_int().ok_or_else(too_long)?;
            (whole.unsigned_abs(), 1)
        }
    };
    for factor in [2, 5] {
        while above % factor == 0 && below % factor == 0 {
            (above, below) = (above / factor, below / factor);
        }
    }
    let above = i128::try_from(above).map_err(|_| too_long())?;
    let below = i128::try_from(below).map_err(|_| too_long())?;
    let above = if number.negative { -above } else { above };
    let int = crate::jinja::python::numbers::int_value;
    Ok(tuple([int(above), int(below)]))
}
