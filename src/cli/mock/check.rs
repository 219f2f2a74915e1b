//! `counterpart-mock check`: all mistakes of all specs, then their examples.

use std::cmp::Reverse;
use std::io::{self, Write};
use std::process::ExitCode;

use super::Check;
use crate::cli::{counted, draw, refuse, strictly};
use crate::diagnostic::{Diagnostic, Severity};
use crate::load::load_plans;
use crate::mock::example;

/// Checks specs and runs their examples.
pub(super) fn run(check: &Check, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let specs = match load_plans(&check.paths) {
        Ok(specs) => specs,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let mut differing = Vec::new();
    for plan in &specs.plans {
        differing.extend(example::run(plan));
    }
    let warnings = specs.warnings.len();
    let differ = !differing.is_empty();
    let diagnostics = with_causes(specs.warnings, differing);
    if differ || check.strict && warnings > 0 {
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

/// What was warned of, and the examples that differ: of those that do since a string looks like an
/// expression and is none, that text is told, and what nothing uses is not told beside others.
fn with_causes(mut warnings: Vec<Diagnostic>, mut differing: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if differing.is_empty() {
        return warnings;
    }
    warnings.retain(|warning| !warning.code.starts_with("unused-"));
    for warning in warnings.iter_mut().filter(|warning| warning.code == "lost-expression") {
        let Some(label) = &warning.primary else { continue };
        let before = differing.len();
        differing.retain(|differs| !differs.message.contains(label.span.text()));
        if differing.len() < before {
            warning.severity = Severity::Error;
            warning.help.push("an example differs because of it".to_owned());
        }
    }
    warnings.append(&mut differing);
    warnings.sort_by_key(|diagnostic| Reverse(diagnostic.severity));
    warnings
}
