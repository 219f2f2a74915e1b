//! What cannot stand in a text of JSON as it is (RFC 8259 section 7), found eight bytes at a time.

/// So many bytes are looked at at once.
const AT_ONCE: usize = size_of::<u64>();
const ONES: u64 = u64::from_ne_bytes([1; AT_ONCE]);
const HIGHEST: u64 = ONES << 7;

/// How many bytes there are before the first that is escaped: a control character, a quote, or a
/// backslash.
pub(super) fn plain_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<AT_ONCE>();
    for (at, word) in words.iter().enumerate() {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return at * AT_ONCE + found.trailing_zeros() as usize / 8;
        }
    }
    let escaped = |byte: &u8| matches!(byte, b'\0'..b' ' | b'"' | b'\\');
    let behind = match text.last_chunk::<AT_ONCE>() {
        // Most have none, which one look more at the last eight bytes says.
        Some(last) if marks(u64::from_le_bytes(*last)) == 0 => None,
        _ => rest.iter().position(escaped),
    };
    words.len() * AT_ONCE + behind.unwrap_or(rest.len())
}

/// The highest bit of each byte that is escaped, up to the first one; behind that one others may
/// be marked too.
fn marks(word: u64) -> u64 {
    let below = |word: u64, least: u8| word.wrapping_sub(ONES * u64::from(least)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & HIGHEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_escaped_is_found_wherever_it_stands() {
        for length in 0..4 * AT_ONCE {
            let plain = "xé~ \u{7f}!#[]".repeat(4).into_bytes();
            let plain = plain.get(..length).unwrap();
            assert_eq!(plain_length(plain), length);
            for byte in 0..=u8::MAX {
                for at in 0..length {
                    let mut text = plain.to_vec();
                    text.splice(at..=at, [byte]);
                    let expected = matches!(byte, 0..0x20 | b'"' | b'\\').then_some(at);
                    assert_eq!(plain_length(&text), expected.unwrap_or(length), "{text:?}");
                }
            }
        }
    }
}
