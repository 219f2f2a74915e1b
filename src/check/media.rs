//! Media types and their wire formats.

use std::sync::Arc;

use super::Checker;
use super::http_words::is_media_type;
use super::records;
use crate::coding::Coding;
use crate::diagnostic::Diagnostic;
use crate::model::{MediaType, MediaTypeId, NilStyle, RuleKind, WireOptions};
use crate::source::{Located, Span};
use crate::syntax::{Mapping, Node, ReadNode};
use crate::wire::encoding::Encoding;

#[derive(Clone, Copy)]
enum Wire {
    Json,
    JsonLines,
    Csv,
    Events,
    Form,
    Text,
    Bytes,
    Multipart,
    Xml,
}

/// How forms and queries hold structure: `deepObject`, or not at all.
pub(super) const STYLES: [(bool, &str); 2] = [(true, "deepObject"), (false, "form")];

const NO_MEDIA_TYPE: &str = "`mediaTypes` needs at least one, or no body can be read or written";

impl<'n> Checker<'n> {
    /// `mediaTypes`, at the positions that their names have.
    pub(super) fn media_types(&mut self, node: Option<&'n Node>) -> Vec<MediaType> {
        if self.names.has_default_media_type {
            let name = self.names.media_types.name(0);
            let rule = self.rules.add(
                RuleKind::MediaType,
                "mediaType",
                &format!("mediaTypes.{name}"),
                &super::rules::Backing::default(),
                &self.root_span,
            );
            let content_type = name.clone();
            let wire = WireOptions::Json;
            return vec![MediaType {
                name,
                content_type,
                wire,
                coerce_types: false,
                unique_members: false,
                rule,
            }];
        }
        let members = self.optional_members(node);
        if let Some(node) = node.filter(|_| members.is_empty())
            && node.as_map().is_some()
        {
            self.report(
                Diagnostic::error("missing-item", NO_MEDIA_TYPE, &node.span, "is empty")
                    .help("leave it out for `application/json`"),
            );
        }
        members.iter().filter_map(|(key, node)| self.media_type(key, node)).collect()
    }

    fn media_type(&mut self, key: &'n Located<String>, node: &'n Node) -> Option<MediaType> {
        let name = self.media_type_name(key);
        if !is_media_type(key.value.strip_suffix("/*").map_or(&*key.value, |_| "a/b")) {
            self.names.media_types.may_have_others();
        }
        let mut mapping = self.open(node, records::MEDIA_TYPE.called("a media type"))?;
        let rule_name = format!("mediaTypes.{name}");
        let rule = self.rule(RuleKind::MediaType, "mediaType", &rule_name, &mut mapping);
        let words = [
            (Wire::Json, "json"),
            (Wire::JsonLines, "jsonLines"),
            (Wire::Csv, "csv"),
            (Wire::Events, "events"),
            (Wire::Form, "form"),
            (Wire::Text, "text"),
            (Wire::Bytes, "bytes"),
            (Wire::Multipart, "multipart"),
            (Wire::Xml, "xml"),
        ];
        let wire = mapping.require("wire").and_then(|node| self.read_word(node, "wire", &words));
        // What is only read has no content type in answers, and all of it is text.
        let is_written = !matches!(wire, Some(Wire::Multipart));
        let is_read = !matches!(wire, Some(Wire::Csv | Wire::Events));
        let content_type = is_written.then(|| mapping.take("contentType")).flatten();
        let content_type = content_type.and_then(|node| self.content_type_of(node));
        let charset = content_type.as_ref().and_then(|text| self.charset_of(text));
        let coerce = (is_written && is_read).then(|| mapping.boolean("coerceTypes")).flatten();
        let mut unique_members = None;
        let in_parts = name.starts_with("multipart/");
        let options = match wire {
            Some(
                Wire::Form | Wire::Json | Wire::JsonLines | Wire::Xml | Wire::Text | Wire::Csv,
            ) if in_parts => {
                let wire = node.get("wire").and_then(Node::as_text).unwrap_or_default();
                let message = format!("`{name}` is not what `wire: {wire}` reads and writes");
                self.report(
                    Diagnostic::error("bad-media-type", message, &key.span, "is not supported")
                        .help("write `wire: multipart`"),
                );
                None
            }
            Some(Wire::Json | Wire::JsonLines) => {
                let words = [(true, "refused"), (false, "last")];
                unique_members = mapping.word("duplicateMembers", &words);
                match wire {
                    Some(Wire::JsonLines) => Some(WireOptions::JsonLines),
                    _ => Some(WireOptions::Json),
                }
            }
            Some(Wire::Csv) => {
                let separator = mapping.take("separator").map(|node| self.separator(node));
                separator.unwrap_or(Some(',')).map(|separator| WireOptions::Csv { separator })
            }
            Some(Wire::Form) => {
                let style = mapping.word("style", &STYLES);
                Some(WireOptions::Form { deep: style.unwrap_or(false) })
            }
            Some(Wire::Events) => Some(WireOptions::Events),
            Some(Wire::Text) => Some(WireOptions::Text),
            Some(Wire::Bytes) => Some(WireOptions::Bytes),
            Some(Wire::Multipart) if !in_parts => {
                let message = format!("`{name}` is not what `wire: multipart` reads");
                self.report(
                    Diagnostic::error("bad-media-type", message, &key.span, "is not supported")
                        .help("`wire: multipart` is that of `multipart/form-data`, `multipart/related` and the like"),
                );
                None
            }
            Some(Wire::Multipart) => Some(WireOptions::Multipart),
            Some(Wire::Xml) => Some(self.xml_options(&mut mapping, charset)),
            None => None,
        };
        if options.is_some() || wire.is_none() && node.get("wire").is_none() {
            mapping.finish();
        }
        let wire = options?;
        // Form and XML have no types of their own.
        let coerce_types =
            coerce.unwrap_or(false) || !matches!(wire, WireOptions::Json | WireOptions::JsonLines);
        let content_type = content_type.map(|text| text.value);
        let content_type = content_type.unwrap_or_else(|| key.value.as_str().into());
        let unique_members = unique_members.unwrap_or(false);
        Some(MediaType { name, content_type, wire, coerce_types, unique_members, rule })
    }

