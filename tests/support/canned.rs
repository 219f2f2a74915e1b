//! Servers that answer with the same bytes whatever they are asked, and remember what that was.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What is done with a connection; gets the bytes of the first request.
pub type Behaviour = dyn Fn(&mut TcpStream, &[u8]) + Send + Sync;

/// A server on a free port; dropping it stops it.
pub struct Canned {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Canned {
    /// A server that closes each connection after one answer.
    pub fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::behaving(move |stream, _| {
            stream.write_all(&bytes).ok();
        })
    }

    /// A server that does with each connection what is said, on a thread of its own.
    pub fn behaving(behave: impl Fn(&mut TcpStream, &[u8]) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let stop: Arc<AtomicBool> = Arc::default();
        let behave: Arc<Behaviour> = Arc::new(behave);
        let (log, stopping) = (asked.clone(), stop.clone());
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopping.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let (log, behave) = (log.clone(), behave.clone());
                thread::spawn(move || {
                    let request = read_request(&mut stream);
                    let line = String::from_utf8_lossy(&request);
                    log.lock().expect("nobody panics with it").push(line.into_owned());
                    behave(&mut stream, &request);
                });
            }
        });
        Self { address, asked, stop, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that came, whole.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        TcpStream::connect(self.address).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// A head, and as much of a body as it announces.
pub fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().expect("a number"));
            if request.len() >= head.len() + 4 + length {
                return request;
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return request,
            Ok(count) => request.extend_from_slice(&chunk[..count]),
        }
    }
}

/// A whole answer that says it is the last one.
pub fn whole(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    for (name, value) in headers {
        answer.extend([name, ": ", value, "\r\n"]);
    }
    answer.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n"]);
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(body);
    answer
}
