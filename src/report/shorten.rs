//! Parts of long texts, with the place in view where two of them differ.

use std::borrow::Cow;

/// A line that is longer is shown in part: an answer may be one line of megabytes.
pub(super) const LONGEST_LINE: usize = 2000;

/// What of a text stands before the place in which it differs from another one.
const BEFORE: usize = 4;

/// How many bytes two texts begin with alike.
fn alike(text: &str, other: &str) -> usize {
    let same = text.bytes().zip(other.bytes()).take_while(|(one, two)| one == two).count();
    text.floor_char_boundary(same)
}

/// The part of a text that is shown, with what says how much is left out at both ends.
struct Window<'t> {
    before: String,
    shown: &'t str,
    behind: String,
    /// Where it begins.
    start: usize,
}

/// At most `most` bytes of a text, with that place in view.
fn window(text: &str, place: usize, most: usize) -> Window<'_> {
    if text.len() <= most {
        return Window { before: String::new(), shown: text, behind: String::new(), start: 0 };
    }
    let start = place.saturating_sub(most / BEFORE).min(text.len().saturating_sub(most));
    let start = text.floor_char_boundary(start);
    let end = text.floor_char_boundary(start.saturating_add(most).min(text.len()));
    let cut = |bytes: usize| match bytes {
        0 => String::new(),
        _ => format!("… {bytes} more bytes …"),
    };
    Window {
        before: cut(start),
        shown: text.get(start..end).unwrap_or_default(),
        behind: cut(text.len() - end),
        start,
    }
}

/// At most `most` bytes of a text, with the place in view in which it differs from another one, and
/// where they begin.
pub(super) fn part<'t>(text: &'t str, other: &str, most: usize) -> (usize, &'t str) {
    let Window { shown, start, .. } = window(text, alike(text, other), most);
    (start, shown)
}

/// A text, or the part of it around the place in which it differs from another one.
pub(super) fn around<'t>(text: &'t str, other: &str, most: usize) -> Cow<'t, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let Window { before, shown, behind, .. } = window(text, alike(text, other), most);
    Cow::Owned(format!("{before}{shown}{behind}"))
}

/// The pieces of a line that differs from another one, for lines of which one is long, each with
/// whether it is what differs: what is between the beginnings and the ends that are alike.
pub(super) fn pieces(line: &str, other: &str) -> Vec<(bool, String)> {
    let start = alike(line, other);
    let (rest, others) =
        (line.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    let same = rest.bytes().rev().zip(others.bytes().rev()).take_while(|(a, b)| a == b).count();
    let end = line.ceil_char_boundary(line.len() - same);
    let Window { before, shown, behind, start: from } = window(line, start, LONGEST_LINE);
    let to = from + shown.len();
    let (first, last) = (start.clamp(from, to), end.clamp(start.clamp(from, to), to));
    let part = |range: std::ops::Range<usize>| line.get(range).unwrap_or_default();
    let pieces = [
        (false, format!("{before}{}", part(from..first))),
        (true, part(first..last).to_owned()),
        (false, format!("{}{behind}", part(last..to))),
    ];
    pieces.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_difference_is_in_view() {
        let line = |middle: &str| format!("{}{middle}{}", "ä".repeat(50_000), "b".repeat(90_000));
        let (expected, actual) = (line("OLD"), line("NEWER"));
        let shown = around(&actual, &expected, 300);
        assert!(shown.contains("NEWER") && shown.len() < 400, "{shown}");
        let text: String = pieces(&actual, &expected)
            .into_iter()
            .map(|(differs, text)| if differs { format!("[{text}]") } else { text })
            .collect();
        assert!(text.contains("ä[NEWER]b") && text.len() < 2 * LONGEST_LINE, "{text}");
        assert!(text.starts_with("… ") && text.ends_with(" more bytes …"), "{text}");
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_of_short_lines(line in "[abä]{0,20}", other in "[abä]{0,20}") {
            let text: String = pieces(&line, &other).into_iter().map(|(_, text)| text).collect();
            proptest::prop_assert_eq!(text, line);
        }
    }
}
