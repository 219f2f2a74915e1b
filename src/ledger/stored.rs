//! What all entries come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::{
    AccountChange, Changed, DueImage, Entry, Event, ExercisedImage, FaultsImage, LinkImage, Made,
    OutboxImage, ScheduleImage, SpecImage, Window,
};
use crate::value::{Map, Value};

/// What is remembered.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// The specs that it is of.
    pub specs: Vec<SpecImage>,
    /// The sessions, by their numbers.
    pub sessions: BTreeMap<u64, StoredSession>,
    /// The highest number that a session ever had.
    pub last_session: u64,
}

/// A session.
#[derive(Debug, Clone)]
pub struct StoredSession {
    /// What it starts with, and how its clock is set.
    pub made: Made,
    /// Its version.
    pub version: u64,
    /// The id of its last request.
    pub last_id: u64,
    /// The faults that were asked for.
    pub faults: FaultsImage,
    /// What requests to vendors did, where that is kept.
    pub exercised: BTreeMap<Arc<str>, ExercisedImage>,
    /// What vendors remember, by their names.
    pub accounts: BTreeMap<Arc<str>, StoredAccount>,
}

/// What a vendor remembers.
#[derive(Debug, Clone, Default)]
pub struct StoredAccount {
    /// Nothing but counts is known of it: it is as its fixtures are.
    pub untouched: bool,
    /// What generated values are made from.
    pub seed: u64,
    /// How many random values were drawn.
    pub drawn: u64,
    /// All settings.
    pub settings: Arc<Map>,
    /// What sequences give next, by collection and field.
    pub sequences: BTreeMap<Arc<str>, i64>,
    /// The rows of collections, by their numbers.
    pub rows: BTreeMap<Arc<str>, BTreeMap<u64, Value>>,
    /// What was sent.
    pub outbox: OutboxImage,
    /// What is to run later.
    pub schedule: StoredSchedule,
    /// Counts of the rate limit, by whom they are for.
    pub windows: BTreeMap<Arc<str>, Window>,
}

/// What is to run later.
#[derive(Debug, Clone, Default)]
pub struct StoredSchedule {
    /// How many there were ever.
    pub count: u64,
    /// What waits, by its number.
    pub waiting: BTreeMap<u64, DueImage>,
}

impl StoredSchedule {
    fn add(&mut self, due: DueImage) {
        self.count = self.count.max(due.number);
        self.waiting.insert(due.number, due);
    }
}

impl Stored {
    /// Adds what an entry says. About sessions that there are not it says nothing: who had begun
    /// when one was dropped, or could not be made, may still have changed it.
    pub fn apply(&mut self, entry: Entry) {
        let Entry { session: number, event } = entry;
        match event {
            Event::Probe => {}
            Event::Specs(specs) => self.specs = specs,
            Event::Made(made) => {
                self.last_session = self.last_session.max(number);
                self.sessions.insert(number, StoredSession::of(made));
            }
            Event::Dropped => drop(self.sessions.remove(&number)),
            Event::Changed(_) | Event::Counted(..) | Event::Faults(_) | Event::Exercised(..) => {
                if let Some(session) = self.sessions.get_mut(&number) {
                    session.apply(event);
                }
            }
        }
    }

    /// The entries that say all of it.
    pub fn entries(self) -> Vec<Entry> {
        let mut entries = vec![Entry::of(0, Event::Specs(self.specs))];
        for (number, session) in self.sessions {
            let StoredSession { made, version, last_id, faults, exercised, accounts } = session;
            let accounts = accounts.into_iter().map(|(vendor, account)| (vendor, account.image()));
            let accounts = accounts.collect();
            entries.push(Entry::of(number, Event::Made(made)));
            let changed = Changed { version, last_id, accounts, ..Changed::default() };
            entries.push(Entry::of(number, Event::Changed(changed)));
            if faults != FaultsImage::default() {
                entries.push(Entry::of(number, Event::Faults(faults)));
            }
            let exercised = exercised.into_iter();
            let exercised = exercised.map(|(vendor, image)| Event::Exercised(vendor, image));
            entries.extend(exercised.map(|event| Entry::of(number, event)));
        }
        entries
    }

    /// The session of that name.
    pub fn session(&self, name: &str) -> Option<(u64, &StoredSession)> {
        let found = self.sessions.iter().find(|(_, session)| &*session.made.name == name);
        found.map(|(number, session)| (*number, session))
    }
}

