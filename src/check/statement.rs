//! The head of a spec, and the statements of the vendor's document.

use std::sync::Arc;

use super::Checker;
use super::reader::TreeReader;
use super::records;
use crate::diagnostic::Diagnostic;
use crate::model::{Info, Statement};
use crate::syntax::{Mapping, Node, ReadNode};

impl<'n> TreeReader<'n> {
    /// `counterpart`: the version of the language, of which there is one.
    pub(super) fn version(&mut self, spec: &mut Mapping<'n>) {
        let Some(node) = spec.require("counterpart") else { return };
        if let Some(version) = self.read_integer(node)
            && version != 1
        {
            self.report(
                Diagnostic::error(
                    "unknown-version",
                    format!("the file is written in version {version} of the language"),
                    &node.span,
                    "not known",
                )
                .help("this program reads version 1"),
            );
        }
    }
}

impl<'n> Checker<'n> {
    /// `vendor`: the name in URLs.
    pub(super) fn vendor(&mut self, spec: &mut Mapping<'n>) -> Option<Arc<str>> {
        let vendor = spec.required_text("vendor")?;
        let shaped = !vendor.is_empty()
            && vendor.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !shaped {
            self.report(
                Diagnostic::error(
                    "bad-name",
                    format!("`{}` is not a valid vendor name", vendor.value),
                    &vendor.span,
                    "is part of URLs",
                )
                .help("use a-z, 0-9 and -"),
            );
            return None;
        }
        Some(vendor.value)
    }

    /// `info`: for people.
    pub(super) fn info(&mut self, node: Option<&'n Node>) -> Info {
        let Some(mut info) = node.and_then(|node| self.open(node, records::INFO.called("`info`")))
        else {
            return Info::default();
        };
        let read = Info {
            title: info.plain_text("title"),
            version: info.plain_text("version"),
            description: info.plain_text("description"),
            document: info.plain_text("document"),
        };
        info.finish();
        read
    }

    /// `statements`, at the positions that their names have.
    pub(super) fn statements(&mut self, node: Option<&'n Node>) -> Vec<Statement> {
        let items = self.optional_items(node);
        let mut statements = Vec::with_capacity(items.len());
        for item in items {
            let Some(mut mapping) = self.open(item, records::STATEMENT.called("a statement"))
            else {
                continue;
            };
            let id = mapping.required_text("id");
            let says = mapping.required_text("says");
            let source = mapping.plain_text("source");
            let decision = mapping.plain_text("decision");
            mapping.finish();
            if let Some(id) = &id
                && (id.is_empty() || !id.chars().all(|c| c.is_ascii_graphic()))
            {
                self.error(
                    "bad-name",
                    "an id is a word of visible ASCII characters, without spaces",
                    &id.span,
                    "is written in headers and reports",
                );
            }
            if let (Some(id), Some(says)) = (id, says) {
                let says = says.value;
                statements.push(Statement { id: id.value, says, source, decision, span: id.span });
            }
        }
        statements
    }
}
