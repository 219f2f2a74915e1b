//! Steps, ready to be done.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

pub use super::delivery::Delivery;
use super::names::{Names, Slot};
pub use super::page::Page;
use super::precondition::Precondition;
pub use super::rejection::Rejection;
use super::schema::{self, Schema};
use super::state::{Indexes, Lookup};
use super::value::{Expression, Text, Tree, compile_members};
use crate::exchange::Spelling;
use crate::model::{self, CollectionId, ErrorId, ListChange, MediaTypeId, OperationId, RuleId};

/// One verb with an optional condition.
#[derive(Debug)]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// Passed over unless true.
    pub when: Option<Expression>,
    /// The rule that it is.
    pub rule: RuleId,
}

impl Step {
    /// Whether it may change rows, sequences, generated values or the outbox.
    pub fn changes(&self) -> bool {
        match &self.verb {
            Verb::Insert { .. }
            | Verb::Update { .. }
            | Verb::Delete { .. }
            | Verb::Change { .. }
            | Verb::Send { .. }
            | Verb::Schedule { .. } => true,
            Verb::ForEach { steps, .. } | Verb::Group(steps) | Verb::After(steps) => {
                steps.iter().any(Self::changes)
            }
            Verb::Let(_)
            | Verb::Find { .. }
            | Verb::List { .. }
            | Verb::Validate { .. }
            | Verb::Reject(_)
            | Verb::Respond(_)
            | Verb::Precondition(_)
            | Verb::Note(_) => false,
        }
    }
}

impl Step {
    /// Whether it looks at the conditions of requests.
    pub fn is_conditional(&self) -> bool {
        match &self.verb {
            Verb::Precondition(_) => true,
            Verb::ForEach { steps, .. } | Verb::Group(steps) | Verb::After(steps) => {
                steps.iter().any(Self::is_conditional)
            }
            _ => false,
        }
    }
}

/// A link in a message.
#[derive(Debug)]
pub struct Link {
    /// Its name.
    pub name: Arc<str>,
    /// What runs.
    pub operation: OperationId,
    /// With which parameters.
    pub parameters: Box<[(Arc<str>, Tree)]>,
}

/// A response, ready to be filled in.
#[derive(Debug)]
pub struct Respond {
    /// The status.
    pub status: http::StatusCode,
    /// Headers.
    pub headers: Box<[Header]>,
    /// How the names of all headers of the answer are spelt; none: as those of any answer.
    spelling: OnceLock<Arc<Spelling>>,
    written: Box<[Arc<str>]>,
    /// What it carries.
    pub content: Content,
}

impl Respond {
    fn new(status: u16, headers: &[model::Header], content: Content, names: &Names) -> Self {
        Self {
            status: status_code(status),
            headers: headers.iter().map(|header| Header::compile(header, names)).collect(),
            spelling: OnceLock::new(),
            written: headers.iter().map(|header| header.written.clone()).collect(),
            content,
        }
    }

    /// How the names of the answer's headers are spelt; its own go before the vendor's.
    pub fn spelling(&self, vendor: &Arc<Spelling>) -> Arc<Spelling> {
        match *self.written {
            [] => vendor.clone(),
            _ => {
                let own = || Arc::new(Spelling::new(self.written.iter().chain(vendor.names())));
                self.spelling.get_or_init(own).clone()
            }
        }
    }
}

/// A header of an answer, ready to be filled in.
#[derive(Debug)]
pub struct Header {
    /// The name.
    pub name: http::HeaderName,
    /// What it holds.
    pub text: Text,
    /// The same, where it is the same in each answer.
    pub constant: Option<http::HeaderValue>,
    /// What the names of members begin with, where these are headers.
    pub prefix: Option<Arc<str>>,
}

