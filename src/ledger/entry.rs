//! What a line of the file says.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Setting;
use crate::value::{Map, Value};

/// Something that happened to a session.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The number of the session, which no other one ever has; 0 where it is about none.
    pub session: u64,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// What the specs are whose sessions follow.
    Specs(Vec<SpecImage>),
    /// It was made.
    Made(Made),
    /// It is no more.
    Dropped,
    /// It was changed.
    Changed(Changed),
    /// Requests were counted by a vendor, which changes nothing else.
    Counted(Arc<str>, Window),
    /// The faults that it has from now on.
    Faults(FaultsImage),
    /// Requests to a vendor did what none had done before.
    Exercised(Arc<str>, ExercisedImage),
    /// The file can be written to.
    Probe,
}

/// A spec, as far as what is remembered depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecImage {
    /// The vendor.
    pub vendor: Arc<str>,
    /// A digest of all that it says.
    pub digest: Arc<str>,
    /// The fields of each collection.
    pub collections: Vec<Fields>,
}

/// The fields of a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// The collection.
    pub collection: Arc<str>,
    /// Its fields.
    pub names: Vec<Arc<str>>,
}

/// What a session starts with.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its name; the default session has none.
    pub name: Arc<str>,
    /// What generated values are made from.
    pub seed: u64,
    /// When fixtures came to be.
    pub began: Timestamp,
    /// Where its clock starts; none: at the real time.
    pub start: Option<Timestamp>,
    /// Whether its clock stands still at first.
    pub frozen: bool,
    /// How its clock is set.
    pub clock: Setting,
}

/// What a change came to.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// The session's version that it made.
    pub version: u64,
    /// The id of the last request.
    pub last_id: u64,
    /// All began anew.
    pub restart: Option<Restart>,
    /// How the clock is set now.
    pub clock: Option<Setting>,
    /// What has changed of vendors, one after the other.
    pub accounts: Vec<(Arc<str>, AccountChange)>,
}

/// The faults that were asked for, with some of those that are used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultsImage {
    /// Whether those of the specs befall requests too.
    pub of_specs: bool,
    /// The id of the last one there was.
    pub last_id: u64,
    /// How many random values were drawn for them.
    pub drawn: u64,
    /// Each as an object.
    pub all: Vec<Value>,
}

impl Default for FaultsImage {
    /// As a session begins.
    fn default() -> Self {
        Self { of_specs: true, last_id: 0, drawn: 0, all: Vec::new() }
    }
}

/// Steps of a vendor's operations that changed the state, and rules that requests came to, by
/// their positions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExercisedImage {
    /// Operations and steps.
    pub steps: BTreeSet<(usize, u32)>,
    /// Rules.
    pub rules: BTreeSet<u32>,
}

impl ExercisedImage {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.rules.is_empty()
    }

    /// Adds those of another one.
    pub fn add(&mut self, other: Self) {
        self.steps.extend(other.steps);
        self.rules.extend(other.rules);
    }
}

/// A new beginning.
#[derive(Debug, Clone, Copy)]
pub struct Restart {
    /// What generated values are made from.
    pub seed: u64,
    /// When fixtures came to be.
    pub began: Timestamp,
}

/// What an account is now, as far as it has changed.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// This is all that there is of it: what was before is no more.
    pub whole: bool,
    /// It is as if nobody had asked for it yet.
    pub gone: bool,
    /// What generated values are made from.
    pub seed: Option<u64>,
    /// How many random values were drawn.
    pub drawn: Option<u64>,
    /// All settings.
    pub settings: Option<Arc<Map>>,
    /// What sequences give next, by collection and field.
    pub sequences: Vec<(Arc<str>, i64)>,
    /// Collections, numbers of rows, and what those are; none: gone.
    pub rows: Vec<(Arc<str>, u64, Option<Value>)>,
    /// All that is in the outbox.
    pub outbox: Option<OutboxImage>,
    /// The messages are taken out.
    pub cleared: bool,
    /// Messages that came.
    pub messages: Vec<Value>,
    /// A message that was tried to be sent once more.
    pub attempted: Option<Value>,
    /// Their links.
    pub links: Vec<LinkImage>,
    /// All that is to run later.
    pub schedule: Option<ScheduleImage>,
    /// What is to run later too.
    pub scheduled: Vec<DueImage>,
    /// The number of what was to run, and ran.
    pub ran: Option<u64>,
    /// All counts of the rate limit.
    pub windows: Option<Vec<Window>>,
    /// Those that a request was counted in.
    pub counts: Vec<Window>,
}

/// An outbox.
#[derive(Debug, Clone, Default)]
pub struct OutboxImage {
    /// How many messages there were ever.
    pub sent: u64,
    /// Those that are there, oldest first.
    pub messages: Vec<Value>,
    /// The links that work, oldest first.
    pub links: Vec<LinkImage>,
}

/// A link of a message.
#[derive(Debug, Clone)]
pub struct LinkImage {
    /// Its token.
    pub token: Arc<str>,
    /// The operation that it runs.
    pub operation: Arc<str>,
    /// With these parameters.
    pub parameters: Arc<Map>,
}

/// What is to run later.
#[derive(Debug, Clone, Default)]
pub struct ScheduleImage {
    /// How many there were ever.
    pub count: u64,
    /// What waits.
    pub waiting: Vec<DueImage>,
}

/// An operation that runs later.
#[derive(Debug, Clone)]
pub struct DueImage {
    /// When.
    pub at: Timestamp,
    /// How many had been scheduled, this one included.
    pub number: u64,
    /// The operation.
    pub operation: Arc<str>,
    /// With these parameters.
    pub parameters: Arc<Map>,
    /// The base URL for whoever had it scheduled.
    pub base: Arc<str>,
}

/// Requests counted for somebody.
#[derive(Debug, Clone)]
pub struct Window {
    /// For whom.
    pub by: Arc<str>,
    /// When the window began, or when something came back into the bucket, in milliseconds since
    /// the epoch.
    pub began: i64,
    /// When it says nothing any more: the window is over, or the bucket is full.
    pub until: i64,
    /// How much of it requests have taken.
    pub used: i64,
}

impl Entry {
    /// Of a session.
    pub fn of(session: u64, event: Event) -> Self {
        Self { session, event }
    }
}
