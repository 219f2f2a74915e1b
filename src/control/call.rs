//! A call to the control plane, with what most calls ask for.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::reply::Refused;
use super::webhooks::Callbacks;
use crate::diagnostic::did_you_mean;
use crate::exchange::Request;
use crate::mock::account::Account;
use crate::mock::session::Session;
use crate::mock::stored::{Changed, Complaint};
use crate::mock::{Mock, origin};
use crate::model::CollectionId;
use crate::plan::Plan;
use crate::value::{Map, Value};
use crate::wire::form::{Pair, decode_pairs};
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// A call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    /// The mock.
    pub mock: &'a Mock,
    /// The session that it is about.
    pub session: &'a Session,
    /// The request.
    pub request: &'a Request,
    /// The address that was called.
    pub local: SocketAddr,
    /// Where messages may go.
    pub callbacks: Callbacks,
    /// What is bounded elsewhere.
    pub limits: &'a [(&'static str, usize)],
    /// How many requests can be held, and how many are.
    pub held: [usize; 2],
    /// Whether requests to vendors are refused for want of memory.
    pub out_of_memory: bool,
    query: Vec<Pair>,
}

/// A vendor that a call is about.
#[derive(Debug)]
pub(super) struct Vendor<'a> {
    /// Its position.
    pub position: usize,
    /// What it is.
    pub plan: &'a Plan,
    session: &'a Session,
}

impl<'a> Call<'a> {
    /// Takes a request apart. Fails when its query is malformed.
    pub(super) fn new(
        mock: &'a Mock,
        session: &'a Session,
        request: &'a Request,
        local: SocketAddr,
    ) -> Result<Self, Refused> {
        let query = decode_pairs(request.query().unwrap_or_default())
            .map_err(|error| Refused::bad_request(format!("in the query: {}", error.message)))?;
        Ok(Self {
            mock,
            session,
            request,
            local,
            limits: &[],
            held: [0, 0],
            out_of_memory: false,
            callbacks: Callbacks::default(),
            query,
        })
    }

    /// With how many requests can be held, and how many are.
    pub(super) fn with_held(self, held: [usize; 2]) -> Self {
        Self { held, ..self }
    }

    /// With what is bounded elsewhere.
    pub(super) fn with_limits(self, limits: &'a [(&'static str, usize)]) -> Self {
        Self { limits, ..self }
    }

    /// With whether there is no memory for requests to vendors.
    pub(super) fn out_of_memory(self, out_of_memory: bool) -> Self {
        Self { out_of_memory, ..self }
    }

    /// With where messages may go.
    pub(super) fn with_callbacks(self, callbacks: &Callbacks) -> Self {
        Self { callbacks: callbacks.clone(), ..self }
    }

    /// Scheme, host and session prefix of the mock's own URLs.
    pub(super) fn origin(&self) -> String {
        origin(self.session, self.request, self.local)
    }

    /// Refuses parameters in the query that are not among those.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refused> {
        match self.query.iter().find(|(name, _)| !known.contains(&&**name)) {
            None => Ok(()),
            Some((name, _)) if known.is_empty() => {
                Err(Refused::bad_request(format!("this call has no parameter `{name}`")))
            }
            Some((name, _)) => {
                let detail = format!("this call has no parameter `{name}`");
                Err(Refused::bad_request(suggest(detail, name, known.iter().copied())))
            }
        }
    }

    /// A parameter in the query.
    pub(super) fn parameter(&self, wanted: &str) -> Option<&str> {
        self.query.iter().find(|(name, _)| &**name == wanted).map(|(_, value)| &**value)
    }

    /// A parameter in the query that is a whole number.
    pub(super) fn number(&self, wanted: &str) -> Result<Option<u64>, Refused> {
        let Some(text) = self.parameter(wanted) else { return Ok(None) };
        let number = text.parse().map_err(|_| {
            Refused::bad_request(format!("`{wanted}` is a whole number, not `{text}`"))
        })?;
        Ok(Some(number))
    }

    /// The vendor of that name. Fails with the nearest name when there is none.
    pub(super) fn vendor(&self, name: &str) -> Result<Vendor<'a>, Refused> {
        let position = self.mock.vendor(name);
        let found = position.and_then(|position| {
            let plan = self.mock.plans().get(position)?;
            Some(Vendor { position, plan, session: self.session })
        });
        found.ok_or_else(|| {
            let known = self.mock.plans().iter().map(|plan| &*plan.service.vendor);
            Refused::not_found(suggest(format!("there is no vendor `{name}`"), name, known))
        })
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Refused> {
        match Json.decode(&self.request.body, &Limits::default()) {
            Ok(decoded) => Ok(decoded.value),
            Err(error) => {
                let place = format!("line {}, column {}", error.place.line, error.place.column);
                let detail = format!("the body is not JSON: {place}: {}", error.message);
                Err(Refused::bad_request(detail)
                    .with("line", super::reply::count(error.place.line))
                    .with("column", super::reply::count(error.place.column)))
            }
        }
    }

    /// The body as a JSON object.
    pub(super) fn json_object(&self) -> Result<Arc<Map>, Refused> {
        match self.json()? {
            Value::Map(map) => Ok(map),
            other => Err(wrong_kind("an object", &other)),
        }
    }
}

impl Vendor<'_> {
    /// Looks at what it remembers.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Account) -> T) -> Result<T, Refused> {
        self.session.read(self.position, look).ok_or_else(|| self.gone())
    }

    /// Changes what it remembers; `change` is told the time.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Account, Timestamp) -> Changed<T>,
    ) -> Result<T, Refused> {
        let clock = self.session.clock();
        let changed = self.session.change(self.position, |account| change(account, clock.now()));
        changed.ok_or_else(|| self.gone())?.map_err(Refused::complaints)
    }

    fn gone(&self) -> Refused {
        Refused::not_found(format!("there is no vendor `{}`", self.plan.service.vendor))
    }

    /// The collection of that name. Fails with the nearest name when there is none.
    pub(super) fn collection(&self, name: &str) -> Result<CollectionId, Refused> {
        self.plan.service.collection(name).ok_or_else(|| {
            let vendor = &self.plan.service.vendor;
            let known = self.plan.collections.iter().map(|collection| &*collection.name);
            let known = known.chain(std::iter::once("settings"));
            Refused::not_found(suggest(format!("{vendor} has no collection `{name}`"), name, known))
        })
    }
}

/// A body of another kind than is asked for.
pub(super) fn wrong_kind(wanted: &str, got: &Value) -> Refused {
    let message = format!("the body must be {wanted}, not of type {}", got.kind());
    Refused::complaints(vec![Complaint { path: "".into(), message }])
}

/// A sentence with a hint at what was meant.
pub(super) fn suggest<'n>(
    sentence: String,
    typed: &str,
    known: impl IntoIterator<Item = &'n str> + Clone,
) -> String {
    match did_you_mean(typed, known) {
        Some(help) => format!("{sentence}; {help}"),
        None => sentence,
    }
}
