//! Answers that wait until what they tell of is on the disk.

use http::header::RETRY_AFTER;
use http::uri::PathAndQuery;
use http::{HeaderValue, StatusCode};

use super::reply::Refused;
use super::{below, split};
use crate::exchange::{Answer, Wait};
use crate::ledger::{self, Failure, Outcome};
use crate::mock::Mock;

/// Answers a request; where its session is written down, the answer waits for all of the state
/// that it has seen or made.
pub(super) fn answered<E>(
    mock: &Mock,
    target: &PathAndQuery,
    answer: impl FnOnce() -> Result<Answer, E>,
) -> Result<Answer, E> {
    let Some(ledger) = mock.sessions().ledger() else { return answer() };
    ledger::begin();
    let mut answer = answer()?;
    let asked = split(target.path()).ok().and_then(|(_, path)| below(path));
    // These say how it goes, also when nothing can be kept.
    if matches!(asked, Some("health" | "live" | "ready" | "metrics")) {
        return Ok(answer);
    }
    if let Some(kept) = ledger.kept(ledger::seen()) {
        let wait = answer.wait.take();
        answer.wait = Some(Wait::new(async move {
            if let Err(failure) = kept.wait().await {
                return Some(not_kept(&failure));
            }
            // Somebody else may have been asked.
            wait?.over().await
        }));
    }
    Ok(answer)
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
