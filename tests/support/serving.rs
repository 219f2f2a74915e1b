//! The mock's program serving what is in a folder, with what it writes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use super::folder::Folder;

/// The mock, about to be called in the folder.
pub fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterpart-mock"));
    command.args(arguments).current_dir(&folder.0).stdin(Stdio::null());
    command
}

/// A server that said that it is ready.
pub struct Serving {
    pub process: Child,
    pub lines: Vec<String>,
    _stdout: BufReader<ChildStdout>,
}

impl Serving {
    pub fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        Self::of(command(folder, &arguments))
    }

    /// A server that is started so.
    pub fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "it ends without being ready");
            match line.trim_end() {
                "ready" => break,
                vendor => lines.push(vendor.to_owned()),
            }
        }
        Self { process, lines, _stdout: stdout }
    }

    pub fn address(&self) -> SocketAddr {
        let (_, url) = self.lines.first().unwrap().split_once('\t').unwrap();
        url.split('/').nth(2).unwrap().parse().unwrap()
    }

    pub fn signal(&self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// What it writes to stderr from now on, line by line.
    pub fn log(&mut self) -> Log {
        let stderr = BufReader::new(self.process.stderr.take().unwrap());
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in stderr.lines() {
                if line.is_err() || tell.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        Log(lines)
    }

    /// Sends a signal; gives the exit code and what was written to stderr.
    pub fn stop(&mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        let code = self.process.wait().unwrap().code();
        let mut stderr = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (code, stderr)
    }
}

/// What a mock writes to stderr.
pub struct Log(Receiver<String>);

impl Log {
    /// The next line in which that stands. A mock that never writes it fails the test.
    pub fn until(&self, wanted: &str) -> String {
        loop {
            let line = self.0.recv_timeout(Duration::from_mins(1));
            let line = line.unwrap_or_else(|_| panic!("no line with {wanted:?} was written"));
            if line.contains(wanted) {
                return line;
            }
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
