//! A decimal number as it was written.
//!
//! What is kept is the literal (RFC 8259 section 6) and nothing else, so a number that comes in
//! goes out to the letter. It is compared and hashed by its decimal value, in time that grows
//! with the literal and not with the number: `1e999999999` costs no more than `1`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::BigUint;

/// Exponents with more digits than this are not read, so that sums of exponents fit an `i128`.
pub(super) const EXPONENT_DIGITS: usize = 36;

/// A number of any size and precision, equal to each other spelling of the same value.
#[derive(Debug, Clone)]
pub struct Number(Arc<str>);

impl Number {
    /// Reads a number in the form that JSON has for it: no plus sign, no leading zero, no bare
    /// point, no infinity. Exponents of more than 36 digits are refused.
    pub fn parse(text: &str) -> Option<Self> {
        is_literal(text).then(|| Self(text.into()))
    }

    /// The number as it was written.
    pub fn literal(&self) -> &str {
        &self.0
    }

    /// Whether it has no fraction: `7.0` and `1e3` have none.
    pub fn is_integer(&self) -> bool {
        let parts = self.parts();
        parts.is_zero() || parts.exponent >= 0
    }

    /// How many significant digits there are: two in `0.0250`.
    pub fn digits(&self) -> usize {
        self.parts().length()
    }

    /// How many digits the shortest plain spelling has behind the point: three in `0.0250`.
    pub fn scale(&self) -> u128 {
        let parts = self.parts();
        if parts.is_zero() { 0 } else { parts.exponent.min(0).unsigned_abs() }
    }

    /// The same value as an `i64`, where one holds it exactly.
    pub fn to_i64(&self) -> Option<i64> {
        let parts = self.parts();
        if parts.is_zero() {
            return Some(0);
        }
        if parts.exponent < 0 || parts.magnitude() > 19 {
            return None;
        }
        // At most 19 digits, which an `i128` holds many times over.
        let zeros = u32::try_from(parts.exponent).ok()?;
        let value = parts.bytes().fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let value = value * 10_i128.pow(zeros);
        i64::try_from(if parts.negative { -value } else { value }).ok()
    }

    /// The nearest float, for what only approximates; infinite when it is too large.
    pub fn to_f64_lossy(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Whether this is a whole number of times `factor`; nothing is of zero, but zero itself.
    pub fn is_multiple_of(&self, factor: &Self) -> bool {
        let (parts, factor) = (self.parts(), factor.parts());
        if parts.is_zero() || factor.is_zero() {
            return parts.is_zero();
        }
        // Neither coefficient ends in a zero, so a finer factor is the only one that can fit.
        let Ok(zeros) = u128::try_from(parts.exponent - factor.exponent) else { return false };
        match factor.small() {
            Some(modulus) => parts.residue(zeros, modulus) == 0,
            None => parts.large_residue(zeros, &factor.coefficient()) == BigUint::ZERO,
        }
    }

    /// The shortest number that is nearest to a float and to no other; none for one that is not
    /// finite.
    pub fn nearest(value: f64) -> Option<Self> {
        Self::parse(&format!("{value:?}"))
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        Parts::of(&self.0)
    }
}

/// The parts of a literal that make its value: significant digits without zeros at either end,
/// and the power of ten of the last of them.
#[derive(Clone, Copy)]
pub(super) struct Parts<'n> {
    pub negative: bool,
    before: &'n str,
    behind: &'n str,
    pub exponent: i128,
}

impl<'n> Parts<'n> {
    fn of(literal: &'n str) -> Self {
        let unsigned = literal.strip_prefix('-');
        let negative = unsigned.is_some();
        let unsigned = unsigned.unwrap_or(literal);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = exponent.parse().unwrap_or(0);
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let (before, behind) = match (whole, fraction) {
            (whole, "") => (whole.trim_end_matches('0'), ""),
            ("", fraction) => ("", fraction.trim_start_matches('0')),
            both => both,
        };
        let zeros = if fraction.is_empty() { whole.len() - before.len() } else { 0 };
        let exponent = exponent + signed(zeros) - signed(fraction.len());
        Self { negative, before, behind, exponent }
    }

    pub(super) fn is_zero(self) -> bool {
        self.length() == 0
    }

    pub(super) fn length(self) -> usize {
        self.before.len() + self.behind.len()
    }

