//! What is sent to a vendor.

use std::sync::Arc;

use crate::model::{Expression, MediaTypeId, OperationId, SchemeId, Text, Tree};

/// Something that is written in a step, or that an expression gives there when it is done.
#[derive(Debug)]
pub enum Given<T> {
    /// It is written.
    Written(T),
    /// An expression gives it. Where it gives nothing, it is as if the key were not there.
    Expression(Expression),
}

/// An operation with its parameters.
///
/// The trees for parameters are maps, or expressions that give such.
#[derive(Debug)]
pub struct Call {
    /// The operation; an expression gives its name.
    pub operation: Given<OperationId>,
    /// The name of one of its bindings; none: the first.
    pub binding: Option<Given<Arc<str>>>,
    /// Values for the path.
    pub path: Option<Tree>,
    /// Values for the query.
    pub query: Option<Tree>,
    /// Values for headers, declared or not.
    pub headers: Option<Given<Vec<(http::HeaderName, Text)>>>,
    /// Values for cookies.
    pub cookies: Option<Tree>,
    /// Values for parameters without a place of their own.
    pub parameters: Option<Tree>,
    /// The body.
    pub body: Option<Tree>,
    /// The body in parts.
    pub parts: Option<Vec<FormPart>>,
    /// The media type of the body, or its name; none: the operation's first.
    pub media_type: Option<Given<MediaTypeId>>,
    /// Keys that are shown.
    pub authenticate: Shown,
    /// The host by which the vendor is asked.
    pub host: Option<Text>,
}

/// Keys that are shown.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Keys by scheme.
    pub keys: Vec<(SchemeId, Tree)>,
    /// Gives `none`, or keys by the names of schemes, in place of the others.
    pub instead: Option<Expression>,
}

/// Texts with names that need not be unique, in order.
pub type NamedTexts = Vec<(Arc<str>, Text)>;

/// A request that says everything itself.
#[derive(Debug)]
pub struct RawRequest {
    /// The method; any token.
    pub method: Text,
    /// The path below the vendor's base path, or an absolute URL.
    pub path: Text,
    /// Whether it is an absolute URL, of whoever.
    pub is_absolute: bool,
    /// Added to the path, encoded: a map, or an expression that gives one.
    pub query: Option<Tree>,
    /// Headers, in order.
    pub headers: Option<Given<NamedTexts>>,
    /// The body.
    pub body: RawBody,
    /// Keys that are shown.
    pub authenticate: Shown,
    /// The host by which the vendor is asked.
    pub host: Option<Text>,
}

/// A GET of an absolute URL.
#[derive(Debug)]
pub struct Follow {
    /// The URL.
    pub url: Tree,
    /// Headers, in order.
    pub headers: Option<Given<NamedTexts>>,
    /// Keys that are shown; none unless the step says so, since the URL may lead to anybody.
    pub authenticate: Shown,
}

/// The body of a raw request.
#[derive(Debug)]
pub enum RawBody {
    /// None.
    Nothing,
    /// A tree written as JSON.
    Json(Tree),
    /// A tree written as a form.
    Form(Tree),
    /// A tree written as XML.
    Xml(Tree),
    /// Text.
    Text(Text),
    /// Bytes, out of base64 or a file.
    Bytes(Arc<[u8]>),
    /// A form with files.
    Multipart(Vec<FormPart>),
}

/// A part of a form.
#[derive(Debug)]
pub struct FormPart {
    /// The name of the field; none in a body that is no form.
    pub name: Option<Arc<str>>,
    /// What other parts call it: `Content-ID`.
    pub id: Option<Text>,
    /// What the file is called.
    pub filename: Option<Text>,
    /// The media type.
    pub media_type: Option<Text>,
    /// What it holds.
    pub content: PartContent,
}

/// What a part holds.
#[derive(Debug)]
pub enum PartContent {
    /// Text.
    Text(Text),
    /// Bytes, out of base64 or a file.
    Bytes(Arc<[u8]>),
    /// A tree written as JSON.
    Json(Tree),
}
