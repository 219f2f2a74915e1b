//! Secrets of which only the beginning is left, because what they stood in was cut.

use super::{MASKED, Mask, Secret, escaped};

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
        (from..bytes.len()).find(|at| {
            let tail = bytes.get(*at..).unwrap_or_default();
            self.secrets.iter().any(|secret| secret.begins_with(tail))
        })
    }
}

impl Secret {
    /// Whether bytes are a part of it from its beginning on, in whatever form.
    fn begins_with(&self, tail: &[u8]) -> bool {
        if self.text.as_bytes().starts_with(tail) {
            return true;
        }
        let mut one_byte_each = self.text.chars().map(|c| u8::try_from(c).ok());
        if tail.iter().all(|byte| one_byte_each.next() == Some(Some(*byte))) {
            return true;
        }
        // A character may be cut too; what is left of it says nothing.
        let whole = match std::str::from_utf8(tail) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                let whole = tail.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(_) => return false,
        };
        self.escaped.is_some() && escaped::begins(whole, &self.text)
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
