//! What a client may cost.

use std::time::Duration;

use super::log::Log;
use super::memory;

/// The limits of a server. Start from [`ServeOptions::default`] and change what a test needs.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The largest body in bytes; a larger one is refused with 413. Default 10 MiB.
    pub body_limit: usize,
    /// The largest head (request line and fields) in bytes; a larger one gets 431 and never
    /// reaches the handler, and so does one with more than 100 fields. Default 64 KiB.
    pub head_limit: usize,
    /// How long a head may take, from its first byte (on a new connection: from the start) to
    /// its last; then the connection is closed. Default 10 s.
    pub head_timeout: Duration,
    /// How long a body may stand still; then the request is refused with 408. Default 30 s.
    pub body_timeout: Duration,
    /// How long a connection may wait for its next request, or for its client to take an answer.
    /// Default 120 s, which is longer than the pools of common clients keep one.
    pub idle_timeout: Duration,
    /// How many connections are served at once; for one more, the one that has done nothing for
    /// longest is closed, or else it waits. Default 1024.
    pub connections: usize,
    /// How long a head may take, or a body of which less than 1 KiB a second comes, where there is
    /// no room for another connection; then it makes room, a body with 408. Default 2 s.
    pub linger: Duration,
    /// How many bytes of memory the process may hold; above it requests are refused with 503
    /// until it is less, but for those that [`Handler::goes_first`]. Default none: three quarters
    /// of what the machine or the container has, where the system says that.
    ///
    /// [`Handler::goes_first`]: crate::exchange::Handler::goes_first
    pub memory_limit: Option<usize>,
    /// How long a large or slow request may wait for its turn; then it is refused with 503.
    /// Default a minute, after which most clients do not wait any more.
    pub turn_timeout: Duration,
    /// How long a shutdown waits for requests in flight. Default 5 s.
    pub grace: Duration,
    /// TLS, where it is spoken; plain HTTP otherwise. Default none.
    #[cfg(feature = "tls")]
    pub tls: Option<super::tls::ServerTls>,
    /// Who is told what is refused and what fails. Default: stderr.
    pub log: Log,
}

impl ServeOptions {
    /// How many bytes of memory the process may hold, as they say it or as is usual.
    pub fn memory_limit(&self) -> Option<usize> {
        self.memory_limit.or_else(memory::usual_limit)
    }
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            body_limit: 10 * 1024 * 1024,
            head_limit: 64 * 1024,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(2),
            connections: 1024,
            linger: Duration::from_secs(2),
            memory_limit: None,
            turn_timeout: Duration::from_mins(1),
            grace: Duration::from_secs(5),
            #[cfg(feature = "tls")]
            tls: None,
            log: Log::default(),
        }
    }
}
