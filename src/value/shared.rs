//! Lists and maps that take no more room than what is in them. A client can send very many small
//! ones: an empty object is two bytes of JSON.

use std::sync::{Arc, LazyLock};

use super::{Map, Value};

static NO_ITEMS: LazyLock<Arc<Vec<Value>>> = LazyLock::new(Arc::default);
static NO_MEMBERS: LazyLock<Arc<Map>> = LazyLock::new(Arc::default);

/// A list to be shared; all that are empty are one.
pub(super) fn list(mut items: Vec<Value>) -> Arc<Vec<Value>> {
    if items.is_empty() {
        return NO_ITEMS.clone();
    }
    fit(&mut items);
    Arc::new(items)
}

/// A map to be shared; all that are empty are one.
pub(super) fn map(mut map: Map) -> Arc<Map> {
    if map.is_empty() {
        return NO_MEMBERS.clone();
    }
    fit(&mut map.entries);
    Arc::new(map)
}

/// Gives back what is reserved when that is at least half of it.
fn fit<T>(items: &mut Vec<T>) {
    if items.len() <= items.capacity() / 2 {
        items.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_for_what_is_not_there() {
        assert!(Arc::ptr_eq(&list(Vec::with_capacity(9)), &list(Vec::new())));
        assert!(Arc::ptr_eq(&map(Map::with_capacity(9)), &map(Map::new())));
        let mut one = Vec::with_capacity(9);
        one.push(Value::Null);
        assert_eq!(list(one).capacity(), 1);
        let mut named = Map::with_capacity(9);
        named.push("n".into(), Value::Null);
        assert_eq!(map(named).entries.capacity(), 1);
    }
}
