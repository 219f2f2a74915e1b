//! From elements to a tree, without anything in between.

use std::sync::Arc;

use super::element::{self, Nil, attribute_member, nil_of};
use super::read::{Build, Start};
use crate::value::{Map, Value, shared_text};
use crate::wire::QualifiedName;

/// What most documents need, for which there is room from the start.
const USUAL_DEPTH: usize = 8;
const USUAL_MEMBERS: usize = 32;
const USUAL_TEXT: usize = 256;
/// Longer lists are given the room that they are likely to need, so that they are not copied
/// again and again, and the copies are no memory beside them.
const LONG: usize = 1_024;
/// So many names of attributes are kept as they are called in a tree.
const MOST_ATTRIBUTES: usize = 64;

/// Makes a tree of a document.
///
/// The members of all open elements stand in one list, and for each name there is the place of its
/// member in the innermost element that has one; what it was in the element around is put back
/// when the element ends. So a member is found without looking for it.
#[derive(Debug)]
pub(in crate::wire) struct Values<'n> {
    /// Elements in other namespaces are not read; the empty text is none.
    only: &'n [Arc<str>],
    /// How many bytes the body has.
    size: usize,
    /// How many elements deep what is not read is.
    unread: usize,
    open: Vec<Open>,
    members: Vec<Member>,
    places: Vec<Place>,
    opened: usize,
    text: String,
    root: Option<QualifiedName>,
    tree: Value,
    /// Where the first child of each name ends.
    ends: Vec<(Arc<str>, usize)>,
    filled: Option<(Arc<str>, usize)>,
    /// Names of attributes, and what they are called in a tree.
    attribute_names: Vec<(QualifiedName, Arc<str>)>,
}

/// What was read.
#[derive(Debug)]
pub(in crate::wire) struct Tree {
    /// The name of the first element.
    pub(in crate::wire) root: Option<QualifiedName>,
    /// Its content.
    pub(in crate::wire) content: Value,
    /// Where the first of each name of the elements in it ends.
    pub(in crate::wire) ends: Vec<(Arc<str>, usize)>,
    /// The first element that says that it is nil, and has something in it, and where it ends.
    pub(in crate::wire) filled: Option<(Arc<str>, usize)>,
}

/// An element whose end has not come.
#[derive(Debug)]
struct Open {
    /// The how manieth that began.
    number: usize,
    name: Arc<str>,
    name_number: usize,
    members_from: usize,
    text_from: usize,
    /// Where the text since the last child starts.
    piece_from: usize,
    has_elements: bool,
    nil: Option<Nil>,
    keeps_space: bool,
}

#[derive(Debug)]
struct Member {
    name: Arc<str>,
    /// For elements: the number of the name, and where it was in the elements around.
    place: Option<(usize, Place)>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    One(Value),
    Many(Vec<Value>),
}

/// Where the member of a name is, and of which element it is one; the first element is 1.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    element: usize,
    at: usize,
}

impl<'n> Values<'n> {
    /// Reads only elements in these namespaces below the first one, or all, of a body of so many
    /// bytes.
    pub(in crate::wire) fn new(only: &'n [Arc<str>], size: usize) -> Self {
        Self {
            only,
            size,
            unread: 0,
            open: Vec::with_capacity(USUAL_DEPTH),
            members: Vec::with_capacity(USUAL_MEMBERS),
            places: Vec::with_capacity(USUAL_MEMBERS),
            opened: 0,
            text: String::with_capacity(USUAL_TEXT),
            root: None,
            tree: Value::Null,
            ends: Vec::with_capacity(USUAL_MEMBERS),
            filled: None,
            attribute_names: Vec::new(),
        }
    }

    /// Whether there has been an element.
    pub(in crate::wire) fn is_begun(&self) -> bool {
        self.root.is_some()
    }

    /// What has been read.
    pub(in crate::wire) fn finish(self) -> Tree {
        Tree { root: self.root, content: self.tree, ends: self.ends, filled: self.filled }
    }

