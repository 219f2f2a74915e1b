//! Sessions that several replicas serve together: what happens to one is a log of records in a
//! database, and each replica has in its memory what the records come to.
//!
//! All who wait for a session on a replica are served in one transaction (`line`): the session's
//! row is locked, what others did since is done here too, the jobs are done in memory, and what
//! they changed becomes the next record (`store`). Only then they are answered. What could
//! not be kept is forgotten here as well: the session is read anew. A record has the same lines
//! as a file of `--state`.

mod held;
mod journal;
mod line;
mod postgres;
mod records;
#[cfg(test)]
mod simulation;
mod store;
mod stream;
mod timer;
mod unwritten;

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::control::Control;
use crate::control::durable::refusal;
use crate::control::held::Waits;
use crate::exchange::{Answer, CONTROL_PATH, Handler, Meanwhile, Request, TransportFailure, Wait};
use crate::ledger::{Made, Outcome, StoredSession};
use crate::mock::journal::{MOST_ENTRIES, budget};
use crate::mock::session::Start;
use crate::mock::sessions;
use crate::mock::sessions::Sessions;
use crate::plan::Plan;
use crate::random::random_seed;
use held::Slot;
use line::{Job, Line, Work};
use postgres::Database;
use store::{News, Page, Store, Trouble};

/// Records of fewer bytes since the last snapshot make no new one.
const LEAST_GROWTH: i64 = 256 * 1024;
/// Larger bodies are worked on with room, where they keep nobody waiting.
const LARGE: usize = 256 * 1024;
/// The number of the default session; others have random ones.
const DEFAULT: u64 = 1;
/// How long is tried to begin, while another replica begins too.
const BEGINNINGS: u32 = 20;

/// A database that was looked into, for a mock that is not there yet.
#[derive(Debug)]
pub struct Shared {
    store: Arc<dyn Store>,
    /// What is known of the default session.
    pub default: StoredSession,
}

impl Shared {
    /// The number of the default session.
    pub const DEFAULT: u64 = DEFAULT;

    /// Opens a database for those who serve these specs, and makes what is not there.
    ///
    /// Fails when it cannot be used, and when it is of other specs.
    pub async fn open(url: &str, plans: &[Arc<Plan>], start: &Start) -> Result<Self, String> {
        let database = Database::at(url)?;
        database.prepare().await?;
        database.agree(plans).await?;
        Self::of(Arc::new(database), start).await
    }

    /// Whatever sessions are kept in.
    async fn of(store: Arc<dyn Store>, start: &Start) -> Result<Self, String> {
        let made = || (DEFAULT, sessions::made(start, ""));
        let mut tries = 0;
        let default = loop {
            match store.lock("", None, &made).await {
                Ok(locked) => {
                    locked.held.release().await;
                    if let News::All(stored) = locked.news {
                        break *stored;
                    }
                }
                Err(Trouble::Again(_)) if tries < BEGINNINGS => {}
                Err(trouble) => return Err(trouble.reason()),
            }
            tries += 1;
            store.pause(tries).await;
        };
        Ok(Self { store, default })
    }
}

/// A replica: answers what a [`Control`] answers, for sessions that others answer for too.
pub struct Replicated {
    replica: Arc<Replica>,
}

/// What all lines of a replica share.
struct Replica {
    control: Arc<Control>,
    store: Arc<dyn Store>,
    lines: Mutex<HashMap<Arc<str>, Arc<Line>>>,
    /// Its own, among replicas.
    number: i64,
    streams: stream::Streams,
    /// Has work done meanwhile.
    spawn: Box<Spawn>,
}

type Spawn = dyn Fn(Pin<Box<dyn Future<Output = ()> + Send>>) + Send + Sync;

impl fmt::Debug for Replicated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replicated")
    }
}

impl Replicated {
    /// Of a mock whose sessions are shared, and whose jobs are done on that runtime.
    pub fn new(control: Arc<Control>, shared: Shared, runtime: Handle) -> Self {
        let Shared { store, .. } = shared;
        let number = (random_seed() >> 1).cast_signed();
        let spawn = move |work: Pin<Box<dyn Future<Output = ()> + Send>>| drop(runtime.spawn(work));
        Self::of(control, store, number, Box::new(spawn))
    }

    /// Whatever does its jobs.
    fn of(control: Arc<Control>, store: Arc<dyn Store>, number: i64, spawn: Box<Spawn>) -> Self {
        let (lines, streams) = Default::default();
        let replica = Replica { control, store, lines, number, streams, spawn };
        replica.control.mock().sessions().notes().is_called(&replica.name());
        Self { replica: Arc::new(replica) }
    }

