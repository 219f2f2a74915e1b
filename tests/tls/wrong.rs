//! Clients that do it wrong.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use counterpart::unstable::exchange::{Answer, Handler, Request, TransportFailure};
use counterpart::unstable::serve::{ServeOptions, Server, ServerTls};
use http::StatusCode;

use crate::folder;
use crate::support::serving::Serving;
use crate::tool::{curl, tool};

struct Empty;

impl Handler for Empty {
    fn handle(&self, _: Request, _: SocketAddr) -> Answer {
        Answer::empty(StatusCode::NO_CONTENT)
    }

    fn refuse(&self, _: Request, failure: TransportFailure, _: SocketAddr) -> Answer {
        Answer::empty(failure.status())
    }
}

/// What comes until the connection ends, however it ends.
fn rest(mut stream: TcpStream) -> String {
    let (mut all, mut some) = (Vec::new(), [0; 1024]);
    while let Ok(read @ 1..) = stream.read(&mut some) {
        all.extend_from_slice(some.get(..read).unwrap());
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[test]
fn plain_http_is_answered_with_a_hint() {
    let folder = folder("tls-plain");
    let mut mock = Serving::start(&folder, &["--tls"]);
    let log = mock.log();
    for begins in
        ["GET /library/v1/books HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        stream.write_all(begins.as_bytes()).unwrap();
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert!(answer.contains("this port speaks TLS: its URLs begin with https://"), "{answer}");
        log.until("it spoke plain HTTP");
    }
    // What is neither is closed without a word.
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(b"\0\x01\x02").unwrap();
    assert_eq!(rest(stream), "");
    log.until("what came is neither TLS nor HTTP");
    // A record that is not one.
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(b"\x16\x03\x01\xff\xff").unwrap();
    stream.write_all(&[0; 1024]).unwrap();
    rest(stream);
    log.until("a TLS handshake failed");
}

#[test]
fn a_handshake_that_does_not_end_is_closed() {
    let options = ServeOptions {
        head_timeout: Duration::from_millis(50),
        tls: Some(ServerTls::with_authority().unwrap()),
        ..ServeOptions::default()
    };
    let server = Server::start(Arc::new(Empty), options).unwrap();
    for begins in [&b""[..], b"\x16", b"\x16\x03\x01\x01\x00\x01"] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(begins).unwrap();
        rest(stream);
    }
}

#[test]
fn a_handshake_that_does_not_end_makes_room_for_others() {
    let folder = folder("tls-room");
    let mock = Serving::start(&folder, &["--tls", "--connections", "1"]);
    let mut stuck = TcpStream::connect(mock.address()).unwrap();
    stuck.write_all(b"\x16\x03\x01").unwrap();
    let listed = format!("https://{}/library/v1/books", mock.address());
    let Some((_, answer, told)) = curl(&["-k", &listed]) else { return };
    assert!(answer.starts_with("HTTP/2 200"), "{answer}{told}");
    rest(stuck);
}

#[test]
fn a_name_that_is_not_valid_is_refused() {
    let folder = folder("tls-names");
    let mut mock = Serving::start(&folder, &["--tls"]);
    let log = mock.log();
    let address = mock.address().to_string();
    for name in ["*.example", "a..example", "a example"] {
        let arguments = ["s_client", "-connect", &address, "-servername", name];
        let Some((code, _, told)) = tool("openssl", &arguments) else { return };
        assert_ne!(code, Some(0), "{name}");
        assert!(told.contains("alert"), "{name}: {told}");
        log.until("the name that it asked for (SNI) is not a valid host name");
    }
}
