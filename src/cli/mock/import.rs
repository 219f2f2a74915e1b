//! `counterpart-mock import`: documents of other formats as specs and scenarios.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::{FAILED, SPECS, complain, draw, refuse};
use crate::import::{self, Imported, Note};

/// How many places of one list are shown.
const SHOWN: usize = 200;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// An OpenAPI document (3.0, 3.1, or Swagger 2.0; JSON or YAML), as a spec.
    Openapi(Document),
}

#[derive(Debug, Args)]
struct Document {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the vendor is called: a-z, 0-9 and `-` [default: made of the document's title].
    #[arg(long, value_name = "NAME", value_parser = vendor)]
    vendor: Option<String>,
    /// The folder of specs to write to.
    #[arg(long, value_name = "DIR", default_value = SPECS)]
    out: PathBuf,
    /// Overwrite a spec that is there already.
    #[arg(long)]
    force: bool,
}

fn vendor(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let named = !text.is_empty() && text.chars().all(plain);
    named.then(|| text.to_owned()).ok_or_else(|| "a name is of a-z, 0-9 and `-`".to_owned())
}

/// Reads a document, writes what can be taken from it, and says what cannot.
pub(super) fn run(
    import: &Import,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let Format::Openapi(document) = &import.format;
    match import::openapi(&document.file, document.vendor.as_deref()) {
        Ok(imported) => write_spec(document, &imported, out, err),
        Err(diagnostics) => refuse(&diagnostics, err),
    }
}

fn write_spec(
    document: &Document,
    imported: &Imported,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let path = document.out.join(format!("{}.yaml", imported.vendor));
    if let Err(message) = write(&path, &imported.spec, document.force) {
        return complain(&message, err);
    }
    draw(&imported.notes.problems, err)?;
    list("assumed, and marked so in the file", &imported.notes.assumed, err)?;
    list("not taken", &imported.notes.left, err)?;
    if !imported.refused.is_empty() {
        draw(&imported.refused, err)?;
        writeln!(out, "wrote {}, which `check` refuses as it is", path.display())?;
        return Ok(ExitCode::from(FAILED));
    }
    writeln!(out, "wrote {}: {}", path.display(), imported.counts)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file and the folders around it; one that is there stays, unless `force`.
fn write(path: &Path, text: &str, force: bool) -> Result<(), String> {
    if !force && path.symlink_metadata().is_ok() {
        let shown = path.display();
        return Err(format!("{shown} exists already; nothing was written, `--force` overwrites"));
    }
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn list(title: &str, notes: &[Note], err: &mut dyn Write) -> io::Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(err, "{title}:")?;
    for note in notes.iter().take(SHOWN) {
        let place = note.place.as_ref().map(|span| format!("{span}: ")).unwrap_or_default();
        let times = if note.times > 1 { format!(" ({} times)", note.times) } else { String::new() };
        writeln!(err, "  {place}{}{times}", note.text)?;
    }
    if notes.len() > SHOWN {
        writeln!(err, "  and {} more", notes.len() - SHOWN)?;
    }
    Ok(())
}
