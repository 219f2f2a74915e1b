//! `counterpart-mock export`: specs as documents of other formats.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::{SPECS, complain, refuse};
use crate::load::load_plans;
use crate::plan::Plan;
use crate::run::url;
use crate::{export, generate, write};

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// An OpenAPI document (3.1).
    Openapi(Openapi),
    /// Documentation for people.
    Docs(Docs),
    /// The WSDL of a SOAP service, as the mock serves it.
    Wsdl(Wsdl),
}

#[derive(Debug, Args)]
struct Openapi {
    #[command(flatten)]
    of: Of,
    /// The file to write to, as JSON if its name ends in `.json` [default: stdout, as YAML].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Docs {
    #[command(flatten)]
    of: Of,
    /// The file to write to [default: stdout].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The format [default: HTML if the file's name ends in `.html` or `.htm`, otherwise Markdown].
    #[arg(long)]
    format: Option<Written>,
}

#[derive(Debug, Args)]
struct Wsdl {
    #[command(flatten)]
    of: Of,
    /// The service; required if the vendor has several.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// The URL of the service, up to and including the base path [default: the spec's first
    /// server].
    #[arg(long, value_name = "URL", value_parser = server)]
    server: Option<String>,
    /// The file to write to [default: stdout].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn server(url: &str) -> Result<String, String> {
    url::parse(url).map(|_| url.to_owned())
}

/// What documentation is written as.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Written {
    Markdown,
    Html,
}

/// What is exported.
#[derive(Debug, Args)]
struct Of {
    /// The vendor.
    vendor: String,
    /// Files and folders with specs.
    #[arg(long, value_name = "SPEC|DIR", default_value = SPECS)]
    specs: Vec<PathBuf>,
    /// Overwrite an existing file.
    #[arg(long)]
    force: bool,
}

/// What comes of a vendor, or why nothing does.
type Made = Result<(String, Vec<String>), String>;

/// Writes the document, and says what it cannot say.
pub(super) fn run(
    export: &Export,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    match &export.format {
        Format::Openapi(line) => {
            let path = line.out.as_deref();
            write(&line.of, path, out, err, |plan| Ok(openapi(plan, path)))
        }
        Format::Docs(line) => {
            let path = line.out.as_deref();
            write(&line.of, path, out, err, |plan| docs(plan, path, line.format))
        }
        Format::Wsdl(line) => {
            let path = line.out.as_deref();
            write(&line.of, path, out, err, |plan| wsdl(plan, line))
        }
    }
}

fn openapi(plan: &Plan, path: Option<&Path>) -> (String, Vec<String>) {
    let exported = export::openapi(plan);
    let text = match path.is_some_and(|path| ends_in(path, &["json"])) {
        true => write::json(&exported.document),
        false => write::document(&exported.document, &[]),
    };
    (text, exported.left)
}

fn docs(plan: &Arc<Plan>, path: Option<&Path>, format: Option<Written>) -> Made {
    let format = match format {
        Some(Written::Html) => export::Format::Html,
        None if path.is_some_and(|path| ends_in(path, &["html", "htm"])) => export::Format::Html,
        Some(Written::Markdown) | None => export::Format::Markdown,
    };
    let exchanges = generate::exchanges(plan).map_err(|error| error.to_string())?;
    Ok((export::docs(plan, &exchanges, format), Vec::new()))
}

fn wsdl(plan: &Plan, line: &Wsdl) -> Made {
    let mut documents = export::wsdl(plan, line.service.as_deref(), line.server.as_deref())?;
    match documents.pop() {
        Some((_, text)) if documents.is_empty() => Ok((text, Vec::new())),
        last => {
            let names = documents.into_iter().chain(last).map(|(name, _)| name);
            let names: Vec<String> = names.collect();
            let vendor = &plan.service.vendor;
            let names = names.join(", ");
            Err(format!("`{vendor}` has several SOAP services: `--service` names one of {names}"))
        }
    }
}

fn ends_in(path: &Path, extensions: &[&str]) -> bool {
    let own = path.extension().and_then(|own| own.to_str());
    own.is_some_and(|own| extensions.iter().any(|known| own.eq_ignore_ascii_case(known)))
}

/// Finds the vendor, and writes what comes of it to the file, or to `out`.
fn write(
    of: &Of,
    path: Option<&Path>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    make: impl FnOnce(&Arc<Plan>) -> Made,
) -> io::Result<ExitCode> {
    let plans = match load_plans(&of.specs) {
        Ok(specs) => specs.plans,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let Some(plan) = plans.iter().find(|plan| *plan.service.vendor == *of.vendor) else {
        let known: Vec<&str> = plans.iter().map(|plan: &Arc<Plan>| &*plan.service.vendor).collect();
        let known = known.join(", ");
        return complain(&format_args!("there is no vendor `{}`, but {known}", of.vendor), err);
    };
    if let Some(path) = path.filter(|path| !of.force && path.symlink_metadata().is_ok()) {
        let shown = path.display();
        return complain(&format_args!("{shown} already exists; `--force` overwrites"), err);
    }
    let (text, left) = match make(plan) {
        Ok(done) => done,
        Err(why) => return complain(&why, err),
    };
    match path {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            if let Err(error) = fs::write(path, text) {
                let shown = path.display();
                return complain(&format_args!("{shown} cannot be written: {error}"), err);
            }
        }
    }
    if !left.is_empty() {
        writeln!(err, "not in the document:")?;
        for one in &left {
            writeln!(err, "  {one}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
