//! What operations do, ready to be done: the model's own types with slots and indexes in them.

use super::value::Compiled;
use crate::model;

/// One verb with an optional condition.
pub type Step = model::Step<Compiled>;
/// Steps, in order.
pub type Steps = model::Steps<Compiled>;
/// What a step does.
pub type Verb = model::Verb<Compiled>;
/// Something that a verb holds.
pub type Part<'v> = model::Part<'v, Compiled>;
/// What `reject` and `orElse` give.
pub type Rejection = model::Rejection<Compiled>;
/// Rows that are looked for.
pub type Rows = model::Rows<Compiled>;
/// A part of the rows.
pub type Page = model::Page<Compiled>;
/// A response, ready to be filled in.
pub type Respond = model::Respond<Compiled>;
/// How its items are sent.
pub type Streaming = model::verb::Streaming<Compiled>;
/// What an answer carries.
pub type Content = model::Content<Compiled>;
/// A header of an answer.
pub type Header = model::Header<Compiled>;
