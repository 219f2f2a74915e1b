//! The mock's clock, which a test can set, stop and move.

mod setting;
mod usual;

use std::fmt;

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::SpanParser;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, Zoned};
use parking_lot::Mutex;

use crate::diagnostic::nearest;
use setting::State;

pub use setting::Setting;

/// Real time plus an offset, or a time that stands still.
#[derive(Debug)]
pub struct Clock {
    start: Option<Timestamp>,
    starts_frozen: bool,
    state: Mutex<State>,
}

impl Clock {
    /// A clock that starts at a time, or at the real one, and stands still if `frozen`.
    pub fn new(start: Option<Timestamp>, frozen: bool) -> Self {
        let state = Mutex::new(Self::started(start, frozen));
        Self { start, starts_frozen: frozen, state }
    }

    fn started(start: Option<Timestamp>, frozen: bool) -> State {
        match start {
            None if !frozen => State::Running(SignedDuration::ZERO),
            start => State::at(start.unwrap_or_else(Timestamp::now), frozen),
        }
    }

    /// Where it starts, and whether it stands still then.
    pub fn start(&self) -> (Option<Timestamp>, bool) {
        (self.start, self.starts_frozen)
    }

    /// What time it is on this clock.
    pub fn now(&self) -> Timestamp {
        let state = *self.state.lock();
        state.now()
    }

    /// Whether it stands still.
    pub fn frozen(&self) -> bool {
        matches!(*self.state.lock(), State::Frozen(_))
    }

    /// Sets it to a time, from which it goes on unless `frozen`.
    pub fn set(&self, now: Timestamp, frozen: bool) {
        *self.state.lock() = State::at(now, frozen);
    }

    /// Moves it, back if `by` is negative, and gives the new time; it stands still or goes on as
    /// before. Fails, and moves nothing, when the time would be out of the years −9999 to 9999.
    pub fn advance(&self, by: SignedDuration) -> Result<Timestamp, DurationError> {
        let mut state = self.state.lock();
        let now = state.now().checked_add(by).map_err(|_| DurationError::OutOfRange)?;
        *state = match *state {
            State::Frozen(_) => State::Frozen(now),
            State::Running(ahead) => {
                State::Running(ahead.checked_add(by).ok_or(DurationError::OutOfRange)?)
            }
        };
        Ok(now)
    }

    /// How it is set.
    pub fn setting(&self) -> Setting {
        Setting(*self.state.lock())
    }

    /// Sets it as it was. One that goes is as far ahead of real time as it was then.
    pub fn put_back(&self, setting: Setting) {
        *self.state.lock() = setting.0;
    }

    /// Back to how it started: at its start, or at the real time.
    pub fn reset(&self) {
        *self.state.lock() = Self::started(self.start, self.starts_frozen);
    }
}

/// Why a duration cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationError {
    /// It is not an ISO 8601 duration.
    Malformed,
    /// It is one of more than 19,998 years.
    TooLong,
    /// It has parts of a nanosecond.
    TooFine,
    /// It has years or months.
    NotFixed,
    /// The time it leads to is beyond what can be told.
    OutOfRange,
    /// It leads back in time.
    Negative,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not an ISO 8601 duration such as PT2S, PT36H or P1D",
            Self::TooFine => "a duration has at most nine decimals, which are nanoseconds",
            Self::TooLong => "a duration has at most 19,998 years, in whatever unit",
            Self::NotFixed => "years and months differ in length; use weeks, days or hours",
            Self::Negative => "the duration is negative",
            Self::OutOfRange => "the time would be out of the years -9999 to 9999",
        })
    }
}

impl std::error::Error for DurationError {}

/// Reads an ISO 8601 duration such as `PT36H`, `P1D` or `P2WT0.5S`. A day is 24 hours, a week
/// seven days; years and months are refused, since they are of no fixed length.
pub fn parse_duration(text: &str) -> Result<SignedDuration, DurationError> {
    let span = parse_span(text)?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return Err(DurationError::NotFixed);
    }
    span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| DurationError::OutOfRange)
}

