//! `counterpart-test mutations`: whether scenarios notice when a rule is gone.

use std::io::{self, Write};
use std::process::ExitCode;

use super::Check;
use crate::cli::{FAILED, REFUSED, counted, refuse};
use crate::harness::{NotReady, mutations};

/// Takes each statement out of its spec and runs what covers it.
pub(super) fn run(check: &Check, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let found = match mutations(&check.paths, &check.specs) {
        Ok(found) => found,
        Err(NotReady::Mistakes(diagnostics)) => return refuse(&diagnostics, err),
        Err(other) => {
            writeln!(err, "{other}")?;
            return Ok(ExitCode::from(REFUSED));
        }
    };
    let mut unnoticed = 0;
    for mutation in &found {
        let name = format!("{}/{}", mutation.vendor, mutation.statement);
        match &mutation.noticed_by {
            Some(trial) => writeln!(out, "{name:<14} noticed by {trial}")?,
            None => {
                unnoticed += 1;
                let trials = counted(mutation.covered_by, "trial");
                writeln!(out, "{name:<14} NOT NOTICED by any of {trials} that cover it")?;
            }
        }
    }
    let all = counted(found.len(), "statement");
    writeln!(
        out,
        "\n{} of {all} proven: without the rule a scenario fails",
        found.len() - unnoticed
    )?;
    Ok(if unnoticed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}
