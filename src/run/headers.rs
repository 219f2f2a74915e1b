//! The fields of an answer, as everything looks at them: by name without regard to case, with all
//! their lines.

use std::sync::Arc;

use crate::value::{Record, Shape, Value};

/// Cookies have commas in them, so their lines cannot be joined (RFC 9110 section 5.3).
const COOKIES: &str = "set-cookie";

/// The lines of a field, in order.
pub(super) fn lines<'h>(
    fields: &'h [(String, String)],
    name: &'h str,
) -> impl DoubleEndedIterator<Item = &'h str> + Clone {
    let named = fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, value)| &**value)
}

/// The lines of a field as one text, with commas between them; nothing where there is none.
pub(super) fn joined(fields: &[(String, String)], name: &str) -> Option<String> {
    let lines: Vec<&str> = lines(fields, name).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// The lines of a field as a list.
pub(super) fn list(fields: &[(String, String)], name: &str) -> Value {
    Value::list(lines(fields, name).map(Value::text).collect())
}

/// What expressions see: each field by its name as it is written, found without regard to case.
/// It is a text, its lines joined; cookies are a list.
pub(super) fn record(fields: &[(String, String)]) -> Record {
    let mut names: Vec<Arc<str>> = Vec::new();
    for (name, _) in fields {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.as_str().into());
        }
    }
    let mut record = Record::new(Shape::of_fields(names.clone()));
    for (slot, name) in names.iter().enumerate() {
        let value = match name.eq_ignore_ascii_case(COOKIES) {
            true => Some(list(fields, name)),
            false => joined(fields, name).map(Value::from),
        };
        record.set_slot(slot, value);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_all_its_lines_whatever_case_its_name_is_in() {
        let fields = [("X-Id", "1"), ("Set-Cookie", "a=1"), ("x-id", "2"), ("set-cookie", "b=2")];
        let fields: Vec<(String, String)> =
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let record = Value::Record(Arc::new(record(&fields)));
        assert_eq!(record.get("X-ID"), Some(&Value::text("1, 2")));
        assert_eq!(record.get("SET-cookie").unwrap().to_string(), r#"["a=1","b=2"]"#);
        assert_eq!(record.get("x"), None);
        assert_eq!(record.to_string(), r#"{"X-Id":"1, 2","Set-Cookie":["a=1","b=2"]}"#);
    }
}
