//! The forms that a text can have.

mod duration;
mod host;
mod pointer;

use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use iri_string::spec::{IriSpec, UriSpec};
use iri_string::template::UriTemplateStr;
use iri_string::validate;
use regex_lite::Regex;

use super::date_time::{is_date, is_date_time, is_time};
use crate::value::Value;
use duration::is_duration;
use host::is_host;
use pointer::{is_pointer, is_relative_pointer};

/// A form that a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 5321 mailbox, internationalised characters allowed.
    Email,
    /// The same.
    IdnEmail,
    /// Dotted quad.
    Ipv4,
    /// RFC 4291 section 2.2, without a zone.
    Ipv6,
    /// RFC 1123 section 2.1: letters of ASCII, digits and hyphens, and labels of RFC 5890.
    Hostname,
    /// RFC 3339 date and time, offset optional.
    DateTime,
    /// RFC 3339 full-date.
    Date,
    /// RFC 3339 full-time: with an offset.
    Time,
    /// RFC 3339 appendix A, which is ISO 8601.
    Duration,
    /// RFC 3986: with a scheme.
    Uri,
    /// RFC 3986 section 4.1: a URI or a part of one.
    UriReference,
    /// RFC 3987: a URI with other characters than those of ASCII.
    Iri,
    /// RFC 3987 section 2.2.
    IriReference,
    /// RFC 6570.
    UriTemplate,
    /// RFC 6901 section 3, as a text.
    JsonPointer,
    /// A JSON pointer from somewhere inside of a document.
    RelativeJsonPointer,
    /// A pattern as `pattern` takes it.
    Regex,
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
    pub const ALL: [(Self, &'static str); 25] = [
        (Self::Email, "email"),
        (Self::IdnEmail, "idn-email"),
        (Self::Ipv4, "ipv4"),
        (Self::Ipv6, "ipv6"),
        (Self::Hostname, "hostname"),
        (Self::DateTime, "date-time"),
        (Self::Date, "date"),
        (Self::Time, "time"),
        (Self::Duration, "duration"),
        (Self::Uri, "uri"),
        (Self::UriReference, "uri-reference"),
        (Self::Iri, "iri"),
        (Self::IriReference, "iri-reference"),
        (Self::UriTemplate, "uri-template"),
        (Self::JsonPointer, "json-pointer"),
        (Self::RelativeJsonPointer, "relative-json-pointer"),
        (Self::Regex, "regex"),
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
            (Self::Email | Self::IdnEmail, Value::Text(text)) => is_email(text),
            (Self::Ipv4, Value::Text(text)) => text.parse::<Ipv4Addr>().is_ok(),
            (Self::DateTime, Value::Text(text)) => is_date_time(text),
            (Self::Date, Value::Text(text)) => is_date(text),
            (Self::Ipv6, Value::Text(text)) => text.parse::<Ipv6Addr>().is_ok(),
            (Self::Hostname, Value::Text(text)) => is_host(text),
            (Self::Time, Value::Text(text)) => is_time(text),
            (Self::Duration, Value::Text(text)) => is_duration(text),
            (Self::Uri, Value::Text(text)) => validate::iri::<UriSpec>(text).is_ok(),
            (Self::UriReference, Value::Text(text)) => {
                validate::iri_reference::<UriSpec>(text).is_ok()
            }
            (Self::Iri, Value::Text(text)) => validate::iri::<IriSpec>(text).is_ok(),
            (Self::IriReference, Value::Text(text)) => {
                validate::iri_reference::<IriSpec>(text).is_ok()
            }
            (Self::UriTemplate, Value::Text(text)) => UriTemplateStr::new(text).is_ok(),
            (Self::JsonPointer, Value::Text(text)) => is_pointer(text),
            (Self::RelativeJsonPointer, Value::Text(text)) => is_relative_pointer(text),
            (Self::Regex, Value::Text(text)) => Regex::new(text).is_ok(),
            (Self::Uuid, Value::Text(text)) => is_uuid(text),
            (Self::Byte, Value::Text(text)) => STANDARD.decode(text.as_bytes()).is_ok(),
            _ => true,
        }
    }

    /// A text that has it; none where it is not about texts, or all have it.
    pub fn example(self) -> Option<&'static str> {
        Some(match self {
            Self::Email | Self::IdnEmail => "ann@example.com",
            Self::Ipv4 => "192.0.2.1",
            Self::Ipv6 => "2001:db8::1",
            Self::Hostname => "example.com",
            Self::DateTime => "2026-01-01T12:00:00Z",
            Self::Date => "2026-01-01",
            Self::Time => "12:00:00Z",
            Self::Duration => "P1D",
            Self::Uri | Self::Iri => "https://example.com/",
            Self::UriReference | Self::IriReference => "/a/b",
            Self::UriTemplate => "https://example.com/{id}",
            Self::JsonPointer => "/a/0",
            Self::RelativeJsonPointer => "1/a",
            Self::Regex => "^a+$",
            Self::Uuid => "2f1acc6c-3d4e-4f6a-9b1d-0c8d1f7a5e21",
            Self::Byte => "aGVsbG8=",
            Self::Int32
            | Self::Int64
            | Self::Float
            | Self::Double
            | Self::Password
            | Self::Binary => return None,
        })
    }
}