impl Header {
    /// Resolves the variables of a checked header.
    pub fn compile(header: &model::Header, names: &Names) -> Self {
        let text = Text::compile(&header.value, names);
        let constant = text.constant().and_then(|text| text.parse().ok());
        Self { name: header.name.clone(), text, constant, prefix: header.prefix.clone() }
    }
}

/// What an answer carries.
#[derive(Debug)]
pub enum Content {
    /// No body.
    Nothing,
    /// A tree for the wire format, with its media type where that is fixed.
    Tree(Tree, Option<MediaTypeId>),
    /// Text as it is, with its content type.
    Text(Text, Text),
    /// Bytes as they are, with their content type.
    Bytes(Octets, Text),
    /// A SOAP fault.
    Fault {
        /// Whether the sender is at fault.
        sender: bool,
        /// What happened.
        reason: Text,
        /// More of it.
        detail: Option<Tree>,
    },
}

/// Bytes that an answer carries.
#[derive(Debug)]
pub enum Octets {
    /// The same in each answer.
    Fixed(Bytes),
    /// What a text in base64 stands for.
    WorkedOut(Expression),
}

/// Rows that are looked for.
#[derive(Debug)]
pub struct Rows {
    /// How they are found.
    pub lookup: Lookup,
    /// True of a row.
    pub filter: Option<Expression>,
    /// The field they are sorted by.
    pub order_by: Option<Arc<str>>,
    /// The last first, when true.
    pub descending: Option<Tree>,
}

impl Rows {
    fn compile(rows: &model::Rows, names: &Names, indexes: &mut Indexes) -> Self {
        Self {
            lookup: Lookup::compile(rows.collection, &rows.fields, names, indexes),
            filter: rows.filter.as_ref().map(|e| Expression::compile(e, names)),
            order_by: rows.order_by.clone(),
            descending: rows.descending.as_ref().map(|tree| Tree::compile(tree, names)),
        }
    }
}

/// What a step does.
#[derive(Debug)]
pub enum Verb {
    /// Names values.
    Let(Box<[(Slot, Tree)]>),
    /// The first row that fits.
    Find {
        /// Among which, and in which order.
        rows: Rows,
        /// Where it is put.
        slot: Slot,
        /// Rejects when there is none.
        or_else: Option<Rejection>,
    },
    /// All rows that fit.
    List {
        /// Which, and in which order.
        rows: Rows,
        /// How many to pass over.
        offset: Option<Tree>,
        /// How many at the most.
        limit: Option<Tree>,
        /// Which part of them, in place of `offset` and `limit`.
        page: Option<Box<Page>>,
        /// Where they are put.
        slot: Slot,
    },
    /// Adds a row.
    Insert {
        /// Where.
        collection: CollectionId,
        /// The fields.
        values: Tree,
        /// Where it is put.
        slot: Option<Slot>,
        /// The error in place of the constraints' own.
        on_conflict: Option<ErrorId>,
    },
    /// Changes a row.
    Update {
        /// The row.
        slot: Slot,
        /// Its collection.
        collection: CollectionId,
        /// The fields.
        values: Tree,
        /// Only what is missing.
        fill: bool,
        /// The error in place of the constraints' own.
        on_conflict: Option<ErrorId>,
    },
    /// Takes a row away.
    Delete {
        /// The row.
        slot: Slot,
        /// Its collection.
        collection: CollectionId,
    },
    /// Changes a list field.
    Change {
        /// How.
        change: ListChange,
        /// The row.
        slot: Slot,
        /// Its collection.
        collection: CollectionId,
        /// The field.
        field: Arc<str>,
        /// The items.
        values: Tree,
    },
    /// Reads a value by a schema.
    Validate {
        /// The value.
        value: Tree,
        /// What it may be.
        schema: Box<Schema>,
        /// What stands before the names.
        path: Option<Arc<str>>,
        /// Where the result is put.
        slot: Option<Slot>,
    },
    /// Does steps for each item.
    ForEach {
        /// The items.
        list: Expression,
        /// Where an item is put.
        slot: Slot,
        /// All that the steps name; each round is a scope.
        own: Box<[Slot]>,
        /// What is done.
        steps: Box<[Step]>,
    },
    /// Puts a message into the outbox.
    Send {
        /// Such as `email`.
        channel: Text,
        /// Which message.
        name: Text,
        /// The recipient.
        to: Text,
        /// What it carries.
        data: Tree,
        /// What can be followed.
        links: Box<[Link]>,
        /// The HTTP request that it is, if it is one.
        request: Option<Delivery>,
    },
    /// Has an operation run later.
    Schedule {
        /// After which duration.
        after: Text,
        /// What runs.
        operation: OperationId,
        /// With which parameters.
        parameters: Box<[(Arc<str>, Tree)]>,
    },
    /// Looks at the conditions of the request.
    Precondition(Box<Precondition>),
    /// Answers with an error.
    Reject(Rejection),
    /// Answers.
    Respond(Respond),
    /// A line for the explanation.
    Note(Text),
    /// Shared steps.
    Group(Box<[Step]>),
    /// Shared steps that are done as soon as the operation has an answer that is not an error.
    After(Box<[Step]>),
}

