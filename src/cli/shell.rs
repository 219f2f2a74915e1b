//! What a shell and a system want of a program: completions and manual pages.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use super::complain;

/// Asks for completions.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell that they are for.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Asks for manual pages.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write a page for the program and one for each of its commands to this folder, in place of
    /// the program's page to stdout.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Completions {
    /// Writes the script that a shell reads.
    pub(super) fn write(&self, mut program: Command, out: &mut dyn Write) -> io::Result<ExitCode> {
        let name = program.get_name().to_owned();
        // The generator panics where it cannot write, so it writes to memory.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, name, &mut script);
        out.write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Man {
    /// Writes the page, or all pages, in roff.
    pub(super) fn write(
        &self,
        program: Command,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<ExitCode> {
        let Some(folder) = &self.out else {
            clap_mangen::Man::new(program).render(out)?;
            return Ok(ExitCode::SUCCESS);
        };
        match pages(program, folder) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(error) => complain(&format_args!("{}: {error}", folder.display()), err),
        }
    }
}

fn pages(program: Command, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // `help` says nothing that the pages do not.
    clap_mangen::generate_to(program.disable_help_subcommand(true), folder)
}
