//! A text as it is once what was escaped in it is not any more, layer by layer.
//!
//! Which characters are escaped differs from writer to writer, and what was escaped once is often
//! escaped again: a body of JSON is echoed within a text of JSON, and that in a query. So each way
//! to escape is undone wherever it may have been used, up to some depth, and each layer knows where
//! its parts stood.

use std::borrow::Cow;
use std::ops::Range;

use super::decoded::Decoded;
use super::undo;

/// How deep a text is looked into.
const DEPTH: usize = 4;

/// How many layers a text has at most, whatever is written in it.
const MOST: usize = 48;

/// A way to escape or to encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// The escapes of JSON (RFC 8259 section 7) and its kin: `\u{..}`, `\U........`, and bytes as
    /// `\x..` and `\...`, in octal digits.
    Json,
    /// Percent-encoding (RFC 3986 section 2.1).
    Percent,
    /// The same with a plus for a space.
    Form,
    /// The references of XML (XML 1.0 section 4.1) and HTML.
    Markup,
    /// What a shell takes away within quotes, and between them.
    Shell,
    /// Base64 (RFC 4648), both alphabets.
    Base64,
    /// Base32 (RFC 4648).
    Base32,
    /// Hexadecimal digits.
    Hex,
    /// Bytes that are spelled one by one.
    Spelled,
    /// Quoted-printable (RFC 2045 section 6.7).
    Quoted,
    /// Text in UTF-16 of which each byte is read as a character.
    Utf16,
    /// Lines of one length, as base64 is broken into (RFC 2045 section 6.8).
    Folded,
}

const ALL: [Escape; 12] = [
    Escape::Utf16,
    Escape::Folded,
    Escape::Json,
    Escape::Percent,
    Escape::Form,
    Escape::Markup,
    Escape::Shell,
    Escape::Base64,
    Escape::Hex,
    Escape::Quoted,
    Escape::Spelled,
    Escape::Base32,
];

impl Escape {
    /// The filter of a shell that does it; none where there is none that fits.
    pub(super) fn filter(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("jq -sR . | sed 's/^.//;s/.$//'"),
            Self::Percent | Self::Form => Some("jq -sRr @uri"),
            Self::Markup => Some("sed 's/&/\\&amp;/g;s/</\\&lt;/g;s/>/\\&gt;/g'"),
            Self::Shell
            | Self::Base64
            | Self::Base32
            | Self::Hex
            | Self::Spelled
            | Self::Quoted
            | Self::Utf16
            | Self::Folded => None,
        }
    }
}

/// A layer of a text.
#[derive(Debug)]
pub(super) struct Layer<'t> {
    /// What it says.
    pub(super) text: Cow<'t, str>,
    /// The layer above it, and where its parts stood there.
    above: Option<(usize, Escape, Decoded)>,
}

/// The layers of a text, itself first.
#[derive(Debug)]
pub(super) struct Layers<'t> {
    all: Vec<Layer<'t>>,
}

impl<'t> Layers<'t> {
    /// Of a whole text, or of one that was cut at its end, maybe in the middle of an escape.
    pub(super) fn of(text: &'t str, is_cut: bool) -> Self {
        let mut all = vec![Layer { text: Cow::Borrowed(text), above: None }];
        let (mut next, mut end) = (0, 1);
        for _ in 0..DEPTH {
            for at in next..end {
                for escape in ALL {
                    let Some(layer) = all.get(at).filter(|_| all.len() < MOST) else { break };
                    let Some(mut decoded) = undo::undo(&layer.text, escape, is_cut) else {
                        continue;
                    };
                    let text = std::mem::take(&mut decoded.text);
                    if all.iter().all(|known| *known.text != *text) {
                        all.push(Layer { text: text.into(), above: Some((at, escape, decoded)) });
                    }
                }
            }
            (next, end) = (end, all.len());
        }
        Self { all }
    }

