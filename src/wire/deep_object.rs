//! Forms and queries with structure in their names: `a[b]=1&a[c][]=2&a[c][]=3`, which OpenAPI
//! calls the style `deepObject`.

use std::collections::HashMap;
use std::sync::Arc;

use super::encoding::Encoding;
use super::form::{Pair, decode_pairs_in, encode_part};
use super::{DecodeError, Decoded, EncodeError, Limits, Wire};
use crate::value::{Map, Value};

/// A form whose names have structure.
///
/// `a[b]` is the member `b` of `a`, `a[]` one more item of `a`, and `a[0]`, `a[1]`, ... are its
/// items when they are numbered from 0 on without a gap; otherwise the numbers are names. In
/// `a[][b]` a new item begins when the last one has a `b` already. A name whose brackets do not
/// pair up is a name like any other.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeepForm;

impl Wire for DeepForm {
    fn name(&self) -> &'static str {
        "form"
    }

    fn textual(&self) -> bool {
        true
    }

    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let pairs = decode_pairs_in(body, charset)?;
        let map = nest(&pairs, limits).map_err(|message| DecodeError::at(body, 0, message))?;
        Ok(Value::map(map).into())
    }

    /// Null and nothing cannot be told apart from being absent: null is refused, an empty list or
    /// object is not written.
    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_in(value, Encoding::UTF_8, out)
    }

    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let Some(members) = value.members() else {
            let kind = value.kind();
            return Err(EncodeError::new(format!("a form is an object, this is of kind {kind}")));
        };
        let mut pairs = Vec::new();
        for (name, member) in members {
            flatten(name, member, &mut pairs)?;
        }
        for (at, (name, text)) in pairs.iter().enumerate() {
            if at > 0 {
                out.push(b'&');
            }
            encode_part(name, charset, out)?;
            out.push(b'=');
            encode_part(text, charset, out)?;
        }
        Ok(())
    }
}

/// Adds the names and texts that make up a value: what [`nest`] reads. Fails for null.
pub fn flatten(
    name: &str,
    value: &Value,
    pairs: &mut Vec<(String, Arc<str>)>,
) -> Result<(), EncodeError> {
    if let Some(members) = value.members() {
        for (key, member) in members {
            flatten(&format!("{name}[{key}]"), member, pairs)?;
        }
        return Ok(());
    }
    if let Some(items) = value.as_list() {
        for (at, item) in items.iter().enumerate() {
            flatten(&format!("{name}[{at}]"), item, pairs)?;
        }
        return Ok(());
    }
    let Some(text) = value.scalar_text() else {
        let kind = value.kind();
        let message = format!("a form cannot hold {name:?}, which is of kind {kind}");
        return Err(EncodeError::new(message));
    };
    pairs.push((name.to_owned(), text));
    Ok(())
}

/// The object that names and values make up. Fails, with what is wrong, when a name stands for
/// a value and for an object, or goes beyond the limits.
pub fn nest<'p>(pairs: impl IntoIterator<Item = &'p Pair>, limits: &Limits) -> Result<Map, String> {
    let mut root = Group::default();
    for (name, value) in pairs {
        let path = path(name);
        if path.len() > limits.effective_depth() {
            return Err(format!("nested deeper than {}", limits.depth));
        }
        root.insert(&path, value, limits)?;
    }
    root.members.into_iter().map(|(name, group)| Ok((name.clone(), group.value(&name)?))).collect()
}

/// The name before the first bracket.
pub fn base(name: &str) -> &str {
    path(name).first().copied().unwrap_or(name)
}

/// `a[b][]` as `a`, `b` and nothing; any other name as itself.
fn path(name: &str) -> Vec<&str> {
    let Some((first, mut rest)) = name.split_once('[').filter(|(first, _)| !first.is_empty())
    else {
        return vec![name];
    };
    let mut path = vec![first];
    loop {
        let Some((key, after)) = rest.split_once(']') else { return vec![name] };
        if key.contains('[') {
            return vec![name];
        }
        path.push(key);
        match after.strip_prefix('[') {
            Some(next) => rest = next,
            None if after.is_empty() => return path,
            None => return vec![name],
        }
    }
}

