//! From a method and a path to an operation. The only use of matchit.

use std::fmt::Write as _;
use std::sync::Arc;

use http::Method;
use matchit::{InsertError, Router as Paths};

use crate::model::matching::place;
use crate::model::path::in_url;
use crate::model::{Match, OperationId, Route, Routing, RuleId, Segment, Service, SoapServiceId};

/// A binding of an operation, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindingId {
    /// The operation.
    pub operation: OperationId,
    /// The position among its bindings.
    pub binding: usize,
}

/// The routes of a vendor, below its base paths.
#[derive(Debug)]
pub struct Router {
    paths: Paths<Place>,
    /// Those that cannot be beside one of `paths`, such as `/{a}/{b}/x.{c}` beside `/{a}/x.{b}`;
    /// each comes after all before it.
    others: Vec<Paths<Place>>,
    /// Those that end in a parameter for all that is left, where there are any. They come after
    /// all others.
    rests: Option<Paths<Place>>,
    routing: Routing,
}

/// What is found at a path.
#[derive(Debug, Default)]
struct Place {
    here: Operations,
    service: Option<SoapServiceId>,
    /// Paths with several parameters in a segment, which come before one parameter in its place.
    splits: Vec<Split>,
}

/// The operations at one path.
#[derive(Debug, Default)]
struct Operations {
    candidates: Vec<Candidate>,
    matches: bool,
}

/// Segments with several parameters, which are one parameter for matchit.
#[derive(Debug)]
struct Split {
    /// The fixed texts between the parameters.
    shape: String,
    /// The segments that are not fixed.
    segments: Box<[Segment]>,
    operations: Operations,
}

/// An operation that may be meant, if its path parameters fit.
#[derive(Debug)]
pub struct Candidate {
    /// The method.
    pub method: Method,
    /// The binding.
    pub binding: BindingId,
    /// The names of the path's parameters, in order.
    pub names: Box<[Arc<str>]>,
    /// What a request has to have besides.
    pub matching: Match,
    /// The rule that the binding is.
    pub rule: RuleId,
}

/// What a path leads to.
#[derive(Debug)]
pub struct Found<'r, 'p> {
    /// All operations there, whatever their method, in the order of the spec, but those whose
    /// `match` asks for more first.
    pub candidates: &'r [Candidate],
    /// Whether one of them has a `match`.
    pub matches: bool,
    /// The SOAP service there.
    pub service: Option<SoapServiceId>,
    /// The raw values of the path's parameters, in order.
    pub values: Vec<&'p str>,
}

impl Router {
    /// Puts a vendor's routes together. Those of which no request could mean one alone were refused
    /// when the spec was checked; one that matchit refuses is reported with its path.
    pub fn compile(service: &Service) -> Result<Self, String> {
        let mut router =
            Self { paths: Paths::new(), others: Vec::new(), rests: None, routing: service.routing };
        let mut places: Vec<(String, Place)> = Vec::new();
        let mut rests: Vec<(String, Place)> = Vec::new();
        for (at, operation) in service.operations.iter().enumerate() {
            for (position, binding) in operation.bindings.iter().enumerate() {
                let Route::Http { method, path } = &binding.route else { continue };
                let candidate = Candidate {
                    method: method.clone(),
                    binding: BindingId { operation: OperationId(at), binding: position },
                    names: path.iter().flat_map(Segment::parameters).cloned().collect(),
                    matching: binding.matching.clone(),
                    rule: binding.rule,
                };
                let ends = matches!(path.last(), Some(Segment::Rest(_)));
                let places = if ends { &mut rests } else { &mut places };
                let here = Self::place(places, router.pattern(path));
                router.operations(here, path).add(candidate);
            }
        }
        for (at, soap) in service.soap_services.iter().enumerate() {
            let pattern = router.fixed(&soap.path);
            Self::place(&mut places, pattern).service = Some(SoapServiceId(at));
        }
        let mut layers = layers(places)?.into_iter();
        router.paths = layers.next().unwrap_or_default();
        router.others = layers.collect();
        if !rests.is_empty() {
            insert(router.rests.get_or_insert_default(), rests)?;
        }
        Ok(router)
    }

