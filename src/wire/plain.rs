//! Bodies without structure: a text, or bytes, which are a text in base64 wherever they are a
//! value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::encoding::{Encoding, Unmappable};
use super::{DecodeError, Decoded, EncodeError, Limits, Wire};
use crate::value::Value;

/// A text.
#[derive(Debug, Clone, Copy)]
pub struct Text;

impl Wire for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn textual(&self) -> bool {
        true
    }

    fn decode_in(
        &self,
        body: &[u8],
        charset: Option<Encoding>,
        _: &Limits,
    ) -> Result<Decoded, DecodeError> {
        let text = charset.unwrap_or_default().decode(body)?;
        Ok(Value::text(&*text).into())
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_in(value, Encoding::UTF_8, out)
    }

    fn encode_in(
        &self,
        value: &Value,
        charset: Encoding,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        charset.encode(&scalar(value, "a string")?, Unmappable::Refused, out)
    }
}

/// Bytes.
#[derive(Debug, Clone, Copy)]
pub struct Bytes;

impl Wire for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }

    fn textual(&self) -> bool {
        true
    }

    fn decode_in(
        &self,
        body: &[u8],
        _: Option<Encoding>,
        _: &Limits,
    ) -> Result<Decoded, DecodeError> {
        Ok(value(body).into())
    }

    fn encode(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend(bytes(value)?);
        Ok(())
    }

    fn encode_in(&self, value: &Value, _: Encoding, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode(value, out)
    }
}

/// Bytes as a value.
pub fn value(bytes: &[u8]) -> Value {
    Value::from(STANDARD.encode(bytes))
}

/// The bytes that a text in base64 stands for; null is none.
pub fn bytes(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let text = scalar(value, "bytes in base64")?;
    STANDARD.decode(&*text).map_err(|error| EncodeError::new(format!("not in base64: {error}")))
}

fn scalar(value: &Value, wanted: &str) -> Result<std::sync::Arc<str>, EncodeError> {
    if matches!(value, Value::Null) {
        return Ok("".into());
    }
    value.scalar_text().ok_or_else(|| {
        EncodeError::new(format!("expected {wanted}, found a value of kind {}", value.kind()))
    })
}
