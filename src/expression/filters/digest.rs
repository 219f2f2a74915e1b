//! Filters that write texts and values in another form: digests, encodings, JSON.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};

use super::{Call, Outcome};
use crate::expression::cost::Fault;
use crate::random::encode_hex;
use crate::value::Value;
use crate::wire::json::Json;
use crate::wire::{Limits, Wire};

/// Null stays null; what is neither a text, a number nor a boolean does not fit.
fn of_text(call: &mut Call<'_>, write: impl FnOnce(&mut Call<'_>, &str) -> Outcome) -> Outcome {
    if matches!(call.value, Some(Value::Null)) {
        return Ok(Some(Value::Null));
    }
    let text = call.scalar()?;
    write(call, &text)
}

/// Bytes as the argument says: `hex`, which is the default, `base64` or `base64url`.
fn encoded(call: &Call<'_>, parameter: usize, bytes: &[u8]) -> Outcome {
    let encoded = match call.word(parameter)? {
        None | Some("hex") => encode_hex(bytes),
        Some("base64") => STANDARD.encode(bytes),
        Some("base64url") => URL_SAFE_NO_PAD.encode(bytes),
        Some(_) => return Err(Fault::misfit("the encoding is `hex`, `base64` or `base64url`")),
    };
    Ok(Some(encoded.into()))
}

/// The bytes of a text as the argument says: those in UTF-8, which is the default, or those for
/// which it stands in `hex`, `base64` or `base64url`.
pub(super) fn read<'t>(
    call: &Call<'_>,
    parameter: usize,
    text: &'t str,
) -> Result<Cow<'t, [u8]>, Fault> {
    let decoded = match call.word(parameter)? {
        None | Some("text") => return Ok(Cow::Borrowed(text.as_bytes())),
        Some("hex") => decode_hex(text).ok_or_else(|| "not hexadecimal digits".to_owned()),
        Some("base64") => STANDARD.decode(text).map_err(|error| error.to_string()),
        Some("base64url") => {
            URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|error| error.to_string())
        }
        Some(_) => {
            return Err(Fault::misfit("what is read is `text`, `hex`, `base64` or `base64url`"));
        }
    };
    decoded.map(Cow::Owned).map_err(Fault::misfit)
}

/// Bytes as a text of the form that [`read`] reads.
pub(super) fn write_as_read(call: &Call<'_>, parameter: usize, bytes: Vec<u8>) -> Outcome {
    match call.word(parameter)? {
        None | Some("text") => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.into())),
            Err(_) => Err(Fault::misfit("not a string in UTF-8")),
        },
        Some(_) => encoded(call, parameter, &bytes),
    }
}

/// The bytes that hexadecimal digits stand for.
fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let (pairs, rest) = digits.as_ref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

fn digest<D: Digest>(call: &mut Call<'_>) -> Outcome {
    of_text(call, |call, text| encoded(call, 0, &D::digest(read(call, 1, text)?)))
}

pub(super) fn md5(call: &mut Call<'_>) -> Outcome {
    digest::<Md5>(call)
}

pub(super) fn sha1(call: &mut Call<'_>) -> Outcome {
    digest::<Sha1>(call)
}

pub(super) fn sha256(call: &mut Call<'_>) -> Outcome {
    digest::<Sha256>(call)
}

pub(super) fn sha512(call: &mut Call<'_>) -> Outcome {
    digest::<Sha512>(call)
}

fn authenticate<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Result<Vec<u8>, Fault> {
    let mac = <M as KeyInit>::new_from_slice(key);
    let mac = mac.map_err(|error| Fault::misfit(error.to_string()))?;
    Ok(mac.chain_update(text).finalize().into_bytes().to_vec())
}

/// Makes an authentication code of a key and a text.
type Authenticate = fn(&[u8], &[u8]) -> Result<Vec<u8>, Fault>;

