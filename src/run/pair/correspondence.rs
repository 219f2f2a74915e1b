//! Which values of the one side stand for which of the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::observed::Known;
use super::shape::{are_generated, are_times, is_integer, pieces};
use crate::run::event::SentRequest;
use crate::value::Value;

/// What corresponds in one pair of trials. A value of the one side has at most one of the other,
/// and the other way round; times alone are not held to that, since two may fall into one second.
#[derive(Debug)]
pub(super) struct Correspondence<'k> {
    left: &'k Known,
    right: &'k Known,
    pairs: Vec<Pair>,
    /// What was captured under one name in one step.
    captured: Vec<(Arc<str>, Arc<str>)>,
    /// What both clients sent at one place, each its own.
    made: Vec<(String, String)>,
    /// Names of fields that the vendor fills in, in lower case.
    generated: BTreeSet<String>,
    sent_left: Sent,
    sent_right: Sent,
}

#[derive(Debug)]
struct Pair {
    left: String,
    right: String,
    /// Names of the members in which they were seen.
    fields: Vec<String>,
}

/// What a side has sent so far.
#[derive(Debug, Default)]
struct Sent {
    text: String,
    words: BTreeSet<String>,
}

impl Sent {
    /// Adds a request; gives what it consists of.
    fn add(&mut self, request: &SentRequest, known: &Known) -> Vec<String> {
        let mut all = Vec::new();
        let url = request.url.replace('+', " ");
        let url = percent_decode_str(&url).decode_utf8_lossy();
        let body = String::from_utf8_lossy(&request.body);
        for text in [url, body] {
            let text = known.neutral(&text);
            let from = all.len();
            all.extend(pieces(&text, false).into_iter().map(str::to_owned));
            self.words.extend(all.iter().skip(from).cloned());
            self.text.push_str(&text);
            self.text.push('\n');
        }
        all
    }

    /// A number is looked for as a word, since its digits may be part of another.
    fn has(&self, text: &str) -> bool {
        if is_integer(text) { self.words.contains(text) } else { self.text.contains(text) }
    }
}

impl<'k> Correspondence<'k> {
    /// Nothing corresponds yet. `generated` are the names of fields that the vendor fills in.
    pub(super) fn new(left: &'k Known, right: &'k Known, generated: BTreeSet<String>) -> Self {
        Self {
            left,
            right,
            pairs: Vec::new(),
            captured: Vec::new(),
            made: Vec::new(),
            generated,
            sent_left: Sent::default(),
            sent_right: Sent::default(),
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

    /// How many pairs there are, to be able to come back to it.
    pub(super) fn mark(&self) -> usize {
        self.pairs.len()
    }

    /// Forgets the pairs that came after the mark.
    pub(super) fn forget(&mut self, mark: usize) {
        self.pairs.truncate(mark);
    }

    /// Whether two scalars are the same or stand for the same. `field` is the name of the member
    /// that holds them.
    pub(super) fn scalars(&mut self, left: &Value, right: &Value, field: Option<&str>) -> bool {
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => self.texts(left, right, field),
            (Value::Integer(a), Value::Integer(b)) => {
                self.whole(&a.to_string(), &b.to_string(), field)
            }
            _ => left == right,
        }
    }

    /// Whether two texts are the same, once what corresponds in them is taken for the same.
    pub(super) fn texts(&mut self, left: &str, right: &str, field: Option<&str>) -> bool {
        let (left, right) = (self.left.neutral(left), self.right.neutral(right));
        let mark = self.mark();
        if self.whole(&left, &right, field) {
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

    fn whole(&mut self, left: &str, right: &str, field: Option<&str>) -> bool {
        let field = field.map(str::to_lowercase);
        if left == right {
            return !self.breaks(left, field.as_deref());
        }
        let sent = (self.sent_left.has(left), self.sent_right.has(right));
        if are_times(left, right) {
            // What both clients made of their own time comes back as what each of them sent.
            return sent.0 == sent.1;
        }
        let known = self.pairs.iter_mut().find(|pair| pair.left == left || pair.right == right);
        if let Some(pair) = known {
            let fits = pair.left == left && pair.right == right;
            if let (true, Some(field)) = (fits, field)
                && !pair.fields.contains(&field)
            {
                pair.fields.push(field);
            }
            return fits;
        }
        let integers = is_integer(left) && is_integer(right);
        let generated = are_generated(left, right);
        let captured = self.captured.iter().any(|(a, b)| **a == *left && **b == *right);
        let by_field = integers
            && field.as_ref().is_some_and(|field| self.generated.contains(field))
            && sent == (false, false);
        let made = self.made.iter().any(|(a, b)| a == left && b == right);
        let fits = made
            || captured && (integers || generated)
            || by_field
            || generated && sent.0 == sent.1;
        if fits {
            self.pairs.push(Pair {
                left: left.to_owned(),
                right: right.to_owned(),
                fields: field.into_iter().collect(),
            });
        }
        fits
    }

    /// Whether an equal value should have been another: it was seen in the same member, or is
    /// nothing that comes about twice, and stood for something else.
    fn breaks(&self, text: &str, field: Option<&str>) -> bool {
        self.pairs.iter().any(|pair| {
            let here = pair.left == text || pair.right == text;
            let same_field =
                field.is_some_and(|field| pair.fields.iter().any(|known| known == field));
            here && pair.left != pair.right && (same_field || !is_integer(text))
        })
    }
}
