//! The variables of a vendor's spec, each with a slot.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::expression::Reference;
use crate::model::{CollectionId, Given, Part, Service, Tree};
use crate::value::Shape;

/// Where a variable is kept in a [`super::value::Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(pub(super) usize);

macro_rules! builtins {
    ($($constant:ident = $index:literal $name:literal,)*) => {
        /// The variables that every spec has, in slot order.
        const BUILTINS: &[&str] = &[$($name,)*];
        impl Slot {
            $(#[doc = concat!("`", $name, "`.")] pub const $constant: Self = Self($index);)*
        }
    };
}

impl Slot {
    /// The name of a built-in variable; of any other none.
    pub fn name(self) -> &'static str {
        BUILTINS.get(self.0).copied().unwrap_or_default()
    }
}

builtins! {
    PATH = 0 "path",
    QUERY = 1 "query",
    HEADER = 2 "header",
    COOKIE = 3 "cookie",
    PARAMETERS = 4 "parameters",
    BODY = 5 "body",
    SETTINGS = 6 "settings",
    CREDENTIAL = 7 "credential",
    NOW = 8 "now",
    REQUEST = 9 "request",
    ERROR = 10 "error",
    VIOLATIONS = 11 "violations",
    RATE_LIMIT = 12 "rateLimit",
    ROW = 13 "row",
    IT = 14 "it",
    DEFINITION = 15 "definition",
    UUID = 16 "uuid",
}

/// The variables of a spec.
///
/// One table serves all operations, so that shared steps are compiled once; a request's scope has
/// room for all of them, of which it uses few.
#[derive(Debug)]
pub struct Names {
    slots: HashMap<Arc<str>, Slot>,
    shapes: Vec<Option<Arc<Shape>>>,
    /// Whether an expression looks at a built-in variable; the dear ones are made only then.
    used: [AtomicBool; BUILTINS.len()],
    /// Whether one looks at these members of `request`.
    of_request: [AtomicBool; REQUEST.len()],
}

/// The members of `request`, each of which is made only where an expression looks at it; the one
/// that tells it from all others is the first.
const REQUEST: [&str; 8] = ["id", "method", "path", "url", "base", "mediaType", "bytes", "parts"];

