//! Forms and queries with structure in their names: `a[b]=1&a[c][]=2&a[c][]=3`, which OpenAPI
//! calls the style `deepObject`.

use std::sync::Arc;

use super::encoding::Encoding;
use super::form::{Fields, Found, cut, encode_part};
use super::grouping::Named;
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
        let fields = Fields::read(body, charset)?;
        let map = nest_fields(&fields, fields.iter(), limits);
        let map = map.map_err(|message| DecodeError::at(body, 0, message))?;
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

/// The object that some fields of a form make up. Fails, with what is wrong, when a name stands
/// for a value and for an object, or goes beyond the limits.
pub fn nest_fields<'f>(
    all: &Fields<'_>,
    some: impl Iterator<Item = Found<'f>>,
    limits: &Limits,
) -> Result<Map, String> {
    let counts = all.counts();
    let mut root = Named::default();
    for field in some {
        let (value, expected) = (field.value(), field.count(&counts));
        nest_one(&mut root, &field.name, Given { value, expected }, limits)?;
    }
    Ok(map(root.into_vec()))
}

/// The object that names and values make up.
pub fn nest<'p>(
    pairs: impl IntoIterator<Item = (&'p str, Value)>,
    limits: &Limits,
) -> Result<Map, String> {
    let mut root = Named::default();
    for (name, value) in pairs {
        nest_one(&mut root, name, Given { value, expected: 0 }, limits)?;
    }
    Ok(map(root.into_vec()))
}

fn nest_one(
    root: &mut Named<Group>,
    name: &str,
    given: Given,
    limits: &Limits,
) -> Result<(), String> {
    let mut path = Vec::new();
    split(name, &mut path);
    if path.len() > limits.effective_depth() {
        return Err(format!("nested deeper than {}", limits.depth));
    }
    // What has no name before its brackets is nobody's.
    match path.split_first().filter(|(name, _)| !name.is_empty()) {
        Some((name, path)) => insert(root, name, path, given, limits),
        None => Ok(()),
    }
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

/// A value, and how many of its name there are.
struct Given {
    value: Value,
    expected: usize,
}

/// What was given below one name.
#[derive(Debug)]
enum Group {
    Nothing,
    One(Value),
    Many(Vec<Value>),
    Items(Box<Items>),
    Members(Box<Named<Group>>),
}

/// Items, of which only the last one can get more.
#[derive(Debug)]
struct Items {
    before: Vec<Value>,
    last: Group,
}

/// Inserts what was given below one of several names.
fn insert(
    members: &mut Named<Group>,
    name: &str,
    path: &[&str],
    given: Given,
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
        Some(member) => member.insert(name, path, given, limits),
        None => Ok(()),
    }
}

impl Group {
    /// Inserts what was given below `name`.
    fn insert(
        &mut self,
        name: &str,
        path: &[&str],
        given: Given,
        limits: &Limits,
    ) -> Result<(), String> {
        if matches!(self, Self::Nothing) {
            *self = match path {
                [] => {
                    *self = Self::One(given.value);
                    return Ok(());
                }
                ["", ..] => {
                    let before = Vec::with_capacity(given.expected);
                    Self::Items(Box::new(Items { before, last: Self::Nothing }))
                }
                _ => Self::Members(Box::default()),
            };
        }
        match (self, path) {
            (Self::Many(values), []) => {
                values.push(given.value);
                Ok(())
            }
            (one @ Self::One(_), []) => {
                let mut values = Vec::with_capacity(given.expected.max(2));
                values.push(std::mem::replace(one, Self::Nothing).value());
                values.push(given.value);
                *one = Self::Many(values);
                Ok(())
            }
            (Self::Items(items), ["", rest @ ..]) => {
                let Items { before, last } = &mut **items;
                let is_taken = rest.first().is_none_or(|key| last.has(key));
                if is_taken && !matches!(last, Self::Nothing) {
                    before.push(std::mem::replace(last, Self::Nothing).value());
                }
                // It is the only one that there will be below each of its items.
                let expected = 0;
                last.insert(name, rest, Given { expected, ..given }, limits)
            }
            (Self::Members(members), [key, rest @ ..]) if !key.is_empty() => {
                insert(members, key, rest, given, limits)
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
            Self::One(value) => value,
            Self::Many(values) => Value::list(values),
            Self::Items(items) => {
                let Items { mut before, last } = *items;
                before.push(last.value());
                Value::list(before)
            }
            Self::Members(members) => members_value(*members),
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
