//! `page` of a `list`: a part of the rows, and what is told of it.

use std::sync::Arc;

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::check::shape::Shape;
use crate::diagnostic::Diagnostic;
use crate::model::{Page, PageKind, Variable};
use crate::source::{Located, Span};
use crate::syntax::{Node, ReadNode};

/// How it is said where a page begins, by the key that says it.
const KINDS: [(&str, PageKind); 4] = [
    ("offset", PageKind::Offset),
    ("number", PageKind::Number),
    ("cursor", PageKind::Cursor),
    ("after", PageKind::After),
];

/// What is told of a page, but for `links`.
const TOLD: [&str; 9] =
    ["total", "size", "offset", "number", "count", "next", "previous", "more", "link"];

/// What stands before the name of a member of the body.
const IN_BODY: &str = "body.";

/// The relations (RFC 8288, section 3.3) of the pages that `links` has.
const LINKS: [&str; 4] = ["first", "prev", "next", "last"];

impl<'n> Checker<'n> {
    /// A page; its name is in sight from here on.
    pub(in crate::check::verb) fn page(
        &mut self,
        node: &'n Node,
        context: &mut StepContext,
    ) -> Option<Page> {
        let page = self.page_here(node, context);
        if page.is_none() {
            context.scope.lose_track();
        }
        page
    }

    fn page_here(&mut self, node: &'n Node, context: &mut StepContext) -> Option<Page> {
        let mut mapping = self.open(node, records::STEP_LIST_PAGE.called("`page`"))?;
        let starts: Vec<_> =
            KINDS.iter().filter_map(|(key, kind)| Some((mapping.entry(key)?, *kind))).collect();
        let size = mapping.require("size");
        let before = mapping.entry("before");
        let parameter = mapping.text("parameter");
        let link = mapping.entry("link");
        let name = mapping.required_text("as");
        let or_else = mapping.take("orElse");
        let whole = mapping.span();
        mapping.finish();
        let start = self.one_start(&starts, whole);
        if let Some((key, kind, _)) = start
            && matches!(kind, PageKind::Cursor | PageKind::After)
            && or_else.is_none()
        {
            let message = format!("a page by `{}` needs `orElse`", key.value);
            self.report(
                Diagnostic::error("missing-key", message, &key.span, "may lead nowhere")
                    .help("the error for one that leads nowhere, such as `orElse: InvalidCursor`"),
            );
        }
        let begin = start.and_then(|(_, kind, node)| match kind {
            PageKind::Offset | PageKind::Number => self.row_count(node, &context.scope),
            PageKind::Cursor | PageKind::After => Some(self.tree(node, &context.scope)),
        });
        let before = before.map(|(key, node)| {
            if start.is_some_and(|(_, kind, _)| kind != PageKind::After) {
                let message = "`before` is for pages that begin by `after`; a `cursor` leads backwards by itself";
                self.error("contradiction", message, &key.span, "without `after`");
            }
            self.tree(node, &context.scope)
        });
        let size = size.and_then(|node| self.row_count(node, &context.scope));
        let in_query = parameter.as_ref().is_some_and(|name| !name.value.starts_with(IN_BODY));
        if let Some(parameter) = &parameter {
            self.check_page_parameter(parameter, context);
        }
        let relations = link.map(|(key, node)| {
            if !in_query {
                let message =
                    "`link` needs `parameter`, a parameter of the query that leads to a page";
                self.error("missing-key", message, &key.span, "leads nowhere");
            }
            let words = LINKS.map(|name| (name, name));
            let items = self.read_items(node).iter();
            let names = items.filter_map(|item| self.read_word(item, "link", &words));
            names.map(Arc::from).collect::<Vec<_>>().into()
        });
        let or_else = or_else.map(|node| self.rejection(node, &context.scope));
        let name = self.result(name, told(), context);
        let or_else = match or_else {
            Some(or_else) => Some(or_else?),
            None => None,
        };
        let kind = start.map(|(_, kind, _)| kind);
        let parameter = parameter.map(|parameter| match parameter.value.strip_prefix(IN_BODY) {
            Some(member) => (member.into(), None),
            None => (parameter.value, Some(Variable("request".into()))),
        });
        Some(Page {
            kind: kind?,
            start: begin?,
            before,
            size: size?,
            parameter,
            relations,
            name: name?,
            or_else,
        })
    }

    /// The one key that says where the page begins.
    fn one_start(
        &mut self,
        starts: &[((&'n Located<String>, &'n Node), PageKind)],
        whole: &Span,
    ) -> Option<(&'n Located<String>, PageKind, &'n Node)> {
        let mut starts = starts.iter().map(|((key, node), kind)| (*key, *kind, *node));
        let Some(first) = starts.next() else {
            let message = "`page` needs one of `offset`, `number`, `cursor` and `after`";
            self.error("missing-key", message, whole, "does not say where it begins");
            return None;
        };
        for (key, ..) in starts {
            let message =
                format!("a page begins by `{}` or by `{}`, not by both", first.0.value, key.value);
            self.report(Diagnostic::contradiction(message, &key.span, &first.0.span));
        }
        Some(first)
    }

    /// `offset` and `limit` say the same in another way.
    pub(in crate::check::verb) fn beside_page(
        &mut self,
        page: &Node,
        others: &[(&str, Option<&Node>)],
    ) {
        for (key, node) in others {
            let Some(node) = node else { continue };
            let message = format!("`{key}` and `page` cannot both say which rows");
            self.report(
                Diagnostic::contradiction(message, &node.span, &page.span)
                    .help("`page` has an `offset` and a `size`"),
            );
        }
    }

    /// A parameter of the query, or with `body.` before it a member of the body.
    fn check_page_parameter(&mut self, parameter: &Located<Arc<str>>, context: &StepContext) {
        let member = parameter.value.strip_prefix(IN_BODY);
        let (place, what) = match member {
            Some(_) => ("body", "member of the body"),
            None => ("query", "parameter of the query"),
        };
        let name = member.unwrap_or(&parameter.value);
        let name = name.split('.').next().unwrap_or_default();
        let Some(Shape::Object(members)) = context.scope.get(place) else { return };
        if members.open || members.get(name).is_some() {
            return;
        }
        self.unknown("unknown-parameter", what, name, &parameter.span, members.names());
    }
}

/// What the name of a page holds.
fn told() -> Shape {
    let mut members: Vec<_> = TOLD.iter().map(|name| ((*name).into(), Shape::Scalar)).collect();
    members.push(("links".into(), Shape::scalars(&LINKS)));
    Shape::closed(members)
}
