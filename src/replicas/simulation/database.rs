//! A database as replicas see one, with all that goes wrong with databases: connections that fail,
//! conflicts, commits whose reply is lost, before they are done or after, and late ones.

use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::row::{Kept, Row};
use super::scheduler::Scheduler;
use super::weather::{Flaw, Weather};
use crate::ledger::{Entry, StoredSession};
use crate::replicas::records;
use crate::replicas::store::{
    Head, Held, Known, Locked, Making, News, Page, Step, Store, Told, Trouble,
};

/// How long is waited for a lock.
const LOCK_TIMEOUT: u64 = 400;
/// How long another lock is waited for while one is held: longer is taken for a deadlock.
const DEADLOCK: u64 = 40;

/// The database.
pub(super) struct Database {
    scheduler: Arc<Scheduler>,
    weather: Mutex<Weather>,
    flaw: Option<Flaw>,
    tables: Mutex<Tables>,
    last: AtomicU64,
}

#[derive(Default)]
struct Tables {
    sessions: BTreeMap<String, Row>,
    /// Which transaction, of which replica, has locked the session of a name.
    locks: BTreeMap<String, (u64, i64)>,
}

impl Database {
    pub(super) fn new(scheduler: Arc<Scheduler>, flaw: Option<Flaw>) -> Arc<Self> {
        let (weather, tables, last) = (Mutex::default(), Mutex::default(), AtomicU64::new(0));
        Arc::new(Self { scheduler, weather, flaw, tables, last })
    }

    /// How it is from now on.
    pub(super) fn becomes(&self, weather: Weather) {
        *self.weather.lock() = weather;
    }

    /// A replica is no more: what it has begun is taken back, after a while.
    pub(super) fn loses(self: &Arc<Self>, replica: i64) {
        let (database, delay) = (self.clone(), self.scheduler.below(60));
        self.scheduler.spawn(async move {
            database.scheduler.sleep(delay).await;
            database.tables.lock().locks.retain(|_, (_, owner)| *owner != replica);
        });
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// Adds a record, and takes sessions out. Gives whether it was the next one.
    fn commit(
        &self,
        name: &str,
        (at, told): (Known, Told),
        (record, page): (Option<&str>, Option<&Kept>),
        dropped: &[Arc<str>],
    ) -> bool {
        let mut tables = self.tables.lock();
        if let Some(page) = page {
            let Some(row) = tables.sessions.get_mut(name).filter(|row| row.id == at.id) else {
                return false;
            };
            let is_next = row.head == at.head && row.told == told;
            if !is_next && !self.has(Flaw::LocksNothing) {
                return false;
            }
            row.tell(page);
        }
        if let Some(record) = record {
            let Some(row) = tables.sessions.get_mut(name).filter(|row| row.id == at.id) else {
                return false;
            };
            if row.head != at.head && !self.has(Flaw::LocksNothing) {
                return false;
            }
            row.head = at.head + 1;
            row.records.insert(row.head, record.to_owned());
        }
        for name in dropped {
            tables.sessions.remove(&**name);
        }
        true
    }
}

/// The connections of a replica.
pub(super) struct Connections {
    pub(super) database: Arc<Database>,
    pub(super) replica: i64,
    /// The replica is no more: nothing of it goes on.
    pub(super) dead: Arc<AtomicBool>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connections of {}", self.replica)
    }
}

impl Connections {
    fn scheduler(&self) -> &Scheduler {
        &self.database.scheduler
    }

    fn happens(&self, often: impl Fn(Weather) -> u64) -> bool {
        let often = often(*self.database.weather.lock());
        self.scheduler().happens(often)
    }

    /// A message goes there, or comes back.
    async fn travel(&self) {
        self.scheduler().sleep(self.scheduler().below(6)).await;
        if self.dead.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    }

