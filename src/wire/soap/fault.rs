//! Faults: how a SOAP service says that something went wrong.

use super::{SoapVersion, close, object};
use crate::value::Value;
use crate::wire::EncodeError;

/// A fault.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Who is to blame.
    pub code: FaultCode,
    /// What went wrong, for a human.
    pub reason: String,
    /// What stands in the detail element, which is there in any case.
    pub detail: Option<Value>,
}

/// Who is to blame (SOAP 1.1 section 4.4.1, SOAP 1.2 part 1 section 5.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultCode {
    /// The sender; `Client` in SOAP 1.1.
    Sender,
    /// The receiver; `Server` in SOAP 1.1.
    Receiver,
    /// The envelope is of another version.
    VersionMismatch,
    /// A header that must be understood is not.
    MustUnderstand,
}

impl FaultCode {
    /// The name in that version, without prefix.
    pub fn name(self, version: SoapVersion) -> &'static str {
        match (self, version) {
            (Self::Sender, SoapVersion::V11) => "Client",
            (Self::Sender, SoapVersion::V12) => "Sender",
            (Self::Receiver, SoapVersion::V11) => "Server",
            (Self::Receiver, SoapVersion::V12) => "Receiver",
            (Self::VersionMismatch, _) => "VersionMismatch",
            (Self::MustUnderstand, _) => "MustUnderstand",
        }
    }
}

/// Writes an envelope with a fault.
pub fn fault(version: SoapVersion, fault: &Fault, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let code: Value = format!("soap:{}", fault.code.name(version)).into();
    let reason: Value = fault.reason.as_str().into();
    let detail = fault.detail.clone().unwrap_or_else(|| "".into());
    let members = match version {
        SoapVersion::V11 => {
            object([("faultcode", code), ("faultstring", reason), ("detail", detail)])
        }
        SoapVersion::V12 => {
            let text = object([("@xml:lang", "en".into()), ("#text", reason)]);
            object([
                ("soap:Code", object([("soap:Value", code)])),
                ("soap:Reason", object([("soap:Text", text)])),
                ("soap:Detail", detail),
            ])
        }
    };
    close(version, &object([("soap:Fault", members)]), out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Limits;
    use crate::wire::soap::open;

    fn write(version: SoapVersion, detail: Option<Value>) -> String {
        let told = Fault { code: FaultCode::Sender, reason: "a ---> b".into(), detail };
        let mut out = Vec::new();
        fault(version, &told, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn faults_are_written_as_their_version_has_them() {
        let head = |namespace| {
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{namespace}\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                 xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"><soap:Body><soap:Fault>"
            )
        };
        let tail = "</soap:Fault></soap:Body></soap:Envelope>";
        let expected11 = format!(
            "{}<faultcode>soap:Client</faultcode><faultstring>a ---&gt; b</faultstring>\
             <detail />{tail}",
            head("http://schemas.xmlsoap.org/soap/envelope/")
        );
        let expected12 = format!(
            "{}<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason>\
             <soap:Text xml:lang=\"en\">a ---&gt; b</soap:Text></soap:Reason><soap:Detail />{tail}",
            head("http://www.w3.org/2003/05/soap-envelope")
        );
        assert_eq!(write(SoapVersion::V11, None), expected11);
        assert_eq!(write(SoapVersion::V12, None), expected12);
    }

    #[test]
    fn a_fault_can_be_opened_again() {
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let detail = object([("code", "7".into())]);
            let written = write(version, Some(detail.clone()));
            let message = open(written.as_bytes(), &Limits::default()).unwrap();
            assert!(message.operation.is(Some(version.namespace()), "Fault"));
            let name = if version == SoapVersion::V11 { "detail" } else { "Detail" };
            assert_eq!(message.parameters.get(name), Some(&detail));
        }
    }
}
