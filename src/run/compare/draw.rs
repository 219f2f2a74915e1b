//! Trees as text in the form of the answer, one thing on a line.

use std::fmt::Write as _;

use super::Ways;
use crate::run::markup::{self, Namespaces};
use crate::value::Value;
use crate::visible::{Notation, visible};

/// A tree as JSON or, where names are qualified, as XML, indented by two spaces.
pub fn draw(value: Option<&Value>, ways: Ways<'_>) -> String {
    let Some(value) = value else { return String::new() };
    match value {
        Value::Text(text) if ways.textual && !ways.markup => {
            visible(text, Notation::Plain).into_owned()
        }
        _ if ways.markup => {
            let mut text = String::new();
            for (name, content) in value.members().into_iter().flatten() {
                element(name, content, 0, None, ways.namespaces, &mut text);
            }
            text
        }
        // A tree always has a form in JSON.
        _ => {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            visible(&text, Notation::Json).into_owned()
        }
    }
}

fn element(
    name: &str,
    content: &Value,
    level: usize,
    outer: Option<&str>,
    namespaces: &Namespaces,
    text: &mut String,
) {
    if let Some(items) = content.as_list() {
        for item in items {
            element(name, item, level, outer, namespaces, text);
        }
        return;
    }
    let indent = level * 2;
    let shown = markup::shown(name, namespaces);
    let (_, namespace, _) = markup::split(name);
    let prefix = namespace.and_then(|namespace| markup::prefix_of(namespace, namespaces));
    // Writing to a string cannot fail.
    _ = write!(text, "{:indent$}<{shown}", "");
    match (prefix, namespace) {
        (Some(prefix), Some(namespace)) if level == 0 => {
            _ = write!(text, " xmlns:{prefix}=\"{namespace}\"");
        }
        (None, inner) if outer != inner => {
            _ = write!(text, " xmlns=\"{}\"", inner.unwrap_or_default());
        }
        (Some(_) | None, _) => {}
    }
    // A name with a prefix leaves the default namespace as it is.
    let default = if prefix.is_some() { outer } else { namespace };
    let mut children = Vec::new();
    let name = markup::shown_name(content, namespaces);
    let mut own_text = content.scalar_text();
    let mut nil = *content == Value::Null;
    for (member, value) in content.members().into_iter().flatten() {
        if member.starts_with('@') {
            let shown = markup::shown(member, namespaces);
            let name = markup::shown_name(value, namespaces);
            let value = name.or_else(|| value.scalar_text()).unwrap_or_default();
            let name = shown.trim_start_matches('@');
            _ = write!(text, " {name}=\"{}\"", escaped(&value).replace('"', "&quot;"));
        } else if &**member == "#text" {
            own_text = name.clone().or_else(|| value.scalar_text());
            nil = *value == Value::Null && content.get("@nil").is_none();
        } else if &**member == markup::NAMESPACE {
            // It is shown with the text.
        } else {
            children.push((member, value));
        }
    }
    match (own_text, children.is_empty()) {
        (None, true) if nil => text.push_str(" xsi:nil=\"true\"/>\n"),
        (Some(own), true) if !own.is_empty() => {
            _ = writeln!(text, ">{}</{shown}>", escaped(&own));
        }
        (_, true) => text.push_str("/>\n"),
        (own, false) => {
            text.push_str(">\n");
            if let Some(own) = own {
                // White space that counts would be taken for that of the drawing.
                let shown = if markup::is_blank(&own) { spelled(&own) } else { escaped(&own) };
                _ = writeln!(text, "{:inner$}{shown}", "", inner = indent + 2);
            }
            for (member, value) in children {
                element(member, value, level + 1, default, namespaces, text);
            }
            _ = writeln!(text, "{:indent$}</{shown}>", "");
        }
    }
}

/// Each character by its number.
fn spelled(text: &str) -> String {
    let mut spelled = String::new();
    for character in text.chars() {
        // Writing to a string cannot fail.
        _ = write!(spelled, "&#x{:X};", u32::from(character));
    }
    spelled
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    visible(&text, Notation::Xml).into_owned()
}
