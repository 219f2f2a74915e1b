//! What an import knows of an API before it is written as a spec, whatever document it is from.

use super::schema::Schema;
use crate::source::Span;
use crate::value::Value;

/// An API.
#[derive(Debug, Default)]
pub(super) struct Api {
    pub(super) vendor: String,
    /// It was seen, not documented.
    pub(super) recorded: bool,
    pub(super) title: Option<String>,
    pub(super) version: Option<String>,
    pub(super) description: Option<String>,
    /// The document it is from.
    pub(super) document: String,
    pub(super) servers: Vec<Server>,
    /// Shared schemas, in the order in which they are first used.
    pub(super) schemas: Vec<(String, Schema)>,
    pub(super) schemes: Vec<Scheme>,
    pub(super) security: Option<Vec<Requirement>>,
    pub(super) operations: Vec<Operation>,
    pub(super) soap: Vec<SoapService>,
}

/// A server: its URL and the defaults of its variables.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) url: String,
    pub(super) variables: Vec<(String, String)>,
}

/// Schemes that have to be shown together, with the permissions that each has to have.
pub(super) type Requirement = Vec<(String, Vec<String>)>;

/// A way to show a key.
#[derive(Debug, Clone)]
pub(super) struct Scheme {
    pub(super) name: String,
    pub(super) kind: SchemeKind,
    pub(super) description: Option<String>,
    /// It is not what the document says, but what comes nearest.
    pub(super) assumed: Option<String>,
    /// What was answered to requests without a key.
    pub(super) missing: Option<Answer>,
    /// What was answered to a key that nobody has.
    pub(super) unknown: Option<Answer>,
}

/// How a key is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SchemeKind {
    Basic,
    /// The word in `Authorization`.
    Http(String),
    ApiKey {
        place: &'static str,
        name: String,
    },
}

/// A SOAP service.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
#[derive(Debug, Clone)]
pub(super) struct SoapService {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) namespace: String,
    pub(super) versions: Vec<&'static str>,
    /// Whether the elements in those of requests are in no namespace.
    pub(super) unqualified: bool,
    /// Whether its operations are not told apart by their actions.
    pub(super) by_element: bool,
    /// Whether answers are not wrapped as .NET wraps them.
    pub(super) bare: bool,
    /// Whether elements stand in other namespaces too.
    pub(super) mixed: bool,
    /// Whether the elements of its requests are in several namespaces.
    pub(super) several: bool,
}

/// How an operation of a SOAP service is reached.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) service: String,
    /// The local name of the element of a request, and its action.
    pub(super) element: String,
    pub(super) action: String,
}

/// An operation.
#[derive(Debug, Default)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    /// What a parameter of the `query` or a `header` has to be, by place and name: any of these.
    pub(super) matching: Vec<(&'static str, String, Vec<String>)>,
    /// The SOAP services by which it is reached instead.
    pub(super) soap: Vec<Bound>,
    pub(super) summary: Option<String>,
    /// What it is grouped by.
    pub(super) tags: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    pub(super) security: Option<Vec<Requirement>>,
    /// Requests that were refused for what they say.
    pub(super) cases: Vec<Case>,
    /// What was answered to requests that its schemas refuse, by failures.
    pub(super) failures: Vec<(&'static str, Answer)>,
    /// It was only ever refused, with that.
    pub(super) refuses: Option<Answer>,
    /// Members of what it answers that are what was sent.
    pub(super) echoes: Vec<Echo>,
    /// Members of what it makes that it was not sent, as they were.
    pub(super) supplied: Vec<(String, Value)>,
    /// Members that are one more with each change.
    pub(super) counted: Vec<String>,
    pub(super) place: Option<Span>,
}

/// A request that is refused for what it says.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// An expression that is true of it.
    pub(super) condition: String,
    pub(super) answer: Answer,
}

/// A member of an answer that is what was sent.
#[derive(Debug, Clone)]
pub(super) struct Echo {
    /// The names that lead to it.
    pub(super) path: Vec<String>,
    /// What gives what was sent.
    pub(super) expression: String,
}

/// A fault of SOAP.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// Whether the sender is to blame.
    pub(super) sender: bool,
    pub(super) reason: String,
    pub(super) detail: Option<Value>,
}