    /// Whether an element is read that begins.
    fn reads(&self, start: &Start<'_>) -> bool {
        let is_in = |only: &Arc<str>| **only == *start.namespace.map_or("", |namespace| namespace);
        self.open.is_empty()
            || self.unread == 0 && (self.only.is_empty() || self.only.iter().any(is_in))
    }

    /// Drops the text since the last child where it is only white space that does not count.
    fn end_piece(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        open.has_elements = true;
        if open.keeps_space {
            return;
        }
        let piece = self.text.get(open.piece_from..).unwrap_or_default();
        if piece.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.text.truncate(open.piece_from);
        }
    }

    /// The content of an element that ended.
    fn content(&mut self, open: &Open) -> Value {
        let text = self.text.get(open.text_from..).unwrap_or_default();
        let count = self.members.len() - open.members_from;
        if open.nil.is_some() && !open.has_elements && text.is_empty() {
            self.members.truncate(open.members_from);
            return Value::Null;
        }
        if count == 0 {
            return Value::Text(shared_text(text));
        }
        let mut map = Map::with_capacity(count + usize::from(!text.is_empty()));
        for Member { name, place, content } in self.members.drain(open.members_from..) {
            if let Some((number, outer)) = place
                && let Some(place) = self.places.get_mut(number)
            {
                *place = outer;
            }
            map.push(
                name,
                match content {
                    Content::One(value) => value,
                    Content::Many(values) => Value::list(values),
                },
            );
        }
        if !text.is_empty() {
            map.push("#text".into(), Value::text(text));
        }
        Value::map(map)
    }

    /// What an attribute is called in a tree.
    fn attribute_name(&mut self, name: &QualifiedName) -> Option<Arc<str>> {
        let is_same = |known: &QualifiedName| {
            let namespaces = (&known.namespace, &name.namespace);
            Arc::ptr_eq(&known.local, &name.local)
                && match namespaces {
                    (Some(known), Some(namespace)) => Arc::ptr_eq(known, namespace),
                    (known, namespace) => known.is_none() && namespace.is_none(),
                }
        };
        if let Some((_, member)) = self.attribute_names.iter().find(|(known, _)| is_same(known)) {
            return Some(member.clone());
        }
        let member = attribute_member(name)?;
        if self.attribute_names.len() < MOST_ATTRIBUTES {
            self.attribute_names.push((name.clone(), member.clone()));
        }
        Some(member)
    }

    /// Adds a child, which ends there, to the innermost element.
    fn add(&mut self, parent: usize, name: Arc<str>, number: usize, value: Value, end: usize) {
        if self.places.len() <= number {
            self.places.resize(number + 1, Place::default());
        }
        let Some(place) = self.places.get_mut(number) else { return };
        if place.element == parent
            && let Some(member) = self.members.get_mut(place.at)
        {
            match &mut member.content {
                Content::Many(values) => {
                    make_room(values, end, self.size);
                    values.push(value);
                }
                Content::One(first) => {
                    let first = std::mem::take(first);
                    member.content = Content::Many(vec![first, value]);
                }
            }
            return;
        }
        let outer = std::mem::replace(place, Place { element: parent, at: self.members.len() });
        if self.open.len() == 1 {
            self.ends.push((name.clone(), end));
        }
        let (place, content) = (Some((number, outer)), Content::One(value));
        make_room(&mut self.members, end, self.size);
        self.members.push(Member { name, place, content });
    }
}

/// Makes room for one more in a long list of which so much of a body was read, and for as many in
/// the rest of it.
fn make_room<T>(list: &mut Vec<T>, read: usize, size: usize) {
    if list.len() == list.capacity() && list.len() >= LONG {
        let rest = size.saturating_sub(read);
        let expected = list.len().saturating_mul(rest) / read.max(1);
        list.reserve_exact(expected + list.len() / 8);
    }
}

