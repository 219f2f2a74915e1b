//! Specs compiled for serving: immutable, shared, with nothing left to parse at request time.
//!
//! [`compile`] makes a [`Plan`] of a checked [`Service`]: variables have slots, look-ups have
//! indexes, failures have tables, patterns are compiled, routes are in a tree.

mod compiler;
mod description;
pub mod failure;
mod generation;
pub mod indexes;
pub mod names;
pub mod operation;
pub mod refusals;
pub mod route;
pub mod schema;
pub mod security;
pub mod state;
pub mod step;
pub mod value;
pub mod wire;

use std::sync::Arc;

use regex_lite::Regex;

use crate::diagnostic::Diagnostic;
use crate::exchange::Spelling;
use crate::model::media_type::closeness;
use crate::model::{
    Disturbance, ErrorAnswer, Failure, Foldable, Folder as _, MediaTypeId, Origins, Rule, RuleId,
    Service, Setting, Transition, transitions,
};
use crate::state::Layout;
use compiler::Compiler;
use failure::FailureTable;
use indexes::Indexes;
use names::Names;
use operation::{Operation, SoapService};
use route::Router;
use schema::Schema;
use security::{Idempotency, RateLimit, SecurityScheme};
use step::Header;
use value::{Compiled, Text};
use wire::MediaType;

/// A vendor, ready to answer.
#[derive(Debug)]
pub struct Plan {
    /// What it was compiled from; for explanations and the control plane.
    pub service: Arc<Service>,
    /// The variables.
    pub names: Names,
    /// The base URLs.
    pub servers: Vec<Server>,
    /// From paths to operations.
    pub router: Router,
    /// Headers of every answer.
    pub response_headers: Vec<Header>,
    /// How the vendor spells the names of headers where an answer has no spelling of its own.
    pub spelling: Arc<Spelling>,
    /// Media types, by position.
    pub media_types: Vec<MediaType>,
    /// Errors, by position.
    pub errors: Vec<ErrorAnswer<Compiled>>,
    /// What the vendor gives for failures outside of operations.
    pub failures: FailureTable,
    /// Texts of `error.message`, by position of the failure.
    pub messages: Vec<Option<Text>>,
    /// Settings.
    pub settings: Vec<Setting<Compiled>>,
    /// Collections, by position.
    pub collections: Vec<state::Collection>,
    /// The schemas that contain themselves.
    pub recursive: Vec<Schema>,
    /// What the store has to hold.
    pub layout: Arc<Layout>,
    /// Security schemes, by position.
    pub security_schemes: Vec<SecurityScheme>,
    /// How many requests are allowed.
    pub rate_limits: Vec<RateLimit>,
    /// Which origins may read answers, where the settings say it.
    pub origins: Option<value::Expression>,
    /// Which requests may be sent again.
    pub idempotency: Option<Idempotency>,
    /// SOAP services, by position.
    pub soap_services: Vec<SoapService>,
    /// Operations, by position.
    pub operations: Vec<Operation>,
    /// What may befall requests to each operation, by position; none where nothing befalls any.
    pub disturbances: Vec<Vec<Disturbance>>,
    /// What names each rule in a header, by position: `vendor/statement`, or `vendor/rule`.
    pub rule_names: Vec<http::HeaderValue>,
    /// The steps that change the state.
    pub transitions: Vec<Transition>,
}

impl Plan {
    /// The media types of answers outside of operations: those of the first operation that has
    /// any, which are the vendor's unless it has its own.
    pub fn produces(&self) -> &[MediaTypeId] {
        let mut all = self.operations.iter().map(|operation| &*operation.produces);
        all.find(|produces| !produces.is_empty()).unwrap_or_default()
    }

    /// The one of some media types that is closest to what a body is said to be: itself before
    /// `image/*`, and that before `*/*`.
    pub fn closest<'i>(&self, ids: &'i [MediaTypeId], name: &str) -> Option<&'i MediaTypeId> {
        let close = |id: &&MediaTypeId| closeness(&self.media_types.get(id.0)?.name, name);
        let mut best = None;
        for id in ids {
            let found = close(&id);
            if found > best.and_then(|(closeness, _)| closeness) {
                best = Some((found, id));
            }
        }
        best.map(|(_, id)| id)
    }

    /// Whether a rule implements a statement of the vendor's document.
    pub fn is_backed(&self, rule: RuleId) -> bool {
        self.service.is_backed(rule)
    }
}

