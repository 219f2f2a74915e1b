//! HTTP/1.1 and HTTP/2 on sockets: takes requests within limits, hands them whole to a [`Handler`], and
//! sends what it answers. Nothing here knows what the requests mean.

mod away;
mod bodies;
mod body;
mod connection;
mod head;
mod http2;
mod limits;
mod linger;
mod listen;
mod log;
mod memory;
mod open;
mod pace;
mod room;
mod sent;
mod slow;
mod spelling;
mod stream;
#[cfg(feature = "tls")]
mod tls;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::exchange::Handler;
use crate::worker;

pub use limits::ServeOptions;
pub use listen::Bound;
pub use log::Log;
#[cfg(feature = "tls")]
pub use tls::ServerTls;

/// More threads than requests that wait at once.
const MOST_THREADS: usize = 16 * 1024;

/// A server on a thread of its own, for use in a test. Dropping it stops it: requests in flight
/// are finished within [`ServeOptions::grace`], and the port is free afterwards.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Takes an address without serving yet; clients that connect wait. Port 0 takes a free one.
    pub fn bind(address: SocketAddr, options: ServeOptions) -> io::Result<Bound> {
        Bound::new(address, options)
    }

    /// Serves on a free port of the loopback interface until dropped.
    ///
    /// Fails when there is no free port, thread or file descriptor.
    pub fn start<H: Handler + ?Sized>(handler: Arc<H>, options: ServeOptions) -> io::Result<Self> {
        let log = options.log.clone();
        let bound = Self::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options)?;
        let address = bound.address();
        let runtime = runtime()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            let shutdown = async {
                // A dropped sender asks for the same thing.
                stopped.await.ok();
            };
            if let Err(error) = runtime.block_on(bound.run(handler, shutdown)) {
                log.say(format_args!("the server on {address} failed: {error}"));
            }
            // What is still at work then has had its time.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name("counterpart-serve".to_owned()).spawn(serve)?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The address it listens on, with the port it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It fails if the thread panicked, which has been reported already.
            thread.join().ok();
        }
    }
}

/// The runtime that `Bound::run` is meant for. Two workers are enough: a handler takes
/// microseconds, and the machine belongs to the clients under test.
///
/// Where one of them has to wait, a thread takes its place: there are as many as there can be
/// connections, since each could wait for the same account.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(MOST_THREADS)
        .on_thread_start(worker::mark)
        .thread_name("counterpart-serve")
        .enable_io()
        .enable_time()
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_that_wait_leave_others_to_serve() {
        const MANY: usize = 16;
        let runtime = runtime().unwrap();
        let held = Arc::new(parking_lot::Mutex::new(0));
        let guard = held.lock();
        let waiting: Vec<_> = (0..MANY)
            .map(|_| {
                let held = held.clone();
                runtime.spawn(async move { worker::may_wait(|| *held.lock() += 1) })
            })
            .collect();
        // These come behind more tasks that wait than there are workers.
        for _ in 0..MANY {
            runtime.block_on(runtime.spawn(tokio::task::yield_now())).unwrap();
        }
        drop(guard);
        for one in waiting {
            runtime.block_on(one).unwrap();
        }
        assert_eq!(*held.lock(), MANY);
    }
}
