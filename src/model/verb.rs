//! Verbs: what a step does.
//!
//! Each has a file here: what it holds, and what it tells of itself ([`Describe`]), from which
//! names, transitions, errors, documented answers and mutants get what they need. A line in the
//! table below makes it a verb.

mod change;
mod delete;
mod find;
mod for_each;
mod group;
mod insert;
mod r#let;
mod list;
mod note;
mod portion;
mod precondition;
mod reject;
mod respond;
mod rows;
mod schedule;
mod send;
mod update;
mod validate;
mod wait;

use std::ops::Deref;

use http::StatusCode;

pub use change::{Change, ListChange};
pub use delete::Delete;
pub use find::Find;
pub use for_each::ForEach;
pub use group::{After, Group};
pub use insert::Insert;
pub use r#let::Let;
pub use list::{List, Page, PageKind};
pub use note::Note;
pub use portion::Portion;
pub use precondition::Precondition;
pub use reject::Rejection;
pub use respond::{Content, Fault, OCTET_STREAM, Octets, PLAIN_TEXT, Respond, Streaming};
pub use rows::Rows;
pub use schedule::Schedule;
pub use send::{Delivery, Link, Send};
pub use update::{Merges, Update};
pub use validate::{VIOLATION, Validate};
pub use wait::Wait;

use super::stage::{Checked, Foldable, Folder, Stage, staged};
use super::{CollectionId, ErrorId, RuleId, Schema, Service, Tree};

macro_rules! verbs {
    ($($(#[$about:meta])* $name:ident($data:ty),)*) => {
        staged! {
            /// What a step does. Names that `as` gives are variables from there on.
            pub enum Verb {
                $($(#[$about])* $name(verb: $data),)*
            }
        }

        impl<S: Stage> Verb<S> {
            /// What it holds.
            pub fn parts(&self) -> Vec<Part<'_, S>> {
                match self {
                    $(Self::$name(verb) => verb.parts(),)*
                }
            }

            /// What it does to the state, in a few words; nothing where it only looks.
            pub fn change(&self, service: &Service) -> Option<String> {
                match self {
                    $(Self::$name(verb) => verb.change(service),)*
                }
            }
        }
    };
}

verbs! {
    /// Names values.
    Let(Let<S>),
    /// The first row that fits, or null.
    Find(Find<S>),
    /// All rows that fit.
    List(List<S>),
    /// A part of a list that was put together.
    Portion(Portion<S>),
    /// Adds a row.
    Insert(Insert<S>),
    /// Changes a row.
    Update(Update<S>),
    /// Takes a row away.
    Delete(Delete<S>),
    /// Changes a list field of a row.
    Change(Change<S>),
    /// Reads a value by a schema.
    Validate(Validate<S>),
    /// Does steps for each item of a list.
    ForEach(ForEach<S>),
    /// Puts a message into the outbox.
    Send(Send<S>),
    /// Has an operation run later.
    Schedule(Schedule<S>),
    /// Holds the answer until there is something to tell.
    Wait(Wait<S>),
    /// Looks at the conditions of the request.
    Precondition(Box<Precondition<S>>),
    /// Answers with an error.
    Reject(Rejection<S>),
    /// Answers.
    Respond(Respond<S>),
    /// A line for the explanation.
    Note(Note<S>),
    /// Shared steps.
    Group(Group<S>),
    /// Shared steps that are done as soon as the operation has an answer that is not an error.
    After(After<S>),
}

/// What a verb tells of itself.
trait Describe<S: Stage> {
    /// What it holds, with what names a value before what else is in it.
    fn parts(&self) -> Vec<Part<'_, S>>;

    /// What it does to the state, in a few words; nothing where it only looks.
    fn change(&self, _: &Service) -> Option<String> {
        None
    }
}

/// Something that a verb holds.
#[derive(Debug)]
pub enum Part<'v, S: Stage = Checked> {
    /// From here on the variable holds that.
    Gives(&'v S::Variable, Given<'v, S>),
    /// Data that is worked out.
    Tree(&'v Tree<S>),
    /// What a value has to fit.
    Schema(&'v Schema<S>),
    /// What a value need not fit: nothing is refused.
    Judged(&'v Schema<S>),
    /// An error that it may answer with.
    Rejection(&'v Rejection<S>),
    /// It writes into the collection, whose unique constraints may be in the way; the error in
    /// place of theirs.
    Writes(CollectionId, Option<ErrorId>),
    /// An answer.
    Answer(&'v Respond<S>),
    /// A status that its answer may have instead.
    Status(StatusCode),
    /// Steps that it does.
    Steps(&'v Steps<S>),
}

/// What a variable holds.
#[derive(Debug)]
pub enum Given<'v, S: Stage = Checked> {
    /// A row.
    Row(CollectionId),
    /// A list of rows.
    Rows(CollectionId),
    /// What a tree gives.
    Value(&'v Tree<S>),
    /// An item of a list.
    Item(&'v S::Expression),
    /// What the language tells of something.
    Told,
}

staged! {
    /// One verb with an optional condition.
    pub struct Step {
        /// What is done.
        pub verb: Verb<S>,
        /// Passed over unless true.
        pub when: Option<S::Expression>,
        /// The rule that it is.
        pub rule: RuleId,
    }
}

/// Steps, in order.
#[derive(Debug, Clone)]
pub struct Steps<S: Stage = Checked>(Vec<Step<S>>);

impl<S: Stage> Steps<S> {
    /// All of them, each before those that it does.
    pub fn all(&self) -> Vec<&Step<S>> {
        let mut all = Vec::new();
        self.gather(&mut all);
        all
    }

    fn gather<'s>(&'s self, all: &mut Vec<&'s Step<S>>) {
        for step in &self.0 {
            all.push(step);
            for part in step.verb.parts() {
                if let Part::Steps(steps) = part {
                    steps.gather(all);
                }
            }
        }
    }
}

impl<S: Stage> Deref for Steps<S> {
    type Target = [Step<S>];

    fn deref(&self) -> &[Step<S>] {
        &self.0
    }
}

impl<S: Stage> IntoIterator for Steps<S> {
    type Item = Step<S>;
    type IntoIter = std::vec::IntoIter<Step<S>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<S: Stage> From<Vec<Step<S>>> for Steps<S> {
    fn from(steps: Vec<Step<S>>) -> Self {
        Self(steps)
    }
}

impl Foldable for Steps {
    type At<S: Stage> = Steps<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Steps<F::To> {
        let mut steps = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            if folder.keeps(step.rule) {
                steps.push(step.fold(folder));
            }
        }
        Steps(steps)
    }
}

/// The name of a collection, for descriptions.
fn collection(service: &Service, id: CollectionId) -> &str {
    service.collections.get(id.0).map_or("", |collection| &collection.name)
}
