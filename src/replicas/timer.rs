//! What is due while nobody asks: each replica sees to it for the sessions that it has served.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::{Replica, Work};
use crate::exchange::Answer;
use crate::mock::noted::note;

/// Timers do not wait for longer at once: sessions are looked through then, too.
const LONGEST: Duration = Duration::from_secs(30);
/// How long an unused session stays in memory.
const IDLE: Duration = Duration::from_hours(1);
/// How often it is looked whether the database can be used again.
const AGAIN: Duration = Duration::from_secs(1);
/// Between two looks at what is due: another replica may be running it.
const BETWEEN: Duration = Duration::from_millis(5);

/// Runs what is due in all sessions, each time that something is.
pub(super) async fn run(replica: Arc<Replica>) {
    let sessions = replica.sessions();
    loop {
        replica.forget_idle(IDLE);
        for (name, notes) in sessions.notes().take_late() {
            let tell = Work::of(move |_| {
                notes.iter().cloned().for_each(note);
                Answer::default()
            });
            replica.perform(&name, tell).await;
        }
        if sessions.notes().trouble().is_some() {
            sleep(AGAIN).await;
            // Whether it works is told by whatever is done.
            replica.perform("", Work::of(|_| Answer::default())).await;
        }
        match sessions.next_due() {
            Some(wait) if wait.is_zero() => {
                for session in sessions.due() {
                    let control = replica.control.clone();
                    let run = Work::of(move |session| {
                        // Where there is no end to it, whoever asks next is told.
                        control.mock().run_due(session).ok();
                        Answer::default()
                    });
                    replica.perform(&session.name, run).await;
                    if session.has_messages() {
                        replica.clone().deliver(&session.name).await;
                    }
                }
                sleep(BETWEEN).await;
            }
            wait => {
                let wait = wait.map_or(LONGEST, |wait| wait.min(LONGEST));
                timeout(wait, sessions.news().notified()).await.ok();
            }
        }
    }
}

impl Replica {
    /// Sends the messages of a session that are due, unless another replica does so. Each is sent
    /// with nothing held, after what sent it is kept, and what came of it is kept then.
    pub(super) async fn deliver(self: Arc<Self>, name: &str) {
        while matches!(self.store.lease(name, self.number).await, Ok(true)) {
            let next = Arc::new(Mutex::new(None));
            let found = next.clone();
            let look = Work::of(move |session| {
                *found.lock() = session.next_attempt();
                Answer::default()
            });
            self.perform(name, look).await;
            let Some((vendor, at, message)) = next.lock().take() else { break };
            let (control, sent) = (self.control.clone(), message.clone());
            let attempted = spawn_blocking(move || control.attempt(&sent, at)).await;
            let Ok(Some((attempt, ending))) = attempted else { break };
            let note = Work::of(move |session| {
                session.attempted(vendor, &message, attempt.clone(), ending);
                Answer::default()
            });
            self.perform(name, note).await;
        }
        self.store.end_lease(name, self.number).await.ok();
    }
}
