//! `counterpart-test check`: all mistakes of all scenarios.

use std::io::{self, Write};
use std::process::ExitCode;

use super::arguments::Check;
use super::outside::Given;
use super::services;
use crate::check::scenario::{self, Options};
use crate::cli::{counted, draw, refuse, strictly};
use crate::load::load_plans;

/// Checks scenarios against their specs.
pub(super) fn run(
    check: &Check,
    given: &Given,
    strict: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let specs = match load_plans(std::slice::from_ref(&check.specs)) {
        Ok(specs) => specs,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let outside = match given.read() {
        Ok(outside) => outside,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let options = Options { outside, ..Options::CHECK };
    let loaded = match scenario::load(&check.paths, &services(&specs.plans), options) {
        Ok(loaded) => loaded,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    if strict && !loaded.warnings.is_empty() {
        return refuse(&strictly(loaded.warnings, true), err);
    }
    draw(&loaded.warnings, err)?;
    let scenarios = loaded.suites.iter().map(|suite| suite.scenarios.len()).sum();
    let scenarios = counted(scenarios, "scenario");
    let files = counted(loaded.suites.len(), "file");
    match loaded.warnings.len() {
        0 => writeln!(out, "{scenarios} in {files}, no problems")?,
        many => writeln!(out, "{scenarios} in {files}, no errors, {}", counted(many, "warning"))?,
    }
    Ok(ExitCode::SUCCESS)
}
