//! Names of hosts.

/// RFC 1123 section 2.1, with the lengths of RFC 1035: labels of letters, digits and hyphens, none
/// of which begins or ends with a hyphen. Two hyphens at the third place are only for names in
/// Punycode (RFC 5891 section 4.2.3.1).
pub(super) fn is_host(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let has_prefix = label.get(2..4) == Some("--");
    let is_foreign = label.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn"));
    (1..=63).contains(&label.len())
        && label.bytes().all(is_letter)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && (!has_prefix || is_foreign)
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_are_labels() {
        let long = "a".repeat(63);
        for text in ["example.com", "a", "1.example", "xn--4gbwdl.xn--wgbh1c", &long] {
            assert!(is_host(text), "{text}");
        }
        let too_long = "a".repeat(64);
        for text in ["", ".", "a.", "-a.b", "a-.b", "a_b", "b\u{fc}cher", "a b", "ab--c", &too_long]
        {
            assert!(!is_host(text), "{text}");
        }
    }
}
