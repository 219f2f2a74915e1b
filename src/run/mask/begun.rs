//! Secrets of which only the beginning is left, because what they stood in was cut.

use super::forms::Extent;
use super::layers::Layers;
use super::{MASKED, Mask, Secret};

/// What stands where a text was cut.
const CUT: char = '…';

/// A character in its longest escape: an astral one in JSON, or a reference in XML.
const LONGEST_ESCAPE: usize = 12;

impl Mask {
    /// Bytes that break off, without the beginning of a secret at their end.
    pub(super) fn without_begun(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(at) = self.begun(&bytes) {
            bytes.truncate(at);
            bytes.extend_from_slice(MASKED.as_bytes());
        }
        bytes
    }

    /// Takes out the beginnings of secrets where a text was cut.
    pub(super) fn hide_begun(&self, text: &mut String) {
        if !text.contains(CUT) || self.secrets.is_empty() {
            return;
        }
        let mut parts: Vec<String> = text.split(CUT).map(str::to_owned).collect();
        let cut = parts.len().saturating_sub(1);
        for part in parts.iter_mut().take(cut) {
            if let Some(at) = self.begun(part.as_bytes()) {
                part.truncate(part.floor_char_boundary(at));
                part.push_str(MASKED);
            }
        }
        *text = parts.join(&CUT.to_string());
    }

    /// Where the first secret begins whose end is not there any more.
    fn begun(&self, bytes: &[u8]) -> Option<usize> {
        let longest = self.secrets.iter().map(|secret| secret.text.chars().count()).max()?;
        let from = bytes.len().saturating_sub(longest.saturating_mul(LONGEST_ESCAPE));
        // What is not UTF-8 from somewhere on is likely to be ISO 8859-1.
        let tail = bytes.get(from..)?;
        let one_byte_each: String = tail.iter().copied().map(char::from).collect();
        let in_latin = self
            .begun_in(&one_byte_each)
            .and_then(|at| Some(from + one_byte_each.get(..at)?.chars().count()));
        // The first characters may be cut as well, and the last one; what is left of them says
        // nothing.
        let start = tail.iter().position(|byte| byte & 0xc0 != 0x80)?;
        let whole = tail.get(start..)?.utf8_chunks().collect::<Vec<_>>();
        let (last, before) = whole.split_last()?;
        let at = from
            + start
            + before.iter().map(|c| c.valid().len() + c.invalid().len()).sum::<usize>();
        let is_cut = last.invalid().is_empty() || bytes.ends_with(last.invalid());
        let in_utf8 = self.begun_in(last.valid()).filter(|_| is_cut).map(|begun| at + begun);
        in_latin.into_iter().chain(in_utf8).min()
    }

    /// The same in a text.
    fn begun_in(&self, text: &str) -> Option<usize> {
        let layers = Layers::of(text, text.len(), true);
        let places = layers.cut().flat_map(|(at, layer)| {
            let begun = self.secrets.iter().filter_map(|secret| secret.begun_at_end_of(layer));
            begun
                .map(|length| layers.place(at, layer.len() - length..layer.len()).start)
                .collect::<Vec<_>>()
        });
        places.min()
    }
}

impl Secret {
    /// How much of its beginning is the end of a text. The beginning of a short one says nothing.
    fn begun_at_end_of(&self, text: &str) -> Option<usize> {
        if !matches!(self.extent, Extent::Anywhere | Extent::Base64) {
            return None;
        }
        let ends = self.text.char_indices().rev().map(|(at, _)| at).filter(|at| *at > 0);
        ends.into_iter()
            .find(|end| self.text.get(..*end).is_some_and(|begun| text.ends_with(begun)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_secret_is_hidden() {
        let mut mask = Mask::default();
        mask.add("p&s \"w/\u{f6}z", "KEY");
        for cut in [
            &b"p"[..],
            b"p&s \"w",
            b"p%26s+%22w%2",
            b"p\\u0026s \\",
            b"p\\u00",
            b"p&am",
            b"p&amp;s &quot;w/&#",
            b"p&s \"w/\xc3",
            b"p&s \"w/\xf6",
            b"cCZzI",
        ] {
            let body = [b"\xffa ", cut].concat();
            let shown = String::from_utf8_lossy(cut);
            assert_eq!(mask.without_begun(body), b"\xffa ***", "{shown}");
        }
        for whole in [&b""[..], b"a", b"p&s a", b"ap&"] {
            let kept = mask.without_begun(whole.to_vec());
            assert_eq!(kept.ends_with(b"***"), whole == b"ap&", "{whole:?}");
        }
        let mut text = "it is \"a p&amp;s…\", not \"p&s\"".to_owned();
        mask.hide_begun(&mut text);
        assert_eq!(text, "it is \"a ***…\", not \"p&s\"");
    }
}
