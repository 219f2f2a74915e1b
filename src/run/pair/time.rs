//! Times in answers, as texts of several formats and as numbers.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

/// One time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    /// In milliseconds since 1970; a text without a zone is in UTC.
    pub(super) instant: i64,
    /// The clock on the wall: the same, without regard to the zone.
    pub(super) wall: i64,
    /// Whether it is a day without a time.
    pub(super) is_day: bool,
    /// How long it takes until it is written otherwise, in milliseconds: a second where fractions
    /// are.
    pub(super) step: i64,
    /// How it is written: the text without its digits and names.
    format: String,
}

/// In milliseconds.
pub(super) const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
const SECOND: i64 = 1_000;

/// All formats that are known, each with names for its parts.
const FORMATS: [&str; 4] = [
    r"^/Date\((?<epoch>-?\d{1,15})(?:[+-]\d{4})?\)/$",
    r"^[A-Z][a-z]{2}, (?<day>\d\d) (?<name>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$",
    r"^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d+))?)?(?:Z|(?<zone>[+-]\d\d:?\d\d))?)?$",
    r"^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4})(?: (?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d))?(?: (?<half>[AP]M))?)?$",
];

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Time {
    /// The time that a whole text is.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        static PATTERNS: LazyLock<Vec<Regex>> =
            LazyLock::new(|| FORMATS.iter().flat_map(|format| Regex::new(format)).collect());
        let first = *text.as_bytes().first()?;
        // Most texts are none.
        if text.len() > 64 || !(first.is_ascii_digit() || first == b'/' || text.contains(" GMT")) {
            return None;
        }
        let found = PATTERNS.iter().find_map(|pattern| pattern.captures(text))?;
        let (instant, wall) = match found.name("epoch") {
            Some(epoch) => epoch.as_str().parse().map(|instant| (instant, instant)).ok()?,
            None => of_parts(&found)?,
        };
        let is_day = found.name("epoch").is_none() && found.name("hour").is_none();
        let step = match found.name("epoch").or(found.name("second")) {
            Some(_) => SECOND,
            None if is_day => DAY,
            None => MINUTE,
        };
        Some(Self { instant, wall, is_day, step, format: format_of(text) })
    }

    /// The time that a number tells in a member that is a time by its name: ten digits are seconds
    /// since 1970, thirteen are milliseconds, from 2001 to 2099.
    pub(super) fn of_number(text: &str, field: &str) -> Option<Self> {
        let number: i64 = text.parse().ok()?;
        let instant = match text.len() {
            10 => number.checked_mul(1000)?,
            13 => number,
            _ => return None,
        };
        let known = (1_000_000_000_000..4_102_444_800_000).contains(&instant);
        let format = text.len().to_string();
        (known && is_time(field)).then_some(Self {
            instant,
            wall: instant,
            is_day: false,
            step: SECOND,
            format,
        })
    }

    /// Whether both are written in one format.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.format == other.format
    }
}

/// Whether a member is a time by its name.
fn is_time(field: &str) -> bool {
    let field = field.to_lowercase();
    let parts = ["time", "date", "creat", "updat", "modif", "expir", "stamp", "since", "until"];
    let names = ["iat", "exp", "nbf", "ts", "at", "start", "end", "now"];
    parts.iter().any(|part| field.contains(part))
        || names.contains(&&*field)
        || field.ends_with("_at")
}

/// The instant and the time on the wall; nothing for a day that no calendar has.
fn of_parts(found: &Captures<'_>) -> Option<(i64, i64)> {
    let number = |name: &str| -> Option<i64> { found.name(name)?.as_str().parse().ok() };
    let part = |name: &str, most: i64| number(name).or(Some(0)).filter(|number| *number <= most);
    let month = match found.name("name") {
        Some(name) => {
            let at = MONTHS.iter().position(|month| *month == name.as_str())?;
            i64::try_from(at).ok()? + 1
        }
        None => number("month")?,
    };
    let (year, day) = (number("year")?, number("day")?);
    let days = days_since_1970(year, month, day)?;
    let (minute, second) = (part("minute", 59)?, part("second", 60)?);
    let hour = match (part("hour", 24)?, found.name("half").map(|half| half.as_str())) {
        (12, Some("AM")) => 0,
        (hour @ ..12, Some("PM")) => hour + 12,
        (hour, _) => hour,
    };
    let fraction = found.name("fraction").map_or("", |fraction| fraction.as_str());
    let milliseconds: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let wall = days * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
    let zone = found.name("zone").map_or(0, |zone| zone_of(zone.as_str()));
    Some((wall - zone, wall))
}

