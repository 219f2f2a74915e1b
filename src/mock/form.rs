//! In which form answers are written.

use http::HeaderValue;

use super::incoming::SoapCall;
use crate::model::{MediaTypeId, SoapServiceId};
use crate::plan::Plan;
use crate::plan::operation::Operation;
use crate::wire::EncodeError;

/// In which form to answer.
#[derive(Clone, Copy)]
pub(super) struct Form<'r> {
    /// The vendor.
    pub plan: &'r Plan,
    /// The operation, once it is known.
    pub operation: Option<&'r Operation>,
    /// The media type that `Accept` chose.
    pub media_type: Option<MediaTypeId>,
    /// The SOAP service and message that came.
    pub soap: Option<(SoapServiceId, &'r SoapCall)>,
}

/// The media type and the body of an answer.
pub(super) type Written = Result<(Option<HeaderValue>, Vec<u8>), EncodeError>;
