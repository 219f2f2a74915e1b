//! The types that XML Schema itself has.

use super::super::schema::Schema;
use super::documents::At;
use crate::value::Value;

/// A type of XML Schema itself (XML Schema 1.0 part 2).
pub(super) fn built_in(name: &str) -> Schema {
    let (kind, format) = match name {
        "int" | "short" | "byte" | "unsignedShort" | "unsignedByte" => ("integer", Some("int32")),
        "long" | "unsignedInt" => ("integer", Some("int64")),
        "integer" | "unsignedLong" | "positiveInteger" | "negativeInteger"
        | "nonNegativeInteger" | "nonPositiveInteger" => ("integer", None),
        "decimal" | "double" | "float" => ("number", None),
        "boolean" => ("boolean", None),
        "dateTime" => ("string", Some("date-time")),
        "date" => ("string", Some("date")),
        "time" => ("string", Some("time")),
        "base64Binary" => ("string", Some("byte")),
        "anyType" | "anySimpleType" => return Schema::default(),
        _ => ("string", None),
    };
    let mut schema = Schema::of(kind);
    if let Some(format) = format {
        schema.set("format", Value::text(format));
    }
    let (least, most) = match name {
        "positiveInteger" => (Some(1), None),
        "nonNegativeInteger" | "unsignedLong" => (Some(0), None),
        "unsignedInt" => (Some(0), Some(4_294_967_295)),
        "unsignedShort" => (Some(0), Some(65_535)),
        "unsignedByte" => (Some(0), Some(255)),
        "short" => (Some(-32_768), Some(32_767)),
        "byte" => (Some(-128), Some(127)),
        "negativeInteger" => (None, Some(-1)),
        "nonPositiveInteger" => (None, Some(0)),
        _ => (None, None),
    };
    if let Some(least) = least {
        schema.set("minimum", Value::Integer(least));
    }
    if let Some(most) = most {
        schema.set("maximum", Value::Integer(most));
    }
    let example = match name {
        "duration" => "P1D",
        "hexBinary" => "0a",
        "gYear" => "2026",
        "gYearMonth" => "2026-01",
        "gMonth" => "--01",
        "gMonthDay" => "--01-01",
        "gDay" => "---01",
        "language" => "en",
        "anyURI" => "https://example.com",
        _ => return schema,
    };
    Schema { example: Some(Value::text(example)), ..schema }
}

/// The value that is always there, or that stands for none, of an element or an attribute.
pub(super) fn said_beside(node: &At, schema: &mut Schema) {
    if let Some(default) = node.attribute("fixed").or_else(|| node.attribute("default")) {
        schema.example = Some(Value::text(default));
    }
    let Some(fixed) = node.attribute("fixed") else { return };
    let read = match schema.types.as_slice() {
        ["string"] => Some(Value::text(fixed)),
        ["integer"] => fixed.trim().parse().ok().map(Value::Integer),
        ["boolean"] => match fixed.trim() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    };
    if let Some(fixed) = read {
        schema.set("const", fixed);
    }
}
