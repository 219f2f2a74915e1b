//! The same pieces as JSON, in their order.

use serde::ser::{Serialize, Serializer};

use super::piece::{Kind, Piece};

/// The text of a document in JSON, with an end of line.
pub fn json(piece: &Piece) -> String {
    // A tree of texts and numbers can always be written.
    let mut text = serde_json::to_string_pretty(piece).unwrap_or_default();
    text.push('\n');
    text
}

impl Serialize for Piece {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(*value),
            Kind::Number(number) => match number.parse::<serde_json::Number>() {
                Ok(number) => number.serialize(serializer),
                Err(_) => serializer.serialize_str(number),
            },
            Kind::Text(text) => serializer.serialize_str(text),
            Kind::List(items) => serializer.collect_seq(items),
            Kind::Map(members) => {
                serializer.collect_map(members.iter().map(|member| (&member.key, &member.value)))
            }
        }
    }
}
