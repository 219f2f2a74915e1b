//! The command line of the runner.

mod check;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use super::{FAILED, usage};
use crate::model::Service;
use crate::plan::Plan;

/// Runs scenarios against the mock of the specs, or against the real vendors.
#[derive(Debug, Parser)]
#[command(name = "counterpart-test", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check scenarios against their specs, without running anything.
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    /// Files and folders with scenarios.
    #[arg(value_name = "SCENARIO|DIR", default_value = "scenarios")]
    paths: Vec<PathBuf>,
    /// The folder with the specs.
    #[arg(long, value_name = "DIR", default_value = "specs")]
    specs: PathBuf,
}

/// Does what a command line asks for. `out` gets what scripts read, `err` what people read; the
/// code is 0 when all went well, 1 when scenarios failed, and 2 for wrong usage and for files
/// with errors.
pub fn run(
    line: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> ExitCode {
    let done = match Line::try_parse_from(line) {
        Ok(Line { command: Command::Check(check) }) => check::run(&check, out, err),
        Err(message) => usage(&message, out, err),
    };
    // What cannot be written has no reader any more.
    done.unwrap_or_else(|_: io::Error| ExitCode::from(FAILED))
}

/// The checked specs that plans were compiled from.
fn services(plans: &[Arc<Plan>]) -> Vec<Arc<Service>> {
    plans.iter().map(|plan| plan.service.clone()).collect()
}
