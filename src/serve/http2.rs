//! HTTP/2 (RFC 9113), for clients that begin with its preface.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::connection::{Client, Site, answer};
use super::pace::Pace;
use super::wire::Wire;
use crate::exchange::Handler;

/// What a connection begins with (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How many requests of a connection are at work at once.
const MOST_STREAMS: u32 = 100;
/// How long is waited for the rest of something that may become a preface.
const AGAIN: Duration = Duration::from_millis(5);

/// Whether a client begins with the preface; nothing that it sent is taken. None when its time is
/// up and that cannot be told.
pub(super) async fn is_spoken(stream: &TcpStream, patience: Duration) -> Option<bool> {
    let peek = async {
        let mut seen = [0; PREFACE.len()];
        loop {
            let Ok(count @ 1..) = stream.peek(&mut seen).await else { return false };
            let seen = seen.get(..count).unwrap_or_default();
            if !PREFACE.starts_with(seen) {
                return false;
            }
            if count == PREFACE.len() {
                return true;
            }
            // What is there stays there, so its readiness says nothing of the rest.
            sleep(AGAIN).await;
        }
    };
    timeout(patience, peek).await.ok()
}

/// Serves a connection until it ends, or until `stop` says so and nothing is in flight on it.
pub(super) async fn serve<H: Handler + ?Sized>(
    stream: Wire,
    client: Client,
    site: Arc<Site<H>>,
    pace: Arc<Pace>,
    mut stop: watch::Receiver<bool>,
) {
    let options = site.options.clone();
    let at_work = Arc::new(AtomicUsize::new(0));
    pace.idle();
    let service = {
        let (site, pace) = (site.clone(), pace.clone());
        service_fn(move |request| {
            let (site, pace, at_work) = (site.clone(), pace.clone(), at_work.clone());
            let client = client.clone();
            async move {
                at_work.fetch_add(1, Ordering::Relaxed);
                pace.busy();
                // How one of many answers breaks is its own business.
                let answered = answer(request, site, client, Arc::new(pace.of_one())).await;
                if at_work.fetch_sub(1, Ordering::Relaxed) == 1 {
                    pace.idle();
                }
                answered
            }
        })
    };
    let mut protocol = http2::Builder::new(TokioExecutor::new());
    protocol
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(u32::try_from(options.head_limit).unwrap_or(u32::MAX));
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let round = options.head_timeout.min(options.idle_timeout);
    let mut watchdog = pin!(sleep(round));
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(error) = ended
                    && !stopping
                {
                    options.log.say(format_args!("a connection of HTTP/2 ended: {error}"));
                }
                return;
            }
            _ = stop.changed(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
            () = pace.room.notified() => {
                if pace.unused().is_some() {
                    return;
                }
            }
            () = &mut watchdog => match pace.left(&options) {
                Some(left) => watchdog.as_mut().reset(Instant::now() + left.min(round)),
                None => return,
            },
        }
    }
}
