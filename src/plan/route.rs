//! From a method and a path to an operation. The only use of matchit.

use std::fmt::Write as _;
use std::sync::Arc;

use matchit::Router as Paths;

use crate::model::matching::place;
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
    routing: Routing,
}

/// What is found at a path.
#[derive(Debug, Default)]
struct Place {
    candidates: Vec<Candidate>,
    matches: bool,
    service: Option<SoapServiceId>,
}

/// An operation that may be meant, if its path parameters fit.
#[derive(Debug)]
pub struct Candidate {
    /// The method.
    pub method: http::Method,
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
    /// Puts a vendor's routes together. Routes that matchit cannot tell apart were refused when
    /// the spec was checked; one that is left is reported with its path.
    pub fn compile(service: &Service) -> Result<Self, String> {
        let mut router = Self { paths: Paths::new(), routing: service.routing };
        let mut places: Vec<(String, Place)> = Vec::new();
        for (at, operation) in service.operations.iter().enumerate() {
            for (position, binding) in operation.bindings.iter().enumerate() {
                let Route::Http { method, path } = &binding.route else { continue };
                let names = path.iter().filter_map(|segment| segment.parameter().cloned());
                let candidate = Candidate {
                    method: method.clone(),
                    binding: BindingId { operation: OperationId(at), binding: position },
                    names: names.collect(),
                    matching: binding.matching.clone(),
                    rule: binding.rule,
                };
                let here = Self::place(&mut places, router.pattern(path));
                here.matches |= !candidate.matching.is_empty();
                place(&mut here.candidates, candidate, |other, new| {
                    new.method == other.method && new.matching.is_narrower(&other.matching)
                });
            }
        }
        for (at, soap) in service.soap_services.iter().enumerate() {
            let pattern = router.fixed(&soap.path);
            Self::place(&mut places, pattern).service = Some(SoapServiceId(at));
        }
        for (pattern, place) in places {
            router.paths.insert(pattern.clone(), place).map_err(|e| format!("{pattern}: {e}"))?;
        }
        Ok(router)
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
            let (before, after): (&str, &str) = match segment {
                Segment::Literal(text) => (text, ""),
                Segment::Parameter(_) => ("", ""),
                Segment::Affixed { before, after, .. } => (before, after),
            };
            pattern.push_str(&self.fixed(before));
            if segment.parameter().is_some() {
                _ = write!(pattern, "{{p{parameters}}}");
                parameters += 1;
            }
            pattern.push_str(&self.fixed(after));
        }
        if pattern.is_empty() { "/".to_owned() } else { pattern }
    }

    fn fixed(&self, text: &str) -> String {
        self.fold(text).replace('{', "{{").replace('}', "}}")
    }

    fn fold(&self, text: &str) -> String {
        if self.routing.case_sensitive { text.to_owned() } else { text.to_ascii_lowercase() }
    }

    /// What a path, below the base path, leads to.
    pub fn find<'r, 'p>(&'r self, path: &'p str) -> Option<Found<'r, 'p>> {
        let path = match path.strip_suffix('/') {
            Some(shorter) if self.routing.ignore_trailing_slash && !shorter.is_empty() => shorter,
            _ if path.is_empty() => "/",
            _ => path,
        };
        if self.routing.case_sensitive {
            return self.find_folded(path, path);
        }
        self.find_folded(path, &path.to_ascii_lowercase())
    }

    /// Folding ASCII letters keeps offsets, so values are cut out of the path as it was sent.
    fn find_folded<'r, 'p>(&'r self, path: &'p str, folded: &str) -> Option<Found<'r, 'p>> {
        let matched = self.paths.at(folded).ok()?;
        let start = folded.as_ptr() as usize;
        let values = matched
            .params
            .iter()
            .map(|(_, value)| {
                let at = value.as_ptr() as usize - start;
                path.get(at..at + value.len()).unwrap_or_default()
            })
            .collect();
        let place = matched.value;
        let candidates = &*place.candidates;
        Some(Found { candidates, matches: place.matches, service: place.service, values })
    }
}
