//! Ways to show a key, who needs which, and the rate limit.

use std::sync::Arc;

use super::Checker;
use super::records;
use super::scope::Scope;
use super::shape::Shape;
use super::shared::known_tags;
use super::verified::{SENT, Verified, VerifiedKeys};
use crate::diagnostic::Diagnostic;
use crate::model::{
    ApiKeyPlace, CertificatePart, CollectionId, Colon, KeyFields, Operation, Pace, RateLimit,
    RuleKind, SchemeId, SecurityErrors, SecurityKind, SecurityRequirement, SecurityScheme, Tree,
};
use crate::syntax::{Mapping, Node, NodeKind, ReadNode};

#[derive(Clone, Copy)]
enum Scheme {
    Http,
    ApiKey,
    MutualTls,
}

impl<'n> Checker<'n> {
    /// `securitySchemes`, at the positions that their names have.
    pub(super) fn security_schemes(
        &mut self,
        node: Option<&'n Node>,
    ) -> Vec<Option<SecurityScheme>> {
        let entries = node.map_or(&[][..], |node| self.read_members(node));
        let mut schemes = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            self.verified.push(Vec::new());
            schemes.push(self.scheme(&key.value, node));
        }
        schemes
    }

    fn scheme(&mut self, name: &str, node: &'n Node) -> Option<SecurityScheme> {
        let mut mapping = self.open(node, records::SECURITY_SCHEME.called("a security scheme"))?;
        let rule_name = format!("securitySchemes.{name}");
        let rule = self.rule(RuleKind::Security, "scheme", &rule_name, &mut mapping);
        mapping.text("description");
        let words =
            [(Scheme::Http, "http"), (Scheme::ApiKey, "apiKey"), (Scheme::MutualTls, "mutualTLS")];
        let kind = mapping.require("type");
        let kind = kind.and_then(|node| self.read_word(node, "type", &words));
        let verified = VerifiedKeys::take(&mut mapping);
        let keys_node = match verified.steps {
            Some(_) => mapping.take("keys"),
            None => mapping.require("keys"),
        };
        let sign_node = mapping.take("sign");
        if let (Some(sign), None) = (sign_node, verified.steps) {
            let message = "without `steps` nothing checks the signature";
            self.error("contradiction", message, &sign.span, "is not checked");
        }
        let sign = sign_node.and_then(|node| self.sign(node));
        let before_key = keys_node.is_some_and(|keys| key_is_password(node, keys));
        let keys = keys_node.and_then(|node| self.key_fields(node, before_key));
        let errors_node = mapping.take("errors");
        let errors = errors_node.map(|node| self.security_errors(node));
        if let Some(node) = errors_node
            && keys_node.is_none()
            && verified.steps.is_some()
        {
            self.never_given(node);
        }
        let Verified { steps, credential, permissions, names } =
            self.verified(name, &verified, keys.as_ref());
        if let Some(of_this) = self.verified.last_mut() {
            *of_this = names;
        }
        let kind = match kind {
            Some(Scheme::Http) => self.http_scheme(&mut mapping, before_key),
            Some(Scheme::ApiKey) => self.api_key(&mut mapping),
            Some(Scheme::MutualTls) => {
                let part = mapping.word("by", &CertificatePart::WORDS);
                Some(SecurityKind::MutualTls(part.unwrap_or(CertificatePart::CommonName)))
            }
            None => return None,
        };
        mapping.finish();
        if let (Some(SecurityKind::Basic { colon: Colon::None, .. }), Some(keys)) = (&kind, &keys)
            && keys.password.is_some()
        {
            self.error(
                "contradiction",
                "without a colon there is no place for a password",
                &node.span,
                "`colon: none` and `password`",
            );
        }
        Some(SecurityScheme {
            name: name.into(),
            kind: kind?,
            keys: if keys_node.is_some() { Some(keys?) } else { None },
            steps,
            credential,
            permissions,
            sign,
            errors: errors.unwrap_or_default(),
            rule,
        })
    }

    fn http_scheme(&mut self, mapping: &mut Mapping<'n>, before_key: bool) -> Option<SecurityKind> {
        let scheme = mapping.require("scheme")?;
        let word = self.http_word(scheme);
        if let Some(word) = &word
            && !word.value.eq_ignore_ascii_case("basic")
        {
            return Some(SecurityKind::Http(word.value.clone()));
        }
        let words =
            [(Colon::None, "none"), (Colon::Required, "required"), (Colon::Optional, "optional")];
        let colon = mapping.word("colon", &words);
        let form = mapping.word("encoding", &[(true, "form")]).unwrap_or(false);
        word?;
        let colon = if before_key { Colon::BeforeKey } else { colon.unwrap_or(Colon::Required) };
        Some(SecurityKind::Basic { colon, form })
    }

    fn api_key(&mut self, mapping: &mut Mapping<'n>) -> Option<SecurityKind> {
        let words = [
            (ApiKeyPlace::Query, "query"),
            (ApiKeyPlace::Header, "header"),
            (ApiKeyPlace::Cookie, "cookie"),
            (ApiKeyPlace::Parameter, "parameter"),
        ];
        let place = mapping.require("in");
        let place = place.and_then(|node| self.read_word(node, "in", &words));
        let name = mapping.required_text("name");
        Some(SecurityKind::ApiKey { place: place?, name: name?.value })
    }

    fn key_fields(&mut self, node: &'n Node, before_key: bool) -> Option<KeyFields> {
        let mut mapping = self.open(node, records::SECURITY_SCHEME_KEYS.called("`keys`"))?;
        let collection = mapping.require("collection");
        let collection = collection.and_then(|node| self.names.collections.resolve(node));
        let key = if before_key { "password" } else { "field" };
        let field = mapping.required_text(key);
        let names = ["field", "password", "expires", "methods", "permissions"];
        let [_, password, expires, methods, permissions] = names.map(|name| mapping.text(name));
        mapping.finish();
        let collection = collection?;
        let all = [&field, &password, &expires, &methods, &permissions];
        for field in all.into_iter().flatten() {
            self.names.check_field(collection, &field.value, &field.span);
        }
        Some(KeyFields {
            collection: CollectionId(collection),
            field: field?.value,
            password: password.filter(|_| !before_key).map(|field| field.value),
            expires: expires.map(|field| field.value),
            methods: methods.map(|field| field.value),
            permissions: permissions.map(|field| field.value),
        })
    }

    fn security_errors(&mut self, node: &'n Node) -> SecurityErrors {
        let Some(mut mapping) = self.open(node, records::SECURITY_SCHEME_ERRORS.called("`errors`"))
        else {
            return SecurityErrors::default();
        };
        let names = ["missing", "unknown", "expired", "method", "permission"];
        let [missing, unknown, expired, method, permission] =
            names.map(|name| mapping.take(name).and_then(|node| self.error_name(node)));
        mapping.finish();
        SecurityErrors { missing, unknown, expired, method, permission }
    }

    /// A `security` list: alternatives.
    pub(super) fn security(&mut self, node: &'n Node) -> Vec<SecurityRequirement> {
        let mut alternatives = Vec::new();
        let alternative = |scheme: &str| Some(format!("{{{scheme}: []}}"));
        for item in self.read_list(node, alternative) {
            let mut schemes = Vec::new();
            for (key, node) in self.read_members(item) {
                let at = self.names.schemes.resolve_name(&key.value, &key.span);
                let permissions: Vec<Arc<str>> = self
                    .read_items(node)
                    .iter()
                    .filter_map(|item| self.read_text(item))
                    .map(|text| text.value)
                    .collect();
                schemes.extend(at.map(|at| (SchemeId(at), permissions)));
            }
            alternatives.push(SecurityRequirement { schemes });
        }
        alternatives
    }

    /// What `credential` is where any scheme may have been used.
    pub(super) fn any_credential(&self) -> Shape {
        let collections = self.names.schemes.list.iter().map(|scheme| {
            if scheme.node.get("credential").is_some() {
                return None;
            }
            let name = scheme.node.get("keys")?.get("collection")?.as_text()?;
            self.names.collections.position(name)
        });
        one_row(collections)
    }

    /// What `credential` is where these alternatives are asked for.
    pub(super) fn credential(
        security: &[SecurityRequirement],
        schemes: &[Option<SecurityScheme>],
    ) -> Shape {
        one_row(security.iter().flat_map(|alternative| &alternative.schemes).map(|(id, _)| {
            let scheme = schemes.get(id.0)?.as_ref()?;
            let keys = scheme.keys.as_ref().filter(|_| scheme.credential.is_none());
            keys.map(|keys| keys.collection.0)
        }))
    }

    /// `rateLimit`: one, or several that all have to leave something.
    pub(super) fn rate_limits(&mut self, node: &'n Node, root: &'n Node) -> Vec<RateLimit> {
        let tags = known_tags(root);
        let Some(items) = node.as_list() else {
            return self.rate_limit(node, "rateLimit", &tags).into_iter().collect();
        };
        let named = items.iter().enumerate();
        let read = named
            .filter_map(|(at, node)| self.rate_limit(node, &format!("rateLimit[{at}]"), &tags));
        read.collect()
    }

    /// Reports limits that no operation has.
    pub(super) fn unused_rate_limits(&mut self, limits: &[RateLimit], operations: &[Operation]) {
        for limit in limits.iter().filter(|limit| !limit.of.is_all()) {
            let rule = self.rules.list.get(limit.rule.0 as usize);
            if let Some(rule) = rule.filter(|_| !operations.iter().any(|one| limit.of.has(one))) {
                let message = "no operation has this limit";
                let told = Diagnostic::error("unused-component", message, &rule.span, "not used");
                self.report(told.warning());
            }
        }
    }

    fn rate_limit(&mut self, node: &'n Node, name: &str, tags: &[&str]) -> Option<RateLimit> {
        let mut scope = self.account_scope();
        for name in SENT {
            scope.add(name, Shape::Any);
        }
        let mut mapping = self.open(node, records::RATE_LIMIT.called("a `rateLimit`"))?;
        let rule = self.rule(RuleKind::RateLimit, "rateLimit", name, &mut mapping);
        self.as_sent = true;
        let limit = mapping.require("limit").and_then(|node| self.amount(node, &scope));
        let pace = self.pace(&mut mapping);
        let cost = mapping.take("cost").map(|node| self.amount(node, &scope));
        let by = mapping.take("by").and_then(|node| self.sole_expression(node, &scope));
        self.as_sent = false;
        let error = mapping.take("error").and_then(|node| self.error_name(node));
        let of = self.concerned(&mut mapping, tags);
        let counts_not_modified = mapping.boolean("countNotModified").unwrap_or(true);
        mapping.finish();
        let amounts = limit.iter().chain(cost.iter().flatten());
        let amounts = amounts.filter_map(|amount| match amount {
            Tree::Expression(expression) => Some(expression),
            _ => None,
        });
        let mut looked_at = amounts.chain(&by).flat_map(|one| one.parsed.references());
        let looks_at_request = looked_at.any(|reference| SENT.contains(&&*reference.root));
        Some(RateLimit {
            limit: limit?,
            pace: pace?,
            cost: cost.flatten(),
            looks_at_request,
            by,
            error,
            of,
            counts_not_modified,
            rule,
        })
    }

    /// How many, by a number or an expression.
    fn amount(&mut self, node: &Node, scope: &Scope) -> Option<Tree> {
        match &node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_) => {
                self.read_integer(node).map(|_| Tree::Constant(node.to_value()))
            }
            NodeKind::Text(_) => self.sole_expression(node, scope).map(Tree::Expression),
            _ => {
                self.wrong_type(node, "a whole number or an expression");
                None
            }
        }
    }

    /// `window` or `refill`.
    fn pace(&mut self, mapping: &mut Mapping<'n>) -> Option<Pace> {
        let window = mapping.take("window");
        let refill = mapping.take("refill");
        match (window, refill) {
            (Some(window), None) => Some(Pace::Window(self.seconds(window)?.saturating_mul(1000))),
            (None, Some(refill)) => self.refill(refill),
            // What lacks its limit too was told.
            (None, None) if mapping.node().get("limit").is_none() => None,
            (None, None) => {
                let message = "a `rateLimit` needs `window` or `refill`";
                self.report(
                    Diagnostic::error(
                        "missing-key",
                        message,
                        &mapping.node().span,
                        "neither `window` nor `refill`",
                    )
                    .help("`window: PT1M`: `limit` requests in each minute; `refill: PT1S`: a bucket of `limit`, into which one comes back each second"),
                );
                None
            }
            (Some(_), Some(refill)) => {
                let message = "a `rateLimit` has either a `window` or a `refill`";
                self.error("bad-rate-limit", message, &refill.span, "beside `window`");
                None
            }
        }
    }

    fn refill(&mut self, node: &'n Node) -> Option<Pace> {
        if node.as_map().is_none() {
            return Some(Pace::Refill { every: self.milliseconds(node)?, by: 1 });
        }
        let mut mapping = self.open(node, records::RATE_LIMIT_REFILL.called("`refill`"))?;
        let every = mapping.require("every");
        let by = mapping.take("by");
        mapping.finish();
        let by = by.map_or(Some(1), |node| {
            let by = self.read_integer(node)?;
            if by < 1 {
                self.error("bad-number", "at least one comes back", &node.span, "less than 1");
                return None;
            }
            Some(by)
        });
        Some(Pace::Refill { every: self.milliseconds(every?)?, by: by? })
    }

    /// A duration of whole milliseconds.
    fn milliseconds(&mut self, node: &'n Node) -> Option<i64> {
        let duration = self.duration(node)?;
        let whole = i64::try_from(duration.as_millis()).ok().filter(|whole| *whole > 0);
        if whole.is_none() {
            self.too_short(node, "a millisecond");
        }
        whole
    }

    /// A duration of whole seconds.
    pub(super) fn seconds(&mut self, node: &'n Node) -> Option<i64> {
        let duration = self.duration(node)?;
        let whole = i64::try_from(duration.as_secs()).ok().filter(|whole| *whole > 0);
        if whole.is_none() {
            self.too_short(node, "a second");
        }
        whole
    }

    fn too_short(&mut self, node: &Node, least: &str) {
        let message = format!("`{}` is shorter than {least}", node.span.text());
        self.error("bad-duration", message, &node.span, "not such a duration");
    }
}

/// Whether `keys` of a basic scheme have only a password: then that is the key, and any user name
/// will do.
fn key_is_password(scheme: &Node, keys: &Node) -> bool {
    let word = scheme.get("scheme").and_then(Node::as_text);
    word.is_some_and(|word| word.eq_ignore_ascii_case("basic"))
        && scheme.get("colon").is_none()
        && keys.get("field").is_none()
        && keys.get("password").is_some()
}

/// A row of the only collection there is, or something unknown.
fn one_row(collections: impl Iterator<Item = Option<usize>>) -> Shape {
    let mut only = None;
    for collection in collections {
        match (only, collection) {
            (None, Some(collection)) => only = Some(collection),
            (Some(known), Some(collection)) if known == collection => {}
            _ => return Shape::Any,
        }
    }
    only.map_or(Shape::Any, |collection| Shape::Row(CollectionId(collection)))
}
