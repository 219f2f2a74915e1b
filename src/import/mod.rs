//! Documents of other formats as specs and scenarios.
//!
//! A reader for each format makes an `api::Api` of a document; `finish` makes its schemas ones
//! that a spec can have, `spec` writes it, and `settle` takes out what `check` refuses. What was
//! guessed, and what was not taken, is in [`Notes`].

mod api;
mod behaviour;
mod collection;
mod cycles;
mod errors;
mod finish;
mod fits;
mod joined;
mod keys;
mod keywords;
mod names;
mod notes;
mod openapi;
mod parents;
mod remedy;
mod resource;
mod resources;
mod rows;
mod sample;
mod schema;
mod settle;
mod size;
mod spec;
mod spelled;
mod state;
mod traffic;
mod tree;
mod unreferenced;
mod written;
mod wsdl;

use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::load::load_sources;
use crate::source::Source;
use traffic::Traffic;

pub use notes::{Note, Notes};
pub use state::state;
pub use traffic::{Differences, Format, Recording, shown};

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
    Ok(finished(api, file_name(path), vendor, notes))
}

/// Reads a WSDL document. Fails when there is nothing to be taken from it.
pub fn wsdl(path: &Path, vendor: Option<&str>) -> Result<Imported, Vec<Diagnostic>> {
    let mut notes = Notes::default();
    let api = wsdl::read(path, &mut notes)?;
    Ok(finished(api, file_name(path), vendor, notes))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn finished(
    mut api: api::Api,
    document: String,
    vendor: Option<&str>,
    mut notes: Notes,
) -> Imported {
    api.document = document;
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

/// Requests as a scenario, and perhaps a spec that was drafted from them.
#[derive(Debug)]
pub struct Scenario {
    /// The vendor's name.
    pub vendor: String,
    /// The name of the file without its end.
    pub name: String,
    /// The text of the file of scenarios.
    pub text: String,
    /// How many steps there are.
    pub steps: usize,
    /// The drafted spec, without notes of its own.
    pub spec: Option<Imported>,
    /// What there is to say about both.
    pub notes: Notes,
}

/// Reads requests that somebody made or wrote down. Fails when there are none.
pub fn requests(
    format: Format,
    path: &Path,
    vendor: Option<&str>,
    draft: bool,
) -> Result<Scenario, Vec<Diagnostic>> {
    let mut notes = Notes::default();
    let mut traffic = traffic::read(format, path, &mut notes)?;
    let vendor = vendor.map_or_else(|| traffic::vendor(&traffic), str::to_owned);
    let file = file_name(path);
    let stem = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let spec = draft.then(|| drafted(&mut traffic, file.clone(), &vendor, &mut notes));
    let text = traffic::scenario(&traffic, &vendor, &file, draft, &mut notes);
    let name = names::vendor(&stem);
    Ok(Scenario { vendor, name, text, steps: traffic.requests.len(), spec, notes })
}

/// The spec that requests show. Messages of SOAP become calls of its operations: envelopes are not
/// for reading.
fn drafted(traffic: &mut Traffic, document: String, vendor: &str, notes: &mut Notes) -> Imported {
    let mut spec =
        finished(traffic::api(traffic, vendor), document, Some(vendor), std::mem::take(notes));
    *notes = std::mem::take(&mut spec.notes);
    if traffic.sends_messages() {
        let source = Source::new("drafted", spec.spec.clone());
        let loaded = load_sources(std::slice::from_ref(&source)).ok();
        if let Some(plan) = loaded.as_ref().and_then(|specs| specs.plans.first()) {
            traffic.call_messages(&plan.service);
        }
    }
    spec
}

/// What a proxy has recorded, as a scenario and, where the vendor has no spec, as a draft of one;
/// and how it differs from the spec where there is one. None where there is nothing to write.
pub fn recorded(recording: &Recording<'_>) -> (Option<Scenario>, Differences, Notes) {
    let mut notes = Notes::default();
    let (mut traffic, differences) = traffic::recorded(recording, &mut notes);
    if traffic.requests.is_empty() {
        return (None, differences, notes);
    }
    let vendor = recording.vendor.to_owned();
    let spec = recording.service.is_none().then(|| {
        let document = format!("what {} answered", recording.url);
        drafted(&mut traffic, document, &vendor, &mut notes)
    });
    let text = traffic::scenario(&traffic, &vendor, "", false, &mut notes);
    let steps = traffic.requests.len();
    let name = "recorded".to_owned();
    let scenario = Scenario { vendor, name, text, steps, spec, notes };
    (Some(scenario), differences, Notes::default())
}
