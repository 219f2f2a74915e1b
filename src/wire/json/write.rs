//! Writes a tree as JSON, without white space.

use super::escaped::plain_length;
use crate::value::Value;

/// Appends a value. The library writes numbers, and texts that something is escaped in.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Integer(value) => {
            out.extend_from_slice(itoa::Buffer::new().format(*value).as_bytes());
        }
        Value::Number(value) => serde_json::to_writer(out, value)?,
        Value::Text(text) => write_text(text, out)?,
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Map(_) | Value::Record(_) => {
            out.push(b'{');
            for (at, (name, member)) in value.members().into_iter().flatten().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(name, out)?;
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let bytes = text.as_bytes();
    if plain_length(bytes) < bytes.len() {
        return serde_json::to_writer(out, text);
    }
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    out.extend_from_slice(bytes);
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_the_library_does_it() {
        let long = "x".repeat(70);
        for end in ["", "a", "\"", "\\", "\u{1f}", "\n", "\u{7f}", "\u{e4}", "\u{2028}"] {
            for text in [end.to_owned(), format!("{long}{end}"), format!("{end}{long}")] {
                let mut out = Vec::new();
                write(&Value::text(&*text), &mut out).unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
            }
        }
    }
}
