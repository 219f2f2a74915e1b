//! From trees to documents.

use std::sync::Arc;

use super::declaration::is_label;
use super::document::decode_value;
use super::escape::{IllegalCharacters, Place, escape, replaced};
use super::transcode::transcode;
use super::{SCHEMA_INSTANCE, names};
use crate::value::Value;
use crate::wire::encoding::Encoding;
use crate::wire::{DecodeError, Decoded, EncodeError, Limits, Wire};

/// XML, and how it is written.
///
/// The tree to write has exactly one member, the root element. A member `@name` of an object is
/// an attribute (also `@xmlns` and `@xmlns:prefix`) and is left out when it is null; `#text` is
/// text, a list the repeated element, an object child elements. Names may have a prefix, which
/// must be declared.
#[derive(Debug, Clone, Default)]
pub struct Xml {
    /// What stands before the root.
    pub declaration: Declaration,
    /// By how many spaces child elements stand further right than their parent; with `None` all
    /// is one line.
    pub indent: Option<usize>,
    /// How null is written.
    pub nil: NilStyle,
    /// How an empty element is written.
    pub empty: EmptyStyle,
    /// Prefixes, or the empty text for the default namespace, and namespaces that the root
    /// declares, unless it has a declaration of its own for that prefix.
    pub namespaces: Vec<(Arc<str>, Arc<str>)>,
    /// What becomes of a character in a value that XML cannot hold.
    pub illegal: IllegalCharacters,
}

/// The XML declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declaration {
    /// None at all.
    None,
    /// Version 1.0 and the encoding by this label, such as `UTF-8` or `utf-8`, in which the
    /// document is written.
    Encoding(Arc<str>),
}

impl Default for Declaration {
    /// `UTF-8`.
    fn default() -> Self {
        Self::Encoding("UTF-8".into())
    }
}

/// How null is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NilStyle {
    /// `<x nil="true"></x>`.
    Plain,
    /// `<x xsi:nil="true" />`; declares `xsi` where it is not declared.
    #[default]
    SchemaInstance,
    /// Not at all; a root that is null is empty.
    Omit,
}

/// How an empty element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyStyle {
    /// `<x></x>`.
    Pair,
    /// `<x />`.
    #[default]
    SelfClosing,
    /// `<x/>`.
    SelfClosingTight,
}

impl Wire for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn textual(&self) -> bool {
        true
    }

    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
    ) -> Result<Decoded, DecodeError> {
        decode_value(body, charset, limits, &[])
    }

    fn decode_elements(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        limits: &Limits,
        namespaces: &[Arc<str>],
    ) -> Result<Decoded, DecodeError> {
        decode_value(body, charset, limits, namespaces)
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_in(value, self.encoding()?, out)
    }

    /// What the encoding does not have is a character reference, except in a name.
    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        if charset == Encoding::UTF_8 {
            return self.write(value, out);
        }
        let mut bytes = Vec::new();
        self.write(value, &mut bytes)?;
        transcode(bytes, charset, out)
    }
}

impl Xml {
    /// The encoding that the declaration says.
    fn encoding(&self) -> Result<Encoding, EncodeError> {
        match &self.declaration {
            Declaration::None => Ok(Encoding::UTF_8),
            Declaration::Encoding(label) => Encoding::of_label(label).ok_or_else(|| {
                EncodeError::new(format!("the encoding {label:?} is not supported"))
            }),
        }
    }

    fn write(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut members = value.members().into_iter().flatten();
        let (Some((name, root)), None) = (members.next(), members.next()) else {
            let message = "an XML document needs an object with exactly one member, the root";
            return Err(EncodeError::new(message));
        };
        if root.as_list().is_some() {
            return Err(EncodeError::new(format!("the root element `{name}` must not be a list")));
        }
        self.write_declaration(out)?;
        let mut writer = Writer { options: self, out, indent: self.indent, prefixes: Vec::new() };
        writer.element(name, root, 0)
    }

