//! The fields of a form, which are read where they stand: a client can send very many short ones.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{cut, decode_pairs_in, decode_part, encode_part};
use crate::value::Value;
use crate::wire::DecodeError;
use crate::wire::encoding::{Encoding, text_of};

/// So many names are kept; those that come after are read each time.
const MOST_NAMES: usize = 1_024;
/// From this many names on, an index is cheaper than looking.
const INDEX_FROM: usize = 16;
/// In a form of more fields names come several times.
const FEW: usize = 256;
/// The number of a name that is not kept.
const NOT_KEPT: u32 = u32::MAX;

/// The names and values of a form, in order. What is kept of each is where it stands.
#[derive(Debug, Default)]
pub struct Fields<'t> {
    text: Cow<'t, str>,
    names: Vec<Arc<str>>,
    list: Vec<Field>,
}

#[derive(Debug, Clone, Copy)]
struct Field {
    name: u32,
    at: u32,
}

/// A name and where its value stands.
#[derive(Debug, Clone)]
pub struct Found<'f> {
    /// The name.
    pub name: Cow<'f, Arc<str>>,
    /// The number of the name, if it is one of those that are kept.
    pub number: Option<usize>,
    value: &'f str,
}

impl Found<'_> {
    /// How many have its name, by the counts of all.
    pub fn count(&self, counts: &[usize]) -> usize {
        self.number.and_then(|number| counts.get(number)).copied().unwrap_or_default()
    }

    /// The value.
    pub fn value(&self) -> Value {
        // It was decoded before.
        Value::Text(decode_part(self.value, 0, self.value).unwrap_or_default())
    }
}

impl<'t> Fields<'t> {
    /// Reads the body of a form in the encoding that its media type names.
    pub fn read(body: &'t [u8], charset: Option<Encoding>) -> Result<Self, DecodeError> {
        match charset {
            Some(charset) if charset != Encoding::UTF_8 && !charset.is_wide() => {
                Ok(Self::of(&decode_pairs_in(body, Some(charset))?))
            }
            _ => Self::of_text(text_of(body, charset)?),
        }
    }

    /// Those names and values.
    pub fn of(pairs: &[super::Pair]) -> Fields<'static> {
        let mut text = Vec::new();
        for (name, value) in pairs {
            // UTF-8 has all characters.
            _ = encode_part(name, Encoding::UTF_8, &mut text);
            text.push(b'=');
            _ = encode_part(value, Encoding::UTF_8, &mut text);
            text.push(b'&');
        }
        let text = String::from_utf8(text).unwrap_or_default();
        Fields::of_text(text.into()).unwrap_or_default()
    }

    fn of_text(text: Cow<'t, str>) -> Result<Self, DecodeError> {
        let count = memchr::memchr_iter(b'&', text.as_bytes()).count() + 1;
        let mut fields = Vec::with_capacity(count);
        let names = {
            let mut names = Names::default();
            let mut offset = 0;
            for pair in text.split('&') {
                if !pair.is_empty() {
                    let (name, value) = cut(pair, b'=').unwrap_or((pair, ""));
                    let Ok(at) = u32::try_from(offset) else {
                        let message = "a form of more than 4 GiB";
                        return Err(DecodeError::at(text.as_bytes(), offset, message));
                    };
                    let name = match names.number(name) {
                        Some(known) => known,
                        None => names.add(name, &decode_part(&text, offset, name)?),
                    };
                    check_part(&text, offset + pair.len() - value.len(), value)?;
                    fields.push(Field { name, at });
                }
                offset += pair.len() + 1;
            }
            names.decoded
        };
        Ok(Self { text, names, list: fields })
    }

    /// How many fields have each of the names that are kept.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        for field in &self.list {
            if let Some(count) = counts.get_mut(field.name as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        self.named(|_| true)
    }

    /// The values of those with such a name.
    pub fn values(&self, is: impl Fn(&str) -> bool) -> Vec<Value> {
        let mut values = Vec::new();
        if self.list.len() > FEW {
            let wanted = self.wanted(&is);
            let is_wanted = |field: &&Field| wanted.get(field.name as usize) == Some(&true);
            values.reserve_exact(self.list.iter().filter(is_wanted).count());
        }
        values.extend(self.named(is).map(|found| found.value()));
        values
    }

    /// For each name that is kept, whether it is such a name.
    fn wanted(&self, is: &impl Fn(&str) -> bool) -> Vec<bool> {
        self.names.iter().map(|name| is(name)).collect()
    }

    /// Those with such a name.
    pub fn named(&self, is: impl Fn(&str) -> bool) -> impl Iterator<Item = Found<'_>> {
        // Of many fields several have one name, which is looked at once.
        let wanted = if self.list.len() > FEW { self.wanted(&is) } else { Vec::new() };
        self.list.iter().filter_map(move |field| {
            let kept = self.names.get(field.name as usize);
            let known = match wanted.get(field.name as usize) {
                Some(known) => Some(*known),
                None => kept.map(|name| is(name)),
            };
            if known == Some(false) {
                return None;
            }
            let rest = self.text.get(field.at as usize..)?;
            let end = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
            let pair = rest.get(..end)?;
            let (written, value) = cut(pair, b'=').unwrap_or((pair, ""));
            let name = match kept {
                Some(name) => Cow::Borrowed(name),
                None => Cow::Owned(decode_part(written, 0, written).unwrap_or_default()),
            };
            let number = known.map(|_| field.name as usize);
            (known.is_some() || is(&name)).then_some(Found { name, number, value })
        })
    }
}

