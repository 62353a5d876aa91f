//! Python's `Decimal`: what the numbers of a query's result are in templates.
//! Promise: they print with the digits that the warehouse gave, and are reckoned with exactly.

mod digits;
mod methods;
mod number;
mod spelling;

pub use spelling::format;

use crate::adapter::decimal as warehouse;
use crate::jinja::fail;
use crate::jinja::python::methods as python_methods;
use crate::jinja::python::numbers;
use minijinja::Error;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use number::Number;
use number::Refusal;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The name of the type in Python's messages.
pub const TYPE_NAME: &str = "decimal.Decimal";

#[derive(Debug, Clone, PartialEq)]
pub enum Decimal {
    Finite(Number),
    Infinite { negative: bool },
    NotANumber,
}

/// A number out of a query.
pub fn of_exact(exact: warehouse::Decimal) -> Value {
    Value::from_object(Decimal::Finite(Number {
        exponent: i64::from(exact.exponent),
        ..Number::int(exact.digits)
    }))
}

/// A float out of a query that has no digits: `NaN`, `Infinity`.
pub fn of_float(float: f64) -> Value {
    Value::from_object(Decimal::float(float))
}

/// The decimal in a value; `None` for any other value.
pub fn of(value: &Value) -> Option<&Decimal> {
    value.downcast_object_ref()
}

/// `a + b`, `a - b`, `a * b`, `a / b`, `a // b`, `a % b`, `a ** b` of a decimal with another one or
/// an integer; `None` for other pairs, floats among them.
pub fn binary(symbol: &str, a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    let (a, b) = pair(a, b)?;
    Some(a.reckoned(symbol, &b))
}

/// `-a`; `None` where the value is no decimal.
pub fn negate(a: &Value) -> Option<Result<Value, Error>> {
    Some(match of(a)? {
        Decimal::Finite(number) => finished(number.negated()),
        Decimal::Infinite { negative } => Ok(Value::from_object(Decimal::Infinite {
            negative: !negative,
        })),
        Decimal::NotANumber => Ok(a.clone()),
    })
}

/// The order of two numbers of which one is a decimal; the other may be a float.
/// `None` for other pairs; the inner `None` where there is no order (`NaN`).
pub fn compare(a: &Value, b: &Value) -> Option<Option<Ordering>> {
    let side = |value: &Value| match numbers::Number::of(value) {
        Some(numbers::Number::Float(float)) => Some(Decimal::float(float)),
        _ => operand(value),
    };
    if of(a).is_none() && of(b).is_none() {
        return None;
    }
    Some(side(a)?.order(&side(b)?))
}

impl Decimal {
    fn float(float: f64) -> Self {
        match (float.is_nan(), float.is_infinite()) {
            (true, _) => Decimal::NotANumber,
            (false, true) => Decimal::Infinite {
                negative: float < 0.0,
            },
            (false, false) => Decimal::Finite(Number::float(float)),
        }
    }

    /// `float(value)`
    pub fn to_f64(&self) -> f64 {
        match self {
            Decimal::Finite(number) => number.to_f64(),
            Decimal::Infinite { negative: false } => f64::INFINITY,
            Decimal::Infinite { negative: true } => f64::NEG_INFINITY,
            Decimal::NotANumber => f64::NAN,
        }
    }

    /// `int(value)`: the number without its fraction. Fails on what is not finite.
    pub fn to_int(&self) -> Result<i128, Error> {
        let number = match self {
            Decimal::Finite(number) => number,
            Decimal::Infinite { .. } => {
                return Err(fail("cannot convert Infinity to integer"));
            }
            Decimal::NotANumber => return Err(fail("cannot convert NaN to integer")),
        };
        let int = number.to_int();
        int.ok_or_else(|| fail("the integer is too large"))
    }

    /// `abs(value)`
    pub fn absolute(&self) -> Result<Value, Error> {
        match self {
            Decimal::Finite(number) => finished(number.absolute()),
            Decimal::Infinite { .. } => {
                Ok(Value::from_object(Decimal::Infinite { negative: false }))
            }
            Decimal::NotANumber => Ok(Value::from_object(Decimal::NotANumber)),
        }
    }

    /// `round(value, places)`: halves to the even digit.
    pub fn round(&self, places: i64) -> Result<Value, Error> {
        match self {
            Decimal::Finite(number) => finished(number.quantized(-places.clamp(-999, 999))),
            _ => Err(refused(Refusal::InvalidOperation)),
        }
    }

    /// The value as the warehouse takes it; `None` for what is not finite or too long for it.
    pub fn to_exact(&self) -> Option<warehouse::Decimal> {
        let Decimal::Finite(number) = self else {
            return None;
        };
        let digits = i128::try_from(number.digits.to_u128()?).ok()?;
        Some(warehouse::Decimal {
            digits: if number.negative { -digits } else { digits },
            exponent: i32::try_from(number.exponent).ok()?,
        })
    }

    /// The number that means the same as a key: an integer, or a float that is exactly it.
    pub fn as_key(&self) -> Option<Value> {
        let Decimal::Finite(number) = self else {
            return None;
        };
        if number.is_whole() {
            return number.to_int().map(numbers::int_value);
        }
        let float = number.to_f64();
        let exact = Number::float(float).compare(number) == Ordering::Equal;
        exact.then(|| Value::from(float))
    }

