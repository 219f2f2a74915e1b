//! What browsers ask before they let a page of another origin send a request or read an answer
//! (the Fetch standard, section 3.3).

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::run::Finished;
use super::trace::{Outcome, Trace};
use crate::exchange::{Answer, Request};
use crate::model::Cors;
use crate::plan::Plan;

/// The answer to a browser that asks whether it may send a request; `None` where it asks for
/// something else.
pub(super) fn preflight(plan: &Plan, request: &Request) -> Option<Finished> {
    let cors = plan.service.cors.as_ref()?;
    let asks = request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    let mut answer = Answer::empty(StatusCode::NO_CONTENT);
    let mut trace = Trace::default();
    match origin(cors, request) {
        Some(_) => {
            trace.about(cors.rule, Outcome::Answered, "the origin is allowed");
            let headers = &mut answer.headers;
            put(headers, &ACCESS_CONTROL_ALLOW_METHODS, &cors.methods);
            match (&cors.headers, request.headers.get(ACCESS_CONTROL_REQUEST_HEADERS)) {
                (Some(named), _) => put(headers, &ACCESS_CONTROL_ALLOW_HEADERS, named),
                (None, Some(asked)) => {
                    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
                    put_vary(headers, &ACCESS_CONTROL_REQUEST_HEADERS);
                }
                (None, None) => {}
            }
            if let Some(seconds) = cors.max_age {
                put(headers, &ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
            }
        }
        None => trace.about(cors.rule, Outcome::Broken, "the origin is not allowed"),
    }
    let rule = Some(cors.rule).filter(|rule| plan.is_backed(*rule));
    Some(Finished { answer, rule, trace, ..Finished::default() })
}

/// Tells a browser which page may read an answer.
pub(super) fn tell(plan: &Plan, request: &Request, answer: &mut Answer) {
    let Some(cors) = &plan.service.cors else { return };
    let any = cors.origins.is_none() && !cors.credentials;
    if !any {
        put_vary(&mut answer.headers, &ORIGIN);
    }
    let Some(origin) = origin(cors, request) else { return };
    let headers = &mut answer.headers;
    let allowed = if any { HeaderValue::from_static("*") } else { origin.clone() };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if cors.credentials {
        put(headers, &ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    if let Some(exposed) =
        cors.expose_headers.as_ref().filter(|_| request.method != Method::OPTIONS)
    {
        put(headers, &ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// The origin of the page that sends a request, where it may.
fn origin<'r>(cors: &Cors, request: &'r Request) -> Option<&'r HeaderValue> {
    let origin = request.headers.get(ORIGIN)?;
    origin.to_str().is_ok_and(|text| cors.allows(text)).then_some(origin)
}

fn put(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Adds a header of the request to those on which the answer depends.
pub(super) fn put_vary(headers: &mut HeaderMap, name: &HeaderName) {
    let known = headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|line| line.split(',')).map(str::trim);
    if !known.any(|known| known == "*" || known.eq_ignore_ascii_case(name.as_str())) {
        headers.append(VARY, HeaderValue::from_name(name.clone()));
    }
}