/// Reads an ISO 8601 duration that is to be added to a time, where years and months have a length.
pub fn parse_span(text: &str) -> Result<Span, DurationError> {
    SpanParser::new().parse_span(text).map_err(|_| {
        // Whether it is one with other numbers in it.
        let mut shape = String::with_capacity(text.len());
        for character in text.chars() {
            let digit = character.is_ascii_digit();
            if !(digit && shape.ends_with('1')) {
                shape.push(if digit { '1' } else { character });
            }
        }
        match SpanParser::new().parse_span(&shape) {
            Ok(_) if is_too_fine(text) => DurationError::TooFine,
            Ok(_) => DurationError::TooLong,
            Err(_) => DurationError::Malformed,
        }
    })
}

/// Whether a number in it has more decimals than there are nanoseconds.
fn is_too_fine(text: &str) -> bool {
    text.split(['.', ','])
        .skip(1)
        .any(|rest| rest.chars().take_while(char::is_ascii_digit).count() > 9)
}

/// The time so much later, by the calendar in UTC. Fails for a negative duration, and when there is
/// no time any more then.
pub fn later(time: Timestamp, by: Span) -> Result<Timestamp, DurationError> {
    if by.is_negative() {
        return Err(DurationError::Negative);
    }
    let later = time.to_zoned(TimeZone::UTC).checked_add(by);
    later.map(|later| later.timestamp()).map_err(|_| DurationError::OutOfRange)
}

/// The duration that somebody meant who wrote `5`, `5s`, `500ms`, `2m`, `36h`, `1d` or `3 days`, as
/// [`parse_duration`] reads it; `None` where that cannot be told.
pub fn duration_meant(text: &str) -> Option<String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = text.strip_suffix(unit)?;
    let amount: f64 = number.parse().ok()?;
    let meant = match unit.trim().to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => format!("PT{}S", amount / 1000.0),
        "" | "s" | "sec" | "secs" | "second" | "seconds" => format!("PT{number}S"),
        "m" | "min" | "mins" | "minute" | "minutes" => format!("PT{number}M"),
        "h" | "hour" | "hours" => format!("PT{number}H"),
        "d" | "day" | "days" => format!("P{number}D"),
        "w" | "week" | "weeks" => format!("P{}D", amount * 7.0),
        _ => return None,
    };
    parse_duration(&meant).is_ok().then_some(meant)
}

/// Reads a date and time as in RFC 3339, section 5.6: a `T` or a space in the middle, a fraction
/// of up to nine digits, and `Z` or an offset. `None` for anything else, also for what other
/// profiles of ISO 8601 allow.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    if is_timestamp(text) { text.parse().ok() } else { None }
}

/// The same as a date and time in UTC, which reaches to the end of the year 9999, where a
/// [`Timestamp`] ends a day before.
pub fn parse_utc(text: &str) -> Option<DateTime> {
    if let Some(time) = parse_timestamp(text) {
        return Some(time.to_zoned(TimeZone::UTC).datetime());
    }
    if !is_timestamp(text) {
        return None;
    }
    let offset_at = text.rfind(['Z', 'z', '+', '-'])?;
    let (date_time, offset) = text.split_at_checked(offset_at)?;
    let local: DateTime = date_time.parse().ok()?;
    let (hours, minutes) = match offset.get(1..).and_then(|rest| rest.split_once(':')) {
        Some((hours, minutes)) => (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?),
        None => (0, 0),
    };
    let ahead = SignedDuration::from_mins(hours * 60 + minutes);
    let ahead = if offset.starts_with('-') { -ahead } else { ahead };
    local.checked_sub(ahead).ok()
}

fn is_timestamp(text: &str) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    let shaped = date_time.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => matches!(byte, b'T' | b't' | b' '),
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let offset = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if !(1..=9).contains(&(fraction.len() - offset.len())) {
                return false;
            }
            offset
        }
    };
    let offset_shaped = match offset.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hour @ .., b':', m1, m2] => {
            hour.len() == 2
                && hour.iter().chain([m1, m2]).all(u8::is_ascii_digit)
                && hour <= b"23".as_slice()
        }
        _ => false,
    };
    shaped && offset_shaped
}

/// Why a time cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError(String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PatternError {}

/// A time zone by its name in the IANA database, `Europe/Berlin`, which is part of the program.
pub fn time_zone(name: &str) -> Result<TimeZone, UnknownZone> {
    jiff::tz::db().get(name).map_err(|_| UnknownZone { name: name.to_owned() })
}