    /// Each layer with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.all.iter().enumerate().map(|(at, layer)| (at, &*layer.text))
    }

    /// Where a part of a layer stands in the whole text.
    pub(super) fn place(&self, mut layer: usize, mut part: Range<usize>) -> Range<usize> {
        while let Some((above, _, decoded)) = self.all.get(layer).and_then(|l| l.above.as_ref()) {
            part = decoded.start(part.start)..decoded.end(part.end);
            layer = *above;
        }
        part
    }

    /// How what stands in a layer was escaped, in the order in which that was done.
    pub(super) fn escapes(&self, mut layer: usize) -> Vec<Escape> {
        let mut escapes = Vec::new();
        while let Some((above, escape, _)) = self.all.get(layer).and_then(|l| l.above.as_ref()) {
            escapes.push(*escape);
            layer = *above;
        }
        escapes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, wanted: &str) -> Option<String> {
        let layers = Layers::of(text, false);
        let (at, start) = layers.iter().find_map(|(at, layer)| Some((at, layer.find(wanted)?)))?;
        text.get(layers.place(at, start..start + wanted.len())).map(str::to_owned)
    }

    #[test]
    fn a_text_is_found_however_it_is_escaped() {
        let wanted = "p~&s \"w</ö\u{1f600}";
        for escaped in [
            "p~&s \"w</ö\u{1f600}",
            "p%7E%26s%20%22w%3C%2F%C3%B6%F0%9F%98%80",
            "p~%26s+%22w%3c%2f%c3%b6\u{1f600}",
            "p~&s \\\"w<\\/\\u00f6\\ud83d\\ude00",
            "p~\\u0026s \\\"w\\u003c/ö\u{1f600}",
            "p~\\x26s \\\"w\\u{3c}/ö\u{1f600}",
            "p~&amp;s &quot;w&lt;/&#246;&#x1F600;",
            "p~&amp;s &quot;w&lt;/&ouml;&#x1F600;",
            "p~&s \\\\\\\"w</ö\u{1f600}",
            "p~&s \\\"w\\x3c/\\xC3\\xb6\\U0001F600",
            "p~&s \\\"w\\074/\\303\\266\u{1f600}",
            "p~=26s=20=22w</=C3=B6=F0=9f=98=80",
            "p~&amp;s&#32;&quot;w&LT;&sol;&ouml;&#x1F600;",
            "p~&amp;s \\u0026quot;w\\u0026lt;/ö\u{1f600}",
        ] {
            let around = format!("öp~p{escaped}ö");
            assert_eq!(found(&around, wanted).as_deref(), Some(escaped), "{escaped}");
        }
        for text in [r"a\b", r"a\\b", "a%5Cb", "a%5cb", r"a\\\\b"] {
            assert_eq!(found(text, "a\\b").as_deref(), Some(text));
        }
        assert_eq!(found(r"it'\''s", "it's").as_deref(), Some(r"it'\''s"));
        for text in ["", "p~", "p%7", "p%é", "p\\u00", "p~&am;s", "%", "&", "\\", "\\u{", "&#;"] {
            assert_eq!(found(text, wanted), None, "{text}");
        }
    }

    #[test]
    fn what_is_in_base64_or_hexadecimal_is_looked_into() {
        // {"p":"a\"bcdef"}
        assert_eq!(
            found("x.eyJwIjoiYVwiYmNkZWYifQ.y", "a\"bcdef").as_deref(),
            Some("YVwiYmNkZWYi")
        );
        assert_eq!(found("00 612262636465 66", "a\"bcde").as_deref(), Some("612262636465"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_layers(text in "[\\\\%&+=;#xu{}a-f0-9'\"öé\u{1f600} ]{0,40}", is_cut: bool) {
            let layers = Layers::of(&text, is_cut);
            for (at, layer) in layers.iter() {
                for (start, character) in layer.char_indices() {
                    let place = layers.place(at, start..start + character.len_utf8());
                    proptest::prop_assert!(text.get(place.clone()).is_some_and(|part| !part.is_empty()), "{place:?}");
                }
            }
        }
    }
}
