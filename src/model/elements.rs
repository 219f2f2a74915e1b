//! In which namespaces elements stand that are written after a schema.

use std::sync::Arc;

use super::stage::Stage;
use super::{Schema, XmlName};
use crate::value::{Map, Value};

/// What a schema says of namespaces, as `xml: {namespace, elements}`; the empty text is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XmlNamespaces {
    /// That of its element; that of the element around it, if nothing is said.
    pub own: Option<Arc<str>>,
    /// That of the elements in it; its own, if nothing is said.
    pub content: Option<Arc<str>>,
}

/// The namespaces of the elements of a tree, as far as they are not those of the elements around.
#[derive(Debug, Clone)]
pub struct Elements {
    own: Option<Arc<str>>,
    content: Option<Arc<str>>,
    members: Vec<(Arc<str>, Self)>,
}

impl Elements {
    /// What a schema says of them; nothing where all stand in one namespace.
    pub fn of<S: Stage>(schema: &Schema<S>) -> Option<Self> {
        let of_value = schema.with_beside();
        let items = of_value.iter().find_map(|one| one.items.as_deref());
        let inner = items.map_or_else(|| of_value.clone(), Schema::with_beside);
        let member = |property: &super::Property<S>| {
            Some((property.name.clone(), Self::of(&property.schema)?))
        };
        let properties = inner.iter().flat_map(|one| &one.properties);
        let members: Vec<_> = properties.filter_map(member).collect();
        let mut said = of_value.iter().chain(&inner).map(|one| &one.namespaces);
        let own = said.find_map(|one| one.own.clone());
        let content = inner.iter().find_map(|one| one.namespaces.content.clone());
        let says = own.is_some() || content.is_some() || !members.is_empty();
        says.then_some(Self { own, content, members })
    }

    /// The same, where elements in an element are in no namespace unless something is said.
    pub fn within(elements: Option<&Self>, unqualified: bool) -> Option<Self> {
        let mut all = elements.cloned();
        if unqualified {
            let all = all.get_or_insert_with(Self::nothing);
            all.content.get_or_insert_with(|| "".into());
        }
        all
    }

    fn nothing() -> Self {
        Self { own: None, content: None, members: Vec::new() }
    }

    /// The namespace of the element, in the one around it.
    pub fn namespace<'n>(&'n self, around: &'n str) -> &'n str {
        self.own.as_deref().unwrap_or(around)
    }

    /// The content of an element in a namespace, with declarations wherever one in it stands in
    /// another.
    pub fn declared(&self, value: &Value, namespace: &str) -> Value {
        if let Some(items) = value.as_list() {
            return Value::list(items.iter().map(|item| self.declared(item, namespace)).collect());
        }
        let Some(members) = value.members() else { return value.clone() };
        let within = self.content.as_deref().unwrap_or(namespace);
        let member = |(name, value): (&Arc<str>, &Value)| {
            if name.starts_with(['@', '#']) {
                return (name.clone(), value.clone());
            }
            let known = self.members.iter().find(|(known, _)| known == name).map(|(_, of)| of);
            let own = known.map_or(within, |of| of.namespace(within));
            let value = known.map_or_else(|| value.clone(), |of| of.declared(value, own));
            (name.clone(), if own == namespace { value } else { in_namespace(value, own) })
        };
        Value::map(members.map(member).collect())
    }
}

/// The content of an element, with the declaration that it stands in that namespace.
pub fn in_namespace(value: Value, namespace: &str) -> Value {
    if let Some(items) = value.as_list() {
        let items = items.iter().map(|item| in_namespace(item.clone(), namespace));
        return Value::list(items.collect());
    }
    let mut content = Map::new();
    content.insert("@xmlns", Value::text(namespace));
    match value.members() {
        Some(members) => {
            members.for_each(|(name, member)| content.insert(name.clone(), member.clone()));
        }
        None if value == Value::Null => {
            content.insert("@xmlns:xsi", Value::text(crate::wire::xml::SCHEMA_INSTANCE));
            content.insert("@xsi:nil", Value::text("true"));
        }
        None => content.insert("#text", value),
    }
    Value::map(content)
}

/// The tree as the content of a root element.
pub fn below_root(root: &XmlName, elements: Option<&Elements>, value: Value) -> Value {
    let namespace = root.namespace.as_deref();
    let value = match elements {
        Some(elements) => elements.declared(&value, namespace.unwrap_or_default()),
        None => value,
    };
    let content = match namespace {
        None => value,
        Some(namespace) => in_namespace(value, namespace),
    };
    Value::map([(root.name.clone(), content)].into_iter().collect())
}
