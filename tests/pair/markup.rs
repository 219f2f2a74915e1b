//! Random XML documents, and those that were changed in one place.

use proptest::prelude::*;
use proptest::sample::Index;

const NAMESPACES: [&str; 3] = ["", "urn:x", "urn:y"];

/// An element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    namespace: usize,
    /// Whether its namespace is bound to a prefix, which says nothing.
    prefixed: bool,
    attributes: Vec<(&'static str, String)>,
    nil: bool,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// As a document.
    pub(crate) fn written(&self) -> String {
        let prefix = if self.prefixed && self.namespace > 0 { "p" } else { "" };
        let (colon, space) = if prefix.is_empty() { ("", "") } else { (":", "\n  ") };
        let namespace = NAMESPACES[self.namespace];
        let mut text = format!("<{prefix}{colon}{} xmlns{colon}{prefix}='{namespace}'", self.name);
        if self.nil {
            text += " i:nil='true' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'";
        }
        for (name, value) in &self.attributes {
            text += &[" ", name, "='", value, "'"].concat();
        }
        text.push('>');
        if !self.nil && self.children.is_empty() {
            text += &self.text;
        }
        for child in self.children.iter().filter(|_| !self.nil) {
            text += space;
            text += &child.written();
        }
        text + &format!("</{prefix}{colon}{}>", self.name)
    }

    /// What it says, whatever its prefixes are.
    fn meaning(&self) -> String {
        let plain = Element { prefixed: false, children: Vec::new(), ..self.clone() };
        let inside = self.children.iter().filter(|_| !self.nil).map(Element::meaning);
        let inside: String = inside.collect();
        let text = if inside.is_empty() { plain.written() } else { String::new() };
        format!("{}{}{:?}{text}({inside})", self.name, self.namespace, self.attributes)
    }

    fn count(&self) -> usize {
        1 + self.children.iter().map(Element::count).sum::<usize>()
    }

    fn change(&mut self, at: &mut usize, what: &dyn Fn(&mut Element)) {
        if *at == 0 {
            what(self);
        }
        *at = at.wrapping_sub(1);
        self.children.iter_mut().for_each(|child| child.change(at, what));
    }
}

/// A document.
pub(crate) fn document() -> impl Strategy<Value = Element> {
    let attribute = (prop::sample::select(vec!["k", "m", "xml:lang"]), "[ab1]{0,2}");
    let attributes = prop::collection::vec(attribute, 0..2).prop_map(|mut all| {
        all.dedup_by(|one, other| one.0 == other.0);
        all
    });
    let text = prop::sample::select(vec!["", "a", "b", " a", "1", "2026-01-02", "x1y2"]);
    let leaf = (prop::sample::select(vec!["a", "b", "id", "c_d"]), 0..3_usize, any::<bool>());
    let leaf = (leaf, attributes, prop::bool::weighted(0.1), text).prop_map(
        |((name, namespace, prefixed), attributes, nil, text)| Element {
            name,
            namespace,
            prefixed,
            attributes,
            nil,
            text: text.to_owned(),
            children: Vec::new(),
        },
    );
    let inner = leaf.clone();
    leaf.prop_recursive(3, 20, 4, move |inside| {
        (inner.clone(), prop::collection::vec(inside, 0..4))
            .prop_map(|(element, children)| Element { children, ..element })
    })
}

/// A document, and the same changed in one place.
pub(crate) fn mutated_document() -> impl Strategy<Value = (Element, Element)> {
    let place = (any::<Index>(), any::<Index>(), any::<Index>(), 0..8_u8);
    let both = (document(), place).prop_map(|(left, (place, one, other, what))| {
        let mut right = left.clone();
        let mut at = place.index(left.count());
        right.change(&mut at, &|element| {
            let many = element.children.len();
            match what {
                0 => element.name = "other",
                1 => element.namespace = (element.namespace + 1) % NAMESPACES.len(),
                2 => element.attributes = vec![("n", String::new())],
                3 => element.nil = !element.nil,
                4 => element.text.push('z'),
                5 if many > 0 => drop(element.children.remove(one.index(many))),
                6 if many > 1 => element.children.swap(one.index(many), other.index(many)),
                7 if many > 0 => {
                    let again = element.children[one.index(many)].clone();
                    element.children.push(again);
                }
                _ => element.text = element.text.to_uppercase(),
            }
        });
        (left, right)
    });
    let differ = |(left, right): &(Element, Element)| left.meaning() != right.meaning();
    both.prop_filter("nothing was changed", differ)
}
