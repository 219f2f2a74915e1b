//! JSON Web Tokens (RFC 7519), signed with a secret (RFC 7515, and RFC 7518, section 3.2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::{Call, Outcome};
use crate::expression::cost::Fault;
use crate::expression::operators::kind;
use crate::value::{Map, Value};
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// What signs a token.
struct Algorithm {
    name: &'static str,
    sign: fn(&str, &str) -> Option<Vec<u8>>,
    /// Whether it is the signature of a text, in a time that tells nothing of where it differs.
    verify: fn(&str, &str, &[u8]) -> bool,
}

const ALGORITHMS: [Algorithm; 3] = [
    algorithm::<Hmac<Sha256>>("HS256"),
    algorithm::<Hmac<Sha384>>("HS384"),
    algorithm::<Hmac<Sha512>>("HS512"),
];

const fn algorithm<M: Mac + KeyInit>(name: &'static str) -> Algorithm {
    Algorithm {
        name,
        sign: |key, text| Some(mac::<M>(key, text)?.finalize().into_bytes().to_vec()),
        verify: |key, text, signature| {
            mac::<M>(key, text).is_some_and(|mac| mac.verify_slice(signature).is_ok())
        },
    }
}

fn mac<M: Mac + KeyInit>(key: &str, text: &str) -> Option<M> {
    // A key of any length is taken.
    let mac = <M as KeyInit>::new_from_slice(key.as_bytes()).ok()?;
    Some(mac.chain_update(text))
}

fn chosen(call: &Call<'_>) -> Result<&'static Algorithm, Fault> {
    let name = call.word(1)?.unwrap_or("HS256");
    let known = ALGORITHMS.iter().find(|algorithm| algorithm.name == name);
    known.ok_or_else(|| Fault::misfit("the algorithm is `HS256`, `HS384` or `HS512`"))
}

fn secret(call: &Call<'_>) -> Result<String, Fault> {
    match call.some(0).map(Value::scalar_text) {
        None => Ok(String::new()),
        Some(Some(text)) => Ok(text.to_string()),
        Some(None) => Err(Fault::misfit("a key is a text")),
    }
}

/// A map of claims as a signed token; further members of its header stand in the third argument.
pub(super) fn jwt(call: &mut Call<'_>) -> Outcome {
    let (algorithm, key) = (chosen(call)?, secret(call)?);
    let Some(claims) = call.value.filter(|value| value.members().is_some()) else {
        let message = format!("{} is not a map of claims", kind(call.value));
        return Err(Fault::misfit(message));
    };
    let mut header = Map::new();
    header.insert("alg", algorithm.name.into());
    header.insert("typ", "JWT".into());
    for (name, value) in call.some(2).and_then(Value::members).into_iter().flatten() {
        if &**name != "alg" {
            header.insert(name.clone(), value.clone());
        }
    }
    let mut signed = encoded(&Value::map(header))?;
    signed.push('.');
    signed.push_str(&encoded(claims)?);
    call.budget.spend_text(signed.len())?;
    let signature = (algorithm.sign)(&key, &signed).unwrap_or_default();
    Ok(Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).into()))
}

/// The claims of a token that was signed with the key, by that algorithm and no other; null for
/// any other text. Whether it is over is not looked at.
pub(super) fn from_jwt(call: &mut Call<'_>) -> Outcome {
    let (algorithm, key) = (chosen(call)?, secret(call)?);
    let Some(Value::Text(token)) = call.value else { return Ok(Some(Value::Null)) };
    call.budget.spend_text(token.len())?;
    Ok(Some(claims(token, algorithm, &key).unwrap_or_default()))
}

fn claims(token: &str, algorithm: &Algorithm, key: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header = decoded(header)?;
    if header.get("alg")?.as_str()? != algorithm.name {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !(algorithm.verify)(key, signed, &signature) {
        return None;
    }
    decoded(claims).filter(|claims| claims.members().is_some())
}

fn encoded(value: &Value) -> Result<String, Fault> {
    let mut text = Vec::new();
    Json.encode(value, &mut text).map_err(|error| Fault::misfit(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

fn decoded(part: &str) -> Option<Value> {
    let text = URL_SAFE_NO_PAD.decode(part).ok()?;
    Some(Json.decode(&text, &Limits::default()).ok()?.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_key_signed_has_claims() {
        // The token of https://jwt.io, which others signed.
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
                     eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
                     SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        let [short, _, long] = &ALGORITHMS;
        let read = claims(token, short, "your-256-bit-secret").unwrap();
        assert_eq!(read.get("name").and_then(Value::as_str), Some("John Doe"));
        assert_eq!(claims(token, short, "another"), None);
        assert_eq!(claims(token, long, "your-256-bit-secret"), None);
        // Unsigned, cut, and with other claims.
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"2"}"#);
        for wrong in [
            format!("{none}.{}.", parts[1]),
            format!("{}.{}", parts[0], parts[1]),
            format!("{}.{other}.{}", parts[0], parts[2]),
            "a.b.c".to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(claims(&wrong, short, "your-256-bit-secret"), None, "{wrong}");
        }
    }
}