/// RFC 2104.
pub(super) fn hmac(call: &mut Call<'_>) -> Outcome {
    let algorithm = call.word(1)?.unwrap_or("sha256");
    let authenticate: Authenticate = match algorithm {
        "md5" => authenticate::<Hmac<Md5>>,
        "sha1" => authenticate::<Hmac<Sha1>>,
        "sha256" => authenticate::<Hmac<Sha256>>,
        "sha512" => authenticate::<Hmac<Sha512>>,
        _ => return Err(Fault::misfit("the algorithm is `md5`, `sha1`, `sha256` or `sha512`")),
    };
    let key = match call.argument(0) {
        Some(Value::Null) | None => Cow::Borrowed(""),
        Some(key) => match key.scalar_text() {
            Some(text) => Cow::Owned(text.to_string()),
            None => return Err(Fault::misfit("a key is a string")),
        },
    };
    let key = read(call, 4, &key)?.into_owned();
    of_text(call, |call, text| encoded(call, 2, &authenticate(&key, &read(call, 3, text)?)?))
}

/// The checksum of zip, PNG and Ethernet, the highest byte first.
pub(super) fn crc32(call: &mut Call<'_>) -> Outcome {
    of_text(call, |call, text| {
        encoded(call, 1, &crc32fast::hash(&read(call, 0, text)?).to_be_bytes())
    })
}

/// The bytes of a text, written anew.
fn written(call: &mut Call<'_>, write: impl FnOnce(&[u8]) -> String) -> Outcome {
    of_text(call, |call, text| {
        call.budget.spend_text(text.len())?;
        Ok(Some(write(&read(call, 0, text)?).into()))
    })
}

pub(super) fn hex(call: &mut Call<'_>) -> Outcome {
    written(call, encode_hex)
}

pub(super) fn base64(call: &mut Call<'_>) -> Outcome {
    written(call, |bytes| STANDARD.encode(bytes))
}

pub(super) fn base64url(call: &mut Call<'_>) -> Outcome {
    written(call, |bytes| URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn base64_decode(call: &mut Call<'_>) -> Outcome {
    of_text(call, |_, text| {
        let bytes = STANDARD.decode(text).map_err(|error| Fault::misfit(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| Fault::misfit("not a string in UTF-8"))?;
        Ok(Some(text.into()))
    })
}

/// So many decimal digits that follow from a text and, as far as so few can, from no other one.
pub(super) fn digits(call: &mut Call<'_>) -> Outcome {
    // The number that a digest is has 77 digits; from its end all are equally likely.
    const MOST: usize = 64;
    let count = call.count_argument(0)?.unwrap_or(0);
    if count == 0 || count > MOST {
        return Err(Fault::misfit(format!("a string gives 1 to {MOST} digits, not {count}")));
    }
    of_text(call, |_, text| {
        let mut number = Sha256::digest(text).to_vec();
        let mut digits = String::with_capacity(count);
        for _ in 0..count {
            let mut rest = 0_u32;
            for byte in &mut number {
                let value = rest << 8 | u32::from(*byte);
                *byte = u8::try_from(value / 10).unwrap_or_default();
                rest = value % 10;
            }
            digits.extend(char::from_digit(rest, 10));
        }
        Ok(Some(digits.into()))
    })
}

/// RFC 8259, without white space.
pub(super) fn json(call: &mut Call<'_>) -> Outcome {
    let Some(value) = call.value else { return Ok(None) };
    call.budget.spend(crate::expression::operators::size(Some(value)))?;
    let mut text = Vec::new();
    Json.encode(value, &mut text).map_err(|error| Fault::misfit(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| Fault::misfit(error.to_string()))?;
    call.budget.spend_text(text.len())?;
    Ok(Some(text.into()))
}

/// What a text in JSON holds.
pub(super) fn from_json(call: &mut Call<'_>) -> Outcome {
    let Some(Value::Text(text)) = call.value else {
        let kind = crate::expression::operators::kind(call.value);
        return Err(Fault::misfit(format!("{kind} is not a string")));
    };
    call.budget.spend(text.len() / 8)?;
    let decoded = Json.decode(text.as_bytes(), &Limits::default());
    Ok(Some(decoded.map_err(|error| Fault::misfit(error.to_string()))?.value))
}
