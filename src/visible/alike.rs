//! Texts that are not the same and look as if they were.

use std::ops::Range;

use unicode_security::skeleton;

use super::{Notation, is_hidden, is_noncharacter};

/// How many code points are told of each side.
const MOST: usize = 8;

/// In what two texts differ, by code points (what ASCII has a picture of, as that): from the first character that differs to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlike {
    /// The number of the first of them, from 1.
    pub character: usize,
    /// What the first text has there: ``U+00E9``, `` `e` U+0301 ``, or `nothing`.
    pub first: String,
    /// What the other one has there.
    pub second: String,
}

/// Whether two texts that differ may be drawn alike: by Unicode's table of what is confused with
/// what (UTS #39, section 4), in characters that are not seen, or in another composition.
pub fn are_alike(first: &str, second: &str) -> bool {
    // Of ASCII, what is hidden is escaped wherever it is drawn, and the rest is known to readers.
    if first == second || first.is_ascii() && second.is_ascii() {
        return false;
    }
    drawn(first) == drawn(second)
}

/// In what two texts differ; nothing where they do not.
pub fn unlike(first: &str, second: &str) -> Option<Unlike> {
    let (ours, theirs): (Vec<char>, Vec<char>) =
        (first.chars().collect(), second.chars().collect());
    let same = |(a, b): &(&char, &char)| a == b;
    let before = ours.iter().zip(&theirs).take_while(same).count();
    let (rest, others) = (ours.get(before..)?, theirs.get(before..)?);
    let after = rest.iter().rev().zip(others.iter().rev()).take_while(same).count();
    let [first, second] = [(&ours, rest.len()), (&theirs, others.len())]
        .map(|(all, left)| codes(all, before..before + left - after));
    (ours != theirs).then_some(Unlike { character: before + 1, first, second })
}

fn codes(characters: &[char], which: Range<usize>) -> String {
    let which = characters.get(which).unwrap_or_default();
    let code = |c: &char| match c {
        plain if plain.is_ascii_graphic() => format!("`{plain}`"),
        other => format!("U+{:04X}", u32::from(*other)),
    };
    let mut codes: Vec<String> = which.iter().take(MOST).map(code).collect();
    if which.len() > MOST {
        codes.push("…".to_owned());
    }
    if codes.is_empty() { "nothing".to_owned() } else { codes.join(" ") }
}

/// What a reader sees of a text, more or less.
fn drawn(text: &str) -> String {
    let seen = text.trim_end().chars().filter_map(|character| match character {
        // What fonts have no picture for.
        '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => Some('\u{fffd}'),
        c if is_noncharacter(c) => Some('\u{fffd}'),
        c if c.is_whitespace() => Some(' '),
        c if is_mark(c) => Some(c),
        c if c.is_control() || is_hidden(c, Notation::Json) => None,
        c => Some(c),
    });
    skeleton(&seen.collect::<String>()).collect()
}

/// Whether a character that is hidden where it stands alone is seen with the one before.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_are_told_apart() {
        for (first, second, said) in [
            ("a b", "a\u{a0}b", Some((2, "U+0020", "U+00A0"))),
            ("\u{e9}t", "e\u{301}t", Some((1, "U+00E9", "`e` U+0301"))),
            ("ab", "a\u{200b}b", Some((2, "nothing", "U+200B"))),
            ("a", "a\u{feff}", Some((2, "nothing", "U+FEFF"))),
            ("ab", "\u{430}b", Some((1, "`a`", "U+0430"))),
            ("\u{ff21}b", "Ab", Some((1, "U+FF21", "`A`"))),
            ("\u{41e}", "\u{39f}", Some((1, "U+041E", "U+039F"))),
            ("\u{212a}m", "Km", Some((1, "U+212A", "`K`"))),
            ("o\u{fb01}", "ofi", Some((2, "U+FB01", "`f` `i`"))),
            ("a\u{2013}b", "a\u{2010}b", Some((2, "U+2013", "U+2010"))),
            ("\u{fffe}", "\u{ffff}", Some((1, "U+FFFE", "U+FFFF"))),
            ("a\u{202e}b\u{202c}c", "abc", Some((2, "U+202E `b` U+202C", "`b`"))),
            ("x", "x\u{3000}\t", Some((2, "nothing", "U+3000 U+0009"))),
            ("x", "x ", None),
            ("Ann", "\u{c5}se", None),
            ("e\u{301}", "e\u{300}", None),
            ("a b", "a-b", None),
            ("ab", "abc", None),
            ("10", "lO", None),
            ("", "", None),
        ] {
            let told = unlike(first, second).filter(|_| are_alike(first, second));
            let said = said.map(|(character, first, second)| Unlike {
                character,
                first: first.to_owned(),
                second: second.to_owned(),
            });
            assert_eq!(told, said, "{first} {second}");
        }
    }

    #[test]
    fn long_differences_are_cut() {
        let [long, longer] = ["a".repeat(20), "b".repeat(9)];
        let told = unlike(&long, &longer).unwrap();
        assert!(told.first.ends_with("`a` …") && told.first.len() < 60, "{told:?}");
        assert_eq!(unlike("a", "a"), None);
    }
}
