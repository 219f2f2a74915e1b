//! A socket, with or without TLS, whose waits end.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(unix)]
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use super::Configurations;
use super::failure::{Failure, FailureKind, Phase};
use super::patience::{Patience, is_pause};
use super::proxy::Proxy;
use crate::run::url::Origin;

#[derive(Debug)]
pub(super) struct Stream {
    layers: Layers,
    /// The waits that the socket has, so as to set them only when they change.
    waits: Waits,
    /// A byte of a Unix socket that was looked at: there a look takes it.
    seen: Cell<Option<u8>>,
    /// The server's certificate.
    certificate: Option<Arc<[u8]>>,
}

#[derive(Debug)]
enum Layers {
    Plain(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    #[cfg(feature = "tls")]
    Tls(Box<super::tls::TlsStream>),
}

#[derive(Debug, Default)]
struct Waits {
    read: Option<Duration>,
    write: Option<Duration>,
}

impl Stream {
    /// Connects, through a proxy where there is one.
    pub(super) fn open(
        origin: &Origin,
        proxy: Option<&Proxy>,
        configurations: &Configurations,
        patience: Patience<'_>,
    ) -> Result<Self, Failure> {
        #[cfg(unix)]
        if let Some(path) = &origin.socket {
            return Self::at(path, patience);
        }
        let Some(proxy) = proxy else {
            let socket = reach(origin, patience)?;
            return Self::secured(socket, origin, configurations, patience);
        };
        let mut socket = reach(&proxy.origin, patience).map_err(|failure| proxy.blamed(failure))?;
        if origin.secure {
            proxy.tunnel(&mut socket, origin, patience)?;
        }
        Self::secured(socket, origin, configurations, patience)
    }

    /// Connects to a Unix socket.
    #[cfg(unix)]
    fn at(path: &Path, patience: Patience<'_>) -> Result<Self, Failure> {
        let wanted = path.to_owned();
        let socket = aside(patience, move || UnixStream::connect(wanted))?.and_then(|it| it);
        let socket = socket.map_err(|error| {
            let shown = format!("unix://{}", path.display());
            Failure::new(match error.kind() {
                io::ErrorKind::ConnectionRefused => FailureKind::Refused(shown),
                io::ErrorKind::NotFound => {
                    FailureKind::Broken(Phase::Connect, format!("there is no socket {shown}"))
                }
                _ => FailureKind::Broken(Phase::Connect, format!("{shown}: {error}")),
            })
        })?;
        Ok(Self::of(Layers::Unix(socket)))
    }

    #[cfg(feature = "tls")]
    fn secured(
        socket: TcpStream,
        origin: &Origin,
        configurations: &Configurations,
        patience: Patience<'_>,
    ) -> Result<Self, Failure> {
        if origin.secure {
            let stream = super::tls::open(socket, origin, configurations, patience)?;
            let shown = stream.conn.peer_certificates().and_then(<[_]>::first);
            let certificate = shown.map(|shown| Arc::from(&**shown));
            return Ok(Self { certificate, ..Self::of(Layers::Tls(Box::new(stream))) });
        }
        Ok(Self::of(Layers::Plain(socket)))
    }

    #[cfg(not(feature = "tls"))]
    fn secured(
        socket: TcpStream,
        origin: &Origin,
        _: &Configurations,
        _: Patience<'_>,
    ) -> Result<Self, Failure> {
        if origin.secure {
            return Err(Failure::new(FailureKind::NoTls));
        }
        Ok(Self::of(Layers::Plain(socket)))
    }

    fn of(layers: Layers) -> Self {
        Self { layers, waits: Waits::default(), seen: Cell::new(None), certificate: None }
    }

    /// The server's certificate in DER, over TLS.
    pub(super) fn certificate(&self) -> Option<Arc<[u8]>> {
        self.certificate.clone()
    }

    /// Does something with the socket, of whichever kind.
    fn on_socket<T>(
        &self,
        tcp: impl FnOnce(&TcpStream) -> io::Result<T>,
        #[cfg(unix)] unix: impl FnOnce(&UnixStream) -> io::Result<T>,
    ) -> io::Result<T> {
        match &self.layers {
            Layers::Plain(socket) => tcp(socket),
            #[cfg(unix)]
            Layers::Unix(socket) => unix(socket),
            #[cfg(feature = "tls")]
            Layers::Tls(stream) => tcp(&stream.sock),
        }
    }

    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.on_socket(
            |socket| socket.set_nonblocking(nonblocking),
            #[cfg(unix)]
            |socket| socket.set_nonblocking(nonblocking),
        )
    }

    /// How many bytes have come, if only one is looked at; nothing at the end.
    fn peek(&self) -> io::Result<usize> {
        if self.seen.get().is_some() {
            return Ok(1);
        }
        self.on_socket(
            |socket| socket.peek(&mut [0]),
            #[cfg(unix)]
            |mut socket| {
                let mut byte = [0];
                let count = socket.read(&mut byte)?;
                self.seen.set((count > 0).then_some(byte[0]));
                Ok(count)
            },
        )
    }

    fn wait_for_reads(&mut self, wait: Duration) -> io::Result<()> {
        if self.waits.read != Some(wait) {
            self.on_socket(
                |socket| socket.set_read_timeout(Some(wait)),
                #[cfg(unix)]
                |socket| socket.set_read_timeout(Some(wait)),
            )?;
            self.waits.read = Some(wait);
        }
        Ok(())
    }

    fn wait_for_writes(&mut self, wait: Duration) -> io::Result<()> {
        if self.waits.write != Some(wait) {
            self.on_socket(
                |socket| socket.set_write_timeout(Some(wait)),
                #[cfg(unix)]
                |socket| socket.set_write_timeout(Some(wait)),
            )?;
            self.waits.write = Some(wait);
        }
        Ok(())
    }

