//! Why nothing matched: the closest operation, and what differs.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::model::{Route, Segment};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// How much a segment is like a parameter, of which nothing is known but that it is one.
const PARAMETER: f64 = 0.9;
/// What the right method adds, which decides between routes of the same path.
const METHOD: f64 = 0.001;

/// A route as it is compared with paths that nobody serves.
#[derive(Debug)]
pub(super) struct Known {
    vendor: usize,
    operation: Arc<str>,
    method: Arc<str>,
    /// The path with the vendor's name before it, and its segments.
    path: Arc<str>,
    segments: Box<[Box<str>]>,
}

/// All routes of all vendors.
pub(super) fn routes(plans: &[Arc<Plan>]) -> Vec<Known> {
    let mut all = Vec::new();
    for (vendor, plan) in plans.iter().enumerate() {
        let base = plan.servers.first().map(|server| server.base_path.clone()).unwrap_or_default();
        for operation in &plan.service.operations {
            for binding in &operation.bindings {
                let (method, path) = match &binding.route {
                    Route::Http { method, path } => (method.as_str(), joined(path)),
                    Route::Soap(id) => {
                        let service = plan.service.soap_services.get(id.0);
                        let path = service.map(|service| service.path.to_string());
                        ("POST", path.unwrap_or_default())
                    }
                };
                let path = format!("/{}{base}{path}", plan.service.vendor);
                all.push(Known {
                    vendor,
                    operation: operation.id.clone(),
                    method: method.into(),
                    segments: segments(&path).map(Into::into).collect(),
                    path: path.into(),
                });
            }
        }
    }
    all
}

/// The closest operation to a request for a path that nobody serves, of one vendor or of any.
///
/// Gives members for a problem document: the operation, its method and path, and what differs.
pub(super) fn closest(known: &[Known], vendor: Option<usize>, method: &str, path: &str) -> Map {
    let given: Vec<&str> = segments(path).collect();
    let mut best: Option<(f64, &Known)> = None;
    for route in known.iter().filter(|route| vendor.is_none_or(|vendor| vendor == route.vendor)) {
        let compared = route.compared(&given);
        let by_method = if *route.method == *method { METHOD } else { 0.0 };
        let is_best = |likeness: f64| best.is_none_or(|(known, _)| likeness > known);
        // Most routes are out of the question even if what differs were as good as the same, and
        // comparing letters is dear.
        if !is_best(likeness(compared, &given, |_, _| 1.0) + by_method) {
            continue;
        }
        let likeness = likeness(compared, &given, strsim::jaro_winkler) + by_method;
        if is_best(likeness) {
            best = Some((likeness, route));
        }
    }
    let mut more = Map::new();
    if let Some((_, route)) = best {
        let mut differs = Vec::new();
        if *route.method != *method {
            differs.push("method".into());
        }
        if vendor.is_none() && route.segments.first().map(|name| &**name) != given.first().copied()
        {
            differs.push("vendor".into());
        }
        if !is_same(route.compared(&given), &given) {
            differs.push("path".into());
        }
        let mut closest = Map::new();
        if let Some(vendor) = route.segments.first() {
            closest.insert("vendor", (&**vendor).into());
        }
        closest.insert("operation", Value::Text(route.operation.clone()));
        closest.insert("method", Value::Text(route.method.clone()));
        closest.insert("path", Value::Text(route.path.clone()));
        closest.insert("differs", Value::list(differs));
        more.insert("closest", Value::map(closest));
    }
    more
}

impl Known {
    /// What a path is compared with: where it has as many segments as there are without the
    /// vendor's name, that is what the client left out, or has in the `Host`.
    fn compared(&self, given: &[&str]) -> &[Box<str>] {
        let without = self.segments.get(1..).unwrap_or_default();
        let named = self.segments.first().map(|name| &**name) == given.first().copied();
        if !named && without.len() == given.len() { without } else { &self.segments }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
}

fn is_parameter(segment: &str) -> bool {
    segment.contains('{')
}

/// How like a path is to a route, from 0 to 1: the mean of its segments. `alike` says it of two
/// texts that differ.
fn likeness(route: &[Box<str>], given: &[&str], alike: impl Fn(&str, &str) -> f64) -> f64 {
    let each = route.iter().zip(given).map(|(wanted, given)| match &**wanted {
        wanted if wanted == *given => 1.0,
        wanted if is_parameter(wanted) => PARAMETER,
        wanted => alike(wanted, given),
    });
    let count = u32::try_from(route.len().max(given.len())).unwrap_or(u32::MAX);
    each.sum::<f64>() / f64::from(count.max(1))
}

fn is_same(route: &[Box<str>], given: &[&str]) -> bool {
    let mut pairs = route.iter().zip(given);
    route.len() == given.len()
        && pairs.all(|(wanted, given)| **wanted == **given || is_parameter(wanted))
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
