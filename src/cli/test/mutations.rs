//! `counterpart-test mutations`: whether scenarios notice when a rule is gone.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Check;
use crate::cli::{FAILED, complain, counted, refuse};
use crate::harness::{Mutation, NotReady, Outcome, mutations};

/// Takes each statement out of its spec and runs what covers it.
pub(super) fn run(check: &Check, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let found = match mutations(&check.paths, &check.specs) {
        Ok(found) => found,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err),
        Err(other) => return complain(&other, err),
    };
    let (mut unnoticed, mut shown) = (0, 0);
    for mutation in &found {
        let name = format!("{}/{}", mutation.vendor, mutation.statement);
        match (mutation.proven_by(), mutation.shown_by()) {
            (Some(trial), _) => writeln!(out, "{name:<14} noticed by {trial}")?,
            (None, Some(trial)) => {
                shown += 1;
                writeln!(out, "{name:<14} noticed by {trial}, only in rows or messages")?;
            }
            (None, None) => {
                unnoticed += 1;
                writeln!(out, "{name:<14} NOT NOTICED{}", why(mutation))?;
            }
        }
    }
    let all = counted(found.len(), "statement");
    writeln!(
        out,
        "\n{} of {all} proven: without the rule an expectation fails",
        found.len() - unnoticed - shown
    )?;
    if shown > 0 {
        writeln!(out, "{shown} more shown by rows or messages, which no answer shows")?;
    }
    Ok(if unnoticed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// What is said of a statement that nobody noticed.
fn why(mutation: &Mutation) -> String {
    if !mutation.is_implemented {
        return ", since nothing implements it".to_owned();
    }
    if mutation.trials.is_empty() {
        return ", since no trial covers it".to_owned();
    }
    let of = |wanted: Outcome| mutation.trials.iter().filter(move |(_, came)| *came == wanted);
    let told = Outcome::UNNOTICED.into_iter().filter(|outcome| of(*outcome).next().is_some());
    let told: Vec<String> =
        told.map(|outcome| format!("{} {}", of(outcome).count(), outcome.said())).collect();
    let trials = match mutation.trials.len() {
        1 => "1 trial that covers it".to_owned(),
        many => format!("{many} trials that cover it"),
    };
    format!(": of {trials}, {}", told.join(", "))
}
