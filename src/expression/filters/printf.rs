//! The filter `format`: a text with places such as `%05d` and `%s`.

use super::{Call, Outcome};
use crate::expression::cost::Fault;
use crate::expression::numbers;
use crate::expression::operators::text_of;
use crate::value::Decimal;

/// How one place is written.
#[derive(Default)]
struct Place {
    left: bool,
    zeros: bool,
    /// What stands before a number that is not negative: nothing, `+` or a space.
    sign: &'static str,
    width: usize,
    precision: Option<usize>,
}

impl Place {
    /// With what has to stand before and behind to be as wide as asked for.
    fn padded(&self, sign: &str, text: &str, numeric: bool, out: &mut String) {
        let fill = self.width.saturating_sub(sign.chars().count() + text.chars().count());
        let fill = |with: char| std::iter::repeat_n(with, fill);
        if self.left {
            out.push_str(sign);
            out.push_str(text);
            out.extend(fill(' '));
        } else if self.zeros && numeric {
            out.push_str(sign);
            out.extend(fill('0'));
            out.push_str(text);
        } else {
            out.extend(fill(' '));
            out.push_str(sign);
            out.push_str(text);
        }
    }
}

pub(super) fn format(call: &mut Call<'_>) -> Outcome {
    /// A place is at most so wide.
    const WIDEST: usize = 10_000;
    let pattern = call.text()?;
    let mut arguments = call.arguments.iter().map(|held| held.as_ref()?.as_deref());
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut place = Place::default();
        while let Some(flag) = chars.next_if(|c| matches!(c, '-' | '0' | '+' | ' ' | '#')) {
            match flag {
                '-' => place.left = true,
                '0' => place.zeros = true,
                '+' => place.sign = "+",
                ' ' if place.sign.is_empty() => place.sign = " ",
                _ => {}
            }
        }
        let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut number = 0_usize;
            while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                number = number.saturating_mul(10).saturating_add(digit as usize);
                chars.next();
            }
            number
        };
        place.width = number(&mut chars);
        if chars.next_if_eq(&'.').is_some() {
            place.precision = Some(number(&mut chars));
        }
        if place.width.max(place.precision.unwrap_or(0)) > WIDEST {
            return Err(Fault::misfit("a place is at most 10000 wide"));
        }
        call.budget.spend_text(place.width)?;
        let conversion = chars.next();
        if conversion == Some('%') {
            out.push('%');
            continue;
        }
        let argument = arguments.next().ok_or_else(|| Fault::misfit("too few values"))?;
        match conversion {
            Some('s') => {
                let text = text_of(argument, call.budget)?;
                let most = place.precision.unwrap_or(usize::MAX);
                place.padded("", &text.chars().take(most).collect::<String>(), false, &mut out);
            }
            Some(conversion @ ('d' | 'i' | 'u' | 'x' | 'X' | 'o' | 'f' | 'F')) => {
                let unfit = || Fault::misfit("a value that is not a number");
                let number = argument.and_then(numbers::decimal).ok_or_else(unfit)??;
                let sign = if number.is_negative() { "-" } else { place.sign };
                let text = digits(&number.abs(), conversion, place.precision)?;
                place.padded(sign, &text, true, &mut out);
            }
            Some(other) => {
                let places = "%s, %d, %i, %u, %x, %X, %o, %f, %F and %%";
                return Err(Fault::misfit(format!("there is no %{other}; there are {places}")));
            }
            None => return Err(Fault::misfit("a `%` at the end; the character itself is `%%`")),
        }
    }
    if arguments.next().is_some() {
        return Err(Fault::misfit("more values than places"));
    }
    Ok(Some(out.into()))
}

/// The digits of a number that is not negative.
fn digits(number: &Decimal, conversion: char, precision: Option<usize>) -> Result<String, Fault> {
    let unfit = |error: crate::value::ArithmeticError| Fault::misfit(error.to_string());
    if matches!(conversion, 'f' | 'F') {
        let places = precision.unwrap_or(6);
        let shifted = Decimal::from(10)
            .power(&Decimal::from(i64::try_from(places).unwrap_or(0)))
            .and_then(|unit| number.multiply(&unit))
            .and_then(|number| number.round(0))
            .map_err(unfit)?;
        let mut digits = plain(&shifted)?;
        if digits.len() <= places {
            digits.insert_str(0, &"0".repeat(places + 1 - digits.len()));
        }
        if places > 0 {
            digits.insert(digits.len() - places, '.');
        }
        return Ok(digits);
    }
    let whole = number.truncate().map_err(unfit)?;
    let text = match conversion {
        'x' | 'X' | 'o' => {
            let number: u128 = plain(&whole)?
                .parse()
                .map_err(|_| Fault::misfit("a number of more than 128 bits"))?;
            match conversion {
                'x' => format!("{number:x}"),
                'X' => format!("{number:X}"),
                _ => format!("{number:o}"),
            }
        }
        _ => plain(&whole)?,
    };
    let least = precision.unwrap_or(0);
    Ok("0".repeat(least.saturating_sub(text.len())) + &text)
}

/// A whole number without an exponent.
fn plain(number: &Decimal) -> Result<String, Fault> {
    const LONGEST: usize = 10_000;
    let text = number.to_string();
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return Ok(text) };
    let zeros = exponent.trim_start_matches('+').parse().unwrap_or(usize::MAX);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    match zeros.checked_sub(fraction.len()) {
        Some(zeros) if zeros <= LONGEST => Ok(format!("{whole}{fraction}{}", "0".repeat(zeros))),
        _ => Err(Fault::misfit("a number with too many digits")),
    }
}
