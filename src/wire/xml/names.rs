//! Names: which texts are some, and the parts of a qualified one.

/// Splits `prefix:local` or `local`; `None` when it is not a qualified name (Namespaces in
/// XML 1.0 section 4).
pub(super) fn split(name: &str) -> Option<(Option<&str>, &str)> {
    if is_usual(name) {
        return Some((None, name));
    }
    let (prefix, local) = match name.split_once(':') {
        Some((prefix, local)) => (Some(prefix), local),
        None => (None, name),
    };
    (prefix.is_none_or(is_unprefixed) && is_unprefixed(local)).then_some((prefix, local))
}

/// For each byte whether it is none of the letters that most names are of.
#[expect(clippy::indexing_slicing, reason = "there is one for each byte")]
const UNUSUAL: [bool; 256] = {
    let mut unusual = [true; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let is_usual = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        unusual[byte as usize] = !is_usual;
        byte += 1;
    }
    unusual
};

fn is_unusual(byte: u8) -> bool {
    UNUSUAL.get(usize::from(byte)).copied().unwrap_or(true)
}

/// How many bytes there are before the first that is not one of the letters that most names are
/// of.
pub(super) fn usual_length(text: &[u8]) -> usize {
    text.iter().position(|byte| is_unusual(*byte)).unwrap_or(text.len())
}

/// Whether it is a name of those letters, which is quicker to see.
fn is_usual(name: &str) -> bool {
    let starts = |first: &u8| first.is_ascii_alphabetic() || *first == b'_';
    name.as_bytes().first().is_some_and(starts) && usual_length(name.as_bytes()) == name.len()
}

/// Whether the text is a name without colon (`NCName`).
pub(crate) fn is_unprefixed(name: &str) -> bool {
    let mut characters = name.chars();
    is_usual(name) || characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

/// The name without colon (`NCName`) that a text begins with; empty if it begins with none.
pub(crate) fn leading_unprefixed(text: &str) -> &str {
    if !text.starts_with(starts_name) {
        return "";
    }
    let end = text.find(|character| !continues_name(character)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// `NameStartChar` of XML 1.0 section 2.3, without the colon.
fn starts_name(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(
            character,
            '_' | '\u{C0}'..='\u{D6}'
                | '\u{D8}'..='\u{F6}'
                | '\u{F8}'..='\u{2FF}'
                | '\u{370}'..='\u{37D}'
                | '\u{37F}'..='\u{1FFF}'
                | '\u{200C}'..='\u{200D}'
                | '\u{2070}'..='\u{218F}'
                | '\u{2C00}'..='\u{2FEF}'
                | '\u{3001}'..='\u{D7FF}'
                | '\u{F900}'..='\u{FDCF}'
                | '\u{FDF0}'..='\u{FFFD}'
                | '\u{10000}'..='\u{EFFFF}'
        )
}

/// `NameChar` of XML 1.0 section 2.3, without the colon.
fn continues_name(character: char) -> bool {
    starts_name(character)
        || character.is_ascii_digit()
        || matches!(
            character,
            '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_one_prefix() {
        let cases = [
            ("a", Some((None, "a"))),
            ("soap:Body", Some((Some("soap"), "Body"))),
            ("größe-1.2", Some((None, "größe-1.2"))),
            ("", None),
            (":a", None),
            ("a:", None),
            ("a:b:c", None),
            ("1a", None),
            ("-a", None),
            ("a b", None),
            ("a/", None),
            ("a×b", None),
        ];
        for (name, expected) in cases {
            assert_eq!(split(name), expected, "{name:?}");
        }
    }
}