    fn reckoned(&self, symbol: &str, other: &Decimal) -> Result<Value, Error> {
        let (Decimal::Finite(a), Decimal::Finite(b)) = (self, other) else {
            return self.reckoned_beyond(symbol, other);
        };
        finished(match symbol {
            "+" => a.plus(b),
            "-" => a.minus(b),
            "*" => a.times(b),
            "/" => a.over(b),
            "//" => a.floored_over(b),
            "%" => a.remainder(b),
            _ => a.power(b),
        })
    }

    /// Where a side is not finite: `NaN` stays what it is, sums and products of an infinity are one.
    fn reckoned_beyond(&self, symbol: &str, other: &Decimal) -> Result<Value, Error> {
        if *self == Decimal::NotANumber || *other == Decimal::NotANumber {
            return Ok(Value::from_object(Decimal::NotANumber));
        }
        let float = match symbol {
            "+" => self.to_f64() + other.to_f64(),
            "-" => self.to_f64() - other.to_f64(),
            "*" => self.to_f64() * other.to_f64(),
            "/" => self.to_f64() / other.to_f64(),
            _ => f64::NAN,
        };
        match float.is_nan() {
            true => Err(refused(Refusal::InvalidOperation)),
            false => Ok(of_float(float)),
        }
    }

    fn order(&self, other: &Decimal) -> Option<Ordering> {
        match (self, other) {
            (Decimal::Finite(a), Decimal::Finite(b)) => Some(a.compare(b)),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl Object for Decimal {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !matches!(&**self, Decimal::Finite(number) if number.digits.is_zero())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "real" => Some(Value::from_dyn_object(self.clone())),
            "imag" => Some(Value::from_object(Decimal::Finite(Number::int(0)))),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let found = methods::call(self, method, args);
        found.unwrap_or_else(|| {
            let value = Value::from_dyn_object(self.clone());
            Err(python_methods::unknown(&value, method))
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        self.order(other.downcast_ref()?)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => write!(f, "Decimal('{self}')"),
            false => write!(f, "{self}"),
        }
    }
}

/// Both sides where one of them is a decimal and the other one, or an integer.
fn pair(a: &Value, b: &Value) -> Option<(Decimal, Decimal)> {
    match of(a).is_some() || of(b).is_some() {
        true => operand(a).zip(operand(b)),
        false => None,
    }
}

fn operand(value: &Value) -> Option<Decimal> {
    match numbers::Number::of(value) {
        Some(numbers::Number::Int(int)) => Some(Decimal::Finite(Number::int(int))),
        Some(numbers::Number::Float(_)) => None,
        None => of(value).cloned(),
    }
}

fn finished(result: Result<Number, Refusal>) -> Result<Value, Error> {
    let number = result.map_err(refused)?;
    Ok(Value::from_object(Decimal::Finite(number)))
}

/// Python's message is the class of the mistake.
fn refused(refusal: Refusal) -> Error {
    fail(format!("[<class 'decimal.{refusal:?}'>]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jinja::python::repr::repr;

    fn decimal(text: &str) -> Value {
        of_exact(warehouse::Decimal::parse(text).expect("a decimal"))
    }

    #[test]
    fn decimals_are_reckoned_as_in_python() {
        let rows = [
            ("1.50", "+", "1", "2.50"),
            ("1.50", "-", "1.50", "0.00"),
            ("1.50", "*", "-2.25", "-3.3750"),
            ("10", "/", "4", "2.5"),
            ("1", "/", "3", "0.3333333333333333333333333333"),
            ("-2.25", "//", "1", "-2"),
            ("-2.25", "%", "1", "-0.25"),
            ("7.00", "**", "7", "823543.00000000000000"),
            ("2", "**", "0.5", "1.414213562373095048801688724"),
            (
                "99999999999999999999999999999.5",
                "+",
                "0",
                "1.000000000000000000000000000E+29",
            ),
            ("1", "/", "0", "! [<class 'decimal.DivisionByZero'>]"),
            ("0", "/", "0", "! [<class 'decimal.DivisionUndefined'>]"),
            ("1", "%", "0", "! [<class 'decimal.InvalidOperation'>]"),
            ("-2", "**", "0.5", "! [<class 'decimal.InvalidOperation'>]"),
            (
                "1e30",
                "//",
                "1",
                "! [<class 'decimal.DivisionImpossible'>]",
            ),
        ];
        for (a, symbol, b, expected) in rows {
            let found = binary(symbol, &decimal(a), &decimal(b)).expect("two decimals");
            let found = found.map_or_else(|error| format!("! {error}"), |value| value.to_string());
            let found = found.replace("invalid operation: ", "");
            assert_eq!(found, expected, "{a} {symbol} {b}");
        }
    }

    #[test]
    fn floats_are_compared_but_not_reckoned_with() {
        let (tenth, float) = (decimal("0.1"), Value::from(0.1));
        assert!(binary("+", &tenth, &float).is_none());
        // The float is a little more than a tenth.
        assert_eq!(compare(&tenth, &float), Some(Some(Ordering::Less)));
        assert_eq!(
            compare(&decimal("7.00"), &Value::from(7)),
            Some(Some(Ordering::Equal))
        );
        assert_eq!(compare(&of_float(f64::NAN), &float), Some(None));
        assert_eq!(repr(&of_float(f64::INFINITY)), "Decimal('Infinity')");
    }
}
