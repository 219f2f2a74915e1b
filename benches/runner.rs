//! How long the runner takes: one passing scenario from the start of the process to its end,
//! 10,000 requests of one scenario, and 1,000 requests in 100 files on two threads; each beside a
//! bare client that sends the same requests to the same server in the same run.
//!
//! `cargo bench --bench runner [-- --quick]`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

type Failure = Box<dyn Error>;

const SPEC: &str = "
counterpart: 1
vendor: library
servers: [{url: https://library.example/v1}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
  - {operationId: greet, method: GET, path: /greeting, steps: [{respond: {status: 200, body: {text: hello}}}]}
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["--bare", address, target, count] => bare(address, target, count),
        words => measure(words.contains(&"--bench") && !words.contains(&"--quick")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("runner: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A client with nothing on it, in a process of its own too.
fn bare(address: &str, target: &str, count: &str) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut answer = vec![0; 4096];
    for _ in 0..count.parse::<u32>()? {
        stream.write_all(request.as_bytes())?;
        let mut read = 0;
        while !is_whole(answer.get(..read).unwrap_or_default()) {
            match stream.read(answer.get_mut(read..).unwrap_or_default())? {
                0 => return Err("the server closed the connection".into()),
                count => read += count,
            }
        }
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            return Err(String::from_utf8_lossy(&answer).into());
        }
    }
    Ok(())
}

/// Whether an answer with a content length is all there.
fn is_whole(read: &[u8]) -> bool {
    let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(read.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse::<usize>().ok());
    length.is_some_and(|length| read.len() >= end + 4 + length)
}

/// The mock in a process of its own, stopped in the end.
struct Mock {
    child: Child,
    address: SocketAddr,
}

impl Mock {
    fn start(specs: &Path) -> Result<Self, Failure> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
        command.arg("serve").arg(specs).args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let lines = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let mut address = None;
        for line in lines {
            let line = line?;
            if let (Some(address), "ready") = (address, line.as_str()) {
                return Ok(Self { child, address });
            }
            let url = line.split_once("http://").and_then(|(_, url)| url.split('/').next());
            address = address.or_else(|| url?.parse().ok());
        }
        child.wait()?;
        Err("the mock ended without `ready`".into())
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Specs and scenarios, gone in the end.
struct Folder(PathBuf);

impl Folder {
    /// With `files` files of `steps` requests each.
    fn new(name: &str, files: usize, steps: usize) -> Result<Self, Failure> {
        let folder =
            std::env::temp_dir().join(format!("counterpart-bench-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("specs"))?;
        fs::create_dir_all(folder.join("scenarios"))?;
        fs::write(folder.join("specs/library.yaml"), SPEC)?;
        for file in 0..files {
            let mut text = String::from(
                "counterpart: 1\nvendor: library\nscenarios:\n  - name: greetings\n    steps:\n",
            );
            for _ in 0..steps {
                writeln!(text, "      - {{call: greet, expect: {{status: 200}}}}")?;
            }
            fs::write(folder.join(format!("scenarios/f{file}.yaml")), text)?;
        }
        Ok(Self(folder))
    }

    fn runner(&self, specs: &Path, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-test"));
        command.args(["run", "scenarios", "--specs"]).arg(specs).args(more).current_dir(&self.0);
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn measure(thorough: bool) -> Result<(), Failure> {
    let rounds = if thorough { 21 } else { 5 };
    println!("medians of {rounds} rounds in turn; release build: {}", !cfg!(debug_assertions));
    println!("{:<52} {:>10} {:>10} {:>7}", "", "bare", "runner", "ratio");

    let one = Folder::new("one", 1, 1)?;
    let specs = one.0.join("specs");
    let mock = Mock::start(&specs)?;
    let url = format!("http://{}", mock.address);
    let on_mock = ["--base-url", url.as_str()];
    compare("one request, a running mock", rounds, &mock, 1, 1, || one.runner(&specs, &on_mock))?;
    compare("one request, the embedded mock", rounds, &mock, 1, 1, || one.runner(&specs, &[]))?;
    drop(mock);

    // The same with the specs of this repository, of which the scenarios name none.
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&all)? {
        names.push(entry?.path());
    }
    for path in names {
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            fs::copy(&path, specs.join(name))?;
        }
    }
    let mock = Mock::start(&specs)?;
    let url = format!("http://{}", mock.address);
    let on_mock = ["--base-url", url.as_str()];
    let name = "one request among five specs, a running mock";
    compare(name, rounds, &mock, 1, 1, || one.runner(&specs, &on_mock))?;
    let name = "one request among five specs, the embedded mock";
    compare(name, rounds, &mock, 1, 1, || one.runner(&specs, &[]))?;

    let rounds = if thorough { 7 } else { 3 };
    let requests = if thorough { 10_000 } else { 1000 };
    let many = Folder::new("many", 1, requests)?;
    let specs = many.0.join("specs");
    let name = format!("{requests} requests in one scenario");
    compare(&name, rounds, &mock, requests, 1, || many.runner(&specs, &on_mock))?;
    let files = Folder::new("files", 100, 10)?;
    let specs = files.0.join("specs");
    let threads = ["--base-url", url.as_str(), "--test-threads", "2"];
    let name = "1000 requests in 100 files, two threads";
    compare(name, rounds, &mock, 500, 2, || files.runner(&specs, &threads))?;
    Ok(())
}

/// Times the runner beside as many bare clients at once as it has threads, in turn.
fn compare(
    name: &str,
    rounds: usize,
    mock: &Mock,
    count: usize,
    clients: usize,
    runner: impl Fn() -> Command,
) -> Result<(), Failure> {
    let (mut bare, mut tested) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let client = || -> Result<Command, Failure> {
            let mut command = Command::new(std::env::current_exe()?);
            let address = mock.address.to_string();
            let count = count.to_string();
            command.args(["--bare", &address, "/library/v1/greeting", &count]);
            Ok(command)
        };
        let clients: Vec<Command> = (0..clients).map(|_| client()).collect::<Result<_, _>>()?;
        let times = (timed(clients)?, timed(vec![runner()])?);
        // The first round warms up.
        if round > 0 {
            bare.push(times.0);
            tested.push(times.1);
        }
    }
    let (bare, tested) = (median(bare), median(tested));
    println!("{name:<52} {bare:>8.2}ms {tested:>8.2}ms {:>7.2}", tested / bare);
    Ok(())
}

/// From the start of the first process to the end of the last one.
fn timed(commands: Vec<Command>) -> Result<Duration, Failure> {
    let began = Instant::now();
    let mut children = Vec::new();
    for mut command in commands {
        children.push(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?);
    }
    for mut child in children {
        if !child.wait()?.success() {
            return Err("a process did not succeed".into());
        }
    }
    Ok(began.elapsed())
}

/// In milliseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}
