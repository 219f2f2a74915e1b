//! Those who wait for a session: all that do are served in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Replica;
use super::store::{Held, Known, Locked, News, Trouble};
use crate::control::durable::refusal;
use crate::exchange::Answer;
use crate::ledger::{Draft, Drafts, Outcome};
use crate::mock::problem;
use crate::mock::session::Session;
use crate::room::with_room;
use crate::value::Map;
use crate::worker::may_wait;

/// So many are served at once at most.
const MOST: usize = 256;
/// So often it is tried again when other replicas were first.
const TRIES: u32 = 8;

/// Work on a session. It is done again where what it did could not be kept since others were
/// first.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) told: oneshot::Sender<Answer>,
}

/// Done on a session, perhaps more than once.
type Act = Box<dyn Fn(&Arc<Session>) -> Answer + Send + Sync>;

/// What is to be done.
pub(super) struct Work {
    pub(super) act: Act,
    /// Whether it needs much room, or long.
    pub(super) large: bool,
    /// Whether it asks which sessions there are.
    pub(super) of_all: bool,
}

impl Work {
    /// To do that.
    pub(super) fn of(act: impl Fn(&Arc<Session>) -> Answer + Send + Sync + 'static) -> Self {
        Self { act: Box::new(act), large: false, of_all: false }
    }
}

/// A session, with those who wait for it.
pub(super) struct Line {
    pub(super) name: Arc<str>,
    waiting: Mutex<Waiting>,
    here: tokio::sync::Mutex<Here>,
}

#[derive(Default)]
struct Waiting {
    jobs: Vec<Job>,
    busy: bool,
    last: Option<Instant>,
}

/// What is in the memory of this replica.
#[derive(Default)]
struct Here {
    session: Option<Arc<Session>>,
    /// How far that is; unknown where something was done to it that was not kept.
    known: Option<Known>,
}

impl Line {
    /// Of the session of that name, of which nothing is known yet.
    pub(super) fn new(name: Arc<str>) -> Self {
        Self { name, waiting: Mutex::default(), here: tokio::sync::Mutex::default() }
    }

    /// Adds a job; says whether somebody has to serve the line now.
    pub(super) fn add(&self, job: Job) -> bool {
        let mut waiting = self.waiting.lock();
        waiting.jobs.push(job);
        waiting.last = Some(Instant::now());
        !std::mem::replace(&mut waiting.busy, true)
    }

    /// For how long nobody has come, unless somebody is served.
    pub(super) fn idle(&self) -> Option<Duration> {
        let waiting = self.waiting.lock();
        let last = waiting.last.filter(|_| !waiting.busy)?;
        Some(last.elapsed())
    }

    fn next(&self) -> Option<Vec<Job>> {
        let mut waiting = self.waiting.lock();
        let count = waiting.jobs.len().min(MOST);
        if count == 0 {
            waiting.busy = false;
            return None;
        }
        Some(waiting.jobs.drain(..count).collect())
    }

    /// Serves all who wait, until nobody does.
    pub(super) async fn serve(&self, replica: &Replica) {
        while let Some(jobs) = self.next() {
            let mut here = self.here.lock().await;
            self.serve_these(replica, &mut here, jobs).await;
        }
    }

