//! A message of SOAP as a call of the operation that takes it.

use super::Recorded;
use super::called::Called;
use super::keys::KeyPlace;
use super::message::sent;
use crate::model::{ChosenBinding, Operation, Route, Service};
use crate::wire::soap::SoapVersion;

/// The call that sends that message to the operation whose binding at a position is one of SOAP;
/// none where the call cannot say it.
pub(super) fn called(
    service: &Service,
    operation: &Operation,
    at: usize,
    recorded: &Recorded,
) -> Option<Called> {
    let binding = operation.bindings.get(at)?;
    let Route::Soap(id) = &binding.route else { return None };
    let soap = service.soap_services.get(id.0)?;
    let message = sent(recorded)?;
    let is_named = message.element.local == *binding.request_element(operation);
    let action = binding.soap_action(soap, operation);
    let is_usual = message.action.is_none_or(|named| *named == *action);
    if message.has_header || !is_named || !is_usual || *recorded.path != *soap.path {
        return None;
    }
    let mut call = Called::of(operation);
    let chosen = ChosenBinding { at, soap12: message.version == SoapVersion::V12 };
    if operation.first_binding(&service.soap_services) != Some(chosen) {
        let mut names = operation.binding_names(&service.soap_services).into_iter();
        call.binding = Some(names.find(|(_, other)| *other == chosen)?.0);
    }
    for (name, value) in message.content.members()? {
        let is_known = operation.parameters.iter().any(|known| known.name == *name);
        (is_known && !name.starts_with(['@', '#'])).then_some(())?;
        call.parameters.push((name.to_string(), value.clone()));
    }
    for (name, value) in &recorded.headers {
        let own = ["content-type", "soapaction", "accept"];
        let own = own.iter().any(|own| name.eq_ignore_ascii_case(own));
        if !own && !recorded.has_key(KeyPlace::Header, name) {
            call.headers.push((name.clone(), value.clone()));
        }
    }
    Some(call)
}
