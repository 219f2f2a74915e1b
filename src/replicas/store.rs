//! What replicas share, whatever keeps it: for each session a log of records, which one replica
//! at a time reads to its end and adds to.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::ledger::{Entry, Made, StoredSession};
use crate::mock::noted::Answered;

/// What is known when the store has answered, or not.
pub(super) type Step<'s, T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send + 's>>;

/// A number for a session that is made, and what it starts with.
pub(super) type Making<'m> = dyn Fn() -> (u64, Made) + Send + Sync + 'm;

/// Where sessions are kept that several replicas serve.
pub(super) trait Store: fmt::Debug + Send + Sync {
    /// Locks a session, which is made where there is none, and finds what is not known of it.
    fn lock<'s: 'l, 'l>(
        &'s self,
        name: &'l str,
        known: Option<Known>,
        made: &'l Making<'l>,
    ) -> Step<'l, Locked<'s>>;

    /// Writes down what a session comes to where it is known, unless another replica has done so,
    /// so that nobody has to do again all that ever happened to it.
    fn keep_snapshot<'s>(
        &'s self,
        name: &'s str,
        known: Known,
        told: StoredSession,
    ) -> Step<'s, ()>;

    /// Waits before it is tried again where others were first: the more often, the longer, and
    /// each replica for another time.
    fn pause(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Waits for so long.
    fn rest(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// What a clock says that never goes back.
    fn moment(&self) -> Duration;

    /// All sessions, and how far their journals are.
    fn heads(&self) -> Step<'_, Vec<Head>>;

    /// The pages of a session's journal that came after one, with their numbers, be they taken out
    /// since.
    fn news(&self, id: i64, after: i64) -> Step<'_, Vec<(i64, String)>>;

    /// Takes the oldest pages out of a session's journal: those whose requests are no later than
    /// that one, and those beyond so many bytes, but not the last one.
    fn trim<'s>(&'s self, name: &'s str, id: i64, last_id: u64, bytes: i64) -> Step<'s, ()>;

    /// Whether it is for this replica to send a session's messages: for half a minute, longer
    /// than an attempt takes.
    fn lease<'s>(&'s self, name: &'s str, replica: i64) -> Step<'s, bool>;

    /// Lets others send them.
    fn end_lease<'s>(&'s self, name: &'s str, replica: i64) -> Step<'s, ()>;
}

/// A session, as those see it who do not hold it.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// Its name.
    pub(super) name: Arc<str>,
    /// Its number.
    pub(super) id: i64,
    /// The number of the last page of its journal.
    pub(super) told: i64,
}

/// A session that nobody else can use now.
pub(super) struct Locked<'s> {
    /// Where it is.
    pub(super) at: Known,
    /// What is not known of it here.
    pub(super) news: News,
    /// How far its journal is.
    pub(super) told: Told,
    /// Whether a snapshot should be made of it.
    pub(super) has_grown: bool,
    /// How it is let go.
    pub(super) held: Box<dyn Held<'s> + 's>,
}

/// The hold on a session. If it is dropped the session is as it was, and others may use it.
pub(super) trait Held<'s>: Send {
    /// The names of all named sessions that there are.
    fn names(&mut self) -> Step<'_, Vec<Arc<str>>>;

    /// Takes out sessions that are no more, once what happened is kept.
    fn drop_named<'h>(&'h mut self, names: &'h [Arc<str>]) -> Step<'h, ()>;

    /// The pages of its journal that come after one, with their numbers.
    fn journal(&mut self, after: i64) -> Step<'_, Vec<(i64, String)>>;

    /// How it was before a request, if that is still known.
    fn past(&mut self, before: u64) -> Step<'_, Option<StoredSession>>;

    /// Keeps what happened, if anything did, and what its journal tells of it, and lets others use
    /// it. Gives how far it is known then.
    fn keep<'k>(
        self: Box<Self>,
        name: &'k str,
        entries: &'k [Entry],
        page: &'k Page,
    ) -> Step<'k, Known>
    where
        's: 'k;

    /// Keeps that sessions are no more, and lets others use this one.
    fn end(self: Box<Self>) -> Step<'s, Known>;

    /// Lets others use it, of whom nobody waits for that.
    fn release(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send + 's>>;
}

/// What is to be added to a journal.
#[derive(Debug)]
pub(super) struct Page {
    /// What is taken out before.
    pub(super) cut: Cut,
    /// The id of the last request then.
    pub(super) last_id: u64,
    /// Its lines.
    pub(super) body: String,
    /// The requests that it tells, with their ids.
    pub(super) told: Vec<(u64, Answered)>,
}

/// What is taken out of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// That request, and all that came after it.
    From(u64),
}

impl Page {
    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }
}

/// How far a journal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Told {
    /// The number of its last page.
    pub(super) number: i64,
    /// The id of the last request.
    pub(super) last_id: u64,
}

/// How far a session is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Its number.
    pub(super) id: i64,
    /// The position of the last record that is known of it.
    pub(super) head: i64,
}

/// What has to be done to be where the store is.
#[derive(Debug)]
pub(super) enum News {
    /// What happened since.
    Entries(Vec<Entry>),
    /// The session anew.
    All(Box<StoredSession>),
}

/// Why a transaction did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Others were in the way: it was taken back, and may be tried again.
    Again(String),
    /// It was taken back, or never begun.
    NotDone(String),
    /// Nobody knows whether it was kept.
    Unknown(String),
}

impl Trouble {
    /// Why, in words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Again(reason) | Self::NotDone(reason) | Self::Unknown(reason) => reason,
        }
    }
}
