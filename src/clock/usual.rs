//! The directives that most patterns consist of, written without the library, which reads a
//! pattern anew each time.

use jiff::civil::DateTime;

/// Writes a time in UTC by a pattern; `None` where that has other directives, or the year other
/// than four digits.
pub(super) fn written(time: DateTime, pattern: &str) -> Option<String> {
    let year = u32::try_from(time.year()).ok()?;
    let mut text = Vec::with_capacity(pattern.len() + 16);
    let mut rest = pattern.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first != b'%' {
            text.push(*first);
            rest = behind;
            continue;
        }
        rest = match behind {
            [b'Y', rest @ ..] => {
                two(&mut text, year / 100);
                two(&mut text, year % 100);
                rest
            }
            [letter @ (b'm' | b'd' | b'H' | b'M' | b'S'), rest @ ..] => {
                let number = match letter {
                    b'm' => time.month(),
                    b'd' => time.day(),
                    b'H' => time.hour(),
                    b'M' => time.minute(),
                    _ => time.second(),
                };
                two(&mut text, u32::from(number.unsigned_abs()));
                rest
            }
            [b'.', places @ b'1'..=b'9', b'f', rest @ ..] => {
                text.push(b'.');
                let mut left = time.subsec_nanosecond().unsigned_abs();
                for _ in b'0'..*places {
                    text.push(digit(left / 100_000_000));
                    left = left % 100_000_000 * 10;
                }
                rest
            }
            [b':', b'z', rest @ ..] => {
                text.extend_from_slice(b"+00:00");
                rest
            }
            _ => return None,
        };
    }
    String::from_utf8(text).ok()
}

fn two(text: &mut Vec<u8>, number: u32) {
    text.extend_from_slice(&[digit(number / 10), digit(number % 10)]);
}

fn digit(number: u32) -> u8 {
    b'0' + u8::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::Offset;
    use proptest::prelude::*;

    use super::*;

    fn piece() -> impl Strategy<Value = String> {
        const PIECES: &[&str] = &[
            "%Y", "%m", "%d", "%H", "%M", "%S", "%.1f", "%.3f", "%.7f", "%.9f", "%.f", "%:z", "%z",
            "%", "%%", "%f", "%.0f", "%s", "%e", "%b", "%-d", "T", " ", "-", "\u{e4}", ".", ":",
        ];
        proptest::sample::select(PIECES).prop_map(str::to_owned)
    }

    proptest! {
        #[test]
        fn what_is_written_is_what_the_library_writes(
            nanosecond in -62_167_219_200_000_000_000_i128..253_402_000_000_000_000_000,
            pattern in proptest::collection::vec(piece(), 0..8),
        ) {
            let time = Timestamp::from_nanosecond(nanosecond).unwrap();
            let pattern = pattern.concat();
            if let Some(text) = written(Offset::UTC.to_datetime(time), &pattern) {
                let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
                prop_assert_eq!(Ok(text), crate::clock::format_zoned(&zoned, &pattern));
            }
        }
    }

    #[test]
    fn usual_patterns_are_written_here() {
        let time = Offset::UTC.to_datetime(Timestamp::UNIX_EPOCH);
        for pattern in ["%Y-%m-%dT%H:%M:%S%.7f%:z", "%Y-%m-%d %H:%M:%S.0"] {
            assert!(written(time, pattern).is_some(), "{pattern}");
        }
        assert_eq!(written(time, "%a"), None);
    }
}
