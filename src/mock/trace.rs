//! What happened to a request, kept as little as an explanation needs.

use std::cell::Cell;
use std::sync::Arc;

use crate::model::RuleId;
use crate::value::Value;

/// How a rule came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The constraint holds.
    Held,
    /// The constraint does not hold.
    Broken,
    /// Its condition was not true.
    Skipped,
    /// The step was done.
    Done,
    /// It gave the answer.
    Answered,
    /// It gave the answer, which refuses the request, whatever its status.
    Refused,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Held, Self::Broken, Self::Skipped, Self::Done, Self::Answered, Self::Refused];

    /// The word in explanations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "broken",
            Self::Skipped => "skipped",
            Self::Done => "done",
            Self::Answered => "answered",
            Self::Refused => "refused",
        }
    }
}

/// A rule that was looked at, or a note.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A rule.
    Rule(RuleId, Outcome),
    /// A rule and what it was about.
    About(RuleId, Outcome, Arc<str>),
    /// A constraint that does not hold, with the path of the value, and the value where there is
    /// one.
    Broken(RuleId, Box<(Arc<str>, Option<Value>)>),
    /// A line that the spec or the engine adds.
    Note(Arc<str>),
    /// A mistake of the spec that only the request showed, with its place.
    Mistake(Arc<str>),
}

impl Entry {
    fn refuses(&self) -> bool {
        matches!(self, Self::Rule(_, Outcome::Refused) | Self::About(_, Outcome::Refused, _))
    }
}

/// The rules that were looked at, in order.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    entries: Vec<Entry>,
    left_out: usize,
    is_refusal: bool,
}

/// More entries than any sensible request has; a loop over a long list stops being noted there.
const MOST_ENTRIES: usize = 2_000;

/// How much of a text is kept, in characters.
const LONGEST_TEXT: usize = 200;

thread_local! {
    /// Where entries are noted before their number is known. It is used again by the next request,
    /// so that none grows step by step, and the journal keeps no more than there is.
    static ROOM: Cell<Vec<Entry>> = const { Cell::new(Vec::new()) };
}

impl Trace {
    /// Nothing yet, with room for what comes; [`Self::end`] gives the room back.
    pub fn begin() -> Self {
        Self { entries: ROOM.take(), ..Self::default() }
    }

    /// What was noted, with no more room than that takes.
    #[must_use]
    pub fn end(self) -> Self {
        let Self { mut entries, left_out, is_refusal } = self;
        if entries.len() == entries.capacity() {
            return Self { entries, left_out, is_refusal };
        }
        let mut kept = Vec::with_capacity(entries.len());
        kept.append(&mut entries);
        ROOM.set(entries);
        Self { entries: kept, left_out, is_refusal }
    }

    /// Of those entries.
    pub fn of(entries: Vec<Entry>) -> Self {
        let is_refusal = entries.iter().any(Entry::refuses);
        Self { entries, left_out: 0, is_refusal }
    }

    /// Notes a rule.
    pub fn rule(&mut self, rule: RuleId, outcome: Outcome) {
        self.push(Entry::Rule(rule, outcome));
    }

    /// Notes a rule with what it was about.
    pub fn about(&mut self, rule: RuleId, outcome: Outcome, detail: impl Into<Arc<str>>) {
        self.push(Entry::About(rule, outcome, detail.into()));
    }

    /// Notes a constraint that does not hold. Long texts are cut, and trees left out: the request
    /// is in the journal as a whole.
    pub fn broken(&mut self, rule: RuleId, path: Arc<str>, value: Option<&Value>) {
        let value = match value {
            Some(Value::Text(text)) if text.len() > LONGEST_TEXT => {
                let start: String = text.chars().take(LONGEST_TEXT).collect();
                Some(Value::from(format!("{start}…")))
            }
            Some(Value::List(_) | Value::Map(_) | Value::Record(_)) | None => None,
            Some(scalar) => Some(scalar.clone()),
        };
        self.push(Entry::Broken(rule, Box::new((path, value))));
    }

    /// Counts a constraint that does not hold and is one of too many.
    pub fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// Says how many there were of which nothing else is noted.
    pub fn tell_left_out(&mut self) {
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            let said = format!("{left_out} more violations were found");
            self.entries.push(Entry::Note(said.into()));
        }
    }

    /// Adds a line.
    pub fn note(&mut self, text: impl Into<Arc<str>>) {
        self.push(Entry::Note(text.into()));
    }

    /// Notes a mistake of the spec.
    pub fn mistake(&mut self, text: impl Into<Arc<str>>) {
        // It ends the request, so it is noted even when all else is not any more.
        self.entries.push(Entry::Mistake(text.into()));
    }

    /// The mistake of the spec, if the request showed one.
    pub fn shown_mistake(&self) -> Option<&str> {
        match self.entries.last() {
            Some(Entry::Mistake(text)) => Some(text),
            _ => None,
        }
    }

    fn push(&mut self, entry: Entry) {
        let refuses = entry.refuses();
        self.is_refusal |= refuses;
        // What answered ends the request, so it is noted as well.
        let answered = refuses
            || matches!(
                entry,
                Entry::Rule(_, Outcome::Answered) | Entry::About(_, Outcome::Answered, _)
            );
        if self.entries.len() < MOST_ENTRIES || answered {
            self.entries.push(entry);
        }
    }

    /// Whether a rule refused the request, whatever the status of the answer.
    pub fn is_refusal(&self) -> bool {
        self.is_refusal
    }

    /// The entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
