//! What went over the wire: a request that each operation takes, and one for each error it gives.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Maker, NotReady};
use crate::model::{ErrorId, OperationId, Service};
use crate::plan::Plan;
use crate::run::event::{
    ReceivedResponse, SentRequest, StepKind, StepResult, TrialResult, Verdict,
};

/// 2026-01-01T00:00:00Z: times in answers are the same whenever they are made.
const CLOCK: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A request with its answer, as who asks the vendor itself would see them.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The operation.
    pub operation: OperationId,
    /// How it was reached, where not by the first binding.
    pub binding: Option<String>,
    /// Whether it was refused.
    pub refused: bool,
    /// The error that it was refused with, if that has a name.
    pub error: Option<ErrorId>,
    /// What was sent.
    pub request: SentRequest,
    /// What came back.
    pub response: ReceivedResponse,
}

/// So many requests are tried that are refused with an error.
const MOST: u32 = 8;

/// Headers that are about the connection, or about the mock.
const ASIDE: [&str; 8] = [
    "host",
    "user-agent",
    "connection",
    "accept-encoding",
    "content-length",
    "transfer-encoding",
    "date",
    "keep-alive",
];

/// The exchanges of a vendor, in the order of the scenarios that `generate` makes of its spec.
pub fn exchanges(plan: &Arc<Plan>) -> Result<Vec<Exchange>, NotReady> {
    let (mut maker, mut all) = Maker::make(plan, Some(CLOCK))?;
    // Of hundreds of values that are refused alike, a few show how: none may be as it is foretold.
    let mut refused = vec![0; plan.service.errors.len()];
    all.retain(|written| match written.outcome.error.and_then(|id| refused.get_mut(id.0)) {
        Some(count) => {
            *count += 1;
            *count <= MOST
        }
        None => !written.outcome.refused,
    });
    let kept = maker.kept(all);
    let mut found = Vec::new();
    for (written, results) in kept.iter().filter(|(written, _)| written.raw.is_none()) {
        let passed = |result: &&TrialResult| result.verdict != Verdict::Failed;
        let Some(result) = results.iter().find(passed) else { continue };
        let asks = |step: &&StepResult| step.kind == StepKind::Vendor && step.request.is_some();
        let step = result.steps.iter().rev().find(asks);
        let Some((request, response)) =
            step.and_then(|step| step.request.clone().zip(step.response.clone()))
        else {
            continue;
        };
        let (request, response) = at_home(&plan.service, request, response);
        found.push(Exchange {
            operation: written.base.sent.operation,
            binding: written.base.sent.binding.clone(),
            refused: written.outcome.refused,
            error: written.outcome.error,
            request,
            response,
        });
    }
    Ok(found)
}

/// The same at the vendor's own address, without what only this connection and the mock have.
fn at_home(
    service: &Service,
    mut request: SentRequest,
    mut response: ReceivedResponse,
) -> (SentRequest, ReceivedResponse) {
    let own = |(name, _): &(String, String)| {
        let name = name.to_lowercase();
        !ASIDE.contains(&&*name) && !name.starts_with(crate::exchange::OWN_HEADERS)
    };
    request.headers.retain(own);
    response.headers.retain(own);
    let vendor = format!("/{}", service.vendor);
    let Some(end) = mock_base(&request.url, &vendor) else { return (request, response) };
    let (base, rest) = request.url.split_at(end);
    let (base, home) = (base.to_owned(), home(service));
    request.url = format!("{home}{rest}");
    for (_, value) in &mut response.headers {
        *value = value.replace(&base, &home);
    }
    for body in [&mut request.body, &mut response.body] {
        if let Ok(text) = std::str::from_utf8(body)
            && text.contains(&base)
        {
            *body = text.replace(&base, &home).into_bytes();
        }
    }
    (request, response)
}

/// Where in a URL the vendor's own path begins, behind the mock's origin, session and vendor.
fn mock_base(url: &str, vendor: &str) -> Option<usize> {
    let session = url.find("/@")?;
    let rest = url.get(session + 1..)?;
    let end = session + 1 + rest.find('/')?;
    url.get(end..)?.starts_with(vendor).then_some(end + vendor.len())
}

/// The first server, without its path.
fn home(service: &Service) -> String {
    let Some(server) = service.servers.first() else { return String::new() };
    let url = server.address();
    url.strip_suffix(&*server.base_path).unwrap_or(&url).to_owned()
}