impl Build for Values<'_> {
    fn start(&mut self, start: &mut Start<'_>) {
        self.end_piece();
        if !self.reads(start) {
            self.unread += 1;
            return;
        }
        if self.open.is_empty() && self.root.is_none() {
            self.root = Some(start.name());
        }
        self.opened += 1;
        let mut keeps_space = self.open.last().is_some_and(|outer| outer.keeps_space);
        let mut nil = None;
        let members_from = self.members.len();
        // Most elements have none.
        if !start.attributes.is_empty() {
            nil = nil_of(start.attributes);
            keeps_space = element::keeps_space(start.attributes, keeps_space);
            for (name, value) in start.attributes.drain(..) {
                if let Some(name) = self.attribute_name(&name) {
                    let content = Content::One(Value::Text(value));
                    self.members.push(Member { name, place: None, content });
                }
            }
        }
        self.open.push(Open {
            number: self.opened,
            name: start.local.clone(),
            name_number: start.number,
            members_from,
            text_from: self.text.len(),
            piece_from: self.text.len(),
            has_elements: false,
            nil,
            keeps_space,
        });
    }

    fn text(&mut self, text: &str) {
        if self.unread == 0 {
            self.text.push_str(text);
        }
    }

    fn leaf(&mut self, element: &mut Start<'_>, text: &str, end: usize) {
        self.end_piece();
        let is_read = self.reads(element);
        let Some(parent) = self.open.last_mut() else {
            self.start(element);
            self.text(text);
            return self.end(end);
        };
        if !is_read {
            return;
        }
        parent.piece_from = self.text.len();
        let parent = parent.number;
        let value = Value::Text(shared_text(text));
        self.add(parent, element.local.clone(), element.number, value, end);
    }

    fn end(&mut self, end: usize) {
        if self.unread > 0 {
            self.unread -= 1;
            return;
        }
        if self.open.last().is_some_and(|open| open.has_elements) {
            self.end_piece();
        }
        let Some(open) = self.open.pop() else { return };
        let is_empty = !open.has_elements && self.text.len() == open.text_from;
        if open.nil == Some(Nil::SchemaInstance) && !is_empty {
            self.filled.get_or_insert_with(|| (open.name.clone(), end));
        }
        let value = self.content(&open);
        self.text.truncate(open.text_from);
        match self.open.last_mut() {
            None => self.tree = value,
            Some(parent) => {
                parent.piece_from = open.text_from;
                let parent = parent.number;
                self.add(parent, open.name, open.name_number, value, end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::wire::Limits;
    use crate::wire::xml::read::read;

    /// Is told of leaves as of all other elements.
    struct Piecewise<'n>(Values<'n>);

    impl Build for Piecewise<'_> {
        fn start(&mut self, element: &mut Start<'_>) {
            self.0.start(element);
        }

        fn text(&mut self, text: &str) {
            self.0.text(text);
        }

        fn end(&mut self, end: usize) {
            self.0.end(end);
        }
    }

    fn document() -> impl Strategy<Value = String> {
        let inside = select(vec![
            "",
            "x",
            " ",
            "\n",
            "\r\n",
            "a&lt;b",
            "<!--c-->",
            "<![CDATA[d]]>",
            "<b/>",
            "<b>1</b>",
            "<b ></b >",
            "<c k='1'>2</c>",
            "<n:c xmlns:n='u'>3</n:c>",
        ]);
        let element = inside.prop_map(str::to_owned).prop_recursive(4, 32, 4, |inside| {
            let names = select(vec!["a", "b", "c"]);
            let attributes =
                select(vec!["", "", " xmlns='u'", " xmlns='v'", " xml:space='preserve'", " k='v'"]);
            (names, attributes, vec(inside, 0..4)).prop_map(|(name, attributes, inside)| {
                format!("<{name}{attributes}>{}</{name}>", inside.concat())
            })
        });
        vec(element, 0..4).prop_map(|elements| format!("<r>{}</r>", elements.concat()))
    }

    proptest! {
        #[test]
        fn leaves_are_read_as_all_other_elements(document in document()) {
            for only in [&[][..], &["u".into()], &["".into(), "v".into()]] {
                let (mut whole, mut pieces) = (Values::new(only, 0), Piecewise(Values::new(only, 0)));
                let limits = Limits::default();
                read(&document, 0, true, &limits, &mut whole).unwrap();
                read(&document, 0, true, &limits, &mut pieces).unwrap();
                let (whole, pieces) = (whole.finish(), pieces.0.finish());
                prop_assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
            }
        }
    }
}
