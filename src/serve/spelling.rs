//! How the names of fields are spelt in answers.
//!
//! hyper writes names in the spelling that it finds in the extensions of a message, and only puts
//! it there itself, for a head that it has read. So a head is read here, once for each spelling,
//! from memory.

use std::convert::Infallible;
use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::Bytes;
use http::{Extensions, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{join, sink};

/// What makes hyper spell these names so in an answer.
pub(super) fn prepare(names: &[Arc<str>]) -> Extensions {
    let mut head = b"GET / HTTP/1.1\r\n".to_vec();
    for name in names {
        // Some fields are looked at while the head is read, and have to make sense.
        let value = match name.to_ascii_lowercase().as_str() {
            "content-length" => "0",
            "transfer-encoding" => "chunked",
            _ => "",
        };
        head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    let found = Mutex::new(Extensions::new());
    let read = |request: http::Request<Incoming>| {
        *found.lock() = request.into_parts().0.extensions;
        std::future::ready(Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())))
    };
    {
        let mut protocol = http1::Builder::new();
        protocol
            .preserve_header_case(true)
            .keep_alive(false)
            .header_read_timeout(None)
            .max_headers(names.len() + 1);
        let io = TokioIo::new(join(head.as_slice(), sink()));
        let mut connection = pin!(protocol.serve_connection(io, service_fn(read)));
        // All that it waits for is there. Names that it cannot read are spelt as usual.
        let mut context = Context::from_waker(Waker::noop());
        let _read = connection.as_mut().poll(&mut context);
    }
    found.into_inner()
}
