//! Many clients at once: each session stays by itself, and nothing fails that is not documented.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use support::client::Client;
use support::served::{Served, control};

const SESSIONS: usize = 100;
const CONNECTIONS: usize = 64;
/// Of five requests each: ten thousand requests.
const VISITS: usize = 2_000;
const VENDORS: [Visit; 4] = [maileon, loyaltii, cake, quentn];

/// Five requests of a client to one vendor in one session. The tag is in all that it stores.
type Visit = fn(&mut Caller<'_>, tag: &str);

/// A client in a session that notes what is not as it should be.
struct Caller<'a> {
    client: &'a mut Client,
    session: &'a str,
    wrong: Vec<String>,
}

impl Caller<'_> {
    /// Sends a request that gets one of these statuses and whose answer holds the text.
    fn call(
        &mut self,
        call: &str,
        headers: &[(&str, &str)],
        body: &str,
        (status, holds): (u16, &str),
    ) -> String {
        let (method, path) = call.split_once(' ').unwrap();
        let path = format!("/@{}{path}", self.session);
        let reply = self.client.send(method, &path, headers, body);
        let text = reply.text();
        if reply.status != status || !text.contains(holds) {
            self.wrong.push(format!("{method} {path} {body}: {} {text}", reply.status));
        }
        text
    }
}

const MAILEON: [(&str, &str); 2] = [
    ("Authorization", "Basic bWFpbGVvbi1rZXktMDAwMQ=="),
    ("Content-Type", "application/vnd.maileon.api+xml; charset=utf-8"),
];
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];
const FORM: [(&str, &str); 1] = [("Content-Type", "application/x-www-form-urlencoded")];
const SOAP_1: [(&str, &str); 1] = [("Content-Type", "text/xml; charset=utf-8")];
const SOAP_2: [(&str, &str); 1] = [("Content-Type", "application/soap+xml; charset=utf-8")];
const QUENTN: [(&str, &str); 2] =
    [("Authorization", "Bearer quentn-key"), ("Content-Type", "application/json")];

fn maileon(caller: &mut Caller<'_>, tag: &str) {
    let path = format!("/maileon/1.0/contacts/externalid/{tag}");
    let contact = |name: &str| {
        format!(
            "<contact><email>{tag}@example.com</email><standard_fields><field><name>LASTNAME\
             </name><value>{name}</value></field></standard_fields></contact>"
        )
    };
    caller.call(&format!("POST {path}"), &MAILEON, &contact("One"), (201, ""));
    let read = format!("GET {path}?standard_field=LASTNAME");
    caller.call(&read, &MAILEON, "", (200, &format!("<external_id>{tag}</external_id>")));
    caller.call(&format!("POST {path}?sync_mode=1"), &MAILEON, &contact(tag), (200, ""));
    caller.call(&read, &MAILEON, "", (200, &format!("<value>{tag}</value>")));
    caller.call(&format!("POST {path}?permission=7"), &MAILEON, &contact("No"), (400, "<message>"));
}

