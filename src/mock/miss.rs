//! Why nothing matched: the closest operation, and what differs.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::model::{Route, Segment};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// The closest operation of any vendor to a request for a path that nobody serves.
///
/// Gives members for a problem document: the operation, its method and path, and what differs.
pub(super) fn closest(plans: &[Arc<Plan>], vendor: Option<usize>, method: &str, path: &str) -> Map {
    let mut best: Option<(f64, Map)> = None;
    for (at, plan) in plans.iter().enumerate() {
        if vendor.is_some_and(|vendor| vendor != at) {
            continue;
        }
        for (known_method, known_path, id) in routes(plan) {
            let prefixed = format!("/{}{known_path}", plan.service.vendor);
            let likeness = strsim::jaro_winkler(&prefixed, path)
                .max(strsim::jaro_winkler(&known_path, path))
                + if known_method == method { 0.02 } else { 0.0 };
            if best.as_ref().is_none_or(|(known, _)| likeness > *known) {
                let mut differs = Vec::new();
                if known_method != method {
                    differs.push("method".into());
                }
                let first = path.split('/').nth(1).unwrap_or_default();
                if vendor.is_none() && first != &*plan.service.vendor {
                    differs.push("vendor".into());
                }
                if !same_shape(&prefixed, path) && !same_shape(&known_path, path) {
                    differs.push("path".into());
                }
                let mut closest = Map::new();
                closest.insert("vendor", Value::Text(plan.service.vendor.clone()));
                closest.insert("operation", Value::Text(id));
                closest.insert("method", known_method.into());
                closest.insert("path", prefixed.into());
                closest.insert("differs", Value::list(differs));
                best = Some((likeness, closest));
            }
        }
    }
    let mut more = Map::new();
    if let Some((_, closest)) = best {
        more.insert("closest", Value::map(closest));
    }
    more
}

fn routes(plan: &Plan) -> impl Iterator<Item = (String, String, Arc<str>)> {
    let base = plan.servers.first().map(|server| server.base_path.clone()).unwrap_or_default();
    plan.service.operations.iter().flat_map(move |operation| {
        let base = base.clone();
        operation.bindings.iter().map(move |binding| {
            let (method, path) = match &binding.route {
                Route::Http { method, path } => (method.to_string(), joined(path)),
                Route::Soap(id) => {
                    let service = plan.service.soap_services.get(id.0);
                    let path = service.map(|service| service.path.to_string());
                    ("POST".to_owned(), path.unwrap_or_default())
                }
            };
            (method, format!("{base}{path}"), operation.id.clone())
        })
    })
}

/// A path as it is written in a spec.
pub fn joined(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        text.push('/');
        // Writing to a string cannot fail.
        _ = write!(text, "{segment}");
    }
    text
}

fn same_shape(template: &str, path: &str) -> bool {
    let mut wanted = template.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.contains('{') => {}
            _ => return false,
        }
    }
}
