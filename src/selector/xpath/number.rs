//! Numbers and how they are written (XPath 1.0 sections 3.5, 4.2 and 4.4).

use super::token::is_space;

/// The number that a text is, or NaN (section 4.4): no sign but `-`, no exponent.
pub(super) fn parse(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    // Rust reads digits with one point and takes no point alone, as XPath does.
    if is_number { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// A number as a text (section 4.2): as many digits as tell it from others, and no exponent.
pub(super) fn written(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    }
}

/// The nearest whole number, of two the greater one (section 4.4).
pub(super) fn round(number: f64) -> f64 {
    let floor = number.floor();
    // Adding a half before would round what is just below it up.
    let rounded = if number - floor >= 0.5 { floor + 1.0 } else { floor };
    if rounded == 0.0 { rounded.copysign(number) } else { rounded }
}

/// How many there are.
pub(super) fn of(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
