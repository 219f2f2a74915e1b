//! A schema as it is written.

use std::collections::HashSet;

use super::schema::{Additional, Applied, Schema};
use crate::write::Piece;

impl Schema {
    /// The schema as it is written.
    pub(super) fn to_piece(&self) -> Piece {
        self.piece(false)
    }

    /// The same; `in_place` says that another schema describes the same value.
    fn piece(&self, in_place: bool) -> Piece {
        if self.never {
            return false.into();
        }
        let mut piece = Piece::map();
        if let Some(name) = &self.refers {
            piece.set("$ref", reference(name));
        }
        match (self.types.as_slice(), self.nullable) {
            ([], _) if self.only_null => piece.set("type", "null"),
            ([], _) => {}
            ([one], false) => piece.set("type", *one),
            (several, nullable) => {
                let null = nullable.then_some("null");
                let all = several.iter().copied().chain(null).map(Piece::from);
                piece.set("type", Piece::list(all));
            }
        }
        for (name, value) in &self.keywords {
            piece.set(*name, value);
        }
        for (name, value) in &self.extra {
            piece.set(*name, value.clone());
        }
        if self.read_only {
            piece.set("readOnly", true);
        }
        if self.write_only {
            piece.set("writeOnly", true);
        }
        self.members(&mut piece, in_place);
        if let Some(items) = &self.items {
            piece.set("items", items.to_piece());
        }
        match &self.additional {
            Additional::Unsaid => {}
            Additional::Any => piece.set("additionalProperties", true),
            Additional::Refused => piece.set("additionalProperties", false),
            Additional::Of(schema) => piece.set("additionalProperties", schema.to_piece()),
        }
        self.composed(&mut piece);
        let (name, root) = self.xml.as_ref().map_or((None, None), |(n, s)| (Some(n), s.as_ref()));
        let xml = Piece::map()
            .with_some("name", name)
            .with_some("namespace", root.or(self.namespace.as_ref()))
            .with_some("elements", self.elements.as_ref());
        if !xml.is_empty() {
            piece.set("xml", xml);
        }
        piece
    }

    /// `required` and `properties`.
    fn members(&self, piece: &mut Piece, in_place: bool) {
        let declared: HashSet<&str> = self.properties.iter().map(|(name, _)| &**name).collect();
        let undeclared = self.required.iter().filter(|name| !declared.contains(name.as_str()));
        // What is required has to be declared, unless another schema may do that.
        let elsewhere = in_place || self.applied.iter().any(Applied::is_in_place);
        let known = self.refers.is_some() && declared.is_empty();
        let undeclared: Vec<&String> =
            if known || elsewhere { Vec::new() } else { undeclared.collect() };
        if !self.required.is_empty() {
            piece.set("required", Piece::list(self.required.iter().map(Piece::from)));
        }
        if !self.properties.is_empty() || !undeclared.is_empty() {
            let mut properties = Piece::map();
            for (name, schema) in &self.properties {
                properties.set(name, schema.to_piece());
            }
            for name in undeclared {
                properties.set(name, Piece::map());
            }
            piece.set("properties", properties);
        }
    }

    /// Keywords with schemas in them; what is there already stands in `allOf`.
    fn composed(&self, piece: &mut Piece) {
        let mut all = Vec::new();
        for one in &self.applied {
            if one.word == "allOf" {
                all.extend(one.schemas().map(|schema| schema.piece(true)));
                continue;
            }
            let written = one.to_piece();
            if written.members().iter().any(|member| piece.get(&member.key).is_some()) {
                all.push(written);
                continue;
            }
            for member in written.members() {
                piece.set(&member.key, member.value.clone());
            }
        }
        if !all.is_empty() {
            piece.set("allOf", Piece::list(all));
        }
    }
}

impl Applied {
    /// The keys that it is.
    fn to_piece(&self) -> Piece {
        let mut piece = Piece::map();
        let in_place = self.is_in_place();
        match self.word {
            "oneOf" | "anyOf" | "prefixItems" => {
                let schemas = self.schemas().map(|schema| schema.piece(in_place));
                piece.set(self.word, Piece::list(schemas));
            }
            "patternProperties" | "dependentSchemas" => {
                let mut named = Piece::map();
                for (name, schema) in &self.schemas {
                    named.set(name, schema.piece(in_place));
                }
                piece.set(self.word, named);
            }
            _ => {
                for (name, schema) in &self.schemas {
                    piece.set(name, schema.piece(in_place));
                }
            }
        }
        if let Some(discriminator) = &self.discriminator {
            let mut written = Piece::map().with("propertyName", &discriminator.member);
            let mut mapping = Piece::map();
            for (value, name) in &discriminator.mapping {
                mapping.set(value, reference(name));
            }
            if !mapping.is_empty() {
                written.set("mapping", mapping);
            }
            piece.set("discriminator", written);
        }
        for (name, value) in &self.beside {
            piece.set(*name, value.clone());
        }
        piece
    }
}

fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}
