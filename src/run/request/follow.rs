//! Requests to links.

use super::credential::authenticate;
use super::given::keys;
use super::raw::written_headers;
use super::{Draft, Unmade, Way};
use crate::model::Service;
use crate::run::client::Request;
use crate::run::scope::Scope;
use crate::run::url;
use crate::scenario::Follow;

/// A GET of an absolute URL.
pub(in crate::run) fn follow(
    service: &Service,
    follow: &Follow,
    scope: &Scope<'_>,
) -> Result<Request, Unmade> {
    let link = scope.tree(&follow.url)?.and_then(|link| link.scalar_text());
    let link = link.ok_or_else(|| Unmade::Other("there is no link".to_owned()))?;
    let base = url::absolute(&link).map_err(Unmade::Other)?;
    let mut draft = Draft { method: "GET".to_owned(), ..Draft::default() };
    draft.give(written_headers(follow.headers.as_ref(), scope)?);
    let keys = keys(service, &follow.authenticate, scope)?;
    authenticate(service, keys.iter(), scope, &mut draft, None)?;
    draft.offer("Accept", "*/*");
    draft.finish(service, scope, &Way { base, host: None, headers: Vec::new() })
}
