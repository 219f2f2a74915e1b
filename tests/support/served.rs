//! A mock of the shipped specs in a process of its own, as a user starts it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use super::client::{Client, Reply};

/// A running mock; it ends when this is dropped.
#[derive(Debug)]
pub struct Served {
    child: Child,
    pub address: SocketAddr,
}

impl Served {
    /// Starts the program `counterpart-mock` on a free port and waits until it is ready.
    pub fn start(program: &str) -> Self {
        Self::start_with(program, &[])
    }

    /// The same with more options.
    pub fn start_with(program: &str, options: &[&str]) -> Self {
        let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/specs");
        let mut child = Command::new(program)
            .args(["serve", specs, "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let mut address = None;
        for line in lines {
            let line = line.expect("its output is text");
            if line == "ready" {
                break;
            }
            // VENDOR<tab>BASE-URL
            let url = line.split_once('\t').map_or("", |(_, url)| url);
            let authority = url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
            address = address.or_else(|| authority?.parse().ok());
        }
        let address = address.expect("a line with an address comes before `ready`");
        Self { child, address }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, which a test has then seen.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The control plane's answer as JSON.
pub fn control(client: &mut Client, session: &str, path: &str) -> serde_json::Value {
    let reply = client.send("GET", &format!("/@{session}/_counterpart/{path}"), &[], "");
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    json(&reply)
}

/// The body as JSON.
pub fn json(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(&reply.body).expect("the body is JSON")
}