/// RFC 5321 section 4.1.2, dot-atom form, with the characters that RFC 6531 adds.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    // Combining marks are a part of letters that are not composed.
    let is_foreign = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    let local_fits = local.len() <= 64
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || is_foreign(c))
    };
    local_fits && domain.len() <= 253 && domain.split('.').all(label)
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
    fn each_form_takes_its_example() {
        for (format, name) in Format::ALL {
            assert!(format.example().is_none_or(|text| format.fits(&text.into())), "{name}");
        }
    }

    /// Else an editor would refuse what `check` takes.
    #[test]
    fn the_schemas_for_editors_have_all_of_them() {
        let spec = include_str!("../../schemas/spec.yaml");
        let scenario = include_str!("../../schemas/scenario.yaml");
        for schema in [spec, scenario] {
            let (_, list) = schema.split_once("enum: [email, ").unwrap();
            let (list, _) = list.split_once(']').unwrap();
            let mut listed: Vec<_> = list.split(", ").chain(["email"]).collect();
            let mut known: Vec<_> = Format::ALL.iter().map(|(_, name)| *name).collect();
            listed.sort_unstable();
            known.sort_unstable();
            assert_eq!(listed, known);
        }
    }

    #[test]
    fn forms_take_what_they_should_and_nothing_else() {
        let cases = [
            (Format::Email, "max.mustermann@example.com", true),
            (Format::Email, "j\u{fc}rgen@b\u{fc}cher.example", true),
            (Format::Email, "max..mustermann@example.com", false),
            (Format::Email, "nobody", false),
            (Format::Email, "a@localhost", true),
            (Format::Email, "a@", false),
            (Format::Email, "a@b.", false),
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
            (Format::Uri, "https://example.com/a b", false),
            (Format::Uri, "https://example.com/ü", false),
            (Format::Iri, "https://example.com/ü", true),
            (Format::UriReference, "../a?b#c", true),
            (Format::UriReference, "\\a", false),
            (Format::UriTemplate, "/books/{id}{?page*}", true),
            (Format::UriTemplate, "/books/{id", false),
            (Format::Time, "12:59:00.5+02:00", true),
            (Format::Time, "12:59:00", false),
            (Format::Ipv6, "::ffff:192.0.2.1", true),
            (Format::Ipv6, "1::2::3", false),
            (Format::Regex, "^[a-z]+$", true),
            (Format::Regex, "[a-", false),
        ];
        for (format, text, expected) in cases {
            assert_eq!(format.fits(&text.into()), expected, "{} {text}", format.name());
        }
    }
}
