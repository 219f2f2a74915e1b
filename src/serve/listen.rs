//! Takes connections, a bounded number at once, and lets them end in peace.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::away::Away;
use super::connection::Site;
use super::limits::ServeOptions;
use super::log::Log;
use super::memory::Memory;
use super::open;
use super::room::Room;
use super::slow::Slow;
use crate::exchange::Handler;

/// How long accepting pauses when the system has no file descriptor left for a connection.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// A server that has its address and does not serve yet.
#[derive(Debug)]
pub struct Bound {
    listener: StdListener,
    address: SocketAddr,
    options: ServeOptions,
}

impl Bound {
    pub(super) fn new(address: SocketAddr, options: ServeOptions) -> io::Result<Self> {
        let listener = StdListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, options })
    }

    /// The address it listens on, with the port it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The scheme of its URLs.
    #[cfg_attr(not(feature = "tls"), expect(clippy::unused_self, reason = "TLS has to look"))]
    pub fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.options.tls.is_some() {
            return "https";
        }
        "http"
    }

    /// Serves until `shutdown` is ready; then takes no more connections, and returns when all
    /// requests in flight are answered, or after [`ServeOptions::grace`]. It has to be called in
    /// a runtime with I/O and time, such as [`runtime`](super::runtime).
    pub async fn run<H: Handler + ?Sized>(
        self,
        handler: Arc<H>,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let listener = TcpListener::from_std(self.listener)?;
        let grace = self.options.grace;
        let room = Room::new(&self.options);
        let (stop, stopped) = watch::channel(false);
        let protocol = protocol(&self.options);
        let meanwhile = handler.clone().meanwhile().map(tokio::spawn);
        let memory = Memory::new(self.options.memory_limit());
        let site = Arc::new(Site {
            handler,
            options: self.options,
            protocol,
            away: Away::new(),
            slow: Slow::new(),
            memory,
        });
        let watching = site.clone();
        let watching = tokio::spawn(async move {
            let changed = |full| watching.handler.out_of_memory(full);
            watching.memory.watch(&watching.options.log, changed).await;
        });
        let accept = async {
            let mut told = false;
            loop {
                let stream = next(&listener, &site.options.log).await;
                let Some(place) = room.place(&mut told).await else { return };
                let (site, stopped) = (site.clone(), stopped.clone());
                tokio::spawn(async move {
                    open::serve(stream, site, place.pace.clone(), stopped).await;
                    drop(place);
                });
            }
        };
        tokio::select! {
            () = accept => {}
            () = shutdown => {}
        }
        drop(listener);
        watching.abort();
        if let Some(meanwhile) = meanwhile {
            meanwhile.abort();
        }
        site.handler.stops();
        stop.send_replace(true);
        // Whatever is still open after that is cut off when the runtime ends.
        timeout(grace, room.empty()).await.ok();
        Ok(())
    }
}

/// The next connection. A client that is gone before it is served, or a shortage that passes, is
/// no reason to stop.
async fn next(listener: &TcpListener, log: &Log) -> TcpStream {
    let mut reported = false;
    loop {
        let error = match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => error,
        };
        let gone = [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset];
        if gone.contains(&error.kind()) {
            continue;
        }
        if !reported {
            reported = true;
            log.say(format_args!("cannot take a connection, trying again: {error}"));
        }
        sleep(EXHAUSTED).await;
    }
}

fn protocol(options: &ServeOptions) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        // A client that has sent its request may close its half and still read the answer.
        .half_close(true)
        .max_header_size(options.head_limit)
        // As most servers do; what a vendor spells otherwise has its own spelling.
        .title_case_headers(true)
        // The connection keeps its own time, without a timer for each request.
        .header_read_timeout(None);
    protocol
}
