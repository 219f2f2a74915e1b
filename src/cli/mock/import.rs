//! `counterpart-mock import`: documents of other formats as specs and scenarios.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::cli::{FAILED, SCENARIOS, SPECS, complain, counted, draw, refuse};
use crate::import::{self, Imported, Note, Notes, Scenario};

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
    /// A WSDL document (1.1, document/literal) and its imports, as a spec.
    Wsdl(Document),
    /// A Postman collection (2.0, 2.1), as a scenario; secrets come from the environment.
    Postman(Requests),
    /// An HTTP archive, as browsers save it, as a scenario; secrets come from the environment.
    Har(Requests),
    /// curl command lines, as a scenario; secrets come from the environment.
    Curl(Requests),
}

#[derive(Debug, Args)]
struct Document {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The vendor's name: a-z, 0-9 and `-` [default: made from the document's title].
    #[arg(long, value_name = "NAME", value_parser = vendor)]
    vendor: Option<String>,
    /// The folder of specs to write to.
    #[arg(long, value_name = "DIR", default_value = SPECS)]
    out: PathBuf,
    /// Overwrite an existing spec.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct Requests {
    /// The file with the requests.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The vendor's name: a-z, 0-9 and `-` [default: made from the collection or the host].
    #[arg(long, value_name = "NAME", value_parser = vendor)]
    vendor: Option<String>,
    /// The folder that contains `scenarios` and `specs`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Also draft a spec from the requests.
    #[arg(long)]
    spec: bool,
    /// Overwrite existing files.
    #[arg(long)]
    force: bool,
}

pub(super) fn vendor(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let named = !text.is_empty() && text.chars().all(plain);
    named.then(|| text.to_owned()).ok_or_else(|| "a name consists of a-z, 0-9 and `-`".to_owned())
}

/// Reads a document, writes what can be taken from it, and says what cannot.
pub(super) fn run(
    import: &Import,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let (format, requests) = match &import.format {
        Format::Openapi(document) => {
            return match import::openapi(&document.file, document.vendor.as_deref()) {
                Ok(imported) => write_spec(document, &imported, out, err),
                Err(diagnostics) => refuse(&diagnostics, err),
            };
        }
        Format::Wsdl(document) => {
            return match import::wsdl(&document.file, document.vendor.as_deref()) {
                Ok(imported) => write_spec(document, &imported, out, err),
                Err(diagnostics) => refuse(&diagnostics, err),
            };
        }
        Format::Postman(requests) => (import::Format::Postman, requests),
        Format::Har(requests) => (import::Format::Har, requests),
        Format::Curl(requests) => (import::Format::Curl, requests),
    };
    match import::requests(format, &requests.file, requests.vendor.as_deref(), requests.spec) {
        Ok(scenario) => write_scenario(requests, &scenario, out, err),
        Err(diagnostics) => refuse(&diagnostics, err),
    }
}

fn write_scenario(
    requests: &Requests,
    scenario: &Scenario,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let folder = requests.out.join(SCENARIOS).join(&scenario.vendor);
    let path = folder.join(format!("{}.yaml", scenario.name));
    let spec = requests.out.join(SPECS).join(format!("{}.yaml", scenario.vendor));
    let drafted = scenario.spec.as_ref();
    // Nothing is written when one of them is there already.
    let there = [Some(&path), drafted.map(|_| &spec)].into_iter().flatten();
    let mut there = there.filter(|path| path.symlink_metadata().is_ok());
    if let Some(path) = there.next().filter(|_| !requests.force) {
        return complain(&exists(path), err);
    }
    let texts = [Some((&path, &scenario.text)), drafted.map(|drafted| (&spec, &drafted.spec))];
    for (path, text) in texts.into_iter().flatten() {
        if let Err(message) = write(path, text, requests.force) {
            return complain(&message, err);
        }
    }
    say(&scenario.notes, err)?;
    writeln!(out, "wrote {}: {}", path.display(), counted(scenario.steps, "step"))?;
    match drafted {
        Some(drafted) => told(&spec, drafted, out, err),
        None => Ok(ExitCode::SUCCESS),
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
    say(&imported.notes, err)?;
    told(&path, imported, out, err)
}

/// Says what there is to say about what was read.
pub(super) fn say(notes: &Notes, err: &mut dyn Write) -> io::Result<()> {
    draw(&notes.problems, err)?;
    list("assumed, and marked so in the file", &notes.assumed, err)?;
    list("not taken", &notes.left, err)
}

/// Says what was written.
pub(super) fn told(
    path: &Path,
    imported: &Imported,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    if !imported.refused.is_empty() {
        draw(&imported.refused, err)?;
        writeln!(out, "wrote {}, which `check` refuses as it is", path.display())?;
        return Ok(ExitCode::from(FAILED));
    }
    writeln!(out, "wrote {}: {}", path.display(), imported.counts)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file and the folders around it; one that is there stays, unless `force`.
pub(super) fn write(path: &Path, text: &str, force: bool) -> Result<(), String> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn exists(path: &Path) -> String {
    format!("{} already exists; nothing was written, `--force` overwrites", path.display())
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
