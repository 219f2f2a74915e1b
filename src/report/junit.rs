//! `JUnit` XML as Jenkins, GitLab and others read it, with flaky trials as Maven Surefire has them.

use std::borrow::Cow;

use quick_junit::{
    NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestRerun, TestSuite,
};

use super::terminal::steps_text;
use super::{RunReport, vendors};
use crate::run::event::{StepResult, TrialResult, Verdict};

/// The whole document: a suite for each vendor, a case for each trial, the file as the class.
pub fn junit(run: &RunReport<'_>) -> Result<String, SerializeError> {
    let mut report = Report::new("counterpart");
    report.timestamp = run.started.to_string().parse().ok();
    report.set_time(run.duration);
    for vendor in vendors(run.trials) {
        let mut suite = TestSuite::new(vendor);
        suite.timestamp = report.timestamp;
        let trials = || run.trials.iter().filter(|trial| &*trial.vendor == vendor);
        suite.set_time(trials().map(|trial| trial.duration).sum());
        suite.add_test_cases(trials().map(case));
        report.add_test_suite(suite);
    }
    report.to_string()
}

/// A row is a case of its own.
fn case_name(trial: &TrialResult) -> Cow<'_, str> {
    match &trial.row {
        Some(row) => Cow::Owned(format!("{} [{row}]", trial.scenario)),
        None => Cow::Borrowed(&trial.scenario),
    }
}

fn case(trial: &TrialResult) -> TestCase {
    let mut case = TestCase::new(&*case_name(trial), status(trial));
    case.set_classname(&*trial.suite);
    case.set_time(trial.duration);
    let (line, _) = trial.span.line_column();
    case.extra.insert("file".into(), trial.span.source.path.to_string_lossy().as_ref().into());
    case.extra.insert("line".into(), line.to_string().into());
    case.add_property(("target", &*trial.target));
    if !trial.covers.is_empty() {
        case.add_property(("covers", &*trial.covers.join(" ")));
    }
    if !trial.tags.is_empty() {
        case.add_property(("tags", &*trial.tags.join(" ")));
    }
    case
}

fn status(trial: &TrialResult) -> TestCaseStatus {
    match trial.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Flaky => {
            let mut status = TestCaseStatus::success();
            status.add_reruns(reruns(trial));
            status
        }
        Verdict::Skipped => {
            let mut status = TestCaseStatus::skipped();
            if let Some(reason) = &trial.reason {
                status.set_message(reason.as_str());
            }
            status
        }
        Verdict::Failed => {
            let (kind, message) = first_mismatch(trial, &trial.steps);
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(kind).set_message(message);
            status.set_description(steps_text(trial, &trial.steps, false));
            status.add_reruns(reruns(trial));
            status
        }
    }
}

/// The tries before the last one; those of which nothing is known are there all the same.
fn reruns(trial: &TrialResult) -> Vec<TestRerun> {
    let before = usize::try_from(trial.tries.saturating_sub(1)).unwrap_or(0);
    let unknown = before.saturating_sub(trial.earlier.len());
    let known = trial.earlier.iter().map(|steps| {
        let (kind, message) = first_mismatch(trial, steps);
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        rerun.set_type(kind).set_message(message);
        rerun.set_description(steps_text(trial, steps, false));
        rerun
    });
    let failed = || {
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        // Readers that go by a schema insist on a type.
        rerun.set_type("failed").set_message("an earlier try failed");
        rerun
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
