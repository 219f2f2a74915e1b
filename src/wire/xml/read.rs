//! From bytes to elements. The library finds tags, text and references; names, namespaces,
//! attributes and what must not stand where are looked after here.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, Event};

use super::attributes::{self, Misplaced, RawAttribute};
use super::element::{Element, Node};
use super::scope::Scope;
use super::{illegal_character, names};
use crate::wire::position::utf8;
use crate::wire::{DecodeError, Limits, QualifiedName};

/// From this many attributes on, a set is cheaper than looking for a duplicate.
const SET_FROM: usize = 16;

/// Reads a document into its root element. Only UTF-8 is read, with or without a byte order
/// mark; a document type definition and any entity but the predefined ones are refused.
pub fn decode_element(body: &[u8], limits: &Limits) -> Result<Element, DecodeError> {
    let text = utf8(body).map_err(|error| match declared_encoding(body) {
        Some(encoding) => DecodeError::at(body, 0, unread(&encoding)),
        None => error,
    })?;
    let document = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let skipped = text.len() - document.len();
    assemble(document, skipped, limits)
        .map_err(|(at, message)| DecodeError::at(body, at + skipped, message))
}

/// The encoding that a document that is no UTF-8 declares, where it is another one.
fn declared_encoding(body: &[u8]) -> Option<String> {
    let end = body.windows(2).take(200).position(|two| two == b"?>")?;
    let declaration = std::str::from_utf8(body.get(..end)?).ok()?;
    let (_, rest) = declaration.strip_prefix("<?xml")?.split_once("encoding")?;
    let label = rest.split(['"', '\'']).nth(1)?;
    (!is_read(label)).then(|| label.to_owned())
}

fn is_read(encoding: &str) -> bool {
    ["UTF-8", "US-ASCII"].iter().any(|known| known.eq_ignore_ascii_case(encoding))
}

fn unread(encoding: &str) -> String {
    format!("the encoding `{encoding}` is not read, only UTF-8 is")
}

/// `skipped` bytes of the body stand before the document.
fn assemble(document: &str, skipped: usize, limits: &Limits) -> Result<Element, Misplaced> {
    if let Some((at, character)) = illegal_character(document) {
        let code = u32::from(character);
        return Err((at, format!("the character U+{code:04X} must not stand in XML")));
    }
    if document.starts_with('\u{FEFF}') {
        return Err((0, "text outside of the root element".to_owned()));
    }
    let mut reader = Reader::from_str(document);
    reader.config_mut().check_comments = true;
    let mut assembler = Assembler::new(document, skipped, limits);
    loop {
        let start = offset(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let message = match error {
                quick_xml::Error::Syntax(error) => error.to_string(),
                quick_xml::Error::IllFormed(error) => error.to_string(),
                other => other.to_string(),
            };
            (offset(reader.error_position()), message)
        })?;
        let end = offset(reader.buffer_position());
        match event {
            Event::Start(tag) => {
                assembler.open(start, tag.name().as_ref().len(), tag.attributes_raw().len())?;
            }
            Event::Empty(tag) => {
                assembler.open(start, tag.name().as_ref().len(), tag.attributes_raw().len())?;
                assembler.close(end);
            }
            Event::End(_) => assembler.close(start),
            Event::Text(text) => {
                if let Some(at) = text.find("]]>") {
                    return Err((start + at, "`]]>` must not stand in text".to_owned()));
                }
                assembler.text(start, &text.xml10_content())?;
            }
            Event::CData(text) => {
                assembler.inside(start)?;
                assembler.text(start, &text.xml10_content())?;
            }
            Event::GeneralRef(name) => {
                assembler.inside(start)?;
                let character = attributes::resolve(&name).map_err(|message| (start, message))?;
                assembler.text(start, character.encode_utf8(&mut [0; 4]))?;
            }
            Event::Comment(_) => {}
            Event::Decl(declaration) => check_declaration(start, &declaration)?,
            Event::PI(instruction) => check_target(start, instruction.target())?,
            Event::DocType(_) => {
                return Err((start, "a document type definition is not allowed".to_owned()));
            }
            Event::Eof => return assembler.finish(),
        }
    }
}

