//! Pages: a part of the rows that are found, and what is told of it.
//!
//! A cursor holds by what the last row of a page is ordered, and its place in the order of
//! insertion, so the next page begins behind it whatever was added, changed or deleted since.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::rows::compare;
use crate::digest::sha256_bytes;
use crate::expression::truth;
use crate::mock::refusal::Halt;
use crate::mock::run::Run;
use crate::model::{PageKind, RuleId};
use crate::plan::step::Page;
use crate::plan::step::Rows;
use crate::value::{Map, Record, Value};
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// How many bytes of a cursor tell it from texts that are none, and from cursors of other lists.
const MARK: usize = 6;

/// The relations of the pages that links lead to, in the order in which they stand if nothing else is
/// said.
const RELATIONS: [&str; 4] = ["first", "prev", "next", "last"];

/// All but what RFC 3986, section 2.3, never has encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a row stands: by what it is ordered, and its place in the order of insertion.
type Standing = (Value, u64);

/// What a page is a part of.
pub(in crate::mock) enum Found<'p> {
    /// Rows, and how they were looked for.
    Rows(&'p Rows, Vec<Arc<Record>>),
    /// A list that was put together: an item stands at its place in it, whatever it is.
    Items(Vec<Value>),
}

impl Found<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Rows(_, rows) => rows.len(),
            Self::Items(items) => items.len(),
        }
    }

    fn part(self, begin: usize, end: usize) -> Vec<Value> {
        match self {
            Self::Rows(_, rows) => {
                rows.into_iter().take(end).skip(begin).map(Value::Record).collect()
            }
            Self::Items(items) => items.into_iter().take(end).skip(begin).collect(),
        }
    }
}

/// Where a page lies beside a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// It begins behind it.
    Behind,
    /// It ends before it.
    Before,
}

/// A page, by where it begins among the rows that were found.
struct Part {
    kind: PageKind,
    total: usize,
    begin: usize,
    /// Its number, from 1, be there such a page or not.
    number: usize,
    /// None: all that there are.
    size: Option<usize>,
    /// Where it ends, of one that was asked for backwards.
    until: Option<usize>,
}

impl Part {
    fn end(&self) -> usize {
        let whole =
            || self.size.map_or(self.total, |size| self.begin.saturating_add(size).min(self.total));
        self.until.unwrap_or_else(whole)
    }

    /// Whether another one follows. None follows one for which there is no room.
    fn is_followed(&self) -> bool {
        self.end() < self.total && self.end() > self.begin
    }

    /// Whether there is another one in the direction in which it was asked for.
    fn more(&self) -> bool {
        match self.until {
            Some(_) => self.begin > 0,
            None => self.is_followed(),
        }
    }

    /// Whether what leads to a relation leads to this very page.
    fn is_at(&self, relation: &str, value: Option<&Value>) -> bool {
        match (relation, self.kind) {
            ("first", PageKind::Number) => self.number == 1,
            ("first", _) => self.begin == 0,
            ("last", PageKind::Number) => value == Some(&number(self.number)),
            ("last", PageKind::Offset) => value == Some(&number(self.begin)),
            _ => false,
        }
    }

    /// How many pages there are.
    fn count(&self) -> usize {
        match self.size {
            Some(0) => 0,
            Some(size) => self.total.div_ceil(size),
            None => 1,
        }
    }

    /// Whether pages are told by a number, so that there are some that can be skipped to.
    fn counts(&self) -> bool {
        matches!(self.kind, PageKind::Offset | PageKind::Number)
    }

    /// How a page of that number, from 0, is asked for.
    fn asked_for(&self, number_before: usize) -> Option<Value> {
        match self.kind {
            PageKind::Offset => Some(number(number_before.saturating_mul(self.size.unwrap_or(0)))),
            PageKind::Number => Some(number(number_before.saturating_add(1))),
            PageKind::Cursor | PageKind::After => None,
        }
    }

    fn first(&self) -> Option<Value> {
        self.asked_for(0)
    }

    fn last(&self) -> Option<Value> {
        // It has all that are left itself.
        if self.size.is_none() && self.kind == PageKind::Offset && self.begin < self.total {
            return Some(number(self.begin));
        }
        self.asked_for(self.count().saturating_sub(1))
    }

