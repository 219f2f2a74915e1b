//! Steps: what an operation does, in order, in one transaction.

use std::sync::Arc;

use super::stage::staged;
use super::{
    CollectionId, ErrorId, Expression, Lookup, MediaTypeId, OperationId, Precondition, RuleId,
    Schema, Text, Tree, Variable,
};

/// One verb with an optional condition.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// Passed over unless true.
    pub when: Option<Expression>,
    /// The rule that it is.
    pub rule: RuleId,
}

/// How a list field changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListChange {
    /// The union, without doubles.
    Add,
    /// The difference.
    Remove,
    /// The new list.
    Replace,
}

staged! {
    /// What `reject` and `orElse` give.
    pub struct Rejection {
        /// The error.
        pub error: ErrorId,
        /// Further members of `error`.
        pub with: Vec<(Arc<str>, Tree<S>)>,
        /// `error.field`.
        pub field: Option<Text<S>>,
        /// `error.value`.
        pub value: Option<Tree<S>>,
        /// `error.message`.
        pub message: Option<Text<S>>,
    }
}

staged! {
    /// The HTTP request that a message is.
    pub struct Delivery {
        /// Its method.
        pub method: Arc<str>,
        /// Its headers, by their names.
        pub headers: Vec<(Arc<str>, Text<S>)>,
        /// Its body.
        pub text: Option<Text<S>>,
        /// After which durations it is tried again.
        pub retry: Arc<[Arc<str>]>,
    }
}

staged! {
    /// A link in a message.
    pub struct Link {
        /// Its name.
        pub name: Arc<str>,
        /// What runs when somebody GETs it.
        pub operation: OperationId,
        /// With which parameters.
        pub parameters: Vec<(Arc<str>, Tree<S>)>,
    }
}

staged! {
    /// Rows that are looked for.
    pub struct Rows {
        /// Where to look, and by which fields; none takes all rows.
        pub lookup: Lookup<S>,
        /// True of `it`, the row.
        pub filter: Option<S::Expression>,
        /// Sorted by this field, else in order of insertion.
        pub order_by: Option<Arc<str>>,
        /// The last first, when true.
        pub descending: Option<Tree<S>>,
    }
}

staged! {
    /// A part of the rows that are looked for, and what is told of it.
    pub struct Page {
        /// How it is said where it begins.
        pub kind: PageKind,
        /// Where it begins.
        pub start: Tree<S>,
        /// How many rows it has at the most; absent: all there are.
        pub size: Tree<S>,
        /// The parameter of the query that links to other pages change, and the request.
        pub parameter: Option<(Arc<str>, S::Variable)>,
        /// What is told of it is called so.
        pub name: S::Variable,
        /// Rejects when there is no such page.
        pub or_else: Option<Rejection<S>>,
    }
}

/// How it is said where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// How many rows come before it.
    Offset,
    /// Its number, from 1.
    Number,
    /// What the page before it gave.
    Cursor,
    /// The key of the row before it.
    After,
}

/// What a step does. Names that `as` gives are variables from there on.
#[derive(Debug, Clone)]
pub enum Verb {
    /// Names values.
    Let(Vec<(Variable, Tree)>),
    /// The first row that fits, or null.
    Find {
        /// Among which, and in which order.
        rows: Rows,
        /// What it is called.
        name: Variable,
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
        /// What it is called.
        name: Variable,
    },
    /// Adds a row.
    Insert {
        /// Where.
        collection: CollectionId,
        /// The fields; a tree that gives a map.
        values: Tree,
        /// What it is called.
        name: Option<Variable>,
        /// The error in place of the unique constraints' own.
        on_conflict: Option<ErrorId>,
    },
    /// Changes a row.
    Update {
        /// The variable that holds the row.
        record: Variable,
        /// Its collection.
        collection: CollectionId,
        /// The fields; a tree that gives a map.
        values: Tree,
        /// Only what is absent, null or empty is set.
        fill: bool,
        /// The error in place of the unique constraints' own.
        on_conflict: Option<ErrorId>,
    },
    /// Takes a row away.
    Delete {
        /// The variable that holds the row.
        record: Variable,
        /// Its collection.
        collection: CollectionId,
    },
    /// Changes a list field of a row.
    Change {
        /// How.
        change: ListChange,
        /// The variable that holds the row.
        record: Variable,
        /// Its collection.
        collection: CollectionId,
        /// The field.
        field: Arc<str>,
        /// The items; a tree that gives a list.
        values: Tree,
    },
    /// Reads a value by a schema.
    Validate {
        /// The value.
        value: Tree,
        /// What it may be.
        schema: Box<Schema>,
        /// What stands before the names in messages.
        path: Option<Arc<str>>,
        /// What the result is called.
        name: Option<Variable>,
    },
    /// Does steps for each item of a list.
    ForEach {
        /// Gives the list.
        list: Expression,
        /// What an item is called.
        name: Variable,
        /// What is done.
        steps: Vec<Step>,
    },
    /// Puts a message into the outbox.
    Send {
        /// Such as `email`.
        channel: Text,
        /// Which message it is.
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
        /// The operation.
        operation: OperationId,
        /// With which parameters.
        parameters: Vec<(Arc<str>, Tree)>,
    },
    /// Looks at the conditions of the request.
    Precondition(Box<Precondition>),
    /// Answers with an error.
    Reject(Rejection),
    /// Answers.
    Respond {
        /// The status.
        status: u16,
        /// Headers besides the content type.
        headers: Vec<Header>,
        /// A tree for the wire format.
        body: Option<Tree>,
        /// The media type to write `body` in; none: one of those that the operation produces.
        written_as: Option<MediaTypeId>,
        /// Text as it is, in place of `body`.
        text: Option<Text>,
        /// Bytes as they are, in place of `body`.
        bytes: Option<Octets>,
        /// The content type of `text` or `bytes`, to the letter.
        media_type: Option<Text>,
    },
    /// A line for the explanation.
    Note(Text),
    /// Shared steps.
    Group(Arc<Vec<Step>>),
    /// Shared steps that are done as soon as the operation has an answer that is not an error.
    After(Arc<Vec<Step>>),
}

/// Bytes that an answer carries.
#[derive(Debug, Clone)]
pub enum Octets {
    /// Those of a file beside the spec.
    Fixed(Arc<[u8]>),
    /// What a text in base64 stands for.
    WorkedOut(Expression),
}

/// A header of an answer.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name.
    pub name: http::HeaderName,
    /// Its name as the spec writes it.
    pub written: Arc<str>,
    /// Its value; an expression alone may give a list, of which each item is a line of its own.
    pub value: Text,
    /// What the names begin with that members of its value have behind it: `x-meta-*`.
    pub prefix: Option<Arc<str>>,
}

/// Headers that are about one connection (RFC 9110, section 7.6.1, and RFC 9112).
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Why an answer cannot have a header of its own making.
pub fn why_not_given(name: &http::HeaderName) -> Option<&'static str> {
    if HOP_BY_HOP.contains(&name.as_str()) {
        return Some("the server itself gives it, for each connection");
    }
    match *name {
        http::header::CONTENT_LENGTH => Some("it follows from the content"),
        http::header::CONTENT_ENCODING => {
            Some("answers are not compressed, and clients would fail to read them")
        }
        _ => None,
    }
}
