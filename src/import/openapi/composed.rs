//! Keywords with schemas in them.

use super::Reader;
use super::documents::At;
use crate::import::schema::{Applied, Discriminator, Schema};
use crate::syntax::NodeKind;
use crate::write::Piece;

impl<'d> Reader<'d> {
    /// Reads all of them but `allOf`, which is joined where it can be.
    pub(super) fn composed(&mut self, at: At<'d>, schema: &mut Schema) {
        for word in ["oneOf", "anyOf"] {
            if let Some(list) = at.get(word) {
                self.alternatives(word, list, at, schema);
            }
        }
        for word in ["not", "propertyNames", "unevaluatedProperties", "unevaluatedItems"] {
            // `true` says nothing.
            if let Some(inner) = at.get(word).filter(|_| !at.flag(word)) {
                let inner = self.schema(inner);
                schema.apply(Applied::one(word, inner));
            }
        }
        self.condition(at, schema);
        self.contains(at, schema);
        let prefix = at.get("prefixItems").or_else(|| at.get("items"));
        let prefix: Vec<Schema> =
            prefix.into_iter().flat_map(At::items).map(|item| self.schema(item)).collect();
        if !prefix.is_empty() {
            schema.apply(Applied::list("prefixItems", prefix));
        }
        self.by_names(at, schema);
        let has_choice = schema.applied.iter().any(Applied::is_choice);
        if let Some((key, _)) = at.node.entry("discriminator").filter(|_| !has_choice) {
            let text = "`discriminator` without several schemas in `oneOf` or `anyOf`: whatever \
                        the schema itself allows is accepted";
            self.notes.leave(text, Some(&key.span));
        }
    }

    /// `oneOf` and `anyOf`.
    fn alternatives(&mut self, word: &'static str, list: At<'d>, at: At<'d>, schema: &mut Schema) {
        let (nulls, branches): (Vec<At<'d>>, Vec<At<'d>>) = list.items().partition(is_null);
        if let [only] = branches.as_slice() {
            let mut branch = self.branch(*only, schema.refers.is_some());
            branch.nullable |= !nulls.is_empty();
            let nullable = schema.nullable || branch.nullable;
            schema.also(branch);
            schema.nullable = nullable;
            return;
        }
        let mut schemas: Vec<Schema> = branches.iter().map(|branch| self.schema(*branch)).collect();
        if schemas.is_empty() {
            schema.nullable |= !nulls.is_empty();
            return;
        }
        let discriminator = at.get("discriminator").and_then(|it| self.discriminator(it, &schemas));
        if !nulls.is_empty() {
            if discriminator.is_some() {
                // All that it chooses among are references.
                schema.nullable = true;
            } else {
                let only = Schema { nullable: true, only_null: true, ..Schema::default() };
                schemas.push(only);
            }
        }
        schema.apply(Applied { discriminator, ..Applied::list(word, schemas) });
    }

    /// What tells alternatives apart, which are references then.
    fn discriminator(&mut self, at: At<'d>, among: &[Schema]) -> Option<Discriminator> {
        let span = &at.node.span;
        let Some(member) = at.text("propertyName") else {
            self.notes.leave("`discriminator` without a `propertyName`", Some(span));
            return None;
        };
        let names: Vec<&str> = among.iter().filter_map(|one| one.refers.as_deref()).collect();
        if names.len() < among.len() {
            let text = "`discriminator` of alternatives that are not references: they are not \
                        told apart by it";
            self.notes.leave(text, Some(span));
            return None;
        }
        let mut mapping: Vec<(String, String)> = Vec::new();
        let written = at.node.get("mapping").and_then(|node| node.as_map()).unwrap_or_default();
        for (key, node) in written {
            let found = self.mapped(At { node, ..at }).filter(|name| names.contains(&&**name));
            match found {
                Some(name) => mapping.push((key.value.clone(), name)),
                None => {
                    let text = format!(
                        "`{}` of a `discriminator`, which names none of its alternatives",
                        key.value
                    );
                    self.notes.leave(text, Some(&key.span));
                }
            }
        }
        // A schema that could not keep its name is still meant by it.
        for (name, written) in &self.renamed {
            if names.contains(&&**name) && mapping.iter().all(|(value, _)| value != written) {
                mapping.push((written.clone(), name.clone()));
            }
        }
        Some(Discriminator { member: member.to_owned(), mapping })
    }

