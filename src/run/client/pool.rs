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
/// A server that closes after each answer without saying so has done it by then.
const CLOSED_BY_THEN: Duration = Duration::from_millis(100);
/// As many as a run has threads, and some more.
const MOST: usize = 256;

/// Connections that are open and not in use.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Mutex<Vec<Idle>>,
    /// Servers that are known to keep connections open.
    steady: Mutex<Vec<Origin>>,
    /// Servers of which that need not be found out.
    trusted: Mutex<Vec<Origin>>,
}

#[derive(Debug)]
struct Idle {
    origin: Origin,
    connection: Connection,
    since: Instant,
}

impl Pool {
    /// Whether a server is one of ours.
    pub(super) fn is_trusted(&self, origin: &Origin) -> bool {
        self.trusted.lock().contains(origin)
    }

    /// A connection that is still good: the one that was used last. One that may just be closed
    /// is only for a request that can be sent again: any of a server that has not been seen to
    /// keep one open, and any that is idle for long.
    pub(super) fn take(&self, origin: &Origin, again: bool) -> Option<Connection> {
        if !again && !self.is_steady(origin) && !self.has_waited(origin) {
            return None;
        }
        loop {
            let mut idle = self.idle.lock();
            let at = idle.iter().rposition(|known| known.origin == *origin)?;
            let Idle { connection, since, .. } = idle.remove(at);
            drop(idle);
            let idle = since.elapsed();
            if again && idle < FRESH {
                return Some(connection);
            }
            let quiet = connection.is_quiet();
            if quiet && (again || idle < SURE) {
                return Some(connection);
            }
            if !quiet && idle < SURE {
                self.steady.lock().retain(|known| known != origin);
                if !again {
                    return None;
                }
            }
        }
    }

    pub(super) fn put(&self, origin: &Origin, connection: Connection) {
        if connection.answers == 2 {
            self.trust(origin);
        }
        let mut idle = self.idle.lock();
        if idle.len() < MOST {
            idle.push(Idle { origin: origin.clone(), connection, since: Instant::now() });
        }
    }

    /// Takes note that a server is one of ours.
    pub(super) fn own(&self, origin: &Origin) {
        self.trust(origin);
        let mut trusted = self.trusted.lock();
        if !trusted.contains(origin) {
            trusted.push(origin.clone());
        }
    }

    /// Takes note that a server keeps its connections open.
    fn trust(&self, origin: &Origin) {
        let mut steady = self.steady.lock();
        if !steady.contains(origin) {
            steady.push(origin.clone());
        }
    }

    fn is_steady(&self, origin: &Origin) -> bool {
        self.steady.lock().contains(origin)
    }

    /// Whether a connection is still open long after its answer, as it then will be with others.
    fn has_waited(&self, origin: &Origin) -> bool {
        let idle = self.idle.lock();
        let mut waited = idle
            .iter()
            .filter(|known| known.origin == *origin && known.since.elapsed() >= CLOSED_BY_THEN);
        let quiet = waited.next().is_some_and(|known| known.connection.is_quiet());
        drop(idle);
        if quiet {
            self.trust(origin);
        }
        quiet
    }
}
