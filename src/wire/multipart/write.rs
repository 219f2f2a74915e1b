//! Writing a body of several parts.

use memchr::memmem;

/// A part that is to be written.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// Its name; that of a form has one.
    pub name: Option<String>,
    /// What others call it.
    pub id: Option<String>,
    /// The name of the file that it is.
    pub filename: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// Its content.
    pub content: Vec<u8>,
}

/// A boundary that stands in none of the parts; the same for the same parts.
pub fn unused_boundary(parts: &[Outgoing]) -> String {
    let mut number = 1_u64;
    loop {
        let boundary = format!("counterpart-part-{number}");
        let within = |bytes: &[u8]| memmem::find(bytes, boundary.as_bytes()).is_some();
        if !parts.iter().any(|part| within(&part.content)) {
            return boundary;
        }
        number += 1;
    }
}

/// Appends a body of those parts.
pub fn write(parts: &[Outgoing], boundary: &str, out: &mut Vec<u8>) {
    for part in parts {
        let mut head = format!("--{boundary}");
        match (&part.name, &part.filename) {
            (Some(name), _) => {
                head.push_str("\r\nContent-Disposition: form-data; name=\"");
                head.push_str(&escaped(name));
                head.push('"');
            }
            (None, Some(_)) => head.push_str("\r\nContent-Disposition: attachment"),
            (None, None) => {}
        }
        if let Some(filename) = &part.filename {
            head.push_str("; filename=\"");
            head.push_str(&escaped(filename));
            head.push('"');
        }
        if let Some(id) = &part.id {
            head.push_str("\r\nContent-ID: <");
            head.push_str(id);
            head.push('>');
        }
        if let Some(content_type) = &part.content_type {
            head.push_str("\r\nContent-Type: ");
            head.push_str(content_type);
        }
        head.push_str("\r\n\r\n");
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&part.content);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
}

/// As browsers write names; a backslash, which they leave alone, would escape what comes next.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
