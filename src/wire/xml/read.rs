//! From text to elements, in one pass. The library finds tags, text and references; names,
//! namespaces, attributes and what must not stand where are looked after here.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memmem;
use quick_xml::Reader as Tokenizer;
use quick_xml::events::Event;

use super::attributes::{self, Misplaced, RawAttribute};
use super::scope::{Binding, Scope};
use super::vocabulary::{LocalName, Vocabulary, Written};
use super::{declaration, illegal_character};
use crate::wire::{Limits, QualifiedName};

/// From this many attributes on, a set is cheaper than looking for a duplicate.
const SET_FROM: usize = 16;

/// What is made of a document: it is told of elements and texts as they come.
pub(in crate::wire) trait Build {
    /// An element begins.
    fn start(&mut self, element: Start<'_>);

    /// A piece of the text in the innermost element; several may follow each other.
    fn text(&mut self, text: &str);

    /// The innermost element ends; `end` is the offset behind its end tag.
    fn end(&mut self, end: usize);
}

/// An element that begins.
#[derive(Debug)]
pub(in crate::wire) struct Start<'s> {
    /// The namespace that it is in.
    pub(in crate::wire) namespace: Option<&'s Arc<str>>,
    /// The local name.
    pub(in crate::wire) local: &'s Arc<str>,
    /// The place of the local name among all of the document.
    pub(in crate::wire) number: usize,
    /// The attributes in order, without declarations; to be taken where they are wanted.
    pub(in crate::wire) attributes: &'s mut Vec<(QualifiedName, Arc<str>)>,
    /// The namespaces that it declares.
    pub(in crate::wire) declarations: &'s [Binding<'s>],
}

impl Start<'_> {
    /// The name.
    pub(in crate::wire) fn name(&self) -> QualifiedName {
        QualifiedName { namespace: self.namespace.cloned(), local: self.local.clone() }
    }
}

/// Reads a document. A document type definition and any entity but the predefined ones are
/// refused. `is_labelled` says that something other than the document says in which encoding it
/// is.
pub(super) fn read(
    document: &str,
    is_labelled: bool,
    limits: &Limits,
    build: &mut impl Build,
) -> Result<(), Misplaced> {
    if let Some((at, character)) = illegal_character(document) {
        let code = u32::from(character);
        return Err((at, format!("the character U+{code:04X} must not stand in XML")));
    }
    if document.starts_with('\u{FEFF}') {
        return Err((0, "text outside of the root element".to_owned()));
    }
    let mut tokenizer = Tokenizer::from_str(document);
    tokenizer.config_mut().check_comments = true;
    let mut reader = Reader::new(document, limits);
    // Looking for it in each text costs more than one look at all.
    let has_section_ends = memmem::find(document.as_bytes(), b"]]>").is_some();
    loop {
        let start = offset(tokenizer.buffer_position());
        let event = tokenizer.read_event().map_err(|error| {
            let message = match error {
                quick_xml::Error::Syntax(error) => error.to_string(),
                quick_xml::Error::IllFormed(error) => error.to_string(),
                other => other.to_string(),
            };
            (offset(tokenizer.error_position()), message)
        })?;
        let end = offset(tokenizer.buffer_position());
        match event {
            Event::Start(tag) => {
                let (name, attributes) = (tag.name().as_ref().len(), tag.attributes_raw().len());
                reader.open(start, name, attributes, build)?;
            }
            Event::Empty(tag) => {
                let (name, attributes) = (tag.name().as_ref().len(), tag.attributes_raw().len());
                reader.open(start, name, attributes, build)?;
                reader.close(end, build);
            }
            Event::End(_) => reader.close(end, build),
            Event::Text(text) => {
                if let Some(at) = has_section_ends.then(|| text.find("]]>")).flatten() {
                    return Err((start + at, "`]]>` must not stand in text".to_owned()));
                }
                reader.text(start, &text.xml10_content(), build)?;
            }
            Event::CData(text) => {
                reader.inside(start)?;
                reader.text(start, &text.xml10_content(), build)?;
            }
            Event::GeneralRef(name) => {
                reader.inside(start)?;
                let character = attributes::resolve(&name).map_err(|message| (start, message))?;
                reader.text(start, character.encode_utf8(&mut [0; 4]), build)?;
            }
            Event::Comment(_) => {}
            Event::Decl(_) => declaration::check(document, start, end, is_labelled)?,
            Event::PI(instruction) => check_target(start, instruction.target())?,
            Event::DocType(_) => {
                return Err((start, "a document type definition is not allowed".to_owned()));
            }
            Event::Eof => return reader.finish(),
        }
    }
}

/// The library counts in `u64`; a body is in memory, so its offsets are no wider than a `usize`.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn check_target(start: usize, target: &str) -> Result<(), Misplaced> {
    if !super::is_unprefixed_name(target) || target.eq_ignore_ascii_case("xml") {
        let message = format!("`{target}` is not a target of a processing instruction");
        return Err((start, message));
    }
    Ok(())
}