fn loyaltii(caller: &mut Caller<'_>, tag: &str) {
    let path = "POST /loyaltii/api/v1/Contacts";
    let contact = |name: &str| {
        format!(
            r#"{{"RegistrationSource": "load", "Email": "{name}@example.com", "FirstName": "{name}"}}"#
        )
    };
    caller.call(path, &JSON, &contact(tag), (201, tag));
    caller.call(path, &JSON, &contact(tag), (409, ""));
    let form =
        format!("RegistrationSource=load&Email={tag}-form%40example.com&FirstName={tag}-form");
    caller.call(path, &FORM, &form, (201, tag));
    caller.call(path, &JSON, r#"{"FirstName": "No"}"#, (400, "RegistrationSource"));
    caller.call(path, &JSON, r#"{"RegistrationSource": }"#, (400, ""));
}

fn cake(caller: &mut Caller<'_>, tag: &str) {
    let parameters = |name: &str| {
        [
            ("api_key", "cake-key"),
            ("entity_type", "affiliate"),
            ("entity_id", "123456"),
            ("contact_id", "0"),
            ("include_in_mass_email", "true"),
            ("contact_first_name", name),
            ("contact_middle_name", ""),
            ("contact_last_name", "Last"),
            ("contact_email_address", "load@example.com"),
            ("contact_password", ""),
            ("contact_title", tag),
            ("contact_department_id", "0"),
            ("contact_phone_work", ""),
            ("contact_phone_cell", ""),
            ("contact_phone_fax", ""),
            ("contact_im_service", "-1"),
            ("contact_im_name", ""),
            ("contact_timezone", ""),
            ("contact_language_id", "0"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    let form = parameters(tag).map(|(name, value)| format!("{name}={value}")).join("&");
    let envelope = |namespace: &str| {
        let members = parameters(tag).map(|(name, value)| format!("<{name}>{value}</{name}>"));
        let contact = format!(
            "<Contact xmlns='http://cakemarketing.com/api/1/'>{}</Contact>",
            members.concat()
        );
        format!("<s:Envelope xmlns:s='{namespace}'><s:Body>{contact}</s:Body></s:Envelope>")
    };
    let created = format!("<message>Contact {tag} Last Created</message>");
    let created = (200, created.as_str());
    let operation = "/cake/api/1/addedit.asmx/Contact";
    caller.call(&format!("GET {operation}?{form}"), &[], "", created);
    caller.call(&format!("POST {operation}"), &FORM, &form, created);
    let one = envelope("http://schemas.xmlsoap.org/soap/envelope/");
    caller.call("POST /cake/api/1/addedit.asmx", &SOAP_1, &one, created);
    let two = envelope("http://www.w3.org/2003/05/soap-envelope");
    caller.call("POST /cake/api/1/addedit.asmx", &SOAP_2, &two, created);
    // The one failure of a server that is documented.
    let missing = (500, "Missing parameter: entity_type.");
    caller.call(&format!("GET {operation}?api_key=cake-key"), &[], "", missing);
}

fn quentn(caller: &mut Caller<'_>, tag: &str) {
    let path = "/quentn/public/api/V1/contact";
    let contact =
        format!(r#"{{"contact": {{"mail": "{tag}@example.com", "first_name": "{tag}"}}}}"#);
    let created = caller.call(&format!("POST {path}"), &QUENTN, &contact, (200, "\"id\""));
    let id = serde_json::from_str(&created).map_or(Value::Null, |v: Value| v["id"].clone());
    let mail = format!("{tag}@example.com");
    caller.call(&format!("GET {path}/{mail}"), &QUENTN, "", (200, &mail));
    caller.call(&format!("PUT {path}/{id}"), &QUENTN, r#"{"company": "Load"}"#, (200, "true"));
    caller.call(&format!("POST {path}/{id}/terms"), &QUENTN, "[12,13]", (200, "true"));
    caller.call(&format!("GET {path}/{id}?fields=first_name"), &QUENTN, "", (200, tag));
}

/// How many contacts five visits of a vendor leave behind.
fn left_behind() -> BTreeMap<&'static str, usize> {
    let visits = VISITS / SESSIONS / VENDORS.len();
    [("maileon", 1), ("loyaltii", 2), ("cake", 4), ("quentn", 1)]
        .map(|(vendor, each)| (vendor, each * visits))
        .into()
}

#[test]
fn sessions_do_not_see_each_other() {
    let served = Served::start(env!("CARGO_BIN_EXE_counterpart-mock"));
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut client = served.client();
                loop {
                    let visit = next.fetch_add(1, Ordering::Relaxed);
                    if visit >= VISITS {
                        break;
                    }
                    // Neighbouring visits are in different sessions.
                    let session = visit % SESSIONS;
                    let vendor = VENDORS.get(visit / SESSIONS % VENDORS.len()).unwrap();
                    let name = format!("load-{session}");
                    let mut caller = Caller { client: &mut client, session: &name, wrong: vec![] };
                    vendor(&mut caller, &format!("s{session}v{visit}"));
                    wrong.lock().unwrap().append(&mut caller.wrong);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} answers: {:#?}",
        wrong.len(),
        wrong.iter().take(5).collect::<Vec<_>>()
    );

    let mut client = served.client();
    for session in 0..SESSIONS {
        let name = format!("load-{session}");
        for (vendor, count) in left_behind() {
            let contacts = control(&mut client, &name, &format!("state/{vendor}/contacts"));
            let contacts = contacts.as_array().unwrap();
            assert_eq!(contacts.len(), count, "{vendor} in {name}");
            let tag = format!("s{session}v");
            for contact in contacts {
                assert!(contact.to_string().contains(&tag), "{vendor} in {name}: {contact}");
            }
        }
        // Entries count from 1, so the newest says how many there were.
        let newest = control(&mut client, &name, "requests?limit=1");
        assert_eq!(newest[0]["id"], VISITS / SESSIONS * 5, "{name}");
    }
    let untouched = control(&mut client, "untouched", "state/quentn/contacts");
    assert_eq!(untouched, Value::Array(vec![]));
}
