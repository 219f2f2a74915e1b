//! Those who wait for a session: all that do are served in one transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Replica;
use super::journal::mirror;
use super::store::{Held, Known, Locked, News, Page, Told, Trouble};
use super::unwritten::{HOLD, MOST_HELD, Unwritten};
use crate::control::durable::refusal;
use crate::exchange::Answer;
use crate::ledger::{Draft, Drafts, Event, Outcome};
use crate::mock::journal::Gap;
use crate::mock::noted::{self, Answered, Noted};
use crate::mock::problem;
use crate::mock::session::Session;
use crate::room::with_room;
use crate::value::Map;
use crate::worker::may_wait;

/// So many are served at once at most.
const MOST: usize = 256;
/// So often it is tried again when other replicas were first.
const TRIES: u32 = 8;

/// The journal is looked through for what is too old each time that it has so many pages more.
const EACH: i64 = 64;

/// Work on a session. It is done again where what it did could not be kept since others were
/// first.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) told: oneshot::Sender<Answer>,
}

impl Job {
    /// Nobody waits for it.
    fn flush() -> Self {
        Self { work: Work::flush(), told: oneshot::channel().0 }
    }
}

/// Done on a session, perhaps more than once.
type Act = Box<dyn Fn(&Arc<Session>) -> Answer + Send + Sync>;

/// What is to be done.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub(super) struct Work {
    pub(super) act: Act,
    /// Whether it needs much room, or long.
    pub(super) large: bool,
    /// Whether it asks which sessions there are.
    pub(super) of_all: bool,
    /// Whether it looks at the journal.
    pub(super) looks_back: bool,
    /// The request before which the session is to be again.
    pub(super) goes_back: Option<u64>,
    /// Whether it is there to have written down what is not yet.
    pub(super) is_flush: bool,
}

impl Work {
    /// To do that.
    pub(super) fn of(act: impl Fn(&Arc<Session>) -> Answer + Send + Sync + 'static) -> Self {
        let act = Box::new(act);
        let (large, of_all, looks_back, is_flush) = (false, false, false, false);
        Self { act, large, of_all, looks_back, goes_back: None, is_flush }
    }

    /// To write down what is not yet.
    pub(super) fn flush() -> Self {
        Self { is_flush: true, ..Self::of(|_| Answer::default()) }
    }

    /// Whether it has to know all that happened before, and is done alone.
    fn is_alone(&self) -> bool {
        self.looks_back || self.goes_back.is_some()
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
    /// Whether something is to be written into the journal yet.
    owes: bool,
    last: Option<Instant>,
}

/// What is in the memory of this replica.
#[derive(Default)]
struct Here {
    session: Option<Arc<Session>>,
    /// How far that is; unknown where something was done to it that was not kept.
    known: Option<Known>,
    /// Requests that only read, and that the journal does not have yet.
    unwritten: Unwritten,
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
        let last = waiting.last.filter(|_| !waiting.busy && !waiting.owes)?;
        Some(last.elapsed())
    }

    fn next(&self) -> Option<Vec<Job>> {
        let mut waiting = self.waiting.lock();
        let alone = waiting.jobs.iter().position(|job| job.work.is_alone());
        let together = alone.unwrap_or(MOST).max(1);
        let count = waiting.jobs.len().min(together).min(MOST);
        if count == 0 {
            waiting.busy = false;
            return None;
        }
        Some(waiting.jobs.drain(..count).collect())
    }

    /// Serves all who wait, until nobody does.
    pub(super) async fn serve(self: Arc<Self>, replica: Arc<Replica>) {
        while let Some(jobs) = self.next() {
            let mut here = self.here.lock().await;
            let waits = !here.unwritten.answered().is_empty();
            if waits && jobs.iter().any(|job| job.work.is_alone()) {
                self.serve_these(&replica, &mut here, vec![Job::flush()]).await;
            }
            self.serve_these(&replica, &mut here, jobs).await;
            let owes = here.unwritten.is_owed();
            drop(here);
            if !std::mem::replace(&mut self.waiting.lock().owes, owes) && owes {
                self.flush_later(&replica);
            }
        }
    }

