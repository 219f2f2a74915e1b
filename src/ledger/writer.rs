//! The thread that writes, and those who wait for it.
//!
//! Whoever changes a session pushes an entry while it holds the session, so that entries of a
//! session are in the order in which things happened, and gets a ticket. All that wait are written
//! and synced at once; then their tickets are settled. Nobody is answered before that who has seen
//! or made what an entry says.
//!
//! Where entries cannot be written, none of them is kept, nor what was pushed behind them: the
//! sessions that they are about are brought back to what the file says, and only then their
//! tickets are settled, as failed.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use super::book::Book;
use super::entry::{Entry, Event, Window};
use super::file::{LedgerFile, NotAdded};
use super::seen;
use super::stored::Stored;

/// How long counts that nobody waits for may wait for others.
const COUNTS: Duration = Duration::from_millis(100);
/// How long is waited before it is tried again to write, so that few sessions are brought back
/// again and again.
const AGAIN: Duration = Duration::from_millis(250);
/// So many failures are known to those who still wait.
const MOST_FAILURES: usize = 100_000;

/// Brings sessions back to what is stored.
pub(super) type TakeBack = Box<dyn Fn(&Stored, &HashSet<u64>) + Send>;
/// Gets a sentence for people.
type Tell = Box<dyn Fn(&str) + Send>;

/// The file, with the thread that writes to it.
pub struct Ledger {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ledger")
    }
}

struct Shared {
    queue: Mutex<Queue>,
    wanted: Condvar,
    settled: watch::Sender<u64>,
    outcomes: Mutex<Outcomes>,
}

#[derive(Default)]
struct Queue {
    entries: Vec<Entry>,
    /// Counts that nobody waits for, by session, vendor and whom they are for.
    counts: BTreeMap<(u64, Arc<str>, Arc<str>), Window>,
    /// The last ticket that was given.
    last: u64,
    last_session: u64,
    /// Sessions that are not yet back to what is stored: what they push is not kept either.
    failing: HashSet<u64>,
    /// Sessions that were never written down and are no more.
    lost: HashSet<u64>,
    /// The tickets of what either has pushed.
    refused: Vec<u64>,
    closing: bool,
    /// Nothing is written any more.
    ended: bool,
}

#[derive(Default)]
struct Outcomes {
    /// Tickets of what was not kept: the last of several in a row, and the first of them.
    failed: BTreeMap<u64, (u64, Arc<Failure>)>,
    /// What keeps entries from being written now.
    now: Option<Arc<Failure>>,
    bytes: u64,
}

/// Why something was not kept.
#[derive(Debug)]
pub struct Failure {
    /// In words.
    pub reason: String,
    /// What is known of it.
    pub outcome: Outcome,
}

/// What became of a change that was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken back.
    NotDone,
    /// Nobody knows whether it is in the file. Nothing is answered any more.
    Unknown,
}

/// How it goes.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// How many bytes the file has.
    pub bytes: u64,
    /// Why nothing can be kept now.
    pub failure: Option<Arc<Failure>>,
}

/// What waits for a ticket.
#[derive(Debug)]
pub struct Kept {
    settled: watch::Receiver<u64>,
    shared: std::sync::Weak<Shared>,
    ticket: u64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl Ledger {
    /// Takes entries for a file. `last_session` is the highest number of a session in it.
    pub fn start(file: LedgerFile, last_session: u64) -> (Arc<Self>, Starter) {
        let (settled, _) = watch::channel(0);
        let queue = Queue { last_session, ..Queue::default() };
        let outcomes = Outcomes { bytes: file.length(), ..Outcomes::default() };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wanted: Condvar::new(),
            settled,
            outcomes: Mutex::new(outcomes),
        });
        let ledger = Arc::new(Self { shared: shared.clone(), thread: Mutex::default() });
        (ledger.clone(), Starter { ledger, shared, file })
    }

    /// The last ticket that was given.
    pub fn last(&self) -> u64 {
        self.shared.queue.lock().last
    }

    /// What has to be waited for by who has seen that ticket; none where it is kept.
    pub fn kept(&self, ticket: u64) -> Option<Kept> {
        let settled = *self.shared.settled.borrow() >= ticket;
        if settled && self.shared.outcomes.lock().failure(ticket).is_none() {
            return None;
        }
        let settled = self.shared.settled.subscribe();
        Some(Kept { settled, shared: Arc::downgrade(&self.shared), ticket })
    }

    /// How it goes.
    pub fn health(&self) -> Health {
        let outcomes = self.shared.outcomes.lock();
        Health { bytes: outcomes.bytes, failure: outcomes.now.clone() }
    }

    /// Writes all that waits, and ends the thread.
    pub fn close(&self) {
        self.shared.queue.lock().closing = true;
        self.shared.wanted.notify_one();
        if let Some(thread) = self.thread.lock().take() {
            // It fails if the thread panicked, which has been reported already.
            thread.join().ok();
        }
    }
}

