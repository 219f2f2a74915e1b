//! What a terminal shows: a failed trial as a compiler error, and a summary at the end.

use std::fmt::Write as _;
use std::time::Duration;

use super::cause::by_cause;
use super::printable::{body, one_line, printable};
use super::style::Paint;
use super::{count, diff, elapsed::elapsed, snippet};
use crate::diagnostic::{Diagnostic, Label};
use crate::exchange::RULE_HEADER;
use crate::run::event::{
    Mismatch, MismatchKind, ReceivedResponse, StepResult, TrialResult, Verdict,
};

/// How much of a value stands in a line.
const VALUE: usize = 80;

/// How many lines of an answer are shown when there is no difference to show.
const BODY_LINES: usize = 12;

/// From here on a trial is worth a place among the slowest.
const SLOW: Duration = Duration::from_secs(1);

/// How many names a list in the summary has.
const NAMES: usize = 5;

/// What is wrong with a failed trial: for each failed step its mismatches at the lines of the
/// scenario, the difference, and the command that repeats it. `styled` adds ANSI colours. Ends
/// with a line feed.
pub fn failure_text(trial: &TrialResult, styled: bool) -> String {
    steps_text(trial, &trial.steps, styled)
}

/// The same of other steps of the trial, such as those of an earlier try.
pub(super) fn steps_text(trial: &TrialResult, steps: &[StepResult], styled: bool) -> String {
    let paint = Paint { styled };
    let mut text = String::new();
    for step in steps.iter().filter(|step| step.verdict == Verdict::Failed) {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&step_text(trial, step, paint));
    }
    if text.is_empty() {
        text = format!("{} {}\n", paint.bad("FAIL"), paint.bold(&printable(&trial.name)));
        if let Some(reason) = &trial.reason {
            let _ = writeln!(text, "  {}", printable(reason));
        }
        let _ = writeln!(text, "  {}", paint.dim(&format!("at {}", trial.span)));
    }
    text
}

/// A trial with each of its steps, in a line each.
pub(super) fn passing_text(trial: &TrialResult, styled: bool) -> String {
    let paint = Paint { styled };
    let word = |verdict: Verdict| match verdict {
        Verdict::Passed | Verdict::Flaky => paint.good(verdict.name()),
        Verdict::Failed => paint.bad(verdict.name()),
        Verdict::Skipped => paint.dim(verdict.name()),
    };
    let mut text = format!("{} {}\n", word(trial.verdict), printable(&trial.name));
    for step in &trial.steps {
        let name = format!("{}{}", step.stage.prefix(), printable(&step.name));
        let asked =
            step.request.as_ref().map(|sent| printable(&format!("{} {}", sent.method, sent.url)));
        let status = step.response.as_ref().map(|came| came.status.to_string());
        let reason = step.reason.as_deref().map(printable);
        let took = step.request.is_some().then(|| elapsed(step.duration));
        let more: Vec<String> = [asked, status, took, reason].into_iter().flatten().collect();
        let more = paint.dim(&more.join(", "));
        let _ = writeln!(text, "    {} {name}  {more}", word(step.verdict));
    }
    text
}

fn step_text(trial: &TrialResult, step: &StepResult, paint: Paint) -> String {
    let status = match &step.response {
        Some(response) => format!("{}, {}", response.status, elapsed(step.duration)),
        None => elapsed(step.duration),
    };
    let stage = step.stage.prefix();
    let mut text = format!(
        "{} {} {} {stage}{} {}\n",
        paint.bad("FAIL"),
        paint.bold(&printable(&trial.name)),
        paint.dim(">"),
        printable(&step.name),
        paint.dim(&format!("({status})")),
    );
    if let Some(reason) = &step.reason {
        let _ = writeln!(text, "  {}", printable(reason));
    }
    text.push('\n');
    text.push_str(&snippet::render(&diagnostics(&step.mismatches), paint.styled));
    if let Some(difference) = &step.difference {
        let _ = writeln!(
            text,
            "\n{}  {}  {}",
            paint.dim("the answer:"),
            paint.expected("- expected", false),
            paint.actual("+ actual", false)
        );
        text.push_str(&diff::text(difference, paint.styled));
    } else if let Some(response) = step.response.as_ref().filter(|r| !r.body.is_empty()) {
        let _ = writeln!(text, "\n{}", paint.dim("the answer:"));
        text.push_str(&indent(&body(&response.body, BODY_LINES)));
    }
    let ids = if *trial.target == *"mock" { Vec::new() } else { step.difference_ids() };
    if !ids.is_empty() {
        let told = format!("for `counterpart-test bless`: {}", ids.join(" "));
        let _ = writeln!(text, "\n{}", paint.dim(&told));
    }
    if let Some(rule) = step.response.as_ref().and_then(rule) {
        let _ = writeln!(text, "\n{}", paint.dim(&format!("decided by the rule {rule}")));
    }
    if let Some(request) = &step.request {
        let note = request.curl_note.as_ref().map(|note| format!("{note}:\n")).unwrap_or_default();
        let _ = writeln!(text, "\n{}", paint.dim(&format!("{note}{}", printable(&request.curl))));
    }
    text
}

