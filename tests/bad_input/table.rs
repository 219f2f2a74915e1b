//! The table of bad input.

use super::bodies::{
    deep_json, deep_xml, entities, latin_1, marked, marked_twice, nul, other_operation, replaced,
    too_large, truncated, undeclared_entity, utf_16, with_doctype_file,
};
use super::vendors::Vendor;

const FORM: &str = "/cake/api/1/addedit.asmx/Contact";
const URLENCODED: &[(&str, &str)] = &[("Content-Type", "application/x-www-form-urlencoded")];

/// What is sent.
pub(crate) enum Sent {
    Body(Vec<u8>),
    /// A chunked body that ends in the middle of its second chunk.
    CutOffChunks(String),
}

/// A request.
pub(crate) struct Input {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) sent: Sent,
}

/// How a request differs from the one that the vendor takes.
enum Change {
    /// Another body, made from the good one.
    Body(fn(&Vendor) -> Vec<u8>),
    Text(&'static str),
    /// Another body, without the header that names the operation.
    Unnamed(fn(&Vendor) -> Vec<u8>),
    /// Another value of a header.
    Header(&'static str, &'static str),
    NoHeader(&'static str),
    Path(&'static str),
    Method(&'static str),
    /// Another method on another path, without a body.
    Call(&'static str, &'static str),
    /// Form parameters.
    Form(&'static str),
    CutOffChunks,
}

/// A bad input and what it gets.
pub(crate) struct Row {
    pub(crate) vendor: &'static str,
    pub(crate) what: &'static str,
    change: Change,
    /// What the vendor may answer.
    pub(crate) status: &'static [u16],
    /// What the journal's explanation says, in any case.
    pub(crate) says: &'static str,
}

impl Row {
    pub(crate) fn input(&self, vendor: &Vendor) -> Input {
        let good = || vendor.body.replace("{name}", "bad");
        let mut input = Input {
            method: "POST",
            path: vendor.path.replace("{name}", "bad"),
            headers: vendor.headers.to_vec(),
            sent: Sent::Body(good().into_bytes()),
        };
        match &self.change {
            Change::Body(make) => input.sent = Sent::Body(make(vendor)),
            Change::Text(text) => input.sent = Sent::Body(text.as_bytes().to_vec()),
            Change::Unnamed(make) => {
                input.headers.retain(|(known, _)| *known != "SOAPAction");
                input.sent = Sent::Body(make(vendor));
            }
            Change::Header(name, value) => {
                input.headers.retain(|(known, _)| known != name);
                input.headers.push((name, value));
            }
            Change::NoHeader(name) => input.headers.retain(|(known, _)| known != name),
            Change::Path(path) => (*path).clone_into(&mut input.path),
            Change::Method(method) => input.method = method,
            Change::Call(method, path) => {
                input.method = method;
                (*path).clone_into(&mut input.path);
                input.sent = Sent::Body(Vec::new());
            }
            Change::Form(parameters) => {
                FORM.clone_into(&mut input.path);
                input.headers = URLENCODED.to_vec();
                input.sent = Sent::Body(parameters.as_bytes().to_vec());
            }
            Change::CutOffChunks => input.sent = Sent::CutOffChunks(good()),
        }
        input
    }
}

const fn row(
    vendor: &'static str,
    what: &'static str,
    change: Change,
    status: &'static [u16],
    says: &'static str,
) -> Row {
    Row { vendor, what, change, status, says }
}

pub(crate) fn rows() -> Vec<Row> {
    use Change::{Body, Call, CutOffChunks, Form, Header, Method, NoHeader, Path, Text, Unnamed};
    vec![
        // Bodies that are not XML, or not the right one.
        row("maileon", "no XML", Text("hello"), &[400], "xml"),
        row("maileon", "JSON as XML", Text("{\"email\": \"a@example.com\"}"), &[400], "xml"),
        row("maileon", "no body", Text(""), &[400], "body"),
        row(
            "maileon",
            "wrong root",
            Text("<person><email>a@example.com</email></person>"),
            &[400],
            "person",
        ),
        row("maileon", "truncated", Body(truncated), &[400], "line"),
        row("maileon", "bytes that are not UTF-8", Body(latin_1), &[400], "utf-8"),
        row("maileon", "half a unit of UTF-16", Body(utf_16), &[400], "utf-16"),
        row("maileon", "two byte order marks", Body(marked_twice), &[400], "line"),
        row("maileon", "a byte too many", Body(too_large), &[413, 400], "10485760"),
        row("maileon", "200 levels", Body(deep_xml), &[400], "128"),
        row("maileon", "a DTD with entities", Body(entities), &[400], "document type definition"),
        row(
            "maileon",
            "a DTD with a file",
            Body(with_doctype_file),
            &[400],
            "document type definition",
        ),
        row("maileon", "an entity that nobody declared", Body(undeclared_entity), &[400], "nbsp"),
        row("maileon", "a NUL", Body(nul), &[400], "character"),
        row("maileon", "a NUL by reference", Body(|v| replaced(v, b"&#0;")), &[400], "&#0;"),
        row(
            "maileon",
            "a charset that is not the body's",
            Header("Content-Type", "application/vnd.maileon.api+xml; charset=utf-16"),
            &[400, 415],
            "utf-16",
        ),
        row(
            "maileon",
            "another media type",
            Header("Content-Type", "text/plain"),
            &[415],
            "text/plain",
        ),
        row("maileon", "no credentials", NoHeader("Authorization"), &[401], "M22"),
        row(
            "maileon",
            "credentials that are no base64",
            Header("Authorization", "Basic %%%"),
            &[401],
            "M22",
        ),
        row("maileon", "unknown path", Call("GET", "/maileon/1.0/nothing"), &[404], "nothing"),
        row("maileon", "unknown version", Call("GET", "/maileon/9.9/ping"), &[404], "9.9"),
        row("maileon", "unknown method", Method("PATCH"), &[405], "patch"),
        row(
            "maileon",
            "query parameter twice",
            Path("/maileon/1.0/contacts/externalid/bad?permission=1&permission=2"),
            &[400],
            "permission",
        ),
        row(
            "maileon",
            "broken percent-encoding in the path",
            Path("/maileon/1.0/contacts/externalid/%zz"),
            &[400],
            "percent-encoding",
        ),
        row(
            "maileon",
            "bytes in the path that are not UTF-8",
            Path("/maileon/1.0/contacts/externalid/%ff"),
            &[400],
            "utf-8",
        ),
        row(
            "maileon",
            "broken percent-encoding in the query",
            Path("/maileon/1.0/contacts/externalid/bad?src=%4"),
            &[400],
            "hexadecimal",
        ),
        row("maileon", "chunked body cut off", CutOffChunks, &[400], "ended"),
        // Bodies that are not JSON, or not the right one.
        row("loyaltii", "no JSON", Text("hello"), &[400], "line 1, column 1"),
        row("loyaltii", "XML as JSON", Text("<Contact/>"), &[400], "line 1, column 1"),
        row("loyaltii", "no body", Text(""), &[400], "a body is required"),
        row("loyaltii", "a list", Text("[]"), &[400], "object"),
        row("loyaltii", "null", Text("null"), &[400], "object"),
        row("loyaltii", "truncated", Body(truncated), &[400], "line"),
        row("loyaltii", "bytes that are not UTF-8", Body(latin_1), &[400], "utf-8"),
        row("loyaltii", "UTF-16", Body(utf_16), &[400], "utf-8"),
        row("loyaltii", "a byte order mark", Body(marked), &[400], "byte order mark"),
        row("loyaltii", "a byte too many", Body(too_large), &[413, 400], "10485760"),
        row("loyaltii", "200 levels", Body(deep_json), &[400], "128"),
        row("loyaltii", "a NUL", Body(nul), &[400], "character"),
        row(
            "loyaltii",
            "a charset that is not the body's",
            Header("Content-Type", "application/json; charset=utf-16"),
            &[400, 415],
            "line 1",
        ),
        row(
            "loyaltii",
            "another media type",
            Header("Content-Type", "text/plain"),
            &[415],
            "text/plain",
        ),
        row("loyaltii", "unknown path", Call("GET", "/loyaltii/api/v1/Nothing"), &[404], "Nothing"),
        row(
            "loyaltii",
            "unknown method",
            Call("DELETE", "/loyaltii/api/v1/Contacts"),
            &[405],
            "delete",
        ),
        row(
            "loyaltii",
            "broken percent-encoding in the path",
            Path("/loyaltii/api/v1/Contacts/%zz"),
            &[400, 404],
            "percent-encoding",
        ),
        row("loyaltii", "chunked body cut off", CutOffChunks, &[400], "ended"),
        // SOAP and forms.
        row("cake", "no XML", Text("hello"), &[400], "outside of the root element"),
        row("cake", "no body", Text(""), &[400], "no root element"),
        row("cake", "no envelope", Text("<person/>"), &[400, 500], "person"),
        row(
            "cake",
            "another element in the envelope",
            Unnamed(other_operation),
            &[400, 500],
            "Person",
        ),
        // The action says what is meant, and what is meant then lacks its first parameter.
        row(
            "cake",
            "another element than the action says",
            Body(other_operation),
            &[200],
            "no key",
        ),
        row("cake", "truncated", Body(truncated), &[400], "line"),
        row("cake", "bytes that are not UTF-8", Body(latin_1), &[400], "utf-8"),
        row("cake", "half a unit of UTF-16", Body(utf_16), &[400], "utf-16"),
        row("cake", "two byte order marks", Body(marked_twice), &[400], "line"),
        row("cake", "a byte too many", Body(too_large), &[413], "10485760"),
        row("cake", "200 levels", Body(deep_xml), &[400, 500], "128"),
        row("cake", "a DTD with entities", Body(entities), &[400, 500], "document type definition"),
        row(
            "cake",
            "a DTD with a file",
            Body(with_doctype_file),
            &[400, 500],
            "document type definition",
        ),
        row("cake", "a NUL", Body(nul), &[400], "character"),
        row(
            "cake",
            "another media type",
            Header("Content-Type", "application/pdf"),
            &[415, 500],
            "application/pdf",
        ),
        row(
            "cake",
            "unknown SOAP action",
            Header("SOAPAction", "\"http://cakemarketing.com/api/1/Nothing\""),
            &[500],
            "Nothing",
        ),
        row(
            "cake",
            "unknown service",
            Call("GET", "/cake/api/1/nothing.asmx/Contact"),
            &[404],
            "nothing.asmx",
        ),
        row(
            "cake",
            "unknown operation",
            Call("GET", "/cake/api/1/addedit.asmx/Nothing"),
            &[404, 500],
            "Nothing",
        ),
        row(
            "cake",
            "unknown method",
            Call("DELETE", "/cake/api/1/addedit.asmx/Contact"),
            &[405, 500],
            "delete",
        ),
        row("cake", "form without parameters", Form(""), &[500], "api_key"),
        row(
            "cake",
            "form parameter twice",
            Form(include_str!("twice.form")),
            &[400, 500],
            "contact_id",
        ),
        row(
            "cake",
            "form with broken percent-encoding",
            Form("api_key=%zz"),
            &[400, 500],
            "hexadecimal",
        ),
        row(
            "cake",
            "broken percent-encoding in the query",
            Call("GET", "/cake/api/1/addedit.asmx/Contact?api_key=%4"),
            &[400, 500],
            "hexadecimal",
        ),
        row("cake", "chunked body cut off", CutOffChunks, &[400], "ended"),
        row("quentn", "no JSON", Text("hello"), &[400], "line 1, column 1"),
        row("quentn", "no body", Text(""), &[400], "a body is required"),
        row("quentn", "a list", Text("[]"), &[400], "object"),
        row("quentn", "null", Text("null"), &[400], "contact"),
        row("quentn", "truncated", Body(truncated), &[400], "line"),
        row("quentn", "bytes that are not UTF-8", Body(latin_1), &[400], "utf-8"),
        row("quentn", "a byte order mark", Body(marked), &[400], "byte order mark"),
        row("quentn", "a byte too many", Body(too_large), &[413, 400], "10485760"),
        row("quentn", "200 levels", Body(deep_json), &[400], "128"),
        row("quentn", "a NUL", Body(nul), &[400], "character"),
        row(
            "quentn",
            "another media type",
            Header("Content-Type", "text/plain"),
            &[400, 415],
            "text/plain",
        ),
        row("quentn", "no credentials", NoHeader("Authorization"), &[401], "no key"),
        row(
            "quentn",
            "unknown key",
            Header("Authorization", "Bearer no-such-key"),
            &[401, 403],
            "key",
        ),
        row(
            "quentn",
            "unknown path",
            Call("GET", "/quentn/public/api/V1/nothing"),
            &[404],
            "nothing",
        ),
        row(
            "quentn",
            "unknown method",
            Call("PATCH", "/quentn/public/api/V1/contact/123"),
            &[405],
            "patch",
        ),
        row(
            "quentn",
            "query parameter twice",
            Call("GET", "/quentn/public/api/V1/contact/123?fields=mail&fields=phone"),
            &[400],
            "fields",
        ),
        row(
            "quentn",
            "broken percent-encoding in the path",
            Call("GET", "/quentn/public/api/V1/contact/%zz"),
            &[400],
            "percent-encoding",
        ),
        row(
            "quentn",
            "broken percent-encoding in the query",
            Call("GET", "/quentn/public/api/V1/contact/123?fields=%4"),
            &[400],
            "hexadecimal",
        ),
        row(
            "quentn",
            "an id beyond every number",
            Call("GET", "/quentn/public/api/V1/contact/99999999999999999999999"),
            &[404],
            "Q01",
        ),
        row("quentn", "chunked body cut off", CutOffChunks, &[400], "ended"),
    ]
}
