//! Reads JSON without a word about what is wrong: whatever is not plain enough for it gives
//! nothing, and is then read by the library, which knows the place and the reason. Most texts are
//! plain, and what is read here is what the library reads, as a test over random texts holds.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memchr2;

use super::escaped::plain_length;
use super::{Large, SET_FROM};
use crate::value::{Map, Value, shared_text};
use crate::wire::{Limits, Repeated};

/// Reads a text, if it is within the limits.
pub(super) fn read(text: &str, limits: &Limits, large: Option<&Large>) -> Option<Value> {
    let mut reader = Reader { text, at: 0, limits, large };
    reader.space();
    let value = reader.value(limits.effective_depth())?;
    reader.space();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    limits: &'t Limits,
    large: Option<&'t Large>,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes that byte, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let comes = self.peek() == Some(byte);
        self.at += usize::from(comes);
        comes
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    fn value(&mut self, depth_left: usize) -> Option<Value> {
        match self.peek()? {
            b'"' => Some(Value::Text(shared_text(&self.string()?))),
            b'{' => self.object(depth_left.checked_sub(1)?),
            b'[' => self.list(depth_left.checked_sub(1)?),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(depth_left),
        }
    }

    /// A text in which nothing is escaped: it stands there as it is.
    fn plain(&mut self) -> Option<&'t str> {
        let from = self.at + 1;
        let rest = self.text.as_bytes().get(from..)?;
        let length = plain_length(rest);
        if rest.get(length) != Some(&b'"') {
            return None;
        }
        self.at = from + length + 1;
        self.text.get(from..from + length)
    }

    fn string(&mut self) -> Option<std::borrow::Cow<'t, str>> {
        if let Some(plain) = self.plain() {
            return Some(plain.into());
        }
        let mut end = self.at + 1;
        loop {
            let rest = self.text.as_bytes().get(end..)?;
            end += memchr2(b'"', b'\\', rest)?;
            match self.text.as_bytes().get(end)? {
                b'"' => break,
                _ => end += 2,
            }
        }
        let escaped = self.text.get(self.at..=end)?;
        self.at = end + 1;
        serde_json::from_str::<String>(escaped).ok().map(Into::into)
    }

    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    /// To the library, numbers other than small integers are one level more.
    fn number(&mut self, depth_left: usize) -> Option<Value> {
        let from = self.at;
        let negative = self.take(b'-');
        let zero = self.take(b'0');
        if !zero {
            self.digits()?;
        }
        let mut whole = !(zero && negative);
        if self.take(b'.') {
            whole = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let literal = self.text.get(from..self.at)?;
        let integer = whole.then(|| literal.parse().ok()).flatten();
        match integer {
            Some(integer) => Some(Value::Integer(integer)),
            None if depth_left == 0 => None,
            None => Value::number(literal),
        }
    }

    fn list(&mut self, depth_left: usize) -> Option<Value> {
        self.at += 1;
        let mut items = Vec::with_capacity(self.large.map_or(0, |large| large.lists.next()));
        self.space();
        if self.take(b']') {
            return Some(Value::list(items));
        }
        loop {
            items.push(self.value(depth_left)?);
            self.space();
            if self.take(b']') {
                return Some(Value::list(items));
            }
            if !self.take(b',') {
                return None;
            }
            self.space();
        }
    }

    fn object(&mut self, depth_left: usize) -> Option<Value> {
        self.at += 1;
        self.space();
        let mut map = Map::new();
        if self.take(b'}') {
            return Some(Value::map(map));
        }
        let mut names: Option<HashSet<Arc<str>>> = None;
        loop {
            if self.peek() != Some(b'"') {
                return None;
            }
            let name = self.string()?;
            let name = match self.large {
                Some(large) => large.name(&name),
                None => name.into(),
            };
            self.space();
            if !self.take(b':') {
                return None;
            }
            self.space();
            let known = match map.len() < SET_FROM {
                true => map.get(&name).is_some(),
                false => {
                    !names.get_or_insert_with(|| map.keys().cloned().collect()).insert(name.clone())
                }
            };
            let value = self.value(depth_left)?;
            if known && self.limits.repeated == Repeated::Refused {
                return None;
            }
            match known && self.limits.repeated == Repeated::LastCounts {
                true => map.insert(name, value),
                false if map.len() == self.limits.members => return None,
                false => map.push(name, value),
            }
            self.space();
            if self.take(b'}') {
                return Some(Value::map(map));
            }
            if !self.take(b',') {
                return None;
            }
            self.space();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::json::by_library;

    fn piece() -> impl Strategy<Value = String> {
        const PIECES: &[&str] = &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\"b\"",
            "\"\"",
            "\"a\\n\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\ude00\"",
            "\"\u{e4}\"",
            "\"\u{1}\"",
            "\\",
            "0",
            "-0",
            "-",
            "1",
            "01",
            "1.5",
            "1.",
            ".5",
            "1e5",
            "1E+05",
            "-1.50e-07",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "\t\r",
            "\u{b}",
            "\"a\":1",
            "\"a\":{}",
            "\"$serde_json::private::Number\":\"1\"",
            "[]",
            "{}",
            "1e99999999999999999999999999999999999999",
        ];
        proptest::sample::select(PIECES).prop_map(str::to_owned)
    }

    fn tree() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| serde_json::to_string(&number).unwrap()),
            ".*".prop_map(|text: String| serde_json::to_string(&text).unwrap()),
            piece(),
        ];
        scalar.prop_recursive(6, 64, 8, |inner| {
            let members = prop::collection::vec(("[a-c\"\u{e4}]{0,2}", inner.clone()), 0..20);
            let members = members.prop_map(|members| {
                let name = |name: &str| serde_json::to_string(name).unwrap();
                let members = members.iter().map(|(n, value)| format!("{}:{value}", name(n)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(" ,"))
            });
            let items = prop::collection::vec(inner, 0..8);
            prop_oneof![members, items.prop_map(|items| format!("[{}]", items.join(", ")))]
        })
    }

    /// To the letter: numbers that are equal may be written in several ways.
    fn same(text: &str, limits: &Limits) -> Result<(), TestCaseError> {
        let large = Large::of(text);
        for large in [None, Some(&large)] {
            if let Some(value) = read(text, limits, large) {
                let expected = by_library(text, limits);
                prop_assert_eq!(
                    expected.map(|value| format!("{value:?}")),
                    Ok(format!("{value:?}"))
                );
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_library_reads(
            pieces in prop::collection::vec(piece(), 0..12),
            text in tree(),
            depth in 0_usize..8,
            repeated in prop::sample::select(vec![Repeated::LastCounts, Repeated::Refused, Repeated::Kept]),
        ) {
            let limits = Limits { depth, members: 18, repeated };
            same(&pieces.concat(), &limits)?;
            same(&text, &limits)?;
            same(&text, &Limits { depth: 128, ..limits })?;
        }
    }

    #[test]
    fn usual_texts_are_read_here() {
        for text in [
            r#" {"a": [1, -2.50, 1e2, true, false, null, "x\ny", "\u00e4", ""], "b": {"c": {}}} "#,
            "[]",
            "\"\\ud83d\\ude00\"",
            "-0",
            "18446744073709551615",
        ] {
            assert!(read(text, &Limits::default(), None).is_some(), "{text}");
        }
        for text in ["", "[1,]", "{\"a\":1,}", "01", "1.", "\"\u{1}\"", "\"\\ud800\"", "[1] 2"] {
            assert!(read(text, &Limits::default(), None).is_none(), "{text}");
        }
    }
}