impl StoredSession {
    /// As it is made.
    pub fn of(made: Made) -> Self {
        let (exercised, accounts) = (BTreeMap::new(), BTreeMap::new());
        let faults = FaultsImage::default();
        Self { made, version: 0, last_id: 0, faults, exercised, accounts }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Exercised(vendor, image) => {
                self.exercised.entry(vendor).or_default().add(image);
            }
            Event::Counted(vendor, window) => {
                self.accounts.entry(vendor).or_insert_with(untouched).count(window);
            }
            Event::Faults(faults) => self.faults = faults,
            Event::Changed(changed) => {
                self.version = changed.version;
                self.last_id = changed.last_id;
                if let Some(restart) = changed.restart {
                    self.faults = FaultsImage::default();
                    self.made.seed = restart.seed;
                    self.made.began = restart.began;
                    self.accounts.clear();
                }
                if let Some(clock) = changed.clock {
                    self.made.clock = clock;
                }
                for (vendor, change) in changed.accounts {
                    if change.gone {
                        self.accounts.remove(&vendor);
                        continue;
                    }
                    if change.whole {
                        self.accounts.insert(vendor.clone(), StoredAccount::default());
                    }
                    self.accounts.entry(vendor).or_insert_with(untouched).apply(change);
                }
            }
            Event::Made(_) | Event::Dropped | Event::Specs(_) | Event::Probe => {}
        }
    }
}

fn untouched() -> StoredAccount {
    StoredAccount { untouched: true, ..StoredAccount::default() }
}

impl StoredAccount {
    /// The account that a change tells all of.
    pub fn of_whole(change: AccountChange) -> Self {
        let mut account = Self::default();
        account.apply(change);
        account
    }

    /// Adds a change.
    pub(super) fn apply(&mut self, change: AccountChange) {
        self.seed = change.seed.unwrap_or(self.seed);
        self.drawn = change.drawn.unwrap_or(self.drawn);
        if let Some(settings) = change.settings {
            self.settings = settings;
        }
        self.sequences.extend(change.sequences);
        for (collection, number, row) in change.rows {
            let rows = self.rows.entry(collection).or_default();
            match row {
                Some(row) => drop(rows.insert(number, row)),
                None => drop(rows.remove(&number)),
            }
        }
        if let Some(outbox) = change.outbox {
            self.outbox = outbox;
        }
        if change.cleared {
            self.outbox.messages.clear();
        }
        self.outbox.sent += change.messages.len() as u64;
        self.outbox.messages.extend(change.messages);
        self.outbox.links.extend(change.links);
        if let Some(attempted) = change.attempted {
            let id = attempted.get("id");
            let is_it = |message: &&mut Value| message.get("id") == id;
            if let Some(message) = self.outbox.messages.iter_mut().find(is_it) {
                *message = attempted;
            }
        }
        if let Some(ScheduleImage { count, waiting }) = change.schedule {
            self.schedule = StoredSchedule { count, ..StoredSchedule::default() };
            for due in waiting {
                self.schedule.add(due);
            }
        }
        if let Some(ran) = change.ran {
            self.schedule.waiting.remove(&ran);
        }
        for due in change.scheduled {
            self.schedule.add(due);
        }
        if let Some(windows) = change.windows {
            self.windows = windows.into_iter().map(|window| (window.by.clone(), window)).collect();
        }
        for window in change.counts {
            self.count(window);
        }
    }

    /// Counts that came out of order are of the same window: the highest is the last.
    fn count(&mut self, window: Window) {
        match self.windows.get_mut(&window.by) {
            Some(known) if known.began == window.began && known.used > window.used => {}
            Some(known) => *known = window,
            None => {
                self.windows.retain(|_, known| known.until > window.began);
                self.windows.insert(window.by.clone(), window);
            }
        }
    }

    /// The change that makes it what it is.
    pub(super) fn image(self) -> AccountChange {
        let windows = Some(self.windows.into_values().collect());
        if self.untouched {
            return AccountChange { windows, ..AccountChange::default() };
        }
        let rows = self.rows.into_iter().flat_map(|(collection, rows)| {
            rows.into_iter().map(move |(number, row)| (collection.clone(), number, Some(row)))
        });
        AccountChange {
            whole: true,
            seed: Some(self.seed),
            drawn: Some(self.drawn),
            settings: Some(self.settings),
            sequences: self.sequences.into_iter().collect(),
            rows: rows.collect(),
            outbox: Some(self.outbox),
            schedule: Some(ScheduleImage {
                count: self.schedule.count,
                waiting: self.schedule.waiting.into_values().collect(),
            }),
            windows,
            ..AccountChange::default()
        }
    }
}

impl OutboxImage {
    /// Leaves out the oldest messages and links beyond so many.
    pub fn bound(&mut self, messages: usize, links: usize) {
        fn newest<T>(all: &mut Vec<T>, most: usize) {
            all.drain(..all.len().saturating_sub(most));
        }
        newest::<Value>(&mut self.messages, messages);
        newest::<LinkImage>(&mut self.links, links);
    }
}
