//! Connections that wait for the next request.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::connection::Connection;
use crate::run::url::Origin;

/// Servers close what is idle for some seconds; a request that cannot be sent twice must not meet
/// that moment.
const SURE: Duration = Duration::from_secs(1);
/// What is idle for less is not looked at before a request that can be sent again.
const FRESH: Duration = Duration::from_millis(1);
/// As many as a run has threads, and some more.
const MOST: usize = 256;

/// Connections that are open and not in use.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    origin: Origin,
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// A connection that is still good: the one that was used last. One that may just be closed
    /// is only for a request that can be sent again.
    pub(super) fn take(&self, origin: &Origin, again: bool) -> Option<Connection> {
        loop {
            let mut idle = self.idle.lock();
            let at = idle.iter().rposition(|known| known.origin == *origin)?;
            let Idle { connection, since, .. } = idle.remove(at);
            drop(idle);
            let idle = since.elapsed();
            if again && idle < FRESH || connection.is_quiet() && (again || idle < SURE) {
                return Some(connection);
            }
        }
    }

    pub(super) fn put(&self, origin: &Origin, connection: Connection) {
        let mut idle = self.idle.lock();
        if idle.len() < MOST {
            idle.push(Idle { origin: origin.clone(), connection, since: Instant::now() });
        }
    }
}
