//! Text as the types that it spells.

use crate::model::Type;
use crate::plan::schema::Schema;
use crate::value::{Map, Value};

/// How much a wire format says about the types of its scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// JSON: what it says counts.
    Strict,
    /// JSON whose texts may stand for numbers and booleans.
    Lenient,
    /// Forms, paths, queries, headers: all is text.
    Text,
    /// XML: all is text, an element may stand for a list of one or for an empty object.
    Xml,
    /// The same in an envelope, where nil is how a client says that it sends nothing.
    Soap,
}

impl Typing {
    /// Whether it is text with elements around.
    pub fn is_xml(self) -> bool {
        matches!(self, Self::Xml | Self::Soap)
    }

    /// Whether all is text.
    pub fn is_textual(self) -> bool {
        self == Self::Text || self.is_xml()
    }

    /// Whether a member is no content of its own: white space between elements, which `xml:space`
    /// keeps.
    pub fn passes_over(self, name: &str, value: &Value) -> bool {
        let is_blank = |text: &str| text.trim_matches([' ', '\t', '\n', '\r']).is_empty();
        self.is_xml() && name == "#text" && value.as_str().is_some_and(is_blank)
    }

    fn reads_text(self) -> bool {
        self != Self::Strict
    }

    /// What spells a number or a boolean: in XML, white space around it does not count (XML
    /// Schema part 2, section 4.3.6).
    fn lexical(self, text: &str) -> &str {
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        if self.is_xml() { text.trim_matches(is_space) } else { text }
    }
}

/// What a value is by the types of its schema.
pub(super) enum Typed {
    /// Of one of them.
    Value(Value),
    /// As if it had not been sent.
    Absent,
    /// Of none of them, as a violation says.
    Wrong,
}

/// The value as one of the types, or `None` when it is of none of them.
pub(super) fn coerce(
    value: &Value,
    types: &[Type],
    case_insensitive: bool,
    typing: Typing,
) -> Option<Value> {
    if types.is_empty() {
        return Some(value.clone());
    }
    types.iter().find_map(|r#type| coerce_one(value, *r#type, case_insensitive, typing))
}

/// The number or boolean among the choices of a schema without types that a text spells, unless
/// the text is one of them itself.
pub(super) fn spelled_choice(schema: &Schema, raw: &Value, typing: Typing) -> Option<Value> {
    if !schema.types.is_empty() || !typing.reads_text() || raw.as_str().is_none() {
        return None;
    }
    let choices = || schema.constraints.iter().flat_map(|one| one.keyword.choices());
    let is_spelled = |choice: &&Value| {
        let kind = match choice {
            Value::Bool(_) => Type::Boolean,
            Value::Integer(_) | Value::Number(_) => Type::Number,
            _ => return false,
        };
        let read = coerce_one(raw, kind, schema.case_insensitive, typing);
        read.as_ref() == Some(*choice)
    };
    let spelled = choices().find(is_spelled)?;
    choices().all(|choice| choice != raw).then(|| spelled.clone())
}

/// An element with a text alone, where one with attributes or others beside it may stand.
pub(super) fn text_alone(schema: &Schema, raw: &Value, typing: Typing) -> Option<Value> {
    let text = raw.as_str().filter(|_| typing.is_xml())?;
    let may_be = schema.types.contains(&Type::Object)
        && schema.properties.iter().any(|property| &*property.name == "#text");
    may_be.then(|| Value::map([("#text".into(), Value::text(text))].into_iter().collect()))
}

/// The type of fixed size that an integer is of and too large for, where it came as a text: such a
/// text cannot be read any more than one that spells no number.
pub(super) fn beyond(schema: &Schema, value: &Value, typing: Typing) -> Option<Value> {
    if !typing.is_textual() || !value.is_integer() {
        return None;
    }
    let size = schema.integers()?;
    (!size.fits(value)).then(|| size.name().into())
}

fn coerce_one(
    value: &Value,
    r#type: Type,
    case_insensitive: bool,
    typing: Typing,
) -> Option<Value> {
    match (r#type, value) {
        (Type::String, Value::Text(_))
        | (Type::Integer, Value::Integer(_))
        | (Type::Number, Value::Number(_) | Value::Integer(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Object, Value::Map(_) | Value::Record(_))
        | (Type::Array, Value::List(_)) => Some(value.clone()),
        // JSON Schema: 1.0 is an integer.
        (Type::Integer, Value::Number(number)) if number.is_integer() => {
            Some(number.to_i64().map_or_else(|| value.clone(), Value::Integer))
        }
        (Type::Integer, Value::Text(text)) if typing.reads_text() => integer(typing.lexical(text)),
        (Type::Number, Value::Text(text)) if typing.reads_text() => {
            Value::spelled(typing.lexical(text))
        }
        (Type::Boolean, Value::Text(text)) if typing.reads_text() => {
            boolean(typing.lexical(text), case_insensitive, typing)
        }
        (Type::Object, Value::Text(text)) if typing.is_xml() && text.trim().is_empty() => {
            Some(Value::map(Map::new()))
        }
        (Type::Array, Value::Text(text)) if typing.is_xml() && text.is_empty() => {
            Some(Value::list(Vec::new()))
        }
        (Type::Array, single) if typing.is_textual() => Some(Value::list(vec![single.clone()])),
        // Attributes beside a text are nobody's, unless the schema is of an object.
        (scalar, Value::Map(map))
            if typing.is_xml()
                && !matches!(scalar, Type::Object | Type::Array)
                && map.keys().all(|name| name.starts_with(['@', '#'])) =>
        {
            let text = map.get("#text").cloned().unwrap_or_else(|| "".into());
            coerce_one(&text, scalar, case_insensitive, typing)
        }
        _ => None,
    }
}

fn integer(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().map(Value::Integer).or_else(|| Value::spelled(text).filter(|_| is_whole))
}

fn boolean(text: &str, case_insensitive: bool, typing: Typing) -> Option<Value> {
    // XML Schema has no other spellings, whatever is read of queries and forms.
    let folded = case_insensitive && !typing.is_xml();
    let is = |word: &str| if folded { text.eq_ignore_ascii_case(word) } else { text == word };
    match () {
        () if is("true") => Some(Value::Bool(true)),
        () if is("false") => Some(Value::Bool(false)),
        // XML Schema part 2, section 3.2.2.
        () if typing.is_xml() && text == "1" => Some(Value::Bool(true)),
        () if typing.is_xml() && text == "0" => Some(Value::Bool(false)),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_number_counts_but_in_xml() {
        let cases = [
            (" 7\n", Type::Integer, Typing::Xml, Some(Value::Integer(7))),
            ("\t1.5 ", Type::Number, Typing::Xml, Some(1.5.into())),
            (" true ", Type::Boolean, Typing::Xml, Some(Value::Bool(true))),
            (" a ", Type::String, Typing::Xml, Some(" a ".into())),
            ("7\u{a0}", Type::Integer, Typing::Xml, None),
            ("1 2", Type::Integer, Typing::Xml, None),
            (" 7", Type::Integer, Typing::Text, None),
            (" 7", Type::Integer, Typing::Lenient, None),
            ("1.0", Type::Integer, Typing::Text, None),
            ("1.0", Type::Integer, Typing::Xml, None),
            ("1e2", Type::Integer, Typing::Lenient, None),
            ("1.0", Type::Number, Typing::Text, Value::spelled("1.0")),
        ];
        for (text, r#type, typing, expected) in cases {
            let found = coerce(&text.into(), &[r#type], false, typing);
            assert_eq!(found, expected, "{text:?} {typing:?}");
        }
    }
}
