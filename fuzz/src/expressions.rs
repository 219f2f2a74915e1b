//! Expressions: the values first, as JSON, and then what is asked of them. None takes long.

use counterpart::unstable::expression::parse;
use counterpart::unstable::value::Value;
use counterpart::unstable::wire::json::Json;
use counterpart::unstable::wire::{Limits, Wire};

use crate::{parts, text};

pub(crate) fn evaluate(input: &[u8]) {
    let parts = parts(input);
    let (expression, values) = parts.split_first().expect("there is always one");
    let Ok(parsed) = parse(&text(expression)) else { return };
    let values = values.first().and_then(|json| Json.decode(json, &Limits::default()).ok());
    let values = values.map_or(Value::Null, |decoded| decoded.value);
    let roots: Vec<Option<Value>> =
        parsed.roots().iter().map(|root| values.get(root).cloned()).collect();
    let value = parsed.evaluate(&roots);
    let again = parsed.evaluate(&roots);
    assert_eq!(value.is_ok(), again.is_ok());
    if let (Ok(value), Ok(again)) = (&value, &again) {
        assert_eq!(value, again, "it says two things");
    }
    let _ = parsed.is_true(&roots);
    if let Ok(Some(value)) = value {
        let _ = value.to_string();
    }
    for reference in parsed.references() {
        assert!(!reference.dotted().is_empty());
    }
}
