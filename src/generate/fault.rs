//! A SOAP fault as it has to come back.

use super::said::{as_texts, known, said_by};
use crate::model::{Fault, Text};
use crate::wire::soap::{FaultCode, SoapVersion};
use crate::write::Piece;

/// What is known of a fault, in its envelope. The prefix of its code stands for the namespace of
/// the envelope, whatever that is bound to in the answer.
pub(super) fn body(soap12: bool, fault: &Fault, message: Option<&Text>) -> Piece {
    let code = if fault.sender { FaultCode::Sender } else { FaultCode::Receiver };
    let code = |version| format!("soap:{}", code.name(version));
    let reason = said_by(&fault.reason, message);
    let detail = fault.detail.as_ref().and_then(|tree| known(tree, message)).map(as_texts);
    let mut members = Piece::map();
    match soap12 {
        false => {
            members.set("faultcode", code(SoapVersion::V11));
            if let Some(reason) = reason {
                members.set("faultstring", reason);
            }
        }
        true => {
            members.set("Code", Piece::map().with("Value", code(SoapVersion::V12)));
            if let Some(reason) = reason {
                let text = Piece::map().with("#text", reason);
                members.set("Reason", Piece::map().with("Text", text));
            }
        }
    }
    if let Some(detail) = detail {
        members.set(if soap12 { "Detail" } else { "detail" }, detail);
    }
    let body = Piece::map().with("Fault", members);
    Piece::map().with("Envelope", Piece::map().with("Body", body))
}
