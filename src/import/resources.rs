//! What operations on collections do, and the collections themselves.

use std::collections::HashMap;

use super::api::Api;
use super::collection::collection;
use super::errors::Errors;
use super::notes::Notes;
use super::resource::resources;
use super::rows::Actions;
use crate::write::Piece;

/// What follows from the collections that there are.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// Collections with their names.
    pub(super) collections: Vec<(String, Piece)>,
    /// The steps of the operations on them, by position.
    pub(super) steps: HashMap<usize, Vec<Piece>>,
}

/// Finds the collections of an API.
pub(super) fn find(api: &Api, errors: &mut Errors, notes: &mut Notes) -> Resources {
    let found = resources(api);
    let mut resources = Resources::default();
    for resource in &found {
        let mut actions = Actions::new(api, resource, &found, errors);
        let mut steps = HashMap::new();
        for (at, operation) in api.operations.iter().enumerate() {
            if let Some(made) = actions.steps(operation) {
                steps.insert(at, made);
            }
        }
        let conflict = actions.conflict.take();
        let (verbs, creates) = (actions.verbs.join(", "), actions.creates);
        // What can only be read shows its fixture; what can be written is worth a collection.
        if verbs.is_empty() {
            continue;
        }
        let place = api.operations.iter().find(|operation| operation.path == resource.path);
        let mut text = format!(
            "the collection `{}` with the key `{}`, from the path {} ({verbs})",
            resource.name, resource.key, resource.path
        );
        if let Some((fields, _)) = &conflict {
            text = format!("{text}; `{fields}` is unique");
        }
        notes.assume(text, place.and_then(|operation| operation.place.as_ref()));
        let definition = collection(api, resource, &found, creates, conflict);
        resources.collections.push((resource.name.clone(), definition));
        resources.steps.extend(steps);
    }
    resources
}
