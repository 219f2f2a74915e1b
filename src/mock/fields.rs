//! The fields of an answer as the journal keeps them: as few bytes as they have, in one piece, for
//! there are thousands of answers of which hardly any is ever looked at.

use bytes::Bytes;
use http::HeaderMap;

use super::draft;

/// Fields in order: names in lower case, and values as they were sent.
#[derive(Debug, Default)]
pub struct Fields(Bytes);

impl Fields {
    /// Those of a message.
    pub fn new(headers: &HeaderMap) -> Self {
        let mut bytes = draft::begin();
        for (name, value) in headers {
            // Neither can have one of these (RFC 9110 section 5).
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.push(b':');
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(b'\n');
        }
        Self(draft::end(bytes))
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let lines = self.0.split(|byte| *byte == b'\n');
        lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            Some((std::str::from_utf8(name).ok()?, value.get(1..)?))
        })
    }

    /// How many bytes they take.
    pub(super) fn size(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn fields_are_kept_in_order_and_as_they_are() {
        let lines: [(&str, &[u8]); 5] =
            [("a", b"1"), ("a", b""), ("date", b"x: y:z"), ("b-c", b"\xe4\t"), ("d", b" : ")];
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::from_static(name);
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        assert_eq!(Fields::new(&headers).iter().collect::<Vec<_>>(), lines);
        assert_eq!(Fields::new(&HeaderMap::new()).iter().count(), 0);
    }
}
