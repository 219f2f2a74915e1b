//! Characters that cannot be seen, or not be told from others, written so that they can.

mod alike;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use alike::{are_alike, unlike};

/// How such a character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// As in a text of JSON, where control characters are escaped already: `\u00a0`.
    Json,
    /// As in XML: `&#xA0;`.
    Xml,
    /// In a text that has no escapes: `⟨U+00A0⟩`. So are a carriage return, and the spaces and
    /// tabs at the end of a line.
    Plain,
}

/// The text with each character that is not seen in its notation.
pub fn visible(text: &str, notation: Notation) -> Cow<'_, str> {
    let hides = text.chars().any(|character| is_hidden(character, notation))
        || notation == Notation::Plain && has_blank_ends(text);
    if !hides {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let (content, end) = match line.strip_suffix('\n') {
            Some(content) => (content, "\n"),
            None => (line, ""),
        };
        let blank = match notation {
            Notation::Plain => content.trim_end_matches([' ', '\t']).len(),
            Notation::Json | Notation::Xml => content.len(),
        };
        for (at, character) in content.char_indices() {
            if at >= blank || is_hidden(character, notation) {
                write(character, notation, &mut seen);
            } else {
                seen.push(character);
            }
        }
        seen.push_str(end);
    }
    Cow::Owned(seen)
}

fn has_blank_ends(text: &str) -> bool {
    text.lines().any(|line| line.ends_with([' ', '\t']))
}

fn write(character: char, notation: Notation, into: &mut String) {
    let code = u32::from(character);
    // Writing to a string cannot fail.
    match notation {
        Notation::Json => {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                _ = write!(into, "\\u{unit:04x}");
            }
        }
        Notation::Xml => _ = write!(into, "&#x{code:X};"),
        Notation::Plain => _ = write!(into, "⟨U+{code:04X}⟩"),
    }
}

/// Spaces but the plain one, marks that go over the letter before, what has no width, what turns
/// the direction of its surroundings, and controls.
fn is_hidden(character: char, notation: Notation) -> bool {
    match character {
        '\r' => notation != Notation::Json,
        '\u{7f}'..='\u{a0}'
        | '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{1680}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}'
        | '\u{2800}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{3000}'
        | '\u{3099}'
        | '\u{309a}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d159}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        // What is no character at all is drawn like any other that a font does not have.
        _ => is_noncharacter(character),
    }
}

/// Unicode 23.7.
fn is_noncharacter(character: char) -> bool {
    u32::from(character) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_seen_is_written_out() {
        for (text, json, xml, plain) in [
            ("a b", "a b", "a b", "a b"),
            ("a\u{a0}b", "a\\u00a0b", "a&#xA0;b", "a⟨U+00A0⟩b"),
            ("e\u{301}", "e\\u0301", "e&#x301;", "e⟨U+0301⟩"),
            ("\u{feff}x", "\\ufeffx", "&#xFEFF;x", "⟨U+FEFF⟩x"),
            ("x\r\ny", "x\r\ny", "x&#xD;\ny", "x⟨U+000D⟩\ny"),
            ("x \n\ty\t", "x \n\ty\t", "x \n\ty\t", "x⟨U+0020⟩\n\ty⟨U+0009⟩"),
            ("\u{e0001}", "\\udb40\\udc01", "&#xE0001;", "⟨U+E0001⟩"),
            (
                "\u{ffff}\u{1fffe}",
                "\\uffff\\ud83f\\udffe",
                "&#xFFFF;&#x1FFFE;",
                "⟨U+FFFF⟩⟨U+1FFFE⟩",
            ),
            ("é ☺ Ж", "é ☺ Ж", "é ☺ Ж", "é ☺ Ж"),
        ] {
            assert_eq!(visible(text, Notation::Json), json);
            assert_eq!(visible(text, Notation::Xml), xml);
            assert_eq!(visible(text, Notation::Plain), plain);
        }
    }

    proptest! {
        /// What is different is drawn differently.
        #[test]
        fn texts_in_json_stay_what_they_are(text in any::<String>()) {
            let drawn = serde_json::to_string(&text).unwrap();
            let drawn = visible(&drawn, Notation::Json);
            prop_assert_eq!(serde_json::from_str::<String>(&drawn).unwrap(), text);
        }
    }
}
