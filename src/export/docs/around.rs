//! What holds for all operations: servers, authentication, limits.

use std::sync::Arc;

use super::page::{Inline, Line, Page, id};
use super::{Docs, prose, shown};
use crate::model::{
    ApiKeyPlace, Colon, Concerned, ErrorId, KeyFields, Origins, Pace, Part, SecurityKind,
    SecurityScheme,
};

impl Docs<'_> {
    pub(super) fn servers(&self, page: &mut Page) {
        page.heading(2, "servers", "Servers");
        let rows = self.service.servers.iter().map(|server| {
            let variables = server.variables.iter().map(|(name, default)| {
                Line::new().code(&**name).text(", by default ").code(&**default)
            });
            let variables = Line::stacked(variables);
            (None, vec![Line::new().code(&*server.url), variables, self.backing(server.rule)])
        });
        page.table("Servers", &["URL", "Variables", "Statements"], rows.collect());
    }

    pub(super) fn authentication(&self, page: &mut Page) {
        if self.service.security_schemes.is_empty() {
            return;
        }
        page.heading(2, "authentication", "Authentication");
        for scheme in &self.service.security_schemes {
            page.heading(3, id("scheme", &scheme.name), &*scheme.name);
            page.paragraph(how(scheme).line(self.backed(scheme.rule)));
            self.verified(page, scheme);
            let errors = &scheme.errors;
            let keys = scheme.keys.as_ref();
            let field = |of: fn(&KeyFields) -> &Option<Arc<str>>| keys.and_then(|k| of(k).as_ref());
            let unknown = errors.unknown.or(errors.missing);
            let permissions = field(|keys| &keys.permissions).is_some();
            let permissions = permissions || scheme.permissions.is_some();
            let outcomes = [
                ("is missing", errors.missing.or(errors.unknown)),
                ("is not known", keys.and(unknown)),
                ("has expired", field(|keys| &keys.expires).and(errors.expired.or(unknown))),
                ("is not good for the method", field(|keys| &keys.methods).and(errors.method)),
                ("lacks a permission", errors.permission.filter(|_| permissions)),
            ];
            let rows = outcomes.into_iter().filter_map(|(what, error)| {
                Some((None, vec![Line::from(what), self.error(error?)]))
            });
            page.table(
                format!("Errors of {}", scheme.name),
                &["When the key", "Answer"],
                rows.collect(),
            );
        }
    }

    /// What refuses requests besides their keys.
    fn verified(&self, page: &mut Page, scheme: &SecurityScheme) {
        let steps = scheme.steps.all();
        let refusing = steps
            .iter()
            .filter(|step| step.verb.parts().iter().any(|part| matches!(part, Part::Rejection(_))));
        let mut lines: Vec<Line> = refusing.map(|step| self.step(&steps, step.rule)).collect();
        lines.retain(|line| !line.0.is_empty());
        lines.dedup();
        if !lines.is_empty() {
            let all = Line::joined(lines, &Inline::Text("; ".into()));
            page.paragraph(Line::from("It is refused where ").line(all).text("."));
        }
    }

    /// Limits and headers that several operations have.
    pub(super) fn conventions(&self, page: &mut Page) {
        let limits = &self.service.rate_limits;
        let idempotency = self.service.idempotency.as_ref();
        let cors = self.service.cors.as_ref();
        if limits.is_empty() && idempotency.is_none() && cors.is_none() {
            return;
        }
        page.heading(2, "conventions", "Conventions");
        if !limits.is_empty() {
            page.heading(3, "rate-limit", "Rate limit");
        }
        for limit in limits {
            let mut line = Line::from("At most ").line(shown::tree(&limit.limit));
            line = match limit.pace {
                Pace::Window(length) => line.text(format!(" requests in {}", milliseconds(length))),
                Pace::Refill { every, by } => line
                    .text(" requests at once, of which ")
                    .text(if by == 1 { "one comes".to_owned() } else { format!("{by} come") })
                    .text(format!(
                        " back every {}",
                        milliseconds(every).replace("a second", "second")
                    )),
            };
            if let Some(cost) = &limit.cost {
                line = line.text("; a request takes ").line(shown::tree(cost));
            }
            if let Some(by) = &limit.by {
                line = line.text(", counted for each ").line(shown::expression(by));
            }
            line = concerned(line, &limit.of);
            line =
                line.text(". ").line(self.answered("One too many is answered with ", limit.error));
            page.paragraph(line.line(self.backed(limit.rule)));
        }
        if let Some(one) = idempotency {
            page.heading(3, "idempotency", "Idempotency");
            let methods: Vec<&str> = one.methods.iter().map(http::Method::as_str).collect();
            let mut line = Line::from("A request with ").codes(methods);
            line = line.text(" and the header ").code(&*one.written);
            let lifetime = seconds(one.lifetime_seconds);
            line =
                line.text(format!(" that was answered in the last {lifetime} is not done again "));
            line = line.text("when it is sent again: it gets the same answer. ");
            line = line.line(self.answered("Without the header: ", one.required));
            line =
                line.line(self.answered("With the key of another request: ", Some(one.mismatch)));
            page.paragraph(line.line(self.backed(one.rule)));
        }
        if let Some(cors) = cors {
            page.heading(3, "cors", "Pages of other origins");
            let mut line = match &cors.origins {
                Origins::Listed(origins) => {
                    let origins = origins.iter().map(|origin| &**origin);
                    Line::from("Answers may be read by pages of ").codes(origins)
                }
                Origins::Given(_) => {
                    Line::from("Answers may be read by pages of the origins in the settings")
                }
                Origins::Any => Line::from("Answers may be read by pages of any origin"),
            };
            line = line.text(", by ").code(&*cors.methods);
            let credentials = if cors.credentials { "with" } else { "without" };
            line = line.text(format!(", {credentials} cookies."));
            page.paragraph(line.line(self.backed(cors.rule)));
        }
    }

    fn answered(&self, what: &str, error: Option<ErrorId>) -> Line {
        match error {
            Some(error) => Line::from(what).line(self.error(error)).text(". "),
            None => Line::new(),
        }
    }

    /// The alternatives of what an operation asks for.
    pub(super) fn asked(&self, operation: &crate::model::Operation) -> Line {
        let alternatives = operation.security.iter().map(|requirement| {
            if requirement.schemes.is_empty() {
                return Line::from("nothing");
            }
            let schemes = requirement.schemes.iter().filter_map(|(at, permissions)| {
                let scheme = self.service.security_schemes.get(at.0)?;
                let line = Line::new().to(id("scheme", &scheme.name), &*scheme.name);
                Some(match permissions.is_empty() {
                    true => line,
                    false => {
                        let names = permissions.iter().map(|one| &**one);
                        line.text(" with the permission ").codes(names)
                    }
                })
            });
            Line::joined(schemes, &Inline::Text(" and ".into()))
        });
        Line::joined(alternatives, &Inline::Text(", or ".into()))
    }
}

