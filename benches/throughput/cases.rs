//! What is asked. `7777777777` stands for a number that is never the same.

use crate::Failure;
use crate::load::{Answered, CONNECTIONS, Template};

/// The number of the request that is only sent to see what comes back.
pub const SAMPLE: u64 = 1_000_000_000;

/// The number of the first measured request.
pub const FIRST: u64 = 2_000_000_000;

/// A kind of request that is measured.
pub struct Case {
    pub name: &'static str,
    /// Sent before; the number behind `"id":` in its answer replaces `{id}` in the request.
    pub before: Option<String>,
    pub request: String,
    /// What it is answered with.
    pub status: u16,
    /// By how many connections it is asked at once.
    pub connections: usize,
}

impl Case {
    /// The same with nothing left to be sent before.
    pub fn prepared(
        &self,
        send: impl Fn(&[u8]) -> Result<Answered, Failure>,
    ) -> Result<Self, Failure> {
        let mut request = self.request.clone();
        if let Some(before) = &self.before {
            let answered = send(&Template::new(before).render(SAMPLE))?;
            let text = answered.text();
            let id = text.split_once("\"id\"").map(|(_, rest)| rest).unwrap_or_default();
            let id: String = id
                .chars()
                .skip_while(|c| matches!(c, ':' | ' ' | '"'))
                .take_while(char::is_ascii_digit)
                .collect();
            request = request.replace("{id}", &id);
        }
        Ok(Self {
            name: self.name,
            before: None,
            request,
            status: self.status,
            connections: self.connections,
        })
    }
}

pub fn all() -> Vec<Case> {
    vec![
        get_by_id(),
        json_create(),
        form_create(),
        xml_create(),
        soap_create(),
        json_rejected(),
        unknown_id(),
        unknown_path(),
        description(),
    ]
}

/// The same requests by fewer and by more connections, and in many sessions.
pub fn under_other_loads() -> Vec<Case> {
    let headers = ["Content-Type: application/json"];
    let path = "/@s6666666666/loyaltii/api/v1/Contacts";
    let in_sessions = request("POST", path, &headers, JSON_CONTACT);
    vec![
        Case { name: "GET, 1 at once", connections: 1, ..get_by_id() },
        Case { name: "GET, 256 at once", connections: 256, ..get_by_id() },
        Case { name: "JSON, 1 at once", connections: 1, ..json_create() },
        Case { name: "JSON, 256 at once", connections: 256, ..json_create() },
        Case { name: "1,000 sessions", request: in_sessions, ..json_create() },
    ]
}

/// For the HTTP layer alone.
pub fn constant_get() -> Case {
    let request = request("GET", "/constant/7777777777", &[], "");
    Case { name: "HTTP layer, GET", before: None, request, status: 200, connections: CONNECTIONS }
}

/// For the HTTP layer alone.
pub fn constant_post() -> Case {
    let request = request("POST", "/constant", &["Content-Type: application/json"], JSON_CONTACT);
    Case { name: "HTTP layer, POST", before: None, request, status: 200, connections: CONNECTIONS }
}

fn get_by_id() -> Case {
    let path = "/quentn/public/api/V1/contact";
    let authorization = "Authorization: Bearer quentn-key";
    let contact = r#"{"contact":{"first_name":"John","family_name":"Doe","mail":"john.doe@example.com"},"duplicate_check_method":"none"}"#;
    let create = request("POST", path, &[authorization, "Content-Type: application/json"], contact);
    let get = request("GET", &format!("{path}/{{id}}"), &[authorization], "");
    Case {
        name: "GET by id",
        before: Some(create),
        request: get,
        status: 200,
        connections: CONNECTIONS,
    }
}

const JSON_CONTACT: &str = r#"{"RegistrationSource":"throughput","Email":"c7777777777@example.com","PhoneCountryCode":"+47","Phone":"7777777777","FirstName":"F7777777777","LastName":"L7777777777"}"#;

fn json_create() -> Case {
    let headers = ["Content-Type: application/json"];
    let request = request("POST", "/loyaltii/api/v1/Contacts", &headers, JSON_CONTACT);
    Case { name: "JSON create", before: None, request, status: 201, connections: CONNECTIONS }
}

