//! The shipped scenarios against the mock of the shipped specs: a trial for each row.

use std::process::ExitCode;

use counterpart::harness::{NotReady, Run};
use libtest_mimic::Arguments;

fn main() -> Result<ExitCode, NotReady> {
    let arguments = Arguments::from_args();
    let run = Run::for_arguments("scenarios", "specs", &arguments)?;
    Ok(libtest_mimic::run(&arguments, run.trials()).exit_code())
}
