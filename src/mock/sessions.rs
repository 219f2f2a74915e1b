//! The sessions of a mock: made on first use, dropped, and brought back to what was written down.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::Notify;

use super::durable::{self, Durable};
use super::fit::spec_image;
use super::session::{Lost, Session, Start};
use super::shared::SharedNotes;
use crate::clock::Clock;
use crate::ledger::{Book, Drafts, Ledger, Made, Stored, StoredSession};
use crate::plan::Plan;

/// A session that was used so lately does not make room for another. Many more requests than a
/// machine can answer in that time would have to come before one in use is the oldest of many.
const STILL_IN_USE: Duration = Duration::from_secs(2);
/// The part of the sessions that makes room at once, so that not each new one looks at them all.
const SHARE: usize = 16;

/// Where sessions are written down.
#[derive(Debug, Clone)]
enum Kept {
    /// Nowhere.
    Nowhere,
    /// In a file.
    File(Arc<Ledger>),
    /// By replicas together: who runs them says which there are.
    Shared(Arc<Drafts>),
}

impl Kept {
    fn book(&self) -> Option<Arc<dyn Book>> {
        match self {
            Self::Nowhere => None,
            Self::File(ledger) => Some(ledger.clone()),
            Self::Shared(drafts) => Some(drafts.clone()),
        }
    }
}

/// The sessions of a mock.
#[derive(Debug)]
pub struct Sessions {
    plans: RwLock<Arc<[Arc<Plan>]>>,
    start: Start,
    kept: Kept,
    notes: SharedNotes,
    default: Arc<Session>,
    named: RwLock<HashMap<Arc<str>, Arc<Session>>>,
    /// Told when something may be due earlier than it was.
    news: Arc<Notify>,
}

impl Sessions {
    /// The sessions of a mock that serves those plans.
    pub fn new(plans: Arc<[Arc<Plan>]>, start: Start) -> Self {
        let news = Arc::default();
        let default = Session::new("".into(), &plans, &start, None, &news);
        Self::of(plans, start, Kept::Nowhere, default, HashMap::new(), news)
    }

    /// The sessions that were written down, whose accounts fit the plans; what happens to them
    /// and to others is written down too.
    pub fn restored(
        plans: Arc<[Arc<Plan>]>,
        start: Start,
        ledger: Arc<Ledger>,
        stored: &Stored,
    ) -> Self {
        let mut named = HashMap::new();
        let news = Arc::default();
        let kept = Kept::File(ledger.clone());
        let book: Arc<dyn Book> = ledger;
        for (number, session) in &stored.sessions {
            let session = Session::restored(&plans, &book, *number, session, &news);
            named.insert(session.name.clone(), session);
        }
        let default = named.remove("");
        let default =
            default.unwrap_or_else(|| Session::new("".into(), &plans, &start, Some(&book), &news));
        Self::of(plans, start, kept, default, named, news)
    }

    /// Sessions that replicas share. The default one, of that number, is as it is stored; others
    /// come by [`Self::admit`] alone, and what is done to them is told by [`Drafts::of`].
    pub fn shared(
        plans: Arc<[Arc<Plan>]>,
        start: Start,
        number: u64,
        default: &StoredSession,
    ) -> Self {
        let news = Arc::default();
        let drafts = Arc::<Drafts>::default();
        let book: Arc<dyn Book> = drafts.clone();
        let default = Session::restored(&plans, &book, number, default, &news);
        Self::of(plans, start, Kept::Shared(drafts), default, HashMap::new(), news)
    }

    /// What a new session starts with.
    pub fn made(&self, name: &str) -> Made {
        made(&self.start, name)
    }

    /// Makes a session what is stored, whether there is one of that name or not. To be called by
    /// who runs shared sessions, while nobody uses this one.
    pub fn admit(&self, number: u64, stored: &StoredSession) -> Option<Arc<Session>> {
        let book = self.kept.book()?;
        let name = &stored.made.name;
        let known = match &**name {
            "" => Some(self.default.clone()),
            name => self.named.read().get(name).cloned(),
        };
        if let Some(session) = known.filter(|known| known.number() == Some(number)) {
            session.take_back(stored);
            session.touch();
            return Some(session);
        }
        let plans = self.plans.read().clone();
        let session = Session::restored(&plans, &book, number, stored, &self.news);
        let old = self.named.write().insert(name.clone(), session.clone());
        drop(old);
        Some(session)
    }

