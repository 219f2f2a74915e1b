//! Requests whose answer is held: each attempt is a job of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::{Replica, Work};
use crate::control::held::Waits;
use crate::exchange::Answer;

/// What another replica did is seen after so long at most.
const POLL: Duration = Duration::from_millis(250);

/// Where an attempt leaves a request that is held on.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<Waits>>>);

impl Slot {
    /// Keeps what came of an attempt; gives the answer that a job has to give.
    pub(super) fn keep(&self, outcome: Result<Answer, Waits>) -> Answer {
        let (answer, waits) = match outcome {
            Ok(answer) => (answer, None),
            Err(waits) => (Answer::default(), Some(waits)),
        };
        *self.0.lock() = waits;
        answer
    }

    /// What is held on, if the job was done.
    pub(super) fn take(&self, answer: &Answer) -> Option<Waits> {
        self.0.lock().take().filter(|_| answer.status.is_success())
    }
}

impl Replica {
    /// The answer to a request that is held, when it is time.
    pub(super) async fn held(
        self: &Arc<Self>,
        name: &str,
        mut waits: Waits,
        local: SocketAddr,
    ) -> Answer {
        let mut place = match self.control.place() {
            Ok(place) => place,
            Err(full) => {
                let control = self.control.clone();
                let refuse = Work::of(move |_| control.refuse_held(&waits, full, local));
                return self.perform(name, refuse).await;
            }
        };
        loop {
            let session = self.sessions().get(name).unwrap_or_else(|| waits.session.clone());
            let pause = waits.held.pause(session.clock()).map_or(POLL, |pause| pause.min(POLL));
            {
                let waiter = session.waiting().one();
                let time = async {
                    tokio::select! {
                        () = waiter.news() => {}
                        () = self.store.rest(pause) => {}
                    }
                };
                place.pause(time).await;
            }
            let (control, slot) = (self.control.clone(), Slot::default());
            let (may_wait, number) = (!place.is_stopping(), waits.session.number());
            let found = slot.clone();
            let attempt = Work::of(move |session| {
                // A session that was dropped meanwhile is another one now.
                let may_wait = may_wait && session.number() == number;
                found.keep(control.again(session, &waits, may_wait, local))
            });
            let answer = self.perform(name, attempt).await;
            match slot.take(&answer) {
                Some(longer) => waits = longer,
                None => return answer,
            }
        }
    }
}
