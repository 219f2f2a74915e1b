//! Texts without regard to case.

/// The letters of a text such that texts that differ only in case give the same, whatever the
/// script: `K` is the Kelvin sign too, `ς` is `σ`, and `ß` is `SS`. Nothing is allocated.
pub fn folded(text: &str) -> impl Iterator<Item = char> {
    // A letter that has no upper case of its own may share the lower case of another.
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Whether two texts differ at most in case.
pub fn same_but_for_case(one: &str, two: &str) -> bool {
    one == two
        || match one.is_ascii() && two.is_ascii() {
            true => one.eq_ignore_ascii_case(two),
            false => folded(one).eq(folded(two)),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_count_in_any_script() {
        for (one, two, expected) in [
            ("NO", "no", true),
            ("Ä@X", "ä@x", true),
            ("ΟΔΟΣ", "οδος", true),
            ("ΟΔΟΣ", "οδοσ", true),
            ("\u{212A}", "k", true),
            ("straße", "STRASSE", true),
            ("Ф", "ф", true),
            ("a", "ä", false),
            ("no", "n", false),
            ("", "", true),
        ] {
            assert_eq!(same_but_for_case(one, two), expected, "{one} {two}");
            assert_eq!(same_but_for_case(two, one), expected, "{two} {one}");
        }
    }
}