/// A parameter.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query`, `header` or `cookie`; empty with SOAP.
    pub(super) place: &'static str,
    pub(super) required: bool,
    /// One text with commas.
    pub(super) joined: bool,
    pub(super) deep: bool,
    /// Its text is JSON: the media type that says so.
    pub(super) media_type: Option<String>,
    pub(super) description: Option<String>,
    pub(super) schema: Schema,
}

impl Parameter {
    /// One of which no more is known; those in a path have to be there.
    pub(super) fn new(name: String, place: &'static str, schema: Schema) -> Self {
        Self {
            name,
            place,
            required: place == "path",
            joined: false,
            deep: false,
            media_type: None,
            description: None,
            schema,
        }
    }
}

/// A request body: a schema for each media type.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    pub(super) required: bool,
    pub(super) content: Vec<(String, Schema)>,
    /// The media types that parts may have, by their names, where it is in parts.
    pub(super) encoding: Vec<(String, String)>,
}

/// An answer that is documented.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    /// The status; nothing for whatever has no entry of its own.
    pub(super) status: Option<u16>,
    pub(super) description: Option<String>,
    pub(super) content: Vec<Content>,
    /// Names of headers with examples of them.
    pub(super) headers: Vec<(String, Option<String>)>,
    /// What the answer is called where several operations share it.
    pub(super) name: Option<String>,
    /// Names of cookies that it sets, with their values.
    pub(super) cookies: Vec<(String, String)>,
    /// The fault that it is.
    pub(super) fault: Option<Fault>,
}

/// What an answer carries in a media type.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) media_type: String,
    pub(super) schema: Option<Schema>,
    pub(super) example: Option<Value>,
}

/// How a media type is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wire {
    Json,
    Xml,
    Form,
    /// As a text, or not at all.
    Other,
}

/// The media type of forms with files, which are only read.
pub(super) const PARTS: &str = "multipart/form-data";

/// How a media type is written.
pub(super) fn wire_of(media_type: &str) -> Wire {
    let name = media_type.to_ascii_lowercase();
    match name.as_str() {
        "application/x-www-form-urlencoded" => Wire::Form,
        name if name.starts_with("multipart/") => Wire::Other,
        name => match last_word(name) {
            "json" => Wire::Json,
            "xml" => Wire::Xml,
            _ => Wire::Other,
        },
    }
}

/// The last word of a media type, but for versions: `json` of `application/x-amz-json-1.0`.
fn last_word(name: &str) -> &str {
    let name = name.split(';').next().unwrap_or_default().trim_end();
    let is_version = |word: &&str| word.trim_start_matches('v').bytes().all(|b| b.is_ascii_digit());
    name.rsplit(['/', '+', '-', '.']).find(|word| !is_version(word)).unwrap_or_default()
}

impl Api {
    /// The shared schema of that name.
    pub(super) fn shared(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|(known, _)| known == name).map(|(_, schema)| schema)
    }

    /// All schemas outside of the shared ones.
    pub(super) fn used(&self) -> impl Iterator<Item = &Schema> {
        self.operations.iter().flat_map(|operation| {
            let parameters = operation.parameters.iter().map(|parameter| &parameter.schema);
            let body = operation.body.iter().flat_map(|body| &body.content);
            let answers = operation.answers.iter().flat_map(|answer| &answer.content);
            parameters
                .chain(body.map(|(_, schema)| schema))
                .chain(answers.filter_map(|content| content.schema.as_ref()))
        })
    }

    /// The same, to be changed.
    pub(super) fn used_mut(&mut self) -> impl Iterator<Item = &mut Schema> {
        self.operations.iter_mut().flat_map(|operation| {
            let parameters = operation.parameters.iter_mut().map(|parameter| &mut parameter.schema);
            let body = operation.body.iter_mut().flat_map(|body| &mut body.content);
            let answers = operation.answers.iter_mut().flat_map(|answer| &mut answer.content);
            parameters
                .chain(body.map(|(_, schema)| schema))
                .chain(answers.filter_map(|content| content.schema.as_mut()))
        })
    }
}

impl Answer {
    /// What is answered: JSON where there is some, else XML, else whatever is first.
    pub(super) fn chosen(&self) -> Option<&Content> {
        self.content.iter().min_by_key(|content| wire_of(&content.media_type))
    }
}
