//! Answers over SOAP: results and faults in envelopes.

use std::sync::LazyLock;

use http::{HeaderValue, StatusCode};

use super::draft;
use super::form::{Form, Written};
use super::incoming::SoapCall;
use super::soap_result;
use crate::plan::operation::SoapNames;
use crate::value::Value;
use crate::wire::soap::{self, Fault, FaultCode};

/// What answers to a message are called that is none of any operation.
static NAMELESS: LazyLock<SoapNames> = LazyLock::new(|| SoapNames::of(""));

/// The response to a message, with its result, if there is one.
pub(super) fn write_result(value: Option<Value>, status: StatusCode, form: Form<'_>) -> Written {
    let mut body = draft::begin();
    let Some((id, call)) = form.soap else { return Ok((None, body)) };
    let service = form.plan.service.soap_services.get(id.0);
    let mut bindings = form.operation.into_iter().flat_map(|operation| &operation.bindings);
    let binding = bindings.find(|binding| binding.soap == Some(id));
    let names = binding.map_or(&*NAMELESS, |binding| &binding.answers);
    let tree = soap_result::message(service, names, form.operation, status.as_u16(), value);
    soap::close(call.version, &tree, &mut body)?;
    Ok((Some(soap_content_type(call)), body))
}

pub(super) fn write_fault(
    code: FaultCode,
    reason: &str,
    detail: Option<Value>,
    form: Form<'_>,
) -> Written {
    let Some((_, call)) = form.soap else {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        return Ok((Some(plain), reason.as_bytes().to_vec()));
    };
    let fault = Fault { code, reason: reason.to_owned(), detail };
    let mut body = Vec::with_capacity(512);
    soap::fault(call.version, &fault, &mut body)?;
    Ok((Some(soap_content_type(call)), body))
}

fn soap_content_type(call: &SoapCall) -> HeaderValue {
    match call.version {
        soap::SoapVersion::V11 => HeaderValue::from_static("text/xml; charset=utf-8"),
        soap::SoapVersion::V12 => HeaderValue::from_static("application/soap+xml; charset=utf-8"),
    }
}
