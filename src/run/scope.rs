//! The variables of a trial.

use std::cell::RefCell;
use std::env::VarError;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;
use std::sync::Arc;

use super::answer::{Answer, BodyForm};
use super::event::Mismatch;
use super::mask::Mask;
use crate::expression::Reference;
use crate::scenario::{Expected, ExpectedKind, ExpectedSchema, Outside};
use crate::value::{Map, Value};

/// What tells the time: the session's clock on the mock, else the real one.
pub(super) type Now<'t> = Box<dyn Fn() -> Result<jiff::Timestamp, String> + 't>;

/// What finds what of a value breaks a schema, at a path.
pub(super) type Fit = fn(&ExpectedSchema, &Value, BodyForm, &str) -> Vec<Mismatch>;

/// The variables of a trial by name, and the secrets among them.
pub struct Scope<'t> {
    variables: Vec<(Arc<str>, Value)>,
    /// The items of the loops that are being written.
    items: RefCell<Vec<(Arc<str>, Value)>>,
    /// Names of captures that their steps did not make.
    not_captured: Vec<(Arc<str>, NotCaptured)>,
    /// What was looked for last that a step did not capture.
    in_vain: RefCell<Option<InVain>>,
    /// Columns that only other rows have.
    absent: Vec<Arc<str>>,
    /// The position of the row.
    row: usize,
    unique: Arc<str>,
    now: Now<'t>,
    last: Option<Rc<Answer>>,
    mask: RefCell<Mask>,
    outside: Option<Arc<Outside>>,
    /// How values are held against schemas, which is not for who compares to know.
    fit: Fit,
}

/// A capture that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotCaptured {
    /// The step that would have made it: `step 2 (create_book)`.
    pub(super) step: Arc<str>,
    /// It was passed over since the target is not a mock.
    pub(super) needs_mock: bool,
}

/// What cannot be evaluated for want of a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InVain {
    /// What is wanting, for people.
    pub(super) reason: String,
    /// The step that makes it was passed over since the target is not a mock.
    pub(super) needs_mock: bool,
}

/// Why a variable has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// The step that would have captured it did not.
    NotCaptured(InVain),
    /// It cannot be known: why.
    Unknown(String),
}

impl<'t> Scope<'t> {
    /// No variables yet.
    pub(super) fn new(unique: Arc<str>, now: Now<'t>, fit: Fit) -> Self {
        Self {
            variables: Vec::new(),
            items: RefCell::default(),
            not_captured: Vec::new(),
            in_vain: RefCell::default(),
            absent: Vec::new(),
            row: 0,
            unique,
            now,
            last: None,
            mask: RefCell::default(),
            outside: None,
            fit,
        }
    }