    /// What stands between two fields: one character that no field is quoted for otherwise.
    fn separator(&mut self, node: &Node) -> Option<char> {
        let written = self.read_text(node)?;
        let mut characters = written.value.chars();
        let only = characters.next().filter(|_| characters.next().is_none());
        let fits = only.filter(|only| {
            !only.is_alphanumeric() && !matches!(only, '"' | '\r' | '\n' | '-' | '+' | '.')
        });
        if fits.is_none() {
            let message = "a separator is one character that is not a letter, a digit, a quote or part of a number";
            self.error("bad-separator", message, &node.span, "is not a valid one");
        }
        fits
    }

    /// `contentType`: a media type with its parameters, as it goes out.
    fn content_type_of(&mut self, node: &Node) -> Option<Located<Arc<str>>> {
        let written = self.read_text(node)?;
        let name = written.value.split(';').next().unwrap_or_default().trim_end();
        if !is_media_type(name) || http::HeaderValue::from_str(&written.value).is_err() {
            let message = format!("`{}` is not a content type", written.value.escape_debug());
            self.report(
                Diagnostic::error("bad-media-type", message, &node.span, "cannot be sent")
                    .help("a media type, and perhaps parameters: `text/xml; charset=utf-8`"),
            );
            return None;
        }
        Some(written)
    }

    /// The encoding that a media type names.
    fn charset_of(&mut self, media_type: &Located<Arc<str>>) -> Option<Encoding> {
        match Encoding::of_media_type(&media_type.value) {
            Ok(charset) => charset,
            Err(label) => {
                self.unknown_encoding(&label, &media_type.span.narrow(&label));
                None
            }
        }
    }

    fn unknown_encoding(&mut self, label: &str, span: &Span) {
        let message = format!("the encoding `{label}` is not supported");
        let expected = "expected a label of the WHATWG Encoding standard, such as `ISO-8859-1`";
        self.error("unknown-encoding", message, span, expected);
    }

    /// The label in the declaration, which has to be that of the media type.
    fn declaration(
        &mut self,
        declaration: &Located<Arc<str>>,
        charset: Option<Encoding>,
    ) -> Option<Arc<str>> {
        let label = &declaration.value;
        let Some(encoding) = Encoding::of_label(label) else {
            self.unknown_encoding(label, &declaration.span);
            return None;
        };
        if let Some(charset) = charset.filter(|charset| *charset != encoding) {
            let message = format!(
                "the declaration says `{label}`, and `contentType` says {}",
                charset.name()
            );
            let span = &declaration.span;
            self.error("bad-declaration", message, span, "a document is in one encoding");
        }
        Some(label.clone())
    }

