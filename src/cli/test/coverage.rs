//! `counterpart-test coverage`: what of the specs is exercised.

use std::io::{self, Write};
use std::process::ExitCode;

use super::{Format, Run, run as trials};
use crate::report::coverage;
use crate::report::json;

/// Runs scenarios and shows what of the specs they exercise, as a table or as JSON.
pub(super) fn run(run: &Run, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let finished = match trials::perform(run, true, out, err)? {
        Ok(finished) => finished,
        Err(code) => return Ok(code),
    };
    let coverage = coverage::coverage(finished.run.services(), &finished.trials);
    match run.format {
        Format::Json => writeln!(out, "{}", json::pretty(&coverage::json::value(&coverage)))?,
        Format::Compact | Format::Pretty | Format::Terse => {
            write!(out, "{}", coverage::terminal::text(&coverage, trials::styled(run.color)))?;
        }
    }
    trials::report(&finished, &run.report, out, err)
}
