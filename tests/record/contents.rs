//! Bodies in XML and as text are expected by what they say; and a request is a call where the spec
//! can say it.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::support::canned::{Canned, whole};
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::{Serving, command};
use super::{SHOP, Shopper, record, run, shop, url};

/// A library that speaks XML and text, and counts its books from a number; `change` is done to all
/// that it says.
fn library(first: u32, change: fn(String) -> String) -> Canned {
    let books: Arc<Mutex<Vec<(u32, String)>>> = Arc::default();
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let mut books = books.lock().unwrap();
        let book = |(id, title): &(u32, String)| {
            format!(
                "<l:book xmlns:l=\"urn:library\" id=\"{id}\"><l:title>{title}</l:title><l:made>2026-11-28T10:00:{:02}Z</l:made></l:book>",
                id % 60
            )
        };
        let at = path.rsplit('/').next().and_then(|id| id.parse::<u32>().ok());
        let known = books.iter().find(|(id, _)| Some(*id) == at).cloned();
        let xml = "application/xml";
        let (status, kind, answer) = match (method, path, &known) {
            ("POST", "/v1/books", _) => {
                let title = body.split("<title>").nth(1).unwrap().split('<').next().unwrap();
                let id = first + u32::try_from(books.len()).unwrap();
                books.push((id, title.to_owned()));
                ("201 Created", xml, book(books.last().unwrap()))
            }
            ("GET", "/v1/books", _) => {
                let all: String = books.iter().map(book).collect();
                let all = format!("<books count=\"{}\">{all}</books>", books.len());
                ("200 OK", xml, all)
            }
            ("POST", "/v1/loans", _) => {
                let id = body.split("<book>").nth(1).unwrap().split('<').next().unwrap();
                let lent = books.iter().any(|(known, _)| known.to_string() == id);
                match lent {
                    true => ("200 OK", "text/plain", format!("t{first}k8e0b6c1d9f3a7e\n")),
                    false => ("404 Not Found", xml, "<error>no such book</error>".to_owned()),
                }
            }
            ("GET", path, Some((id, title))) if path.starts_with("/v1/labels/") => {
                let label =
                    format!("Book {id}\nprinted 2026-11-28T10:00:{:02}Z\n{title}\n", id % 60);
                ("200 OK", "text/plain; charset=utf-8", label)
            }
            ("GET", _, Some(known)) => ("200 OK", xml, book(known)),
            _ => ("404 Not Found", xml, "<error>there is no such book</error>".to_owned()),
        };
        let answer = change(answer);
        stream.write_all(&whole(status, &[("Content-Type", kind)], answer.as_bytes())).ok();
    })
}

fn same(text: String) -> String {
    text
}

