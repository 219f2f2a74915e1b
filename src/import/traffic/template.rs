//! Paths with parameters in the place of ids.

use super::infer::schema;
use crate::import::api::Parameter;
use crate::import::names::{singular, snake};
use crate::import::schema::Schema;
use crate::value::Value;

/// The path with parameters where it has ids.
pub(super) fn template(path: &str) -> (String, Vec<Parameter>) {
    let path = path.split('?').next().unwrap_or_default();
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut segments: Vec<String> = Vec::new();
    let mut before = String::new();
    for segment in path.split('/').skip(1) {
        let Some(found) = id_schema(segment) else {
            // What cannot stand in a path of a spec is none.
            segments.push(segment.replace(['{', '}', '#'], ""));
            segment.clone_into(&mut before);
            continue;
        };
        let thing = singular(&snake(&before));
        let mut name = if thing.is_empty() { "id".to_owned() } else { format!("{thing}_id") };
        while parameters.iter().any(|other| other.name == name) {
            name.push('2');
        }
        segments.push(format!("{{{name}}}"));
        parameters.push(Parameter::new(name, "path", found));
    }
    (format!("/{}", segments.join("/")), parameters)
}

/// The schema of a segment that names one of many, as a number or a random text does.
pub(super) fn id_schema(segment: &str) -> Option<Schema> {
    if segment.starts_with("{{") {
        return Some(Schema::of("string"));
    }
    let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        return Some(Schema::of("integer"));
    }
    let found = schema(&Value::text(segment));
    if found.keyword("format").and_then(Value::as_str) == Some("uuid") {
        return Some(found);
    }
    let random = segment.len() >= 16
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && segment.bytes().filter(u8::is_ascii_digit).count() >= 3;
    random.then(|| Schema::of("string"))
}