    /// Frees the memory of a shared session.
    pub fn release(&self, name: &str) {
        let released = self.named.write().remove(name);
        drop(released);
    }

    /// What is told of them where replicas share them.
    pub fn notes(&self) -> &SharedNotes {
        &self.notes
    }

    /// Whether replicas share them.
    pub fn are_shared(&self) -> bool {
        matches!(self.kept, Kept::Shared(_))
    }

    fn of(
        plans: Arc<[Arc<Plan>]>,
        start: Start,
        kept: Kept,
        default: Arc<Session>,
        named: HashMap<Arc<str>, Arc<Session>>,
        news: Arc<Notify>,
    ) -> Self {
        let (plans, named) = (RwLock::new(plans), RwLock::new(named));
        Self { plans, start, kept, notes: SharedNotes::default(), default, named, news }
    }

    /// Told when something may be due earlier than it was.
    pub fn news(&self) -> &Arc<Notify> {
        &self.news
    }

    /// How long it takes until something is due in one of them, if nothing else happens.
    pub fn next_due(&self) -> Option<Duration> {
        let named = self.named.read();
        let all = std::iter::once(&self.default).chain(named.values());
        all.filter_map(|session| session.due_in()).min()
    }

    /// Those in which something is due.
    pub fn due(&self) -> Vec<Arc<Session>> {
        let named = self.named.read();
        let all = std::iter::once(&self.default).chain(named.values());
        let due = |session: &&Arc<Session>| session.is_due() || session.has_messages();
        all.filter(due).cloned().collect()
    }

    /// The file that they are written down in, if they are.
    pub fn ledger(&self) -> Option<&Arc<Ledger>> {
        match &self.kept {
            Kept::File(ledger) => Some(ledger),
            Kept::Nowhere | Kept::Shared(_) => None,
        }
    }

    /// Brings sessions, by their numbers, back to what is stored, since something that happened to
    /// them could not be written down.
    pub fn take_back(&self, stored: &Stored, numbers: &HashSet<u64>) {
        let mut known = HashSet::new();
        let named: Vec<_> = self.named.read().values().cloned().collect();
        for session in std::iter::once(self.default.clone()).chain(named) {
            let Some(kept) = session.kept().filter(|kept| numbers.contains(&kept.number())) else {
                continue;
            };
            known.insert(kept.number());
            match stored.sessions.get(&kept.number()) {
                Some(stored) => session.take_back(stored),
                None => session.make_again(),
            }
        }
        let Some(book) = self.kept.book() else { return };
        for (number, session) in &stored.sessions {
            if numbers.contains(number) && !known.contains(number) {
                // It was dropped, which could not be written down.
                let plans = self.plans.read().clone();
                let session = Session::restored(&plans, &book, *number, session, &self.news);
                let newer = self.named.write().insert(session.name.clone(), session);
                if let Some(kept) = newer.as_ref().and_then(|newer| newer.kept()) {
                    kept.lose();
                }
            }
        }
    }

    /// Writes down what nobody has waited for, and waits until all is written.
    pub fn end(&self) {
        let Some(ledger) = self.ledger() else { return };
        let named: Vec<_> = self.named.read().values().cloned().collect();
        std::iter::once(self.default.clone()).chain(named).for_each(|session| session.end());
        ledger.close();
    }

    /// The session of that name, made on first use; the empty name is the default session.
    ///
    /// Where there are as many as there can be, those that were not used for longest make room.
    /// Gives `None` when all are in use.
    pub fn get(&self, name: &str) -> Option<Arc<Session>> {
        if name.is_empty() {
            return Some(self.default.clone());
        }
        if let Some(session) = self.named.read().get(name) {
            session.touch();
            return Some(session.clone());
        }
        if self.are_shared() {
            return None;
        }
        let mut named = self.named.write();
        if let Some(session) = named.get(name) {
            return Some(session.clone());
        }
        if named.len() >= self.start.most_sessions {
            make_room(&mut named);
        }
        if named.len() >= self.start.most_sessions {
            return None;
        }
        let name: Arc<str> = name.into();
        let book = self.kept.book();
        let plans = self.plans.read().clone();
        let session = Session::new(name.clone(), &plans, &self.start, book.as_ref(), &self.news);
        named.insert(name, session.clone());
        Some(session)
    }

