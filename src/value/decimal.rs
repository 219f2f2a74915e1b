//! Arithmetic with decimal numbers: exact, or refused.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::{BigInt, BigUint, Sign};

use super::number::{Number, signed};

/// How many significant digits an operand or a result may have.
const DIGITS: u64 = 1_000;

/// How many significant digits a quotient has that does not end (as in IEEE 754 decimal128).
const QUOTIENT_DIGITS: i128 = 34;

/// Up to this many digits a whole number is written without an exponent.
const PLAIN_DIGITS: i128 = 60;

/// A decimal number to calculate with: `coefficient * 10^exponent`.
///
/// Results are exact, but for quotients that do not end, which have 34 significant digits. They
/// are written in their shortest form: `1.50 + 1.50` is `3`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    /// Without zeros at its end, so that equal numbers have equal parts.
    coefficient: BigInt,
    exponent: i128,
}

/// Why a calculation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithmeticError {
    /// The divisor is zero, or zero is raised to a negative power.
    DivisionByZero,
    /// An operand or the exact result has too many digits.
    TooManyDigits,
    /// The exponent of a power is not a whole number.
    FractionalPower,
}

impl fmt::Display for ArithmeticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::TooManyDigits => write!(f, "the number has more than {DIGITS} digits"),
            Self::FractionalPower => f.write_str("the exponent of a power must be a whole number"),
        }
    }
}

impl std::error::Error for ArithmeticError {}

type Result<T = Decimal> = std::result::Result<T, ArithmeticError>;

impl Decimal {
    /// Zero.
    pub fn zero() -> Self {
        Self { coefficient: BigInt::ZERO, exponent: 0 }
    }