    fn xml_options(&mut self, mapping: &mut Mapping<'n>, charset: Option<Encoding>) -> WireOptions {
        let declaration = mapping.text("declaration");
        let declaration = declaration.and_then(|text| self.declaration(&text, charset));
        let indent = mapping.take("indent").and_then(|node| {
            let indent = self.read_integer(node)?;
            let fits = usize::try_from(indent).ok().filter(|indent| *indent <= 16);
            if fits.is_none() {
                let message = "an indentation is 0 to 16 spaces";
                self.error("bad-bound", message, &node.span, "not such a number");
            }
            fits
        });
        let words = [
            (NilStyle::Plain, "plain"),
            (NilStyle::SchemaInstance, "schemaInstance"),
            (NilStyle::Omit, "omit"),
        ];
        let nil = mapping.word("nil", &words).unwrap_or_default();
        let words = [(true, "selfClosing"), (false, "pair")];
        let self_closing = mapping.word("empty", &words).unwrap_or(false);
        let mut namespaces: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        for (prefix, node) in mapping.members("namespaces") {
            if let Some(namespace) = self.read_text(node) {
                namespaces.push((prefix.value.as_str().into(), namespace.value));
            }
        }
        let words = [(true, "replaced"), (false, "refused")];
        let replaces_illegal = mapping.word("illegalCharacters", &words).unwrap_or(false);
        WireOptions::Xml { declaration, indent, nil, self_closing, namespaces, replaces_illegal }
    }

    /// Whether it is the name of a media type that is only written.
    fn is_only_written(&self, node: &Node) -> bool {
        let at = self.names.media_types.position(node.as_text().unwrap_or_default());
        let known = at.and_then(|at| self.names.media_types.node(at)?.get("wire"));
        known.and_then(Node::as_text) == Some("csv")
    }

    /// What bodies of requests are read in: a list of names.
    pub(super) fn consumed(&mut self, node: Option<&'n Node>) -> Option<Vec<MediaTypeId>> {
        let list = self.media_type_list(node)?;
        for item in node.and_then(Node::as_list).unwrap_or_default() {
            if self.is_only_written(item) {
                let name = item.as_text().unwrap_or_default();
                let message = format!("a request cannot be of `{name}`");
                let found = "`wire: csv` is only written";
                self.error("bad-media-type", message, &item.span, found);
            }
        }
        Some(list)
    }

    /// What answers are written in: a list of names, none of which stands for several.
    pub(super) fn produced(&mut self, node: Option<&'n Node>) -> Option<Vec<MediaTypeId>> {
        let list = self.media_type_list(node)?;
        for item in node.and_then(Node::as_list).unwrap_or_default() {
            if let Some(name) = item.as_text().filter(|name| name.ends_with("/*")) {
                let message = format!("an answer cannot be of `{name}`");
                self.report(
                    Diagnostic::error(
                        "bad-media-type",
                        message,
                        &item.span,
                        "matches several media types",
                    )
                    .help("a `respond` with `bytes` or `text` has a `mediaType` of its own"),
                );
            }
            self.check_is_written(item);
        }
        Some(list)
    }

    /// The content codings of answers; `None` when nothing is said of them.
    pub(super) fn content_codings(&mut self, node: Option<&'n Node>) -> Option<Vec<Coding>> {
        let mut codings = Vec::new();
        for item in self.read_items(node?) {
            if item.as_text().and_then(Coding::named) == Some(Coding::Brotli) {
                let message = "answers cannot be written in `br`";
                let written = Coding::WRITTEN.map(Coding::name).join(", ");
                self.report(
                    Diagnostic::error("unknown-word", message, &item.span, "is only read")
                        .help(format!("known here: {written}")),
                );
                continue;
            }
            let words = Coding::WRITTEN.map(|coding| (coding, coding.name()));
            codings.extend(self.read_word(item, "contentCoding", &words));
        }
        Some(codings)
    }

    /// Refuses the name of a media type that is only read where an answer should be of it.
    pub(super) fn check_is_written(&mut self, node: &Node) {
        let name = node.as_text().unwrap_or_default();
        let at = self.names.media_types.position(name);
        let known = at.and_then(|at| self.names.media_types.node(at)?.get("wire"));
        if known.and_then(Node::as_text) == Some("multipart") {
            let message = format!("an answer cannot be of `{name}`");
            let found = "`wire: multipart` is only read";
            self.error("bad-media-type", message, &node.span, found);
        }
    }

    /// A list of names of media types; `None` when it is not there.
    pub(super) fn media_type_list(&mut self, node: Option<&'n Node>) -> Option<Vec<MediaTypeId>> {
        let node = node?;
        let items = self.read_items(node);
        if items.is_empty() && node.as_list().is_some() {
            self.report(
                Diagnostic::error(
                    "missing-item",
                    "the list needs at least one media type",
                    &node.span,
                    "is empty",
                )
                .help("leave it out for all of `mediaTypes`"),
            );
        }
        let list: Vec<_> = items.iter().map(|item| self.names.media_types.resolve(item)).collect();
        if list.contains(&None) {
            // Any other may be meant.
            self.names.media_types.may_have_others();
        }
        let known: Option<Vec<usize>> = list.into_iter().collect();
        known
            .filter(|known| !known.is_empty())
            .map(|known| known.into_iter().map(MediaTypeId).collect())
    }
}