/// Compiles checked steps.
pub fn compile(steps: &[model::Step], names: &Names, indexes: &mut Indexes) -> Box<[Step]> {
    let mut compile = |step: &model::Step| Step {
        verb: verb(&step.verb, names, indexes),
        when: step.when.as_ref().map(|e| Expression::compile(e, names)),
        rule: step.rule,
    };
    steps.iter().map(&mut compile).collect()
}

fn verb(verb: &model::Verb, names: &Names, indexes: &mut Indexes) -> Verb {
    let tree = |tree: &model::Tree| Tree::compile(tree, names);
    let text = |text: &model::Text| Text::compile(text, names);
    let slot = |name: &Arc<str>| names.slot(name);
    match verb {
        model::Verb::Let(values) => {
            Verb::Let(values.iter().map(|(name, value)| (slot(name), tree(value))).collect())
        }
        model::Verb::Find { rows, name, or_else } => Verb::Find {
            rows: Rows::compile(rows, names, indexes),
            slot: slot(name),
            or_else: or_else.as_ref().map(|r| Rejection::compile(r, names)),
        },
        model::Verb::List { rows, offset, limit, page, name } => Verb::List {
            rows: Rows::compile(rows, names, indexes),
            offset: offset.as_ref().map(tree),
            limit: limit.as_ref().map(tree),
            page: page.as_ref().map(|page| Box::new(Page::compile(page, names))),
            slot: slot(name),
        },
        model::Verb::Insert { collection, values, name, on_conflict } => Verb::Insert {
            collection: *collection,
            values: tree(values),
            slot: name.as_ref().map(slot),
            on_conflict: *on_conflict,
        },
        model::Verb::Update { record, collection, values, fill, on_conflict } => Verb::Update {
            slot: slot(record),
            collection: *collection,
            values: tree(values),
            fill: *fill,
            on_conflict: *on_conflict,
        },
        model::Verb::Delete { record, collection } => {
            Verb::Delete { slot: slot(record), collection: *collection }
        }
        model::Verb::Change { change, record, collection, field, values } => Verb::Change {
            change: *change,
            slot: slot(record),
            collection: *collection,
            field: field.clone(),
            values: tree(values),
        },
        model::Verb::Validate { value, schema, path, name } => Verb::Validate {
            value: tree(value),
            schema: Box::new(schema::compile(schema, names, indexes)),
            path: path.clone(),
            slot: name.as_ref().map(slot),
        },
        model::Verb::ForEach { list, name, steps } => {
            let steps = compile(steps, names, indexes);
            let mut own = vec![slot(name)];
            named(&steps, &mut own);
            Verb::ForEach {
                list: Expression::compile(list, names),
                slot: slot(name),
                own: own.into(),
                steps,
            }
        }
        model::Verb::Send { channel, name, to, data, links, request } => Verb::Send {
            channel: text(channel),
            name: text(name),
            to: text(to),
            data: tree(data),
            links: links
                .iter()
                .map(|link| Link {
                    name: link.name.clone(),
                    operation: link.operation,
                    parameters: compile_members(&link.parameters, names),
                })
                .collect(),
            request: request.as_ref().map(|request| Delivery::compile(request, names)),
        },
        model::Verb::Schedule { after, operation, parameters } => Verb::Schedule {
            after: text(after),
            operation: *operation,
            parameters: compile_members(parameters, names),
        },
        model::Verb::Precondition(checked) => {
            Verb::Precondition(Box::new(Precondition::compile(checked, names)))
        }
        model::Verb::Reject(r) => Verb::Reject(Rejection::compile(r, names)),
        model::Verb::Respond {
            status,
            headers,
            body,
            written_as,
            text: content,
            bytes,
            media_type,
        } => {
            let typed = |usual: fn() -> Text| media_type.as_ref().map_or_else(usual, text);
            let content = match (body, content, bytes) {
                (Some(body), ..) => Content::Tree(tree(body), *written_as),
                (None, Some(content), _) => Content::Text(text(content), typed(plain_text)),
                (None, None, Some(bytes)) => {
                    let bytes = match bytes {
                        model::Octets::Fixed(bytes) => Octets::Fixed(Bytes::copy_from_slice(bytes)),
                        model::Octets::WorkedOut(expression) => {
                            Octets::WorkedOut(Expression::compile(expression, names))
                        }
                    };
                    Content::Bytes(bytes, typed(octet_stream))
                }
                (None, None, None) => Content::Nothing,
            };
            Verb::Respond(Respond::new(*status, headers, content, names))
        }
        model::Verb::Note(note) => Verb::Note(text(note)),
        model::Verb::Group(steps) => Verb::Group(compile(steps, names, indexes)),
        model::Verb::After(steps) => Verb::After(compile(steps, names, indexes)),
    }
}