    /// A message goes there, before anything is to be kept.
    async fn ask(&self) -> Result<(), Trouble> {
        self.travel().await;
        match self.happens(|weather| weather.unreachable) {
            true => Err(Trouble::NotDone("the connection ended".to_owned())),
            false => Ok(()),
        }
    }

    /// Locks a session, whether there is one of that name or not.
    async fn locked(&self, name: &str, patience: u64) -> Option<Lock> {
        let database = self.database.clone();
        let number = database.last.fetch_add(1, Ordering::Relaxed);
        let until = self.scheduler().now() + patience;
        loop {
            {
                let mut tables = database.tables.lock();
                let free = !tables.locks.contains_key(name) || database.has(Flaw::LocksNothing);
                if free {
                    tables.locks.insert(name.to_owned(), (number, self.replica));
                    drop(tables);
                    return Some(Lock { database, name: name.to_owned(), number });
                }
            }
            if self.scheduler().now() >= until {
                return None;
            }
            self.scheduler().sleep(1 + self.scheduler().below(3)).await;
            if self.dead.load(Ordering::Relaxed) {
                pending::<()>().await;
            }
        }
    }

    async fn lock(
        &self,
        name: &str,
        known: Option<Known>,
        made: &Making<'_>,
    ) -> Result<Locked<'_>, Trouble> {
        self.ask().await?;
        let timeout = || Trouble::NotDone("the lock was not to be had".to_owned());
        let mut lock = self.locked(name, LOCK_TIMEOUT).await.ok_or_else(timeout)?;
        let mut row = self.database.tables.lock().sessions.get(name).cloned();
        if row.is_none() {
            // There is nothing that could be locked.
            drop(lock);
            let id = self.make(name, made).await?;
            self.ask().await?;
            lock = self.locked(name, LOCK_TIMEOUT).await.ok_or_else(timeout)?;
            row = self.database.tables.lock().sessions.get(name).cloned();
            row = row.filter(|row| row.id == id && row.head == 1);
        }
        let row = row.ok_or_else(|| Trouble::Again("another one used the session".to_owned()))?;
        let told = match self.database.has(Flaw::ReadsBehind) && row.head > 1 {
            true => row.head - 1,
            false => row.head,
        };
        let at = Known { id: row.id, head: row.head };
        let since = known.filter(|known| known.id == row.id).map(|known| known.head);
        let entries = match since {
            Some(from) if from <= told => records::entries(
                row.since(from).filter(|(position, _)| *position <= told),
                from,
                told,
            )?,
            _ => None,
        };
        let news = match entries {
            Some(entries) => News::Entries(entries),
            None => {
                let records = row.since(row.base);
                News::All(Box::new(records::session(at, row.base, &row.snapshot, records)?))
            }
        };
        // The reply may be what is lost: then it is as if nothing was asked.
        self.ask().await?;
        if self.happens(|weather| weather.conflict) {
            return Err(Trouble::Again("a conflict".to_owned()));
        }
        let told = row.told;
        let held = Box::new(Transaction { connections: self, lock, at, told, dropped: Vec::new() });
        Ok(Locked { at, news, told, has_grown: row.has_grown(), held })
    }

    /// Makes a session, unless another one does so at the same time.
    async fn make(&self, name: &str, made: &Making<'_>) -> Result<i64, Trouble> {
        let (number, made) = made();
        let (first, _) = records::first(number, made);
        let id = number.cast_signed();
        let known = |sessions: &BTreeMap<_, _>| sessions.contains_key(name);
        let others = || Trouble::Again("another one made the session".to_owned());
        if known(&self.database.tables.lock().sessions) {
            return Err(others());
        }
        self.ask().await?;
        {
            let mut tables = self.database.tables.lock();
            if known(&tables.sessions) {
                return Err(others());
            }
            let (records, snapshot) = (BTreeMap::from([(1, first)]), String::new());
            let (told, pages) = (Told::default(), BTreeMap::new());
            let row = Row { id, head: 1, base: 0, snapshot, records, told, pages };
            tables.sessions.insert(name.to_owned(), row);
        }
        self.travel().await;
        match self.happens(|weather| weather.lost_after) {
            true => Err(Trouble::Unknown("the connection ended".to_owned())),
            false => Ok(id),
        }
    }

    async fn write_snapshot(
        &self,
        name: &str,
        known: Known,
        told: StoredSession,
    ) -> Result<(), Trouble> {
        let text = records::snapshot(known.id.cast_unsigned(), told);
        self.ask().await?;
        let Some(lock) = self.locked(name, LOCK_TIMEOUT).await else { return Ok(()) };
        self.ask().await?;
        {
            let mut tables = self.database.tables.lock();
            let row = tables
                .sessions
                .get_mut(name)
                .filter(|row| row.id == known.id && row.base < known.head && row.has_grown());
            if let Some(row) = row {
                let old = std::mem::replace(&mut row.base, known.head);
                row.snapshot = text;
                row.records.retain(|position, _| *position > old);
            }
        }
        drop(lock);
        self.ask().await
    }
}

