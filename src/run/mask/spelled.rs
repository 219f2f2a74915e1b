//! Bytes that are spelled one by one: `70:26`, `70-26`, `0x70, 0x26`, `[112, 38]`.

use super::decoded::{Decoded, is_text};

/// So many bytes are no text by chance.
const FEWEST: usize = 4;

/// The most white space between two bytes: a line of a list that is laid out.
const WIDEST: usize = 40;

/// How a byte is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// By two hexadecimal digits, perhaps with `0x` before them.
    Hexadecimal,
    /// By a number from -128 to 255.
    Decimal,
}

/// A byte, where it is spelled and where that ends.
type Spelled = (u8, usize, usize);

/// Whether a byte may be a part of how others are spelled, or stand between two.
pub(super) fn is_of_spelling(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
        || byte.is_ascii_whitespace()
        || matches!(byte, b'x' | b'X' | b':' | b'-' | b',')
}

/// Each series of bytes that gives a text, decoded.
pub(super) fn spelled(text: &str) -> Vec<Decoded> {
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(start) = next_word(text, at) {
        let all = [Spelling::Hexadecimal, Spelling::Decimal].map(|how| series(text, start, how));
        let longest = all.iter().filter_map(|bytes| bytes.last()).map(|last| last.2).max();
        at = longest.unwrap_or(start + 1);
        // `52, 55` may be meant either way.
        parts.extend(all.iter().filter_map(|bytes| Some(decoded(&said(bytes)?, bytes))));
    }
    parts
}

/// A text, with where each character is spelled.
fn decoded(said: &str, bytes: &[Spelled]) -> Decoded {
    let (mut decoded, mut from) = (Decoded::default(), bytes.first().map_or(0, |first| first.1));
    for (first, character) in said.char_indices() {
        // What stands between two bytes goes with the one before.
        let end = match bytes.get(first + character.len_utf8()) {
            Some((_, next, _)) => *next,
            None => bytes.last().map_or(from, |last| last.2),
        };
        decoded.undo(character.encode_utf8(&mut [0; 4]), from, end - from);
        from = end;
    }
    decoded
}

/// Where the next word begins, from a place on.
fn next_word(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find(|at| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        bytes.get(*at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-')
            && !before.is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// The bytes from a place on that are spelled alike, with the same between them.
fn series(text: &str, start: usize, how: Spelling) -> Vec<Spelled> {
    let mut all: Vec<Spelled> = Vec::new();
    let mut between: Option<Option<u8>> = None;
    let mut at = start;
    while let Some(byte) = byte(text, at, how) {
        let end = byte.2;
        all.push(byte);
        let Some((mark, next)) = gap(text, end, how) else { break };
        if between.is_some_and(|known| known != mark) {
            break;
        }
        between = Some(mark);
        at = next;
    }
    all
}

fn byte(text: &str, at: usize, how: Spelling) -> Option<Spelled> {
    let rest = text.get(at..)?;
    let (value, length) = match how {
        Spelling::Hexadecimal => {
            let before = if rest.starts_with("0x") || rest.starts_with("0X") { 2 } else { 0 };
            let digits = rest.get(before..before + 2)?;
            let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            (u8::from_str_radix(digits, 16).ok().filter(|_| are_digits)?, before + 2)
        }
        Spelling::Decimal => {
            let sign = usize::from(rest.starts_with('-'));
            let digits = rest.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
            let number: i16 = rest.get(..sign + digits).filter(|_| digits < 4)?.parse().ok()?;
            let byte = u8::try_from(number).ok();
            (byte.or_else(|| i8::try_from(number).ok().map(i8::cast_unsigned))?, sign + digits)
        }
    };
    let goes_on = rest.as_bytes().get(length).is_some_and(u8::is_ascii_alphanumeric);
    (!goes_on).then_some((value, at, at + length))
}

/// What stands between two bytes, white space apart, and where the second may begin.
fn gap(text: &str, at: usize, how: Spelling) -> Option<(Option<u8>, usize)> {
    let bytes = text.as_bytes().get(at..)?;
    let blank =
        |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_whitespace()).count();
    let before = blank(0);
    let mark = bytes.get(before).copied().filter(|mark| match how {
        Spelling::Hexadecimal => matches!(mark, b':' | b'-' | b','),
        Spelling::Decimal => *mark == b',',
    });
    let length = before + mark.map_or(0, |_| 1 + blank(before + 1));
    (1..=WIDEST).contains(&length).then_some((mark, at + length))
}

fn said(bytes: &[Spelled]) -> Option<String> {
    let text = String::from_utf8(bytes.iter().map(|(byte, ..)| *byte).collect()).ok()?;
    (bytes.len() >= FEWEST && is_text(&text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::layers::Layers;

    fn hidden(text: &str, wanted: &str) -> Option<String> {
        let layers = Layers::of(text, text.len(), false);
        let (at, start) = layers.iter().find_map(|(at, layer)| Some((at, layer.find(wanted)?)))?;
        text.get(layers.place(at, start..start + wanted.len())).map(str::to_owned)
    }

    #[test]
    fn bytes_are_read_however_they_are_spelled() {
        let wanted = "p&s\"\u{f6}";
        for spelled in [
            "70:26:73:22:c3:b6",
            "70-26-73-22-C3-B6",
            "70 26 73 22 c3 b6",
            "0x70, 0x26, 0x73, 0x22, 0xC3, 0xb6",
            "0x70,0x26,0x73,0x22,0xc3,0xb6",
            "112, 38, 115, 34, 195, 182",
            "112,38,115,34,-61,-74",
            "112 38 115 34 195 182",
            "112,\n    38,\n    115,\n    34,\n    195,\n    182",
        ] {
            for (before, behind) in [("", ""), ("a [", "] b"), ("x=\"", "\"")] {
                let text = format!("{before}{spelled}{behind}");
                assert_eq!(hidden(&text, wanted).as_deref(), Some(spelled), "{text}");
            }
        }
        for (spelled, wanted) in [
            ("52, 55, 49, 49, 48, 56, 49, 53, 49, 50, 51, 52", "471108151234"),
            ("52 55 49 49 65", "4711A"),
            ("34:37:31:31:30", "47110"),
            ("[52,55,49,49,48,56,120]", "471108x"),
        ] {
            let inner = spelled.trim_matches(['[', ']']);
            assert_eq!(hidden(spelled, wanted).as_deref(), Some(inner), "{spelled}");
        }
        for text in ["12:34:56", "2026-11-27", "10.38.115.34", "1, 2, 3, 4", "70:26-73:22:c3"] {
            assert_eq!(hidden(text, wanted), None);
        }
    }
}