/// How far a zone such as `+01:00` is ahead, in milliseconds.
fn zone_of(zone: &str) -> i64 {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().unwrap_or_default();
    let minutes = number / 100 * 60 + number % 100;
    if zone.starts_with('-') { minutes * -60_000 } else { minutes * 60_000 }
}

/// The days from 1970-01-01 on, in the Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // A year that begins in March has its leap day at its end.
    let year = if month > 2 { year } else { year - 1 };
    let since_march = (month + 9) % 12;
    let of_year = (153 * since_march + 2) / 5 + day - 1;
    let century = year.div_euclid(400);
    let of_century = year.rem_euclid(400);
    let days = of_century * 365 + of_century / 4 - of_century / 100 + of_year;
    Some(century * 146_097 + days - 719_468)
}

/// A time without its digits and names. Where a format gives a number one digit or two, and in
/// fractions, which may come without the zeros at their end, the digits are not counted.
fn format_of(time: &str) -> String {
    let counted = !time.contains('/');
    let mut format = String::new();
    let mut in_fraction = false;
    for character in time.chars() {
        let sign = match character {
            '0'..='9' => '9',
            'T' | 'Z' if counted => character,
            letter if letter.is_ascii_alphabetic() => 'A',
            '+' | '-' if format.len() > 10 => '+',
            other => other,
        };
        let repeated = sign == '9' && format.ends_with('9');
        if !(repeated && (in_fraction || !counted)) {
            format.push(sign);
        }
        in_fraction = sign == '.' || in_fraction && sign == '9';
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_of_one_format_or_they_are_not() {
        for (left, right, expected) in [
            ("2026-01-02T03:04:05Z", "2025-11-12T13:14:15Z", true),
            ("2026-01-02T03:04:05.1234567+01:00", "2025-11-12T13:14:15.12-02:00", true),
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", false),
            ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05", false),
            ("2026-01-02 03:04:05.0", "2026-01-02 03:04:05.5", true),
            ("2026-01-02", "1999-12-31", true),
            ("1/2/2026 3:04:05 AM", "12/31/2025 11:04:05 PM", true),
            ("/Date(1700000000000)/", "/Date(999)/", true),
            ("Fri, 02 Jan 2026 03:04:05 GMT", "Sat, 13 Feb 2027 03:04:05 GMT", true),
        ] {
            let [ours, theirs] = [left, right].map(|text| Time::of_text(text).unwrap());
            assert_eq!(ours.is_like(&theirs), expected, "{left} {right}");
        }
        for text in ["active", "2026-02-30", "2026-13-01", "12:30", "2026-01-02 x", ""] {
            assert_eq!(Time::of_text(text), None, "{text}");
        }
    }

    #[test]
    fn one_instant_is_the_same_in_all_formats() {
        for text in [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.000+0000",
            "2026-01-02T04:34:05+01:30",
            "2026-01-01 22:04:05-05:00",
            "2026-01-02 03:04:05",
            "1/2/2026 3:04:05 AM",
            "Fri, 02 Jan 2026 03:04:05 GMT",
            "/Date(1767323045000+0100)/",
        ] {
            assert_eq!(Time::of_text(text).unwrap().instant, 1_767_323_045_000, "{text}");
        }
        let number = Time::of_number("1767323045", "expiresAt").unwrap();
        assert_eq!(number.instant, Time::of_number("1767323045000", "ts").unwrap().instant);
        assert_eq!(Time::of_number("1767323045", "price"), None);
        assert_eq!(Time::of_text("2024-02-29").unwrap().instant, 1_709_164_800_000);
        assert_eq!(Time::of_text("1/2/2026 12:00 AM").unwrap().instant % DAY, 0);
    }
}
