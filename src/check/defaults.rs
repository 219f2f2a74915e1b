//! What a vendor says for all of its operations.

use super::shared::SharedSteps;
use crate::coding::Coding;
use crate::model::{
    Disturbances, MediaType, MediaTypeId, Response, SecurityRequirement, SecurityScheme,
};

/// What the vendor says for operations that say nothing themselves.
pub(super) struct Defaults<'d, 'n> {
    pub(super) security: &'d [SecurityRequirement],
    pub(super) security_schemes: &'d [Option<SecurityScheme>],
    pub(super) consumes: Option<&'d [MediaTypeId]>,
    pub(super) produces: Option<&'d [MediaTypeId]>,
    pub(super) content_codings: &'d [Coding],
    pub(super) media_types: &'d [MediaType],
    pub(super) responses: &'d [Response],
    pub(super) disturbances: &'d Disturbances,
    pub(super) shared_steps: &'d [SharedSteps<'n>],
}

impl Defaults<'_, '_> {
    /// The operation's own list, else the vendor's, else all media types there are.
    pub(super) fn media_types(
        &self,
        own: Option<Vec<MediaTypeId>>,
        vendor: Option<&[MediaTypeId]>,
    ) -> Vec<MediaTypeId> {
        own.or_else(|| vendor.map(<[_]>::to_vec))
            .unwrap_or_else(|| (0..self.media_types.len()).map(MediaTypeId).collect())
    }

    /// The vendor's responses that the operation does not describe itself.
    pub(super) fn responses(&self, own: &[Response]) -> Vec<Response> {
        let is_new = |response: &&Response| own.iter().all(|one| one.status != response.status);
        self.responses.iter().filter(is_new).cloned().collect()
    }
}
