//! Slices, such as `list[1:3]`, as plain subscripts.
//!
//! minijinja forgets what is sliced when it says which variables an expression looks at, and a
//! variable that is not known to be looked at would be absent when the expression is worked out.

use super::words::blank_quotes;

/// The expression with the colons of its slices made into `or`s: it looks at the same variables.
/// `None` when there is no slice in it.
pub(super) fn as_subscripts(text: &str) -> Option<String> {
    let blanked = blank_quotes(text);
    let colons = slice_colons(&blanked);
    if colons.is_empty() {
        return None;
    }
    let mut rewritten = String::with_capacity(text.len() + 8 * colons.len());
    let mut from = 0;
    for colon in colons {
        rewritten.push_str(text.get(from..colon).unwrap_or_default());
        // A side that is left out is written as 0, as both sides of an `or` have to be there.
        if rewritten.trim_end().ends_with('[') || rewritten.ends_with(" or ") {
            rewritten.push('0');
        }
        rewritten.push_str(" or ");
        from = colon + 1;
        if text.get(from..).is_some_and(|rest| rest.trim_start().starts_with(']')) {
            rewritten.push('0');
        }
    }
    rewritten.push_str(text.get(from..).unwrap_or_default());
    Some(rewritten)
}

/// The colons whose nearest open bracket is a square one; others are those of maps.
fn slice_colons(text: &str) -> Vec<usize> {
    let mut open = Vec::new();
    let mut colons = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' | '{' => open.push(c),
            ']' | ')' | '}' => _ = open.pop(),
            ':' if open.last() == Some(&'[') => colons.push(at),
            _ => {}
        }
    }
    colons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_colons_of_slices_are_made_into_ors() {
        let cases = [
            ("a[1]", None),
            ("{'a': b['c:d']}", None),
            ("a[1:b]", Some("a[1 or b]")),
            ("a[:b]", Some("a[0 or b]")),
            ("a[ b : ]", Some("a[ b  or 0 ]")),
            ("a[:]", Some("a[0 or 0]")),
            ("a[::2]", Some("a[0 or 0 or 2]")),
            ("a['x:y'][{'k': b}.k:]", Some("a['x:y'][{'k': b}.k or 0]")),
        ];
        for (text, expected) in cases {
            assert_eq!(as_subscripts(text).as_deref(), expected, "{text}");
        }
    }
}