impl Store for Connections {
    fn lock<'s: 'l, 'l>(
        &'s self,
        name: &'l str,
        known: Option<Known>,
        made: &'l Making<'l>,
    ) -> Step<'l, Locked<'s>> {
        Box::pin(Connections::lock(self, name, known, made))
    }

    fn keep_snapshot<'s>(
        &'s self,
        name: &'s str,
        known: Known,
        told: StoredSession,
    ) -> Step<'s, ()> {
        Box::pin(self.write_snapshot(name, known, told))
    }

    fn pause(&self, tries: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let most = 4_u64 << tries.min(6);
        Box::pin(self.scheduler().sleep(self.scheduler().below(most)))
    }

    fn rest(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let ticks = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Box::pin(self.scheduler().sleep(ticks))
    }

    fn moment(&self) -> Duration {
        Duration::from_millis(self.scheduler().now())
    }

    fn heads(&self) -> Step<'_, Vec<Head>> {
        Box::pin(async move {
            self.ask().await?;
            let tables = self.database.tables.lock();
            let heads = tables.sessions.iter().map(|(name, row)| Head {
                name: (&**name).into(),
                id: row.id,
                told: row.told.number,
            });
            Ok(heads.collect())
        })
    }

    fn news(&self, id: i64, after: i64) -> Step<'_, Vec<(i64, String)>> {
        Box::pin(async move {
            self.ask().await?;
            let tables = self.database.tables.lock();
            let row = tables.sessions.values().find(|row| row.id == id);
            Ok(row.map(|row| row.pages_after(after)).unwrap_or_default())
        })
    }

    fn trim<'s>(&'s self, _: &'s str, _: i64, _: u64, _: i64) -> Step<'s, ()> {
        Box::pin(async { Ok(()) })
    }

    fn lease<'s>(&'s self, _: &'s str, _: i64) -> Step<'s, bool> {
        Box::pin(async { Ok(false) })
    }

    fn end_lease<'s>(&'s self, _: &'s str, _: i64) -> Step<'s, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// The lock of a session.
struct Lock {
    database: Arc<Database>,
    name: String,
    number: u64,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let locks = &mut self.database.tables.lock().locks;
        if locks.get(&self.name).is_some_and(|(number, _)| *number == self.number) {
            locks.remove(&self.name);
        }
    }
}

struct Transaction<'c> {
    connections: &'c Connections,
    lock: Lock,
    at: Known,
    told: Told,
    dropped: Vec<(Arc<str>, Option<Lock>)>,
}

