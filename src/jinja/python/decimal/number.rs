//! The arithmetic of finite decimals, as Python's default context does it: 28 digits, halves to the
//! even digit.

use super::digits::Digits;
use std::cmp::Ordering;

/// Digits that a result has at most.
pub(super) const PRECISION: usize = 28;

/// The power of ten of the first digit that a result has at most.
const MAX_EXPONENT: i64 = 999_999;

/// Digits that are carried along where a result is no exact number.
const GUARDED: usize = PRECISION + 32;

/// Why there is no result, by the names that Python has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    DivisionByZero,
    DivisionImpossible,
    DivisionUndefined,
    InvalidOperation,
    Overflow,
}

/// `digits` times ten to the power of `exponent`: `1.50` is 150 and -2. Zero has a sign too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    pub negative: bool,
    pub digits: Digits,
    pub exponent: i64,
}

impl Number {
    pub fn int(int: i128) -> Self {
        Number {
            negative: int < 0,
            digits: Digits::parse(&int.unsigned_abs().to_string()),
            exponent: 0,
        }
    }

    /// The exact value of a finite float, which has many more digits than it prints with.
    pub fn float(float: f64) -> Self {
        let text = format!("{:.1100}", float.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        Number {
            negative: float.is_sign_negative(),
            digits: Digits::parse(&format!("{whole}{fraction}")),
            exponent: -(fraction.len() as i64),
        }
    }

    /// The nearest float.
    pub fn to_f64(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}e{}", self.digits, self.exponent)
            .parse()
            .unwrap_or(f64::NAN)
    }

    /// The number without its fraction; `None` beyond 127 bits.
    pub fn to_int(&self) -> Option<i128> {
        let size = self.truncated().to_u128()?;
        let size = i128::try_from(size).ok()?;
        Some(if self.negative { -size } else { size })
    }

    pub fn is_whole(&self) -> bool {
        self.normalized().exponent >= 0
    }

    /// The power of ten of the first digit.
    pub fn adjusted(&self) -> i64 {
        self.exponent + self.digits.len() as i64 - 1
    }

