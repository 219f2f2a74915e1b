//! Documents of other formats as specs and scenarios.
//!
//! A reader for each format makes an [`api::Api`] of a document; `finish` makes its schemas ones
//! that a spec can have, `spec` writes it, and `settle` takes out what `check` refuses. What was
//! guessed, and what was not taken, is in [`Notes`].

mod api;
mod behaviour;
mod collection;
mod errors;
mod finish;
mod keys;
mod names;
mod notes;
mod openapi;
mod parents;
mod resource;
mod resources;
mod rows;
mod sample;
mod schema;
mod settle;
mod spec;
mod tree;

use std::path::Path;

use crate::diagnostic::Diagnostic;

pub use notes::{Note, Notes};

/// A file that is to be written.
#[derive(Debug)]
pub struct Imported {
    /// The vendor's name.
    pub vendor: String,
    /// The text of the spec.
    pub spec: String,
    /// How much there is, in words.
    pub counts: String,
    /// What there is to say about it.
    pub notes: Notes,
    /// What `check` still has against it.
    pub refused: Vec<Diagnostic>,
}

/// Reads an OpenAPI document. Fails when there is nothing to be taken from it.
pub fn openapi(path: &Path, vendor: Option<&str>) -> Result<Imported, Vec<Diagnostic>> {
    let mut notes = Notes::default();
    let api = openapi::read(path, &mut notes)?;
    Ok(finished(api, path, vendor, notes))
}

fn finished(mut api: api::Api, path: &Path, vendor: Option<&str>, mut notes: Notes) -> Imported {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    api.document = name.unwrap_or_default();
    api.vendor = match (vendor, &api.title) {
        (Some(name), _) => name.to_owned(),
        (None, Some(title)) => names::vendor(title),
        (None, None) => names::vendor(&api.document),
    };
    finish::finish(&mut api, &mut notes);
    let spec = spec::spec(&api, &mut notes);
    let settled = settle::settle(spec, &api.document, &mut notes);
    Imported {
        vendor: api.vendor,
        spec: settled.text,
        counts: settled.counts,
        notes,
        refused: settled.refused,
    }
}
