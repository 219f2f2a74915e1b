//! How many items the long lists of a JSON text have, so that room for them is made once. A list
//! that grows is copied again and again, and the copies are memory until it is given back.

use std::cell::Cell;

/// Lists with fewer items may grow.
const LONG: usize = 1_024;
/// A text that is nested deeper is refused anyway.
const DEEPEST: usize = 1_024;

/// The long lists of a text, asked about in the order in which lists begin there.
pub(super) struct Lists {
    /// Which list it is, counted from 0, and how many items it has.
    long: Vec<(usize, usize)>,
    begun: Cell<usize>,
    told: Cell<usize>,
}

impl Lists {
    /// Looks through a text. Of one that is malformed it may say anything.
    pub(super) fn of(text: &str) -> Self {
        let mut long = Vec::new();
        let mut begun = 0;
        // Those that are open, objects among them, with the commas that they had.
        let mut open: Vec<(Option<usize>, usize)> = Vec::new();
        let mut in_text = false;
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' if in_text => _ = bytes.next(),
                b'"' => in_text = !in_text,
                _ if in_text => {}
                b'[' | b'{' if open.len() == DEEPEST => break,
                b'[' => {
                    open.push((Some(begun), 0));
                    begun += 1;
                }
                b'{' => open.push((None, 0)),
                b',' => {
                    if let Some((_, commas)) = open.last_mut() {
                        *commas += 1;
                    }
                }
                b']' | b'}' => match open.pop() {
                    Some((Some(list), commas)) if commas >= LONG => long.push((list, commas + 1)),
                    _ => {}
                },
                _ => {}
            }
        }
        // A text that ends within a list is read until there, and then refused.
        let cut_off = open.into_iter().filter(|(_, commas)| *commas >= LONG);
        long.extend(cut_off.filter_map(|(list, commas)| Some((list?, commas + 1))));
        long.sort_unstable();
        Self { long, begun: Cell::new(0), told: Cell::new(0) }
    }

    /// How many items the next list has, if it is a long one; otherwise 0.
    pub(super) fn next(&self) -> usize {
        let list = self.begun.replace(self.begun.get() + 1);
        match self.long.get(self.told.get()) {
            Some((long, items)) if *long == list => {
                self.told.set(self.told.get() + 1);
                *items
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_told_in_the_order_in_which_they_begin() {
        let inner = vec!["{\"],[\\\"\":[1,2]}"; 2_000].join(",");
        let text = format!("[[],[{inner}],\"[,,,\",[{}]]", vec!["0"; 3_000].join(","));
        let lists = Lists::of(&text);
        let mut told = vec![lists.next(), lists.next(), lists.next()];
        told.extend((0..2_000).map(|_| lists.next()).filter(|items| *items > 0));
        told.push(lists.next());
        assert_eq!(told, [0, 0, 2_000, 3_000]);
        let cut_off = Lists::of(&"0,".repeat(2_000).replacen('0', "[[[", 1));
        assert_eq!([cut_off.next(), cut_off.next(), cut_off.next()], [0, 0, 2_001]);
    }

    #[test]
    fn what_is_malformed_is_no_reason_to_fail() {
        for text in ["]]}}", "[[[[", "\"\\", "[}", "{]", &"[".repeat(5_000)] {
            assert_eq!(Lists::of(text).next(), 0, "{text}");
        }
    }
}