impl Names {
    /// Gathers the variables of a spec. `shapes` are the shapes of its collections.
    pub fn gather(service: &Service, shapes: &[Arc<Shape>]) -> Self {
        let mut gathering = Gathering { slots: HashMap::new(), kinds: Vec::new() };
        for name in BUILTINS {
            gathering.add(&Arc::from(*name), None);
        }
        for scheme in &service.security_schemes {
            let row = scheme.keys.as_ref().map(|keys| keys.collection);
            let found = scheme.credential.is_some();
            gathering.add(&Arc::from("credential"), row.filter(|_| !found));
            if !scheme.steps.is_empty() {
                gathering.add(&Arc::from("key"), None);
            }
            for step in scheme.steps.all() {
                step.verb.parts().into_iter().for_each(|part| gathering.part(&part));
            }
        }
        for operation in &service.operations {
            for step in operation.steps.all() {
                step.verb.parts().into_iter().for_each(|part| gathering.part(&part));
            }
        }
        let of_errors = service.errors.iter().filter_map(|error| error.respond.tree());
        of_errors.for_each(|tree| gathering.tree(tree));
        let shapes = gathering
            .kinds
            .iter()
            .map(|kind| match kind {
                Kind::Row(collection) => shapes.get(collection.0).cloned(),
                Kind::Unknown | Kind::Mixed => None,
            })
            .collect();
        Self {
            slots: gathering.slots,
            shapes,
            used: Default::default(),
            of_request: Default::default(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether there are none; never so.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// The slot of a variable. Checked specs only use variables that there are; any other is
    /// given a slot that is always absent.
    pub fn slot(&self, name: &str) -> Slot {
        let slot = self.slots.get(name).copied().unwrap_or(Slot(usize::MAX));
        if let Some(used) = self.used.get(slot.0) {
            used.store(true, Ordering::Relaxed);
        }
        slot
    }

    /// Notes which members of `request` an expression looks at.
    pub(super) fn note(&self, references: &[Reference]) {
        for reference in references.iter().filter(|one| *one.root == *"request") {
            match reference.members.first().map(|member| &**member) {
                None => self.note_request(),
                Some("url") => self.note_url(),
                Some(name) => self.note_member(name),
            }
        }
    }

    /// Notes that something looks at the URL of a request. Operations that run later put theirs
    /// together from the base.
    pub(super) fn note_url(&self) {
        self.note_member("url");
        self.note_member("base");
    }

    /// Notes that something looks at `request` as a whole: at what is no more than a line of it,
    /// and not at the body.
    fn note_request(&self) {
        let lines = REQUEST.iter().filter(|name| !matches!(**name, "bytes" | "parts"));
        lines.for_each(|name| self.note_member(name));
    }

    fn note_member(&self, member: &str) {
        let known = REQUEST.iter().zip(&self.of_request).find(|(name, _)| **name == member);
        if let Some((_, noted)) = known {
            noted.store(true, Ordering::Relaxed);
        }
    }

    /// The members of `request` that something looks at.
    pub fn of_request(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let noted = self.of_request.each_ref().map(|noted| noted.load(Ordering::Relaxed));
        REQUEST.into_iter().zip(noted).filter_map(|(name, noted)| noted.then_some(name))
    }

    /// Whether some expression looks at what tells a request from all others.
    pub fn identify(&self) -> bool {
        self.of_request.first().is_some_and(|id| id.load(Ordering::Relaxed))
            || self.is_used(Slot::UUID)
    }

    /// Whether some expression looks at a built-in variable.
    pub fn is_used(&self, slot: Slot) -> bool {
        self.used.get(slot.0).is_none_or(|used| used.load(Ordering::Relaxed))
    }

    /// The shape of the rows that a variable holds, when it always holds rows of one collection.
    pub fn shape(&self, slot: Slot) -> Option<&Arc<Shape>> {
        self.shapes.get(slot.0).and_then(Option::as_ref)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Row(CollectionId),
    Mixed,
}

struct Gathering {
    slots: HashMap<Arc<str>, Slot>,
    kinds: Vec<Kind>,
}

impl Gathering {
    fn add(&mut self, name: &Arc<str>, row_of: Option<CollectionId>) {
        let next = Slot(self.kinds.len());
        let slot = *self.slots.entry(name.clone()).or_insert(next);
        if slot == next {
            self.kinds.push(Kind::Unknown);
        }
        if let Some(kind) = self.kinds.get_mut(slot.0) {
            *kind = match (*kind, row_of) {
                (Kind::Unknown, Some(collection)) => Kind::Row(collection),
                (Kind::Row(known), Some(collection)) if known == collection => *kind,
                (Kind::Unknown, None) => Kind::Unknown,
                _ => Kind::Mixed,
            };
        }
    }

    fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::Gives(name, Given::Row(collection)) => self.add(name, Some(*collection)),
            Part::Gives(name, _) => self.add(name, None),
            Part::Tree(tree) => self.tree(tree),
            Part::Rejection(rejection) => rejection.trees().for_each(|tree| self.tree(tree)),
            Part::Answer(respond) => respond.tree().into_iter().for_each(|tree| self.tree(tree)),
            Part::Schema(_)
            | Part::Judged(_)
            | Part::Writes(..)
            | Part::Status(_)
            | Part::Steps(_) => {}
        }
    }

    /// Trees name the items of their loops.
    fn tree(&mut self, tree: &Tree) {
        match tree {
            Tree::ForEach { name, at, item, .. } => {
                self.add(name, None);
                if let Some(at) = at {
                    self.add(at, None);
                }
                self.tree(item);
            }
            Tree::If { then, otherwise, .. } => {
                self.tree(then);
                if let Some(otherwise) = otherwise {
                    self.tree(otherwise);
                }
            }
            Tree::Map(members) => members.iter().for_each(|(_, tree)| self.tree(tree)),
            Tree::List(items) => items.iter().for_each(|item| self.tree(item)),
            Tree::Constant(_) | Tree::Expression(_) | Tree::Text(_) => {}
        }
    }
}