/// The rule that the mock says decided.
fn rule(response: &ReceivedResponse) -> Option<String> {
    let named = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(RULE_HEADER.as_str());
    response.headers.iter().find(named).map(|(_, value)| printable(value))
}

fn indent(text: &str) -> String {
    let mut indented = String::new();
    for line in text.lines() {
        let _ = writeln!(indented, "  {line}");
    }
    indented
}

/// A diagnostic for each kind of mismatch; those of one kind share the excerpt.
fn diagnostics(mismatches: &[Mismatch]) -> Vec<Diagnostic> {
    let mut kinds: Vec<(MismatchKind, Vec<&Mismatch>)> = Vec::new();
    for mismatch in mismatches {
        match kinds.iter_mut().find(|(kind, _)| *kind == mismatch.kind) {
            Some((_, same)) => same.push(mismatch),
            None => kinds.push((mismatch.kind, vec![mismatch])),
        }
    }
    kinds.into_iter().filter_map(|(kind, same)| diagnostic(kind, &same)).collect()
}

fn diagnostic(kind: MismatchKind, mismatches: &[&Mismatch]) -> Option<Diagnostic> {
    let (first, more) = mismatches.split_first()?;
    if more.is_empty() {
        let message = one_line(&first.message, 4 * VALUE);
        let (expected, actual) = (value(&first.expected), value(&first.actual));
        let said = message.contains(&expected) && message.contains(&actual);
        // A mistake of the scenario is no matter of what was expected.
        let label = match (said || kind == MismatchKind::Scenario, expected.is_empty()) {
            (true, _) => one_line(&first.path, VALUE),
            (false, true) => actual,
            (false, false) => format!("expected {expected}, is {actual}"),
        };
        return Some(Diagnostic::error(kind.name(), message, &first.span, label));
    }
    let many = mismatches.len();
    let message = match kind {
        MismatchKind::Expectation => format!("{many} expectations do not hold"),
        MismatchKind::Undocumented => format!("the spec does not document {many} things"),
        MismatchKind::Transport => format!("{many} things kept the answer from coming"),
        MismatchKind::Protocol => format!("the answer breaks the rules of HTTP in {many} ways"),
        MismatchKind::Capture => format!("{many} captures found nothing"),
        MismatchKind::Scenario => format!("the scenario has {many} mistakes"),
    };
    let label = |mismatch: &Mismatch| Label {
        span: mismatch.span.clone(),
        text: one_line(&mismatch.message, 2 * VALUE),
    };
    let mut diagnostic = Diagnostic::without_place(kind.name(), message);
    diagnostic.primary = Some(label(first));
    diagnostic.related = more.iter().map(|mismatch| label(mismatch)).collect();
    Some(diagnostic)
}

fn value(text: &str) -> String {
    one_line(text, VALUE)
}

/// A deviation that the spec knows of, with how often it came.
pub(super) fn known_line(told: &str, count: usize, paint: Paint) -> String {
    let many = paint.dim(&format!("({count})"));
    line(&paint.doubtful("known"), 5, &format!("{} {many}", printable(told)))
}

