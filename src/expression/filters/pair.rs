//! Pairs of keys as filters have them; a build without TLS has none.

#[cfg(feature = "tls")]
pub(super) use with::{jwk, keys, name, named, sign};
#[cfg(not(feature = "tls"))]
pub(super) use without::{jwk, keys, name, named, sign};

#[cfg(feature = "tls")]
pub(super) use crate::signing::Algorithm;
#[cfg(not(feature = "tls"))]
pub(super) use without::Algorithm;

#[cfg(feature = "tls")]
mod with {
    use std::sync::Arc;

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use crate::expression::cost::Fault;
    use crate::signing::{self, Algorithm, PublicKey};
    use crate::value::{Map, Value};

    pub(in super::super) use signing::sign;

    /// A key with its id.
    type Known = (Option<Arc<str>>, PublicKey);

    const NAMES: [(Algorithm, &str); 2] =
        [(Algorithm::Rs256, "RS256"), (Algorithm::Es256, "ES256")];

    pub(in super::super) fn name(algorithm: Algorithm) -> &'static str {
        NAMES.iter().find(|(known, _)| *known == algorithm).map_or("", |(_, name)| name)
    }

    pub(in super::super) fn named(name: &str) -> Result<Option<Algorithm>, Fault> {
        Ok(NAMES.iter().find(|(_, known)| *known == name).map(|(algorithm, _)| *algorithm))
    }

    /// Keys with their ids: a text in PEM, a JWK, a list of these, or a map with `keys`.
    pub(in super::super) fn keys(value: Option<&Value>) -> Result<Vec<Known>, String> {
        match value {
            None => Ok(Vec::new()),
            Some(Value::Text(pem)) => Ok(vec![(None, PublicKey::from_pem(pem)?)]),
            Some(Value::List(items)) => {
                let all: Result<Vec<_>, _> = items.iter().map(|item| keys(Some(item))).collect();
                Ok(all?.into_iter().flatten().collect())
            }
            Some(value) => match value.get("keys") {
                Some(all) => keys(Some(all)),
                None => {
                    let id = value.get("kid").and_then(Value::scalar_text);
                    // A set may have keys for something else.
                    Ok(of_jwk(value).map(|key| (id, key)).into_iter().collect())
                }
            },
        }
    }

    fn of_jwk(value: &Value) -> Option<PublicKey> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let number = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        match (text("kty")?, text("crv")) {
            ("RSA", _) => Some(PublicKey::Rsa { n: number("n")?, e: number("e")? }),
            ("EC", Some("P-256")) => Some(PublicKey::P256 { x: number("x")?, y: number("y")? }),
            _ => None,
        }
    }

    /// What a JWK says of the public key of a text in PEM.
    pub(in super::super) fn jwk(pem: &str) -> Result<Value, String> {
        let encoded = |number: &[u8]| Value::from(URL_SAFE_NO_PAD.encode(number));
        let (algorithm, members) = match PublicKey::from_pem(pem)? {
            PublicKey::Rsa { n, e } => {
                let members = vec![("kty", "RSA".into()), ("n", encoded(&n)), ("e", encoded(&e))];
                (Algorithm::Rs256, members)
            }
            PublicKey::P256 { x, y } => {
                let curve = [("kty", "EC".into()), ("crv", "P-256".into())];
                let point = [("x", encoded(&x)), ("y", encoded(&y))];
                (Algorithm::Es256, curve.into_iter().chain(point).collect())
            }
        };
        let used = [("alg", name(algorithm).into()), ("use", "sig".into())];
        let members = members.into_iter().chain(used);
        Ok(Value::map(members.map(|(name, value)| (name.into(), value)).collect::<Map>()))
    }
}

#[cfg(not(feature = "tls"))]
mod without {
    use std::sync::Arc;

    use crate::expression::cost::Fault;
    use crate::value::Value;

    const NONE: &str = "`RS256` and `ES256` need a build with the feature `tls`";

    /// A key with its id.
    type Known = (Option<Arc<str>>, PublicKey);

    #[derive(Clone, Copy)]
    pub(in super::super) enum Algorithm {}

    pub(in super::super) struct PublicKey;

    impl PublicKey {
        #[expect(clippy::unused_self, reason = "there is none without the feature")]
        pub(in super::super) fn verifies(&self, algorithm: Algorithm, _: &[u8], _: &[u8]) -> bool {
            match algorithm {}
        }
    }

    pub(in super::super) fn name(algorithm: Algorithm) -> &'static str {
        match algorithm {}
    }

    pub(in super::super) fn named(name: &str) -> Result<Option<Algorithm>, Fault> {
        match name {
            "RS256" | "ES256" => Err(Fault::misfit(NONE)),
            _ => Ok(None),
        }
    }

    pub(in super::super) fn sign(
        _: &str,
        algorithm: Algorithm,
        _: &[u8],
    ) -> Result<Vec<u8>, String> {
        match algorithm {}
    }

    pub(in super::super) fn keys(_: Option<&Value>) -> Result<Vec<Known>, String> {
        Err(NONE.to_owned())
    }

    pub(in super::super) fn jwk(_: &str) -> Result<Value, String> {
        Err(NONE.to_owned())
    }
}
