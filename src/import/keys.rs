//! Security schemes and the keys that they ask for.

use super::api::{Answer, Api, Operation, Requirement, SchemeKind};
use super::errors::Errors;
use super::schema::Schema;
use crate::write::Piece;

/// The security schemes, and the collection of their keys.
pub(super) fn security(api: &Api, errors: &mut Errors) -> (Piece, Option<Piece>) {
    let mut schemes = Piece::map();
    let used = |name: &str| {
        let own = api.operations.iter().filter_map(|operation| operation.security.as_ref());
        own.chain(&api.security).flatten().flatten().any(|(known, _)| known == name)
    };
    let mut error = |status: u16, seen: Option<&Answer>| {
        if let Some(answer) = seen {
            return errors.answered(api, answer);
        }
        let documents = |operation: &&Operation| {
            operation.answers.iter().any(|answer| answer.status == Some(status))
        };
        // What asks for no key says something else by that.
        let asks = |operation: &&Operation| {
            let all = operation.security.as_ref().or(api.security.as_ref());
            all.is_some_and(|all| !all.is_empty())
        };
        let documented = || api.operations.iter().filter(documents);
        let operation = documented().find(asks).or_else(|| documented().next())?;
        errors.documented(api, operation, &[status])
    };
    let mut basic = false;
    let mut permissions: Vec<String> = Vec::new();
    let lists = api.operations.iter().filter_map(|operation| operation.security.as_ref());
    for (_, scopes) in lists.chain(&api.security).flatten().flatten() {
        for scope in scopes {
            if !permissions.contains(scope) {
                permissions.push(scope.clone());
            }
        }
    }
    for scheme in api.schemes.iter().filter(|scheme| used(&scheme.name)) {
        let mut piece = Piece::map();
        let mut keys = Piece::map().with("collection", "credentials").with("field", "key");
        match &scheme.kind {
            SchemeKind::Basic => {
                basic = true;
                piece.set("type", "http");
                piece.set("scheme", "basic");
                keys.set("password", "password");
            }
            SchemeKind::Http(word) => {
                piece.set("type", "http");
                piece.set("scheme", word);
            }
            SchemeKind::ApiKey { place, name } => {
                piece.set("type", "apiKey");
                piece.set("in", *place);
                piece.set("name", name);
            }
        }
        if let Some(description) = &scheme.description {
            piece.set("description", description);
        }
        if !permissions.is_empty() {
            keys.set("permissions", "permissions");
        }
        piece.set("keys", keys);
        let mut given = Piece::map();
        let [missing, unknown] = [scheme.missing.as_ref(), scheme.unknown.as_ref()];
        let outcomes = [
            ("missing", 401, missing.or(unknown)),
            ("unknown", 401, unknown.or(missing)),
            ("permission", 403, None),
        ];
        for (outcome, status, seen) in outcomes {
            if outcome != "permission" || !permissions.is_empty() {
                given = given.with_some(outcome, error(status, seen));
            }
        }
        if !given.is_empty() {
            piece.set("errors", given);
        }
        if scheme.assumed.is_some() {
            piece.set("evidence", "assumed");
        }
        schemes.set(&scheme.name, piece);
    }
    if schemes.is_empty() {
        return (schemes, None);
    }
    let mut properties = Piece::map().with("key", Schema::of("string").to_piece());
    let mut row = Piece::map().with("key", format!("{}-key", api.vendor));
    if basic {
        properties.set("password", Schema::of("string").to_piece());
        row.set("password", "secret");
    }
    if !permissions.is_empty() {
        let mut list = Schema::of("array");
        list.items = Some(Box::new(Schema::of("string")));
        properties.set("permissions", list.to_piece());
        row.set("permissions", Piece::list(permissions.iter().map(Piece::from)));
    }
    let schema = Piece::map().with("type", "object").with("properties", properties);
    let keys = Piece::map()
        .with("key", "key")
        .with("schema", schema)
        .with("fixtures", Piece::list([row]).block().remark("what a client shows"))
        .with("evidence", "assumed")
        .block();
    (schemes, Some(keys))
}

/// A `security` list.
pub(super) fn requirements(list: &[Requirement]) -> Piece {
    Piece::list(list.iter().map(|requirement| {
        let mut piece = Piece::map();
        for (name, permissions) in requirement {
            piece.set(name, Piece::list(permissions.iter().map(Piece::from)));
        }
        piece
    }))
}
