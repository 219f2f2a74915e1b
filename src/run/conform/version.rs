//! Whether an answer is in the version of SOAP that was asked in.

use super::super::answer::{Answer, Body};
use super::finder::{Enveloped, Finder, enveloped};
use crate::wire::soap::SoapVersion;

impl Finder<'_> {
    /// The envelope, and the media type, which goes with its version. What is no envelope is
    /// looked at elsewhere.
    pub(super) fn version(&mut self, asked: SoapVersion, answer: &Answer) {
        let Ok(Body::Document(root, tree)) = answer.body() else { return };
        let Some(version) = root.name.namespace.as_deref().and_then(SoapVersion::of_namespace)
        else {
            return;
        };
        // A server may say in another version that it does not know the one that was asked in.
        if matches!(enveloped(tree), Some(Enveloped::Fault(..))) {
            return;
        }
        if version != asked {
            let message =
                format!("the envelope is {}, and the request was {}", name(version), name(asked));
            self.note("/Envelope", asked.namespace(), version.namespace(), &message);
        }
        let content_type = answer.response.header("content-type").unwrap_or_default();
        let actual = content_type.split(';').next().unwrap_or_default().trim();
        if !actual.eq_ignore_ascii_case(asked.media_type()) {
            let wanted = asked.media_type();
            let message = format!(
                "the media type of the answer is `{actual}`, that of {} is {wanted}",
                name(asked)
            );
            self.note("header Content-Type", wanted, actual, &message);
        }
    }
}

fn name(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::V11 => "SOAP 1.1",
        SoapVersion::V12 => "SOAP 1.2",
    }
}

/// The version whose messages have the media type of a content type.
pub(in crate::run) fn of_content_type(content_type: &str) -> Option<SoapVersion> {
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let known = [SoapVersion::V11, SoapVersion::V12];
    known.into_iter().find(|version| name.eq_ignore_ascii_case(version.media_type()))
}