    fn new(coefficient: BigInt, exponent: i128) -> Result {
        if coefficient.sign() == Sign::NoSign {
            return Ok(Self::zero());
        }
        if coefficient.bits() > bits(2 * DIGITS + 2) {
            return Err(ArithmeticError::TooManyDigits);
        }
        let (sign, text) = (coefficient.sign(), coefficient.magnitude().to_string());
        let digits = text.trim_end_matches('0');
        if digits.len() as u64 > DIGITS || exponent.unsigned_abs() > 10_u128.pow(36) {
            return Err(ArithmeticError::TooManyDigits);
        }
        let zeros = text.len() - digits.len();
        let coefficient = match zeros {
            0 => coefficient,
            _ => BigInt::from_biguint(sign, digits.parse().unwrap_or_default()),
        };
        Ok(Self { coefficient, exponent: exponent + signed(zeros) })
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.coefficient.sign() == Sign::NoSign
    }

    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        self.coefficient.sign() == Sign::Minus
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        let coefficient = BigInt::from(self.coefficient.magnitude().clone());
        Self { coefficient, exponent: self.exponent }
    }

    /// With the other sign.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self { coefficient: -self.coefficient.clone(), exponent: self.exponent }
    }

    /// The sum.
    pub fn add(&self, other: &Self) -> Result {
        let (one, two, exponent) = self.aligned(other)?;
        Self::new(one + two, exponent)
    }

    /// The difference.
    pub fn subtract(&self, other: &Self) -> Result {
        self.add(&other.negate())
    }

    /// The product.
    pub fn multiply(&self, other: &Self) -> Result {
        Self::new(&self.coefficient * &other.coefficient, self.exponent + other.exponent)
    }

    /// The quotient: exact where it ends within 34 significant digits or is a whole number. Else it
    /// is rounded to them, or to a whole number where that has more, a half to the even digit.
    pub fn divide(&self, divisor: &Self) -> Result {
        if divisor.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        let (one, two) = (self.coefficient.magnitude(), divisor.coefficient.magnitude());
        let difference = self.exponent - divisor.exponent;
        // Digits of the whole part of the quotient, which are kept however many they are.
        let whole = (signed(length(one)) - signed(length(two)) + 1 + difference).max(0);
        let wanted = QUOTIENT_DIGITS.max(whole.min(i128::from(DIGITS)));
        let mut zeros = (wanted + signed(length(two)) - signed(length(one))).max(0);
        let dividend = shifted(one, zeros)?;
        let (mut quotient, rest) = (&dividend / two, dividend % two);
        if rest != BigUint::ZERO {
            let digits = signed(length(&quotient));
            let kept = QUOTIENT_DIGITS.max(digits - (zeros - difference)).min(digits);
            let surplus = shifted(&BigUint::from(1_u8), digits - kept)?;
            // What is left out, in parts of a digit.
            let left_out = (&quotient % &surplus) * two + rest;
            quotient /= &surplus;
            let up = match (left_out * 2_u8).cmp(&(surplus * two)) {
                Ordering::Less => false,
                Ordering::Greater => true,
                Ordering::Equal => quotient.bit(0),
            };
            quotient += u8::from(up);
            zeros -= digits - kept;
        }
        let negative = self.is_negative() != divisor.is_negative();
        let sign = if negative { Sign::Minus } else { Sign::Plus };
        Self::new(BigInt::from_biguint(sign, quotient), difference - zeros)
    }

    /// The greatest whole number that is not above the quotient: `-7 // 2` is `-4`.
    pub fn floor_divide(&self, divisor: &Self) -> Result {
        let rest = self.remainder(divisor)?;
        let whole = self.subtract(&rest)?;
        // Divided exactly: what is left is a multiple.
        let (one, two, _) = whole.aligned(divisor)?;
        Self::new(one / two, 0)
    }

    /// What is left of a division to the greatest whole number below; it has the sign of the
    /// divisor, as in Python: `-7 % 2` is `1`.
    pub fn remainder(&self, divisor: &Self) -> Result {
        if divisor.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        let difference = self.exponent - divisor.exponent;
        let (rest, exponent) = if difference >= 0 {
            let modulus = divisor.coefficient.magnitude();
            let zeros = BigUint::from(difference.unsigned_abs());
            let zeros = BigUint::from(10_u8).modpow(&zeros, modulus);
            (self.coefficient.magnitude() * zeros % modulus, divisor.exponent)
        } else if -difference > i128::from(DIGITS) {
            // The divisor is larger than any number of so many digits.
            (self.coefficient.magnitude().clone(), self.exponent)
        } else {
            let modulus = shifted(divisor.coefficient.magnitude(), -difference)?;
            (self.coefficient.magnitude() % modulus, self.exponent)
        };
        let sign = if self.is_negative() { Sign::Minus } else { Sign::Plus };
        let rest = Self::new(BigInt::from_biguint(sign, rest), exponent)?;
        if rest.is_zero() || rest.is_negative() == divisor.is_negative() {
            Ok(rest)
        } else {
            rest.add(divisor)
        }
    }

    /// A power with a whole exponent.
    pub fn power(&self, exponent: &Self) -> Result {
        if !exponent.is_integer() {
            return Err(ArithmeticError::FractionalPower);
        }
        if exponent.is_negative() {
            let one = Self { coefficient: BigInt::from(1), exponent: 0 };
            return one.divide(&self.power(&exponent.negate())?);
        }
        if exponent.is_zero() {
            return Ok(Self { coefficient: BigInt::from(1), exponent: 0 });
        }
        if self.is_zero() {
            return Ok(Self::zero());
        }
        let is_even = exponent.exponent > 0 || !exponent.coefficient.bit(0);
        let is_one = self.coefficient.magnitude() == &BigUint::from(1_u8);
        let whole = exponent.to_i128();
        let scale = match whole {
            _ if self.exponent == 0 => Some(0),
            Some(times) => self.exponent.checked_mul(times),
            None => None,
        };
        let scale = scale.ok_or(ArithmeticError::TooManyDigits)?;
        if is_one {
            let sign = if self.is_negative() && !is_even { -1 } else { 1 };
            return Self::new(BigInt::from(sign), scale);
        }
        let times = whole.and_then(|times| u32::try_from(times).ok());
        let times = times.ok_or(ArithmeticError::TooManyDigits)?;
        if (self.coefficient.bits() - 1).saturating_mul(u64::from(times)) > bits(DIGITS) {
            return Err(ArithmeticError::TooManyDigits);
        }
        Self::new(self.coefficient.pow(times), scale)
    }

    /// Rounded to so many digits behind the point (before it, when negative), a half away from
    /// zero.
    pub fn round(&self, places: i64) -> Result {
        let surplus = -(self.exponent + i128::from(places));
        if surplus <= 0 {
            return Ok(self.clone());
        }
        if surplus > signed(length(self.coefficient.magnitude())) {
            return Ok(Self::zero());
        }
        let unit = shifted(&BigUint::from(1_u8), surplus)?;
        let rounded = (self.coefficient.magnitude() + &unit / 2_u8) / unit;
        let coefficient = BigInt::from_biguint(self.coefficient.sign(), rounded);
        Self::new(coefficient, self.exponent + surplus)
    }

    /// Without its fraction.
    pub fn truncate(&self) -> Result {
        if self.is_integer() {
            return Ok(self.clone());
        }
        let surplus = -self.exponent;
        if surplus > signed(length(self.coefficient.magnitude())) {
            return Ok(Self::zero());
        }
        let unit = shifted(&BigUint::from(1_u8), surplus)?;
        let whole = self.coefficient.magnitude() / unit;
        Self::new(BigInt::from_biguint(self.coefficient.sign(), whole), 0)
    }

    /// The same value as an `i64`, where one holds it exactly.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_i128().and_then(|value| i64::try_from(value).ok())
    }

    fn to_i128(&self) -> Option<i128> {
        let power = 10_i128.checked_pow(u32::try_from(self.exponent).ok()?)?;
        i128::try_from(&self.coefficient).ok()?.checked_mul(power)
    }

    /// Both coefficients at one exponent.
    fn aligned(&self, other: &Self) -> Result<(BigInt, BigInt, i128)> {
        // Zero is at home at each exponent.
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            _ => self.exponent.min(other.exponent),
        };
        let at = |number: &Self| -> Result<BigInt> {
            if number.is_zero() {
                return Ok(BigInt::ZERO);
            }
            let digits = shifted(number.coefficient.magnitude(), number.exponent - exponent)?;
            Ok(BigInt::from_biguint(number.coefficient.sign(), digits))
        };
        Ok((at(self)?, at(other)?, exponent))
    }
}

