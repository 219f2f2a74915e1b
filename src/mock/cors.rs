//! What browsers ask before they let a page of another origin send a request or read an answer
//! (the Fetch standard, section 3.3).

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::run::Finished;
use super::trace::{Outcome, Trace};
use crate::exchange::{Answer, Request};
use crate::model::{Cors, Origins};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::value::Scope;
use crate::value::{Map, Value};

/// The answer to a browser that asks whether it may send a request; `None` where it asks for
/// something else.
pub(super) fn preflight(
    plan: &Plan,
    request: &Request,
    settings: impl FnOnce() -> Option<Arc<Map>>,
) -> Option<Finished> {
    let cors = plan.service.cors.as_ref()?;
    let asks = request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if !asks {
        return None;
    }
    let mut answer = Answer::empty(StatusCode::NO_CONTENT);
    let mut trace = Trace::default();
    let settings = plan.origins.as_ref().and_then(|_| settings());
    match origin(plan, cors, request, settings.clone()) {
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
    Some(Finished { answer, rule, trace, settings, ..Finished::default() })
}

/// Tells a browser which page may read an answer. The settings are asked for only where they say
/// it.
pub(super) fn tell(
    plan: &Plan,
    request: &Request,
    answer: &mut Answer,
    settings: impl FnOnce() -> Option<Arc<Map>>,
) {
    let Some(cors) = &plan.service.cors else { return };
    let any = matches!(cors.origins, Origins::Any) && !cors.credentials;
    if !any {
        put_vary(&mut answer.headers, &ORIGIN);
    }
    let asks = request.headers.contains_key(ORIGIN) && plan.origins.is_some();
    let settings = if asks { settings() } else { None };
    let Some(origin) = origin(plan, cors, request, settings) else { return };
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
fn origin<'r>(
    plan: &Plan,
    cors: &Cors,
    request: &'r Request,
    settings: Option<Arc<Map>>,
) -> Option<&'r HeaderValue> {
    let origin = request.headers.get(ORIGIN)?;
    let given = plan.origins.as_ref().zip(settings).and_then(|(origins, settings)| {
        let mut scope = Scope::new(&plan.names);
        scope.set(Slot::SETTINGS, Value::Map(settings));
        origins.value(&scope).ok().flatten()
    });
    origin.to_str().is_ok_and(|text| cors.allows(text, given.as_ref())).then_some(origin)
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
