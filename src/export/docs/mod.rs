//! Documentation of a vendor's API for people: what a client may send, what it gets, and what
//! backs each of that.
//!
//! The sections are put together as a [`page::Page`], without markup, which is then written as
//! Markdown or as HTML.

mod around;
mod errors;
mod fields;
mod html;
mod markdown;
mod operation;
mod page;
mod prose;
mod shown;
mod state;
mod statements;

use std::collections::BTreeSet;

use crate::generate::Exchange;
use crate::model::{Operation, Service};
use crate::plan::Plan;
use page::{Line, Page};

/// What documentation is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// One page of HTML.
    Html,
}

/// What the sections are made of.
struct Docs<'p> {
    plan: &'p Plan,
    service: &'p Service,
    exchanges: &'p [Exchange],
}

/// Writes the documentation.
pub(super) fn document(plan: &Plan, exchanges: &[Exchange], format: Format) -> String {
    let docs = Docs { plan, service: &plan.service, exchanges };
    let page = docs.page();
    match format {
        Format::Markdown => markdown::write(&page),
        Format::Html => html::write(&page),
    }
}

impl Docs<'_> {
    fn page(&self) -> Page {
        let service = self.service;
        let info = &service.info;
        let title = info.title.as_deref().unwrap_or(&service.vendor);
        let mut page = Page { title: title.to_owned(), blocks: Vec::new() };
        if let Some(version) = &info.version {
            page.paragraph(Line::new().text("Version ").strong(&**version));
        }
        page.blocks.extend(info.description.iter().flat_map(|text| prose::blocks(text)));
        if let Some(document) = &info.document {
            page.paragraph(Line::from("The vendor's document: ").line(prose::line(document)));
        }
        self.servers(&mut page);
        self.authentication(&mut page);
        self.conventions(&mut page);
        let mut tags: Vec<&str> = Vec::new();
        let mut known = BTreeSet::new();
        for operation in &service.operations {
            let tag = first_tag(operation);
            if known.insert(tag) {
                tags.push(tag);
            }
        }
        // Those without a tag come last, under a name that says what they are.
        tags.sort_by_key(|tag| tag.is_empty());
        for tag in tags {
            let title = match tag {
                "" if known.len() == 1 => "Operations",
                "" => "Other operations",
                tag => tag,
            };
            page.heading(2, page::id("tag", tag), title);
            for (at, operation) in service.operations.iter().enumerate() {
                if first_tag(operation) == tag {
                    self.operation(at, operation, &mut page);
                }
            }
        }
        self.errors(&mut page);
        self.messages(&mut page);
        self.schedules(&mut page);
        self.state(&mut page);
        self.statements(&mut page);
        page
    }
}

fn first_tag(operation: &Operation) -> &str {
    operation.tags.first().map_or("", |tag| &**tag)
}

/// An operation by its id.
fn to_operation(operation: &Operation) -> Line {
    Line::new().to(page::id("operation", &operation.id), &*operation.id)
}
