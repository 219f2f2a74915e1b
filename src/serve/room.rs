//! Room for so many connections at once; one that does nothing makes room for another.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::limits::ServeOptions;
use super::log::Log;
use super::pace::Pace;

/// How long one that is to make room may take, and one that is not in use has to be so.
const PATIENCE: Duration = Duration::from_millis(20);

/// The connections of a server.
pub(super) struct Room {
    most: u32,
    linger: Duration,
    log: Log,
    places: Arc<Semaphore>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    paces: HashMap<u64, Arc<Pace>>,
    next: u64,
}

/// One connection's place, free again when dropped.
pub(super) struct Place {
    id: u64,
    room: Arc<Room>,
    _permit: OwnedSemaphorePermit,
    /// What the connection waits for.
    pub(super) pace: Arc<Pace>,
}

impl Room {
    pub(super) fn new(options: &ServeOptions) -> Arc<Self> {
        let most = options.connections.clamp(1, Semaphore::MAX_PERMITS);
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let places = Arc::new(Semaphore::new(most as usize));
        let (linger, log) = (options.linger, options.log.clone());
        Arc::new(Self { most, linger, log, places, taken: Mutex::default() })
    }

    /// A place for a connection, as soon as there is one.
    pub(super) async fn place(self: &Arc<Self>, told: &mut bool) -> Option<Place> {
        let free = self.places.available_permits();
        // It is told again only when it was not full for a while, however many come and go.
        *told &= free < self.most as usize / 4 + 1;
        let permit = loop {
            if let Ok(permit) = self.places.clone().try_acquire_owned() {
                break permit;
            }
            if !*told {
                *told = true;
                self.log.say(format_args!(
                    "{} connections are open; for more, those that do nothing, or are slow, are closed",
                    self.most
                ));
            }
            self.make_room();
            if let Ok(permit) = timeout(PATIENCE, self.places.clone().acquire_owned()).await {
                break permit.ok()?;
            }
        };
        let pace = Arc::new(Pace::new());
        let mut taken = self.taken.lock();
        let id = taken.next;
        taken.next += 1;
        taken.paces.insert(id, pace.clone());
        Some(Place { id, room: self.clone(), _permit: permit, pace })
    }

    /// Asks the connection that was not used for longest to close, or else the one that is waited
    /// for longest.
    fn make_room(&self) {
        let taken = self.taken.lock();
        let unused = taken.paces.values().filter_map(|pace| Some((pace.unused()?, pace)));
        let unused = unused.filter(|(unused, _)| *unused >= PATIENCE);
        if let Some((_, pace)) = unused.max_by_key(|(unused, _)| *unused) {
            pace.room.notify_one();
            return;
        }
        let slow = taken.paces.values().filter_map(|pace| {
            let head = pace.lingers(self.linger).map(|took| (took, true));
            Some((head.or_else(|| Some((pace.bodies.linger(self.linger)?, false)))?, pace))
        });
        match slow.max_by_key(|((took, _), _)| *took) {
            Some(((_, true), pace)) => pace.room.notify_one(),
            Some(((_, false), pace)) => pace.bodies.end(),
            None => {}
        }
    }

    /// Ready when no connection is open.
    pub(super) async fn empty(&self) {
        // It fails only when the semaphore is closed, which nobody does.
        self.places.acquire_many(self.most).await.ok();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.taken.lock().paces.remove(&self.id);
    }
}
