//! Runs a case step by step.

use std::net::SocketAddr;

use crate::body::{self, Message};
use crate::captured::Captured;
use crate::case::{Case, Step, Target};
use crate::compare::shown;
use crate::expect;
use crate::support::client::{Client, Reply};

/// Runs all steps in one session; the first that is not as expected ends it with a report.
pub fn run(case: &Case, base: &str, session: &str, address: SocketAddr) -> Result<(), String> {
    let mut client = Client::new(address);
    let mut captured = Captured::default();
    for (at, step) in case.steps.iter().enumerate() {
        let place = || {
            let (line, _) = step.span.line_column();
            format!("step {}, {}:{line}", at + 1, step.span.source.path().display())
        };
        let sent = Sent::new(step, base, session, address, &captured)
            .map_err(|mistake| format!("{}: {mistake}", place()))?;
        let headers: Vec<(&str, &str)> =
            sent.message.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let reply = client.send(&sent.method, &sent.path, &headers, &sent.message.body);
        let mut differences = expect::differences(&step.expect, &reply, &captured);
        if differences.is_empty() {
            let tree = expect::tree(&reply);
            for (name, path) in &step.capture {
                let kept = captured.keep(name, &path.to_string(), &reply, tree.as_ref());
                differences.extend(kept.err());
            }
        }
        if !differences.is_empty() {
            return Err(report(&place(), &sent, step, &reply, &differences));
        }
    }
    Ok(())
}

/// A request as it goes out.
struct Sent {
    method: String,
    path: String,
    message: Message,
}

impl Sent {
    fn new(
        step: &Step,
        base: &str,
        session: &str,
        address: SocketAddr,
        captured: &Captured,
    ) -> Result<Self, String> {
        let (Target::Request(written) | Target::Control(written) | Target::Follow(written)) =
            &step.target;
        let written = captured.fill(&written.clone().into())?.to_string();
        let (method, path) = match &step.target {
            Target::Follow(_) => {
                let origin = format!("http://{address}");
                let path = written.strip_prefix(&origin).ok_or("the link leaves the mock")?;
                ("GET", path.to_owned())
            }
            Target::Control(_) => {
                let (method, path) = written.split_once(' ').ok_or("a method and a path")?;
                (method, format!("/@{session}/_counterpart/{path}"))
            }
            Target::Request(_) => {
                let (method, path) = written.split_once(' ').ok_or("a method and a path")?;
                match path.strip_prefix("//") {
                    Some(path) => (method, format!("/@{session}/{path}")),
                    None => (method, format!("/@{session}{base}{path}")),
                }
            }
        };
        let (method, path) = (method.to_owned(), path + &body::query(step, captured)?);
        Ok(Self { method, path, message: body::message(step, captured)? })
    }
}

fn report(place: &str, sent: &Sent, step: &Step, reply: &Reply, differences: &[String]) -> String {
    let mut lines = vec![place.to_owned(), format!("> {} {}", sent.method, sent.path)];
    lines.extend(sent.message.headers.iter().map(|(name, value)| format!("> {name}: {value}")));
    let body = String::from_utf8_lossy(&sent.message.body);
    lines.extend(body.lines().map(|line| format!("> {line}")));
    lines.push(format!("expected {}", shown(&step.expect.written)));
    lines.push(format!("< {}", reply.status));
    lines.extend(reply.headers.iter().map(|(name, value)| format!("< {name}: {value}")));
    lines.extend(reply.text().lines().map(|line| format!("< {line}")));
    lines.extend(differences.iter().map(|difference| format!("! {difference}")));
    lines.join("\n")
}