/// The bits of a number of so many digits, and a few more.
fn bits(digits: u64) -> u64 {
    digits * 10 / 3 + 4
}

fn length(digits: &BigUint) -> usize {
    digits.to_string().len()
}

/// The digits with so many zeros behind them.
fn shifted(digits: &BigUint, zeros: i128) -> Result<BigUint> {
    let zeros = u32::try_from(zeros).ok().filter(|zeros| u64::from(*zeros) <= 2 * DIGITS);
    let zeros = zeros.ok_or(ArithmeticError::TooManyDigits)?;
    Ok(digits * BigUint::from(10_u8).pow(zeros))
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        Number::from(self).cmp(&Number::from(other))
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        // Nineteen digits are within every bound.
        Self::new(BigInt::from(value), 0).unwrap_or_else(|_| Self::zero())
    }
}

impl TryFrom<&Number> for Decimal {
    type Error = ArithmeticError;

    fn try_from(number: &Number) -> Result {
        let parts = number.parts();
        if parts.length() as u64 > DIGITS {
            return Err(ArithmeticError::TooManyDigits);
        }
        let sign = if parts.negative { Sign::Minus } else { Sign::Plus };
        Self::new(BigInt::from_biguint(sign, parts.coefficient()), parts.exponent)
    }
}

/// The shortest form: plain, or with an exponent when that would have many zeros.
impl From<&Decimal> for Number {
    fn from(decimal: &Decimal) -> Self {
        Self::parse(&decimal.to_string()).unwrap_or_else(|| Self::from(0))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = self.coefficient.magnitude().to_string();
        let point = signed(digits.len()) + self.exponent;
        if self.exponent >= 0 && point <= PLAIN_DIGITS {
            let zeros = "0".repeat(usize::try_from(self.exponent).unwrap_or(0));
            write!(f, "{sign}{digits}{zeros}")
        } else if self.exponent < 0 && point > 0 {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            write!(f, "{sign}{whole}.{fraction}")
        } else if self.exponent < 0 && point > -PLAIN_DIGITS / 6 {
            let zeros = "0".repeat(usize::try_from(-point).unwrap_or(0));
            write!(f, "{sign}0.{zeros}{digits}")
        } else {
            let (first, more) = digits.split_at(1);
            let dot = if more.is_empty() { "" } else { "." };
            write!(f, "{sign}{first}{dot}{more}e{}", point - 1)
        }
    }
}