/// What somebody does in a library.
fn read_and_lend(client: &mut Client, base: &str) {
    let xml = [("Content-Type", "application/xml")];
    let mut send = |method: &str, path: &str, body: &str| -> Reply {
        let reply = client.send(method, &format!("{base}{path}"), &xml, body);
        assert!(reply.status < 500, "{}", reply.text());
        reply
    };
    let made = send("POST", "/books", "<book><title>Pan</title></book>");
    let text = made.text();
    let id = text.split("id=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    send("GET", &format!("/books/{id}"), "");
    send("GET", "/books", "");
    send("GET", &format!("/labels/{id}"), "");
    assert_eq!(send("POST", "/loans", &format!("<loan><book>{id}</book></loan>")).status, 200);
    assert_eq!(send("GET", "/books/7", "").status, 404);
}

#[test]
fn xml_and_text_are_expected_by_what_they_say() {
    let folder = Folder::new("record-contents", &[]);
    let there = library(17, same);
    let upstream = format!("library={}/v1", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    read_and_lend(&mut Client::new(recorder.address()), "/library/v1");
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/library/recorded.yaml");
    for part in [
        "namespaces: {l: urn:library}",
        "l:title: Pan",
        "l:made: {$format: date-time}",
        "capture: {book_id: /l:book/@id}",
        "text: \"<loan><book>${book_id}</book></loan>\"",
        "body: {error: there is no such book}",
        "$contains",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    let check = command(&folder, &["check", "--strict"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    // The same one again, which has more books now; a fresh one, which counts otherwise; and others.
    let fresh = library(5023, same);
    for (target, told) in [
        (&there, None),
        (&fresh, None),
        (&library(17, |text| text.replace("Pan", "Pam")), Some("Pam")),
        (&library(17, |text| text.replace("urn:library", "urn:other")), Some("urn:other")),
        (&library(17, |text| text.replace("Book ", "No ")), Some("Book")),
        (&library(17, |text| text.replace("there is no", "no")), Some("no such book")),
    ] {
        let target = format!("library={}/v1", target.url());
        let output = folder.runner(&["run", "--target", &target]).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(told.map_or(0, |_| 1)), "{said}\n{scenario}");
        assert!(told.is_none_or(|told| said.contains(told)), "{told:?}: {said}");
    }
}

#[test]
fn secrets_are_told_nowhere_not_even_within_texts() {
    let folder = Folder::new("record-within", &[]);
    let there = Canned::behaving(|stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (kind, answer) = match head.split(' ').nth(1).unwrap() {
            "/v1/text" => ("text/plain", "one line\nand hunter2!x in another\n".to_owned()),
            "/v1/xml" => ("application/xml", "<a><b>it is hunter2!x</b></a>".to_owned()),
            _ => {
                let link = "https://a.example/?t=tok1a2b3c4d5e6f";
                let token = "tok1a2b3c4d5e6f";
                let said = serde_json::json!({"echo": body, "token": token, "link": link});
                ("application/json", said.to_string())
            }
        };
        stream.write_all(&whole("200 OK", &[("Content-Type", kind)], answer.as_bytes())).ok();
    });
    let upstream = format!("echo={}/v1", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    let json = [("Content-Type", "application/json")];
    client.send("POST", "/echo/v1/login", &json, r#"{"user":"ann","password":"hunter2!x"}"#);
    client.send("GET", "/echo/v1/text", &[], "");
    client.send("GET", "/echo/v1/xml", &[], "");
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/echo/recorded.yaml");
    let written = format!("{scenario}{}{said}", folder.read("specs/echo.yaml"));
    for secret in ["hunter2", "tok1a2b"] {
        assert!(!written.contains(secret), "{secret}: {written}");
    }
    for part in [r#""user":"ann""#, "one line", "it is "] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    let mut runner = folder.runner(&["run", "--target", &upstream]);
    let output = runner.env("ECHO_PASSWORD", "hunter2!x").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The heads and bodies that came, without what differs from connection to connection.
fn asked(there: &Canned) -> Vec<(String, Value)> {
    let all = there.asked().into_iter().map(|request| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let line = head.lines().next().unwrap().to_owned();
        let mut kept: Vec<String> = head.lines().skip(1).map(str::to_lowercase).collect();
        kept.retain(|line| line.starts_with("authorization") || line.starts_with("content-type"));
        kept.sort();
        let body = serde_json::from_str(body).unwrap_or_else(|_| body.into());
        (format!("{line} {kept:?}"), body)
    });
    all.collect()
}

#[test]
fn a_call_sends_what_the_client_sent() {
    let spec = "\
counterpart: 1
vendor: store
servers: [{url: https://store.example/v1}]
mediaTypes: {application/json: {wire: json}, application/x-www-form-urlencoded: {wire: form}}
collections:
  keys:
    key: key
    schema: {type: object, properties: {key: {type: string}}}
    fixtures: [{key: k1}]
errors: {NoKey: {status: 401, body: {}}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer, keys: {collection: keys, field: key}, errors: {missing: NoKey, unknown: NoKey}}
security: [{bearer: []}]
operations:
  - operationId: put_item
    bindings:
      - {method: PUT, path: '/shelves/{shelf}/items/{name}'}
      - {method: POST, path: '/items/{shelf}/{name}'}
    parameters:
      - {name: shelf, in: path, schema: {type: integer}}
      - {name: name, in: path, schema: {type: string}}
      - {name: dry, in: query, schema: {type: boolean}}
      - {name: tag, in: query, schema: {type: array, items: {type: string}}}
    requestBody: {schema: {type: object}}
    steps: [{respond: {status: 200, body: {ok: true}}}]
";
    let folder = Folder::new("record-calls", &[("specs/store.yaml", spec)]);
    let answer = whole("200 OK", &[("Content-Type", "application/json")], b"{\"ok\": true}");
    let there = Canned::answering(answer.clone());
    let upstream = format!("store={}/v1", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    let headers = [("Authorization", "Bearer k1"), ("Content-Type", "application/json")];
    for (method, path, body) in [
        ("PUT", "/shelves/1/items/a%20b%2Fc?dry=true", r#"{"n": 1.50, "$x": "${y}", "m": [null]}"#),
        ("PUT", "/shelves/01/items/%C3%A4?dry=a+b", "[]"),
        ("POST", "/items/2/x", r#"{"a": {}}"#),
        // What a call cannot say is a request.
        ("PUT", "/shelves/1/items/x?tag=a&tag=b", "{}"),
        ("PUT", "/shelves/1/items/x?tag=a,b", "{}"),
        ("PUT", "/shelves/1/items/x?other=1", "{}"),
        ("PUT", "/shelves/1/items/x?dry", "{}"),
        ("PUT", "/shelves/1/items/x", "{not json"),
    ] {
        let reply = client.send(method, &format!("/store/v1{path}"), &headers, body);
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/store/recorded.yaml");
    assert_eq!(scenario.matches("call: put_item").count(), 3, "{scenario}");
    assert_eq!(scenario.matches("request:").count(), 5, "{scenario}");
    assert!(scenario.contains("binding: POST /items/{shelf}/{name}"), "{scenario}");
    assert!(
        scenario.contains("authenticate: {bearer: \"${ env.STORE_AUTHORIZATION }\"}"),
        "{scenario}"
    );
    let again = Canned::answering(answer);
    let target = format!("store={}/v1", again.url());
    let mut runner = folder.runner(&["run", "--target", &target]);
    let output = runner.env("STORE_AUTHORIZATION", "k1").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}\n{scenario}", String::from_utf8_lossy(&said));
    let plain = |requests: Vec<(String, Value)>| -> Vec<(String, Value)> {
        requests.into_iter().map(|(line, body)| (line.replace("a+b", "a%20b"), body)).collect()
    };
    assert_eq!(plain(asked(&again)), plain(asked(&there)));
}

#[test]
fn a_call_sends_the_elements_that_the_client_sent() {
    let spec = "\
counterpart: 1
vendor: store
mediaTypes: {application/xml: {wire: xml}}
operations:
  - operationId: add_book
    method: POST
    path: /books
    requestBody:
      schema:
        type: object
        xml: {name: book, namespace: 'urn:b'}
        properties: {title: {type: string}, tag: {type: array, items: {type: string}}}
    steps: [{respond: {status: 204}}]
";
    let folder = Folder::new("record-elements", &[("specs/store.yaml", spec)]);
    let answer = whole("204 No Content", &[], b"");
    let there = Canned::answering(answer.clone());
    let upstream = format!("store={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    for body in [
        "<book xmlns='urn:b' id='1'><title>a &amp; b</title><tag>x</tag><tag/></book>",
        "<?xml version='1.0'?>\n<b:book xmlns:b='urn:b'>\n <b:title>c</b:title>\n</b:book>",
        // What a call cannot say is a request.
        "<book><title>in no namespace</title></book>",
        "<page xmlns='urn:b'/>",
        "<book xmlns='urn:b'>text <title>t</title> between</book>",
        "<book xmlns='urn:b' xmlns:c='urn:c'><c:title>of another</c:title></book>",
        "<book xmlns='urn:b' xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><title i:nil='true'/></book>",
    ] {
        let headers = [("Content-Type", "application/xml")];
        assert_eq!(client.send("POST", "/store/books", &headers, body).status, 204);
    }
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/store/recorded.yaml");
    assert_eq!(scenario.matches("call: add_book").count(), 2, "{scenario}");
    assert_eq!(scenario.matches("request:").count(), 5, "{scenario}");
    assert!(scenario.contains("{\"@id\": \"1\", title: a & b, tag: [x, \"\"]}"), "{scenario}");
    let again = Canned::answering(answer);
    let target = format!("store={}", again.url());
    let output = folder.runner(&["run", "--target", &target]).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}\n{scenario}", String::from_utf8_lossy(&said));
    let sent = again.asked();
    for (sent, elements) in sent.iter().zip([
        "<book xmlns=\"urn:b\" id=\"1\"><title>a &amp; b</title><tag>x</tag><tag",
        "<book xmlns=\"urn:b\"><title>c</title></book>",
    ]) {
        assert!(sent.contains(elements), "{elements}: {sent}");
    }
}

#[test]
fn differences_are_written_so_that_they_can_be_blessed() {
    let delete = SHOP.find("  - operationId: delete_order").unwrap();
    let mut spec = SHOP[..delete].to_owned();
    spec.push_str("    responses:\n      200:\n        schema: {type: object, properties: {count: {type: string}}}\n");
    let folder = Folder::new("record-bless", &[("specs/shop.yaml", &spec)]);
    let there = shop(&folder);
    let again = |number: &str| {
        let mut recorder = record(&folder, &url(&there), &["--quiet"]);
        Shopper::new(&recorder).shop();
        let (code, said) = recorder.stop("-TERM");
        assert_eq!(code, Some(0), "{said}");
        (said, folder.0.join(format!("scenarios/shop/recorded{number}.json")))
    };
    let (said, report) = again("");
    let text = std::fs::read_to_string(&report).unwrap();
    assert!(!text.contains("hunter2") && !text.contains("letmein"), "{text}");
    assert!(said.contains("it was so 2 times"), "{said}");
    let ids = said.split("for `bless`: ").nth(1).and_then(|rest| rest.lines().next());
    let ids: Vec<&str> = ids.unwrap_or_else(|| panic!("{said}")).split(' ').collect();
    let file = "scenarios/shop/recorded.json";
    let arguments = [&["bless", file][..], &ids, &["--as", "vendor"]].concat();
    let (code, told, wrong) = folder.run(&arguments);
    assert_eq!(code, Some(0), "{told}{wrong}");
    let blessed = folder.read("specs/shop.yaml");
    for part in ["operation: read_order", "path: $.count", "verdict: vendor"] {
        assert_eq!(blessed.matches(part).count(), ids.len(), "{part}: {blessed}");
    }
    // It is known from then on, here as in a run.
    let (said, _) = again("-2");
    assert!(said.contains("known-deviation"), "{said}");
    assert!(!said.contains("differs-from-spec"), "{said}");
    let target = format!("shop={}", url(&there));
    let (code, said) = run(&folder, &["--allow-destructive", "--target", &target]);
    assert_eq!(code, Some(0), "{said}");
}
