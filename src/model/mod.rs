//! What a spec means once it is checked: names resolved, units parsed, impossible states gone.
//!
//! [`crate::check`] makes a [`Service`] out of what was written; [`crate::plan`] compiles it for
//! serving. Nothing here knows YAML, and nothing here runs.

mod about;
mod comparison;
mod concerned;
mod cors;
mod date_time;
pub mod deviation;
mod disturbance;
pub mod documented;
pub mod elements;
pub mod failure;
mod format;
pub mod header;
pub mod idempotency;
pub mod matching;
pub mod media_type;
pub mod operation;
pub mod path;
pub mod rule;
pub mod sample;
pub mod schema;
mod security;
mod sequence;
pub mod service;
mod soap;
pub mod stage;
mod transition;
pub mod tree;
pub mod verb;
mod without;

pub use comparison::Comparison;
pub use concerned::{Concerned, Fitting};
pub use cors::{Cors, Origins};
pub use deviation::{Deviation, Ruling, difference_id};
pub use disturbance::{
    Delay, Disturbance, Disturbances, Effect, LONGEST_DELAY, MOST_PIECES, MOST_SIGMA,
};
pub use failure::{Failure, FailureAnswer, Failures};
pub use format::Format;
pub use header::Header;
pub use idempotency::Idempotency;
pub use matching::Match;
pub use media_type::{MediaType, NilStyle, WireOptions};
pub use operation::{
    Binding, ChosenBinding, Operation, Parameter, PartEncoding, Place, RequestBody, Response,
    Route, SoapMessage,
};
pub use path::Segment;
pub use rule::{Evidence, Rule, RuleId, RuleKind, Statement};
pub use schema::keyword::{self, Keyword, Operand, Reads, Word};
pub use schema::{
    Additional, Constraint, DefinedBy, Encoding, Generate, Generator, Property, Schema, SchemaId,
    Type, XmlName,
};
pub use security::{
    ApiKeyPlace, CertificatePart, Colon, KeyFields, Pace, RateLimit, SecurityErrors, SecurityKind,
    SecurityRequirement, SecurityScheme, Sign, is_token,
};
pub use sequence::Sequence;
pub use service::{
    Collection, ErrorAnswer, Example, ExampleResponse, Info, Routing, Server, Service, Setting,
    Unique,
};
pub use soap::{RoutingStyle, SoapService};
pub use stage::{Checked, Foldable, Folder, Lookup, Stage, Variable};
pub use transition::{Transition, transitions};
pub use tree::{Expression, Text, TextPart, Tree};
pub use verb::{
    Content, Delivery, Fault, Given, Link, ListChange, Merges, Octets, Page, PageKind, Part,
    Rejection, Respond, Rows, Step, Steps, Verb,
};
pub use without::without;

/// Position of a collection in [`Service::collections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionId(pub usize);

/// Position of an error in [`Service::errors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrorId(pub usize);

/// Position of an operation in [`Service::operations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(pub usize);

/// Position of a media type in [`Service::media_types`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaTypeId(pub usize);

/// Position of a security scheme in [`Service::security_schemes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemeId(pub usize);

/// Position of a SOAP service in [`Service::soap_services`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SoapServiceId(pub usize);
