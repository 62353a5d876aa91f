//! Exact decimal numbers, written as Python writes them.

use std::cmp::Ordering;
use std::fmt;

/// `digits` times ten to the power of `exponent`; `1.50` is 150 and -2.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    pub digits: i128,
    pub exponent: i32,
}

impl Decimal {
    /// The shortest decimal that names this float, with one digit behind the point at least
    /// (`1.0`, `0.1`, `1e20`); `None` for infinities and what is no number.
    pub fn from_float(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // `{:e}` gives the shortest digits that read back as the same number.
        let text = format!("{value:e}");
        let (mantissa, power) = text.split_once('e')?;
        let power: i32 = power.parse().ok()?;
        let fraction = mantissa
            .split_once('.')
            .map_or("", |(_, fraction)| fraction);
        let mut digits: i128 = mantissa.replace('.', "").parse().ok()?;
        let mut exponent = power - i32::try_from(fraction.len()).ok()?;
        // A whole number below 1e16 shows its `.0`; from there on the exponent is written.
        if exponent >= 0 && power < 16 {
            digits *= 10i128.pow(u32::try_from(exponent).ok()? + 1);
            exponent = -1;
        }
        Some(Decimal { digits, exponent })
    }

    /// Reads `-12.50`, `1e3`; `None` for anything else and for more than 38 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(unsigned) || !is_digits(fraction) || unsigned.len() + fraction.len() == 0 {
            return None;
        }
        Some(Decimal {
            digits: format!("{whole}{fraction}").parse().ok()?,
            exponent: power.checked_sub(i32::try_from(fraction.len()).ok()?)?,
        })
    }

    pub fn to_f64(self) -> f64 {
        // Through text, so that the nearest float is found.
        format!("{}e{}", self.digits, self.exponent)
            .parse()
            .unwrap_or(f64::NAN)
    }

    /// The number without its fraction; `None` where it is too long.
    pub fn to_integer(self) -> Option<i128> {
        let power = 10i128.checked_pow(self.exponent.unsigned_abs());
        match self.exponent >= 0 {
            true => self.digits.checked_mul(power?),
            false => Some(power.map_or(0, |power| self.digits / power)),
        }
    }

    pub fn is_whole(self) -> bool {
        self.normal().exponent >= 0
    }

    /// Digits behind the point that are not zeros at the end.
    pub fn places(self) -> usize {
        usize::try_from(-self.normal().exponent).unwrap_or(0)
    }

    /// The number with exactly so many digits behind the point, halves going to the even digit.
    pub fn fixed(self, places: usize) -> String {
        let wanted = -i32::try_from(places).unwrap_or(i32::MAX);
        let mut number = self;
        if number.exponent < wanted {
            let power = 10i128.checked_pow(number.exponent.abs_diff(wanted));
            number.digits = power.map_or(0, |power| divided_to_even(number.digits, power));
            number.exponent = wanted;
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = number.digits.unsigned_abs().to_string();
        let zeros = usize::try_from(number.exponent - wanted).unwrap_or(0);
        let digits = format!("{digits}{}", "0".repeat(zeros));
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let point = if places > 0 { "." } else { "" };
        format!("{sign}{whole}{point}{fraction}")
    }

    /// Without zeros at the end: `1.50` and `1.5` are one number.
    fn normal(mut self) -> Self {
        if self.digits == 0 {
            return Decimal {
                digits: 0,
                exponent: 0,
            };
        }
        while self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }
}

fn divided_to_even(digits: i128, power: i128) -> i128 {
    let (whole, rest) = (digits / power, (digits % power).abs());
    let step = if digits < 0 { -1 } else { 1 };
    match (rest * 2).cmp(&power) {
        Ordering::Greater => whole + step,
        Ordering::Equal => whole + (whole % 2),
        Ordering::Less => whole,
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.normal(), other.normal());
        (a.digits, a.exponent) == (b.digits, b.exponent)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self == other {
            true => Some(Ordering::Equal),
            false => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let count = digits.len() as i32;
        // Power of ten of the first digit.
        let leading = self.exponent + count - 1;
        if self.exponent <= 0 && leading >= -6 {
            let point = count + self.exponent;
            return match usize::try_from(point) {
                Ok(0) | Err(_) => {
                    let zeros = "0".repeat(point.unsigned_abs() as usize);
                    write!(f, "{sign}0.{zeros}{digits}")
                }
                Ok(point) if point == digits.len() => write!(f, "{sign}{digits}"),
                Ok(point) => write!(f, "{sign}{}.{}", &digits[..point], &digits[point..]),
            };
        }
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{sign}{first}{point}{rest}E{leading:+}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_like_python() {
        let rows = [
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (0.1, "0.1"),
            (1e20, "1E+20"),
            (1.5e300, "1.5E+300"),
            (1e-7, "1E-7"),
            (0.00001, "0.00001"),
            (0.1f32 as f64, "0.10000000149011612"),
            (0.0, "0.0"),
            (1e15, "1000000000000000.0"),
            (123456789.125, "123456789.125"),
        ];
        for (float, expected) in rows {
            assert_eq!(Decimal::from_float(float).unwrap().to_string(), expected);
        }
        assert!(Decimal::from_float(f64::NAN).is_none());
    }

    #[test]
    fn fixed_digits_round_halves_to_even() {
        let rows = [
            ("0.1239", 3, "0.124"),
            ("2.5", 0, "2"),
            ("-3.5", 0, "-4"),
            ("1E+3", 1, "1000.0"),
            ("-0.0001", 3, "-0.000"),
            ("7", 2, "7.00"),
        ];
        for (text, places, expected) in rows {
            assert_eq!(Decimal::parse(text).unwrap().fixed(places), expected);
        }
    }

    #[test]
    fn digits_are_kept() {
        for text in [
            "1.50",
            "-0.05",
            "0",
            "12345678901234567890.1",
            "1E+3",
            "0.000001",
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        assert!(Decimal::parse("1.5") == Decimal::parse("1.500"));
        assert!(Decimal::parse("1.5") > Decimal::parse("-2"));
        assert_eq!(Decimal::parse("-1.5").unwrap().to_integer(), Some(-1));
        for text in ["", ".", "-", "1.2.3", "0x1", "nan"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }
}