    /// Has a request worked on in its session, if it is for one; the answer comes when what it
    /// did is kept.
    fn ask(
        &self,
        request: Request,
        local: SocketAddr,
        answer: impl Fn(&Control, Request) -> Result<Answer, Waits> + Send + Sync + 'static,
    ) -> Answer {
        let control = self.replica.control.clone();
        let Some(name) = control.session_asked_for(&request, local) else {
            return answer(&control, request).unwrap_or_default();
        };
        let path = request.path().trim_end_matches('/');
        let asks =
            |call: &str| path.strip_suffix(call).is_some_and(|at| at.ends_with(CONTROL_PATH));
        let of_all = asks("/sessions") || asks("/sessions/drop");
        let moves_clock = asks("/clock") || asks("/clock/advance");
        let large = request.body.len() > LARGE;
        let (looks_back, goes_back) = (looks_back(path), goes_back(path, &request));
        let streams = asks("/events");
        let slot = Slot::default();
        let found = slot.clone();
        let work = Work::of(move |_| found.keep(answer(&control, request.clone())));
        let work = Work { large, of_all, looks_back, goes_back, ..work };
        let replica = self.replica.clone();
        if streams {
            let wait = Wait::new(async move { Some(replica.stream(&name, work).await) });
            return Answer { wait: Some(wait), ..Answer::default() };
        }
        let answered = replica.add(&name, work);
        let wait = Wait::new(async move {
            let mut answer = answered.await.unwrap_or_else(|_| lost());
            if let Some(waits) = slot.take(&answer) {
                answer = replica.held(&name, waits, local).await;
            }
            // Somebody else may have been asked.
            if let Some(wait) = answer.wait.take()
                && let Some(instead) = wait.over().await
            {
                answer = instead;
            }
            // Whoever moves the clock is answered when all that is due has been sent.
            if moves_clock
                && answer.status.is_success()
                && replica.sessions().get(&name).is_some_and(|session| session.has_messages())
            {
                replica.deliver(&name).await;
            }
            Some(answer)
        });
        Answer { wait: Some(wait), ..Answer::default() }
    }
}

/// Whether a call of the control plane looks at the journal.
fn looks_back(path: &str) -> bool {
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let call = path.split_once(CONTROL_PATH).map_or("", |(_, call)| call.trim_start_matches('/'));
    let first = call.split('/').next().unwrap_or_default();
    ["requests", "coverage", "rewind"].contains(&first)
}

/// The request before which a session is to be again.
fn goes_back(path: &str, request: &Request) -> Option<u64> {
    if !looks_back(path) || request.method.is_safe() {
        return None;
    }
    let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
    body.get("before")?.as_u64()
}

/// The answer where who should give it ended without a word.
fn lost() -> Answer {
    refusal(Outcome::Unknown, "the mock failed on this request".to_owned())
}

impl Handler for Replicated {
    fn goes_first(&self, target: &PathAndQuery) -> bool {
        self.replica.control.goes_first(target)
    }

    fn keeps_coding(&self, request: &Request, local: SocketAddr) -> bool {
        self.replica.control.keeps_coding(request, local)
    }

    fn out_of_memory(&self, is: bool) {
        self.replica.control.out_of_memory(is);
    }

    fn handle(&self, request: Request, local: SocketAddr) -> Answer {
        self.ask(request, local, move |control, request| control.answered(request, local))
    }

    fn refuse(&self, request: Request, failure: TransportFailure, local: SocketAddr) -> Answer {
        self.ask(
            request,
            local,
            move |control, request| Ok(control.refuse(request, failure, local)),
        )
    }

    fn stops(&self) {
        self.replica.control.stops();
    }

    fn meanwhile(self: Arc<Self>) -> Option<Meanwhile> {
        let replica = self.replica.clone();
        Some(Box::pin(async move {
            tokio::join!(timer::run(replica.clone()), stream::run(replica));
        }))
    }

    fn ends(self: Arc<Self>) -> Option<Meanwhile> {
        let replica = self.replica.clone();
        Some(Box::pin(async move {
            let names: Vec<_> = replica.lines.lock().keys().cloned().collect();
            for name in names {
                replica.perform(&name, Work::flush()).await;
            }
        }))
    }
}

impl Replica {
    /// Has some work done on a session.
    fn add(self: &Arc<Self>, name: &str, work: Work) -> oneshot::Receiver<Answer> {
        let (told, answered) = oneshot::channel();
        let mut lines = self.lines.lock();
        let line = match lines.get(name) {
            Some(line) => line.clone(),
            None => {
                let name: Arc<str> = name.into();
                lines.entry(name.clone()).or_insert(Arc::new(Line::new(name))).clone()
            }
        };
        // While lines are held, so that it is not forgotten meanwhile.
        if line.add(Job { work, told }) {
            let replica = self.clone();
            (self.spawn)(Box::pin(line.serve(replica)));
        }
        answered
    }

    /// The same, until it is kept, or could not be.
    async fn perform(self: &Arc<Self>, name: &str, work: Work) -> Answer {
        self.add(name, work).await.unwrap_or_else(|_| lost())
    }

    /// What it is called.
    fn name(&self) -> String {
        format!("{:016x}", self.number)
    }

    /// Frees the memory of sessions that nobody has used for so long.
    fn forget_idle(&self, idle: Duration) {
        let sessions = self.sessions();
        self.lines.lock().retain(|name, line| {
            let stays = name.is_empty() || line.idle().is_none_or(|unused| unused < idle);
            if !stays {
                sessions.release(name);
            }
            stays
        });
    }

    /// Takes what is too old out of a session's journal.
    async fn trim(&self, name: &str, id: i64, last_id: u64) {
        let bytes = i64::try_from(budget(self.sessions().count())).unwrap_or(i64::MAX);
        let oldest = last_id.saturating_sub(MOST_ENTRIES as u64);
        // Who comes later tries it again.
        self.store.trim(name, id, oldest, bytes).await.ok();
    }

    /// Tells the log of what was written into a session's journal.
    fn log(&self, name: &Arc<str>, page: &Page) {
        let mock = self.control.mock();
        for (id, answered) in &page.told {
            mock.log(name, *id, answered);
        }
    }

    fn sessions(&self) -> Arc<Sessions> {
        self.control.mock().sessions().clone()
    }

    /// What a session of that name starts with, and a number for it.
    fn made(&self, name: &str) -> (u64, Made) {
        // Numbers are positive where the database counts with a sign.
        let number = if name.is_empty() { DEFAULT } else { (random_seed() >> 1).max(2) };
        (number, self.sessions().made(name))
    }
}
