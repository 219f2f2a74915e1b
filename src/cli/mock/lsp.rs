//! `counterpart-mock lsp`: what editors talk to.

use std::io::{self, BufReader, Write};
use std::process::ExitCode;

use clap::Args;

use crate::cli::FAILED;
use crate::editor::{self, End};

/// The Language Server Protocol over standard input and output.
#[derive(Debug, Args)]
pub(super) struct Lsp {
    /// Accepted for editors that pass it; there is no other way.
    #[arg(long)]
    stdio: bool,
}

impl Lsp {
    /// Serves an editor until it ends. What is written is counted in bytes, so it goes out as it
    /// is and not through a writer that may take something out.
    #[expect(clippy::unused_self, reason = "the one option says what is so anyway")]
    pub(super) fn serve(&self, err: &mut dyn Write) -> io::Result<ExitCode> {
        match editor::serve(BufReader::new(io::stdin()), &mut io::stdout().lock()) {
            Ok(End::Asked) => Ok(ExitCode::SUCCESS),
            Ok(End::Lost) => Ok(ExitCode::from(FAILED)),
            Err(error) => {
                writeln!(err, "the editor cannot be served any more: {error}")?;
                Ok(ExitCode::from(FAILED))
            }
        }
    }
}
