//! The whole engine: any requests, one after the other, to a vendor that has a little of most.
//!
//! An input is requests as they are written on the wire, between lines of `---`; one that asks the
//! control plane is asked too. After each of them:
//!
//! - it was answered, and not by a mistake of the spec (500);
//! - a request that was refused changed nothing;
//! - no two rows have the same title, and each has an id of its own;
//! - the rows are what the answers so far have said (the reference);
//! - the journal can be read, with its explanations.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use counterpart::Source;
use counterpart::unstable::check::check_sources;
use counterpart::unstable::control::Control;
use counterpart::unstable::exchange::{Answer, Handler, Request};
use counterpart::unstable::mock::Mock;
use counterpart::unstable::mock::session::Start;
use counterpart::unstable::plan::{self, Plan};
use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;

use crate::parts;

/// More requests say nothing new.
const MOST: usize = 24;

static PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let checked = check_sources(&[Source::new("engine.yaml", include_str!("../engine.yaml"))]);
    let service = checked.expect("the spec has no mistakes").service;
    Arc::new(plan::compile(Arc::new(service)).expect("it can be compiled"))
});

pub(crate) fn requests(input: &[u8]) {
    let start =
        Start { seed: 1, clock: None, frozen: true, most_sessions: 4, idle: Duration::ZERO };
    let control = Control::new(Arc::new(Mock::new(vec![PLAN.clone()], start, true)));
    let mut shelf = Shelf { control, rows: BTreeMap::new() };
    let mut before = shelf.rows();
    for part in parts(input).into_iter().take(MOST) {
        let Some(request) = request(part) else { continue };
        let path = request.path().to_owned();
        let is_control = path.starts_with("/_counterpart");
        let method = request.method.clone();
        let answer = shelf.ask(request);
        let status = answer.status.as_u16();
        assert_ne!(status, 500, "{}", String::from_utf8_lossy(&answer.body));
        let after = shelf.rows();
        if is_control {
            // It may do anything to the rows; what the vendor says of them goes on from there.
            shelf.rows = after.clone();
        } else {
            if status >= 400 {
                assert_eq!(before, after, "refused, and something changed");
            }
            shelf.learn(&method, &path, &answer, &after);
        }
        let mut titles: Vec<&Value> = after.values().filter_map(|row| row.get("title")).collect();
        let count = titles.len();
        titles.sort_by_key(|title| title.to_string());
        titles.dedup();
        assert_eq!(titles.len(), count, "a title is there twice");
        before = after;
    }
    let journal = shelf.ask(get("/_counterpart/requests?explain=true"));
    assert!(serde_json::from_slice::<Value>(&journal.body).is_ok());
}

struct Shelf {
    control: Control,
    /// What was said of the rows, by their ids.
    rows: BTreeMap<String, Value>,
}

impl Shelf {
    fn ask(&self, request: Request) -> Answer {
        let local: SocketAddr = ([127, 0, 0, 1], 4010).into();
        self.control.handle(request, local)
    }

    /// The rows that there are, by their ids.
    fn rows(&self) -> BTreeMap<String, Value> {
        let answer = self.ask(get("/_counterpart/state/shelf/books"));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let state: Value = serde_json::from_str(&text).expect("the state is JSON");
        let list = state.as_array().or_else(|| state["books"].as_array());
        let rows = list.unwrap_or_else(|| panic!("no rows in {text}"));
        let mut found = BTreeMap::new();
        for row in rows {
            let before = found.insert(row["id"].to_string(), row.clone());
            assert!(before.is_none(), "an id is there twice: {row}");
        }
        found
    }

    /// Takes over what an answer says, and holds the rows against all that was said.
    fn learn(
        &mut self,
        method: &Method,
        path: &str,
        answer: &Answer,
        rows: &BTreeMap<String, Value>,
    ) {
        let changes = [Method::POST, Method::PUT].contains(method);
        match answer.status.as_u16() {
            200 | 201 if changes => {
                // In XML and in forms it says the same in other words.
                match serde_json::from_slice::<Value>(&answer.body) {
                    Ok(row) => {
                        self.rows.insert(row["id"].to_string(), row);
                    }
                    Err(_) => self.rows.clone_from(rows),
                }
            }
            204 if *method == Method::DELETE => {
                let id = path.rsplit('/').next().unwrap_or_default();
                // `007` is 7 as well.
                let before = self.rows.len();
                self.rows.retain(|known, _| id.trim_start_matches(['0', '+']) != known);
                if self.rows.len() == before {
                    self.rows.clone_from(rows);
                }
            }
            _ => {}
        }
        assert_eq!(&self.rows, rows, "the rows are not what the answers said");
    }
}

fn get(target: &str) -> Request {
    let mut request = Request::new(Method::GET, target).expect("it is a target");
    request.headers.insert("host", HeaderValue::from_static("127.0.0.1:4010"));
    request
}

/// A request line, fields, and behind an empty line the body.
fn request(text: &[u8]) -> Option<Request> {
    let head_end = text.windows(2).position(|pair| pair == b"\n\n").unwrap_or(text.len());
    let (head, body) = text.split_at(head_end);
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::new(method.parse().ok()?, target).ok()?;
    if !target.starts_with('/') {
        return None;
    }
    request.headers.insert("host", HeaderValue::from_static("127.0.0.1:4010"));
    for line in lines {
        let (name, value) = line.split_once(": ")?;
        let name: HeaderName = name.parse().ok()?;
        request.headers.append(name, HeaderValue::from_str(value).ok()?);
    }
    request.body = Bytes::copy_from_slice(body.strip_prefix(b"\n\n").unwrap_or_default());
    Some(request)
}
