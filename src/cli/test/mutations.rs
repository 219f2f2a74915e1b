//! `counterpart-test mutations`: whether scenarios notice when a rule is gone.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Check;
use crate::cli::{FAILED, complain, counted, refuse};
use crate::harness::{NotReady, mutations};

/// Takes each statement out of its spec and runs what covers it.
pub(super) fn run(check: &Check, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let found = match mutations(&check.paths, &check.specs) {
        Ok(found) => found,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err),
        Err(other) => return complain(&other, err),
    };
    let mut unnoticed = 0;
    for mutation in &found {
        let name = format!("{}/{}", mutation.vendor, mutation.statement);
        match &mutation.noticed_by {
            Some(trial) => writeln!(out, "{name:<14} noticed by {trial}")?,
            None => {
                unnoticed += 1;
                let trials = counted(mutation.covered_by, "trial");
                let of_them = |many: usize, what: &str| match many {
                    0 => String::new(),
                    many => format!("; {many} of them {what}"),
                };
                let failing = of_them(mutation.failing, "failed before")
                    + &of_them(mutation.not_by_expectation, "failed, but by no expectation");
                match mutation.covered_by {
                    0 => writeln!(out, "{name:<14} NOT NOTICED, since no trial covers it")?,
                    _ => writeln!(
                        out,
                        "{name:<14} NOT NOTICED by any of {trials} that cover it{failing}"
                    )?,
                }
            }
        }
    }
    let all = counted(found.len(), "statement");
    writeln!(
        out,
        "\n{} of {all} proven: without the rule an expectation fails",
        found.len() - unnoticed
    )?;
    Ok(if unnoticed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}