/// How all trials ended, which of them were flaky or skipped and why, and the slowest ones.
/// Ends with a line feed.
pub fn summary(trials: &[TrialResult], duration: Duration, styled: bool) -> String {
    let paint = Paint { styled };
    let of = |verdict| trials.iter().filter(move |trial| trial.verdict == verdict);
    let mut counts = vec![paint.good(&format!("{} passed", count(trials, Verdict::Passed)))];
    for verdict in [Verdict::Failed, Verdict::Flaky, Verdict::Skipped] {
        let many = count(trials, verdict);
        if many > 0 {
            let text = format!("{many} {}", verdict.name());
            let failed = verdict == Verdict::Failed;
            counts.push(if failed { paint.bad(&text) } else { paint.doubtful(&text) });
        }
    }
    let known = super::known(trials);
    if !known.is_empty() {
        counts.push(paint.doubtful(&super::deviations(known.len())));
    }
    let mut text = format!("{} in {}\n", counts.join(", "), elapsed(duration));

    for (cause, trials) in by_cause(of(Verdict::Failed)) {
        let word = paint.bad("failed");
        match (cause, &*trials) {
            (Some(cause), [_, _, ..]) => {
                let many = paint.dim(&format!("({})", trials.len()));
                text.push_str(&line(&word, 6, &format!("{} {many}", cause.message())));
                text.push_str(&names(trials.iter().map(|trial| &*trial.name), paint));
            }
            (_, trials) => {
                for trial in trials {
                    text.push_str(&line(&word, 6, &printable(&trial.name)));
                }
            }
        }
    }
    for trial in of(Verdict::Flaky) {
        let tries = paint.dim(&format!("(passed on try {})", trial.tries));
        let name = printable(&trial.name);
        text.push_str(&line(&paint.doubtful("flaky"), 5, &format!("{name} {tries}")));
    }
    for (told, count) in known {
        text.push_str(&known_line(&told, count, paint));
    }
    let reason = |trial: &TrialResult| trial.reason.clone().unwrap_or_default();
    let skipped = of(Verdict::Skipped).map(|trial| (&*trial.name, reason(trial)));
    text.push_str(&skipped_text(skipped, paint));
    for (trial, left_out) in trials.iter().filter_map(|trial| Some((trial, trial.left_out()?))) {
        let told = one_line(&format!("{}: {left_out}", trial.name), 2 * VALUE);
        text.push_str(&line(&paint.doubtful("in part"), 7, &told));
    }
    let mut slow: Vec<&TrialResult> = trials.iter().filter(|t| t.duration > SLOW).collect();
    slow.sort_by_key(|trial| std::cmp::Reverse(trial.duration));
    for trial in slow.iter().take(3) {
        let name = printable(&trial.name);
        text.push_str(&line(
            &paint.dim("slow"),
            4,
            &format!("{name} {}", paint.dim(&format!("({})", elapsed(trial.duration)))),
        ));
    }
    text
}

/// A line of the summary with its word, `width` characters wide without colours, to the right.
fn line(word: &str, width: usize, rest: &str) -> String {
    format!("{}{word}  {rest}\n", " ".repeat(10_usize.saturating_sub(width)))
}

/// Why trials were skipped: each reason once, with their names, in the order in which they come.
pub(super) fn skipped_text<'a>(
    skipped: impl Iterator<Item = (&'a str, String)>,
    paint: Paint,
) -> String {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, reason) in skipped {
        let reason = if reason.is_empty() { "no reason given" } else { &reason };
        let reason = one_line(reason, 2 * VALUE);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    let mut text = String::new();
    for (reason, names) in reasons {
        let reason = format!("{reason} {}", paint.dim(&format!("({})", names.len())));
        text.push_str(&line(&paint.doubtful("skipped"), 7, &reason));
        text.push_str(&self::names(names.into_iter(), paint));
    }
    text
}

/// The first of some names, and how many more there are.
fn names<'a>(names: impl ExactSizeIterator<Item = &'a str>, paint: Paint) -> String {
    let mut text = String::new();
    let more = names.len().saturating_sub(NAMES);
    for name in names.take(NAMES) {
        let _ = writeln!(text, "            {}", printable(name));
    }
    if more > 0 {
        let _ = writeln!(text, "            {}", paint.dim(&format!("and {more} more")));
    }
    text
}