fn nearest_zone(name: &str) -> Option<String> {
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_lowercase();
    let by_city = known.iter().find(|zone| city(zone) == city(name));
    by_city
        .map(String::as_str)
        .or_else(|| nearest(name, known.iter().map(String::as_str)))
        .map(str::to_owned)
}

/// There is no time zone of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownZone {
    name: String,
}

// Which one was meant is looked for only where somebody reads it: the name may be a request's.
impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no time zone `{}`", self.name)?;
        match nearest_zone(&self.name) {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => f.write_str("; zones have names such as `Europe/Berlin` and `UTC`"),
        }
    }
}

impl std::error::Error for UnknownZone {}

/// Writes a time in UTC by a strftime pattern, whose directives are those of
/// [`jiff::fmt::strtime`]: `%.7f` is a point and seven digits of the fraction, `%:z` is `+00:00`.
/// Digits that are left out are cut off, not rounded. Fails for a directive that there is not.
pub fn format(time: Timestamp, pattern: &str) -> Result<String, PatternError> {
    if let Some(text) = usual::written(Offset::UTC.to_datetime(time), pattern) {
        return Ok(text);
    }
    format_zoned(&time.to_zoned(TimeZone::UTC), pattern)
}

/// Writes a date and time in UTC by a pattern, as [`format()`] does.
pub fn format_utc(time: DateTime, pattern: &str) -> Result<String, PatternError> {
    // A time that is told by all directives, that of the zone too.
    if let Ok(zoned) = time.to_zoned(TimeZone::UTC) {
        return format_zoned(&zoned, pattern);
    }
    let mut broken_down = BrokenDownTime::from(time);
    broken_down.set_offset(Some(Offset::UTC));
    broken_down.to_string(pattern).map_err(|error| PatternError(error.to_string()))
}