    pub fn compare(&self, other: &Number) -> Ordering {
        let exponent = self.exponent.min(other.exponent);
        let signed = |number: &Number| !number.digits.is_zero() && number.negative;
        match (signed(self), signed(other)) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (true, true) => other.at(exponent).cmp(&self.at(exponent)),
            (false, false) => self.at(exponent).cmp(&other.at(exponent)),
        }
    }

    pub fn negated(&self) -> Result<Number, Refusal> {
        let negative = !self.negative && !self.digits.is_zero();
        self.signed(negative).rounded(PRECISION)
    }

    pub fn absolute(&self) -> Result<Number, Refusal> {
        self.signed(false).rounded(PRECISION)
    }

    pub fn plus(&self, other: &Number) -> Result<Number, Refusal> {
        self.summed(other).rounded(PRECISION)
    }

    pub fn minus(&self, other: &Number) -> Result<Number, Refusal> {
        self.plus(&other.signed(!other.negative))
    }

    pub fn times(&self, other: &Number) -> Result<Number, Refusal> {
        self.multiplied(other).rounded(PRECISION)
    }

    pub fn over(&self, other: &Number) -> Result<Number, Refusal> {
        self.check_divisor(other, Refusal::DivisionByZero)?;
        self.quotient(other, PRECISION)
    }

    /// `a // b`, cut towards zero.
    pub fn floored_over(&self, other: &Number) -> Result<Number, Refusal> {
        self.check_divisor(other, Refusal::DivisionByZero)?;
        Ok(self.whole_parts(other)?.0)
    }

    /// `a % b`, with the sign of `a`.
    pub fn remainder(&self, other: &Number) -> Result<Number, Refusal> {
        self.check_divisor(other, Refusal::InvalidOperation)?;
        self.whole_parts(other)?.1.rounded(PRECISION)
    }

    pub fn power(&self, other: &Number) -> Result<Number, Refusal> {
        if self.digits.is_zero() && (other.digits.is_zero() || other.negative) {
            return Err(match other.digits.is_zero() {
                true => Refusal::InvalidOperation,
                false => Refusal::DivisionByZero,
            });
        }
        match other.to_int().filter(|_| other.is_whole()) {
            Some(exponent) => self.whole_power(exponent),
            None if self.negative => Err(Refusal::InvalidOperation),
            None if self.digits.is_zero() => Ok(Number::int(0)),
            None => {
                let logarithm = self.logarithm()?.multiplied(other);
                logarithm.exponential()?.rounded(PRECISION)
            }
        }
    }

    pub fn square_root(&self) -> Result<Number, Refusal> {
        if self.digits.is_zero() {
            return Ok(self.at_exponent(self.exponent.div_euclid(2)));
        }
        if self.negative {
            return Err(Refusal::InvalidOperation);
        }
        let half = Number {
            negative: false,
            digits: Digits::parse("5"),
            exponent: -1,
        };
        let mut root = guess(f64::sqrt, self)?;
        for _ in 0..4 {
            root = root.summed(&self.quotient(&root, GUARDED)?);
            root = root.multiplied(&half).rounded(GUARDED)?;
        }
        let root = root.rounded(PRECISION)?.normalized();
        let exact = root.multiplied(&root).compare(self) == Ordering::Equal;
        let ideal = self.exponent.div_euclid(2);
        Ok(match exact {
            true => root.at_exponent(ideal.min(root.exponent)),
            false => root.filled(),
        })
    }

    /// With this exponent, halves going to the even digit.
    pub fn quantized(&self, exponent: i64) -> Result<Number, Refusal> {
        let number = self.at_exponent(exponent);
        match number.digits.len() > PRECISION {
            true => Err(Refusal::InvalidOperation),
            false => Ok(number),
        }
    }

    /// The same with as many digits as the caller asks for; Python does not limit what it prints.
    pub fn at_exponent(&self, exponent: i64) -> Number {
        let mut number = self.clone();
        number.exponent = exponent;
        number.digits = match usize::try_from(exponent - self.exponent) {
            Ok(0) => return number,
            Ok(count) => half_even(&self.digits, count),
            Err(_) => self.at(exponent),
        };
        number
    }

    /// With so many digits at most.
    pub fn rounded(&self, precision: usize) -> Result<Number, Refusal> {
        let mut number = self.clone();
        while number.digits.len() > precision {
            let surplus = number.digits.len() - precision;
            number.digits = half_even(&number.digits, surplus);
            number.exponent += surplus as i64;
        }
        match number.adjusted() > MAX_EXPONENT && !number.digits.is_zero() {
            true => Err(Refusal::Overflow),
            false => Ok(number),
        }
    }

    /// Without zeros at the end: `1.50` and `1.5` are one number.
    pub fn normalized(&self) -> Number {
        if self.digits.is_zero() {
            return Number {
                exponent: 0,
                ..self.clone()
            };
        }
        let zeros = self.digits.to_string();
        let zeros = zeros.len() - zeros.trim_end_matches('0').len();
        let mut number = self.clone();
        if zeros > 0 {
            number.digits = number.digits.cut(zeros).0;
            number.exponent += zeros as i64;
        }
        number
    }

    pub fn signed(&self, negative: bool) -> Number {
        Number {
            negative,
            ..self.clone()
        }
    }

    fn truncated(&self) -> Digits {
        match usize::try_from(self.exponent) {
            Ok(zeros) => self.digits.shifted(zeros),
            Err(_) => self.digits.cut(self.exponent.unsigned_abs() as usize).0,
        }
    }

    /// The digits that this number has with an exponent that is not more than its own.
    fn at(&self, exponent: i64) -> Digits {
        let zeros = usize::try_from(self.exponent - exponent).unwrap_or(0);
        self.digits.shifted(zeros)
    }

    fn summed(&self, other: &Number) -> Number {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.at(exponent), other.at(exponent));
        let (negative, digits) = match (self.negative == other.negative, a.cmp(&b)) {
            (true, _) => (self.negative, a.plus(&b)),
            (false, Ordering::Equal) => (false, Digits::zero()),
            (false, Ordering::Greater) => (self.negative, a.minus(&b)),
            (false, Ordering::Less) => (other.negative, b.minus(&a)),
        };
        Number {
            negative,
            digits,
            exponent,
        }
    }

    fn multiplied(&self, other: &Number) -> Number {
        Number {
            negative: self.negative != other.negative,
            digits: self.digits.times(&other.digits),
            exponent: self.exponent + other.exponent,
        }
    }

    fn check_divisor(&self, divisor: &Number, refusal: Refusal) -> Result<(), Refusal> {
        match (self.digits.is_zero(), divisor.digits.is_zero()) {
            (true, true) => Err(Refusal::DivisionUndefined),
            (false, true) => Err(refusal),
            _ => Ok(()),
        }
    }

    /// An exact quotient keeps the exponent that the two sides give it, as far as that goes.
    fn quotient(&self, by: &Number, precision: usize) -> Result<Number, Refusal> {
        let negative = self.negative != by.negative;
        let ideal = self.exponent - by.exponent;
        if self.digits.is_zero() {
            let zero = Number::int(0).signed(negative);
            return Ok(zero.at_exponent(ideal));
        }
        let shift = by.digits.len() as i64 - self.digits.len() as i64 + precision as i64 + 1;
        let (mut digits, rest) = match usize::try_from(shift) {
            Ok(shift) => self.digits.shifted(shift).divided(&by.digits),
            Err(_) => {
                let by = by.digits.shifted(shift.unsigned_abs() as usize);
                self.digits.divided(&by)
            }
        };
        let mut exponent = ideal - shift;
        if !rest.is_zero() && digits.ones() % 5 == 0 {
            // What follows makes the quotient more than this tie or this round number.
            digits = digits.plus(&Digits::parse("1"));
        }
        while rest.is_zero() && exponent < ideal && digits.ones() == 0 {
            digits = digits.cut(1).0;
            exponent += 1;
        }
        let number = Number {
            negative,
            digits,
            exponent,
        };
        number.rounded(precision)
    }

    /// `(a // b, a % b)`
    fn whole_parts(&self, other: &Number) -> Result<(Number, Number), Refusal> {
        let exponent = self.exponent.min(other.exponent);
        if self.adjusted() - other.adjusted() > PRECISION as i64 {
            return Err(Refusal::DivisionImpossible);
        }
        let (quotient, rest) = self.at(exponent).divided(&other.at(exponent));
        if quotient.len() > PRECISION {
            return Err(Refusal::DivisionImpossible);
        }
        let quotient = Number {
            negative: self.negative != other.negative,
            digits: quotient,
            exponent: 0,
        };
        let rest = Number {
            negative: self.negative,
            digits: rest,
            exponent,
        };
        Ok((quotient, rest))
    }

    /// By squaring; more digits are carried along than the result has.
    fn whole_power(&self, exponent: i128) -> Result<Number, Refusal> {
        let mut power = Number::int(1);
        let mut square = self.clone();
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left % 2 == 1 {
                power = power.multiplied(&square).rounded(GUARDED)?;
            }
            left /= 2;
            if left > 0 {
                square = square.multiplied(&square).rounded(GUARDED)?;
            }
        }
        match exponent < 0 {
            true => Number::int(1).quotient(&power, PRECISION),
            false => power.rounded(PRECISION),
        }
    }

    /// The natural logarithm of a number above zero, by Newton's way from the float's.
    fn logarithm(&self) -> Result<Number, Refusal> {
        let mut logarithm = guess(f64::ln, self)?;
        for _ in 0..3 {
            let power = logarithm.signed(!logarithm.negative).exponential()?;
            let step = self.multiplied(&power).summed(&Number::int(-1));
            logarithm = logarithm.summed(&step).rounded(GUARDED)?;
        }
        Ok(logarithm)
    }

    /// `e` to this power: the series of a small part, squared again.
    fn exponential(&self) -> Result<Number, Refusal> {
        const HALVINGS: u32 = 12;
        if self.adjusted() > 7 {
            return Err(Refusal::Overflow);
        }
        let small = self.quotient(&Number::int(1 << HALVINGS), GUARDED + 16)?;
        let mut term = Number::int(1);
        let mut sum = Number::int(1);
        for n in 1.. {
            term = term
                .multiplied(&small)
                .quotient(&Number::int(n), GUARDED + 16)?;
            if term.digits.is_zero() || term.adjusted() < -(GUARDED as i64 + 16) {
                break;
            }
            sum = sum.summed(&term).rounded(GUARDED + 16)?;
        }
        for _ in 0..HALVINGS {
            sum = sum.multiplied(&sum).rounded(GUARDED + 16)?;
        }
        sum.rounded(GUARDED)
    }

    /// With as many digits as a result may have.
    fn filled(&self) -> Number {
        let zeros = PRECISION.saturating_sub(self.digits.len());
        self.at_exponent(self.exponent - zeros as i64)
    }
}

/// A first value for Newton's way, good to about 15 digits.
fn guess(function: fn(f64) -> f64, number: &Number) -> Result<Number, Refusal> {
    let float = number.to_f64();
    match float.is_normal() {
        true => Ok(Number::float(function(float))),
        false => Err(Refusal::Overflow),
    }
}

fn half_even(digits: &Digits, count: usize) -> Digits {
    let (kept, rest) = digits.cut(count);
    let up = match rest {
        Ordering::Greater => true,
        Ordering::Equal => kept.ones() % 2 == 1,
        Ordering::Less => false,
    };
    match up {
        true => kept.plus(&Digits::parse("1")),
        false => kept,
    }
}