    /// Appends an element as it stands in another one that declares those prefixes.
    pub(in crate::wire) fn write_inside<'w>(
        &'w self,
        prefixes: &[&'w str],
        name: &'w str,
        value: &'w Value,
        out: &'w mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let prefixes = prefixes.to_vec();
        Writer { options: self, out, indent: self.indent, prefixes }.element(name, value, 1)
    }

    fn write_declaration(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let Declaration::Encoding(label) = &self.declaration else { return Ok(()) };
        if !is_label(label) {
            return Err(EncodeError::new(format!("{label:?} is not the name of an encoding")));
        }
        out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"");
        out.extend_from_slice(label.as_bytes());
        out.extend_from_slice(b"\"?>");
        if self.indent.is_some() {
            out.push(b'\n');
        }
        Ok(())
    }
}

struct Writer<'w> {
    options: &'w Xml,
    out: &'w mut Vec<u8>,
    /// As in the options, but `None` beside text.
    indent: Option<usize>,
    /// The prefixes that are declared where we are.
    prefixes: Vec<&'w str>,
}

/// What stands between the tags.
enum Content<'v> {
    Nil,
    Text(Arc<str>),
    Members(&'v Value),
}

impl<'w> Writer<'w> {
    /// Writes an element, or as many as a list has items.
    fn element(
        &mut self,
        name: &'w str,
        value: &'w Value,
        level: usize,
    ) -> Result<(), EncodeError> {
        if let Some(items) = value.as_list() {
            for item in items {
                if item.as_list().is_some() {
                    let message = format!("`{name}` is a list in a list, which XML cannot hold");
                    return Err(EncodeError::new(message));
                }
                self.element(name, item, level)?;
            }
            return Ok(());
        }
        let content = match value {
            Value::Null if level > 0 && self.options.nil == NilStyle::Omit => return Ok(()),
            Value::Null if self.options.nil == NilStyle::Omit => Content::Text("".into()),
            Value::Null => Content::Nil,
            _ => value.scalar_text().map_or(Content::Members(value), Content::Text),
        };
        if level > 0 {
            self.line_break(level);
        }
        let outer = self.prefixes.len();
        if level == 0 {
            self.prefixes.extend(self.options.namespaces.iter().map(|(prefix, _)| &**prefix));
        }
        for (key, _) in value.members().into_iter().flatten() {
            self.prefixes.extend(key.strip_prefix("@xmlns:"));
        }
        self.check_name(name)?;
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if level == 0 {
            self.root_namespaces(value)?;
        }
        for (key, value) in value.members().into_iter().flatten() {
            if let Some(attribute) = key.strip_prefix('@') {
                self.attribute(attribute, value)?;
            }
        }
        match content {
            Content::Nil => self.nil(name),
            Content::Text(text) if text.is_empty() => self.empty(name),
            Content::Text(text) => {
                self.out.push(b'>');
                self.escape(&text, Place::Text)?;
                self.end_tag(name);
            }
            Content::Members(members) => self.content(name, members, level)?,
        }
        self.prefixes.truncate(outer);
        Ok(())
    }

    /// Writes what stands in an element whose start tag is still open, and its end tag.
    fn content(&mut self, name: &str, members: &'w Value, level: usize) -> Result<(), EncodeError> {
        let tag_end = self.out.len();
        self.out.push(b'>');
        let outer_indent = self.indent;
        if let Some(text) = members.get("#text").filter(|text| **text != Value::Null) {
            let text = text.scalar_text().ok_or_else(|| {
                EncodeError::new(format!("the text of `{name}` is of kind {}", text.kind()))
            })?;
            self.escape(&text, Place::Text)?;
            // Beside text, white space would be text too.
            self.indent = None;
        }
        if members.get("@xml:space").and_then(Value::as_str) == Some("preserve") {
            self.indent = None;
        }
        let text_end = self.out.len();
        for (key, value) in members.members().into_iter().flatten() {
            if !key.starts_with('@') && &**key != "#text" {
                self.element(key, value, level + 1)?;
            }
        }
        if self.out.len() == tag_end + 1 {
            self.out.truncate(tag_end);
            self.empty(name);
        } else {
            if self.out.len() > text_end {
                self.line_break(level);
            }
            self.end_tag(name);
        }
        self.indent = outer_indent;
        Ok(())
    }

