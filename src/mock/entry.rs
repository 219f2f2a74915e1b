//! One request with its answer, as the journal keeps it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use super::effect::Effect;
use super::fields::Fields;
use super::trace::{Entry as TraceEntry, Trace};
use super::windows::Counted;
use crate::exchange::Request;
use crate::model::{OperationId, RuleId};
use crate::plan::Plan;
use crate::value::Value;

/// A request in the journal.
#[derive(Debug)]
pub struct Entry {
    /// Counts from 1 within the session.
    pub id: u64,
    /// What happened.
    pub told: Arc<Told>,
    /// The session's version that the request came to.
    pub(super) before: u64,
    /// The session's version that it made; the one it came to if it changed nothing.
    pub(super) after: u64,
    /// What counts it for the rate limit.
    pub(super) counted: Option<Counted>,
    /// How many requests had asked for an identity when the one before it came into the journal.
    pub(super) asked: u64,
    /// What is known of it where it comes out of a journal that others write too.
    pub(super) mirrored: Option<Box<Mirrored>>,
    /// About how many bytes it takes.
    pub(super) size: usize,
}

/// What is known of a request out of a journal that others write too.
#[derive(Debug)]
pub struct Mirrored {
    /// When it was answered, in real time.
    pub at: Timestamp,
    /// What it changed.
    pub effect: Arc<Effect>,
    /// Whether some of it is hidden.
    pub hidden: bool,
}

/// One request with its answer.
#[derive(Debug)]
pub struct Told {
    /// When it was done, by the session's clock.
    pub time: Timestamp,
    /// When it came, in real time.
    pub started: Instant,
    /// How long the answer took, in real time.
    pub duration: Duration,
    /// The vendor, by position of the plan; none when no vendor was found.
    pub vendor: Option<usize>,
    /// The operation.
    pub operation: Option<OperationId>,
    /// The rule that decided.
    pub rule: Option<RuleId>,
    /// What was asked.
    pub request: Arc<Request>,
    /// The status of the answer.
    pub status: StatusCode,
    /// The fields of the answer.
    pub headers: Fields,
    /// The body of the answer.
    pub body: Bytes,
    /// The rules that were looked at.
    pub trace: Trace,
    /// The steps that changed the state, each once.
    pub changed: Vec<RuleId>,
    /// What the fault is called that befell it.
    pub befallen: Option<Arc<str>>,
    /// Who answered in the place of the mock: a URL.
    pub forwarded: Option<Arc<str>>,
}

/// A request as the journal shows it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: u64,
    told: Arc<Told>,
    /// When it was answered, in real time, where that is known.
    pub at: Option<Timestamp>,
    /// Whether some of it is hidden, so that it can't be sent again.
    pub hidden: bool,
    /// The vendors as they were, if they are others now.
    pub plans: Option<Arc<[Arc<Plan>]>>,
}

impl Listed {
    pub(super) fn new(entry: &Entry, plans: Option<Arc<[Arc<Plan>]>>) -> Self {
        let (at, hidden) =
            entry.mirrored.as_ref().map_or((None, false), |one| (Some(one.at), one.hidden));
        Self { id: entry.id, told: entry.told.clone(), at, hidden, plans }
    }
}

impl Deref for Listed {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.told
    }
}

impl Told {
    /// Whether it was refused or failed: by its status, or since the vendor refuses with another.
    pub fn is_refused(&self) -> bool {
        self.status.as_u16() >= 400 || self.trace.is_refusal()
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let header =
            |name: &HeaderName, value: &HeaderValue| name.as_str().len() + value.len() + 64;
        size_of::<Entry>()
            + size_of::<Self>()
            + size_of::<Request>()
            + self.request.body.len()
            + self.request.target.as_str().len()
            + self.body.len()
            + self.request.headers.iter().map(|(name, value)| header(name, value)).sum::<usize>()
            + self.headers.size()
            + size_of_val(self.trace.entries())
            + size_of_val(&*self.changed)
            + self
                .trace
                .entries()
                .iter()
                .map(|entry| match entry {
                    TraceEntry::Rule(..) => 0,
                    TraceEntry::Broken(_, broken) => {
                        let text = broken.1.as_ref().and_then(Value::as_str);
                        broken.0.len() + text.map_or(0, str::len) + size_of_val(&**broken)
                    }
                    TraceEntry::About(_, _, text)
                    | TraceEntry::Note(text)
                    | TraceEntry::Mistake(text) => text.len() + 16,
                })
                .sum::<usize>()
    }
}