    /// The shared schema that a value of `mapping` names: by a reference, or by its name alone.
    fn mapped(&self, at: At<'d>) -> Option<String> {
        let text = at.node.as_text()?;
        let node = match text.contains(['#', '/']) {
            true => self.documents.follow(at).ok()?.at.node,
            false => {
                let root = self.documents.root()?.node;
                let old = root.get("definitions");
                let shared = root.get("components").and_then(|all| all.get("schemas")).or(old);
                match shared.and_then(|shared| shared.get(text)) {
                    Some(node) => node,
                    None => self.documents.follow(at).ok()?.at.node,
                }
            }
        };
        self.components.get(&std::ptr::from_ref(node)).cloned()
    }

    /// `if` with `then` and `else`, which say nothing without it.
    fn condition(&mut self, at: At<'d>, schema: &mut Schema) {
        let Some(condition) = at.get("if") else { return };
        let mut three = vec![("if".to_owned(), self.schema(condition))];
        for word in ["then", "else"] {
            if let Some(inner) = at.get(word) {
                three.push((word.to_owned(), self.schema(inner)));
            }
        }
        if three.len() > 1 {
            schema.apply(Applied::of("if", three));
        }
    }

    /// `contains` with how often.
    fn contains(&mut self, at: At<'d>, schema: &mut Schema) {
        let Some(inner) = at.get("contains") else { return };
        let mut contains = Applied::one("contains", self.schema(inner));
        for word in ["minContains", "maxContains"] {
            if let Some(count) = at.get(word) {
                contains.beside.push((word, Piece::from(&count.node.to_value())));
            }
        }
        schema.apply(contains);
    }

    /// What is said of members by their names.
    fn by_names(&mut self, at: At<'d>, schema: &mut Schema) {
        let mut patterns = Vec::new();
        for (pattern, inner) in entries(at, "patternProperties") {
            if regex_lite::Regex::new(pattern).is_ok() {
                patterns.push((pattern.to_owned(), self.schema(inner)));
            } else {
                let text = "patterns that need what linear time cannot give, such as looking ahead";
                self.notes.leave(text, Some(&inner.node.span));
                schema.loose = true;
            }
        }
        let mut schemas = Vec::new();
        let mut needs = Piece::map();
        // `dependencies`, of older drafts, is both.
        for word in ["dependentRequired", "dependentSchemas", "dependencies"] {
            for (name, inner) in entries(at, word) {
                match inner.node.as_list() {
                    Some(names) => {
                        let names = names.iter().filter_map(|name| name.as_text());
                        needs.set(name, Piece::list(names.map(Piece::from)));
                    }
                    None => schemas.push((name.to_owned(), self.schema(inner))),
                }
            }
        }
        for (word, named) in [("patternProperties", patterns), ("dependentSchemas", schemas)] {
            if !named.is_empty() {
                schema.apply(Applied::of(word, named));
            }
        }
        if !needs.is_empty() {
            let mut one = Applied::of("dependentRequired", Vec::new());
            one.beside.push(("dependentRequired", needs));
            schema.apply(one);
        }
    }
}

/// The members of a keyword by names, those that look like extensions too.
fn entries<'d>(at: At<'d>, word: &str) -> impl Iterator<Item = (&'d str, At<'d>)> {
    let entries = at.node.get(word).and_then(|node| node.as_map()).unwrap_or_default();
    entries.iter().map(move |(key, node)| (key.value.as_str(), At { node, ..at }))
}

/// Whether nothing but null fits.
fn is_null(at: &At<'_>) -> bool {
    let none = |at: At<'_>| matches!(at.node.kind, NodeKind::Null);
    at.text("type") == Some("null")
        || at.get("const").is_some_and(none)
        || at.get("enum").is_some_and(|list| list.items().count() > 0 && list.items().all(none))
}
