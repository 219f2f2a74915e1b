//! Where a place of a text is in another one that differs from it at one place.

/// How much two texts have in common at their beginnings and at their ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    head: usize,
    tail: usize,
}

impl Shift {
    /// Compares two texts, once for all places in them.
    pub(super) fn between(one: &str, other: &str) -> Self {
        if one == other {
            return Self { head: one.len(), tail: one.len() };
        }
        let both = one.bytes().zip(other.bytes());
        let head = both.take_while(|(one, other)| one == other).count();
        let back = one.bytes().rev().zip(other.bytes().rev());
        // It may reach into the head: what comes twice there can have been taken out at either
        // place.
        let tail = back.take_while(|(one, other)| one == other).count();
        Self { head, tail }
    }

    /// The byte of `to` that a byte of `from` is, which are the two texts in either order; none if
    /// it is where they differ.
    pub(super) fn moved(self, from: &str, to: &str, at: usize) -> Option<usize> {
        if at <= self.head {
            return Some(at).filter(|at| to.is_char_boundary(*at));
        }
        let behind = from.len().checked_sub(at).filter(|behind| *behind <= self.tail)?;
        Some(to.len() - behind).filter(|at| to.is_char_boundary(*at))
    }
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
            let there = Shift::between(&from, &to).moved(&from, &to, at);
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
