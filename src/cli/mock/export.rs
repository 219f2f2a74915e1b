//! `counterpart-mock export`: specs as documents of other formats.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::cli::{SPECS, complain, refuse};
use crate::export;
use crate::load::load_plans;
use crate::plan::Plan;
use crate::write;

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// An OpenAPI document (3.1).
    Openapi(Document),
}

#[derive(Debug, Args)]
struct Document {
    /// The vendor.
    vendor: String,
    /// Files and folders with specs.
    #[arg(long, value_name = "SPEC|DIR", default_value = SPECS)]
    specs: Vec<PathBuf>,
    /// The file to write to, as JSON if its name ends in `.json` [default: stdout, as YAML].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite a file that is there already.
    #[arg(long)]
    force: bool,
}

/// Writes the document, and says what it cannot say.
pub(super) fn run(
    export: &Export,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<ExitCode> {
    let Format::Openapi(document) = &export.format;
    let plans = match load_plans(&document.specs) {
        Ok(specs) => specs.plans,
        Err(diagnostics) => return refuse(&diagnostics, err),
    };
    let Some(plan) = plans.iter().find(|plan| *plan.service.vendor == *document.vendor) else {
        let known: Vec<&str> = plans.iter().map(|plan: &Arc<Plan>| &*plan.service.vendor).collect();
        let known = known.join(", ");
        return complain(
            &format_args!("there is no vendor `{}`, but {known}", document.vendor),
            err,
        );
    };
    let exported = export::openapi(plan);
    let as_json =
        document.out.as_ref().and_then(|path| path.extension()).is_some_and(|e| e == "json");
    let text = match as_json {
        true => write::json(&exported.document),
        false => write::document(&exported.document, &[]),
    };
    match &document.out {
        None => out.write_all(text.as_bytes())?,
        Some(path) if !document.force && path.symlink_metadata().is_ok() => {
            let shown = path.display();
            return complain(&format_args!("{shown} exists already; `--force` overwrites"), err);
        }
        Some(path) => {
            if let Err(error) = fs::write(path, text) {
                return complain(
                    &format_args!("{} cannot be written: {error}", path.display()),
                    err,
                );
            }
        }
    }
    if !exported.left.is_empty() {
        writeln!(err, "not in the document:")?;
        for left in &exported.left {
            writeln!(err, "  {left}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
