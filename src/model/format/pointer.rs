//! JSON pointers.

/// RFC 6901 section 3: nothing, or parts that each begin with a slash, with `~` only as `~0` and
/// `~1`.
pub(super) fn is_pointer(text: &str) -> bool {
    let is_escaped = text.split('~').skip(1).all(|behind| behind.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && is_escaped
}

/// draft-bhutton-relative-json-pointer-00 section 3: how many levels up, and then a pointer, or `#`
/// for the name or index there.
pub(super) fn is_relative_pointer(text: &str) -> bool {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (levels, rest) = text.split_at(digits);
    let is_number = levels == "0" || !levels.is_empty() && !levels.starts_with('0');
    is_number && (rest == "#" || is_pointer(rest))
}

#[cfg(test)]
mod tests {
    use super::{is_pointer, is_relative_pointer};

    #[test]
    fn pointers_begin_with_slashes() {
        for text in ["", "/", "/a~0b/~1", "/ü//0"] {
            assert!(is_pointer(text), "{text}");
        }
        for text in ["a", "#", "/~", "/a~2", "0/a"] {
            assert!(!is_pointer(text), "{text}");
        }
        for text in ["0", "1/a", "2#", "120/~1"] {
            assert!(is_relative_pointer(text), "{text}");
        }
        for text in ["", "/a", "01/a", "1a", "-1/a", "0##"] {
            assert!(!is_relative_pointer(text), "{text}");
        }
    }
}
