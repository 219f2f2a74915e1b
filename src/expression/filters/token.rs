//! JSON Web Tokens (RFC 7519), signed with a secret (RFC 7518, section 3.2) or with a pair of keys
//! (sections 3.3 and 3.4), which are in PEM or JSON Web Keys (RFC 7517).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::{Call, Outcome, pair};
use crate::clock;
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

/// What a signature with a pair of keys costs, in steps.
const PAIR: usize = 1000;

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

/// What a token is signed by.
enum Signs {
    Secret(&'static Algorithm),
    Pair(pair::Algorithm),
}

impl Signs {
    fn name(&self) -> &'static str {
        match self {
            Self::Secret(algorithm) => algorithm.name,
            Self::Pair(algorithm) => pair::name(*algorithm),
        }
    }
}

fn chosen(call: &Call<'_>) -> Result<Signs, Fault> {
    let name = call.word(1)?.unwrap_or("HS256");
    if let Some(known) = ALGORITHMS.iter().find(|algorithm| algorithm.name == name) {
        return Ok(Signs::Secret(known));
    }
    pair::named(name)?.map(Signs::Pair).ok_or_else(|| {
        Fault::misfit("the algorithm is `HS256`, `HS384`, `HS512`, `RS256` or `ES256`")
    })
}

fn secret(call: &Call<'_>) -> Result<String, Fault> {
    match call.some(0).map(Value::scalar_text) {
        None => Ok(String::new()),
        Some(Some(text)) => Ok(text.to_string()),
        Some(None) => Err(Fault::misfit("a key is a string")),
    }
}

/// A map of claims as a signed token; further members of its header stand in the third argument.
pub(super) fn jwt(call: &mut Call<'_>) -> Outcome {
    let (signs, key) = (chosen(call)?, secret(call)?);
    let Some(claims) = call.value.filter(|value| value.members().is_some()) else {
        let message = format!("{} is not a map of claims", kind(call.value));
        return Err(Fault::misfit(message));
    };
    let mut header = Map::new();
    header.insert("alg", signs.name().into());
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
    let signature = match signs {
        Signs::Secret(algorithm) => (algorithm.sign)(&key, &signed).unwrap_or_default(),
        Signs::Pair(algorithm) => {
            call.budget.spend(PAIR)?;
            pair::sign(&key, algorithm, signed.as_bytes()).map_err(Fault::misfit)?
        }
    };
    Ok(Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).into()))
}

/// The claims of a token that was signed with the key, by that algorithm and no other; null for
/// any other text. Whether it is over is not looked at.
pub(super) fn from_jwt(call: &mut Call<'_>) -> Outcome {
    Ok(Some(read(call)?.unwrap_or_default()))
}

/// Why a text is not a token of the key: a word, or null where it is one. Whether it is over, or
/// has not begun, is looked at where a time is given.
pub(super) fn jwt_error(call: &mut Call<'_>) -> Outcome {
    let claims = match read(call)? {
        Ok(claims) => claims,
        Err(wrong) => return Ok(Some(wrong.word().into())),
    };
    let Some(at) = call.some(2) else { return Ok(Some(Value::Null)) };
    let at = at.as_str().and_then(clock::parse_timestamp);
    let at = at.ok_or_else(|| Fault::misfit("`at` is not a time"))?;
    let seconds = |name: &str| claims.get(name).and_then(Value::floor_to_i64);
    let wrong = match (seconds("exp"), seconds("nbf")) {
        (Some(end), _) if end <= at.as_second() => Some(Wrong::Expired),
        (_, Some(begin)) if begin > at.as_second() => Some(Wrong::Early),
        _ => None,
    };
    Ok(Some(wrong.map_or(Value::Null, |wrong| wrong.word().into())))
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It is not three parts, or they cannot be read.
    Malformed,
    /// It says that another algorithm signed it.
    Algorithm,
    /// The key did not sign it.
    Signature,
    /// It has ended.
    Expired,
    /// It has not begun.
    Early,
}

impl Wrong {
    fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::Early => "early",
        }
    }
}

fn read(call: &mut Call<'_>) -> Result<Result<Value, Wrong>, Fault> {
    let signs = chosen(call)?;
    let Some(Value::Text(token)) = call.value else { return Ok(Err(Wrong::Malformed)) };
    call.budget.spend_text(token.len())?;
    match signs {
        Signs::Secret(algorithm) => {
            let key = secret(call)?;
            Ok(claims(token, algorithm.name, |_, signed, signature| {
                (algorithm.verify)(&key, signed, signature)
            }))
        }
        Signs::Pair(algorithm) => {
            call.budget.spend(PAIR)?;
            let keys = pair::keys(call.some(0)).map_err(Fault::misfit)?;
            Ok(claims(token, signs.name(), |id, signed, signature| {
                let fits = |(known, _): &&(Option<Arc<str>>, _)| {
                    id.is_none_or(|id| known.as_deref().is_none_or(|known| known == id))
                };
                let mut fitting = keys.iter().filter(fits);
                fitting.any(|(_, key)| key.verifies(algorithm, signed.as_bytes(), signature))
            }))
        }
    }
}

/// A public key as the members that a JWK has.
pub(super) fn jwk(call: &mut Call<'_>) -> Outcome {
    let pem = call.scalar()?;
    call.budget.spend(PAIR)?;
    pair::jwk(&pem).map(Some).map_err(Fault::misfit)
}

/// The claims of a token of that algorithm; `verifies` is told the id of its key, what is signed,
/// and the signature.
fn claims(
    token: &str,
    algorithm: &str,
    verifies: impl FnOnce(Option<&str>, &str, &[u8]) -> bool,
) -> Result<Value, Wrong> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Wrong::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Wrong::Malformed)?;
    let map = |part: &str| decoded(part).filter(|value| value.members().is_some());
    let header = map(header).ok_or(Wrong::Malformed)?;
    let claims = map(claims).ok_or(Wrong::Malformed)?;
    if header.get("alg").and_then(Value::as_str) != Some(algorithm) {
        return Err(Wrong::Algorithm);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Wrong::Malformed)?;
    let id = header.get("kid").and_then(Value::as_str);
    match verifies(id, signed, &signature) {
        true => Ok(claims),
        false => Err(Wrong::Signature),
    }
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
        let read_by = |token: &str, algorithm: &Algorithm, key: &str| {
            claims(token, algorithm.name, |_, signed, signature| {
                (algorithm.verify)(key, signed, signature)
            })
        };
        let read = read_by(token, short, "your-256-bit-secret").unwrap();
        assert_eq!(read.get("name").and_then(Value::as_str), Some("John Doe"));
        assert_eq!(read_by(token, short, "another"), Err(Wrong::Signature));
        assert_eq!(read_by(token, long, "your-256-bit-secret"), Err(Wrong::Algorithm));
        // Unsigned, cut, and with other claims.
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let other = URL_SAFE_NO_PAD.encode(r#"{"sub":"2"}"#);
        for (text, wrong) in [
            (format!("{none}.{}.", parts[1]), Wrong::Algorithm),
            (format!("{}.{other}.{}", parts[0], parts[2]), Wrong::Signature),
            (format!("{}.{}.%", parts[0], parts[1]), Wrong::Malformed),
            (format!("{}.{}", parts[0], parts[1]), Wrong::Malformed),
            ("a.b.c".to_owned(), Wrong::Malformed),
            ("..".to_owned(), Wrong::Malformed),
            (String::new(), Wrong::Malformed),
        ] {
            assert_eq!(read_by(&text, short, "your-256-bit-secret"), Err(wrong), "{text}");
        }
    }
}
