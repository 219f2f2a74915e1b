//! Forms and queries with structure in their names: `a[b]=1&a[c][]=2&a[c][]=3`, which OpenAPI
//! calls the style `deepObject`.

use std::sync::Arc;

use super::encoding::Encoding;
use super::form::{Pair, cut, decode_pairs_in, encode_part};
use super::grouping::{Named, Values};
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
    let mut root = Named::default();
    let mut path = Vec::new();
    for (name, value) in pairs {
        split(name, &mut path);
        if path.len() > limits.effective_depth() {
            return Err(format!("nested deeper than {}", limits.depth));
        }
        // What has no name before its brackets is nobody's.
        if let Some((name, path)) = path.split_first().filter(|(name, _)| !name.is_empty()) {
            insert(&mut root, name, path, value, limits)?;
        }
    }
    Ok(map(root.into_vec()))
}

/// The name before the first bracket.
pub fn base(name: &str) -> &str {
    if !name.contains('[') {
        return name;
    }
    let mut path = Vec::new();
    split(name, &mut path);
    path.first().copied().unwrap_or(name)
}

/// Puts `a`, `b` and nothing into `path` for `a[b][]`, and any other name as it is.
fn split<'n>(name: &'n str, path: &mut Vec<&'n str>) {
    path.clear();
    let Some((first, mut rest)) = cut(name, b'[').filter(|(first, _)| !first.is_empty()) else {
        path.push(name);
        return;
    };
    path.push(first);
    while let Some((key, after)) =
        cut(rest, b']').filter(|(key, _)| !key.as_bytes().contains(&b'['))
    {
        path.push(key);
        match after.strip_prefix('[') {
            Some(next) => rest = next,
            None if after.is_empty() => return,
            None => break,
        }
    }
    path.clear();
    path.push(name);
}

/// What was given below one name.
#[derive(Debug)]
enum Group {
    Nothing,
    Texts(Values),
    Items(Vec<Group>),
    Members(Named<Group>),
}

/// Inserts what was given below one of several names.
fn insert(
    members: &mut Named<Group>,
    name: &str,
    path: &[&str],
    value: &Arc<str>,
    limits: &Limits,
) -> Result<(), String> {
    let place = match members.place(name) {
        Some(place) => place,
        None if members.len() >= limits.members => {
            return Err(format!("more than {} members", limits.members));
        }
        None => members.push(name.into(), Group::Nothing),
    };
    match members.at(place) {
        Some(member) => member.insert(name, path, value, limits),
        None => Ok(()),
    }
}

impl Group {
    /// Inserts what was given below `name`.
    fn insert(
        &mut self,
        name: &str,
        path: &[&str],
        value: &Arc<str>,
        limits: &Limits,
    ) -> Result<(), String> {
        if matches!(self, Self::Nothing) {
            *self = match path {
                [] => {
                    *self = Self::Texts(Values::One(Value::Text(value.clone())));
                    return Ok(());
                }
                ["", ..] => Self::Items(Vec::new()),
                _ => Self::Members(Named::default()),
            };
        }
        match (self, path) {
            (Self::Texts(texts), []) => {
                texts.add(Value::Text(value.clone()));
                Ok(())
            }
            (Self::Items(items), ["", rest @ ..]) => {
                let is_taken = |item: &Self| rest.first().is_none_or(|key| item.has(key));
                if items.last().is_none_or(is_taken) {
                    items.push(Self::Nothing);
                }
                match items.last_mut() {
                    Some(item) => item.insert(name, rest, value, limits),
                    None => Ok(()),
                }
            }
            (Self::Members(members), [key, rest @ ..]) if !key.is_empty() => {
                insert(members, key, rest, value, limits)
            }
            _ => Err(format!("`{name}` is given in several ways that exclude each other")),
        }
    }

    fn has(&self, key: &str) -> bool {
        matches!(self, Self::Members(members) if members.place(key).is_some())
    }

    fn value(self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Texts(texts) => texts.into_value(),
            Self::Items(items) => Value::list(items.into_iter().map(Self::value).collect()),
            Self::Members(members) => members_value(members),
        }
    }
}

/// An object, or a list where the names are the numbers of its items.
fn members_value(members: Named<Group>) -> Value {
    let count = members.len();
    let mut all = members.into_vec();
    if !all.iter().all(|(name, _)| number(name).is_some_and(|number| number < count)) {
        return Value::map(map(all));
    }
    all.sort_unstable_by_key(|(name, _)| number(name));
    Value::list(all.into_iter().map(|(_, item)| item.value()).collect())
}

fn map(members: Vec<(Arc<str>, Group)>) -> Map {
    let mut map = Map::with_capacity(members.len());
    for (name, group) in members {
        map.push(name, group.value());
    }
    map
}

/// The number that a name is, written in the shortest way.
fn number(name: &str) -> Option<usize> {
    let is_short = name == "0" || name.starts_with(|first: char| matches!(first, '1'..='9'));
    name.parse().ok().filter(|_| is_short)
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