/// Fails on what cannot be decoded.
fn check_part(text: &str, offset: usize, part: &str) -> Result<(), DecodeError> {
    let mut rest = part.as_bytes();
    while let Some(at) = memchr::memchr(b'%', rest) {
        match rest.get(at + 1..at + 3) {
            // A character of ASCII.
            Some([b'0'..=b'7', low]) if low.is_ascii_hexdigit() => {}
            _ => return decode_part(text, offset, part).map(drop),
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    Ok(())
}

/// Names with their numbers.
#[derive(Default)]
struct Names<'t> {
    /// As they are written; one may be written in several ways.
    written: Vec<(&'t str, u32)>,
    index: HashMap<&'t str, u32>,
    decoded: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl<'t> Names<'t> {
    fn number(&self, written: &str) -> Option<u32> {
        if self.index.is_empty() {
            let known = self.written.iter().find(|(known, _)| *known == written);
            return known.map(|(_, number)| *number);
        }
        self.index.get(written).copied()
    }

    fn add(&mut self, written: &'t str, name: &Arc<str>) -> u32 {
        if self.written.len() >= MOST_NAMES {
            return NOT_KEPT;
        }
        let known = match self.numbers.is_empty() {
            true => self.decoded.iter().position(|known| known == name),
            false => self.numbers.get(name).map(|number| *number as usize),
        };
        let at = known.unwrap_or(self.decoded.len());
        let number = u32::try_from(at).unwrap_or(NOT_KEPT);
        if known.is_none() {
            self.decoded.push(name.clone());
            if self.decoded.len() >= INDEX_FROM {
                let new = self.decoded.iter().zip(0..).skip(self.numbers.len());
                self.numbers.extend(new.map(|(name, number)| (name.clone(), number)));
            }
        }
        self.written.push((written, number));
        if self.written.len() >= INDEX_FROM {
            let new = self.written.iter().skip(self.index.len());
            self.index.extend(new.copied());
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::decode_pairs;
    use super::*;

    fn all(fields: &Fields<'_>) -> Vec<(String, String)> {
        fields.iter().map(|one| (one.name.to_string(), one.value().to_string())).collect()
    }

    proptest! {
        #[test]
        fn fields_are_the_pairs_of_the_text(body in "([ab&=+%]|%61|%C3%A4|%ff|ä|x1?2?3?=){0,40}") {
            let pairs = decode_pairs(&body);
            match Fields::read(body.as_bytes(), None) {
                Err(error) => prop_assert_eq!(pairs.unwrap_err(), error),
                Ok(fields) => {
                    let pairs = pairs.unwrap();
                    let expected: Vec<_> =
                        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
                    prop_assert_eq!(&all(&fields), &expected);
                    prop_assert_eq!(&all(&Fields::of(&pairs)), &expected);
                    for (number, count) in fields.counts().into_iter().enumerate() {
                        let of = fields.iter().filter(|one| one.number == Some(number)).count();
                        prop_assert_eq!(of, count);
                    }
                    let a: Vec<_> = fields.named(|name| name == "a").map(|one| one.value()).collect();
                    prop_assert_eq!(a.len(), expected.iter().filter(|(name, _)| name == "a").count());
                }
            }
        }
    }

    #[test]
    fn names_are_found_however_many_there_are() {
        for count in [1, INDEX_FROM - 1, INDEX_FROM, MOST_NAMES, MOST_NAMES + 3] {
            let body: Vec<_> = (0..count).map(|at| format!("n{at}=1&%6e{at}=2")).collect();
            let body = body.join("&");
            let fields = Fields::read(body.as_bytes(), None).unwrap();
            assert!(fields.counts().len() <= MOST_NAMES);
            for at in [0, count / 2, count - 1] {
                let name = format!("n{at}");
                let found: Vec<_> =
                    fields.named(|known| known == name).map(|one| one.value()).collect();
                assert_eq!(found, [Value::text("1"), Value::text("2")], "{name} of {count}");
            }
        }
    }
}
