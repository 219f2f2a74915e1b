//! Durations.

/// RFC 3339 appendix A: `P1Y2M3DT4H5M6S`, where a unit is followed by none but the next smaller
/// one, or weeks alone, `P2W`.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(text) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = text.strip_suffix('W') {
        return is_count(weeks);
    }
    match text.split_once('T') {
        Some(("", time)) => is_row(time, "HMS"),
        Some((date, time)) => is_row(date, "YMD") && is_row(time, "HMS"),
        None => is_row(text, "YMD"),
    }
}

/// One count and unit at least, each unit the one behind the unit before it.
fn is_row(text: &str, units: &str) -> bool {
    let mut rest = text;
    let mut next = None;
    while !rest.is_empty() {
        let Some(at) = rest.find(|c: char| !c.is_ascii_digit()) else { return false };
        let (count, behind) = rest.split_at(at);
        let unit = behind.chars().next().and_then(|unit| units.find(unit));
        let Some(unit) = unit.filter(|unit| next.is_none_or(|next| next == *unit)) else {
            return false;
        };
        if !is_count(count) {
            return false;
        }
        next = Some(unit + 1);
        rest = behind.get(1..).unwrap_or_default();
    }
    next.is_some()
}

fn is_count(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_duration;

    #[test]
    fn durations_are_units_in_a_row_or_weeks() {
        for text in
            ["P1D", "PT36H", "P1DT12H", "P4Y", "P4DT12H30M5S", "P1Y2M", "PT1M", "P2W", "P0D"]
        {
            assert!(is_duration(text), "{text}");
        }
        let wrong = [
            "",
            "P",
            "PT",
            "P1",
            "1D",
            "PT1D",
            "P2D1Y",
            "P1D2H",
            "P2S",
            "P1Y2W",
            "P1YT",
            "P1Y2D",
            "PT1H2S",
            "P1.5D",
            "P-1D",
            "p1d",
            "P\u{9e8}D",
        ];
        for text in wrong {
            assert!(!is_duration(text), "{text}");
        }
    }
}
