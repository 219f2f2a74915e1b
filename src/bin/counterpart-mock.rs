//! The mock server.

use std::process::ExitCode;

/// Measured: a fifth more requests a second, where most of them make small trees.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Both writers take colours out where there is no terminal, or where `NO_COLOR` is set.
    let mut out = anstream::stdout();
    let mut err = anstream::stderr();
    counterpart::unstable::cli::mock::run(std::env::args_os(), &mut out, &mut err)
}