    fn escape(&mut self, text: &str, place: Place) -> Result<(), EncodeError> {
        match self.options.illegal {
            IllegalCharacters::Refused => escape(text, place, self.out),
            IllegalCharacters::Replaced => escape(&replaced(text), place, self.out),
        }
    }

    fn root_namespaces(&mut self, root: &Value) -> Result<(), EncodeError> {
        let options = self.options;
        for (prefix, namespace) in &options.namespaces {
            let name = match &**prefix {
                "" => "xmlns".to_owned(),
                prefix => format!("xmlns:{prefix}"),
            };
            if root.get(&format!("@{name}")).is_none() {
                self.attribute(&name, &Value::Text(namespace.clone()))?;
            }
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, value: &Value) -> Result<(), EncodeError> {
        if *value == Value::Null {
            return Ok(());
        }
        let text = value.scalar_text().ok_or_else(|| {
            EncodeError::new(format!("the attribute `{name}` is of kind {}", value.kind()))
        })?;
        if name == "xmlns" || name.starts_with("xmlns:") {
            if names::split(name).is_none() {
                return Err(not_a_name(name));
            }
        } else {
            self.check_name(name)?;
        }
        self.out.push(b' ');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"=\"");
        self.escape(&text, Place::Attribute)?;
        self.out.push(b'"');
        Ok(())
    }

    /// Whether it is a name, and its prefix declared.
    fn check_name(&self, name: &str) -> Result<(), EncodeError> {
        match names::split(name) {
            None => Err(not_a_name(name)),
            Some((None | Some("xml"), _)) => Ok(()),
            Some((Some(prefix), _)) if self.prefixes.contains(&prefix) => Ok(()),
            Some((Some(prefix), _)) => Err(EncodeError::new(format!(
                "the prefix of `{name}`, `{prefix}`, is not declared"
            ))),
        }
    }

    fn nil(&mut self, name: &str) {
        match self.options.nil {
            NilStyle::SchemaInstance => {
                if !self.prefixes.contains(&"xsi") {
                    self.out.extend_from_slice(b" xmlns:xsi=\"");
                    self.out.extend_from_slice(SCHEMA_INSTANCE.as_bytes());
                    self.out.push(b'"');
                }
                self.out.extend_from_slice(b" xsi:nil=\"true\" />");
            }
            NilStyle::Plain | NilStyle::Omit => {
                self.out.extend_from_slice(b" nil=\"true\">");
                self.end_tag(name);
            }
        }
    }

    fn empty(&mut self, name: &str) {
        match self.options.empty {
            EmptyStyle::SelfClosing => self.out.extend_from_slice(b" />"),
            EmptyStyle::SelfClosingTight => self.out.extend_from_slice(b"/>"),
            EmptyStyle::Pair => {
                self.out.push(b'>');
                self.end_tag(name);
            }
        }
    }

