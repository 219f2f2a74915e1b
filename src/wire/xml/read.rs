//! From text to elements, in one pass: names, namespaces, attributes, and what must not stand
//! where.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memchr;
use quick_xml::events::Event;

use super::attributes::{self, Misplaced, RawAttribute};
use super::scope::{Binding, Scope};
use super::token::{Token, Tokens};
use super::vocabulary::{LocalName, Vocabulary, Written};
use super::{declaration, illegal_character};
use crate::value::shared_text;
use crate::wire::{Limits, QualifiedName};

/// From this many attributes on, a set is cheaper than looking for a duplicate.
const SET_FROM: usize = 16;
/// As deep most documents are.
const USUAL_DEPTH: usize = 8;

/// What is made of a document: it is told of elements and texts as they come.
pub(in crate::wire) trait Build {
    /// An element begins.
    fn start(&mut self, element: &mut Start<'_>);

    /// A piece of the text in the innermost element; several may follow each other.
    fn text(&mut self, text: &str);

    /// The innermost element ends; `end` is the offset in the body behind its end tag.
    fn end(&mut self, end: usize);

    /// An element in which there is only that text, if any, and that has no attributes, as most
    /// have none.
    fn leaf(&mut self, element: &mut Start<'_>, text: &str, end: usize) {
        self.start(element);
        self.text(text);
        self.end(end);
    }
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

/// Reads a document that stands behind so many bytes of a body. A document type definition and any
/// entity but the predefined ones are refused. `is_labelled` says that something other than the
/// document says in which encoding it is.
pub(super) fn read(
    document: &str,
    skipped: usize,
    is_labelled: bool,
    limits: &Limits,
    build: &mut impl Build,
) -> Result<(), Misplaced> {
    if let Some((at, character)) = illegal_character(document) {
        let code = u32::from(character);
        return Err((at, format!("the character U+{code:04X} is not allowed in XML")));
    }
    if document.starts_with('\u{FEFF}') {
        return Err((0, "text outside of the root element".to_owned()));
    }
    let mut tokens = Tokens::new(document, declaration::usual_length(document.as_bytes()));
    let mut reader = Reader::new(document, limits);
    // Looking for these in each text costs more than one look at all.
    let has_brackets = memchr(b']', document.as_bytes()).is_some();
    let has_returns = memchr(b'\r', document.as_bytes()).is_some();
    loop {
        let start = tokens.at();
        let open = reader.open.last().map(|(name, _)| *name);
        let Some(token) = tokens.next(open)? else { return reader.finish() };
        match token {
            Token::Start { name, attributes: "", is_empty: false } if !has_brackets => {
                let text = tokens.leaf(name);
                let leaf = text.map(|text| (text, tokens.at() + skipped));
                reader.open(start, name, "", leaf, build)?;
            }
            Token::Start { name, attributes, is_empty } => {
                reader.open(start, name, attributes, None, build)?;
                if is_empty {
                    reader.close(tokens.at() + skipped, build);
                }
            }
            Token::End => reader.close(tokens.at() + skipped, build),
            Token::Text(text) => {
                if let Some(at) = has_brackets.then(|| text.find("]]>")).flatten() {
                    return Err((start + at, "`]]>` is not allowed in text".to_owned()));
                }
                match has_returns {
                    true => reader.text(start, &with_line_feeds(text), build)?,
                    false => reader.text(start, text, build)?,
                }
            }
            Token::Reference(name) => {
                reader.inside(start)?;
                let character = attributes::resolve(name).map_err(|message| (start, message))?;
                reader.text(start, character.encode_utf8(&mut [0; 4]), build)?;
            }
            Token::Other(event) => match *event {
                Event::CData(text) => {
                    reader.inside(start)?;
                    reader.text(start, &with_line_feeds(&text), build)?;
                }
                Event::Decl(_) => {
                    declaration::check(document, start, tokens.at(), is_labelled)?;
                }
                Event::PI(instruction) => check_target(start, instruction.target())?,
                Event::DocType(_) => {
                    return Err((start, "a document type definition is not allowed".to_owned()));
                }
                _ => {}
            },
        }
    }
}

/// Outside of the root element there may only be white space.
fn outside(at: usize, text: &str) -> Result<(), Misplaced> {
    match text.find(|character| !matches!(character, ' ' | '\t' | '\n' | '\r')) {
        Some(found) => Err((at + found, "text outside of the root element".to_owned())),
        None => Ok(()),
    }
}

/// Text whose line breaks are line feeds (XML 1.0 section 2.11).
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
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
    names: Box<Vocabulary>,
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
            open: Vec::with_capacity(USUAL_DEPTH),
            has_root: false,
            raw: Vec::new(),
            attributes: Vec::new(),
            value: String::new(),
        }
    }

    /// Takes the start tag whose `<` is at `start`, or all of a leaf: its text, and where it ends.
    fn open(
        &mut self,
        start: usize,
        name: &'d str,
        attributes: &'d str,
        leaf: Option<(&str, usize)>,
        build: &mut impl Build,
    ) -> Result<(), Misplaced> {
        let name_at = start + 1;
        if self.open.is_empty() && self.has_root {
            return Err((start, format!("a second root element `{name}`")));
        }
        if self.open.len() >= self.depth {
            return Err((start, format!("nested deeper than {} elements", self.depth)));
        }
        let written = self.names.read(name).map_err(|message| (name_at, message))?;
        let mark = self.scope.mark();
        self.attributes.clear();
        if !attributes.is_empty() {
            self.declare_and_keep(attributes, name_at + name.len(), mark)?;
            self.resolve_attributes()?;
        }
        let namespace = self.scope.resolve(written.prefix).map_err(|said| (name_at, said))?;
        if leaf.is_none() {
            self.open.push((name, mark));
        }
        self.has_root = true;
        if let Some(local) = self.names.shared(written.local) {
            let mut element = Start {
                namespace,
                local,
                number: written.local.number(),
                attributes: &mut self.attributes,
                declarations: self.scope.since(mark),
            };
            match leaf {
                Some((text, end)) => build.leaf(&mut element, text, end),
                None => build.start(&mut element),
            }
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
            self.attributes.push((name, shared_text(&self.value)));
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

    /// Takes the end of the innermost element, whose offset in the body is `end`.
    fn close(&mut self, end: usize, build: &mut impl Build) {
        if let Some((_, mark)) = self.open.pop() {
            self.scope.leave(mark);
            build.end(end);
        }
    }

    /// Takes a piece of text.
    fn text(&mut self, at: usize, text: &str, build: &mut impl Build) -> Result<(), Misplaced> {
        if self.open.is_empty() {
            return outside(at, text);
        }
        build.text(text);
        Ok(())
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
        self.names.keep();
        Ok(())
    }
}