struct Reader<'d> {
    document: &'d str,
    depth: usize,
    names: Vocabulary<'d>,
    scope: Scope<'d>,
    /// The names of the open elements, and what the scope was before each.
    open: Vec<(&'d str, usize)>,
    has_root: bool,
    /// Kept to be used again for every tag.
    raw: Vec<(RawAttribute<'d>, Written<'d>)>,
    attributes: Vec<(QualifiedName, Arc<str>)>,
    value: String,
}

impl<'d> Reader<'d> {
    fn new(document: &'d str, limits: &Limits) -> Self {
        Self {
            document,
            depth: limits.effective_depth(),
            names: Vocabulary::new(limits.members),
            scope: Scope::new(),
            open: Vec::new(),
            has_root: false,
            raw: Vec::new(),
            attributes: Vec::new(),
            value: String::new(),
        }
    }

    /// Takes the start tag whose `<` is at `start`, with the lengths of its name and attributes.
    fn open(
        &mut self,
        start: usize,
        name: usize,
        attributes: usize,
        build: &mut impl Build,
    ) -> Result<(), Misplaced> {
        let name_at = start + 1;
        let attributes_at = name_at + name;
        let name = self.document.get(name_at..attributes_at).unwrap_or_default();
        if self.open.is_empty() && self.has_root {
            return Err((start, format!("a second root element `{name}`")));
        }
        if self.open.len() >= self.depth {
            return Err((start, format!("nested deeper than {} elements", self.depth)));
        }
        let written = self.names.read(name).map_err(|message| (name_at, message))?;
        let mark = self.scope.mark();
        self.attributes.clear();
        if attributes > 0 {
            let end = attributes_at + attributes;
            let attributes = self.document.get(attributes_at..end).unwrap_or_default();
            self.declare_and_keep(attributes, attributes_at, mark)?;
            self.resolve_attributes()?;
        }
        let namespace = self.scope.resolve(written.prefix).map_err(|said| (name_at, said))?;
        self.open.push((name, mark));
        self.has_root = true;
        if let Some(local) = self.names.shared(written.local) {
            build.start(Start {
                namespace,
                local,
                number: written.local.number(),
                attributes: &mut self.attributes,
                declarations: self.scope.since(mark),
            });
        }
        Ok(())
    }

    /// Declares the namespaces of a tag, and keeps the other attributes in `raw`.
    fn declare_and_keep(
        &mut self,
        mut rest: &'d str,
        mut at: usize,
        mark: usize,
    ) -> Result<(), Misplaced> {
        self.raw.clear();
        while let Some(attribute) = attributes::next(&mut rest, &mut at)? {
            let declared = match attribute.name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) if rest.starts_with(':') => {
                    // Whether what follows is a name is seen to for all alike.
                    self.names.read(attribute.name).map_err(|said| (attribute.name_at, said))?;
                    rest.trim_start_matches(':')
                }
                _ => {
                    let written = self.names.read(attribute.name);
                    let written = written.map_err(|said| (attribute.name_at, said))?;
                    self.raw.push((attribute, written));
                    continue;
                }
            };
            self.value.clear();
            attribute.push_value(&mut self.value)?;
            self.scope
                .declare(mark, declared, &self.value)
                .map_err(|message| (attribute.name_at, message))?;
        }
        Ok(())
    }

    fn resolve_attributes(&mut self) -> Result<(), Misplaced> {
        let mut known = HashSet::new();
        for (attribute, written) in &self.raw {
            let Written { prefix, local } = *written;
            let name = self.qualified(prefix, local).map_err(|said| (attribute.name_at, said))?;
            let duplicate = if self.raw.len() < SET_FROM {
                self.attributes.iter().any(|(other, _)| *other == name)
            } else {
                !known.insert(name.clone())
            };
            if duplicate {
                let message = format!("duplicate attribute `{}`", attribute.name);
                return Err((attribute.name_at, message));
            }
            self.value.clear();
            attribute.push_value(&mut self.value)?;
            self.attributes.push((name, self.value.as_str().into()));
        }
        Ok(())
    }

    /// The name of an attribute, which is in a namespace only if it has a prefix.
    fn qualified(&self, prefix: Option<&str>, local: LocalName) -> Result<QualifiedName, String> {
        let namespace = match prefix {
            None => None,
            Some(_) => self.scope.resolve(prefix)?.cloned(),
        };
        Ok(QualifiedName {
            namespace,
            local: self.names.shared(local).cloned().unwrap_or_default(),
        })
    }

    /// Takes the end of the innermost element; that the names agree, the library has seen to.
    fn close(&mut self, end: usize, build: &mut impl Build) {
        if let Some((_, mark)) = self.open.pop() {
            self.scope.leave(mark);
            build.end(end);
        }
    }

    /// Takes a piece of text, which outside of the root may only be white space.
    fn text(&mut self, at: usize, text: &str, build: &mut impl Build) -> Result<(), Misplaced> {
        if !self.open.is_empty() {
            build.text(text);
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

    fn finish(self) -> Result<(), Misplaced> {
        let end = self.document.len();
        if let Some((name, _)) = self.open.last() {
            let local = name.split_once(':').map_or(*name, |(_, local)| local);
            return Err((end, format!("the document ends inside of the element `{local}`")));
        }
        if !self.has_root {
            return Err((end, "the document has no root element".to_owned()));
        }
        Ok(())
    }
}
