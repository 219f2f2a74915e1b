//! The servers of `tests/independent/`, in Python.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A server, until the test is over.
pub struct Server {
    process: Child,
    address: String,
    pub vendor: &'static str,
    base: &'static str,
}

/// The program of the servers.
pub fn python() -> Command {
    let mut python = Command::new("python3");
    python
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent/server.py"))
        .stdout(Stdio::piped());
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Server {
    pub fn start(vendor: &'static str, base: &'static str) -> Self {
        let mut process = python().stdin(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { process, address: address.trim().to_owned(), vendor, base }
    }

    /// The URL of an account that deviates so, as `--target` takes it.
    pub fn account(&self, deviation: &str, name: &str) -> String {
        let Self { address, vendor, base, .. } = self;
        format!("{vendor}=http://{address}/{vendor}/{deviation}/{name}{base}")
    }
}
