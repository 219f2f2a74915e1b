//! Paths: the path first, and then the document.

use counterpart::unstable::selector::{json_path, xpath};
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::{Limits, Wire};

use crate::{parts, text};

pub(crate) fn select(input: &[u8]) {
    let parts = parts(input);
    let path = text(parts[0]);
    let document = parts.get(1).copied().unwrap_or(b"null");
    if let Ok(compiled) = json_path::compile(&path)
        && let Ok(decoded) = Json.decode(document, &Limits::default())
    {
        let found = compiled.select(&decoded.value);
        if compiled.is_singular() {
            assert!(found.len() <= 1, "several of a path to one");
        }
    }
    if let Ok(compiled) = xpath::compile(&path, &[("l".into(), "urn:l".into())]) {
        let _ = compiled.evaluate(document);
    }
}
