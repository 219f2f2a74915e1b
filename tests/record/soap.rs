//! Messages of SOAP become calls: of the spec's operations, or of those that are drafted of them.

use std::io::Write as _;

use super::support::canned::{Canned, whole};
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::{Serving, command};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

fn envelope(body: &str) -> String {
    format!("<e:Envelope xmlns:e=\"{SOAP11}\"><e:Body>{body}</e:Body></e:Envelope>")
}

/// What stands in an element; of others there is none of that name.
fn inside<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

/// A desk that lends books, whose numbers of loans begin somewhere; by SOAP 1.1 only.
fn desk(first: u32) -> Canned {
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let result = |name: &str, inside: &str| {
            let result = format!("<{name}Result>{inside}</{name}Result>");
            envelope(&format!("<{name}Response xmlns=\"urn:desk/\">{result}</{name}Response>"))
        };
        let lent = || format!("<loan_id>{first}</loan_id><title>Pan</title><open>true</open>");
        let known = inside(&request, "loan_id").is_some_and(|id| id == first.to_string());
        let fault = "<e:Fault><faultcode>e:Client</faultcode><faultstring>no such loan\
                     </faultstring></e:Fault>";
        let (status, answer) = match () {
            () if request.contains("<Lend ") => ("200 OK", result("Lend", &lent())),
            () if request.contains("<Extend ") && known => ("200 OK", result("Extend", &lent())),
            () => ("500 Internal Server Error", envelope(fault)),
        };
        let kind = [("Content-Type", "text/xml; charset=utf-8")];
        stream.write_all(&whole(status, &kind, answer.as_bytes())).ok();
    })
}

const SPEC: &str = "\
counterpart: 1
vendor: desk
soapServices:
  desk: {path: /desk.asmx, namespace: \"urn:desk/\"}
components:
  schemas:
    Loan:
      type: object
      properties: {loan_id: {type: integer}, title: {type: string}, open: {type: boolean}}
operations:
  - operationId: Lend
    bindings: [{soap: desk}]
    parameters: [{name: title, schema: {type: string}}, {name: api_key, schema: {type: string}}]
    steps: [{respond: {status: 200, body: {loan_id: 1}}}]
    responses: {200: {schema: {$ref: \"#/components/schemas/Loan\"}}}
  - operationId: Extend
    bindings: [{soap: desk}]
    parameters: [{name: loan_id, schema: {type: integer}}, {name: api_key, schema: {type: string}}]
    steps: [{respond: {status: 200, body: {loan_id: 1}}}]
    responses: {200: {schema: {$ref: \"#/components/schemas/Loan\"}}, 500: {}}
";

/// Lends a book, extends the loan, and one that is not there.
fn lend(recorder: &Serving) {
    let mut client = Client::new(recorder.address());
    let mut send = |name: &str, inside: &str| -> Reply {
        let action = format!("\"urn:desk/{name}\"");
        let headers = [("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", &*action)];
        let key = "<api_key>open-sesame</api_key>";
        let body = envelope(&format!("<{name} xmlns=\"urn:desk/\">{key}{inside}</{name}>"));
        client.send("POST", "/desk/desk.asmx", &headers, body)
    };
    let lent = send("Lend", "<title>Pan</title>").text();
    let id = inside(&lent, "loan_id").unwrap();
    assert_eq!(send("Extend", &format!("<loan_id>{id}</loan_id>")).status, 200);
    assert_eq!(send("Extend", "<loan_id>7</loan_id>").status, 500);
}

fn run(folder: &Folder, more: &[&str]) -> (Option<i32>, String) {
    let mut runner = folder.runner(&[&["run"], more].concat());
    let output = runner.env("DESK_API_KEY", "open-sesame").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// Records it, and runs what was written on it and on one that counts otherwise.
fn recorded(folder: &Folder) -> (String, String) {
    let there = desk(4711);
    let upstream = format!("desk={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(folder, &arguments));
    lend(&recorder);
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/desk/recorded.yaml");
    for part in [
        "call: Lend",
        "api_key: \"${ env.DESK_API_KEY }\"",
        "loan_id: \"${loan_id}\"",
        "faultstring: no such loan",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    assert!(!scenario.contains("open-sesame") && !scenario.contains("<e:"), "{scenario}");
    for (there, passes) in [(&there, true), (&desk(802_701), true)] {
        let (code, told) = run(folder, &["--target", &format!("desk={}", there.url())]);
        assert_eq!(code == Some(0), passes, "{told}\n{scenario}");
    }
    (scenario, said)
}

#[test]
fn messages_are_calls_of_the_operations_of_a_spec() {
    let folder = Folder::new("record-soap", &[("specs/desk.yaml", SPEC)]);
    let (_, said) = recorded(&folder);
    assert!(!said.contains("documents no"), "{said}");
}

#[test]
fn operations_are_drafted_of_messages() {
    let folder = Folder::new("record-soap-draft", &[]);
    recorded(&folder);
    let spec = folder.read("specs/desk.yaml");
    for part in [
        "desk: {path: /desk.asmx, namespace: urn:desk/, versions: [\"1.1\"]}",
        "- {name: title, required: true, schema: {type: string}}",
        "- {name: loan_id, required: true, schema: {type: integer}}",
        "open: {type: boolean}",
    ] {
        assert!(spec.contains(part), "{part}: {spec}");
    }
    let check = command(&folder, &["check", "--strict"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    // A client that reads what the mock answers to a message of its own.
    let mock = Serving::start(&folder, &["specs"]);
    let body = envelope("<Lend xmlns=\"urn:desk/\"><api_key>k</api_key><title>Sult</title></Lend>");
    let headers = [("Content-Type", "text/xml"), ("SOAPAction", "\"urn:desk/Lend\"")];
    let path = format!("{}/desk.asmx", mock.lines.first().unwrap().split('\t').nth(1).unwrap());
    let path = path.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap();
    let reply = Client::new(mock.address()).send("POST", &path, &headers, body);
    assert_eq!(inside(&reply.text(), "loan_id"), Some("4711"), "{}", reply.text());
}

#[test]
fn a_message_without_an_action_is_of_the_operation_of_its_element() {
    let spec = SPEC.replace(", 500: {}", "");
    let folder = Folder::new("record-soap-element", &[("specs/desk.yaml", &spec)]);
    let there = desk(4711);
    let upstream = format!("desk={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    // A header block, which no call has.
    let body = "<Extend xmlns=\"urn:desk/\"><loan_id>7</loan_id></Extend>";
    let body = envelope(body).replace("<e:Body>", "<e:Header><a/></e:Header><e:Body>");
    let headers = [("Content-Type", "text/xml"), ("SOAPAction", "\"\"")];
    let reply = Client::new(recorder.address()).send("POST", "/desk/desk.asmx", &headers, body);
    assert_eq!(reply.status, 500, "{}", reply.text());
    let (_, said) = recorder.stop("-INT");
    assert!(
        said.contains("Extend documents no status 500") && said.contains("`bless`: "),
        "{said}"
    );
    assert!(folder.read("scenarios/desk/recorded.yaml").contains("name: Extend"), "{said}");
}
