//! The differ: two bodies. One never differs from itself, and a difference is one from either side.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use counterpart::unstable::check::check_sources;
use counterpart::unstable::model::Service;
use counterpart::unstable::run::event::{
    ReceivedResponse, SentRequest, StepKind, StepResult, Transitions, TrialResult, Verdict,
};
use counterpart::unstable::run::pair::{Ignore, Known, Observed, compare};
use counterpart::{Source, Span};

use crate::parts;

static SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| {
    let checked = check_sources(&[Source::new("engine.yaml", include_str!("../engine.yaml"))]);
    Arc::new(checked.expect("the spec has no mistakes").service)
});

/// The first byte says of which media type they are.
pub(crate) fn laws(input: &[u8]) {
    let Some((kind, bodies)) = input.split_first() else { return };
    let media_type = ["application/json", "text/xml", "text/plain"][usize::from(*kind) % 3];
    let bodies = parts(bodies);
    let (left, right) = (bodies[0], bodies.get(1).copied().unwrap_or_default());
    for body in [left, right] {
        assert!(!differs(media_type, body, body), "it differs from itself");
    }
    let (one, other) = (differs(media_type, left, right), differs(media_type, right, left));
    assert_eq!(one, other, "from one side only");
}

fn differs(media_type: &str, left: &[u8], right: &[u8]) -> bool {
    let ignore = Ignore::new(&[], &[]).expect("nothing is ignored");
    compare(&SERVICE, &observed(media_type, left), &observed(media_type, right), &ignore).differs()
}

fn observed(media_type: &str, body: &[u8]) -> Observed {
    let source = Source::new("steps", " ");
    let span = Span { source, start: 0, end: 1 };
    let step = StepResult {
        expects: true,
        request: Some(SentRequest {
            method: "GET".to_owned(),
            url: "http://one/v1/".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            curl: String::new(),
            curl_note: None,
        }),
        response: Some(ReceivedResponse {
            status: 200,
            headers: vec![("Content-Type".to_owned(), media_type.to_owned())],
            body: body.to_vec(),
            duration: Duration::ZERO,
        }),
        ..StepResult::new(StepKind::Vendor, "1".to_owned(), span.clone())
    };
    let result = TrialResult {
        statements: None,
        name: "shelf/case".into(),
        suite: "shelf".into(),
        scenario: "case".into(),
        row: None,
        vendor: "shelf".into(),
        target: "one".into(),
        tags: Vec::new(),
        covers: Vec::new(),
        transitions: Transitions::NotAsked,
        verdict: Verdict::Passed,
        reason: None,
        duration: Duration::ZERO,
        tries: 1,
        steps: vec![step],
        earlier: Vec::new(),
        span,
    };
    let known = Known { own: Vec::new(), captured: Vec::new(), clock: None };
    Observed { result, known, is_endpoint: false }
}