    /// Where the first digit stands: 1 for `7`, 3 for `700`, -1 for `0.07`.
    pub(super) fn magnitude(self) -> i128 {
        self.exponent + signed(self.length())
    }

    pub(super) fn bytes(self) -> impl Iterator<Item = u8> + 'n {
        self.before.bytes().chain(self.behind.bytes())
    }

    pub(super) fn coefficient(self) -> BigUint {
        let digits: Vec<u8> = self.bytes().collect();
        BigUint::parse_bytes(&digits, 10).unwrap_or_default()
    }

    fn small(self) -> Option<u64> {
        if self.length() > 19 {
            return None;
        }
        let digits = self.bytes().fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
        u64::try_from(digits).ok()
    }

    /// The digits, with so many zeros behind them, modulo a number.
    fn residue(self, zeros: u128, modulus: u64) -> u128 {
        let modulus = u128::from(modulus);
        let digits = self.bytes().map(|digit| u128::from(digit - b'0'));
        let mut residue = digits.fold(0, |residue, digit| (residue * 10 + digit) % modulus);
        let (mut base, mut left) = (10 % modulus, zeros);
        while left > 0 {
            if left % 2 == 1 {
                residue = residue * base % modulus;
            }
            base = base * base % modulus;
            left /= 2;
        }
        residue
    }

    fn large_residue(self, zeros: u128, modulus: &BigUint) -> BigUint {
        let digits: Vec<u8> = self.bytes().collect();
        // Step by step, because reading a number of a million digits takes their square.
        let digits = digits.chunks(18).fold(BigUint::ZERO, |residue, chunk| {
            let value = chunk.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
            let places = u32::try_from(chunk.len()).unwrap_or(0);
            (residue * 10_u64.pow(places) + value) % modulus
        });
        digits * BigUint::from(10_u8).modpow(&BigUint::from(zeros), modulus) % modulus
    }

    fn compare(self, other: Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => {
                return if other.negative { Ordering::Greater } else { Ordering::Less };
            }
            (false, true) => return if self.negative { Ordering::Less } else { Ordering::Greater },
            (false, false) => {}
        }
        if self.negative != other.negative {
            return if self.negative { Ordering::Less } else { Ordering::Greater };
        }
        let by_size = self.magnitude().cmp(&other.magnitude());
        let by_size = by_size.then_with(|| self.bytes().cmp(other.bytes()));
        if self.negative { by_size.reverse() } else { by_size }
    }
}

/// Lengths of texts that are in memory.
pub(super) fn signed(length: usize) -> i128 {
    i128::try_from(length).unwrap_or(i128::MAX)
}

fn is_literal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = |exponent: &str| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        are_digits(digits) && digits.trim_start_matches('0').len() <= EXPONENT_DIGITS
    };
    are_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(are_digits)
        && exponent.is_none_or(fits)
}

/// The decimal digits of a whole number that is written to another base. Reading takes the square
/// of the length, so that is bounded.
pub(super) fn in_radix(digits: &str, radix: u32) -> Option<String> {
    let are_digits = digits.chars().all(|digit| digit.is_digit(radix)) && digits.len() < 10_000;
    let number = BigUint::parse_bytes(digits.as_bytes(), radix).filter(|_| are_digits)?;
    Some(number.to_string())
}

/// The same number as JSON writes it, of what is one but for a plus sign, leading zeros, or a
/// point without digits on one side.
pub(super) fn as_json(text: &str) -> Option<String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let at = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(at);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.starts_with(['+', '-']) {
        return None;
    }
    let digits = whole.trim_start_matches('0');
    // What is no digit stays, and is refused by whoever reads this.
    let whole = if digits.is_empty() { "0" } else { digits };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().compare(other.parts())
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let parts = self.parts();
        (parts.negative && !parts.is_zero()).hash(state);
        if !parts.is_zero() {
            parts.magnitude().hash(state);
            parts.bytes().for_each(|digit| digit.hash(state));
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string().into())
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        Self::parse(text).ok_or(NotANumber)
    }
}

/// A text is not a number in the form that JSON has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANumber;

impl fmt::Display for NotANumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a number as JSON writes it")
    }
}

impl std::error::Error for NotANumber {}

/// As it was written.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The library's own number rewrites exponents.
        serde_json::value::RawValue::from_string(self.0.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}