    /// Where the operations of a path are kept at a place.
    fn operations<'p>(&self, place: &'p mut Place, path: &[Segment]) -> &'p mut Operations {
        let several = |segment: &Segment| segment.parameters().count() > 1;
        if !path.iter().any(several) {
            return &mut place.here;
        }
        let shape = |segment: &Segment| match segment {
            Segment::Mixed { more, .. } => {
                let texts = more.iter().map(|(between, _)| self.fixed(between));
                texts.collect::<Vec<_>>().join("{}")
            }
            _ => String::new(),
        };
        let segments: Box<[Segment]> = path.iter().filter(|s| !s.is_literal()).cloned().collect();
        let shape = segments.iter().map(shape).collect::<Vec<_>>().join("/");
        let at = place.splits.iter().position(|known| known.shape == shape);
        let at = at.unwrap_or_else(|| {
            place.splits.push(Split { shape, segments, operations: Operations::default() });
            place.splits.len() - 1
        });
        // The position was just found or made.
        #[expect(clippy::indexing_slicing, reason = "the position was just found or made")]
        &mut place.splits[at].operations
    }

    fn place(places: &mut Vec<(String, Place)>, pattern: String) -> &mut Place {
        let at = places.iter().position(|(known, _)| *known == pattern).unwrap_or_else(|| {
            places.push((pattern, Place::default()));
            places.len() - 1
        });
        // The position was just found or made.
        #[expect(clippy::indexing_slicing, reason = "the position was just found or made")]
        &mut places[at].1
    }

    /// Parameters are named by their position, since matchit wants the same name at the same
    /// place of all routes.
    fn pattern(&self, path: &[Segment]) -> String {
        let mut pattern = String::new();
        let mut parameters = 0;
        for segment in path {
            pattern.push('/');
            let (before, after) = segment.around();
            pattern.push_str(&self.fixed(before));
            // Writing to a string cannot fail.
            _ = match segment {
                Segment::Literal(_) => Ok(()),
                Segment::Parameter(_) | Segment::Mixed { .. } => {
                    write!(pattern, "{{p{parameters}}}")
                }
                Segment::Rest(_) => write!(pattern, "{{*p{parameters}}}"),
            };
            parameters += usize::from(!segment.is_literal());
            pattern.push_str(&self.fixed(after));
        }
        if pattern.is_empty() { "/".to_owned() } else { pattern }
    }

    fn fixed(&self, text: &str) -> String {
        self.fold(&in_url(text)).replace('{', "{{").replace('}', "}}")
    }

    fn fold(&self, text: &str) -> String {
        if self.routing.case_sensitive { text.to_owned() } else { text.to_ascii_lowercase() }
    }

    /// What a normal path, below the base path, leads to: the first place that has the method,
    /// else the first one.
    pub fn find<'r, 'p>(&'r self, path: &'p str, method: &Method) -> Option<Found<'r, 'p>> {
        let shorter = match path.strip_suffix('/') {
            Some(shorter) if self.routing.ignore_trailing_slash && !shorter.is_empty() => shorter,
            _ if path.is_empty() => "/",
            _ => path,
        };
        let mut found = self.find_in(&self.paths, shorter, method);
        for paths in &self.others {
            if found.as_ref().is_some_and(|found| found.has(method)) {
                return found;
            }
            let other = self.find_in(paths, shorter, method);
            if found.is_none() || other.as_ref().is_some_and(|other| other.has(method)) {
                found = other;
            }
        }
        let Some(rests) = &self.rests else { return found };
        if found.as_ref().is_some_and(|found| found.has(method)) {
            return found;
        }
        let rest = self.find_in(rests, path, method);
        match (&found, &rest) {
            (Some(_), Some(rest)) if !rest.has(method) => found,
            (_, None) => found,
            _ => rest,
        }
    }

    fn find_in<'r, 'p>(
        &'r self,
        paths: &'r Paths<Place>,
        path: &'p str,
        method: &Method,
    ) -> Option<Found<'r, 'p>> {
        if self.routing.case_sensitive {
            return self.find_folded(paths, path, path, method);
        }
        self.find_folded(paths, path, &path.to_ascii_lowercase(), method)
    }

    /// Folding ASCII letters keeps offsets, so values are cut out of the path as it was sent.
    fn find_folded<'r, 'p>(
        &'r self,
        paths: &'r Paths<Place>,
        path: &'p str,
        folded: &str,
        method: &Method,
    ) -> Option<Found<'r, 'p>> {
        let matched = paths.at(folded).ok()?;
        let start = folded.as_ptr() as usize;
        let values: Vec<&'p str> = matched
            .params
            .iter()
            .map(|(_, value)| {
                let at = value.as_ptr() as usize - start;
                path.get(at..at + value.len()).unwrap_or_default()
            })
            .collect();
        let place = matched.value;
        let mut other = None;
        for split in &place.splits {
            let pairs = split.segments.iter().zip(&values);
            let case_sensitive = self.routing.case_sensitive;
            let parts = pairs.map(|(segment, value)| segment.split(value, case_sensitive));
            let Some(parts) = parts.collect::<Option<Vec<_>>>() else { continue };
            let found = Found::of(&split.operations, None, parts.concat());
            if found.has(method) {
                return Some(found);
            }
            other.get_or_insert(found);
        }
        let found = Found::of(&place.here, place.service, values);
        match other {
            // Nothing is here but what was split.
            _ if found.has(method) => Some(found),
            None if found.is_empty() => None,
            None => Some(found),
            other => other,
        }
    }
}

