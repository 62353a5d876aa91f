//! Whole numbers from 0 of any length, digit by digit: what decimals count with.

use std::cmp::Ordering;
use std::fmt;

/// The most significant digit comes first, without zeros before it; zero is a single 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits(Vec<u8>);

impl Digits {
    pub fn zero() -> Self {
        Digits(vec![0])
    }

    /// Reads ASCII digits; anything else in the text is passed over.
    pub fn parse(text: &str) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit);
        Digits(digits.map(|digit| digit - b'0').collect()).trimmed()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_zero(&self) -> bool {
        self.0 == [0]
    }

    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }

    /// The last digit.
    pub fn ones(&self) -> u8 {
        self.0.last().copied().unwrap_or(0)
    }

    /// `None` beyond 128 bits.
    pub fn to_u128(&self) -> Option<u128> {
        self.0.iter().try_fold(0u128, |number, digit| {
            number.checked_mul(10)?.checked_add(u128::from(*digit))
        })
    }

    pub fn plus(&self, other: &Digits) -> Digits {
        let mut carry = 0;
        self.paired(other, |a, b| {
            let sum = a + b + carry;
            carry = sum / 10;
            sum % 10
        })
    }

    /// `self - other`, which must not be more than `self`.
    pub fn minus(&self, other: &Digits) -> Digits {
        let mut borrow = 0;
        self.paired(other, |a, b| {
            let (a, b) = (a + 10 - borrow, b);
            borrow = u8::from(a < b + 10);
            (a - b) % 10
        })
    }

    pub fn times(&self, other: &Digits) -> Digits {
        let mut sums = vec![0u32; self.len() + other.len()];
        for (i, a) in self.0.iter().rev().enumerate() {
            for (j, b) in other.0.iter().rev().enumerate() {
                sums[i + j] += u32::from(a * b);
            }
        }
        let mut carry = 0;
        let mut digits: Vec<u8> = Vec::with_capacity(sums.len());
        for sum in sums {
            carry += sum;
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
        digits.reverse();
        Digits(digits).trimmed()
    }

    /// Quotient and remainder; the divisor is not zero.
    pub fn divided(&self, by: &Digits) -> (Digits, Digits) {
        let mut rest = Digits::zero();
        let mut quotient = Vec::with_capacity(self.len());
        for digit in self.iter() {
            rest = Digits([rest.0, vec![digit]].concat()).trimmed();
            let mut times = 0;
            while rest >= *by {
                rest = rest.minus(by);
                times += 1;
            }
            quotient.push(times);
        }
        (Digits(quotient).trimmed(), rest)
    }

    /// Times ten to the power of `zeros`.
    pub fn shifted(&self, zeros: usize) -> Digits {
        let mut digits = self.0.clone();
        digits.resize(self.len() + zeros, 0);
        Digits(digits).trimmed()
    }

    /// Without the last `count` digits, and how these compare with half a step of what is left.
    pub fn cut(&self, count: usize) -> (Digits, Ordering) {
        let kept = self.len().saturating_sub(count);
        let dropped = &self.0[kept..];
        let zeros = count - dropped.len();
        let mut half = vec![0; count];
        half[0] = 5;
        let tail = [vec![0; zeros], dropped.to_vec()].concat();
        (Digits(self.0[..kept].to_vec()).trimmed(), tail.cmp(&half))
    }

    /// Digit by digit from the end; the shorter number counts as filled with zeros.
    fn paired(&self, other: &Digits, mut step: impl FnMut(u8, u8) -> u8) -> Digits {
        let len = self.len().max(other.len()) + 1;
        let zeros = std::iter::repeat(&0);
        let pairs = (self.0.iter().rev().chain(zeros.clone()))
            .zip(other.0.iter().rev().chain(zeros))
            .take(len);
        let mut digits: Vec<u8> = pairs.map(|(a, b)| step(*a, *b)).collect();
        digits.reverse();
        Digits(digits).trimmed()
    }

    fn trimmed(mut self) -> Digits {
        let zeros = self.0.iter().take_while(|digit| **digit == 0).count();
        self.0.drain(..zeros.min(self.0.len().saturating_sub(1)));
        if self.0.is_empty() {
            self.0.push(0);
        }
        self
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.len().cmp(&other.len());
        by_length.then_with(|| self.0.cmp(&other.0))
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_reckoned_by_digits() {
        let n = Digits::parse;
        assert_eq!(n("999").plus(&n("1")), n("1000"));
        assert_eq!(n("1000").minus(&n("1")), n("999"));
        assert_eq!(n("50").minus(&n("50")), Digits::zero());
        assert_eq!(n("999").times(&n("999")), n("998001"));
        assert_eq!(n("1000").divided(&n("7")), (n("142"), n("6")));
        assert_eq!(n("3").divided(&n("7")), (n("0"), n("3")));
        assert_eq!(n("125").cut(1), (n("12"), Ordering::Equal));
        assert_eq!(n("6").cut(1), (n("0"), Ordering::Greater));
        assert_eq!(n("6").cut(2), (n("0"), Ordering::Less));
        assert_eq!(n("0007").to_string(), "7");
    }
}