impl Book for Ledger {
    fn number(&self) -> u64 {
        let mut queue = self.shared.queue.lock();
        queue.last_session += 1;
        queue.last_session
    }

    /// The ticket is noted as seen.
    fn push(&self, entry: Entry) -> u64 {
        let mut queue = self.shared.queue.lock();
        queue.last += 1;
        let ticket = queue.last;
        let none = [&queue.failing, &queue.lost].iter().any(|all| all.contains(&entry.session));
        match none {
            // Nobody writes any more, and all that comes fails.
            _ if queue.ended => {}
            // What is pushed on top of what failed goes with it.
            true => queue.refused.push(ticket),
            false => queue.entries.push(entry),
        }
        drop(queue);
        self.shared.wanted.notify_one();
        seen::note(ticket);
        ticket
    }

    /// Nobody waits for it.
    fn count(&self, session: u64, vendor: Arc<str>, window: &Window) {
        let mut queue = self.shared.queue.lock();
        if queue.ended {
            return;
        }
        let known = queue.counts.entry((session, vendor, window.by.clone()));
        let known = known.or_insert_with(|| window.clone());
        known.used =
            if known.began == window.began { known.used.max(window.used) } else { window.used };
        known.began = window.began;
        let first = queue.counts.len() == 1;
        drop(queue);
        if first {
            self.shared.wanted.notify_one();
        }
    }

    fn is_back(&self, session: u64) {
        self.shared.queue.lock().failing.remove(&session);
    }

    fn lose(&self, session: u64) {
        self.shared.queue.lock().lost.insert(session);
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.close();
    }
}

impl Kept {
    /// Ready when it is on the disk; fails when it cannot be kept.
    pub async fn wait(mut self) -> Result<(), Arc<Failure>> {
        let ticket = self.ticket;
        let settled = self.settled.wait_for(|settled| *settled >= ticket).await.is_ok();
        let failure = self.shared.upgrade().map(|shared| shared.outcomes.lock().failure(ticket));
        match failure {
            Some(None) if settled => Ok(()),
            Some(Some(failure)) => Err(failure),
            _ => Err(Arc::new(Failure {
                reason: "the mock ended".to_owned(),
                outcome: Outcome::Unknown,
            })),
        }
    }
}

impl Outcomes {
    fn failure(&self, ticket: u64) -> Option<Arc<Failure>> {
        let unknown = self.now.as_ref().filter(|failure| failure.outcome == Outcome::Unknown);
        let failed = self.failed.range(ticket..).next();
        let failed =
            failed.filter(|(_, (from, _))| *from <= ticket).map(|(_, (_, failure))| failure);
        failed.or(unknown).cloned()
    }

    fn fail(&mut self, from: u64, to: u64, failure: &Arc<Failure>) {
        if from < to {
            // All of these have failed, also those that were told one by one before.
            self.failed.retain(|ticket, _| !(from..=to).contains(ticket));
        }
        if from <= to {
            self.failed.insert(to, (from, failure.clone()));
        }
        if self.failed.len() > MOST_FAILURES {
            self.failed.pop_first();
        }
    }
}

/// A ledger of which nothing is written yet: who is to be told is known later.
pub struct Starter {
    ledger: Arc<Ledger>,
    shared: Arc<Shared>,
    file: LedgerFile,
}

impl fmt::Debug for Starter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Starter")
    }
}

impl Starter {
    /// Starts the thread. `take_back` brings sessions back to what is stored where something
    /// cannot be kept, and `tell` gets sentences for people.
    ///
    /// Fails when there is no thread.
    pub fn write(self, take_back: TakeBack, tell: Tell) -> std::io::Result<()> {
        let Self { ledger, shared, file } = self;
        let mut writer = Writer { shared, file, take_back, tell, settled: 0 };
        let thread = Builder::new().name("state".to_owned()).spawn(move || writer.run())?;
        *ledger.thread.lock() = Some(thread);
        Ok(())
    }
}

struct Writer {
    shared: Arc<Shared>,
    file: LedgerFile,
    take_back: TakeBack,
    tell: Tell,
    /// The last ticket that was settled.
    settled: u64,
}

/// What is written at once.
struct Batch {
    entries: Vec<Entry>,
    refused: Vec<u64>,
    last: u64,
    closing: bool,
}