    fn previous(&self) -> Option<Value> {
        match self.kind {
            _ if self.begin == 0 => None,
            // One without a size has all that are left, so all before are one page.
            PageKind::Offset => {
                let before = self.size.map_or(0, |size| self.begin.saturating_sub(size));
                (before < self.begin).then(|| number(before))
            }
            PageKind::Number => {
                self.asked_for(self.number.saturating_sub(1).min(self.count()).saturating_sub(1))
            }
            PageKind::Cursor | PageKind::After => None,
        }
    }
}

impl<'p> Run<'p, '_> {
    /// The rows of a page, after what is told of it is put into its slot. Refuses a cursor that
    /// no page gave, a key that no row has, and, where the page says so, one beyond the last.
    pub(in crate::mock) fn page(
        &mut self,
        found: Found<'p>,
        page: &'p Page,
        rule: RuleId,
    ) -> Result<Vec<Value>, Halt<'p>> {
        let size = self.count(Some(&page.size))?;
        let total = found.len();
        let start = page.start.value(&mut self.scope)?.filter(|start| !start.is_empty());
        let whole = start.as_ref().and_then(Value::floor_to_i64).unwrap_or(0).max(0);
        let whole = usize::try_from(whole).unwrap_or(usize::MAX);
        let before = match &page.before {
            Some(before) if start.is_none() => before.value(&mut self.scope)?,
            _ => None,
        };
        let before = before.filter(|key| !key.is_empty());
        let mut place = Side::Behind;
        let begin = match (page.kind, &start) {
            (PageKind::Offset, _) => reached(page, whole, total),
            (PageKind::Number, _) => {
                let before = whole.saturating_sub(1);
                reached(page, before.saturating_mul(size.unwrap_or(usize::MAX)), total)
            }
            (PageKind::Cursor, None) => Some(0),
            (PageKind::Cursor, Some(cursor)) => {
                let read = read(cursor, self.mark(rule));
                place = read.as_ref().map_or(place, |(_, place)| *place);
                self.beside(&found, read.map(|(standing, _)| standing), place)?
            }
            (PageKind::After, key) => match key.as_ref().or(before.as_ref()) {
                None => Some(0),
                Some(beside) => {
                    place = if key.is_some() { Side::Behind } else { Side::Before };
                    self.beside(&found, self.standing_of(&found, beside), place)?
                }
            },
        };
        let Some(begin) = begin else {
            return Err(self.no_such_page(page, start.or(before), rule)?);
        };
        let until = Some(begin).filter(|_| place == Side::Before);
        let begin = until.map_or(begin, |end| size.map_or(0, |size| end.saturating_sub(size)));
        let by_size = size.and_then(|size| begin.checked_div(size));
        let number_of = match page.kind {
            PageKind::Number => whole.max(1),
            _ => by_size.unwrap_or(0).saturating_add(1),
        };
        let part = Part { kind: page.kind, total, begin, number: number_of, size, until };
        let last = part.end().checked_sub(1);
        // Nothing leads back to one for which there is no room.
        let first = Some(begin).filter(|_| begin > 0 && begin < part.end());
        let previous = match page.kind {
            PageKind::Offset | PageKind::Number => part.previous().unwrap_or_default(),
            PageKind::Cursor => self.cursor(&found, first, Side::Before, rule),
            PageKind::After => match (first, &page.before) {
                (Some(first), Some(_)) => self.key(&found, first).unwrap_or_default(),
                _ => Value::Null,
            },
        };
        let next = match page.kind {
            _ if !part.is_followed() => Value::Null,
            PageKind::Offset => number(part.end()),
            PageKind::Number => number(part.number.saturating_add(1)),
            PageKind::Cursor => self.cursor(&found, last, Side::Behind, rule),
            PageKind::After => last.and_then(|last| self.key(&found, last)).unwrap_or_default(),
        };
        let told = self.told(page, &part, next, previous);
        self.scope.set(page.name, Some(told));
        Ok(found.part(begin, part.end()))
    }

    /// The cursor of the page beside what was found at a place.
    fn cursor(&self, found: &Found<'_>, at: Option<usize>, side: Side, rule: RuleId) -> Value {
        match at.and_then(|at| self.standing(found, at)) {
            Some(standing) => written(standing, side, self.mark(rule)).into(),
            None => Value::Null,
        }
    }

    /// Where those begin that come behind one, or end that come before it.
    fn beside(
        &mut self,
        found: &Found<'p>,
        standing: Option<Standing>,
        side: Side,
    ) -> Result<Option<usize>, Halt<'p>> {
        let Some((value, place)) = standing else { return Ok(None) };
        let descending = match found {
            Found::Rows(Rows { descending: Some(descending), .. }, _) => {
                descending.value(&mut self.scope)?.as_ref().is_some_and(truth)
            }
            _ => false,
        };
        let begin = partition_point(found.len(), |at| {
            let Some((of_row, at)) = self.standing(found, at) else { return false };
            let ordering = compare(Some(&of_row), Some(&value)).then(at.cmp(&place));
            let ordering = if descending { ordering.reverse() } else { ordering };
            match side {
                Side::Behind => ordering != Ordering::Greater,
                Side::Before => ordering == Ordering::Less,
            }
        });
        Ok(Some(begin))
    }

    fn key(&self, found: &Found<'_>, at: usize) -> Option<Value> {
        match found {
            Found::Rows(rows, all) => self.key_of(rows, all.get(at)?),
            Found::Items(_) => None,
        }
    }

    fn key_of(&self, rows: &Rows, row: &Record) -> Option<Value> {
        let collection = self.plan.collections.get(rows.lookup.collection.0)?;
        row.get(&collection.key).cloned()
    }

    fn standing(&self, found: &Found<'_>, at: usize) -> Option<Standing> {
        match found {
            Found::Rows(rows, all) => self.standing_in(rows, all.get(at)?),
            Found::Items(_) => Some((Value::Null, u64::try_from(at).ok()?)),
        }
    }

    /// Where the row with that key stands, be it among those that were found or not.
    fn standing_of(&self, found: &Found<'_>, key: &Value) -> Option<Standing> {
        let Found::Rows(rows, _) = found else { return None };
        let row = self.held.rows().get(rows.lookup.collection.0, key)?;
        self.standing_in(rows, &row)
    }

    fn standing_in(&self, rows: &Rows, row: &Record) -> Option<Standing> {
        let key = self.key_of(rows, row)?;
        let place = self.held.rows().place(rows.lookup.collection.0, &key)?;
        let value = rows.order_by.as_ref().and_then(|field| row.get(field)).cloned();
        Some((value.unwrap_or_default(), place))
    }

    /// What tells cursors of this list from others.
    fn mark(&self, rule: RuleId) -> &'p str {
        self.plan.service.rules.get(rule.0 as usize).map_or("", |rule| &rule.name)
    }

    fn no_such_page(
        &mut self,
        page: &'p Page,
        start: Option<Value>,
        rule: RuleId,
    ) -> Result<Halt<'p>, Halt<'p>> {
        let Some(or_else) = &page.or_else else {
            return Ok(self.mistaken(rule, "there is no such page".to_owned()));
        };
        let mut refusal = self.rejection(or_else, rule)?;
        if refusal.violation.value.is_none() {
            refusal.violation.value = start;
        }
        if let Some((parameter, _)) = &page.parameter
            && refusal.violation.field.is_empty()
        {
            let name = parameter.rsplit('.').next().unwrap_or_default();
            refusal.violation.field = name.into();
            refusal.violation.path = parameter.clone();
        }
        Ok(refusal.into())
    }

    /// What expressions see of a page.
    fn told(&self, page: &Page, part: &Part, next: Value, previous: Value) -> Value {
        let url = page.parameter.as_ref().and_then(|(parameter, slot)| {
            let url = self.scope.get((*slot)?)?.get("url")?.scalar_text()?;
            Some((parameter, url))
        });
        let mut links = Map::new();
        let mut link = String::new();
        if let Some((parameter, url)) = url {
            // A key that is before another row has a parameter of its own.
            let before = (part.kind != PageKind::After).then(|| previous.clone());
            let related = [
                ("first", part.first()),
                ("prev", before),
                ("next", Some(next.clone())),
                ("last", part.last()),
            ];
            let wanted: Vec<&str> = match &page.relations {
                Some(wanted) => wanted.iter().map(|name| &**name).collect(),
                None => RELATIONS.to_vec(),
            };
            for wanted in wanted {
                let found = related.iter().find(|(relation, _)| *relation == wanted);
                let Some((relation, value)) = found.cloned() else { continue };
                if page.relations.is_some() && part.is_at(relation, value.as_ref()) {
                    continue;
                }
                let value = match (value, relation) {
                    (None | Some(Value::Null), "first") => None,
                    (None | Some(Value::Null), _) => continue,
                    (value, _) => value,
                };
                let url = with_parameter(&url, parameter, value.as_ref());
                let comma = if link.is_empty() { "" } else { ", " };
                // Writing to a string cannot fail.
                _ = write!(link, "{comma}<{url}>; rel=\"{relation}\"");
                links.insert(relation, url.into());
            }
        }
        let counted = part.counts();
        let told = [
            ("total", number(part.total)),
            ("size", part.size.map_or(Value::Null, number)),
            ("offset", number(part.begin)),
            ("number", if counted { number(part.number) } else { Value::Null }),
            ("count", number(part.count())),
            ("more", Value::Bool(part.more())),
            ("next", next),
            ("previous", previous),
            ("links", Value::map(links)),
            ("link", link.into()),
        ];
        Value::map(told.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())
    }
}