    /// Has written into the journal what is not there yet, soon.
    fn flush_later(self: &Arc<Self>, replica: &Arc<Replica>) {
        let (line, owner) = (self.clone(), replica.clone());
        (replica.spawn)(Box::pin(async move {
            loop {
                owner.store.rest(HOLD).await;
                let here = line.here.lock().await;
                // Those who ask meanwhile have it written with what they do.
                if !here.unwritten.is_owed() {
                    line.waiting.lock().owes = false;
                    return;
                }
                if here.unwritten.is_due(owner.store.moment()) {
                    break;
                }
            }
            line.waiting.lock().owes = false;
            // What comes of it is for the journal alone; it is tried again if it has to be.
            drop(owner.add(&line.name, Work::flush()));
        }));
    }

    async fn serve_these(&self, replica: &Replica, here: &mut Here, jobs: Vec<Job>) {
        let mut tries = 0;
        let (outcome, reason, did) = loop {
            let mut did = Vec::new();
            match self.attempt(replica, here, &jobs, &mut did).await {
                Ok(Done { answers, rest, has_grown, overfull }) => {
                    for (job, answer) in jobs.into_iter().zip(answers) {
                        // Who has gone meanwhile needs no answer.
                        job.told.send(answer).ok();
                    }
                    if let Some(held) = rest {
                        held.release().await;
                    }
                    replica.sessions().notes().went(None);
                    if let (Some(last_id), Some(known)) = (overfull, here.known) {
                        replica.trim(&self.name, known.id, last_id).await;
                    }
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
                Outcome::NotDone => "what the request did was rolled back, or never begun",
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
        let Locked { at, news, told, has_grown, mut held } = locked;
        let number = at.id.cast_unsigned();
        let session = match (news, &here.session) {
            (News::Entries(entries), Some(session)) => {
                for entry in entries {
                    if is_anew(&entry.event) {
                        here.unwritten.is_unsaid();
                    }
                    session.follow(entry.event);
                }
                session.clone()
            }
            (News::All(stored), _) => {
                here.unwritten.is_unsaid();
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
        session.journal.goes_on_after(told.last_id + here.unwritten.answered().len() as u64);
        if jobs.iter().any(|job| job.work.is_alone()) {
            mirror(&session, &mut *held, replica.sessions().count()).await?;
        }
        for before in jobs.iter().filter_map(|job| job.work.goes_back) {
            session.was(before, held.past(before).await?);
        }
        let (mut answers, mut entries, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
        let mut notes = Vec::new();
        for job in jobs {
            let (answer, draft, of_job) = perform(&job.work, &session);
            notes.extend(of_job.into_iter().map(|mut noted| {
                if let Noted::Answered(answered) = &mut noted {
                    answered.before += entries.len();
                }
                noted
            }));
            let done = draft.entries.into_iter().filter(|entry| entry.session == number);
            let before = entries.len();
            entries.extend(done);
            did.push(entries.len() > before || !draft.dropped.is_empty());
            answers.push(answer);
            dropped.extend(draft.dropped);
        }
        let only_reads = notes.iter().all(|noted| matches!(noted, Noted::Answered(_)));
        let now = replica.store.moment();
        let is_flush = jobs.iter().any(|job| job.work.is_flush);
        let is_burst = self.name.is_empty() && !is_flush && here.unwritten.is_burst(now);
        if entries.is_empty() && dropped.is_empty() && only_reads {
            let has_read = !notes.is_empty();
            for noted in &mut notes {
                if let Noted::Answered(answered) = noted {
                    answered.before = 0;
                }
            }
            if has_read {
                here.unwritten.reads(now);
            }
            if !is_flush && (!has_read || here.unwritten.may_wait(now)) {
                here.unwritten.hold(notes.into_iter().filter_map(|noted| match noted {
                    Noted::Answered(answered) => Some(answered),
                    _ => None,
                }));
                return Ok(Done { answers, rest: Some(held), has_grown, overfull: None });
            }
            if is_flush && !here.unwritten.is_owed() {
                return Ok(Done { answers, rest: Some(held), has_grown, overfull: None });
            }
        }
        held.drop_named(&dropped).await?;
        if dropped.contains(&self.name) {
            here.known = Some(held.end().await?);
            here.unwritten = Unwritten::default();
            return Ok(Done { answers, rest: None, has_grown, overfull: None });
        }
        // Only a journal that goes back is told of them again.
        let goes_back = notes.iter().any(|noted| matches!(noted, Noted::WentBack(_)));
        let mut gaps = if goes_back { session.journal.gaps() } else { Vec::new() };
        gaps.retain(|gap| *gap.replica != *replica.name() || !here.unwritten.ends(gap.from));
        let mut page = here.page(replica, told, notes, &gaps);
        let said = here.unwritten.say(&mut page, &replica.name(), is_burst.then_some(now));
        let kept = held.keep(&self.name, &entries, &page).await;
        if let Err(Trouble::Unknown(_)) = kept {
            here.unwritten.is_lost(said);
        }
        here.known = Some(kept?);
        if !page.is_empty() {
            here.unwritten.is_written(said);
        }
        let sessions = replica.sessions().count();
        for (id, Answered { at, told, .. }) in &page.told {
            session.journal.answered_here(*id, *at, told.clone(), sessions);
        }
        let overfull = self.wrote(replica, told, &page);
        Ok(Done { answers, rest: None, has_grown, overfull })
    }

    /// A page was written. Gives the last request where the journal should be looked through.
    fn wrote(&self, replica: &Replica, told: Told, page: &Page) -> Option<u64> {
        if page.is_empty() {
            return None;
        }
        let (last_id, size) = (page.last_id, page.body.len());
        replica.log(&self.name, page);
        let looked_through = told.number % EACH == 0 || size > MOST_HELD;
        looked_through.then_some(last_id)
    }
}

impl Here {
    /// The next page of the journal: what waits for it, and what was noted after that.
    fn page(&self, replica: &Replica, told: Told, notes: Vec<Noted>, gaps: &[Gap]) -> Page {
        let head = self.known.map_or(0, |known| known.head);
        let waiting = self.unwritten.answered().iter().cloned().map(Noted::Answered);
        let mock = replica.control.mock();
        may_wait(|| Page::of(mock.plans(), told.last_id, head, waiting.chain(notes), gaps))
    }
}

/// Jobs that were done, and kept.
struct Done<'r> {
    answers: Vec<Answer>,
    /// The session, which others may use then.
    rest: Option<Box<dyn Held<'r> + 'r>>,
    has_grown: bool,
    /// The last request, where the journal should be looked through.
    overfull: Option<u64>,
}

/// Whether a session begins anew with that, and its journal too.
fn is_anew(event: &Event) -> bool {
    matches!(event, Event::Changed(changed) if changed.restart.is_some())
}

fn perform(todo: &Work, session: &Arc<Session>) -> (Answer, Draft, Vec<Noted>) {
    let act = || {
        catch_unwind(AssertUnwindSafe(|| (todo.act)(session))).unwrap_or_else(|_| {
            let said = "the mock failed on this request; its log says why";
            problem(StatusCode::INTERNAL_SERVER_ERROR, said, &Map::new())
        })
    };
    let work = || {
        let ((answer, draft), notes) = noted::of(|| Drafts::of(act));
        (answer, draft, notes)
    };
    if !todo.large {
        return work();
    }
    may_wait(|| with_room(work)).unwrap_or_else(|| {
        let said = "the system has no thread for a large request";
        let answer = problem(StatusCode::INTERNAL_SERVER_ERROR, said, &Map::new());
        (answer, Draft::default(), Vec::new())
    })
}
