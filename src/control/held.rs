//! Requests whose answer is held: they are tried again each time that their session changes, and
//! when their time is over.

use std::future::pending;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::sleep;

use super::current::Current;
use super::{durable, split};
use crate::exchange::{Answer, Overload, TransportFailure, Wait};
use crate::mock::held::{Held, Patience};
use crate::mock::session::Session;

/// So many are held at once at most.
const MOST: usize = 1_000;

/// A request that waits in a session.
#[derive(Debug)]
pub(crate) struct Waits {
    /// The session.
    pub(crate) session: Arc<Session>,
    /// The request.
    pub(crate) held: Box<Held>,
}

/// Where requests are held.
#[derive(Debug)]
pub(super) struct Holding {
    places: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
    at_once: bool,
}

impl Default for Holding {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(MOST)),
            stopping: watch::Sender::new(false),
            at_once: false,
        }
    }
}

/// The place of a request that is held, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    stopping: watch::Receiver<bool>,
}

impl Place {
    /// Whether the server is to end.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits for so long, or until the server is to end.
    pub(crate) async fn pause(&mut self, time: impl Future<Output = ()>) {
        tokio::select! {
            () = time => {}
            // Where nobody can say it any more, it has ended.
            _ = self.stopping.changed() => {}
        }
    }
}

impl Holding {
    /// Where none are.
    pub(super) fn of_nothing() -> Self {
        Self { at_once: true, ..Self::default() }
    }

    /// Whether requests may wait.
    pub(super) fn may_wait(&self) -> bool {
        !self.at_once && !*self.stopping.borrow()
    }

    /// Says that the server is to end: nobody is to wait any longer.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// How many can be held, and how many are.
    pub(super) fn count(&self) -> [usize; 2] {
        [MOST, MOST - self.places.available_permits()]
    }

    /// A place for one more.
    pub(super) fn place(&self) -> Result<Place, TransportFailure> {
        let permit = self.places.clone().try_acquire_owned();
        let full = TransportFailure::Overloaded(Overload::Held { most: MOST });
        let permit = permit.map_err(|_| full)?;
        Ok(Place { _permit: permit, stopping: self.stopping.subscribe() })
    }

    /// An answer that comes when it is time.
    pub(super) fn hold(&self, current: &Arc<Current>, waits: Waits, local: SocketAddr) -> Answer {
        let place = match self.place() {
            Ok(place) => place,
            Err(full) => return current.with(|mock| refuse(mock, &waits, full, local)),
        };
        let current = current.clone();
        let wait = Wait::new(async move { Some(answer(current, waits, place, local).await) });
        Answer { wait: Some(wait), ..Answer::default() }
    }
}

/// Refuses a request for which there is no place.
pub(super) fn refuse(
    mock: &crate::mock::Mock,
    waits: &Waits,
    full: TransportFailure,
    local: SocketAddr,
) -> Answer {
    let request = (*waits.held.request).clone();
    let target = request.target.clone();
    let (_, path) = split(target.path()).unwrap_or_else(|_| ("".into(), target.path()));
    mock.refuse(&waits.session, path, request, full, local)
}

/// Tries again. A request that may not wait any longer is answered in any case.
pub(super) fn again(
    current: &Current,
    session: &Arc<Session>,
    held: &Held,
    may_wait: bool,
    local: SocketAddr,
) -> Result<Answer, Box<Held>> {
    let request = (*held.request).clone();
    let target = request.target.clone();
    let (_, path) = split(target.path()).unwrap_or_else(|_| ("".into(), target.path()));
    let patience = Patience { may_wait, before: Some(held) };
    current.with(|mock| {
        // Where there is no end to it, whoever asks next is told.
        mock.run_due(session).ok();
        durable::answered(mock, &target, || mock.attempt(session, path, request, local, &patience))
    })
}

async fn answer(
    current: Arc<Current>,
    waits: Waits,
    mut place: Place,
    local: SocketAddr,
) -> Answer {
    let Waits { session, mut held } = waits;
    let waiter = session.waiting().one();
    loop {
        // From before the attempt on, so that nothing is missed that comes behind it.
        let news = pin!(waiter.news());
        let may_wait = !place.is_stopping() && !waiter.is_over();
        match again(&current, &session, &held, may_wait, local) {
            Ok(mut answer) => {
                if let Some(wait) = answer.wait.take()
                    && let Some(instead) = wait.over().await
                {
                    answer = instead;
                }
                return answer;
            }
            Err(longer) => held = longer,
        }
        let pause = held.pause(session.clock());
        let time = async {
            tokio::select! {
                () = news => {}
                () = over(pause) => {}
            }
        };
        place.pause(time).await;
    }
}

/// Ready after that time, or never.
async fn over(time: Option<Duration>) {
    match time {
        Some(time) => sleep(time).await,
        None => pending().await,
    }
}