fn how(scheme: &SecurityScheme) -> Line {
    match &scheme.kind {
        SecurityKind::Basic { colon, form } => {
            let text = match colon {
                Colon::None => "the key alone in base64",
                Colon::Required => "the key and its password in base64, with a colon between them",
                Colon::Optional => "the key in base64, with or without a colon behind it",
                Colon::BeforeKey => "any user name, a colon and the key in base64",
            };
            let line =
                prose::line("HTTP Basic (RFC 7617): the header `Authorization: Basic` with ");
            line.text(text).text(if *form { ", both encoded as in a form (RFC 6749)" } else { "" })
        }
        SecurityKind::Http(word) if word.eq_ignore_ascii_case("bearer") => {
            prose::line("HTTP Bearer (RFC 6750): the header `Authorization: Bearer` with the key")
        }
        SecurityKind::Http(word) => {
            Line::from("The header ").code(format!("Authorization: {word}")).text(" with the key")
        }
        SecurityKind::MutualTls(part) => {
            Line::from("A certificate of the client, known by its ").code(part.word())
        }
        SecurityKind::ApiKey { place, name } => {
            let place = match place {
                ApiKeyPlace::Query => "the parameter of the query ",
                ApiKeyPlace::Header => "the header ",
                ApiKeyPlace::Cookie => "the cookie ",
                ApiKeyPlace::Parameter => "the operation's parameter ",
            };
            Line::from("The key in ").text(place).code(&**name)
        }
    }
}

fn milliseconds(milliseconds: i64) -> String {
    match milliseconds % 1000 {
        0 => seconds(milliseconds / 1000),
        _ => format!("{milliseconds} milliseconds"),
    }
}

fn seconds(seconds: i64) -> String {
    let (count, unit) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3600 == 0 => (s / 3600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    if count == 1 {
        format!("a {unit}").replace("a hour", "an hour")
    } else {
        format!("{count} {unit}s")
    }
}

/// The operations that something concerns, if it is not all.
fn concerned(mut line: Line, of: &Concerned) -> Line {
    if let Some(methods) = &of.methods {
        line = line.text(", by the methods ").codes(methods.iter().map(http::Method::as_str));
    }
    if let Some(tags) = &of.tags {
        line = line.text(", to operations with the tags ").codes(tags.iter().map(|tag| &**tag));
    }
    if !of.except.is_empty() {
        line = line.text(", but not to ").codes(of.except.iter().map(|id| &**id));
    }
    line
}
