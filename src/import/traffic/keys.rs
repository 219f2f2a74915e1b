//! The keys of a request that the security schemes of a spec have a place for.

use super::Recorded;
use super::form::decoded;
use crate::model::{ApiKeyPlace, Operation, SchemeId, SecurityKind, Service};

/// A key that a client shows.
#[derive(Debug, Clone)]
pub(in crate::import) struct Key {
    /// The security scheme.
    pub(super) scheme: String,
    /// Where it stands.
    pub(super) place: KeyPlace,
    /// The name there.
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum KeyPlace {
    Header,
    Query,
}

/// The keys of a request, as `authenticate` of a step shows them: where the operation asks for some
/// of them, only those.
pub(super) fn keys(
    service: &Service,
    operation: Option<&Operation>,
    recorded: &Recorded,
) -> Vec<Key> {
    let asks = |at: usize| {
        let all = operation.into_iter().flat_map(|operation| &operation.security);
        all.flat_map(|requirement| &requirement.schemes).any(|(id, _)| *id == SchemeId(at))
    };
    let mut found: Vec<(bool, Key)> = Vec::new();
    for (at, scheme) in service.security_schemes.iter().enumerate() {
        let key = |place, name: &str, value: &str| Key {
            scheme: scheme.name.to_string(),
            place,
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let key = match &scheme.kind {
            SecurityKind::Http(word) => recorded
                .header("Authorization")
                .and_then(|value| value.split_once(' '))
                .filter(|(known, _)| known.eq_ignore_ascii_case(word))
                .map(|(_, token)| key(KeyPlace::Header, "Authorization", token)),
            SecurityKind::ApiKey { place: ApiKeyPlace::Header, name } => {
                recorded.header(name).map(|value| key(KeyPlace::Header, name, value))
            }
            SecurityKind::ApiKey { place: ApiKeyPlace::Query, name } => {
                in_query(recorded, name).map(|value| key(KeyPlace::Query, name, &value))
            }
            // What stands elsewhere is sent as it was, as is a pair in base64.
            SecurityKind::ApiKey { .. }
            | SecurityKind::Basic { .. }
            | SecurityKind::MutualTls(_) => None,
        };
        found.extend(key.filter(|key| !key.value.is_empty()).map(|key| (asks(at), key)));
    }
    let asked = found.iter().any(|(asks, _)| *asks);
    let mut keys: Vec<Key> = Vec::new();
    for (_, key) in found.into_iter().filter(|(asks, _)| *asks || !asked) {
        // One place has one key.
        let is_there =
            |known: &Key| known.place == key.place && known.name.eq_ignore_ascii_case(&key.name);
        if !keys.iter().any(is_there) {
            keys.push(key);
        }
    }
    keys
}

/// The value of a name that the query has once.
fn in_query(recorded: &Recorded, name: &str) -> Option<String> {
    let (_, query) = recorded.path.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(known, _)| decoded(known) == name);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| decoded(value))
}

impl Recorded {
    /// Whether a field of the head is shown as a key.
    pub(super) fn has_key(&self, place: KeyPlace, name: &str) -> bool {
        let is = |key: &Key| key.place == place && key.name.eq_ignore_ascii_case(name);
        self.keys.iter().any(is)
    }
}
