//! The bytes of a connection, on their way from and to hyper.

use std::borrow::Cow;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::limits::ServeOptions;
use super::pace::Pace;
use super::wire::Wire;

/// What hyper answers by itself to a head that is too large, and as well to one with a length
/// that it cannot count to, of which no head is too large.
const HEAD_TOO_LARGE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\n";
/// What is answered to the latter. It has as many bytes, so that they may be written in pieces.
const BODY_TOO_LARGE: &[u8] = b"HTTP/1.1 413 The Content-Length Is Too Large\r\n";
/// hyper takes so many fields, and there is the line of the request.
const MOST_LINES: usize = 101;

/// A stream that tells its pace when bytes come.
pub(super) struct Paced {
    stream: Wire,
    pace: Arc<Pace>,
    head_limit: usize,
    /// The bytes and line ends of the head that is being read.
    head: (usize, usize),
}

impl Paced {
    pub(super) fn new(stream: Wire, pace: Arc<Pace>, options: &ServeOptions) -> Self {
        Self { stream, pace, head_limit: options.head_limit, head: (0, 0) }
    }

    pub(super) fn into_wire(self) -> Wire {
        self.stream
    }

    fn came(&mut self, bytes: &[u8]) {
        if self.pace.bytes_came() {
            self.head = (0, 0);
        }
        if self.pace.reads_head() {
            self.head.0 = self.head.0.saturating_add(bytes.len());
            self.head.1 += memchr::memchr_iter(b'\n', bytes).count();
        }
    }

    /// The bytes to send in place of those: while a head is read, only hyper itself answers.
    fn corrected<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let (size, lines) = self.head;
        match bytes.strip_prefix(HEAD_TOO_LARGE) {
            // The empty line ends the head.
            Some(rest)
                if self.pace.reads_head() && size <= self.head_limit && lines <= MOST_LINES + 1 =>
            {
                self.pace.set_endless_body();
                [BODY_TOO_LARGE, rest].concat().into()
            }
            _ => bytes.into(),
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            match buffer.filled().get(before..) {
                Some(bytes) if !bytes.is_empty() => self.came(bytes),
                _ => self.pace.end(),
            }
        }
        read
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let bytes = self.corrected(bytes);
        Pin::new(&mut self.stream).poll_write(context, &bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match pieces {
            [only] => self.poll_write(context, only),
            _ => Pin::new(&mut self.stream).poll_write_vectored(context, pieces),
        }
    }
}
