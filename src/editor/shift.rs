//! Where a place of a text is in another one that differs from it at one place.

/// The byte of `to` that a byte of `from` is; none if it is where the two differ.
pub(super) fn moved(from: &str, to: &str, at: usize) -> Option<usize> {
    let both = || from.bytes().zip(to.bytes());
    let head = both().take_while(|(one, other)| one == other).count();
    if at <= head {
        return Some(at).filter(|at| to.is_char_boundary(*at));
    }
    // It may reach into the head: what comes twice there can have been taken out at either place.
    let back = from.bytes().rev().zip(to.bytes().rev());
    let tail = back.take_while(|(one, other)| one == other).count();
    let behind = from.len().checked_sub(at).filter(|behind| *behind <= tail)?;
    Some(to.len() - behind).filter(|at| to.is_char_boundary(*at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_stands_around_a_change_is_found(
            head in "[a-c\u{e4}]{0,8}", one in "[a-c\u{e4}]{0,4}", other in "[a-c\u{e4}]{0,4}",
            tail in "[a-c\u{e4}]{0,8}", at in 0usize..40,
        ) {
            let (from, to) = (format!("{head}{one}{tail}"), format!("{head}{other}{tail}"));
            let at = at.min(from.len());
            prop_assume!(from.is_char_boundary(at));
            let there = moved(&from, &to, at);
            if let Some(there) = there {
                prop_assert!(to.get(..there).unwrap() == &from[..at]
                    || to.get(there..).unwrap() == &from[at..]);
            }
            if at < head.len() || at > head.len() + one.len() {
                prop_assert!(there.is_some());
            }
        }
    }
}
