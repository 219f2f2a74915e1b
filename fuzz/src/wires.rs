//! Readers of wire formats: what was read can be written, and is read as the same again.

use counterpart::unstable::value::Value;
use counterpart::unstable::wire::deep_object::DeepForm;
use counterpart::unstable::wire::form::Form;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::multipart::parts;
use counterpart::unstable::wire::xml::{Declaration, EmptyStyle, NilStyle, Xml, decode_element};
use counterpart::unstable::wire::{Limits, Wire, soap};

/// What the one prefix stands for that a tree keeps.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The first byte says which one.
pub(crate) fn read(input: &[u8]) {
    let Some((wire, body)) = input.split_first() else { return };
    let limits = Limits::default();
    match wire % 6 {
        0 => round(&Json, body),
        1 => round(&Form, body),
        2 => round(&DeepForm, body),
        3 => {
            let _ = decode_element(body, &limits);
            let xml = Xml {
                declaration: Declaration::None,
                indent: None,
                nil: NilStyle::SchemaInstance,
                empty: EmptyStyle::SelfClosing,
                namespaces: vec![("xsi".into(), SCHEMA_INSTANCE.into())],
                ..Xml::default()
            };
            round(&xml, body);
        }
        4 => {
            let _ = soap::open(body, &limits);
        }
        _ => {
            for content_type in ["multipart/form-data; boundary=b", "multipart/related; boundary=b"]
            {
                if let Ok(parts) = parts(body, content_type) {
                    for part in &parts.list {
                        assert!(part.content.end <= body.len());
                    }
                }
            }
        }
    }
}

fn round(wire: &dyn Wire, body: &[u8]) {
    let limits = Limits::default();
    let Ok(decoded) = wire.decode(body, &limits) else { return };
    // A tree of XML is what stands in the root, whose name is the writer's to say.
    let rooted = |value: &Value| match wire.name() {
        "xml" => Value::map([("root".into(), value.clone())].into_iter().collect()),
        _ => value.clone(),
    };
    let mut written = Vec::new();
    // Not all that a reader takes can be said again: the names of XML, above all.
    if wire.encode(&rooted(&decoded.value), &mut written).is_err() {
        return;
    }
    let again = wire.decode(&written, &limits).map(|decoded| decoded.value);
    let again = again.unwrap_or_else(|error| {
        panic!("{}: {error}: {}", wire.name(), String::from_utf8_lossy(&written))
    });
    if wire.name() == "json" {
        assert_eq!(again, decoded.value);
    }
    let mut twice = Vec::new();
    wire.encode(&rooted(&again), &mut twice).expect("what was read from it can be written");
    assert_eq!(
        String::from_utf8_lossy(&twice),
        String::from_utf8_lossy(&written),
        "{}: written otherwise the second time",
        wire.name()
    );
}
