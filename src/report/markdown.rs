//! GitHub Flavored Markdown, for the summary of a job or a comment of a merge request.

use std::fmt::Write as _;

use super::cause::{Cause, by_cause};
use super::elapsed::elapsed;
use super::printable::{one_line, printable};
use super::terminal::failure_text;
use super::{RunReport, count, vendors};
use crate::run::event::{TrialResult, Verdict};

/// How many causes are shown with an example: what takes a summary of a job (1 MiB on GitHub) is
/// shown to nobody.
const CAUSES: usize = 20;

/// How many trials of one cause are named.
const NAMES: usize = 20;

/// The most bytes of one example.
const EXAMPLE: usize = 16 * 1024;

/// The most characters of a name or a reason.
const LINE: usize = 300;

/// How a run went: a table of vendors, each cause of a failure with the first trial that it
/// failed, and what was flaky or skipped. Ends with a line feed.
pub fn markdown(report: &RunReport<'_>) -> String {
    let trials = report.trials;
    let of = |verdict| trials.iter().filter(move |trial| trial.verdict == verdict);
    let mut text = heading(report);
    text.push_str(&table(trials));
    let causes = by_cause(of(Verdict::Failed));
    if !causes.is_empty() {
        text.push_str("\n### Failed\n");
    }
    for (cause, trials) in causes.iter().take(CAUSES) {
        text.push_str(&failed(cause.as_ref(), trials));
    }
    if let Some(more) = causes.len().checked_sub(CAUSES).filter(|more| *more > 0) {
        let _ = writeln!(text, "\n… and {more} more causes");
    }
    let known = super::known(trials);
    if !known.is_empty() {
        text.push_str("\n### Known deviations\n\n");
    }
    for (told, count) in known.iter().take(NAMES) {
        let _ = writeln!(text, "- {} ({count})", inline(told));
    }
    if let Some(left) = known.len().checked_sub(NAMES).filter(|left| *left > 0) {
        let _ = writeln!(text, "- … and {left} more");
    }
    let flaky = |trial: &TrialResult| format!("passed on try {} only", trial.tries);
    text.push_str(&listed("Flaky", of(Verdict::Flaky), flaky));
    let skipped = |trial: &TrialResult| trial.reason.clone().unwrap_or_default();
    text.push_str(&listed("Skipped", of(Verdict::Skipped), skipped));
    let in_part = trials.iter().filter(|trial| trial.left_out().is_some());
    text.push_str(&listed("Skipped in part", in_part, skipped));
    text
}

fn heading(report: &RunReport<'_>) -> String {
    let mut counts = Vec::new();
    for verdict in Verdict::ALL {
        let many = count(report.trials, verdict);
        if many > 0 || verdict == Verdict::Passed {
            counts.push(format!("{many} {}", verdict.name()));
        }
    }
    let sign = if count(report.trials, Verdict::Failed) > 0 { "❌" } else { "✅" };
    let took = elapsed(report.duration);
    format!("## {sign} {} in {took}\n\nAgainst {}\n\n", counts.join(", "), code(report.target))
}

fn table(trials: &[TrialResult]) -> String {
    let mut text =
        "| vendor | passed | failed | flaky | skipped |\n|---|--:|--:|--:|--:|\n".to_owned();
    for vendor in vendors(trials) {
        let _ = write!(text, "| {} |", inline(vendor));
        for verdict in Verdict::ALL {
            let fits = |trial: &&TrialResult| *trial.vendor == *vendor && trial.verdict == verdict;
            let _ = write!(text, " {} |", trials.iter().filter(fits).count());
        }
        text.push('\n');
    }
    text
}

fn failed(cause: Option<&Cause>, trials: &[&TrialResult]) -> String {
    let Some((first, more)) = trials.split_first() else { return String::new() };
    let mut text = format!("\n<details><summary>{}", code(&first.name));
    if let Some(cause) = cause {
        let _ = write!(text, ": {}", inline(&cause.message()));
    }
    if !more.is_empty() {
        let _ = write!(text, " ({} trials)", trials.len());
    }
    text.push_str("</summary>\n\n");
    text.push_str(&fenced(&shown(&failure_text(first, false))));
    if !more.is_empty() {
        text.push_str("\nAlso:\n\n");
    }
    for trial in more.iter().take(NAMES) {
        let _ = writeln!(text, "- {}", code(&trial.name));
    }
    if let Some(left) = more.len().checked_sub(NAMES).filter(|left| *left > 0) {
        let _ = writeln!(text, "- … and {left} more");
    }
    text.push_str("\n</details>\n");
    text
}

fn listed<'t>(
    title: &str,
    trials: impl Iterator<Item = &'t TrialResult>,
    reason: impl Fn(&TrialResult) -> String,
) -> String {
    let trials: Vec<_> = trials.collect();
    let mut text = String::new();
    if !trials.is_empty() {
        let _ = writeln!(text, "\n### {title}\n");
    }
    for trial in trials.iter().take(NAMES) {
        let _ = writeln!(text, "- {}: {}", code(&trial.name), inline(&reason(trial)));
    }
    if let Some(left) = trials.len().checked_sub(NAMES).filter(|left| *left > 0) {
        let _ = writeln!(text, "- … and {left} more");
    }
    text
}

fn shown(text: &str) -> String {
    if text.len() <= EXAMPLE {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(EXAMPLE);
    format!("{}\n…\n", text.get(..end).unwrap_or_default())
}

/// A block of code, whose fence is longer than each in it (`CommonMark` section 4.5).
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", printable(text).trim_end())
}

/// A name: nothing in it becomes a link or the name of somebody.
fn code(text: &str) -> String {
    format!("<code>{}</code>", inline(text))
}

/// One line in which nothing is markup, in Markdown and between tags: what could begin some is a
/// character reference, which never does (`CommonMark` section 2.5).
fn inline(text: &str) -> String {
    let mut escaped = String::new();
    for character in one_line(text, LINE).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '!' => {
                let _ = write!(escaped, "&#{};", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