impl Transaction<'_> {
    /// Commits, perhaps with a record. The database does so whether anybody waits for it or not.
    async fn commit(self, record: Option<String>, page: Option<Kept>) -> Result<bool, Trouble> {
        let Self { connections, lock, at, told, dropped } = self;
        let at = (at, told);
        let database = connections.database.clone();
        if let Err(trouble) = connections.ask().await {
            if database.has(Flaw::KeepsWhatItRefused) {
                database.commit(&lock.name, at, (record.as_deref(), page.as_ref()), &[]);
            }
            return Err(trouble);
        }
        if connections.happens(|weather| weather.conflict) {
            return Err(Trouble::Again("a conflict".to_owned()));
        }
        let unknown = || Trouble::Unknown("the connection ended with the commit".to_owned());
        let scheduler = database.scheduler.clone();
        let delay = scheduler.below(30);
        if connections.happens(|weather| weather.lost_before) {
            scheduler.clone().spawn(async move {
                scheduler.sleep(delay).await;
                drop((lock, dropped));
            });
            connections.travel().await;
            return Err(unknown());
        }
        let is_lost = connections.happens(|weather| weather.lost_after);
        let (answer, done) = oneshot::channel();
        scheduler.clone().spawn(async move {
            scheduler.sleep(if is_lost { delay } else { 0 }).await;
            let names: Vec<_> = dropped.iter().map(|(name, _)| name.clone()).collect();
            let forgets = database.has(Flaw::ForgetsCommits) && scheduler.happens(100);
            let what = (record.as_deref(), page.as_ref());
            let kept = forgets || database.commit(&lock.name, at, what, &names);
            drop((lock, dropped));
            answer.send(kept).ok();
        });
        if is_lost {
            connections.travel().await;
            return Err(unknown());
        }
        let kept = done.await.map_err(|_| unknown())?;
        connections.travel().await;
        Ok(kept)
    }
}

impl<'c> Held<'c> for Transaction<'c> {
    fn names(&mut self) -> Step<'_, Vec<Arc<str>>> {
        Box::pin(async move {
            self.connections.ask().await?;
            let tables = self.connections.database.tables.lock();
            let names = tables.sessions.keys().filter(|name| !name.is_empty());
            Ok(names.map(|name| (&**name).into()).collect())
        })
    }

    fn drop_named<'h>(&'h mut self, names: &'h [Arc<str>]) -> Step<'h, ()> {
        Box::pin(async move {
            for name in names {
                self.connections.ask().await?;
                let lock = match **name == *self.lock.name {
                    true => None,
                    false => {
                        let lock = self.connections.locked(name, DEADLOCK).await;
                        Some(lock.ok_or_else(|| Trouble::Again("a deadlock".to_owned()))?)
                    }
                };
                self.dropped.push((name.clone(), lock));
            }
            Ok(())
        })
    }

    fn journal(&mut self, after: i64) -> Step<'_, Vec<(i64, String)>> {
        self.connections.news(self.at.id, after)
    }

    fn past(&mut self, before: u64) -> Step<'_, Option<StoredSession>> {
        Box::pin(async move {
            self.connections.ask().await?;
            let tables = self.connections.database.tables.lock();
            match tables.sessions.get(&self.lock.name) {
                Some(row) => row.past(before),
                None => Ok(None),
            }
        })
    }

    fn keep<'k>(
        self: Box<Self>,
        _: &'k str,
        entries: &'k [Entry],
        page: &'k Page,
    ) -> Step<'k, Known>
    where
        'c: 'k,
    {
        Box::pin(async move {
            let Known { id, head } = self.at;
            let record = (!entries.is_empty()).then(|| records::record(entries));
            let next = head + i64::from(record.is_some());
            let page = (!page.is_empty()).then(|| Kept {
                cut: page.cut,
                last_id: page.last_id,
                body: page.body.clone(),
            });
            match self.commit(record, page).await? {
                true => Ok(Known { id, head: next }),
                false => Err(Trouble::Again("the session is not where it was".to_owned())),
            }
        })
    }

    fn end(self: Box<Self>) -> Step<'c, Known> {
        Box::pin(async move {
            let at = self.at;
            self.commit(None, None).await?;
            Ok(at)
        })
    }

    fn release(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send + 'c>> {
        Box::pin(async move {
            self.connections.travel().await;
            drop(self.lock);
        })
    }
}
