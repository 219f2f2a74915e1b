//! SOAP 1.1 and 1.2: messages in envelopes, faults and descriptions (WSDL).

mod action;
mod envelope;
mod fault;
pub mod wsdl;

pub use action::action;
pub use envelope::{OpenError, close, open, open_in};
pub use fault::{Fault, FaultCode, fault};

use crate::value::{Map, Value};

/// A version of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoapVersion {
    /// SOAP 1.1, W3C Note of May 2000.
    V11,
    /// SOAP 1.2, W3C Recommendation of April 2007.
    V12,
}

impl SoapVersion {
    /// The namespace of the envelope, by which a message says its version.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The media type of a message.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml",
            Self::V12 => "application/soap+xml",
        }
    }

    /// The version whose envelope has that namespace.
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        [Self::V11, Self::V12].into_iter().find(|version| version.namespace() == namespace)
    }
}

/// An object with those members.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut map = Map::with_capacity(N);
    for (name, value) in members {
        map.push(name.into(), value);
    }
    Value::map(map)
}