impl Writer {
    fn run(&mut self) {
        loop {
            let mut batch = self.next();
            let failing = self.shared.outcomes.lock().now.is_some();
            if failing && batch.entries.is_empty() {
                batch.entries.push(Entry::of(0, Event::Probe));
            }
            if !batch.entries.is_empty() {
                match self.file.add(&batch.entries) {
                    Ok(()) => self.added(failing),
                    Err(failed) => match self.fail(&batch.entries, &failed) {
                        Some(last) => batch.last = last,
                        None => return,
                    },
                }
            }
            if !batch.refused.is_empty() {
                let reason = "its session could not be kept".to_owned();
                let failure = Arc::new(Failure { reason, outcome: Outcome::NotDone });
                let mut outcomes = self.shared.outcomes.lock();
                batch.refused.iter().for_each(|ticket| outcomes.fail(*ticket, *ticket, &failure));
            }
            self.settle(batch.last);
            if batch.closing {
                return;
            }
            self.write_anew();
        }
    }

    fn settle(&mut self, last: u64) {
        self.settled = last;
        self.shared.settled.send_replace(last);
    }

    /// Waits for something to write.
    fn next(&self) -> Batch {
        let mut queue = self.shared.queue.lock();
        let failing = self.shared.outcomes.lock().now.is_some();
        let until = Instant::now() + if failing { AGAIN } else { COUNTS };
        loop {
            let waiting = !queue.entries.is_empty() || queue.last > self.settled;
            if queue.closing || (waiting && !failing) {
                break;
            }
            let some = failing || !queue.counts.is_empty();
            if some && Instant::now() >= until {
                break;
            }
            match some {
                true => drop(self.shared.wanted.wait_until(&mut queue, until)),
                false => self.shared.wanted.wait(&mut queue),
            }
        }
        let mut entries = std::mem::take(&mut queue.entries);
        let counts = std::mem::take(&mut queue.counts).into_iter();
        entries.extend(counts.map(|((session, vendor, _), window)| {
            Entry::of(session, Event::Counted(vendor, window))
        }));
        let refused = std::mem::take(&mut queue.refused);
        Batch { entries, refused, last: queue.last, closing: queue.closing }
    }

    /// Makes a file that has grown much smaller, while nothing is written to it.
    fn write_anew(&mut self) {
        if !self.file.has_grown() {
            return;
        }
        match self.file.write_anew() {
            Ok(()) => self.shared.outcomes.lock().bytes = self.file.length(),
            Err(error) => {
                let path = self.file.path().display();
                (self.tell)(&format!("cannot rewrite {path}, so it goes on growing: {error}"));
            }
        }
    }

    fn added(&mut self, failing: bool) {
        let mut outcomes = self.shared.outcomes.lock();
        outcomes.bytes = self.file.length();
        if failing {
            outcomes.now = None;
            drop(outcomes);
            (self.tell)(&format!("what happens is kept in {} again", self.file.path().display()));
        }
    }

    /// Takes all back that was not written; gives the last ticket that failed. None when nothing
    /// can be known any more.
    fn fail(&mut self, entries: &[Entry], failed: &NotAdded) -> Option<u64> {
        let path = self.file.path().display().to_string();
        let reason = format!("cannot write to {path}: {}", failed.error);
        let (sessions, last) = {
            let mut queue = self.shared.queue.lock();
            let behind = std::mem::take(&mut queue.entries);
            let all = entries.iter().chain(&behind).map(|entry| entry.session);
            queue.failing = all.filter(|session| *session > 0).collect();
            (queue.failing.clone(), queue.last)
        };
        let stored = match failed.taken_back {
            true => self.file.contents().map_err(|error| error.to_string()),
            false => Err("the file cannot be brought back to what it was".to_owned()),
        };
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                let reason = format!("{reason}; {error}");
                self.give_up(&reason);
                return None;
            }
        };
        let failure = Arc::new(Failure { reason: reason.clone(), outcome: Outcome::NotDone });
        (self.take_back)(&stored, &sessions);
        let mut queue = self.shared.queue.lock();
        // Those that are no more, or never were, may still be held by somebody.
        queue.failing.clear();
        let mut outcomes = self.shared.outcomes.lock();
        outcomes.fail(self.settled + 1, last, &failure);
        let refused = std::mem::take(&mut queue.refused);
        for ticket in refused {
            outcomes.fail(ticket, ticket, &failure);
        }
        let known = outcomes.now.replace(failure).is_some();
        drop((outcomes, queue));
        if !known {
            (self.tell)(&format!(
                "{reason}; requests that would change something are answered 503"
            ));
        }
        Some(last)
    }

    /// Nothing is known any more: all that waits fails, and all that comes.
    fn give_up(&mut self, reason: &str) {
        let failure = Failure { reason: reason.to_owned(), outcome: Outcome::Unknown };
        let mut queue = self.shared.queue.lock();
        queue.ended = true;
        queue.entries = Vec::new();
        queue.counts.clear();
        drop(queue);
        self.shared.outcomes.lock().now = Some(Arc::new(failure));
        (self.tell)(&format!(
            "{reason}; nothing is answered any more, and the mock must be restarted"
        ));
        self.settle(u64::MAX);
    }
}