    /// The named ones by name, and for how long each was not used.
    pub fn unused(&self) -> Vec<(Arc<str>, Duration)> {
        let named = self.named.read();
        let unused = named.values().map(|session| (session.name.clone(), session.unused()));
        let mut unused: Vec<_> = unused.collect();
        if self.are_shared() {
            let of = |name: Arc<str>| {
                let unused = named.get(&name).map_or(Duration::ZERO, |session| session.unused());
                (name, unused)
            };
            unused = self.notes.names().into_iter().map(of).collect();
        }
        unused.sort_unstable();
        unused
    }

    /// Drops those; gives how many of them there were.
    pub fn drop_named(&self, names: &[&str]) -> usize {
        if self.are_shared() {
            let known = self.notes.names().into_iter();
            let dropped: Vec<_> = known.filter(|name| names.contains(&&**name)).collect();
            dropped.iter().for_each(Drafts::dropped);
            return dropped.len();
        }
        let mut all = self.named.write();
        let dropped: Vec<_> = names.iter().filter_map(|name| all.remove(*name)).collect();
        dropped.iter().filter_map(|session| session.kept()).for_each(Durable::dropped);
        for session in &dropped {
            session.waiting().end();
        }
        // What they hold is freed while others use theirs.
        drop(all);
        dropped.len()
    }

    /// How many named ones there can be.
    pub fn most(&self) -> usize {
        self.start.most_sessions
    }

    /// How many there are, the default one included.
    pub fn count(&self) -> usize {
        self.named.read().len() + 1
    }

    /// Brings a session back to how it started: one vendor, or all of it. Values are generated
    /// from the seed, or without one from that of all sessions.
    pub fn reset(&self, session: &Session, vendor: Option<usize>, seed: Option<u64>) {
        let seed = seed.unwrap_or(self.start.seed);
        match vendor {
            Some(vendor) => session.reset_vendor(vendor, seed),
            None => session.reset(seed),
        }
    }

    /// Lets all of them go on with other vendors, or with specs that have changed; nobody may be
    /// answered meanwhile. Gives the collections that could not be kept, each with its session.
    pub(super) fn adopt(&self, plans: &Arc<[Arc<Plan>]>) -> Vec<(Arc<str>, Lost)> {
        *self.plans.write() = plans.clone();
        let named: Vec<_> = self.named.read().values().cloned().collect();
        let all = std::iter::once(self.default.clone()).chain(named);
        let lost = all.flat_map(|session| {
            let name = session.name.clone();
            session.adopt(plans).into_iter().map(move |lost| (name.clone(), lost))
        });
        let lost = lost.collect();
        if let Some(book) = self.kept.book() {
            // After what is remembered: that fits what it says, and what was before may not.
            durable::serve(&*book, plans.iter().map(|plan| spec_image(plan)).collect());
        }
        lost
    }

    /// Drops sessions that nobody used for long, unless they are written down.
    pub fn drop_idle(&self) {
        if !matches!(self.kept, Kept::Nowhere) {
            return;
        }
        let idle = self.start.idle;
        let mut named = self.named.write();
        named.retain(|_, session| session.unused() < idle);
    }
}

/// What a session starts with.
pub fn made(start: &Start, name: &str) -> Made {
    let clock = Clock::new(start.clock, start.frozen);
    let (began, setting) = (clock.now(), clock.setting());
    let Start { seed, frozen, clock: start, .. } = *start;
    Made { name: name.into(), seed, began, start, frozen, clock: setting }
}

/// Drops the sessions that were not used for longest.
fn make_room(named: &mut HashMap<Arc<str>, Arc<Session>>) {
    let mut unused: Vec<(Duration, Arc<str>)> = named
        .values()
        .map(|session| (session.unused(), session.name.clone()))
        .filter(|(unused, _)| *unused > STILL_IN_USE)
        .collect();
    unused.sort_unstable_by_key(|(unused, _)| std::cmp::Reverse(*unused));
    for (_, name) in unused.into_iter().take(named.len().div_ceil(SHARE)) {
        let session = named.remove(&name);
        if let Some(kept) = session.as_ref().and_then(|session| session.kept()) {
            kept.dropped();
        }
    }
}
