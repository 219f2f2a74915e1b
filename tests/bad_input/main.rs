//! Bad input of every kind: the vendor's own error, nothing changed, and a journal that says why.
//!
//! The table is in `table.rs`, one row an input. Each row has a session of its own with
//! a contact in it, so that there is something to destroy.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bodies;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod traversal;
mod vendors;

use serde_json::Value;
use support::client::{Client, Connection, Reply};
use support::served::{Served, control, json};
use table::{Input, Row, Sent};
use vendors::{VENDORS, Vendor};

const PROGRAM: &str = env!("CARGO_BIN_EXE_counterpart-mock");

#[test]
fn every_bad_input_is_refused_and_leaves_nothing_behind() {
    let served = Served::start(PROGRAM);
    let wrong: Vec<String> = table::rows()
        .iter()
        .enumerate()
        .filter_map(|(at, row)| {
            let complaint = check(&served, row, &format!("bad-{at}")).err()?;
            Some(format!("{} / {}: {complaint}", row.vendor, row.what))
        })
        .collect();
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_body_at_the_limit_is_taken() {
    let served = Served::start(PROGRAM);
    let mut client = served.client();
    for vendor in VENDORS {
        let body = bodies::padded(vendor, bodies::BODY_LIMIT);
        let reply = client.send("POST", &format!("/@limit{}", vendor.path), vendor.headers, body);
        assert!(matches!(reply.status, 200 | 201), "{}: {}", vendor.name, reply.text());
    }
}

/// In JSON it is refused, as RFC 8259 allows; in XML it belongs to the encoding.
#[test]
fn a_byte_order_mark_before_xml_is_read() {
    let served = Served::start(PROGRAM);
    let mut client = served.client();
    for vendor in VENDORS.iter().filter(|vendor| vendor.body.starts_with('<')) {
        let path = format!("/@mark{}", vendor.path);
        let reply = client.send("POST", &path, vendor.headers, bodies::marked(vendor));
        assert!(matches!(reply.status, 200 | 201), "{}: {}", vendor.name, reply.text());
        assert!(!reply.text().contains("<success>false"), "{}: {}", vendor.name, reply.text());
    }
}

#[test]
fn an_unknown_vendor_is_told_the_closest() {
    let served = Served::start(PROGRAM);
    let mut client = served.client();
    let reply = client.send("GET", "/@s/quentm/public/api/V1/contact/1", &[], "");
    assert_eq!(reply.status, 404);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert!(reply.text().contains("quentn"), "{}", reply.text());
    let entries = control(&mut client, "s", "requests");
    assert_eq!(entries[0]["response"]["status"], 404);
    assert!(entries[0]["explanation"].to_string().contains("quentm"), "{entries}");
}

fn check(served: &Served, row: &Row, session: &str) -> Result<(), String> {
    let vendor = VENDORS.iter().find(|vendor| vendor.name == row.vendor).unwrap();
    let mut client = served.client();
    create(&mut client, vendor, session, "before")?;
    let before = state(&mut client, session);
    let reply = send(served, &mut client, vendor, row, session)?;
    let mut complaints = Vec::new();
    match (&reply, row.status) {
        (Some(reply), wanted) => {
            if !wanted.contains(&reply.status) {
                complaints.push(format!(
                    "{} for {wanted:?}: {}",
                    reply.status,
                    short(&reply.text())
                ));
            } else if !is_an_error_of(vendor, reply) {
                let kind = reply.header("content-type");
                complaints
                    .push(format!("not the vendor's form: {kind:?} {}", short(&reply.text())));
            }
        }
        (None, _) => complaints.push("no answer".to_owned()),
    }
    let after = state(&mut client, session);
    if before != after {
        complaints.push(format!("the state changed: {before} to {after}"));
    }
    let health = client.send("GET", "/_counterpart/health", &[], "");
    if health.status != 200 {
        complaints.push(format!("not healthy: {}", health.status));
    }
    let entries = control(&mut client, session, "requests?limit=1");
    complaints.extend(journal_complaint(&entries[0], row, reply.as_ref()));
    create(&mut client, vendor, session, "after")?;
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) }
}

/// What is wrong with the newest entry of the journal.
fn journal_complaint(entry: &Value, row: &Row, reply: Option<&Reply>) -> Option<String> {
    let status = reply.map(|reply| u64::from(reply.status));
    if entry["response"]["status"].as_u64() != status {
        return Some(format!(
            "the journal's last entry has status {}",
            entry["response"]["status"]
        ));
    }
    let explanation = entry["explanation"].to_string();
    let missing = !explanation.to_lowercase().contains(&row.says.to_lowercase());
    missing.then(|| format!("the explanation does not say `{}`: {}", row.says, short(&explanation)))
}

fn create(client: &mut Client, vendor: &Vendor, session: &str, name: &str) -> Result<(), String> {
    let path = format!("/@{session}{}", vendor.path.replace("{name}", name));
    let body = vendor.body.replace("{name}", name);
    let reply = client.send("POST", &path, vendor.headers, body);
    let created = matches!(reply.status, 200 | 201) && !reply.text().contains("<success>false");
    if created { Ok(()) } else { Err(format!("{name}: {} {}", reply.status, reply.text())) }
}

fn state(client: &mut Client, session: &str) -> Value {
    VENDORS
        .iter()
        .map(|vendor| control(client, session, &format!("state/{}", vendor.name)))
        .collect()
}

fn send(
    served: &Served,
    client: &mut Client,
    vendor: &Vendor,
    row: &Row,
    session: &str,
) -> Result<Option<Reply>, String> {
    let Input { method, path, headers, sent } = row.input(vendor);
    let path = format!("/@{session}{path}");
    let lines: Vec<String> =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{lines}", served.address);
    let raw = match sent {
        Sent::Body(body) if body.len() <= bodies::BODY_LIMIT => {
            return Ok(Some(client.send(method, &path, &headers, body)));
        }
        Sent::Body(body) => {
            [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat()
        }
        Sent::CutOffChunks(start) => {
            let length = start.len();
            format!("{head}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{start}\r\nff\r\n<")
                .into_bytes()
        }
    };
    let mut connection = Connection::open(served.address).map_err(|error| error.to_string())?;
    // The server may answer before it has read everything.
    connection.write(raw).ok();
    connection.stream.shutdown(std::net::Shutdown::Write).ok();
    Ok(connection.reply(method).ok())
}

/// Whether an answer has the form of the vendor's errors, or is a problem (RFC 9457).
fn is_an_error_of(vendor: &Vendor, reply: &Reply) -> bool {
    let kind = reply.header("content-type").unwrap_or_default();
    if kind == "application/problem+json" {
        return json(reply)["status"] == reply.status && json(reply)["title"].is_string();
    }
    let text = reply.text();
    vendor.errors.iter().any(|(known, contains)| {
        kind == *known && text.contains(contains) && (!kind.is_empty() || text.is_empty())
    })
}

fn short(text: &str) -> String {
    text.chars().take(600).collect()
}
