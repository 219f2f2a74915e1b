//! Dates and times as RFC 3339 section 5.6 has them.

/// A date and time; the offset may be missing, as vendors write local times.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    let Some(time) = rest.strip_prefix(['T', 't', ' ']) else { return false };
    is_date(date) && is_time_of(time, true)
}

/// A time of day with its offset.
pub(super) fn is_time(text: &str) -> bool {
    is_time_of(text, false)
}

/// A time of day, with a fraction of a second or without.
fn is_time_of(text: &str, may_be_local: bool) -> bool {
    let Some((time, rest)) = text.split_at_checked(8) else { return false };
    let Some(time) = clock_time(time) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let behind = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if behind.len() == fraction.len() {
                return false;
            }
            behind
        }
        None => rest,
    };
    let offset = match rest {
        "" if may_be_local => None,
        "Z" | "z" => Some(0),
        other => match offset(other) {
            Some(minutes) => Some(minutes),
            None => return false,
        },
    };
    is_possible(time, offset)
}

/// A date of the years 0000 to 9999.
pub(super) fn is_date(text: &str) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return false };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let parts = (number(&[y1, y2, y3, y4]), number(&[m1, m2]), number(&[d1, d2]));
    let (Some(year), Some(month), Some(day)) = parts else { return false };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Hours, minutes and seconds of `12:59:60`.
fn clock_time(text: &str) -> Option<(i32, i32, i32)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = *text.as_bytes() else { return None };
    let time = (two_digits(h1, h2)?, two_digits(m1, m2)?, two_digits(s1, s2)?);
    (time.0 <= 23 && time.1 <= 59 && time.2 <= 60).then_some(time)
}

/// The minutes of `+02:00`.
fn offset(text: &str) -> Option<i32> {
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = *text.as_bytes() else { return None };
    let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
    let minutes = (hours <= 23 && minutes <= 59).then_some(hours * 60 + minutes)?;
    Some(if sign == b'-' { -minutes } else { minutes })
}

fn two_digits(tens: u8, ones: u8) -> Option<i32> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// A leap second comes at the end of a day in UTC.
fn is_possible((hours, minutes, seconds): (i32, i32, i32), offset: Option<i32>) -> bool {
    let in_utc = (hours * 60 + minutes - offset.unwrap_or(0)).rem_euclid(24 * 60);
    seconds < 60 || in_utc == 24 * 60 - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rfc_3339_has_is_a_date_time_and_nothing_else() {
        for text in [
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.9999999Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00",
            "2024-02-29T12:00:00+23:59",
            "1998-12-31T23:59:60Z",
            "1998-12-31T15:59:60.123-08:00",
            "1998-12-31T23:59:60",
            "1963-06-19t08:30:06.283185z",
            "1963-06-19 08:30:06Z",
            "1985-04-12T00:59:59.999999999999999Z",
            "2024-11-21T06:24:04.0980817+00:00",
            "2000-02-29T00:00:00-00:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T00:00:00+00:60",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:61Z",
            "1998-12-31T22:59:60Z",
            "1998-12-31T23:59:60+01:00",
            "1900-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00,5Z",
            "2024-01-01T00:00Z",
            "2024-01-01T00:00:00+01",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00ZZ",
            "2024-01-01T00:00:00Z[UTC]",
            "2024-01-01",
            "20240101T000000Z",
            "+2024-01-01T00:00:00Z",
            "2024-W01-1T00:00:00Z",
            "1963-06-1\u{9EA}T00:00:00Z",
            "",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
