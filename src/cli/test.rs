//! The command line of the runner.

pub(super) mod arguments;
mod bless;
mod check;
mod compare;
mod coverage;
mod generate;
mod interrupt;
mod merge;
mod mutations;
mod observe;
mod outside;
mod pipe;
mod reports;
mod run;
mod watch;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};

use super::shell::{Completions, Man};
use super::usage;
use crate::model::Service;
use crate::plan::Plan;
use arguments::Check;

/// Run scenarios against a mock of the specs, or against the real vendors.
#[derive(Debug, Parser)]
#[command(name = "counterpart-test", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios.
    Run(Box<run::Run>),
    /// Check scenarios against their specs, without running anything.
    Check {
        #[command(flatten)]
        check: Check,
        #[command(flatten)]
        given: outside::Given,
        /// Treat warnings as errors.
        #[arg(long)]
        strict: bool,
    },
    /// Run scenarios and show which parts of the specs they exercise.
    Coverage(Box<coverage::CoverageOf>),
    /// Run scenarios against two targets and show how they differ. Limits apply to each side.
    Compare(Box<compare::Compare>),
    /// Remove each statement from its spec and check that a scenario that covers it fails.
    Mutations(Check),
    /// Generate scenarios for a vendor from its spec.
    Generate(generate::Generate),
    /// Merge the JSON reports of several runs, such as shards.
    Merge(merge::Merge),
    /// Write into the specs who is right where a real target differs.
    Bless(bless::Bless),
    /// Write shell completions for this program.
    Completions(Completions),
    /// Write the manual page for this program.
    Man(Man),
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
        Ok(Line { command: Command::Run(run) }) => run::run(&run, out, err),
        Ok(Line { command: Command::Check { check, given, strict } }) => {
            check::run(&check, &given, strict, out, err)
        }
        Ok(Line { command: Command::Coverage(run) }) => coverage::run(&run, out, err),
        Ok(Line { command: Command::Compare(line) }) => compare::run(&line, out, err),
        Ok(Line { command: Command::Mutations(check) }) => mutations::run(&check, out, err),
        Ok(Line { command: Command::Generate(line) }) => generate::run(&line, out, err),
        Ok(Line { command: Command::Merge(line) }) => merge::run(&line, out, err),
        Ok(Line { command: Command::Bless(line) }) => bless::run(&line, out, err),
        Ok(Line { command: Command::Completions(of) }) => of.write(Line::command(), out),
        Ok(Line { command: Command::Man(man) }) => man.write(Line::command(), out, err),
        Err(message) => usage(&message, out, err),
    };
    super::concluded(done, out, err)
}

/// The checked specs that plans were compiled from.
fn services(plans: &[Arc<Plan>]) -> Vec<Arc<Service>> {
    plans.iter().map(|plan| plan.service.clone()).collect()
}