    /// Whether nothing has come and nobody has closed it.
    pub(super) fn is_quiet(&self) -> bool {
        if self.set_nonblocking(true).is_err() {
            return false;
        }
        let peeked = self.peek();
        let waits = matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        waits && self.set_nonblocking(false).is_ok()
    }

    /// Reads what there is; nothing at the end.
    pub(super) fn read(
        &mut self,
        into: &mut [u8],
        patience: Patience<'_>,
        phase: impl Fn() -> Phase,
    ) -> Result<usize, Failure> {
        if let (Some(first), Some(byte)) = (into.first_mut(), self.seen.take()) {
            *first = byte;
            return Ok(1);
        }
        loop {
            let slice = patience.slice(&phase)?;
            let outcome = self.wait_for_reads(slice).and_then(|()| match &mut self.layers {
                Layers::Plain(socket) => socket.read(into),
                #[cfg(unix)]
                Layers::Unix(socket) => socket.read(into),
                #[cfg(feature = "tls")]
                Layers::Tls(stream) => stream.read(into),
            });
            match outcome {
                Ok(count) => return Ok(count),
                Err(error) if is_pause(&error) => {}
                // Ends of streams that others know: without TLS's own goodbye, or by a reset
                // when the request was not read to its end.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
                    ) =>
                {
                    return Ok(0);
                }
                Err(error) => {
                    return Err(Failure::new(FailureKind::Broken(phase(), error.to_string())));
                }
            }
        }
    }

    /// Writes everything. Stops early, without a failure, when an answer comes already.
    pub(super) fn write(&mut self, bytes: &[u8], patience: Patience<'_>) -> Result<(), Failure> {
        let mut left = bytes;
        while !left.is_empty() {
            let slice = patience.slice(|| Phase::Send)?;
            let outcome = self.wait_for_writes(slice).and_then(|()| match &mut self.layers {
                Layers::Plain(socket) => socket.write(left),
                #[cfg(unix)]
                Layers::Unix(socket) => socket.write(left),
                #[cfg(feature = "tls")]
                Layers::Tls(stream) => stream.write(left),
            });
            match outcome {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(error) if is_pause(&error) => {
                    if !self.is_quiet() {
                        self.set_nonblocking(false).ok();
                        return Ok(());
                    }
                }
                Err(error) => {
                    return Err(Failure::new(FailureKind::Broken(Phase::Send, error.to_string())));
                }
            }
        }
        match &mut self.layers {
            Layers::Plain(_) => Ok(()),
            #[cfg(unix)]
            Layers::Unix(_) => Ok(()),
            #[cfg(feature = "tls")]
            Layers::Tls(stream) => stream
                .flush()
                .map_err(|e| Failure::new(FailureKind::Broken(Phase::Send, e.to_string()))),
        }
    }
}

/// Connects to a server; tries each address of the name.
fn reach(origin: &Origin, patience: Patience<'_>) -> Result<TcpStream, Failure> {
    let mut last = None;
    for address in resolve(origin, patience)? {
        match connect(address, patience)? {
            Ok(socket) => {
                // It only makes small writes wait.
                socket.set_nodelay(true).ok();
                return Ok(socket);
            }
            Err(error) => last = Some(error),
        }
    }
    let kind = match last {
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            FailureKind::Refused(origin.to_string())
        }
        Some(error) => FailureKind::Broken(Phase::Connect, error.to_string()),
        None => FailureKind::Unresolved(origin.host.clone(), "nothing was found".to_owned()),
    };
    Err(Failure::new(kind))
}

/// Connects to one address; the outer failure is the end of patience.
fn connect(address: SocketAddr, patience: Patience<'_>) -> Result<io::Result<TcpStream>, Failure> {
    let left = patience.left().max(Duration::from_millis(1));
    let outcome = aside(patience, move || TcpStream::connect_timeout(&address, left))?;
    match outcome.and_then(|connected| connected) {
        Err(error) if is_pause(&error) => {
            Err(Failure::new(FailureKind::TimedOut(Phase::Connect, patience.limit)))
        }
        outcome => Ok(outcome),
    }
}

/// The addresses of the host.
fn resolve(origin: &Origin, patience: Patience<'_>) -> Result<Vec<SocketAddr>, Failure> {
    if let Ok(address) = origin.host.parse() {
        return Ok(vec![SocketAddr::new(address, origin.port)]);
    }
    let wanted = (origin.host.clone(), origin.port);
    let look = move || wanted.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
    aside(patience, look)?.and_then(|found| found).map_err(|error| {
        Failure::new(FailureKind::Unresolved(origin.host.clone(), error.to_string()))
    })
}

/// Does what the system does in one piece, whoever wishes it to stop, on a thread of its own. It
/// is left to itself when patience ends.
fn aside<T: Send + 'static>(
    patience: Patience<'_>,
    act: impl FnOnce() -> T + Send + 'static,
) -> Result<io::Result<T>, Failure> {
    patience.slice(|| Phase::Connect)?;
    let (sender, receiver) = channel();
    let act = move || {
        // Nobody listens any more when patience has ended.
        sender.send(act()).ok();
    };
    if let Err(error) = std::thread::Builder::new().spawn(act) {
        return Ok(Err(error));
    }
    loop {
        let slice = patience.slice(|| Phase::Connect)?;
        match receiver.recv_timeout(slice) {
            Ok(done) => return Ok(Ok(done)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(Err(io::Error::other("the attempt ended without an outcome")));
            }
        }
    }
}