    /// Names a value.
    pub fn set(&mut self, name: &Arc<str>, value: Value) {
        self.not_captured.retain(|(known, _)| known != name);
        match self.variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.clone(), value)),
        }
    }

    /// Gives names other values for a while, or none; says what they stood for.
    pub(super) fn enter(
        &mut self,
        names: Vec<(Arc<str>, Option<Value>)>,
    ) -> Vec<(Arc<str>, Option<Value>)> {
        let mut before = Vec::new();
        for (name, value) in names {
            let at = self.variables.iter().position(|(known, _)| *known == name);
            let old = at.map(|at| self.variables.remove(at).1);
            before.push((name.clone(), old));
            match value {
                Some(value) => self.variables.push((name, value)),
                None => self.absent.push(name),
            }
        }
        before
    }

    /// What of a value breaks a schema.
    pub(super) fn fit(
        &self,
        schema: &ExpectedSchema,
        value: &Value,
        form: BodyForm,
        path: &str,
    ) -> Vec<Mismatch> {
        (self.fit)(schema, value, form, path)
    }

    /// What no other trial has.
    pub(super) fn unique(&self) -> Arc<str> {
        self.unique.clone()
    }

    /// What a name stands for.
    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
    }

    /// Whether a capture was neither made nor given up.
    pub(super) fn awaits(&self, name: &str) -> bool {
        self.variable(name).is_none()
            && !self.not_captured.iter().any(|(known, _)| **known == *name)
    }

    /// Sets what the command line gives.
    pub(super) fn give(&mut self, outside: Option<Arc<Outside>>) {
        self.outside = outside;
    }

    /// Sets what tells the time.
    pub(super) fn tell_time(&mut self, now: Now<'t>) {
        self.now = now;
    }

    /// The captures that their steps did not make.
    pub(super) fn all_not_captured(&self) -> &[(Arc<str>, NotCaptured)] {
        &self.not_captured
    }

    /// Says that a name has no value since its step did not capture it.
    pub(super) fn not_captured(&mut self, name: &Arc<str>, why: NotCaptured) {
        self.not_captured.push((name.clone(), why));
    }

    /// What was looked for since this was asked last, and that a step did not capture.
    pub(super) fn take_in_vain(&self) -> Option<InVain> {
        self.in_vain.take()
    }

    /// Sets which row it is.
    pub(super) fn in_row(&mut self, at: usize) {
        self.row = at;
    }

    /// What there is for this row; for all of them where there is one.
    pub(super) fn of_row<'e, T>(&self, rows: &'e [Arc<T>]) -> Option<&'e T> {
        let own = if let [one] = rows { Some(one) } else { rows.get(self.row) };
        own.map(|own| &**own)
    }

    /// What is expected in this row.
    pub(super) fn chosen<'e>(&self, expected: &'e Expected) -> &'e Expected {
        match &expected.kind {
            ExpectedKind::ByRow(rows) => self.of_row(rows).map_or(expected, |own| self.chosen(own)),
            _ => expected,
        }
    }

    /// Says that a name is known to have no value.
    pub(super) fn leave_out(&mut self, name: &Arc<str>) {
        self.absent.push(name.clone());
    }

    /// Sets what `response` is.
    pub(super) fn answered(&mut self, answer: Rc<Answer>) {
        self.last = Some(answer);
    }

    /// The secrets so far.
    pub(super) fn mask(&self) -> &RefCell<Mask> {
        &self.mask
    }

    /// Does something while a name stands for the item of a loop.
    pub(super) fn with_item<T>(&self, name: &Arc<str>, item: Value, act: impl FnOnce() -> T) -> T {
        self.with_items([(name.clone(), item)], act)
    }

    /// Does something while names stand for values that nothing else sees.
    pub(super) fn with_items<T>(
        &self,
        items: impl IntoIterator<Item = (Arc<str>, Value)>,
        act: impl FnOnce() -> T,
    ) -> T {
        let before = self.items.borrow().len();
        self.items.borrow_mut().extend(items);
        let outcome = act();
        self.items.borrow_mut().truncate(before);
        outcome
    }

    /// What a variable holds; `None` when there is none of that name.
    pub(super) fn get(
        &self,
        name: &Arc<str>,
        references: &[Reference],
    ) -> Result<Option<Value>, Missing> {
        if let Some((_, item)) = self.items.borrow().iter().rev().find(|(known, _)| known == name) {
            return Ok(Some(item.clone()));
        }
        if let Some((_, value)) = self.variables.iter().find(|(known, _)| known == name) {
            return Ok(Some(value.clone()));
        }
        match &**name {
            "unique" => return Ok(Some(Value::Text(self.unique.clone()))),
            "uuid" => return Ok(Some(uuid().into())),
            "now" => {
                let now = (self.now)().map_err(Missing::Unknown)?;
                return Ok(Some(now.to_string().into()));
            }
            "env" => return self.environment(references).map(Some),
            "response" => {
                let of_it = references.iter().filter(|reference| reference.root == *name);
                let is_wanted = |member: &str| {
                    let mut looked_at = of_it.clone().map(|reference| reference.members.first());
                    looked_at.any(|first| first.is_none_or(|first| **first == *member))
                };
                return Ok(self.last.as_ref().map(|last| last.to_value(is_wanted)));
            }
            _ => {}
        }
        // Whoever asks whether there is something can do without it.
        let lenient = references.iter().all(|r| r.root != *name || r.optional);
        let not_captured = self.not_captured.iter().find(|(known, _)| known == name);
        if let (Some((_, why)), false) = (not_captured, lenient) {
            let reason = format!("needs `{name}`, which {} did not capture", why.step);
            let in_vain = InVain { reason, needs_mock: why.needs_mock };
            self.in_vain.replace(Some(in_vain.clone()));
            return Err(Missing::NotCaptured(in_vain));
        }
        if lenient || self.absent.contains(name) {
            Ok(None)
        } else {
            Err(Missing::Unknown(format!("nothing gives `{name}`")))
        }
    }

    /// The variables of the environment that are looked at; they are secrets from now on.
    fn environment(&self, references: &[Reference]) -> Result<Value, Missing> {
        let mut map = Map::new();
        for reference in references.iter().filter(|reference| &*reference.root == "env") {
            let Some(name) = reference.members.first() else { continue };
            match environment_variable(name, self.outside.as_deref()) {
                Ok(value) => {
                    self.mask.borrow_mut().add(&value, name);
                    map.insert(name.clone(), value.into());
                }
                Err(_) if reference.optional => {}
                Err(VarError::NotPresent) => {
                    let message = format!("the environment variable `{name}` is not set");
                    return Err(Missing::Unknown(message));
                }
                Err(VarError::NotUnicode(_)) => {
                    let message = format!("the environment variable `{name}` is not UTF-8");
                    return Err(Missing::Unknown(message));
                }
            }
        }
        Ok(Value::map(map))
    }
}

/// A variable of the environment, or what the command line gives in place of one.
pub(super) fn environment_variable(
    name: &str,
    outside: Option<&Outside>,
) -> Result<String, VarError> {
    match (std::env::var(name), outside.and_then(|given| given.environment(name))) {
        (Err(VarError::NotPresent), Some(given)) => Ok(given.to_owned()),
        (value, _) => value,
    }
}

fn random() -> u64 {
    // Keys of a hasher are random; there is no need for more here than that nobody else gets it.
    RandomState::new().hash_one(0)
}

/// A short text that no other trial has.
pub(super) fn unique() -> Arc<str> {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut left = random();
    let mut text = String::from("t");
    for _ in 0..11 {
        let digit = usize::try_from(left % 36).unwrap_or_default();
        text.push(DIGITS.get(digit).copied().map_or('0', char::from));
        left /= 36;
    }
    text.into()
}

/// A random UUID, version 4 of RFC 9562.
fn uuid() -> String {
    let high = random() & 0xffff_ffff_ffff_0fff | 0x4000;
    let low = random() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
    let digits = format!("{high:016x}{low:016x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Format;

    #[test]
    fn generated_texts_differ_and_have_their_form() {
        assert_ne!(unique(), unique());
        assert!(Format::Uuid.fits(&uuid().into()));
        assert_eq!(uuid().get(14..15), Some("4"));
    }
}
