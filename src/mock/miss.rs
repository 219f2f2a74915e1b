//! Why nothing matched: the closest operation, and what differs.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::diagnostic::likeness;
use crate::model::{Route, Segment};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// How much a segment is like a parameter, of which nothing is known but that it is one.
const PARAMETER: f64 = 0.9;
/// What differs where nothing else does.
const PARAMETERS: &str = "parameters";
/// What the right method adds, which decides between routes of the same path.
const METHOD: f64 = 0.001;

/// All routes, as they are compared with paths that nobody serves.
#[derive(Debug)]
pub(super) struct Routes {
    all: Vec<Known>,
    /// The segments that there are, each once, and whether they are parameters.
    texts: Vec<(Box<str>, bool)>,
    /// How many segments the longest one has.
    longest: usize,
}

#[derive(Debug)]
struct Known {
    vendor: usize,
    operation: Arc<str>,
    method: Arc<str>,
    /// The path with the vendor's name before it, and its segments by their places.
    path: Arc<str>,
    segments: Box<[usize]>,
}

/// How like the segments of routes are to those of a path, each worked out once.
struct Likeness<'r> {
    routes: &'r Routes,
    given: Vec<&'r str>,
    known: Vec<Option<f64>>,
}

impl Routes {
    /// All routes of all vendors.
    pub(super) fn new(plans: &[Arc<Plan>]) -> Self {
        let mut routes = Self { all: Vec::new(), texts: Vec::new(), longest: 0 };
        for (vendor, plan) in plans.iter().enumerate() {
            let base = plan.servers.first().map(|server| server.base_path.clone());
            let base = base.unwrap_or_default();
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
                    let segments: Box<[usize]> = segments(&path).map(|s| routes.place(s)).collect();
                    routes.longest = routes.longest.max(segments.len());
                    routes.all.push(Known {
                        vendor,
                        operation: operation.id.clone(),
                        method: method.into(),
                        segments,
                        path: path.into(),
                    });
                }
            }
        }
        routes
    }

    fn place(&mut self, segment: &str) -> usize {
        let known = self.texts.iter().position(|(text, _)| **text == *segment);
        known.unwrap_or_else(|| {
            self.texts.push((segment.into(), segment.contains('{')));
            self.texts.len() - 1
        })
    }

    fn text(&self, place: Option<&usize>) -> Option<&str> {
        place.and_then(|place| self.texts.get(*place)).map(|(text, _)| &**text)
    }

    /// The closest operation to a request for a path that nobody serves, of one vendor or of any.
    ///
    /// Gives members for a problem document: the operation, its method and path, and what differs.
    pub(super) fn closest(&self, vendor: Option<usize>, method: &str, path: &str) -> Map {
        let given: Vec<&str> = segments(path).collect();
        let first = given.first().copied();
        let known = vec![None; self.texts.len() * given.len().min(self.longest)];
        let mut likeness = Likeness { routes: self, given, known };
        let mut best: Option<(f64, &Known)> = None;
        let is_its = |known: &&Known| vendor.is_none_or(|vendor| vendor == known.vendor);
        for route in self.all.iter().filter(is_its) {
            let by_method = if *route.method == *method { METHOD } else { 0.0 };
            let likeness = likeness.of(route) + by_method;
            if best.is_none_or(|(known, _)| likeness > known) {
                best = Some((likeness, route));
            }
        }
        let mut more = Map::new();
        if let Some((_, route)) = best {
            let mut differs = Vec::new();
            if *route.method != *method {
                differs.push("method".into());
            }
            if vendor.is_none() && self.text(route.segments.first()) != first {
                differs.push("vendor".into());
            }
            if !likeness.is_same(route) {
                differs.push("path".into());
            }
            // The router passes over what does not fit the schemas of a path's parameters.
            if differs.is_empty() {
                differs.push(PARAMETERS.into());
            }
            let mut closest = Map::with_capacity(5);
            if let Some(vendor) = self.text(route.segments.first()) {
                closest.insert("vendor", vendor.into());
            }
            closest.insert("operation", Value::Text(route.operation.clone()));
            closest.insert("method", Value::Text(route.method.clone()));
            closest.insert("path", Value::Text(route.path.clone()));
            closest.insert("differs", Value::list(differs));
            more.insert("closest", Value::map(closest));
        }
        more
    }
}

/// What to say of the closest operation after its path, where that looks the same.
pub(super) fn hint(closest: &Value) -> &'static str {
    let differs = closest.get("differs").and_then(Value::as_list).unwrap_or_default();
    let is_alone = |only: &Value| only.as_str() == Some(PARAMETERS);
    if differs.iter().any(is_alone) { ", whose parameters take other values" } else { "" }
}

impl<'r> Likeness<'r> {
    /// What a path is compared with: where it has as many segments as there are without the
    /// vendor's name, that is what the client left out, or has in the `Host`.
    fn compared(&self, route: &'r Known) -> &'r [usize] {
        let without = route.segments.get(1..).unwrap_or_default();
        let named = self.routes.text(route.segments.first()) == self.given.first().copied();
        if !named && without.len() == self.given.len() { without } else { &route.segments }
    }

    /// How like a route is to the path, from 0 to 1: the mean of its segments.
    fn of(&mut self, route: &'r Known) -> f64 {
        let compared = self.compared(route);
        let pairs = compared.iter().take(self.given.len()).enumerate();
        let sum = pairs.map(|(at, place)| self.of_segment(at, *place)).sum::<f64>();
        let count = u32::try_from(compared.len().max(self.given.len())).unwrap_or(u32::MAX);
        sum / f64::from(count.max(1))
    }

    fn of_segment(&mut self, at: usize, place: usize) -> f64 {
        let (Some((wanted, is_parameter)), Some(given)) =
            (self.routes.texts.get(place), self.given.get(at))
        else {
            return 0.0;
        };
        let alike = || match **wanted == **given {
            true => 1.0,
            false if *is_parameter => PARAMETER,
            false => likeness(given, wanted),
        };
        match self.known.get_mut(at * self.routes.texts.len() + place) {
            Some(known) => *known.get_or_insert_with(alike),
            None => alike(),
        }
    }

    fn is_same(&self, route: &'r Known) -> bool {
        let compared = self.compared(route);
        let mut pairs = compared.iter().zip(&self.given);
        compared.len() == self.given.len()
            && pairs.all(|(place, given)| {
                let wanted = self.routes.texts.get(*place);
                wanted.is_some_and(|(text, is_parameter)| *is_parameter || **text == **given)
            })
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').skip(1)
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
