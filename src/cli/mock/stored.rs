//! `counterpart-mock state`: what `serve --state` keeps, for people.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::{complain, refuse};
use crate::import;
use crate::ledger::{LedgerFile, OpenError, Stored, contents, document};
use crate::source::Source;
use crate::write::{self, Piece};

#[derive(Debug, Args)]
pub(super) struct State {
    /// The file of `serve --state`.
    file: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write a line for each collection: `@SESSION<tab>VENDOR<tab>COLLECTION<tab>ROWS`.
    List,
    /// Write the whole state to stdout as YAML, also while a mock writes to the file.
    Export {
        /// Write JSON.
        #[arg(long)]
        json: bool,
        /// Export a damaged file, up to the damage.
        #[arg(long)]
        damaged: bool,
    },
    /// Make a state file from what `export` has written.
    Import {
        /// The file to read.
        document: PathBuf,
    },
}

/// Does what is asked for.
pub(super) fn run(state: &State, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<ExitCode> {
    let file = &state.file;
    let damaged = match &state.action {
        Action::Import { document } => return import_file(file, document, err),
        Action::Export { damaged, .. } => *damaged,
        Action::List => false,
    };
    let stored = match contents(file) {
        Ok(contents) => contents.stored,
        Err(OpenError::Damaged { before, .. }) if damaged => *before,
        Err(error) => return complain(&error, err),
    };
    match &state.action {
        Action::Export { json: true, .. } => {
            serde_json::to_writer(&mut *out, &document(&stored))?;
            writeln!(out)?;
        }
        Action::Export { .. } => {
            let piece = Piece::from(&document(&stored));
            out.write_all(write::document(&piece, &[]).as_bytes())?;
        }
        Action::List | Action::Import { .. } => list(&stored, out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(stored: &Stored, out: &mut dyn Write) -> io::Result<()> {
    for session in stored.sessions.values() {
        let name = &session.made.name;
        for (vendor, account) in &session.accounts {
            for (collection, rows) in account.rows.iter().filter(|(_, rows)| !rows.is_empty()) {
                writeln!(out, "@{name}\t{vendor}\t{collection}\t{}", rows.len())?;
            }
        }
        if session.accounts.values().all(|account| account.rows.is_empty()) {
            // It is as its fixtures are.
            writeln!(out, "@{name}\t\t\t")?;
        }
    }
    Ok(())
}

fn import_file(file: &Path, document: &Path, err: &mut dyn Write) -> io::Result<ExitCode> {
    let shown = file.display();
    if file.symlink_metadata().is_ok() {
        return complain(&format_args!("{shown} already exists; an import makes a new file"), err);
    }
    let text = match fs::read_to_string(document) {
        Ok(text) => text,
        Err(error) => {
            return complain(&format_args!("cannot read {}: {error}", document.display()), err);
        }
    };
    let stored = match import::state(&Source::new(document, text)) {
        Ok(stored) => stored,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let opened = LedgerFile::open(file);
    match opened.map_err(|error| error.to_string()).and_then(|(mut ledger, _)| {
        ledger.replace(stored).map_err(|error| format!("cannot write {shown}: {error}"))
    }) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => complain(&error, err),
    }
}
