//! Steps, ready to be done.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::compiler::Compiler;
use super::names::Slot;
use super::schema::Schema;
use super::value::{Compiled, Expression, Text, Tree};
use crate::exchange::Spelling;
use crate::model::{
    self, CollectionId, ErrorId, Foldable, ListChange, MediaTypeId, OperationId, RuleId,
};

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

/// What `reject` and `orElse` give.
pub type Rejection = model::Rejection<Compiled>;
/// Rows that are looked for.
pub type Rows = model::Rows<Compiled>;
/// A part of the rows.
pub type Page = model::Page<Compiled>;
/// A link in a message.
pub type Link = model::Link<Compiled>;
/// The HTTP request that a message is.
pub type Delivery = model::Delivery<Compiled>;
/// The conditions of a request.
pub type Precondition = model::Precondition<Compiled>;

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
    fn new(
        status: u16,
        headers: &[model::Header],
        content: Content,
        compiler: &mut Compiler<'_>,
    ) -> Self {
        Self {
            status: status_code(status),
            headers: headers.iter().map(|header| Header::compile(header, compiler)).collect(),
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
    pub fn compile(header: &model::Header, compiler: &mut Compiler<'_>) -> Self {
        let text = header.value.fold(compiler);
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
        links: Vec<Link>,
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
pub fn compile(steps: &[model::Step], compiler: &mut Compiler<'_>) -> Box<[Step]> {
    let mut compile = |step: &model::Step| Step {
        verb: verb(&step.verb, compiler),
        when: step.when.fold(compiler),
        rule: step.rule,
    };
    steps.iter().map(&mut compile).collect()
}

fn verb(verb: &model::Verb, compiler: &mut Compiler<'_>) -> Verb {
    match verb {
        model::Verb::Let(values) => Verb::Let(values.fold(compiler).into()),
        model::Verb::Find { rows, name, or_else } => Verb::Find {
            rows: rows.fold(compiler),
            slot: name.fold(compiler),
            or_else: or_else.fold(compiler),
        },
        model::Verb::List { rows, offset, limit, page, name } => Verb::List {
            rows: rows.fold(compiler),
            offset: offset.fold(compiler),
            limit: limit.fold(compiler),
            page: page.fold(compiler),
            slot: name.fold(compiler),
        },
        model::Verb::Insert { collection, values, name, on_conflict } => Verb::Insert {
            collection: *collection,
            values: values.fold(compiler),
            slot: name.fold(compiler),
            on_conflict: *on_conflict,
        },
        model::Verb::Update { record, collection, values, fill, on_conflict } => Verb::Update {
            slot: record.fold(compiler),
            collection: *collection,
            values: values.fold(compiler),
            fill: *fill,
            on_conflict: *on_conflict,
        },
        model::Verb::Delete { record, collection } => {
            Verb::Delete { slot: record.fold(compiler), collection: *collection }
        }
        model::Verb::Change { change, record, collection, field, values } => Verb::Change {
            change: *change,
            slot: record.fold(compiler),
            collection: *collection,
            field: field.clone(),
            values: values.fold(compiler),
        },
        model::Verb::Validate { value, schema, path, name } => Verb::Validate {
            value: value.fold(compiler),
            schema: schema.fold(compiler),
            path: path.clone(),
            slot: name.fold(compiler),
        },
        model::Verb::ForEach { list, name, steps } => {
            let steps = compile(steps, compiler);
            let mut own = vec![name.fold(compiler)];
            named(&steps, &mut own);
            Verb::ForEach {
                list: list.fold(compiler),
                slot: name.fold(compiler),
                own: own.into(),
                steps,
            }
        }
        model::Verb::Send { channel, name, to, data, links, request } => Verb::Send {
            channel: channel.fold(compiler),
            name: name.fold(compiler),
            to: to.fold(compiler),
            data: data.fold(compiler),
            links: links.fold(compiler),
            request: request.fold(compiler),
        },
        model::Verb::Schedule { after, operation, parameters } => Verb::Schedule {
            after: after.fold(compiler),
            operation: *operation,
            parameters: parameters.fold(compiler).into(),
        },
        model::Verb::Precondition(checked) => Verb::Precondition(checked.fold(compiler)),
        model::Verb::Reject(r) => Verb::Reject(r.fold(compiler)),
        model::Verb::Respond {
            status,
            headers,
            body,
            written_as,
            text: content,
            bytes,
            media_type,
        } => {
            let typed = |compiler: &mut Compiler<'_>, usual: fn() -> Text| {
                media_type.fold(compiler).unwrap_or_else(usual)
            };
            let content = match (body, content, bytes) {
                (Some(body), ..) => Content::Tree(body.fold(compiler), *written_as),
                (None, Some(content), _) => {
                    Content::Text(content.fold(compiler), typed(compiler, plain_text))
                }
                (None, None, Some(bytes)) => {
                    let bytes = match bytes {
                        model::Octets::Fixed(bytes) => Octets::Fixed(Bytes::copy_from_slice(bytes)),
                        model::Octets::WorkedOut(expression) => {
                            Octets::WorkedOut(expression.fold(compiler))
                        }
                    };
                    Content::Bytes(bytes, typed(compiler, octet_stream))
                }
                (None, None, None) => Content::Nothing,
            };
            Verb::Respond(Respond::new(*status, headers, content, compiler))
        }
        model::Verb::Note(note) => Verb::Note(note.fold(compiler)),
        model::Verb::Group(steps) => Verb::Group(compile(steps, compiler)),
        model::Verb::After(steps) => Verb::After(compile(steps, compiler)),
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
                slots.extend(page.as_ref().map(|page| page.name));
            }
            Verb::Insert { slot, .. } | Verb::Validate { slot, .. } => slots.extend(slot),
            Verb::Group(steps) | Verb::After(steps) => named(steps, slots),
            _ => {}
        }
    }
}

/// Compiles a checked error to the response that it is.
pub fn compile_error(error: &model::ErrorAnswer, compiler: &mut Compiler<'_>) -> Respond {
    let content = match &error.content {
        model::ErrorContent::Nothing => Content::Nothing,
        model::ErrorContent::Body { tree, media_type } => {
            Content::Tree(tree.fold(compiler), *media_type)
        }
        model::ErrorContent::Text { text, media_type } => {
            Content::Text(text.fold(compiler), media_type.fold(compiler))
        }
        model::ErrorContent::Fault(fault) => Content::Fault {
            sender: fault.sender,
            reason: fault.reason.fold(compiler),
            detail: fault.detail.fold(compiler),
        },
    };
    Respond::new(error.status, &error.headers, content, compiler)
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