/// Puts places together that matchit takes beside each other, those that it does not into further
/// routers.
fn layers(places: Vec<(String, Place)>) -> Result<Vec<Paths<Place>>, String> {
    type Layer = (Paths<()>, Vec<(String, Place)>);
    let mut layers: Vec<Layer> = Vec::new();
    for (pattern, place) in places {
        let takes = |(patterns, _): &mut Layer| {
            !matches!(patterns.insert(pattern.as_str(), ()), Err(InsertError::Conflict { .. }))
        };
        match layers.iter_mut().find_map(|layer| takes(layer).then_some(&mut layer.1)) {
            Some(places) => places.push((pattern, place)),
            None => {
                let mut patterns = Paths::new();
                patterns.insert(pattern.as_str(), ()).map_err(|e| format!("{pattern}: {e}"))?;
                layers.push((patterns, vec![(pattern, place)]));
            }
        }
    }
    layers
        .into_iter()
        .map(|(_, places)| {
            let mut paths = Paths::new();
            insert(&mut paths, places)?;
            Ok(paths)
        })
        .collect()
}

fn insert(paths: &mut Paths<Place>, places: Vec<(String, Place)>) -> Result<(), String> {
    for (pattern, place) in places {
        paths.insert(pattern.clone(), place).map_err(|error| format!("{pattern}: {error}"))?;
    }
    Ok(())
}

impl Operations {
    fn add(&mut self, candidate: Candidate) {
        self.matches |= !candidate.matching.is_empty();
        place(&mut self.candidates, candidate, |other, new| {
            new.method == other.method && new.matching.is_narrower(&other.matching)
        });
    }
}

impl<'r, 'p> Found<'r, 'p> {
    fn of(
        operations: &'r Operations,
        service: Option<SoapServiceId>,
        values: Vec<&'p str>,
    ) -> Self {
        let Operations { candidates, matches } = operations;
        Self { candidates, matches: *matches, service, values }
    }

    fn is_empty(&self) -> bool {
        self.candidates.is_empty() && self.service.is_none()
    }

    /// Whether there is something for a method; what GET gives is there for HEAD too.
    fn has(&self, method: &Method) -> bool {
        self.service.is_some()
            || self.candidates.iter().any(|candidate| {
                candidate.method == *method
                    || *method == Method::HEAD && candidate.method == Method::GET
            })
    }
}
