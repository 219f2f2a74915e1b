//! Texts and maps that take no more room than what is in them. A client can send very many small ones: an
//! empty object is two bytes of JSON.

use std::sync::{Arc, LazyLock};

use super::Map;

static NO_MEMBERS: LazyLock<Arc<Map>> = LazyLock::new(Arc::default);

/// A text to be shared; all that are empty are one.
pub fn shared_text(text: &str) -> Arc<str> {
    if text.is_empty() { Arc::default() } else { text.into() }
}

/// A map to be shared; all that are empty are one.
pub(super) fn map(mut map: Map) -> Arc<Map> {
    if map.is_empty() {
        return NO_MEMBERS.clone();
    }
    map.fit();
    Arc::new(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_for_what_is_not_there() {
        assert!(Arc::ptr_eq(&map(Map::with_capacity(9)), &map(Map::new())));
        assert!(Arc::ptr_eq(&shared_text(""), &shared_text("")));
    }
}
