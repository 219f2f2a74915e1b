//! How a connection begins: with TLS or without, and with which version of HTTP.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::connection::{self, Client, Site};
use super::http2;
use super::pace::Pace;
use super::wire::Wire;
use crate::exchange::Handler;

/// Serves a connection as its client begins it.
pub(super) async fn serve<H: Handler + ?Sized>(
    stream: TcpStream,
    site: Arc<Site<H>>,
    pace: Arc<Pace>,
    mut stop: watch::Receiver<bool>,
) {
    // An answer is written in one piece, so waiting for more to send only costs time.
    stream.set_nodelay(true).ok();
    // The server may listen on all addresses; this is the one that the client knows.
    let Ok(local) = stream.local_addr() else { return };
    let opened = tokio::select! {
        opened = open(stream, &site) => opened,
        _ = stop.changed() => return,
        () = pace.room.notified() => return,
    };
    let Some(Opened { wire, tls, is_http2 }) = opened else { return };
    let client = Client { local, tls };
    if is_http2 {
        http2::serve(wire, client, site, pace, stop).await;
    } else {
        connection::serve(wire, client, site, pace, stop).await;
    }
}

struct Opened {
    wire: Wire,
    tls: Option<Arc<crate::exchange::Tls>>,
    is_http2: bool,
}

/// None where a client has begun nothing in time, or nothing that is understood.
async fn open<H: Handler + ?Sized>(stream: TcpStream, site: &Site<H>) -> Option<Opened> {
    let options = &site.options;
    #[cfg(feature = "tls")]
    if let Some(tls) = &options.tls {
        let (stream, seen) = tls.accept(stream, options.head_timeout, &options.log).await?;
        // RFC 9113 section 3.2: with TLS the version is agreed on.
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        return Some(Opened { wire: Wire::Tls(Box::new(stream)), tls: Some(seen), is_http2 });
    }
    let is_http2 = http2::is_spoken(&stream, options.head_timeout).await?;
    Some(Opened { wire: Wire::Plain(stream), tls: None, is_http2 })
}
