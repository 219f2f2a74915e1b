//! The runner of scenarios.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Both writers take colours out where there is no terminal, or where `NO_COLOR` is set.
    let mut out = anstream::stdout();
    let mut err = anstream::stderr();
    counterpart::unstable::cli::test::run(std::env::args_os(), &mut out, &mut err)
}
