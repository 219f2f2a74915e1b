//! Answers that wait until what they tell of is on the disk.

use std::sync::Arc;

use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::reply::Refused;
use super::{below, split};
use crate::exchange::{Answer, Request, Wait};
use crate::ledger::{self, Failure, Ledger, Outcome};

/// Answers a request; the answer waits for all of the state that it has seen or made.
pub(super) fn answered(
    ledger: &Arc<Ledger>,
    request: Request,
    answer: impl FnOnce(Request) -> Answer,
) -> Answer {
    let target = request.target.clone();
    ledger::begin();
    let mut answer = answer(request);
    let asked = split(target.path()).ok().and_then(|(_, path)| below(path));
    // These say how it goes, also when nothing can be kept.
    if matches!(asked, Some("health" | "live" | "ready" | "metrics")) {
        return answer;
    }
    if let Some(kept) = ledger.kept(ledger::seen()) {
        answer.wait = Some(Wait::new(async move {
            let failure = kept.wait().await.err()?;
            Some(not_kept(&failure))
        }));
    }
    answer
}

fn not_kept(failure: &Failure) -> Answer {
    let said = match failure.outcome {
        Outcome::NotDone => "what the request did was rolled back",
        Outcome::Unknown => {
            "it is not known whether what the request did will be there after a restart"
        }
    };
    refusal(failure.outcome, format!("{}; {said}", failure.reason))
}

/// The answer to a request of which nothing, or nobody knows what, is kept.
pub(crate) fn refusal(outcome: Outcome, detail: String) -> Answer {
    let outcome = match outcome {
        Outcome::NotDone => "not done",
        Outcome::Unknown => "unknown",
    };
    let refused = Refused::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    let mut answer = refused.with("outcome", outcome.into()).into_answer();
    answer.headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}