/// Refused, for it lacks a member that is required.
fn json_rejected() -> Case {
    let headers = ["Content-Type: application/json"];
    let body = JSON_CONTACT.replace(r#""RegistrationSource":"throughput","#, "");
    let request = request("POST", "/loyaltii/api/v1/Contacts", &headers, &body);
    Case { name: "JSON rejected", before: None, request, status: 400, connections: CONNECTIONS }
}

/// A contact that is not there.
fn unknown_id() -> Case {
    let authorization = "Authorization: Bearer quentn-key";
    let path = "/quentn/public/api/V1/contact/7777777777";
    let request = request("GET", path, &[authorization], "");
    Case { name: "unknown id", before: None, request, status: 404, connections: CONNECTIONS }
}

/// A path that no vendor has.
fn unknown_path() -> Case {
    let path = "/quentn/public/api/V1/nothing/7777777777";
    let request = request("GET", path, &[], "");
    Case { name: "unknown path", before: None, request, status: 404, connections: CONNECTIONS }
}

/// The description of a SOAP service.
fn description() -> Case {
    let request = request("GET", "/cake/api/1/addedit.asmx?wsdl", &[], "");
    Case { name: "WSDL", before: None, request, status: 200, connections: CONNECTIONS }
}

fn form_create() -> Case {
    let body = "RegistrationSource=throughput&Email=f7777777777%40example.com&PhoneCountryCode=%2B48\
        &Phone=17777777777&FirstName=G7777777777&LastName=M7777777777";
    let headers = ["Content-Type: application/x-www-form-urlencoded"];
    let request = request("POST", "/loyaltii/api/v1/Contacts", &headers, body);
    Case { name: "form create", before: None, request, status: 201, connections: CONNECTIONS }
}

fn xml_create() -> Case {
    let body = "<contact>
  <email>c7777777777@example.com</email>
  <standard_fields>
    <field>
      <name>LASTNAME</name>
      <value>Mustermann</value>
    </field>
    <field>
      <name>FIRSTNAME</name>
      <value>Max</value>
    </field>
  </standard_fields>
  <custom_fields>
    <field>
      <name>COLOR</name>
      <value>BLUE</value>
    </field>
  </custom_fields>
</contact>";
    let headers = [
        "Content-Type: application/vnd.maileon.api+xml; charset=utf-8",
        // The base64 form of `maileon-key-0001`.
        "Authorization: Basic bWFpbGVvbi1rZXktMDAwMQ==",
    ];
    let path = "/maileon/1.0/contacts/externalid/7777777777";
    let request = request("POST", path, &headers, body);
    Case { name: "XML create", before: None, request, status: 201, connections: CONNECTIONS }
}

fn soap_create() -> Case {
    let parameters = [
        ("api_key", "cake-key"),
        ("entity_type", "affiliate"),
        ("entity_id", "123456"),
        ("contact_id", "0"),
        ("include_in_mass_email", "true"),
        ("contact_first_name", "F7777777777"),
        ("contact_middle_name", "MiddleName"),
        ("contact_last_name", "L7777777777"),
        ("contact_email_address", "c7777777777@example.com"),
        ("contact_password", "Password"),
        ("contact_title", "Director"),
        ("contact_department_id", "0"),
        ("contact_phone_work", "949-548-2253"),
        ("contact_phone_cell", "555-867-5309"),
        ("contact_phone_fax", "123-456-7890"),
        ("contact_im_service", "1"),
        ("contact_im_name", "ContactName"),
        ("contact_timezone", "PST"),
        ("contact_language_id", "0"),
    ];
    let parameters = parameters.map(|(name, value)| format!("      <{name}>{value}</{name}>\n"));
    let body = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
  <soap:Body>
    <Contact xmlns="http://cakemarketing.com/api/1/">
{}    </Contact>
  </soap:Body>
</soap:Envelope>"#,
        parameters.concat()
    );
    let headers = [
        "Content-Type: text/xml; charset=utf-8",
        "SOAPAction: \"http://cakemarketing.com/api/1/Contact\"",
    ];
    let request = request("POST", "/cake/api/1/addedit.asmx", &headers, &body);
    Case { name: "SOAP create", before: None, request, status: 200, connections: CONNECTIONS }
}

fn request(method: &str, path: &str, headers: &[&str], body: &str) -> String {
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "Host: 127.0.0.1".to_owned()];
    lines.extend(headers.iter().map(|&header| header.to_owned()));
    if method != "GET" {
        lines.push(format!("Content-Length: {}", body.len()));
    }
    format!("{}\r\n\r\n{body}", lines.join("\r\n"))
}
