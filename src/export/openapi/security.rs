//! Security schemes and what operations ask for.

use crate::model::{ApiKeyPlace, Colon, SecurityKind, SecurityRequirement, Service};
use crate::write::Piece;

/// The schemes of a spec.
pub(super) fn schemes(service: &Service, left: &mut Vec<String>) -> Piece {
    let mut schemes = Piece::map();
    for scheme in &service.security_schemes {
        let http = |name: &str| Piece::map().with("type", "http").with("scheme", name);
        let piece = match &scheme.kind {
            SecurityKind::Basic { colon, form } => {
                let form = form.then_some("User and password are encoded as in a form.");
                let said: Vec<&str> = basic(*colon).into_iter().chain(form).collect();
                let said = (!said.is_empty()).then(|| said.join(" "));
                http("basic").with_some("description", said)
            }
            SecurityKind::Http(word) => http(word),
            SecurityKind::MutualTls(_) => Piece::map().with("type", "mutualTLS"),
            SecurityKind::ApiKey { place, name } => {
                let place = match place {
                    ApiKeyPlace::Query => "query",
                    ApiKeyPlace::Header => "header",
                    ApiKeyPlace::Cookie => "cookie",
                    ApiKeyPlace::Parameter => {
                        let why = "its key is a parameter, and is listed among these";
                        left.push(format!("security scheme {}: {why}", scheme.name));
                        continue;
                    }
                };
                Piece::map().with("type", "apiKey").with("in", place).with("name", &**name)
            }
        };
        schemes = schemes.with(&*scheme.name, piece);
    }
    schemes
}

fn basic(colon: Colon) -> Option<&'static str> {
    match colon {
        Colon::None => Some("The key alone in base64, without a colon and a password."),
        Colon::Optional => Some("The key in base64, with or without a colon behind it."),
        Colon::BeforeKey => Some("Any user name, and the key for the password."),
        Colon::Required => None,
    }
}

/// What an operation asks for; none where it asks for nothing that OpenAPI can say.
pub(super) fn requirements(service: &Service, asked: &[SecurityRequirement]) -> Piece {
    let alternatives = asked.iter().map(|requirement| {
        let mut piece = Piece::map();
        for (id, permissions) in &requirement.schemes {
            let Some(scheme) = service.security_schemes.get(id.0) else { continue };
            if matches!(scheme.kind, SecurityKind::ApiKey { place: ApiKeyPlace::Parameter, .. }) {
                continue;
            }
            let permissions = permissions.iter().map(|permission| Piece::from(&**permission));
            piece.set(&*scheme.name, Piece::list(permissions));
        }
        piece
    });
    Piece::list(alternatives)
}
