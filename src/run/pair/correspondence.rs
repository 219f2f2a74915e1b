//! Which values of the one side stand for which of the other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::clocks::{Ahead, Clocks};
use super::kinds::Kind;
use super::observed::Known;
use super::pairs::{self, Pairs};
use super::reading::Reading;
use super::secret::{are_generated, are_short_ids, may_be_made};
use super::shape::{is_id, is_integer, pieces};
use super::time::Time;
use super::vendor::Vendor;
use crate::run::event::SentRequest;
use crate::value::Value;

/// What corresponds in one pair of trials. A value of the one side has at most one of the other,
/// and the other way round; but two times may fall into one second, and so are held to how far they
/// are apart.
#[derive(Debug)]
pub(super) struct Correspondence<'k> {
    left: &'k Known,
    right: &'k Known,
    pairs: Pairs,
    /// Of what the answers are that are looked at.
    kind: Kind,
    /// What was captured under one name in one step, and whether that is the name of an id.
    captured: Vec<(Arc<str>, Arc<str>, bool)>,
    /// What both clients sent at one place, each its own.
    made: Vec<(String, String)>,
    /// What both clients send at one place in the whole trial, also after what is looked at.
    used: BTreeSet<(String, String)>,
    vendor: Vendor,
    sent_left: Sent,
    sent_right: Sent,
    clocks: Clocks,
}

/// How much was known at some moment, to be able to come back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pairs: pairs::Mark,
    ahead: Ahead,
}

/// Where a scalar stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// The name of the member that holds it.
    pub(super) field: &'p str,
    /// The path, without the positions in lists.
    pub(super) path: &'p str,
    /// Whether other places have this path.
    pub(super) in_list: bool,
}

/// What a side has sent so far.
#[derive(Debug, Default)]
struct Sent {
    text: String,
    words: BTreeSet<String>,
    /// Words of paths.
    in_paths: BTreeSet<String>,
    /// Times, in milliseconds since 1970: a vendor writes them otherwise than its clients.
    times: BTreeSet<i64>,
    /// Words after words, the first in lower case: what stands after a name is its value.
    after: BTreeSet<(String, String)>,
}

impl Sent {
    /// Adds a request; gives what it consists of.
    fn add(&mut self, request: &SentRequest, known: &Known) -> Vec<String> {
        let mut all = Vec::new();
        let url = request.url.replace('+', " ");
        let url = percent_decode_str(&url).decode_utf8_lossy();
        let body = String::from_utf8_lossy(&request.body);
        for (text, is_url) in [(url, true), (body, false)] {
            let text = known.neutral(&text);
            let from = all.len();
            let path = text.split('?').next().filter(|_| is_url).unwrap_or_default();
            self.in_paths.extend(pieces(path, false).into_iter().map(str::to_owned));
            all.extend(pieces(&text, false).into_iter().map(str::to_owned));
            let times = all.iter().skip(from).filter_map(|piece| Time::of_text(piece));
            self.times.extend(times.map(|time| time.instant));
            let words = all.iter().skip(from).filter(|piece| is_word(piece));
            let pairs = words.clone().zip(words.skip(1));
            self.after.extend(pairs.map(|(name, word)| (name.to_lowercase(), word.clone())));
            self.words.extend(all.iter().skip(from).cloned());
            self.text.push_str(&text);
            self.text.push('\n');
        }
        all
    }

    /// Whether a number was sent in that field, or may have been, in a path.
    fn has_in(&self, field: &str, number: &str) -> bool {
        self.in_paths.contains(number)
            || self.after.contains(&(field.to_owned(), number.to_owned()))
    }

    fn has_time(&self, text: &str, time: &Time) -> bool {
        self.has(text) || self.times.contains(&time.instant)
    }

    /// A number is looked for as a word, since its digits may be part of another.
    fn has(&self, text: &str) -> bool {
        if is_integer(text) { self.words.contains(text) } else { self.text.contains(text) }
    }
}

fn is_word(piece: &str) -> bool {
    piece.chars().next().is_some_and(char::is_alphanumeric)
}

impl<'k> Correspondence<'k> {
    /// Nothing corresponds yet.
    pub(super) fn new(left: &'k Known, right: &'k Known, vendor: Vendor, clocks: Clocks) -> Self {
        Self {
            left,
            right,
            pairs: Pairs::default(),
            kind: Kind::default(),
            captured: Vec::new(),
            made: Vec::new(),
            used: BTreeSet::new(),
            vendor,
            sent_left: Sent::default(),
            sent_right: Sent::default(),
            clocks,
        }
    }

