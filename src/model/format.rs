//! The forms that a text can have.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::date_time::{is_date, is_date_time};
use crate::value::Value;

/// A form that a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 5321 mailbox, internationalised characters allowed.
    Email,
    /// Dotted quad.
    Ipv4,
    /// RFC 3339 date and time, offset optional.
    DateTime,
    /// RFC 3339 full-date.
    Date,
    /// RFC 3986.
    Uri,
    /// RFC 9562.
    Uuid,
    /// Base64, RFC 4648.
    Byte,
    /// 32 bits, signed.
    Int32,
    /// 64 bits, signed.
    Int64,
    /// Says how a number is kept; constrains nothing.
    Float,
    /// Says how a number is kept; constrains nothing.
    Double,
    /// To be masked; constrains nothing.
    Password,
    /// Says that a part of a form is a file, whose bytes are a text in base64; constrains nothing.
    Binary,
}

impl Format {
    /// All of them with their words in specs.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Email, "email"),
        (Self::Ipv4, "ipv4"),
        (Self::DateTime, "date-time"),
        (Self::Date, "date"),
        (Self::Uri, "uri"),
        (Self::Uuid, "uuid"),
        (Self::Byte, "byte"),
        (Self::Int32, "int32"),
        (Self::Int64, "int64"),
        (Self::Float, "float"),
        (Self::Double, "double"),
        (Self::Password, "password"),
        (Self::Binary, "binary"),
    ];

    /// The word in specs.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, _)| *format == self).map_or("", |(_, name)| name)
    }

    /// Whether a value has the form. Values of a type that it says nothing about have it.
    pub fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Int32, Value::Integer(number)) => i32::try_from(*number).is_ok(),
            (Self::Int32, Value::Number(number)) => {
                number.to_i64().is_some_and(|number| i32::try_from(number).is_ok())
            }
            (Self::Int64, Value::Number(number)) => number.to_i64().is_some(),
            (Self::Email, Value::Text(text)) => is_email(text),
            (Self::Ipv4, Value::Text(text)) => text.parse::<Ipv4Addr>().is_ok(),
            (Self::DateTime, Value::Text(text)) => is_date_time(text),
            (Self::Date, Value::Text(text)) => is_date(text),
            (Self::Uri, Value::Text(text)) => is_uri(text),
            (Self::Uuid, Value::Text(text)) => is_uuid(text),
            (Self::Byte, Value::Text(text)) => STANDARD.decode(text.as_bytes()).is_ok(),
            _ => true,
        }
    }
}

/// RFC 5321 section 4.1.2, dot-atom form, with the characters that RFC 6531 adds.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    let local_fits = local.len() <= 64
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    local_fits && domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label)
}

/// RFC 3986 section 3: a scheme and something behind it.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == lengths.len()
        && groups.iter().zip(lengths).all(|(group, length)| {
            group.len() == length && group.chars().all(|c| c.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_take_what_they_should_and_nothing_else() {
        let cases = [
            (Format::Email, "max.mustermann@example.com", true),
            (Format::Email, "j\u{fc}rgen@b\u{fc}cher.example", true),
            (Format::Email, "max..mustermann@example.com", false),
            (Format::Email, "nobody", false),
            (Format::Email, "a@b", false),
            (Format::Email, "a b@example.com", false),
            (Format::Ipv4, "127.0.0.1", true),
            (Format::Ipv4, "300.1.1.1", false),
            (Format::DateTime, "2004-02-12T15:19:21+00:00", true),
            (Format::DateTime, "2024-11-21T06:24:04.0980817+00:00", true),
            (Format::DateTime, "2024-11-21T06:24:04", true),
            (Format::DateTime, "12.02.2004", false),
            (Format::DateTime, "yesterday", false),
            (Format::Date, "2004-02-30", false),
            (Format::Date, "2004-02-28", true),
            (Format::Uuid, "123e4567-e89b-12d3-a456-426614174000", true),
            (Format::Byte, "QEA=", true),
            (Format::Byte, "QEA", false),
            (Format::Uri, "https://example.com/a?b", true),
            (Format::Uri, "example", false),
        ];
        for (format, text, expected) in cases {
            assert_eq!(format.fits(&text.into()), expected, "{} {text}", format.name());
        }
    }
}