    fn end_tag(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    fn line_break(&mut self, level: usize) {
        if let Some(indent) = self.indent {
            self.out.push(b'\n');
            self.out.resize(self.out.len() + indent * level, b' ');
        }
    }
}

fn not_a_name(name: &str) -> EncodeError {
    EncodeError::new(format!("{name:?} is not a name that XML can hold"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(members: &[(&str, Value)]) -> Value {
        Value::map(members.iter().map(|(key, value)| (Arc::from(*key), value.clone())).collect())
    }

    fn write(xml: &Xml, value: &Value) -> Result<String, String> {
        let mut out = Vec::new();
        xml.encode(value, &mut out).map_err(|error| error.message)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_style_writes_what_it_says() {
        let tree = map(&[(
            "r",
            map(&[
                ("@a", "\"<\t".into()),
                ("empty", "".into()),
                ("nil", Value::Null),
                ("items", vec![Value::Integer(1), "a>b".into()].into()),
                ("mixed", map(&[("#text", "t".into()), ("b", true.into())])),
                ("attributes", map(&[("@x", 1.5.into())])),
            ]),
        )]);
        let plain = Xml {
            declaration: Declaration::None,
            nil: NilStyle::Plain,
            empty: EmptyStyle::Pair,
            ..Xml::default()
        };
        assert_eq!(
            write(&plain, &tree).unwrap(),
            "<r a=\"&quot;&lt;&#9;\"><empty></empty><nil nil=\"true\"></nil><items>1</items>\
             <items>a&gt;b</items><mixed>t<b>true</b></mixed><attributes x=\"1.5\"></attributes></r>"
        );
        let indented = Xml {
            declaration: Declaration::Encoding("utf-8".into()),
            indent: Some(2),
            namespaces: vec![("".into(), "urn:n".into()), ("xsi".into(), SCHEMA_INSTANCE.into())],
            ..Xml::default()
        };
        assert_eq!(
            write(&indented, &tree).unwrap(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<r xmlns=\"urn:n\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" a=\"&quot;&lt;&#9;\">\n  \
             <empty />\n  <nil xsi:nil=\"true\" />\n  <items>1</items>\n  <items>a&gt;b</items>\n  \
             <mixed>t<b>true</b></mixed>\n  <attributes x=\"1.5\" />\n</r>"
        );
        let omit = Xml {
            declaration: Declaration::None,
            nil: NilStyle::Omit,
            empty: EmptyStyle::SelfClosingTight,
            ..Xml::default()
        };
        assert_eq!(write(&omit, &map(&[("r", map(&[("n", Value::Null)]))])).unwrap(), "<r/>");
        assert_eq!(write(&omit, &map(&[("r", Value::Null)])).unwrap(), "<r/>");
    }

    #[test]
    fn what_xml_cannot_hold_is_refused_or_replaced() {
        let tree =
            map(&[("r", map(&[("@a", "\u{1}".into()), ("b", "x\u{6}\u{7}y\u{FFFF}".into())]))]);
        let refuses = Xml { declaration: Declaration::None, ..Xml::default() };
        assert!(write(&refuses, &tree).is_err());
        let replaces = Xml { illegal: IllegalCharacters::Replaced, ..refuses };
        let expected = "<r a=\"\u{FFFD}\"><b>x\u{FFFD}\u{FFFD}y\u{FFFD}</b></r>";
        assert_eq!(write(&replaces, &tree).unwrap(), expected);
    }

    #[test]
    fn nil_declares_its_prefix_where_it_is_missing() {
        let xml = Xml { declaration: Declaration::None, ..Xml::default() };
        let written = write(&xml, &map(&[("r", Value::Null)])).unwrap();
        let decoded = xml.decode(written.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(decoded.value, Value::Null, "{written}");
    }

    #[test]
    fn what_xml_cannot_hold_is_refused() {
        let list = Value::list(vec![Value::list(vec![])]);
        let cases = [
            (Value::Null, "exactly one member"),
            (map(&[]), "exactly one member"),
            (map(&[("a", Value::Null), ("b", Value::Null)]), "exactly one member"),
            (map(&[("a", Value::list(vec![]))]), "must not be a list"),
            (map(&[("a", map(&[("b", list)]))]), "list in a list"),
            (map(&[("a b", Value::Null)]), "not a name"),
            (map(&[("a", map(&[("@1", "".into())]))]), "not a name"),
            (map(&[("p:a", Value::Null)]), "not declared"),
            (map(&[("a", "\u{1}".into())]), "U+0001"),
            (map(&[("a", map(&[("@x", "\u{FFFF}".into())]))]), "U+FFFF"),
            (map(&[("a", map(&[("@x", map(&[]))]))]), "is of kind object"),
            (map(&[("a", map(&[("#text", map(&[]))]))]), "is of kind object"),
        ];
        for (value, message) in cases {
            let error = write(&Xml::default(), &value).unwrap_err();
            assert!(error.contains(message), "{value}: {error}");
        }
    }
}