/// The slots of what the steps name, those that they run in a loop of their own left out.
fn named(steps: &[Step], slots: &mut Vec<Slot>) {
    for step in steps {
        match &step.verb {
            Verb::Let(values) => slots.extend(values.iter().map(|(slot, _)| *slot)),
            Verb::Find { slot, .. } => slots.push(*slot),
            Verb::List { slot, page, .. } => {
                slots.push(*slot);
                slots.extend(page.as_ref().map(|page| page.slot));
            }
            Verb::Insert { slot, .. } | Verb::Validate { slot, .. } => slots.extend(slot),
            Verb::Group(steps) | Verb::After(steps) => named(steps, slots),
            _ => {}
        }
    }
}

/// Compiles a checked error to the response that it is.
pub fn compile_error(error: &model::ErrorAnswer, names: &Names) -> Respond {
    let content = match &error.content {
        model::ErrorContent::Nothing => Content::Nothing,
        model::ErrorContent::Body { tree, media_type } => {
            Content::Tree(Tree::compile(tree, names), *media_type)
        }
        model::ErrorContent::Text { text, media_type } => {
            Content::Text(Text::compile(text, names), Text::compile(media_type, names))
        }
        model::ErrorContent::Fault(fault) => Content::Fault {
            sender: fault.sender,
            reason: Text::compile(&fault.reason, names),
            detail: fault.detail.as_ref().map(|tree| Tree::compile(tree, names)),
        },
    };
    Respond::new(error.status, &error.headers, content, names)
}

/// The check only lets real status codes through.
fn status_code(status: u16) -> http::StatusCode {
    http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
}

fn octet_stream() -> Text {
    Text::literal("application/octet-stream")
}

fn plain_text() -> Text {
    Text::literal("text/plain; charset=utf-8")
}
