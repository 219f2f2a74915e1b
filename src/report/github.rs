//! Workflow commands of GitHub Actions: annotations at the lines of the scenarios.

use std::fmt::Write as _;

use super::printable::printable;
use super::shorten::{LONGEST_LINE, around};
use crate::run::event::{TrialResult, Verdict};
use crate::source::Span;

/// A line for each mismatch of a failed trial, one for each flaky one, and one for each deviation
/// that the spec knows of.
pub fn github(trials: &[TrialResult]) -> String {
    let mut text = String::new();
    for trial in trials {
        match trial.verdict {
            Verdict::Failed => text.push_str(&failed(trial)),
            Verdict::Flaky => {
                let message = format!("passed on try {} only", trial.tries);
                text.push_str(&command("warning", &trial.span, &trial.name, &message));
            }
            Verdict::Passed | Verdict::Skipped => {}
        }
        for step in &trial.steps {
            let title = format!("{} > {}", trial.name, step.name);
            for known in &step.known {
                let message = format!("known deviation: {}", known.sentence());
                let message = around(&message, "", LONGEST_LINE);
                text.push_str(&command("notice", &known.mismatch.span, &title, &message));
            }
        }
    }
    text
}

fn failed(trial: &TrialResult) -> String {
    let mut text = String::new();
    for step in &trial.steps {
        for mismatch in &step.mismatches {
            let title = format!("{} > {}", trial.name, step.name);
            let mut message = around(&mismatch.message, "", LONGEST_LINE).into_owned();
            for (word, value, other) in [
                ("at", &mismatch.path, ""),
                ("expected", &mismatch.expected, &*mismatch.actual),
                ("actual", &mismatch.actual, &*mismatch.expected),
            ] {
                if !value.is_empty() {
                    let _ = write!(message, "\n{word}: {}", around(value, other, LONGEST_LINE));
                }
            }
            text.push_str(&command("error", &mismatch.span, &title, &message));
        }
    }
    if text.is_empty() {
        let reason = trial.reason.as_deref().unwrap_or("failed");
        text = command("error", &trial.span, &trial.name, reason);
    }
    text
}

fn command(level: &str, span: &Span, title: &str, message: &str) -> String {
    let (line, column) = span.line_column();
    format!(
        "::{level} file={},line={line},col={column},title={}::{}\n",
        property(&span.source.path.to_string_lossy()),
        property(title),
        data(message)
    )
}

/// As the runner's own toolkit escapes what stands behind the second pair of colons.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the runner's own toolkit escapes what stands between the pairs of colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("100 %\n::error::x"), "100 %25%0A⟨U+003A⟩:error::x");
        assert_eq!(property("a,b::c\n"), "a%2Cb%3A%3Ac%0A");
    }
}
