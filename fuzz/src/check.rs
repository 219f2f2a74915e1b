//! Both loaders: whatever stands in a file, each mistake has a place in it and can be drawn.

use std::sync::{Arc, LazyLock};

use counterpart::unstable::check::check_sources;
use counterpart::unstable::check::scenario::{Options, check_source};
use counterpart::unstable::model::Service;
use counterpart::unstable::plan;
use counterpart::unstable::report::snippet::render;
use counterpart::{Diagnostic, Severity, Source};

use crate::text;

const VENDOR: &str = include_str!("../engine.yaml");

static SERVICE: LazyLock<Arc<Service>> = LazyLock::new(|| {
    let checked = check_sources(&[Source::new("engine.yaml", VENDOR)]);
    Arc::new(checked.expect("the spec has no mistakes").service)
});

/// A spec that has no mistakes can be compiled.
pub(crate) fn spec(input: &[u8]) {
    match check_sources(&[Source::new("spec.yaml", text(input))]) {
        Ok(checked) => {
            drawn(&checked.warnings);
            if let Err(mistakes) = plan::compile(Arc::new(checked.service)) {
                drawn(std::slice::from_ref(&mistakes));
            }
        }
        Err(mistakes) => told(&mistakes),
    }
}

pub(crate) fn scenario(input: &[u8]) {
    match check_source(&Source::new("scenario.yaml", text(input)), &SERVICE, Options::CHECK) {
        Ok(checked) => drawn(&checked.warnings),
        Err(mistakes) => told(&mistakes),
    }
}

/// There is one, and all can be drawn.
fn told(mistakes: &[Diagnostic]) {
    assert!(mistakes.iter().any(|told| told.severity == Severity::Error), "refused without a word");
    drawn(mistakes);
}

fn drawn(diagnostics: &[Diagnostic]) {
    for told in diagnostics {
        assert!(told.primary.is_some(), "no place: {}", told.message);
        assert!(!told.message.is_empty());
    }
    for (at, told) in diagnostics.iter().enumerate() {
        let place = |told: &Diagnostic| {
            let span = &told.primary.as_ref().expect("a place").span;
            (span.start, span.end)
        };
        let again = diagnostics[..at]
            .iter()
            .find(|before| before.message == told.message && place(before) == place(told));
        assert!(again.is_none(), "told twice: {}", told.message);
    }
    if !diagnostics.is_empty() {
        assert!(!render(diagnostics, false).is_empty());
    }
}