/// What was given below one name.
#[derive(Debug, Default)]
struct Group {
    texts: Vec<Arc<str>>,
    items: Vec<Group>,
    members: Vec<(Arc<str>, Group)>,
    index: HashMap<Arc<str>, usize>,
}

impl Group {
    fn insert(&mut self, path: &[&str], value: &Arc<str>, limits: &Limits) -> Result<(), String> {
        match path {
            [] => self.texts.push(value.clone()),
            ["", rest @ ..] => {
                let taken = |item: &Self| match rest.first() {
                    Some(key) => item.index.contains_key(*key),
                    None => true,
                };
                if self.items.last().is_none_or(taken) {
                    self.items.push(Self::default());
                }
                if let Some(item) = self.items.last_mut() {
                    item.insert(rest, value, limits)?;
                }
            }
            [key, rest @ ..] => {
                let next = self.members.len();
                let at = *self.index.entry(Arc::from(*key)).or_insert(next);
                if at == next {
                    if next >= limits.members {
                        return Err(format!("more than {} members", limits.members));
                    }
                    self.members.push(((*key).into(), Self::default()));
                }
                if let Some((_, member)) = self.members.get_mut(at) {
                    member.insert(rest, value, limits)?;
                }
            }
        }
        Ok(())
    }

    fn value(mut self, name: &str) -> Result<Value, String> {
        let kinds = [self.texts.is_empty(), self.items.is_empty(), self.members.is_empty()];
        if kinds.iter().filter(|empty| !**empty).count() > 1 {
            return Err(format!("`{name}` is given in several ways that exclude each other"));
        }
        if !self.texts.is_empty() {
            return Ok(match self.texts.as_slice() {
                [only] => Value::Text(only.clone()),
                texts => Value::list(texts.iter().map(|text| Value::Text(text.clone())).collect()),
            });
        }
        if self.items.is_empty() && !self.numbered() {
            let members = self.members.into_iter();
            let members = members.map(|(key, group)| Ok((key.clone(), group.value(&key)?)));
            return Ok(Value::map(members.collect::<Result<Map, String>>()?));
        }
        for number in 0..self.members.len() {
            let at = self.index.get(number.to_string().as_str());
            if let Some((_, group)) = at.and_then(|at| self.members.get_mut(*at)) {
                self.items.push(std::mem::take(group));
            }
        }
        let items = self.items.into_iter().map(|item| item.value(name));
        Ok(Value::list(items.collect::<Result<_, _>>()?))
    }

    /// Whether the members are 0, 1, 2, ...
    fn numbered(&self) -> bool {
        (0..self.members.len()).all(|number| self.index.contains_key(number.to_string().as_str()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = "[ -~]{0,4}".prop_map(Value::text);
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 1..4).prop_map(Value::list),
                proptest::collection::btree_map("[a-z]{1,3}", inner, 1..4).prop_map(|map| {
                    Value::map(map.into_iter().map(|(k, v)| (k.into(), v)).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(members in proptest::collection::btree_map("[a-z]{1,3}", tree(), 0..4)) {
            let value = Value::map(members.into_iter().map(|(k, v)| (k.into(), v)).collect());
            let mut body = Vec::new();
            DeepForm.encode(&value, &mut body).unwrap();
            prop_assert_eq!(DeepForm.decode(&body, &Limits::default()).unwrap().value, value);
        }

        #[test]
        fn nothing_panics(body in "([a-c0-1\\[\\]=&]){0,30}") {
            _ = DeepForm.decode(body.as_bytes(), &Limits::default());
        }
    }

    #[test]
    fn depth_is_bounded() {
        let body = format!("a{}=1", "[b]".repeat(200));
        assert!(DeepForm.decode(body.as_bytes(), &Limits::default()).is_err());
    }
}
