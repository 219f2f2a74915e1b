//! From a document to a tree with qualified names.

use std::sync::Arc;

use super::{NAMESPACE, is_blank};
use crate::value::{Map, Value};
use crate::wire::QualifiedName;
use crate::wire::soap::SoapVersion;
use crate::wire::xml::{
    Element, Nil, Node, SCHEMA_INSTANCE, XML_NAMESPACE, is_unprefixed_name as is_name,
};

/// The namespace of the built-in types of XML Schema, and of schemas.
const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// The namespace of WSDL 1.1.
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// A document: an object whose one member is the root. An empty header of a SOAP envelope is left
/// out, as none says the same.
pub fn document(root: &Element) -> Value {
    let mut reader = Reader { scope: Vec::new() };
    let mut content = reader.content(root, None);
    if &*root.name.local == "Envelope"
        && let Some(namespace) = root.name.namespace.as_deref()
        && SoapVersion::of_namespace(namespace).is_some()
        && let Value::Map(map) = &mut content
    {
        let header = format!("{{{namespace}}}Header");
        if map.get(&header).and_then(Value::as_str).is_some_and(is_blank) {
            Arc::make_mut(map).remove(&header);
        }
    }
    let mut map = Map::new();
    map.push(root.name.to_string().into(), content);
    Value::map(map)
}

/// The namespaces of the encodings of SOAP 1.1 (section 5) and 1.2 (part 2, section 3).
const ENCODING_11: &str = "http://schemas.xmlsoap.org/soap/encoding/";
const ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";

struct Reader {
    /// The declarations that hold, the innermost last.
    scope: Vec<(Arc<str>, Option<Arc<str>>)>,
}

impl Reader {
    /// The content of an element, as [`Element::to_value`] has it, but with qualified names, with
    /// all attributes, and with what the qualified names in it stand for.
    fn content(&mut self, element: &Element, parent: Option<&QualifiedName>) -> Value {
        let mark = self.scope.len();
        self.scope.extend(element.declarations.iter().cloned());
        let content = self.content_in_scope(element, parent);
        self.scope.truncate(mark);
        content
    }

    fn content_in_scope(&mut self, element: &Element, parent: Option<&QualifiedName>) -> Value {
        let nil = element.nil();
        let mut members = Map::new();
        for (name, value) in &element.attributes {
            // An `xsi:nil` that says what null, or what is no null, says anyway.
            let says_nothing =
                nil == Some(Nil::SchemaInstance) || matches!(value.trim(), "false" | "0");
            if says_nothing && name.is(Some(SCHEMA_INSTANCE), "nil") {
                continue;
            }
            let value = match attribute_holds_name(&element.name, name) {
                true => self.named(value),
                false => Value::Text(value.clone()),
            };
            members.push(format!("@{name}").into(), value);
        }
        if nil.is_some() {
            if members.is_empty() {
                return Value::Null;
            }
            members.push("#text".into(), Value::Null);
            return Value::map(members);
        }
        let mut groups: Vec<(&QualifiedName, Vec<Value>)> = Vec::new();
        for child in element.elements() {
            let value = self.content(child, Some(&element.name));
            match groups.iter_mut().find(|(name, _)| **name == child.name) {
                Some((_, values)) => values.push(value),
                None => groups.push((&child.name, vec![value])),
            }
        }
        let has_elements = !groups.is_empty();
        for (name, mut values) in groups {
            let value = match (values.pop(), values.is_empty()) {
                (Some(one), true) => one,
                (Some(last), false) => {
                    values.push(last);
                    Value::list(values)
                }
                (None, _) => continue,
            };
            members.push(name.to_string().into(), value);
        }
        let mut text = String::new();
        for node in &element.children {
            if let Node::Text(piece) = node
                && (!has_elements || element.counts(piece))
            {
                text.push_str(piece);
            }
        }
        let text = match !has_elements && self.element_holds_name(element, parent) {
            true => self.named(&text),
            false => text.into(),
        };
        match text {
            text if members.is_empty() => text,
            Value::Map(named) => {
                named.iter().for_each(|(name, value)| members.push(name.clone(), value.clone()));
                Value::map(members)
            }
            Value::Text(text) if text.is_empty() => Value::map(members),
            text => {
                members.push("#text".into(), text);
                Value::map(members)
            }
        }
    }

    /// A text that is a qualified name: with its namespace, where it stands in one.
    fn named(&self, text: &str) -> Value {
        let name = text.trim_matches([' ', '\t', '\n', '\r']);
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let namespace = match prefix {
            _ if !is_name(without_sizes(local)) || !(prefix.is_empty() || is_name(prefix)) => None,
            "xml" => Some(XML_NAMESPACE.into()),
            _ => {
                let mut innermost_first = self.scope.iter().rev();
                innermost_first.find(|(known, _)| **known == *prefix).and_then(|(_, ns)| ns.clone())
            }
        };
        let Some(namespace) = namespace else { return text.into() };
        let members = [("#text".into(), text.into()), (NAMESPACE.into(), Value::Text(namespace))];
        Value::map(members.into_iter().collect())
    }

    /// Whether the text of an element is a qualified name.
    fn element_holds_name(&self, element: &Element, parent: Option<&QualifiedName>) -> bool {
        let is_in = |version: SoapVersion, locals: &[&str]| {
            parent.is_some_and(|parent| {
                parent.namespace.as_deref() == Some(version.namespace())
                    && locals.contains(&&*parent.local)
            })
        };
        // SOAP 1.1 section 4.4, SOAP 1.2 part 1 section 5.4.
        if &*element.name.local == "faultcode" && is_in(SoapVersion::V11, &["Fault"]) {
            return true;
        }
        let v12 = Some(SoapVersion::V12.namespace());
        if element.name.is(v12, "Value") && is_in(SoapVersion::V12, &["Code", "Subcode"]) {
            return true;
        }
        // XML Schema part 1, section 2.6.1.
        let declared = element.attribute(Some(SCHEMA_INSTANCE), "type");
        declared.is_some_and(|declared| {
            let named = self.named(declared);
            let local = declared.trim().rsplit(':').next();
            named.get(NAMESPACE).and_then(Value::as_str) == Some(SCHEMA) && local == Some("QName")
        })
    }
}

/// The name of a type without the sizes of an array of it (SOAP 1.1, section 5.4.2).
fn without_sizes(local: &str) -> &str {
    let is_size = |c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | ',' | ' ');
    match local.split_once('[') {
        Some((name, sizes)) if sizes.ends_with(']') && sizes.chars().all(is_size) => name,
        _ => local,
    }
}

/// Whether the value of an attribute is a qualified name: in instances of XML Schema, in SOAP and
/// its encodings, and in descriptions.
fn attribute_holds_name(element: &QualifiedName, attribute: &QualifiedName) -> bool {
    if attribute.is(Some(SCHEMA_INSTANCE), "type")
        || attribute.is(Some(ENCODING_11), "arrayType")
        || attribute.is(Some(ENCODING_12), "itemType")
        || attribute.is(Some(WSDL), "arrayType")
    {
        return true;
    }
    if attribute.namespace.is_some() {
        return false;
    }
    let known: &[&str] = match element.namespace.as_deref() {
        Some(WSDL) => &["binding", "element", "message", "type"],
        Some(SCHEMA) => &["base", "itemType", "ref", "refer", "substitutionGroup", "type"],
        Some(namespace) if namespace == SoapVersion::V12.namespace() => &["qname"],
        _ => &[],
    };
    known.contains(&&*attribute.local)
}
