//! `counterpart-mock check`: all mistakes of all specs, then their examples.

use std::io::{self, Write};
use std::process::ExitCode;

use super::Check;
use crate::cli::{counted, draw, refuse, strictly};
use crate::load::load_plans;
use crate::mock::example;

/// Checks specs and runs their examples.
pub(super) fn run(check: &Check, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let specs = match load_plans(&check.paths) {
        Ok(specs) => specs,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let mut diagnostics = specs.warnings;
    let warnings = diagnostics.len();
    for plan in &specs.plans {
        diagnostics.extend(example::run(plan));
    }
    if diagnostics.len() > warnings || check.strict && warnings > 0 {
        return refuse(&strictly(diagnostics, check.strict), err);
    }
    draw(&diagnostics, err)?;
    let specs = counted(specs.plans.len(), "spec");
    match warnings {
        0 => writeln!(out, "{specs}, no problems")?,
        _ => writeln!(out, "{specs}, no errors, {}", counted(warnings, "warning"))?,
    }
    Ok(ExitCode::SUCCESS)
}
