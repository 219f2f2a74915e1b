//! Names: which texts are some, and the parts of a qualified one.

/// Splits `prefix:local` or `local`; `None` when it is not a qualified name (Namespaces in
/// XML 1.0 section 4).
pub(super) fn split(name: &str) -> Option<(Option<&str>, &str)> {
    let (prefix, local) = match memchr::memchr(b':', name.as_bytes()) {
        Some(colon) => {
            let (prefix, rest) = name.split_at(colon);
            (Some(prefix), rest.strip_prefix(':')?)
        }
        None => (None, name),
    };
    (prefix.is_none_or(is_unprefixed) && is_unprefixed(local)).then_some((prefix, local))
}

/// Which ASCII characters continue a name, a bit for each.
const PLAIN: u128 = {
    let mut plain = 0;
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') {
            plain |= 1 << byte;
        }
        byte += 1;
    }
    plain
};

/// Whether the text is a name without colon (`NCName`).
pub(crate) fn is_unprefixed(name: &str) -> bool {
    // Most names are of these letters, which is quicker to see.
    let is_plain = |byte: u8| byte.is_ascii() && PLAIN >> byte & 1 == 1;
    if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(is_plain)
    {
        return true;
    }
    let mut characters = name.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
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
