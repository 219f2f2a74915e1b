//! Which values of the one side stand for which of the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::kinds::Kind;
use super::observed::Known;
use super::pairs::{self, Pairs};
use super::secret::{are_generated, are_short_ids, may_be_made};
use super::shape::{are_times, epochs, is_id, is_integer, pieces};
use super::vendor::Vendor;
use crate::run::event::SentRequest;
use crate::value::Value;

/// What corresponds in one pair of trials. A value of the one side has at most one of the other,
/// and the other way round; times alone are not held to that, since two may fall into one second.
#[derive(Debug)]
pub(super) struct Correspondence<'k> {
    left: &'k Known,
    right: &'k Known,
    pairs: Pairs,
    /// Of what the answers are that are looked at.
    kind: Kind,
    /// What was captured under one name in one step.
    captured: Vec<(Arc<str>, Arc<str>)>,
    /// What both clients sent at one place, each its own.
    made: Vec<(String, String)>,
    vendor: Vendor,
    sent_left: Sent,
    sent_right: Sent,
    /// How far the times of both sides are apart, in milliseconds, once some came as numbers.
    offset: Option<i64>,
}

/// How far that may move in the course of a trial, in milliseconds.
const DRIFT: u64 = 30_000;

/// How much was known at some moment, to be able to come back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pairs: pairs::Mark,
    offset: Option<i64>,
}

/// Where a scalar stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// The name of the member that holds it.
    pub(super) field: &'p str,
    /// The path, without the positions in lists.
    pub(super) path: &'p str,
}

/// What a side has sent so far.
#[derive(Debug, Default)]
struct Sent {
    text: String,
    words: BTreeSet<String>,
    /// Words of paths.
    in_paths: BTreeSet<String>,
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
    pub(super) fn new(left: &'k Known, right: &'k Known, vendor: Vendor) -> Self {
        Self {
            left,
            right,
            pairs: Pairs::default(),
            kind: Kind::default(),
            captured: Vec::new(),
            made: Vec::new(),
            vendor,
            sent_left: Sent::default(),
            sent_right: Sent::default(),
            offset: None,
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

    /// Takes note of what was captured in a step, by its positions on both sides.
    pub(super) fn captured(&mut self, left: usize, right: usize) {
        for mine in self.left.captured_in(left) {
            let theirs = self.right.captured_in(right).find(|other| other.name == mine.name);
            if let Some(theirs) = theirs
                && mine.value.kind() == theirs.value.kind()
                && let (Some(left), Some(right)) =
                    (mine.value.scalar_text(), theirs.value.scalar_text())
            {
                self.captured.push((left, right));
            }
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { pairs: self.pairs.mark(), offset: self.offset }
    }

    /// Forgets what came after the mark.
    pub(super) fn forget(&mut self, mark: Mark) {
        self.pairs.forget(mark.pairs);
        self.offset = mark.offset;
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
        if left == right && !self.breaks(left, at.map(|place| place.path)) {
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

    fn whole(&mut self, left: &str, right: &str, at: Option<Place<'_>>) -> bool {
        let path = at.map(|place| place.path);
        if left == right {
            return !self.breaks(left, path);
        }
        let sent = (self.sent_left.has(left), self.sent_right.has(right));
        if are_times(left, right) {
            // What both clients made of their own time comes back as what each of them sent.
            return sent.0 == sent.1;
        }
        // Only numbers are the same for different things; those in a text are of any kind.
        let (integers, anything) = (is_integer(left) && is_integer(right), Kind::default());
        let kind = if integers && at.is_some() { self.kind.clone() } else { anything };
        if let Some(fits) = self.pairs.are(left, right, path, &kind) {
            return fits;
        }
        if let Some(offset) = at.and_then(|place| epochs(left, right, place.field)) {
            // What is a time on both sides is as far apart wherever one comes.
            let known = *self.offset.get_or_insert(offset);
            if sent.0 == sent.1 && known.abs_diff(offset) <= DRIFT {
                return true;
            }
        }
        // A text of the spec is never one that was made up.
        let is_constant = self.vendor.says(left) || self.vendor.says(right);
        let generated = !is_constant && are_generated(left, right);
        let short = !is_constant && are_short_ids(left, right);
        let captured = self.captured.iter().any(|(a, b)| **a == *left && **b == *right);
        let by_field = (integers || short || !is_constant && may_be_made(left, right))
            && at.map(|place| place.field.to_lowercase()).is_some_and(|field| {
                self.vendor.generates(&field)
                    && !self.sent_left.has_in(&field, left)
                    && !self.sent_right.has_in(&field, right)
            });
        let made = self.made.iter().any(|(a, b)| a == left && b == right);
        let fits = made
            || captured && (integers || generated || short)
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
