//! `JUnit` XML as Jenkins, GitLab and others read it, with flaky trials as Maven Surefire has them.
//!
//! The strict form has only what the schema `junit-10.xsd` of Jenkins' xUnit plugin knows.

use std::sync::Arc;
use std::time::Duration;

use super::printable::{legal_in_xml, one_line};
use super::terminal::steps_text;
use super::{RunReport, vendors};
use crate::run::event::{StepResult, TrialResult, Verdict};
use crate::value::{Map, Value};
use crate::wire::xml::{EmptyStyle, Xml};
use crate::wire::{EncodeError, Wire};

/// How much of a message stands in an attribute.
const MESSAGE: usize = 1000;

/// The whole document: a suite for each vendor, a case for each trial, the file as the class.
/// `strict` leaves out what the schema of Jenkins' xUnit plugin does not know: file, line and
/// properties of a case.
pub fn junit(run: &RunReport<'_>, strict: bool) -> Result<String, EncodeError> {
    let timestamp = run.started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut suites = Map::new();
    text(&mut suites, "@name", "counterpart");
    counts(&mut suites, run.trials.iter(), !strict);
    text(&mut suites, "@time", &seconds(run.duration));
    if !strict {
        text(&mut suites, "@timestamp", &timestamp);
    }
    let each = vendors(run.trials).into_iter().map(|vendor| {
        let trials = || run.trials.iter().filter(|trial| &*trial.vendor == vendor);
        let mut suite = Map::new();
        text(&mut suite, "@name", vendor);
        counts(&mut suite, trials(), true);
        text(&mut suite, "@timestamp", &timestamp);
        text(&mut suite, "@time", &seconds(trials().map(|trial| trial.duration).sum()));
        list(&mut suite, "testcase", trials().map(|trial| case(trial, strict)));
        Value::map(suite)
    });
    list(&mut suites, "testsuite", each);
    let mut document = Map::new();
    document.push("testsuites".into(), Value::map(suites));
    let xml = Xml { indent: Some(4), empty: EmptyStyle::SelfClosingTight, ..Xml::default() };
    let mut bytes = Vec::new();
    xml.encode(&Value::map(document), &mut bytes)?;
    bytes.push(b'\n');
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// To the millisecond, without an exponent.
fn seconds(duration: Duration) -> String {
    format!("{:.3}", duration.as_secs_f64())
}

fn text(map: &mut Map, name: &str, text: &str) {
    map.push(name.into(), legal_in_xml(text).as_ref().into());
}

fn list(map: &mut Map, name: &str, items: impl Iterator<Item = Value>) {
    map.push(name.into(), Value::list(items.collect()));
}

fn counts<'t>(map: &mut Map, trials: impl Iterator<Item = &'t TrialResult>, skipped: bool) {
    let (mut all, mut left_out, mut failed) = (0_usize, 0_usize, 0_usize);
    for trial in trials {
        all += 1;
        left_out += usize::from(trial.verdict == Verdict::Skipped);
        failed += usize::from(trial.verdict == Verdict::Failed);
    }
    text(map, "@tests", &all.to_string());
    if skipped {
        text(map, "@skipped", &left_out.to_string());
    }
    text(map, "@errors", "0");
    text(map, "@failures", &failed.to_string());
}

fn case(trial: &TrialResult, strict: bool) -> Value {
    let mut case = Map::new();
    match &trial.row {
        // A row is a case of its own.
        Some(row) => text(&mut case, "@name", &format!("{} [{row}]", trial.scenario)),
        None => text(&mut case, "@name", &trial.scenario),
    }
    text(&mut case, "@classname", &trial.suite);
    text(&mut case, "@time", &seconds(trial.duration));
    if !strict {
        let (line, _) = trial.span.line_column();
        text(&mut case, "@file", &trial.span.source.path.to_string_lossy());
        text(&mut case, "@line", &line.to_string());
        case.push("properties".into(), properties(trial));
    }
    let known = super::known(std::slice::from_ref(trial));
    let known: Vec<String> =
        known.into_iter().map(|(told, _)| format!("known deviation: {told}")).collect();
    match trial.verdict {
        Verdict::Passed => {}
        Verdict::Flaky => list(&mut case, "flakyFailure", reruns(trial).into_iter()),
        Verdict::Skipped => {
            let mut skipped = Map::new();
            if let Some(reason) = &trial.reason {
                text(&mut skipped, "@message", reason);
            }
            case.push("skipped".into(), Value::map(skipped));
        }
        Verdict::Failed => {
            case.push("failure".into(), failure(trial, &trial.steps));
            list(&mut case, "rerunFailure", reruns(trial).into_iter());
        }
    }
    let left_out = trial.left_out().map(|left_out| format!("skipped in part: {left_out}"));
    let told: Vec<String> = known.into_iter().chain(left_out).collect();
    if !told.is_empty() {
        text(&mut case, "system-out", &told.join("\n"));
    }
    Value::map(case)
}

fn properties(trial: &TrialResult) -> Value {
    let joined = |words: &[Arc<str>]| words.join(" ");
    let all = [
        ("target", trial.target.to_string()),
        ("covers", joined(&trial.covers)),
        ("tags", joined(&trial.tags)),
    ];
    let given = all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
        let mut property = Map::new();
        text(&mut property, "@name", name);
        text(&mut property, "@value", &value);
        Value::map(property)
    });
    let mut properties = Map::new();
    list(&mut properties, "property", given);
    Value::map(properties)
}

fn failure(trial: &TrialResult, steps: &[StepResult]) -> Value {
    let (kind, message) = first_mismatch(trial, steps);
    let mut failure = Map::new();
    text(&mut failure, "@message", &one_line(&message, MESSAGE));
    text(&mut failure, "@type", kind);
    text(&mut failure, "#text", &steps_text(trial, steps, false));
    Value::map(failure)
}

/// The tries before the last one; those of which nothing is known are there all the same.
fn reruns(trial: &TrialResult) -> Vec<Value> {
    let before = usize::try_from(trial.tries.saturating_sub(1)).unwrap_or(0);
    let unknown = before.saturating_sub(trial.earlier.len());
    let known = trial.earlier.iter().map(|steps| failure(trial, steps));
    let failed = || {
        let mut rerun = Map::new();
        text(&mut rerun, "@message", "an earlier try failed");
        // Readers that go by a schema insist on a type.
        text(&mut rerun, "@type", "failed");
        Value::map(rerun)
    };
    known.chain(std::iter::repeat_with(failed).take(unknown)).collect()
}

/// The kind and the message of the first thing that is wrong, and how many more there are.
fn first_mismatch(trial: &TrialResult, steps: &[StepResult]) -> (&'static str, String) {
    let mut mismatches = steps.iter().flat_map(|step| &step.mismatches);
    let Some(first) = mismatches.next() else {
        return ("failed", trial.reason.clone().unwrap_or_else(|| "failed".to_owned()));
    };
    let message = match mismatches.count() {
        0 => first.message.clone(),
        more => format!("{} (and {more} more)", first.message),
    };
    (first.kind.name(), message)
}
