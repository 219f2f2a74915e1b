//! A row that a step creates, with the request that deletes it.

use super::outcome::Outcome;
use super::request::Sent;
use crate::model::{Route, Service};

/// A row that a step creates.
#[derive(Debug, Clone)]
pub(super) struct Created {
    /// The position of the step.
    pub step: usize,
    /// What names the row is captured as that; empty: the request names it.
    pub name: String,
    /// Where in the answer it stands.
    pub path: String,
    /// The request that deletes the row, with what comes of it; none: the scenario does so itself,
    /// or nothing does.
    pub end: Option<(Sent, Outcome)>,
}

/// Whether a request is made by `DELETE`.
pub(super) fn is_delete(service: &Service, sent: &Sent) -> bool {
    let operation = service.operations.get(sent.operation.0);
    operation.is_some_and(|operation| {
        let names = operation.binding_names(&service.soap_services);
        let mut names = names.iter();
        let chosen = names.find(|(name, _)| sent.binding.as_ref().is_none_or(|own| own == name));
        let binding = chosen.and_then(|(_, chosen)| operation.bindings.get(chosen.at));
        matches!(binding.map(|one| &one.route), Some(Route::Http { method, .. }) if *method == http::Method::DELETE)
    })
}
