//! A blocking HTTP/1.1 client that sends exactly what it is told to.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// No answer in a test takes longer, also on a slow machine that others use; a hanging server fails
/// the test instead of hanging it.
const PATIENCE: Duration = Duration::from_mins(5);

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// In the order of arrival; names in lower case, values without surrounding white space.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The first value of a field; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A client that keeps its connection alive between requests.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Sends a request and reads its answer. `Host` and `Content-Length` are added when they are
    /// not among the headers. A kept connection that the server has closed is replaced once.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        let request = self.request(method, path, headers, body.as_ref());
        if let Some(mut kept) = self.connection.take()
            && let Ok(reply) = kept.exchange(&request, method)
        {
            self.keep(kept, &reply);
            return reply;
        }
        let mut connection = Connection::open(self.address).expect("the server takes connections");
        let reply = connection.exchange(&request, method).expect("the server answers");
        self.keep(connection, &reply);
        reply
    }

    /// Sends bytes on a connection of their own, closes the sending half, and reads to the end.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut connection = Connection::open(self.address).expect("the server takes connections");
        // A server may answer and close before it has read everything.
        connection.stream.write_all(bytes.as_ref()).ok();
        connection.stream.shutdown(Shutdown::Write).ok();
        connection.rest()
    }

    fn keep(&mut self, connection: Connection, reply: &Reply) {
        let close = reply.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"));
        self.connection = (!close).then_some(connection);
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let named =
            |wanted: &str| headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let mut lines = vec![format!("{method} {path} HTTP/1.1")];
        if !named("host") {
            lines.push(format!("Host: {}", self.address));
        }
        let bodiless = body.is_empty() && matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS");
        if !bodiless && !named("content-length") && !named("transfer-encoding") {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        let mut request = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
        request.extend_from_slice(body);
        request
    }
}

/// One connection, for tests that look at it closely.
#[derive(Debug)]
pub struct Connection {
    pub stream: TcpStream,
    /// What was read and belongs to the next answer.
    read: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream, read: Vec::new() })
    }

    pub fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())
    }

    /// Sends a request and reads the answer to it.
    pub fn exchange(&mut self, request: &[u8], method: &str) -> io::Result<Reply> {
        self.write(request)?;
        self.reply(method)
    }

    /// Reads one answer, interim ones (1xx) included. An answer to `HEAD` has no body.
    pub fn reply(&mut self, method: &str) -> io::Result<Reply> {
        let head = self.until(b"\r\n\r\n")?;
        let head = String::from_utf8(head).map_err(|_| malformed("a head that is not text"))?;
        let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())
            .ok_or_else(|| malformed("no status line"))?;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| malformed("a bad field"))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut reply = Reply { status, headers, body: Vec::new() };
        if method == "HEAD" || matches!(status, 100..=199 | 204 | 304) {
            return Ok(reply);
        }
        reply.body = match (reply.header("content-length"), reply.header("transfer-encoding")) {
            (Some(length), _) => {
                let length = length.parse().map_err(|_| malformed("a bad length"))?;
                self.exactly(length)?
            }
            (None, Some(_)) => self.chunks()?,
            (None, None) => self.rest(),
        };
        Ok(reply)
    }

    /// Everything up to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        // A reset after the answer is an end like any other.
        while self.fill().is_ok_and(|count| count > 0) {}
        std::mem::take(&mut self.read)
    }

    /// Whether the server has closed its half; waits until it does.
    pub fn is_closed(&mut self) -> bool {
        match self.fill() {
            Ok(count) => count == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = String::from_utf8_lossy(&self.until(b"\r\n")?).into_owned();
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| malformed("a bad chunk"))?;
            if size == 0 {
                while self.until(b"\r\n")?.len() > 2 {}
                return Ok(body);
            }
            body.extend(self.exactly(size)?);
            self.exactly(2)?;
        }
    }

    fn until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|window| window == end) {
                let rest = self.read.split_off(at + end.len());
                return Ok(std::mem::replace(&mut self.read, rest));
            }
            self.need_more()?;
        }
    }

    fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.read.len() < count {
            self.need_more()?;
        }
        let rest = self.read.split_off(count);
        Ok(std::mem::replace(&mut self.read, rest))
    }

    fn need_more(&mut self) -> io::Result<()> {
        match self.fill()? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut piece = [0; 16 * 1024];
        let count = loop {
            match self.stream.read(&mut piece) {
                // A debugger, or a machine that was paused, interrupts what has a time limit.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.read.extend_from_slice(&piece[..count]);
        Ok(count)
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
