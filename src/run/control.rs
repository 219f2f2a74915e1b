//! The control plane of the mock, for one session of it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::client::{Client, Failure, Patience, Request, Response};
use super::request::{encode, request};
use super::url::Url;
use crate::clock::parse_timestamp;
use crate::exchange::CONTROL_PATH;
use crate::value::{Map, Value};
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// A session's control plane.
#[derive(Debug, Clone)]
pub(super) struct Control {
    client: Client,
    /// With the session, without a slash at the end.
    base: Url,
    vendor: Arc<str>,
}

/// A call and what came back.
pub(super) struct Called {
    pub(super) request: Request,
    pub(super) response: Result<Response, Failure>,
}

impl Control {
    pub(super) fn new(client: Client, base: Url, vendor: Arc<str>) -> Self {
        Self { client, base, vendor }
    }

    /// The URL of the session, without a slash at the end.
    pub(super) fn session(&self) -> &Url {
        &self.base
    }

    /// Whether a request goes to it, as one for a link of the outbox does.
    pub(super) fn is_asked(&self, request: &Request) -> bool {
        let path = request.target.strip_prefix(&*self.base.target);
        request.origin == self.base.origin
            && path.is_some_and(|path| path.starts_with(&format!("{CONTROL_PATH}/")))
    }

    pub(super) fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        patience: Patience<'_>,
    ) -> Called {
        let mut bytes = Vec::new();
        let mut headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        if let Some(body) = body {
            // A tree always has a form in JSON.
            Json.encode(body, &mut bytes).ok();
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let target = format!("{}{CONTROL_PATH}/{path}", self.base.target);
        let origin = self.base.origin.clone();
        let shown = request(origin, method.to_owned(), target, headers, bytes);
        let mut sent = shown.clone();
        if let Some(token) = self.client.token() {
            sent.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        let response = self.client.send(&sent, patience);
        // The token is nobody's to read.
        Called { request: shown, response }
    }

    pub(super) fn outbox(&self, patience: Patience<'_>) -> Called {
        self.call("GET", &format!("outbox/{}", encode(&self.vendor)), None, patience)
    }

    /// The journal, of this vendor and narrowed by more parameters.
    pub(super) fn requests(
        &self,
        narrowed: &[(&'static str, String)],
        patience: Patience<'_>,
    ) -> Called {
        let mut path = format!("requests?vendor={}", encode(&self.vendor));
        for (name, value) in narrowed {
            // Writing to a string cannot fail.
            _ = write!(path, "&{name}={}", encode(value));
        }
        self.call("GET", &path, None, patience)
    }

    pub(super) fn rows(&self, collection: &str, patience: Patience<'_>) -> Called {
        let path = format!("state/{}/{}", encode(&self.vendor), encode(collection));
        self.call("GET", &path, None, patience)
    }

    pub(super) fn replace(&self, collection: &str, rows: &Value, patience: Patience<'_>) -> Called {
        let path = format!("state/{}/{}", encode(&self.vendor), encode(collection));
        self.call("PUT", &path, Some(rows), patience)
    }

    pub(super) fn settings(&self, settings: Map, patience: Patience<'_>) -> Called {
        let path = format!("state/{}/settings", encode(&self.vendor));
        self.call("PUT", &path, Some(&Value::map(settings)), patience)
    }

    /// Takes back all from a request of the journal on.
    pub(super) fn rewind(&self, before: Value, patience: Patience<'_>) -> Called {
        let mut body = Map::new();
        body.push("before".into(), before);
        self.call("POST", "rewind", Some(&Value::map(body)), patience)
    }

    /// Asks for faults of this vendor, in place of those that were asked for before.
    pub(super) fn faults(&self, faults: &Value, patience: Patience<'_>) -> Called {
        let named = |fault: &Value| match fault {
            Value::Map(members) => {
                let mut members = Map::clone(members);
                members.insert("vendor", Value::Text(self.vendor.clone()));
                Value::map(members)
            }
            other => other.clone(),
        };
        let faults = match faults {
            Value::List(faults) => Value::list(faults.iter().map(named).collect()),
            other => other.clone(),
        };
        self.call("PUT", "faults", Some(&faults), patience)
    }

    /// Begins the session anew, with values that are generated from that seed.
    pub(super) fn seed(&self, seed: u64, patience: Patience<'_>) -> Called {
        self.call("POST", &format!("reset?seed={seed}"), None, patience)
    }

    pub(super) fn set_clock(&self, now: jiff::Timestamp, patience: Patience<'_>) -> Called {
        let mut body = Map::new();
        body.push("now".into(), now.to_string().into());
        body.push("frozen".into(), Value::Bool(true));
        self.call("PUT", "clock", Some(&Value::map(body)), patience)
    }

    pub(super) fn advance(&self, by: Duration, patience: Patience<'_>) -> Called {
        let by = jiff::SignedDuration::try_from(by).unwrap_or(jiff::SignedDuration::MAX);
        let mut body = Map::new();
        body.push("by".into(), by.to_string().into());
        self.call("POST", "clock/advance", Some(&Value::map(body)), patience)
    }

    /// The names of the transitions that the session's requests have made.
    pub(super) fn transitions(&self, patience: Patience<'_>) -> Result<Vec<Arc<str>>, String> {
        self.names("transitions", patience)
    }

    /// The ids of the statements of which the session's requests came to a rule.
    pub(super) fn statements(&self, patience: Patience<'_>) -> Result<Vec<Arc<str>>, String> {
        self.names("statements", patience)
    }

    fn names(&self, what: &str, patience: Patience<'_>) -> Result<Vec<Arc<str>>, String> {
        let path = format!("{what}/{}", encode(&self.vendor));
        let response =
            self.call("GET", &path, None, patience).response.map_err(|f| f.kind.to_string())?;
        if let Some(refused) = refusal(&response) {
            return Err(refused);
        }
        let body = Json.decode(&response.body, &Limits::default()).ok();
        let names = body.as_ref().and_then(|body| body.value.as_list());
        let names = names.ok_or_else(|| format!("the mock's {what} are not a list"))?;
        Ok(names.iter().filter_map(Value::scalar_text).collect())
    }

    /// What time it is in the session.
    pub(super) fn now(&self, patience: Patience<'_>) -> Result<jiff::Timestamp, String> {
        let called = self.call("GET", "clock", None, patience);
        let response =
            called.response.map_err(|failure| format!("the mock's clock: {}", failure.kind))?;
        let body = Json.decode(&response.body, &Limits::default());
        let now = body.ok().and_then(|body| parse_timestamp(body.value.get("now")?.as_str()?));
        now.ok_or_else(|| format!("the mock's clock answered with {}", response.status))
    }
}

/// What a refused call says: the detail of the problem document, or the status.
pub(super) fn refusal(response: &Response) -> Option<String> {
    if (200..300).contains(&response.status) {
        return None;
    }
    let body = Json.decode(&response.body, &Limits::default()).ok();
    let member = |name: &str| Some(body.as_ref()?.value.get(name)?.to_string());
    let detail = member("detail").or_else(|| member("title"));
    let violations = member("violations");
    let said = match (detail, violations) {
        (Some(detail), Some(violations)) => format!("{detail}: {violations}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return Some(format!("the mock answered with {}", response.status)),
    };
    Some(said)
}