/// Writes a time in its zone by a pattern, as [`format()`] does; `%Z` is the zone's abbreviation.
pub fn format_zoned(time: &Zoned, pattern: &str) -> Result<String, PatternError> {
    BrokenDownTime::from(time).to_string(pattern).map_err(|error| PatternError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn time(text: &str) -> Timestamp {
        parse_timestamp(text).unwrap()
    }

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let start = time("2024-11-21T06:24:04Z");
        let clock = Clock::new(Some(start), true);
        assert_eq!((clock.now(), clock.frozen()), (start, true));
        assert_eq!(clock.advance(HOUR), Ok(start + HOUR));
        assert_eq!(clock.advance(-HOUR), Ok(start));
        assert_eq!(clock.advance(SignedDuration::MAX), Err(DurationError::OutOfRange));
        assert_eq!(clock.now(), start);
        clock.set(start + HOUR, false);
        assert!(!clock.frozen() && clock.now() >= start + HOUR);
        clock.reset();
        assert_eq!((clock.now(), clock.frozen()), (start, true));
    }

    #[test]
    fn a_long_duration_is_not_one_that_is_written_wrongly() {
        for (text, expected) in [
            ("P99999Y", DurationError::TooLong),
            ("PT0.0000000001S", DurationError::TooFine),
            ("-P999999999999999999999D", DurationError::TooLong),
            ("PT1H99999999999999S", DurationError::TooLong),
            ("P1X", DurationError::Malformed),
            ("99999Y", DurationError::Malformed),
            ("P1M", DurationError::NotFixed),
        ] {
            assert_eq!(parse_duration(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_running_clock_keeps_its_distance_from_real_time() {
        let clock = Clock::new(None, false);
        let before = Timestamp::now();
        let now = clock.advance(HOUR).unwrap();
        assert!(now >= before + HOUR && now <= Timestamp::now() + HOUR);
        assert!(clock.now() >= now && !clock.frozen());
        assert_eq!(clock.advance(SignedDuration::MAX), Err(DurationError::OutOfRange));
        clock.reset();
        assert!(clock.now() < before + HOUR);
        clock.set(Timestamp::MAX, false);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn durations() {
        use DurationError::{Malformed, NotFixed, TooLong};
        let cases = [
            ("PT36H", Ok(HOUR * 36)),
            ("P1D", Ok(HOUR * 24)),
            ("P2W", Ok(HOUR * 24 * 14)),
            ("P1DT0.5S", Ok(HOUR * 24 + SignedDuration::from_millis(500))),
            ("-PT1H", Ok(-HOUR)),
            ("PT0S", Ok(SignedDuration::ZERO)),
            ("P1M", Err(NotFixed)),
            ("P1Y2D", Err(NotFixed)),
            ("", Err(Malformed)),
            ("P", Err(Malformed)),
            ("1h", Err(Malformed)),
            ("PT", Err(Malformed)),
            ("36", Err(Malformed)),
            ("PT1H ", Err(Malformed)),
            ("P99999999999D", Err(TooLong)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_as_people_write_them_are_known() {
        for (text, expected) in [
            ("5", Some("PT5S")),
            ("1.5s", Some("PT1.5S")),
            ("500ms", Some("PT0.5S")),
            ("2 m", Some("PT2M")),
            ("36H", Some("PT36H")),
            ("1d", Some("P1D")),
            ("s", None),
            ("5 fortnights", None),
            ("1.5d", None),
            ("\u{e9}", None),
        ] {
            assert_eq!(duration_meant(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn timestamps() {
        let accepted = [
            ("2024-11-21T06:24:04Z", "2024-11-21T06:24:04Z"),
            ("2024-11-21t06:24:04z", "2024-11-21T06:24:04Z"),
            ("2024-11-21 06:24:04.0980817+00:00", "2024-11-21T06:24:04.0980817Z"),
            ("2024-11-21T06:24:04.123456789-08:30", "2024-11-21T14:54:04.123456789Z"),
            ("2024-11-21T06:24:04-00:00", "2024-11-21T06:24:04Z"),
        ];
        for (text, expected) in accepted {
            assert_eq!(parse_timestamp(text).map(|t| t.to_string()).as_deref(), Some(expected));
        }
        let refused = [
            "",
            "2024-11-21",
            "2024-11-21T06:24:04",
            "2024-11-21T06:24Z",
            "20241121T062404Z",
            "2024-11-21T06:24:04.Z",
            "2024-11-21T06:24:04.1234567890Z",
            "2024-11-21T06:24:04,5Z",
            "2024-11-21T06:24:04+01",
            "2024-11-21T06:24:04+0100",
            "2024-11-21T06:24:04+24:00",
            "2024-11-21T06:24:04+01:00[Europe/Berlin]",
            "2024-13-21T06:24:04Z",
            "2024-02-30T06:24:04Z",
            "2024-11-21T24:00:00Z",
            "2024-11-21T06:24:04Ü",
            "2024-11-21T06:24:0ÜZ",
        ];
        for text in refused {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn patterns() {
        let cases = [
            (
                "2024-11-21T06:24:04.0980817Z",
                "%Y-%m-%dT%H:%M:%S%.7f%:z",
                "2024-11-21T06:24:04.0980817+00:00",
            ),
            ("2015-08-04T13:12:46Z", "%Y-%m-%d %H:%M:%S%.1f", "2015-08-04 13:12:46.0"),
            ("2015-08-04T13:12:46.98765Z", "%Y-%m-%d %H:%M:%S%.1f", "2015-08-04 13:12:46.9"),
            ("2015-08-04T13:12:46Z", "%s", "1438693966"),
            ("2015-08-04T13:12:46Z", "%a, %d %b %Y %H:%M:%S GMT", "Tue, 04 Aug 2015 13:12:46 GMT"),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(format(time(text), pattern).as_deref(), Ok(expected), "{pattern}");
        }
        for pattern in ["%", "%K", "%Y-%"] {
            assert!(format(Timestamp::UNIX_EPOCH, pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_written_time_reads_as_itself(nanosecond in 0_i128..253_402_000_000_000_000_000) {
            let time = Timestamp::from_nanosecond(nanosecond).unwrap();
            for pattern in ["%Y-%m-%dT%H:%M:%S%.9fZ", "%Y-%m-%d %H:%M:%S%.9f%:z"] {
                prop_assert_eq!(parse_timestamp(&format(time, pattern).unwrap()), Some(time));
            }
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,40}", pattern in "[%a-zA-Z0-9.:_ -]{0,12}") {
            let _ = parse_timestamp(&text);
            let _ = parse_duration(&text);
            let _ = format(Timestamp::UNIX_EPOCH, &pattern);
        }
    }
}