/// A base URL.
#[derive(Debug)]
pub struct Server {
    /// Fits the `Host` in lower case, without port.
    pub host: Option<Regex>,
    /// The path, without a slash at the end.
    pub base_path: Arc<str>,
}

/// Compiles a checked spec.
///
/// What can still go wrong is what only the libraries underneath can tell: a host or a route
/// that they refuse. It is reported without a place.
pub fn compile(service: Arc<Service>) -> Result<Plan, Box<Diagnostic>> {
    let refused = |message: String| {
        let message = format!("{}: {message}", service.vendor);
        Box::new(Diagnostic::without_place("not-compiled", message))
    };
    let shapes = state::shapes(&service);
    let names = Names::gather(&service, &shapes);
    let indexes = Indexes::of_unique(&service, &shapes);
    let mut compiler = Compiler { names: &names, indexes };
    let mut sequences = state::Sequences::default();
    let collections = state::compile(&service, &shapes, &mut compiler, &mut sequences);
    let recursive = service.recursive.fold(&mut compiler);
    let settings = service.settings.fold(&mut compiler);
    let operations = service.operations.iter();
    let operations = operations.map(|o| Operation::compile(o, &service, &mut compiler));
    let operations = operations.collect();
    let security_schemes = service
        .security_schemes
        .iter()
        .map(|scheme| SecurityScheme::compile(scheme, &mut compiler))
        .collect();
    let mut servers = Vec::with_capacity(service.servers.len());
    for server in &service.servers {
        let host = match &server.host {
            Some(host) => Some(Regex::new(host).map_err(|error| refused(error.to_string()))?),
            None => None,
        };
        servers.push(Server { host, base_path: server.base_path.clone() });
    }
    Ok(Plan {
        servers,
        router: Router::compile(&service).map_err(refused)?,
        response_headers: service.response_headers.fold(&mut compiler),
        spelling: Arc::new(Spelling::new(
            service.response_headers.iter().map(|header| &header.written),
        )),
        media_types: service.media_types.iter().map(wire::compile).collect(),
        errors: service.errors.fold(&mut compiler),
        failures: FailureTable::compile(&[&service.failures]),
        messages: Failure::all()
            .map(|failure| {
                let entry = service.messages.iter().find(|(known, _)| *known == failure);
                entry.map(|(_, text)| text.fold(&mut compiler))
            })
            .collect(),
        settings,
        collections,
        recursive,
        security_schemes,
        rate_limits: service.rate_limits.fold(&mut compiler),
        origins: match service.cors.as_ref().map(|cors| &cors.origins) {
            Some(Origins::Given(expression)) => Some(compiler.expression(expression)),
            _ => None,
        },
        idempotency: service.idempotency.fold(&mut compiler),
        soap_services: SoapService::compile_all(&service),
        operations,
        layout: compiler.indexes.layout(&service, sequences.firsts()),
        rule_names: service.rules.iter().map(|rule| rule_name(&service, rule)).collect(),
        transitions: transitions(&service),
        disturbances: disturbances(&service),
        names,
        service,
    })
}

fn rule_name(service: &Service, rule: &Rule) -> http::HeaderValue {
    let statement = rule.statements.first().and_then(|at| service.statements.get(*at));
    let name = statement.map_or(&rule.name, |statement| &statement.id);
    http::HeaderValue::from_str(&format!("{}/{name}", service.vendor))
        .unwrap_or_else(|_| http::HeaderValue::from_static("unnamed"))
}

/// What may befall requests to each operation; nothing where nothing befalls any.
fn disturbances(service: &Service) -> Vec<Vec<Disturbance>> {
    match service.is_disturbed() {
        true => service.operations.iter().map(|one| one.disturbances.list()).collect(),
        false => Vec::new(),
    }
}