    async fn serve_these(&self, replica: &Replica, here: &mut Here, jobs: Vec<Job>) {
        let mut tries = 0;
        let (outcome, reason, did) = loop {
            let mut did = Vec::new();
            match self.attempt(replica, here, &jobs, &mut did).await {
                Ok(Done { answers, rest, has_grown }) => {
                    for (job, answer) in jobs.into_iter().zip(answers) {
                        // Who has gone meanwhile needs no answer.
                        job.told.send(answer).ok();
                    }
                    if let Some(held) = rest {
                        held.release().await;
                    }
                    replica.sessions().notes().went(None);
                    if let (true, Some(session), Some(known)) =
                        (has_grown, &here.session, here.known)
                    {
                        let told = may_wait(|| session.told());
                        // Who comes next tries it again.
                        replica.store.keep_snapshot(&self.name, known, told).await.ok();
                    }
                    return;
                }
                Err(trouble) => {
                    if did.contains(&true) {
                        here.known = None;
                    }
                    match trouble {
                        Trouble::Again(_) if tries < TRIES => {
                            tries += 1;
                            replica.store.pause(tries).await;
                        }
                        Trouble::Again(reason) | Trouble::NotDone(reason) => {
                            break (Outcome::NotDone, reason, did);
                        }
                        Trouble::Unknown(reason) => break (Outcome::Unknown, reason, did),
                    }
                }
            }
        };
        for (at, job) in jobs.into_iter().enumerate() {
            // Whoever changed nothing knows that nothing was done.
            let changed = did.get(at).copied().unwrap_or(false);
            let outcome = if changed { outcome } else { Outcome::NotDone };
            let said = match outcome {
                Outcome::NotDone => "what the request did was taken back, or never begun",
                Outcome::Unknown => "it is not known whether what the request did was kept",
            };
            job.told.send(refusal(outcome, format!("{reason}; {said}"))).ok();
        }
        replica.sessions().notes().went(Some(&reason));
    }

    /// Tries to serve them once. Notes for each job that was done whether it changed something.
    async fn attempt<'r>(
        &self,
        replica: &'r Replica,
        here: &mut Here,
        jobs: &[Job],
        did: &mut Vec<bool>,
    ) -> Result<Done<'r>, Trouble> {
        let made = || replica.made(&self.name);
        let locked = replica.store.lock(&self.name, here.known, &made).await?;
        let Locked { at, news, has_grown, mut held } = locked;
        let number = at.id.cast_unsigned();
        let session = match (news, &here.session) {
            (News::Entries(entries), Some(session)) => {
                for entry in entries {
                    session.follow(entry.event);
                }
                session.clone()
            }
            (News::All(stored), _) => {
                let admitted = may_wait(|| replica.sessions().admit(number, &stored));
                admitted.ok_or_else(|| Trouble::NotDone("the mock ends".to_owned()))?
            }
            (News::Entries(_), None) => {
                here.known = None;
                return Err(Trouble::Again("the session is not known".to_owned()));
            }
        };
        here.session = Some(session.clone());
        here.known = Some(at);
        session.used();
        if jobs.iter().any(|job| job.work.of_all) {
            replica.sessions().notes().are(held.names().await?);
        }
        let (mut answers, mut entries, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
        for job in jobs {
            let (answer, draft) = perform(&job.work, &session);
            let done = draft.entries.into_iter().filter(|entry| entry.session == number);
            let before = entries.len();
            entries.extend(done);
            did.push(entries.len() > before || !draft.dropped.is_empty());
            answers.push(answer);
            dropped.extend(draft.dropped);
        }
        if entries.is_empty() && dropped.is_empty() {
            return Ok(Done { answers, rest: Some(held), has_grown });
        }
        held.drop_named(&dropped).await?;
        let own = dropped.contains(&self.name);
        here.known = Some(match entries.is_empty() || own {
            true => held.end().await?,
            false => held.keep(&self.name, &entries).await?,
        });
        Ok(Done { answers, rest: None, has_grown })
    }
}

/// Jobs that were done, and kept.
struct Done<'r> {
    answers: Vec<Answer>,
    /// The session, which others may use then.
    rest: Option<Box<dyn Held<'r> + 'r>>,
    has_grown: bool,
}

fn perform(todo: &Work, session: &Arc<Session>) -> (Answer, Draft) {
    let work = || {
        Drafts::of(|| {
            catch_unwind(AssertUnwindSafe(|| (todo.act)(session))).unwrap_or_else(|_| {
                let said = "the mock failed on this request; its log says why";
                problem(StatusCode::INTERNAL_SERVER_ERROR, said, &Map::new())
            })
        })
    };
    if !todo.large {
        return work();
    }
    may_wait(|| with_room(work)).unwrap_or_else(|| {
        let said = "the system has no thread for a large request";
        (problem(StatusCode::INTERNAL_SERVER_ERROR, said, &Map::new()), Draft::default())
    })
}
