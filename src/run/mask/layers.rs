//! A text as it is once what was escaped in it is not any more, layer by layer.
//!
//! Which characters are escaped differs from writer to writer, and what was escaped once is often
//! escaped again: a body of JSON is echoed within a text of JSON, and that in a query. So each way
//! to escape is undone wherever it may have been used, up to some depth, and each layer knows where
//! its parts stood. What is encoded as a whole is a text of its own, in which the same is done.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::decoded::Decoded;
use super::escape::Escape;
use super::undo;

/// How often what is escaped in a text may be escaped, and what is encoded be encoded.
const DEPTH: usize = 4;

/// How many times as many bytes as a text the layers have at most in which escapes of it are
/// undone, whatever is written in it.
const MOST_UNESCAPED: usize = 48;

/// The same of what is encoded in it, and so many bytes more.
const MOST_ENCODED: usize = 4;
const ENCODED_ANYHOW: usize = 4096;

/// Those that are used here and there in a text.
const ESCAPES: [Escape; 8] = [
    Escape::Utf16,
    Escape::Folded,
    Escape::Json,
    Escape::Percent,
    Escape::Form,
    Escape::Markup,
    Escape::Shell,
    Escape::Quoted,
];

/// Those of a text as a whole.
const ENCODINGS: [Escape; 4] = [Escape::Base64, Escape::Hex, Escape::Spelled, Escape::Base32];

/// A layer of a text.
#[derive(Debug)]
pub(super) struct Layer<'t> {
    /// What it says.
    text: Cow<'t, str>,
    /// The layer above it, and where its parts stood there.
    above: Option<(usize, Escape, Decoded)>,
    /// Whether it ends where the text was cut.
    is_cut: bool,
}

/// The layers of a text, itself first.
#[derive(Debug)]
pub(super) struct Layers<'t> {
    all: Vec<Layer<'t>>,
    /// The layers that say something of each part of the text.
    of_part: BTreeMap<(usize, usize), Vec<usize>>,
}

impl<'t> Layers<'t> {
    /// Of a whole text, or of one that was cut at its end, maybe in the middle of an escape.
    /// `reach` is how far from an escape the rest of what is looked for may be.
    pub(super) fn of(text: &'t str, reach: usize, is_cut: bool) -> Self {
        let whole = Layer { text: Cow::Borrowed(text), above: None, is_cut };
        let mut layers =
            Self { all: vec![whole], of_part: BTreeMap::from([((0, text.len()), vec![0])]) };
        let mut left = text.len().saturating_mul(MOST_ENCODED).saturating_add(ENCODED_ANYHOW);
        let mut encoded = vec![0];
        for _ in 0..=DEPTH {
            let mut within = Vec::new();
            for root in encoded {
                let first = layers.all.len();
                layers.unescape(root, reach);
                for at in std::iter::once(root).chain(first..layers.all.len()) {
                    within.extend(layers.decode(at, &mut left));
                }
            }
            encoded = within;
        }
        layers
    }

    /// Adds what a layer says where each way to escape is undone, and again.
    fn unescape(&mut self, root: usize, reach: usize) {
        let length = self.all.get(root).map_or(0, |layer| layer.text.len());
        let mut left = length.saturating_mul(MOST_UNESCAPED);
        let mut last = vec![root];
        for _ in 0..DEPTH {
            let mut next = Vec::new();
            for at in last {
                for escape in ESCAPES {
                    let Some(layer) = self.all.get(at).filter(|_| left > 0) else { return };
                    let undone = undo::unescaped(&layer.text, escape, layer.is_cut);
                    for part in undone.into_iter().flat_map(|whole| whole.around(reach)) {
                        next.extend(self.add(at, escape, part, &mut left));
                    }
                }
            }
            last = next;
        }
    }

    /// Adds what is encoded in a layer; gives the numbers of what it added.
    fn decode(&mut self, at: usize, left: &mut usize) -> Vec<usize> {
        let mut added = Vec::new();
        for escape in ENCODINGS {
            let Some(layer) = self.all.get(at).filter(|_| *left > 0) else { break };
            // What stands encoded in a text that was itself encoded has not been looked into.
            let above = layer.above.as_ref().filter(|(_, above, _)| ESCAPES.contains(above));
            let above = above.map(|(_, _, decoded)| decoded);
            for part in undo::encoded(&layer.text, above, escape) {
                added.extend(self.add(at, escape, part, left));
            }
        }
        added
    }

    /// Adds a layer, if so many bytes are left and no other one says the same of the same part of
    /// the text.
    fn add(
        &mut self,
        above: usize,
        escape: Escape,
        mut part: Decoded,
        left: &mut usize,
    ) -> Option<usize> {
        let from = part.of();
        let text = std::mem::take(&mut part.text);
        let parent = self.all.get(above)?;
        let is_cut = parent.is_cut && from.end == parent.text.len();
        let place = self.place(above, from);
        let known = self.of_part.entry((place.start, place.end)).or_default();
        if known.iter().any(|at| self.all.get(*at).is_some_and(|layer| *layer.text == *text)) {
            return None;
        }
        let Some(rest) = left.checked_sub(text.len()) else {
            *left = 0;
            return None;
        };
        *left = rest;
        known.push(self.all.len());
        self.all.push(Layer { text: text.into(), above: Some((above, escape, part)), is_cut });
        Some(self.all.len() - 1)
    }

    /// Each layer with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.all.iter().enumerate().map(|(at, layer)| (at, &*layer.text))
    }

    /// Each layer that ends where the text was cut, with its number.
    pub(super) fn cut(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.all.iter().enumerate().filter(|(_, layer)| layer.is_cut);
        all.map(|(at, layer)| (at, &*layer.text))
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
        let layers = Layers::of(text, 1000, false);
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
        fn any_text_has_layers(text in "[\\\\%&+=;#xu{}a-f0-9'\"öé\u{1f600} ]{0,40}", reach in 0..50_usize, is_cut: bool) {
            let layers = Layers::of(&text, reach, is_cut);
            for (at, layer) in layers.iter() {
                for (start, character) in layer.char_indices() {
                    let place = layers.place(at, start..start + character.len_utf8());
                    proptest::prop_assert!(text.get(place.clone()).is_some_and(|part| !part.is_empty()), "{place:?}");
                }
            }
        }
    }
}
