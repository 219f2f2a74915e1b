//! The same load for every server: a fixed number of kept connections, one request in flight on
//! each, and as little work for an answer as can be.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::runtime::Builder;

use crate::Failure;

/// How many connections there are at once, unless a case has another number.
pub const CONNECTIONS: usize = 16;

const PLACE: &str = "7777777777";
/// The same for a number that comes again after so many.
const ROUND_PLACE: &str = "6666666666";
pub const ROUND: u64 = 1_000;

/// A request with places for a number.
pub struct Template {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
    round_places: Vec<Range<usize>>,
}

impl Template {
    pub fn new(request: &str) -> Self {
        let find = |place: &str| {
            request.match_indices(place).map(|(at, found)| at..at + found.len()).collect()
        };
        let (places, round_places) = (find(PLACE), find(ROUND_PLACE));
        Self { bytes: request.into(), places, round_places }
    }

    /// The request with that number in all places.
    pub fn render(&self, number: u64) -> Vec<u8> {
        let mut request = self.bytes.clone();
        self.fill(&mut request, number);
        request
    }

    fn fill(&self, request: &mut [u8], number: u64) {
        fill(request, &self.places, number);
        fill(request, &self.round_places, number % ROUND);
    }
}

fn fill(request: &mut [u8], places: &[Range<usize>], number: u64) {
    let mut digits = [b'0'; PLACE.len()];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    for place in places {
        if let Some(place) = request.get_mut(place.clone()) {
            place.copy_from_slice(&digits);
        }
    }
}

/// An answer, for those who look at it.
pub struct Answered {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What came of a time of load.
pub struct Window {
    pub answered: u64,
    /// How many of them had another status than they should.
    pub wrong: u64,
    pub taken: Duration,
}

/// Sends one request on a connection of its own.
pub fn once(address: SocketAddr, request: &[u8]) -> Result<Answered, Failure> {
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        connection.write(request).await?;
        let (status, body) = connection.answer().await?;
        let body = connection.read.get(body).unwrap_or_default().to_vec();
        Ok(Answered { status, body })
    })
}

/// Keeps a server busy for some time, by so many connections.
pub fn drive(
    address: SocketAddr,
    connected: usize,
    template: &Template,
    status: u16,
    next: &AtomicU64,
    time: Duration,
) -> Result<Window, Failure> {
    Builder::new_current_thread().enable_io().build()?.block_on(async {
        let mut connections = Vec::new();
        for _ in 0..connected {
            connections.push(Connection::open(address).await?);
        }
        let began = Instant::now();
        let ends = began + time;
        let work = connections
            .into_iter()
            .map(|connection| repeat(connection, template, status, next, ends));
        let mut window = Window { answered: 0, wrong: 0, taken: Duration::ZERO };
        for (answered, wrong) in all(work.collect()).await? {
            window.answered += answered;
            window.wrong += wrong;
        }
        window.taken = began.elapsed();
        Ok(window)
    })
}

/// Waits for all at once, without a task for each, so that nothing has to be shared or boxed twice.
async fn all<T>(
    work: Vec<impl Future<Output = Result<T, io::Error>>>,
) -> Result<Vec<T>, io::Error> {
    let mut work: Vec<_> = work.into_iter().map(|one| Some(Box::pin(one))).collect();
    let mut done = Vec::new();
    std::future::poll_fn(move |context| {
        for slot in &mut work {
            let Some(one) = slot else { continue };
            if let std::task::Poll::Ready(result) = one.as_mut().poll(context) {
                *slot = None;
                done.push(result?);
            }
        }
        if work.iter().all(Option::is_none) {
            std::task::Poll::Ready(Ok(std::mem::take(&mut done)))
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

async fn repeat(
    mut connection: Connection,
    template: &Template,
    status: u16,
    next: &AtomicU64,
    ends: Instant,
) -> Result<(u64, u64), io::Error> {
    let (mut answered, mut wrong) = (0, 0);
    let mut request = template.bytes.clone();
    while Instant::now() < ends {
        template.fill(&mut request, next.fetch_add(1, Ordering::Relaxed));
        connection.write(&request).await?;
        let (answer, _) = connection.answer().await?;
        answered += 1;
        wrong += u64::from(answer != status);
    }
    Ok((answered, wrong))
}

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    /// The answer so far.
    read: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self, io::Error> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(16 * 1024) })
    }

    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), io::Error> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.stream.writable().await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads one answer; gives its status, and where its body is.
    pub async fn answer(&mut self) -> Result<(u16, Range<usize>), io::Error> {
        self.read.clear();
        let mut piece = [0; 8 * 1024];
        loop {
            if let Some((status, body)) = framing(&self.read)?
                && self.read.len() >= body.end
            {
                return Ok((status, body));
            }
            self.stream.readable().await?;
            match self.stream.try_read(&mut piece) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.read.extend_from_slice(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The status and the place of the body, once the head is there.
fn framing(read: &[u8]) -> Result<Option<(u16, Range<usize>)>, io::Error> {
    let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let bad = || io::Error::new(io::ErrorKind::InvalidData, "an answer without status or length");
    let head = read.get(..end).and_then(|head| str::from_utf8(head).ok()).ok_or_else(bad)?;
    let status: u16 = head.get(9..12).and_then(|code| code.parse().ok()).ok_or_else(bad)?;
    let length = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let length = match length {
        Some(length) => length,
        None if status == 204 => 0,
        None => return Err(bad()),
    };
    Ok(Some((status, end + 4..end + 4 + length)))
}
