//! Forms, as trees.

use percent_encoding::percent_decode_str;

use crate::value::{Map, Value};

/// The names and values of a form; a name that comes more than once has a list.
pub(super) fn read(body: &str) -> Value {
    let mut map = Map::new();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), Value::text(decoded(value)));
        let value = match map.get(&name) {
            None => value,
            Some(Value::List(known)) => Value::list(known.iter().cloned().chain([value]).collect()),
            Some(known) => Value::list(vec![known.clone(), value]),
        };
        map.insert(name, value);
    }
    Value::map(map)
}

/// A name or value of a form or a query.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
