//! Which operations a request can be for.

use crate::model::{Operation, OperationId, Route, Routing, Segment, Service};

/// The operations, with their bindings, that a method and a path below the base path lead to.
/// Types of segments are not looked at, so there may be several.
pub(in crate::run) fn operations_at(
    service: &Service,
    method: &str,
    path: &str,
) -> Vec<(OperationId, Option<usize>)> {
    let path = path.split('?').next().unwrap_or_default();
    let mut best = Vec::new();
    let mut most = None;
    for (id, at, operation) in bindings(service) {
        let Some(binding) = operation.bindings.get(at) else { continue };
        let literals = match &binding.route {
            Route::Http { method: own, path: segments } => {
                if own.as_str() != method {
                    continue;
                }
                literals(segments, path, service.routing)
            }
            Route::Soap(soap) => {
                let soap = service.soap_services.get(soap.0);
                soap.filter(|soap| is_same(&soap.path, path, service.routing))
                    .filter(|_| method == "POST")
                    .map(|_| usize::MAX)
            }
        };
        let Some(literals) = literals else { continue };
        if most.is_none_or(|most| literals > most) {
            most = Some(literals);
            best.clear();
        }
        if most == Some(literals) {
            best.push((id, Some(at)));
        }
    }
    best
}

fn bindings(service: &Service) -> impl Iterator<Item = (OperationId, usize, &Operation)> {
    let operations = service.operations.iter().enumerate();
    operations.flat_map(|(id, operation)| {
        (0..operation.bindings.len()).map(move |at| (OperationId(id), at, operation))
    })
}

/// How many fixed segments fit; `None` when the path is another one.
fn literals(segments: &[Segment], path: &str, routing: Routing) -> Option<usize> {
    let trimmed = match routing.ignore_trailing_slash {
        true => path.strip_suffix('/').unwrap_or(path),
        false => path,
    };
    let parts: Vec<&str> = trimmed.strip_prefix('/').unwrap_or(trimmed).split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut count = 0;
    for (segment, part) in segments.iter().zip(parts) {
        match segment {
            Segment::Parameter(_) => {}
            Segment::Literal(literal) if is_same(literal, part, routing) => count += 1,
            Segment::Literal(_) => return None,
            Segment::Affixed { .. } => {
                segment.value(part, routing.case_sensitive)?;
            }
        }
    }
    Some(count)
}

fn is_same(expected: &str, actual: &str, routing: Routing) -> bool {
    if routing.case_sensitive { expected == actual } else { expected.eq_ignore_ascii_case(actual) }
}
