//! What goes out as the body of an answer: all at once, as most do, or as a fault or a stream
//! wants it.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Sleep, sleep};

use super::pace::Pace;
use crate::exchange::Pieces;

/// How long lies between two bytes of a slow answer, and how many of them there are at most
/// before the rest comes in larger pieces.
const BETWEEN: Duration = Duration::from_millis(100);
/// A slow answer has so many pieces.
const PIECES: usize = 50;

/// The body of an answer.
pub(super) enum Sent {
    /// All of it.
    Whole(Bytes),
    /// Half of it, and then the connection ends.
    Truncated { bytes: Bytes, length: u64, end: Pin<Box<Sleep>> },
    /// A little now and then.
    Slow { bytes: Bytes, piece: usize, wait: Pin<Box<Sleep>> },
    /// One piece after another, and then, if it is cut, the connection ends.
    Pieces {
        bytes: Bytes,
        /// How long each of the pieces still to come is.
        lengths: VecDeque<usize>,
        every: Duration,
        cut: bool,
        wait: Pin<Box<Sleep>>,
        pace: Option<Arc<Pace>>,
    },
    /// Whatever comes, until nothing comes any more.
    Stream {
        chunks: Receiver<io::Result<Bytes>>,
        /// How many bytes are still to come, where that is known.
        length: Option<u64>,
        pace: Option<Arc<Pace>>,
    },
}

impl Sent {
    /// All that is known of it.
    fn into_bytes(self) -> Bytes {
        match self {
            Self::Whole(bytes)
            | Self::Truncated { bytes, .. }
            | Self::Slow { bytes, .. }
            | Self::Pieces { bytes, .. } => bytes,
            Self::Stream { .. } => Bytes::new(),
        }
    }

    /// Half of it, with the length of the whole.
    pub(super) fn truncated_of(self) -> Self {
        let bytes = self.into_bytes();
        let length = bytes.len() as u64;
        let half = bytes.slice(..bytes.len() / 2);
        Self::Truncated { bytes: half, length: length.max(1), end: Box::pin(sleep(BETWEEN)) }
    }

    /// In those pieces, unless something else has become of it.
    pub(super) fn in_pieces(self, pieces: Pieces) -> Self {
        let Pieces { ends, every, cut } = pieces;
        let Self::Whole(bytes) = self else { return self };
        let mut begin = 0;
        let mut lengths = VecDeque::with_capacity(ends.len());
        for end in ends.into_iter().chain([bytes.len()]) {
            if end > begin && end <= bytes.len() {
                lengths.push_back(end - begin);
                begin = end;
            }
        }
        let wait = Box::pin(sleep(Duration::ZERO));
        Self::Pieces { bytes, lengths, every, cut, wait, pace: None }
    }

    /// A little now and then.
    pub(super) fn slow_of(self) -> Self {
        let bytes = self.into_bytes();
        let piece = bytes.len().div_ceil(PIECES).max(1);
        Self::Slow { bytes, piece, wait: Box::pin(sleep(BETWEEN)) }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let bytes = match &mut *self {
            Self::Truncated { bytes, end, .. } if bytes.is_empty() => {
                // What was written so far goes out while nothing else comes.
                if end.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
            }
            Self::Whole(bytes) | Self::Truncated { bytes, .. } => std::mem::take(bytes),
            Self::Slow { bytes, .. } if bytes.is_empty() => return Poll::Ready(None),
            Self::Slow { bytes, piece, wait } => {
                if wait.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                wait.set(sleep(BETWEEN));
                let piece = (*piece).min(bytes.len());
                bytes.split_to(piece)
            }
            Self::Pieces { lengths, cut: false, .. } if lengths.is_empty() => {
                return Poll::Ready(None);
            }
            Self::Pieces { bytes, lengths, every, wait, pace, .. } => {
                if wait.as_mut().poll(context).is_pending() {
                    // The client is not what is waited for.
                    if let Some(pace) = pace {
                        pace.busy();
                    }
                    return Poll::Pending;
                }
                if let Some(pace) = pace {
                    pace.idle();
                }
                let Some(length) = lengths.pop_front() else {
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
                };
                // What is cut off ends after what was written so far has gone out.
                wait.set(sleep(if lengths.is_empty() { BETWEEN } else { *every }));
                bytes.split_to(length.min(bytes.len()))
            }
            Self::Stream { chunks, length, pace } => {
                // Only a client that takes what comes is asked for more.
                if let Some(pace) = pace {
                    pace.idle();
                }
                match chunks.poll_recv(context) {
                    Poll::Ready(Some(Ok(bytes))) => {
                        if let Some(length) = length {
                            *length = length.saturating_sub(bytes.len() as u64);
                        }
                        bytes
                    }
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                }
            }
        };
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) | Self::Slow { bytes, .. } => bytes.is_empty(),
            Self::Pieces { lengths, cut, .. } => lengths.is_empty() && !cut,
            Self::Truncated { .. } | Self::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) | Self::Slow { bytes, .. } => {
                SizeHint::with_exact(bytes.len() as u64)
            }
            Self::Truncated { length, .. } | Self::Stream { length: Some(length), .. } => {
                SizeHint::with_exact(*length)
            }
            Self::Pieces { .. } | Self::Stream { .. } => SizeHint::default(),
        }
    }
}
