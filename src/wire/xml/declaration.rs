//! The XML declaration (XML 1.0 section 2.8).

use super::attributes::{self, Misplaced};
use crate::wire::encoding::Encoding;

/// The declarations that most documents have.
const USUAL: [&str; 2] =
    ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\" encoding=\"utf-8\"?>"];

/// How long the declaration of a document is where it is one of the usual ones, at which nothing
/// has to be looked.
pub(super) fn usual_length(document: &[u8]) -> usize {
    let usual = USUAL.iter().find(|usual| document.starts_with(usual.as_bytes()));
    usual.map_or(0, |usual| usual.len())
}

/// Looks at the declaration from `start` to `end`. `is_labelled` says that something other than
/// the document says in which encoding it is.
pub(super) fn check(
    document: &str,
    start: usize,
    end: usize,
    is_labelled: bool,
) -> Result<(), Misplaced> {
    if start != 0 {
        let message = "the XML declaration must be at the very start of the document";
        return Err((start, message.to_owned()));
    }
    let mut at = start + "<?xml".len();
    let mut rest = document.get(at..end.saturating_sub("?>".len())).unwrap_or_default();
    let mut expected: &[&str] = &["version", "encoding", "standalone"];
    while let Some(attribute) = attributes::next(&mut rest, &mut at)? {
        let Some(place) = expected.iter().position(|name| *name == attribute.name) else {
            let message = format!("`{}` is not allowed here in the declaration", attribute.name);
            return Err((attribute.name_at, message));
        };
        if expected.len() == 3 && place > 0 {
            break;
        }
        expected = expected.get(place + 1..).unwrap_or_default();
        check_value(attribute.name, attribute.value, is_labelled)
            .map_err(|message| (attribute.value_at, message))?;
    }
    match expected.len() {
        3 => Err((start, "the XML declaration must begin with the version".to_owned())),
        _ => Ok(()),
    }
}

/// `VersionNum` of XML 1.0, fifth edition.
fn is_version(value: &str) -> bool {
    let minor = value.strip_prefix("1.").unwrap_or_default();
    !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit())
}

fn check_value(name: &str, value: &str, is_labelled: bool) -> Result<(), String> {
    match name {
        // A document of a later 1.x is read as one of 1.0.
        "version" if !is_version(value) => {
            Err(format!("XML version `{value}` is not read, only 1.0 and what is read as that"))
        }
        "standalone" if !matches!(value, "yes" | "no") => {
            Err(format!("`standalone` is `yes` or `no`, not `{value}`"))
        }
        "encoding" if !is_label(value) => Err(format!("`{value}` is not the name of an encoding")),
        "encoding" if !is_labelled && Encoding::of_label(value).is_none() => {
            Err(format!("the encoding `{value}` is not supported"))
        }
        _ => Ok(()),
    }
}

/// `EncName` of XML 1.0 section 4.3.3.
pub(super) fn is_label(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
