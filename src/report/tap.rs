//! TAP version 14 (testanything.org), with YAML diagnostics below what failed.

use super::printable::printable;
use super::shorten::{LONGEST_LINE, around};
use super::terminal::failure_text;
use crate::run::event::{TrialResult, Verdict};
use crate::value::Value;

/// The whole stream.
pub fn tap(trials: &[TrialResult]) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", trials.len());
    for (at, trial) in trials.iter().enumerate() {
        text.push_str(&point(at + 1, trial));
    }
    text
}

fn point(number: usize, trial: &TrialResult) -> String {
    let result = if trial.verdict == Verdict::Failed { "not ok" } else { "ok" };
    let mut text = format!("{result} {number} - {}", escaped(&trial.name));
    if trial.verdict == Verdict::Skipped {
        let reason = trial.reason.as_deref().unwrap_or_default();
        text.push_str(format!(" # SKIP {}", escaped(reason)).trim_end());
    }
    text.push('\n');
    if matches!(trial.verdict, Verdict::Failed | Verdict::Flaky) {
        text.push_str(&diagnostics(trial));
    }
    if let Some(left_out) = trial.left_out() {
        text.push_str(&comment("skipped in part", left_out));
    }
    for (told, _) in super::known(std::slice::from_ref(trial)) {
        text.push_str(&comment("known deviation", &told));
    }
    text
}

fn comment(what: &str, told: &str) -> String {
    let told = printable(told).split_whitespace().collect::<Vec<_>>().join(" ");
    format!("# {what}: {}\n", around(&told, "", LONGEST_LINE))
}

/// `#` starts a directive, and a line feed ends the point. Parsers of version 13 know no escapes:
/// what they would take for a directive has another sign.
fn escaped(text: &str) -> String {
    let text = printable(text);
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "\\\\");
    let mut escaped = String::with_capacity(one_line.len());
    for (at, character) in one_line.char_indices() {
        if character != '#' {
            escaped.push(character);
            continue;
        }
        let behind = one_line.get(at + 1..).unwrap_or_default().trim_start();
        let word = behind.get(..4).unwrap_or_default();
        let is_directive = ["skip", "todo"].iter().any(|name| word.eq_ignore_ascii_case(name));
        escaped.push_str(if is_directive { "\u{ff03}" } else { "\\#" });
    }
    escaped
}

fn diagnostics(trial: &TrialResult) -> String {
    let mut text = "  ---\n".to_owned();
    let mut line = |text_line: String| {
        text.push_str("  ");
        text.push_str(&text_line);
        text.push('\n');
    };
    line(format!("at: {}", quoted(&trial.span.to_string())));
    line(format!("duration_ms: {}", trial.duration.as_secs_f64() * 1000.0));
    line(format!("tries: {}", trial.tries));
    if trial.verdict == Verdict::Flaky {
        line("flaky: true".to_owned());
    } else {
        let mismatches = || {
            let steps = trial.steps.iter();
            steps.flat_map(|step| step.mismatches.iter().map(move |mismatch| (step, mismatch)))
        };
        if mismatches().next().is_some() {
            line("mismatches:".to_owned());
        }
        for (step, mismatch) in mismatches() {
            line(format!("  - step: {}", quoted(&step.name)));
            line(format!("    kind: {}", mismatch.kind.name()));
            line(format!("    path: {}", quoted(&mismatch.path)));
            let (expected, actual) = (&*mismatch.expected, &*mismatch.actual);
            line(format!("    expected: {}", quoted(&around(expected, actual, LONGEST_LINE))));
            line(format!("    actual: {}", quoted(&around(actual, expected, LONGEST_LINE))));
            line(format!("    message: {}", quoted(&around(&mismatch.message, "", LONGEST_LINE))));
            line(format!("    at: {}", quoted(&mismatch.span.to_string())));
        }
        line("message: |".to_owned());
        for part in printable(&failure_text(trial, false)).lines() {
            line(format!("  {part}").trim_end().to_owned());
        }
    }
    text.push_str("  ...\n");
    text
}

/// A text of JSON is one of YAML too, once the characters that YAML has no place for are escaped.
fn quoted(text: &str) -> String {
    let list = Value::list(vec![Value::text(text)]).to_string();
    let json = list.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&list);
    json.chars()
        .map(|character| match character {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                format!("\\u{:04x}", u32::from(character))
            }
            _ => character.to_string(),
        })
        .collect()
}
