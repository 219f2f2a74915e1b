//! A session that is written down: what it tells, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::account::Account;
use super::commit::Change;
use super::image;
use super::journal::Undo;
use super::windows::Count;
use crate::clock::Clock;
use crate::ledger::{
    AccountChange, Book, Changed, Entry, Event, FaultsImage, Made, Restart, SpecImage, note,
};
use crate::plan::Plan;

/// Where a session is written down. All of it is called while the session's state is held, but
/// for [`Durable::dropped`].
#[derive(Debug)]
pub(super) struct Durable {
    book: Arc<dyn Book>,
    /// Its number there.
    number: u64,
    /// The ticket of the last entry about it.
    last: AtomicU64,
    /// The last request of which it was written down that there was one.
    last_id: AtomicU64,
}

/// The version and the last request of a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Its version.
    pub version: u64,
    /// The id of its last request.
    pub last_id: u64,
}

impl Durable {
    /// A session that the book knows by that number.
    pub(super) fn known(book: Arc<dyn Book>, number: u64) -> Self {
        Self { book, number, last: AtomicU64::new(0), last_id: AtomicU64::new(0) }
    }

    /// Writes down what it starts with.
    pub(super) fn make(&self, made: Made) {
        self.push(Event::Made(made));
    }

    /// Its number.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether replicas share it.
    pub(super) fn is_shared(&self) -> bool {
        self.book.is_shared()
    }

    /// Writes down what happened.
    pub(super) fn tell(&self, event: Event) {
        self.push(event);
    }

    fn push(&self, event: Event) {
        if let Event::Changed(changed) = &event {
            self.last_id.store(changed.last_id, Ordering::Relaxed);
        }
        let ticket = self.book.push(Entry::of(self.number, event));
        self.last.store(ticket, Ordering::Release);
    }

    /// Notes that the state has been seen.
    pub(super) fn seen(&self) {
        note(self.last.load(Ordering::Acquire));
    }

    /// Writes down all of an account, before something is changed in it for the first time.
    pub(super) fn begin(&self, plan: &Plan, account: &mut Account, now: Now) {
        if !account.written {
            account.written = true;
            self.changed(now, vec![(plan, image::whole(plan, account))]);
        }
    }

    fn changed(&self, now: Now, accounts: Vec<(&Plan, AccountChange)>) {
        let accounts = accounts.into_iter();
        let accounts = accounts.map(|(plan, change)| (plan.service.vendor.clone(), change));
        self.push(Event::Changed(Changed {
            version: now.version,
            last_id: now.last_id,
            accounts: accounts.collect(),
            ..Changed::default()
        }));
    }

    /// Writes down what a commit changed.
    pub(super) fn commit(&self, now: Now, plan: &Plan, change: AccountChange) {
        self.changed(now, vec![(plan, change)]);
    }

    /// Writes down that a request was counted, for which nobody waits.
    pub(super) fn count(&self, plan: &Plan, counted: &Count) {
        self.book.count(self.number, plan.service.vendor.clone(), &counted.image());
    }

    /// Writes down how the clock is set.
    pub(super) fn clock(&self, now: Now, clock: &Clock) {
        let Now { version, last_id } = now;
        let clock = Some(clock.setting());
        self.push(Event::Changed(Changed { version, last_id, clock, ..Changed::default() }));
    }

    /// Writes down which faults there are.
    pub(super) fn faults(&self, faults: FaultsImage) {
        self.push(Event::Faults(faults));
    }

    /// Writes down that all began anew.
    pub(super) fn restart(&self, now: Now, restart: Restart, clock: &Clock) {
        let Now { version, last_id } = now;
        let (restart, clock) = (Some(restart), Some(clock.setting()));
        let accounts = Vec::new();
        self.push(Event::Changed(Changed { version, last_id, restart, clock, accounts }));
    }

    /// Writes down all of some accounts.
    pub(super) fn whole<'a>(
        &self,
        now: Now,
        accounts: impl Iterator<Item = (&'a Arc<Plan>, &'a mut Account)>,
    ) {
        let images = accounts.map(|(plan, account)| {
            account.written = true;
            (&**plan, image::whole(plan, account))
        });
        let images: Vec<_> = images.collect();
        if !images.is_empty() {
            self.changed(now, images);
        }
    }

    /// Writes down how many requests there were, if that is not known.
    pub(super) fn end(&self, now: Now) {
        if self.last_id.load(Ordering::Relaxed) != now.last_id {
            self.changed(now, Vec::new());
        }
    }

    /// Writes down that it is no more.
    pub(super) fn dropped(&self) {
        self.push(Event::Dropped);
    }

    /// It is no session any more, and was none for the book.
    pub(super) fn lose(&self) {
        self.book.lose(self.number);
    }

    /// It is what is stored again.
    pub(super) fn is_back(&self) {
        self.last.store(0, Ordering::Release);
        self.book.is_back(self.number);
    }
}

/// What a rewind changes, gathered while its steps are taken.
pub(super) struct Rewound {
    changed: Changed,
    touched: Vec<usize>,
}

impl Rewound {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { changed: Changed::default(), touched: Vec::new() }
    }

    /// Takes note of a step that is about to be taken.
    pub(super) fn step(&mut self, plans: &[Arc<Plan>], undo: &Undo) {
        let accounts = &mut self.changed.accounts;
        let vendor = match undo {
            Undo::Counted(vendor, _) => *vendor,
            Undo::Change(Change::Account(vendor, change)) => {
                if let Some(plan) = plans.get(*vendor) {
                    accounts.push((plan.service.vendor.clone(), image::reverted(plan, change)));
                }
                *vendor
            }
            Undo::Change(Change::Clock { before, .. }) => {
                self.changed.clock = Some(*before);
                return;
            }
            Undo::Change(Change::Reset { vendor, before, .. }) => {
                if let Some(plan) = plans.get(*vendor) {
                    let written = before.as_ref().filter(|account| account.written);
                    let change = match written {
                        Some(account) => image::whole(plan, account),
                        None => AccountChange { gone: true, ..AccountChange::default() },
                    };
                    accounts.push((plan.service.vendor.clone(), change));
                }
                *vendor
            }
        };
        if !self.touched.contains(&vendor) {
            self.touched.push(vendor);
        }
    }

    /// Writes it down, once all steps are taken.
    pub(super) fn write<'a>(
        mut self,
        kept: &Durable,
        now: Now,
        plans: &[Arc<Plan>],
        account: impl Fn(usize) -> Option<&'a Account>,
    ) {
        for vendor in self.touched {
            if let (Some(plan), Some(account)) = (plans.get(vendor), account(vendor)) {
                let rest = image::rest(plan, account);
                self.changed.accounts.push((plan.service.vendor.clone(), rest));
            }
        }
        self.changed.version = now.version;
        self.changed.last_id = now.last_id;
        kept.push(Event::Changed(self.changed));
    }
}

/// Writes down what specs are served from now on.
pub(super) fn serve(book: &dyn Book, specs: Vec<SpecImage>) {
    book.push(Entry::of(0, Event::Specs(specs)));
}