/// The library counts in `u64`; a body is in memory, so its offsets are no wider than a `usize`.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn check_declaration(start: usize, declaration: &BytesDecl<'_>) -> Result<(), Misplaced> {
    if start != 0 {
        let message = "the XML declaration must stand at the very start of the document";
        return Err((start, message.to_owned()));
    }
    let version = declaration.version().map_err(|error| (start, error.to_string()))?;
    if version != "1.0" {
        return Err((start, format!("XML version `{version}` is not read, only 1.0 is")));
    }
    let encoding = declaration.encoding().transpose().map_err(|e| (start, e.to_string()))?;
    let encoding = encoding.unwrap_or(Cow::Borrowed("UTF-8"));
    if is_read(&encoding) { Ok(()) } else { Err((start, unread(&encoding))) }
}

fn check_target(start: usize, target: &str) -> Result<(), Misplaced> {
    if !names::is_unprefixed(target) || target.eq_ignore_ascii_case("xml") {
        let message = format!("`{target}` is not a target of a processing instruction");
        return Err((start, message));
    }
    Ok(())
}

struct Open {
    element: Element,
    /// What the scope was before the element.
    mark: usize,
}

struct Assembler<'a> {
    document: &'a str,
    skipped: usize,
    limits: &'a Limits,
    /// One shared copy of every local name.
    names: HashMap<&'a str, Arc<str>>,
    scope: Scope<'a>,
    open: Vec<Open>,
    /// The text since the last tag.
    text: String,
    root: Option<Element>,
    /// Kept to be used again for every tag.
    raw: Vec<(RawAttribute<'a>, Option<&'a str>, &'a str)>,
}

impl<'a> Assembler<'a> {
    fn new(document: &'a str, skipped: usize, limits: &'a Limits) -> Self {
        Self {
            document,
            skipped,
            limits,
            names: HashMap::new(),
            scope: Scope::new(),
            open: Vec::new(),
            text: String::new(),
            root: None,
            raw: Vec::new(),
        }
    }

    /// Takes the start tag whose `<` is at `start`.
    fn open(&mut self, start: usize, name: usize, attributes: usize) -> Result<(), Misplaced> {
        let name_at = start + 1;
        let attributes_at = name_at + name;
        let name = self.document.get(name_at..attributes_at).unwrap_or_default();
        let attributes =
            self.document.get(attributes_at..attributes_at + attributes).unwrap_or_default();
        if self.open.is_empty() && self.root.is_some() {
            return Err((start, format!("a second root element `{name}`")));
        }
        if self.open.len() >= self.limits.effective_depth() {
            let depth = self.limits.effective_depth();
            return Err((start, format!("nested deeper than {depth} elements")));
        }
        self.flush();
        let (prefix, local) = split(name, name_at)?;
        let mark = self.scope.mark();
        self.declare_and_keep(attributes, attributes_at, mark)?;
        let name = self.resolve(prefix, local, name_at, true)?;
        let attributes = self.resolve_attributes()?;
        let declarations = self.scope.since(mark);
        let element =
            Element { name, attributes, declarations, children: Vec::new(), end_of_text: 0 };
        self.open.push(Open { element, mark });
        Ok(())
    }