/// Where a page begins that so many rows come before. The first one is always there.
fn reached(page: &Page, before: usize, total: usize) -> Option<usize> {
    let refused = before > 0 && before >= total && page.or_else.is_some();
    (!refused).then_some(before.min(total))
}

/// How many of so many places come before another one; those that do are the first.
fn partition_point(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        match is_before(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

fn number(count: usize) -> Value {
    Value::Integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A cursor (RFC 4648, section 5): opaque to clients, and in need of no escaping in a query.
fn written((value, place): Standing, side: Side, mark: &str) -> String {
    let mut text = Vec::new();
    let place = Value::Integer(i64::try_from(place).unwrap_or(i64::MAX));
    // What a row holds can be written in JSON.
    let mut all = vec![value, place];
    all.extend((side == Side::Before).then_some(Value::Bool(true)));
    _ = Json.encode(&Value::list(all), &mut text);
    let mut bytes = sum(mark, &text).to_vec();
    bytes.extend(text);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Where a cursor leads to, if it is one of this list.
fn read(cursor: &Value, mark: &str) -> Option<(Standing, Side)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor.as_str()?).ok()?;
    let (given, text) = bytes.split_at_checked(MARK)?;
    if given != sum(mark, text) {
        return None;
    }
    let decoded = Json.decode(text, &Limits::default()).ok()?.value;
    let (value, place, side) = match decoded.as_list()? {
        [value, place] => (value, place, Side::Behind),
        [value, place, Value::Bool(true)] => (value, place, Side::Before),
        _ => return None,
    };
    let place = u64::try_from(place.floor_to_i64()?).ok()?;
    Some(((value.clone(), place), side))
}

fn sum(mark: &str, text: &[u8]) -> [u8; MARK] {
    let digest = sha256_bytes(&[mark.as_bytes(), &[0], text].concat());
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

/// A URL with another value of a parameter of its query, at its place, or without it.
fn with_parameter(url: &str, name: &str, value: Option<&Value>) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let is_it = |pair: &str| {
        let given = pair.split('=').next().unwrap_or_default().replace('+', " ");
        percent_decode_str(&given).decode_utf8_lossy() == name
    };
    let text = value.and_then(Value::scalar_text);
    let mut ours = text.map(|text| {
        let name = utf8_percent_encode(name, ENCODED);
        format!("{name}={}", utf8_percent_encode(&text, ENCODED))
    });
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match is_it(pair) {
            true => pairs.extend(ours.take()),
            false => pairs.push(pair.to_owned()),
        }
    }
    pairs.extend(ours);
    match pairs.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", pairs.join("&")),
    }
}
