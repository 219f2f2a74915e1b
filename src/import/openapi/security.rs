//! Security schemes, and who needs which.

use super::Reader;
use super::documents::At;
use crate::import::api::{Requirement, Scheme, SchemeKind};
use crate::model::is_token;

impl<'d> Reader<'d> {
    /// The schemes that a spec can have too, or something near them.
    pub(super) fn schemes(&mut self, root: At<'d>) -> Vec<Scheme> {
        let all = match self.old {
            true => root.get("securityDefinitions"),
            false => root.get("components").and_then(|all| all.get("securitySchemes")),
        };
        let mut schemes = Vec::new();
        for (name, span, at) in all.into_iter().flat_map(At::members) {
            let Some(at) = self.resolve(at) else { continue };
            let word = at.text("type").unwrap_or_default();
            let kind = match word {
                "basic" => Some((SchemeKind::Basic, None)),
                "apiKey" => api_key(at).map(|kind| (kind, None)),
                "oauth2" | "openIdConnect" => {
                    let said = format!(
                        "`{name}`: any bearer token of the fixtures is accepted in place of {word}"
                    );
                    Some((SchemeKind::Http("bearer".to_owned()), Some(said)))
                }
                "http" => at.text("scheme").and_then(|word| http(name, word)),
                _ => None,
            };
            let Some((kind, assumed)) = kind else {
                let text = format!(
                    "the security scheme `{name}`: only keys and schemes of HTTP are asked for"
                );
                self.notes.leave(text, Some(span));
                continue;
            };
            if let Some(text) = &assumed {
                self.notes.assume(text.clone(), Some(span));
            }
            let description = at.text("description").map(str::trim).filter(|t| !t.is_empty());
            let description = description.map(str::to_owned);
            schemes.push(Scheme {
                name: name.to_owned(),
                kind,
                description,
                assumed,
                missing: None,
                unknown: None,
            });
        }
        schemes
    }

    /// A `security` list. What needs a scheme that is not taken needs the others only.
    pub(super) fn requirements(list: At<'d>, schemes: &[Scheme]) -> Vec<Requirement> {
        let mut requirements: Vec<Requirement> = Vec::new();
        for item in list.items() {
            let mut requirement = Requirement::new();
            let mut dropped = false;
            for (name, _, scopes) in item.members() {
                if schemes.iter().any(|scheme| scheme.name == name) {
                    let scopes = scopes.items().filter_map(|item| item.node.as_text());
                    requirement.push((name.to_owned(), scopes.map(str::to_owned).collect()));
                } else {
                    dropped = true;
                }
            }
            if requirement.is_empty() && dropped {
                continue;
            }
            if !requirements.contains(&requirement) {
                requirements.push(requirement);
            }
        }
        requirements
    }
}

fn api_key(at: At<'_>) -> Option<SchemeKind> {
    let place = at.text("in")?;
    let place = ["header", "query", "cookie"].into_iter().find(|known| *known == place)?;
    Some(SchemeKind::ApiKey { place, name: at.text("name")?.to_owned() })
}

/// A scheme of HTTP, and what is made of it that the document does not say.
fn http(name: &str, word: &str) -> Option<(SchemeKind, Option<String>)> {
    let lower = word.to_ascii_lowercase();
    match &*lower {
        "basic" => Some((SchemeKind::Basic, None)),
        "bearer" => Some((SchemeKind::Http(lower), None)),
        _ if !is_token(word) => None,
        _ => {
            let said = format!("`{name}`: what follows `{word}` is the key");
            Some((SchemeKind::Http(word.to_owned()), Some(said)))
        }
    }
}
