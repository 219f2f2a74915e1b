//! What of a spec nothing refers to, and how much of it can be in one file.

use std::collections::{HashMap, HashSet};

use super::notes::Notes;
use crate::write::{Kind, Member, Piece};

/// With what references to components begin.
const COMPONENTS: &str = "#/components/";
/// The components that references lead to.
const REFERRED: [&str; 2] = ["schemas", "trees"];

/// Drops components that nothing refers to.
pub(super) fn drop(spec: &mut Piece) {
    let used = used(spec, usize::MAX);
    let Some(components) = spec.get_mut("components") else { return };
    for kind in REFERRED {
        if let Some(Kind::Map(members)) = components.get_mut(kind).map(|piece| &mut piece.kind) {
            members.retain(|member| used.contains(&format!("{COMPONENTS}{kind}/{}", member.key)));
        }
    }
    if let Kind::Map(members) = &mut components.kind {
        let is_left = |member: &Member| !REFERRED.contains(&&*member.key);
        members.retain(|member| is_left(member) || !member.value.is_empty());
    }
    if components.is_empty()
        && let Kind::Map(members) = &mut spec.kind
    {
        members.retain(|member| member.key != "components");
    }
}

/// Takes operations out, the last ones first, until there are not more keys and values in a spec
/// than `most`.
pub(super) fn fit(spec: &mut Piece, most: usize, notes: &mut Notes) {
    if size(spec) <= most {
        return;
    }
    let all = spec.get("operations").map_or(0, |operations| operations.items().len());
    let (mut fits, mut too_many) = (0, all);
    while fits + 1 < too_many {
        let half = fits.midpoint(too_many);
        match size_with(spec, half) <= most {
            true => fits = half,
            false => too_many = half,
        }
    }
    if let Some(Kind::List(items)) = spec.get_mut("operations").map(|piece| &mut piece.kind) {
        let of = |piece: &Piece| match piece.get("operationId").map(|id| &id.kind) {
            Some(Kind::Text(id)) => id.clone(),
            _ => String::new(),
        };
        let first = items.get(fits).map(of).unwrap_or_default();
        items.truncate(fits);
        notes.leave(
            format!(
                "{} of {all} operations, from `{first}` on: with them the spec would have more than {most} keys and values",
                all - fits
            ),
            None,
        );
    }
    drop(spec);
}

/// How many keys and values there are.
fn size(piece: &Piece) -> usize {
    let members = piece.members().iter().map(|member| 1 + size(&member.value));
    1 + members.chain(piece.items().iter().map(size)).sum::<usize>()
}

/// How many there are with so many operations, and what they refer to.
fn size_with(spec: &Piece, operations: usize) -> usize {
    let used = used(spec, operations);
    let of_components = |components: &Piece| -> usize {
        let kinds = components.members().iter().map(|kind| {
            let is_there = |member: &&Member| {
                !REFERRED.contains(&&*kind.key)
                    || used.contains(&format!("{COMPONENTS}{}/{}", kind.key, member.key))
            };
            let members = kind.value.members().iter().filter(is_there);
            2 + members.map(|member| 1 + size(&member.value)).sum::<usize>()
        });
        1 + kinds.sum::<usize>()
    };
    let sections = spec.members().iter().map(|section| {
        1 + match section.key.as_str() {
            "operations" => {
                let items = section.value.items().iter().take(operations);
                1 + items.map(size).sum::<usize>()
            }
            "components" => of_components(&section.value),
            _ => size(&section.value),
        }
    });
    1 + sections.sum::<usize>()
}

/// The references that the spec with so many operations makes, and those of what they lead to.
fn used(spec: &Piece, operations: usize) -> HashSet<String> {
    let mut components: HashMap<String, &Piece> = HashMap::new();
    let mut waiting = Vec::new();
    for section in spec.members() {
        match section.key.as_str() {
            "components" => {
                for kind in section.value.members() {
                    if !REFERRED.contains(&&*kind.key) {
                        references(&kind.value, &mut waiting);
                        continue;
                    }
                    let named = kind.value.members().iter();
                    components.extend(named.map(|member| {
                        (format!("{COMPONENTS}{}/{}", kind.key, member.key), &member.value)
                    }));
                }
            }
            "operations" => {
                let items = section.value.items().iter().take(operations);
                items.for_each(|item| references(item, &mut waiting));
            }
            _ => references(&section.value, &mut waiting),
        }
    }
    let mut used = HashSet::new();
    while let Some(reference) = waiting.pop() {
        if used.insert(reference.to_owned())
            && let Some(component) = components.get(reference)
        {
            references(component, &mut waiting);
        }
    }
    used
}

fn references<'p>(piece: &'p Piece, into: &mut Vec<&'p str>) {
    match &piece.kind {
        Kind::Text(text) if text.starts_with(COMPONENTS) => into.push(text),
        Kind::List(items) => items.iter().for_each(|item| references(item, into)),
        Kind::Map(members) => members.iter().for_each(|member| references(&member.value, into)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(id: &str, schema: &str) -> Piece {
        let schema = Piece::map().with("$ref", format!("#/components/schemas/{schema}"));
        Piece::map().with("operationId", id).with("schema", schema)
    }

    fn spec() -> Piece {
        let to = |name: &str| Piece::map().with("$ref", format!("#/components/schemas/{name}"));
        let schemas = Piece::map()
            .with("a", Piece::map().with("items", to("c")))
            .with("b", Piece::map().with("items", to("b")))
            .with("c", Piece::map().with("type", "string"))
            .with("d", Piece::map().with("items", to("e")))
            .with("e", Piece::map());
        Piece::map()
            .with("operations", Piece::list([operation("one", "a"), operation("two", "b")]))
            .with("components", Piece::map().with("schemas", schemas))
    }

    fn schemas(spec: &Piece) -> Vec<&str> {
        let schemas = spec.get("components").and_then(|components| components.get("schemas"));
        schemas.map_or_else(Vec::new, |s| s.members().iter().map(|m| &*m.key).collect())
    }

    #[test]
    fn what_only_the_unused_refer_to_is_dropped_at_once() {
        let mut spec = spec();
        drop(&mut spec);
        assert_eq!(schemas(&spec), ["a", "b", "c"]);
    }

    #[test]
    fn as_many_operations_stay_as_there_is_room_for() {
        let mut notes = Notes::default();
        let mut whole = spec();
        drop(&mut whole);
        let most = size(&whole);
        fit(&mut whole, most, &mut notes);
        assert!(notes.left.is_empty());
        assert_eq!(schemas(&whole), ["a", "b", "c"]);
        fit(&mut whole, most - 1, &mut notes);
        assert_eq!(schemas(&whole), ["a", "c"]);
        let ids = whole.get("operations").map(|operations| operations.items().len());
        assert_eq!(ids, Some(1));
        assert!(
            notes.left.iter().any(|note| note.text.starts_with("1 of 2 operations, from `two`"))
        );
    }
}
