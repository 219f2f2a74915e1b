//! The servers, each a process of its own, so that both sides have the same conditions.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use counterpart::unstable::exchange::{Answer, Handler, Request, TransportFailure};
use counterpart::unstable::serve::{ServeOptions, Server, runtime};
use http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::Failure;

/// A server that is stopped when dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

impl Process {
    /// hyper with nothing on it.
    pub fn bare(length: usize) -> Result<Self, Failure> {
        Self::own("--serve-bare", length)
    }

    /// The project's HTTP layer with a handler that answers a constant.
    pub fn layer(length: usize) -> Result<Self, Failure> {
        Self::own("--serve-layer", length)
    }

    fn own(role: &str, length: usize) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(role).arg(length.to_string());
        Ok(Self::start(command)?.0)
    }

    /// The mock with the specs of this repository, and how long it took to be ready.
    pub fn mock() -> Result<(Self, Duration), Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args([
            "serve",
            "specs",
            "--listen",
            "127.0.0.1:0",
        ]);
        Self::start(command)
    }

    /// Starts a server that writes lines with its address, and then `ready`.
    fn start(mut command: Command) -> Result<(Self, Duration), Failure> {
        let name = command.get_program().to_os_string();
        let began = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut address = None;
        let lines = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        for line in lines {
            let line = line?;
            match (line.as_str(), address) {
                ("ready", Some(address)) => return Ok((Self { child, address }, began.elapsed())),
                (line, None) => address = address_in(line),
                _ => {}
            }
        }
        child.kill().ok();
        child.wait()?;
        Err(format!("{} ended without `ready`", OsStr::display(&name)).into())
    }

    /// The memory that is really in use, in kibibytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }

    /// The processor time that it has used so far, in the user's and in the system's code. Linux
    /// counts it in hundredths of a second (proc(5), fields 14 and 15 of `stat`).
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The address in `NAME<tab>http://ADDRESS/...`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once('\t')?;
    url.strip_prefix("http://")?.split('/').next()?.parse().ok()
}

fn announce(address: SocketAddr) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "server\thttp://{address}/\nready")?;
    Ok(out.flush()?)
}

fn constant(length: &str) -> Result<Bytes, Failure> {
    Ok(Bytes::from(vec![b'x'; length.parse()?]))
}

/// Reads the body and answers a constant, until killed.
pub fn serve_bare(length: &str) -> Result<ExitCode, Failure> {
    let answer = constant(length)?;
    runtime()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        announce(listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let answer = answer.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request: http::Request<Incoming>| {
                    let answer = answer.clone();
                    async move {
                        request.into_body().collect().await.ok();
                        Ok::<_, Infallible>(Response::new(Full::new(answer)))
                    }
                });
                http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
            });
        }
    })
}

/// Answers a constant.
struct Constant(Bytes);

impl Handler for Constant {
    fn handle(&self, _: Request, _: SocketAddr) -> Answer {
        Answer { body: self.0.clone(), ..Answer::empty(StatusCode::OK) }
    }

    fn refuse(&self, _: Request, failure: TransportFailure, _: SocketAddr) -> Answer {
        Answer::empty(failure.status())
    }
}

/// The same on the project's own HTTP layer, until killed.
pub fn serve_layer(length: &str) -> Result<ExitCode, Failure> {
    let handler = Arc::new(Constant(constant(length)?));
    let bound = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), ServeOptions::default())?;
    announce(bound.address())?;
    runtime()?.block_on(bound.run(handler, std::future::pending()))?;
    Ok(ExitCode::SUCCESS)
}
