//! Reads a body whole, within the limits.

use std::error::Error as _;
use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use super::bodies::Bodies;
use super::limits::ServeOptions;
use super::memory::Memory;
use crate::exchange::{Overload, TransportFailure};

/// What is reserved at most on the word of a `Content-Length` alone.
const TRUSTED_LENGTH: usize = 64 * 1024;

/// Reads to the end of the body. A body that comes in one piece, as most do, is not copied.
/// Trailers are dropped.
pub(super) async fn read(
    body: &mut Incoming,
    options: &ServeOptions,
    memory: &Memory,
    bodies: &Bodies,
) -> Result<Bytes, TransportFailure> {
    let limit = options.body_limit;
    let too_large = TransportFailure::BodyTooLarge { limit };
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(too_large);
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut on_its_way = None;
    while !body.is_end_stream() {
        let mut frame = pin!(body.frame());
        // Most often the next piece is there already, and no timer is needed.
        let frame = match poll_fn(|context| Poll::Ready(frame.as_mut().poll(context))).await {
            Poll::Ready(frame) => frame,
            Poll::Pending => {
                let waits = on_its_way.get_or_insert_with(|| bodies.wait());
                let after = options.body_timeout;
                tokio::select! {
                    biased;
                    frame = timeout(after, frame) => {
                        frame.map_err(|_| TransportFailure::BodyTimedOut { after })?
                    }
                    after = waits.ended() => {
                        return Err(TransportFailure::BodyTooSlow { after });
                    }
                }
            }
        };
        let frame = match frame {
            None => break,
            Some(Err(error)) => return Err(broken(&error)),
            Some(Ok(frame)) => frame,
        };
        let Ok(piece) = frame.into_data() else { continue };
        if let Some(one) = &on_its_way {
            one.came(piece.len());
        }
        if first.len() + whole.len() + piece.len() > limit {
            return Err(too_large);
        }
        if whole.len() > TRUSTED_LENGTH && memory.is_full() {
            return Err(TransportFailure::Overloaded(Overload::Memory));
        }
        if first.is_empty() && whole.is_empty() {
            first = piece;
            continue;
        }
        if whole.is_empty() {
            whole.reserve(announced.min(TRUSTED_LENGTH).max(first.len() + piece.len()));
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// hyper reports the end of the connection and a chunk that cannot be read as the same kind of
/// error; the cause tells them apart.
fn broken(error: &hyper::Error) -> TransportFailure {
    let cause = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    match cause.map(io::Error::kind) {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            TransportFailure::BodyMalformed
        }
        _ => TransportFailure::BodyIncomplete,
    }
}