    /// Takes note of what the clients send in all the steps of the trial.
    pub(super) fn will_send<'r>(
        &mut self,
        requests: impl Iterator<Item = (&'r SentRequest, &'r SentRequest)>,
    ) {
        let (mut ours, mut theirs) = (Sent::default(), Sent::default());
        for (left, right) in requests {
            let (left, right) = (ours.add(left, self.left), theirs.add(right, self.right));
            if left.len() == right.len() {
                self.used.extend(left.into_iter().zip(right).filter(|(left, right)| left != right));
            }
        }
    }

    /// Takes note of what was sent in a step; what a client sent was not made by the vendor.
    pub(super) fn sent(&mut self, left: Option<&SentRequest>, right: Option<&SentRequest>) {
        let ours = left.map(|request| self.sent_left.add(request, self.left));
        let theirs = right.map(|request| self.sent_right.add(request, self.right));
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours.len() == theirs.len()
        {
            for both in ours.into_iter().zip(theirs).filter(|(left, right)| left != right) {
                if !self.made.contains(&both) {
                    self.made.push(both);
                }
            }
        }
    }

    /// Takes note of what the answers are of that come next.
    pub(super) fn of_kind(&mut self, kind: Kind) {
        self.kind = kind;
    }

    /// From here on it is so late on both sides, in milliseconds since 1970, and that was asked.
    pub(super) fn at(&mut self, now: [i64; 2], asked: String) {
        self.clocks.set(now, asked);
    }

    /// A step took so long on each side, and a mock said what its clock is.
    pub(super) fn pass(&mut self, took: [Duration; 2], readings: [Option<Reading>; 2]) {
        self.clocks.pass(took, readings);
    }

    /// Takes note of what was captured in a step, by its positions on both sides.
    pub(super) fn captured(&mut self, left: usize, right: usize) {
        for mine in self.left.captured_in(left) {
            let theirs = self.right.captured_in(right).find(|other| other.name == mine.name);
            if let Some(theirs) = theirs
                && mine.value.kind() == theirs.value.kind()
                && let (Some(left), Some(right)) =
                    (mine.value.scalar_text(), theirs.value.scalar_text())
            {
                self.captured.push((left, right, is_id(&mine.name)));
            }
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { pairs: self.pairs.mark(), ahead: self.clocks.ahead() }
    }

    /// Forgets what came after the mark.
    pub(super) fn forget(&mut self, mark: Mark) {
        self.pairs.forget(mark.pairs);
        self.clocks.put_back(mark.ahead);
    }

    /// Whether something was found to correspond after the mark that did not before.
    pub(super) fn has_found_since(&self, mark: Mark) -> bool {
        self.pairs.has_more_than(mark.pairs) || self.clocks.ahead() != mark.ahead
    }

    /// Texts of both sides with what only this trial has replaced by what it is: what corresponds,
    /// and what both clients sent and both texts have.
    pub(super) fn neutral(&self, left: &str, right: &str) -> [String; 2] {
        let (left, right) = (self.left.neutral(left), self.right.neutral(right));
        let (ours, theirs) = (pieces(&left, true), pieces(&right, true));
        let repeated: BTreeSet<&str> = ours
            .iter()
            .filter(|piece| is_word(piece) && theirs.contains(piece))
            .filter(|piece| self.sent_left.has(piece) && self.sent_right.has(piece))
            .copied()
            .collect();
        let neutral = |pieces: &[&str], stands: &dyn Fn(&str) -> bool| {
            let piece = |piece: &&str| match *piece {
                sent if repeated.contains(sent) => "\u{1}sent\u{1}".to_owned(),
                id if stands(id) => "\u{1}id\u{1}".to_owned(),
                other => other.to_owned(),
            };
            pieces.iter().map(piece).collect::<String>()
        };
        [
            neutral(&ours, &|piece| self.pairs.has_left(piece)),
            neutral(&theirs, &|piece| self.pairs.has_right(piece)),
        ]
    }

    /// Whether two names are the same, where each side may have its own texts in it.
    pub(super) fn names(&self, left: &str, right: &str) -> bool {
        self.left.neutral(left) == self.right.neutral(right)
    }

    /// Whether two scalars are the same or stand for the same.
    pub(super) fn scalars(&mut self, left: &Value, right: &Value, at: Option<Place<'_>>) -> bool {
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => self.texts(left, right, at),
            (left, right) if left.is_integer() && right.is_integer() => {
                let (ours, theirs) = (left.to_string(), right.to_string());
                ours != theirs && left == right || self.whole(&ours, &theirs, at)
            }
            _ => left == right,
        }
    }

    /// Whether two texts are the same, once what corresponds in them is taken for the same.
    pub(super) fn texts(&mut self, left: &str, right: &str, at: Option<Place<'_>>) -> bool {
        // Both may have what is the own of one of them: a mock writes the URL of its vendor.
        let is_time = left == right && Time::of_text(left).is_some();
        if left == right && !is_time && !self.breaks(left, at.map(|place| place.path)) {
            return true;
        }
        let (left, right) = (self.left.neutral(left), self.right.neutral(right));
        let mark = self.mark();
        if self.whole(&left, &right, at) {
            return true;
        }
        [true, false].into_iter().any(|coarse| {
            let (ours, theirs) = (pieces(&left, coarse), pieces(&right, coarse));
            let fits = ours.len() == theirs.len()
                && ours.len() > 1
                && ours.iter().zip(&theirs).all(|(left, right)| self.whole(left, right, None));
            if !fits {
                self.forget(mark);
            }
            fits
        })
    }

    /// Whether two times correspond; nothing where one is none.
    fn times(&mut self, left: &str, right: &str, at: Option<Place<'_>>) -> Option<bool> {
        let time = |text: &str| match at.filter(|_| is_integer(text)) {
            Some(place) => Time::of_number(text, place.field),
            None => Time::of_text(text),
        };
        let (ours, theirs) = (time(left)?, time(right)?);
        if !ours.is_like(&theirs) {
            return Some(false);
        }
        let sent = (self.sent_left.has_time(left, &ours), self.sent_right.has_time(right, &theirs));
        // What a client sent, or the spec has, was told by no clock.
        if left == right && (sent.0 || sent.1) || self.vendor.says(left) || self.vendor.says(right)
        {
            return Some(left == right);
        }
        if sent == (true, true) && self.made.iter().any(|(a, b)| a == left && b == right) {
            return Some(true);
        }
        // A day that one client alone sent may be as far away as today by chance.
        if sent.0 != sent.1 && ours.is_day {
            return Some(false);
        }
        let place = at.filter(|place| !place.in_list).map(|place| place.path);
        Some(self.clocks.agree(&ours, &theirs, place))
    }

    /// Whether a header has what the vendor knows a request by, which nobody sent.
    pub(super) fn tell_requests_apart(&self, header: &str, left: &str, right: &str) -> bool {
        self.vendor.tells_requests_apart(header)
            && !self.sent_left.has(left)
            && !self.sent_right.has(right)
    }

    fn whole(&mut self, left: &str, right: &str, at: Option<Place<'_>>) -> bool {
        let path = at.map(|place| place.path);
        if let Some(fits) = self.times(left, right, at) {
            return fits;
        }
        if left == right {
            return !self.breaks(left, path);
        }
        let sent = (self.sent_left.has(left), self.sent_right.has(right));
        // Only numbers are the same for different things; those in a text are of any kind.
        let (integers, anything) = (is_integer(left) && is_integer(right), Kind::default());
        let kind = if integers && at.is_some() { self.kind.clone() } else { anything };
        if let Some(fits) = self.pairs.are(left, right, path, &kind) {
            return fits;
        }
        // A text of the spec is never one that was made up.
        let is_constant = self.vendor.says(left) || self.vendor.says(right);
        let generated = !is_constant && are_generated(left, right);
        let short = !is_constant && are_short_ids(left, right);
        let mut captured = self.captured.iter();
        let captured = captured.find(|(a, b, _)| **a == *left && **b == *right);
        // A total or a price is captured too, and is nobody's id.
        let is_number_of_something = integers
            && (captured.is_some_and(|(.., named)| *named)
                || at.is_some_and(|place| is_id(place.field))
                || self.used.contains(&(left.to_owned(), right.to_owned())));
        let by_field = (integers || short || !is_constant && may_be_made(left, right))
            && at.map(|place| place.field.to_lowercase()).is_some_and(|field| {
                self.vendor.generates(&field)
                    && !self.sent_left.has_in(&field, left)
                    && !self.sent_right.has_in(&field, right)
            });
        let made = self.made.iter().any(|(a, b)| a == left && b == right);
        let fits = made
            || captured.is_some() && (is_number_of_something || generated || short)
            || by_field
            || short && sent.0 == sent.1 && at.is_some_and(|place| is_id(place.field))
            || generated && sent.0 == sent.1;
        if fits {
            self.pairs.add(left, right, path, &kind);
        }
        fits
    }

    /// Whether an equal value should have been another: it stood for something else, and was seen
    /// in the same place, or is nothing that comes about twice.
    fn breaks(&self, text: &str, path: Option<&str>) -> bool {
        match is_integer(text) {
            true => path.is_some() && self.pairs.stands_for_another(text, path, &self.kind),
            false => self.pairs.stands_for_another(text, None, &Kind::default()),
        }
    }
}