    /// Declares the namespaces of a tag, and keeps the other attributes in `raw`.
    fn declare_and_keep(
        &mut self,
        mut rest: &'a str,
        mut at: usize,
        mark: usize,
    ) -> Result<(), Misplaced> {
        self.raw.clear();
        while let Some(attribute) = attributes::next(&mut rest, &mut at)? {
            let (prefix, local) = split(attribute.name, attribute.name_at)?;
            let declared = match (prefix, local) {
                (None, "xmlns") => "",
                (Some("xmlns"), local) => local,
                _ => {
                    self.raw.push((attribute, prefix, local));
                    continue;
                }
            };
            let mut namespace = String::new();
            attribute.push_value(&mut namespace)?;
            self.scope
                .declare(mark, declared, &namespace)
                .map_err(|message| (attribute.name_at, message))?;
        }
        Ok(())
    }

    fn resolve_attributes(&mut self) -> Result<Vec<(QualifiedName, Arc<str>)>, Misplaced> {
        let raw = std::mem::take(&mut self.raw);
        let mut resolved: Vec<(QualifiedName, Arc<str>)> = Vec::with_capacity(raw.len());
        let mut known = HashSet::new();
        let mut value = String::new();
        for (attribute, prefix, local) in &raw {
            let name = self.resolve(*prefix, local, attribute.name_at, false)?;
            let duplicate = if raw.len() < SET_FROM {
                resolved.iter().any(|(other, _)| *other == name)
            } else {
                !known.insert(name.clone())
            };
            if duplicate {
                let message = format!("duplicate attribute `{}`", attribute.name);
                return Err((attribute.name_at, message));
            }
            value.clear();
            attribute.push_value(&mut value)?;
            resolved.push((name, value.as_str().into()));
        }
        self.raw = raw;
        Ok(resolved)
    }

    /// A name without prefix is in the default namespace only if it is an element's.
    fn resolve(
        &mut self,
        prefix: Option<&str>,
        local: &'a str,
        at: usize,
        is_element: bool,
    ) -> Result<QualifiedName, Misplaced> {
        let namespace = match prefix {
            None if !is_element => None,
            _ => self.scope.resolve(prefix).map_err(|message| (at, message))?,
        };
        if let Some(local) = self.names.get(local) {
            return Ok(QualifiedName { namespace, local: local.clone() });
        }
        if self.names.len() >= self.limits.members {
            return Err((at, format!("more than {} different names", self.limits.members)));
        }
        let shared: Arc<str> = local.into();
        self.names.insert(local, shared.clone());
        Ok(QualifiedName { namespace, local: shared })
    }

    /// Takes the end of the innermost element; that the names agree, the library has seen to.
    fn close(&mut self, content_end: usize) {
        self.flush();
        let Some(Open { mut element, mark }) = self.open.pop() else { return };
        element.end_of_text = content_end + self.skipped;
        self.scope.leave(mark);
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    /// Takes a piece of text, which outside of the root may only be white space.
    fn text(&mut self, at: usize, text: &str) -> Result<(), Misplaced> {
        if !self.open.is_empty() {
            self.text.push_str(text);
            return Ok(());
        }
        match text.find(|character| !matches!(character, ' ' | '\t' | '\n' | '\r')) {
            Some(found) => Err((at + found, "text outside of the root element".to_owned())),
            None => Ok(()),
        }
    }

    fn inside(&self, at: usize) -> Result<(), Misplaced> {
        if self.open.is_empty() {
            return Err((at, "text outside of the root element".to_owned()));
        }
        Ok(())
    }

    fn flush(&mut self) {
        if let Some(parent) = self.open.last_mut()
            && !self.text.is_empty()
        {
            parent.element.children.push(Node::Text(self.text.as_str().into()));
            self.text.clear();
        }
    }

    fn finish(self) -> Result<Element, Misplaced> {
        let end = self.document.len();
        if let Some(open) = self.open.last() {
            let name = &open.element.name.local;
            return Err((end, format!("the document ends inside of the element `{name}`")));
        }
        self.root.ok_or_else(|| (end, "the document has no root element".to_owned()))
    }
}

fn split(name: &str, at: usize) -> Result<(Option<&str>, &str), Misplaced> {
    names::split(name).ok_or_else(|| (at, format!("`{name}` is not a name")))
}
