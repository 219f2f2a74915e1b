//! How long something took, for people.

use std::time::Duration;

/// Three figures at the most: `0.4 ms`, `12 ms`, `1.24 s`, `2 min 03 s`.
pub fn elapsed(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1000.0;
    if milliseconds < 9.95 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 999.5 {
        format!("{milliseconds:.0} ms")
    } else if milliseconds < 60_000.0 {
        format!("{:.2} s", milliseconds / 1000.0)
    } else {
        let seconds = duration.as_secs();
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_follows_the_size() {
        let cases = [
            (400, "0.4 ms"),
            (9_960, "10 ms"),
            (12_400, "12 ms"),
            (999_600, "1.00 s"),
            (1_240_000, "1.24 s"),
            (59_990_000, "59.99 s"),
            (123_000_000, "2 min 03 s"),
        ];
        for (microseconds, expected) in cases {
            assert_eq!(elapsed(Duration::from_micros(microseconds)), expected);
        }
    }
}
