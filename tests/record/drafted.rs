//! What is recorded of a server without a spec passes on that server again, and on the mock of the
//! spec that is drafted.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::support::canned::{Canned, whole};
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::{Serving, command};

/// Notes behind a login, whose numbers begin somewhere.
#[derive(Default)]
struct Notes {
    tokens: Vec<String>,
    all: BTreeMap<u64, Value>,
    next: u64,
}

impl Notes {
    fn answer(&mut self, method: &str, path: &str, key: Option<&str>, body: &str) -> (u16, Value) {
        let sent: Value = serde_json::from_str(body).unwrap_or_default();
        match (method, path) {
            ("POST", "/v1/login") if sent["password"] == "hunter2" => {
                let token = format!("{:032x}a7", 0x1234_5678_9abc_u64 + self.tokens.len() as u64);
                self.tokens.push(token.clone());
                let renewal = format!("r{token}");
                let answer = json!({"access_token": token, "token_type": "bearer",
                    "refresh_token": renewal});
                return (200, answer);
            }
            ("POST", "/v1/login") => return (401, json!({"error": "bad credentials"})),
            ("POST", "/v1/greetings") => {
                return (200, json!({"greeting": "Hello", "name": sent["name"], "sent": true}));
            }
            _ => {}
        }
        match key {
            None => return (401, json!({"error": "a key is needed"})),
            Some(key) if !self.tokens.iter().any(|token| token == key) => {
                return (401, json!({"error": "nobody has this key"}));
            }
            Some(_) => {}
        }
        let id = path.rsplit('/').next().unwrap().parse::<u64>().ok();
        let known = id.filter(|id| self.all.contains_key(id));
        match (method, known) {
            ("POST", _) if sent["text"].is_null() => (422, json!({"error": "a text is needed"})),
            ("POST", _) if !sent["text"].is_string() => (422, json!({"error": "no text"})),
            ("POST", _) if sent["text"] == "" => (422, json!({"error": "an empty text"})),
            ("POST", _) => {
                self.next += 1;
                let note = json!({"id": self.next, "text": sent["text"], "version": 1, "open": true,
                    "uuid": format!("0fa1b2c3-9dc0-41d1-b245-{:012x}", self.next)});
                self.all.insert(self.next, note.clone());
                (201, note)
            }
            ("GET", _) if id.is_none() => {
                let all: Vec<&Value> = self.all.values().collect();
                (200, json!({"total": all.len(), "items": all}))
            }
            (_, None) => (404, json!({"error": "there is no such note"})),
            ("DELETE", Some(id)) => {
                self.all.remove(&id);
                (204, Value::Null)
            }
            (method, Some(id)) => {
                let note = self.all.get_mut(&id).unwrap();
                if method == "PATCH" {
                    note["text"] = sent["text"].clone();
                    note["version"] = json!(note["version"].as_u64().unwrap() + 1);
                }
                (200, note.clone())
            }
        }
    }
}

fn notes(first: u64) -> Canned {
    let notes = Mutex::new(Notes { next: first, ..Notes::default() });
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let key = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            let key = value.strip_prefix("Bearer ")?;
            name.eq_ignore_ascii_case("authorization").then_some(key)
        });
        let (status, answer) = notes.lock().unwrap().answer(method, path, key, body);
        let body = if answer.is_null() { String::new() } else { answer.to_string() };
        let status = format!("{status} It");
        let json = [("Content-Type", "application/json")];
        stream.write_all(&whole(&status, &json, body.as_bytes())).ok();
    })
}

/// What somebody does with notes.
fn note(recorder: &Serving) {
    let mut client = Client::new(recorder.address());
    let mut token = String::new();
    let mut send = |method: &str, path: &str, key: &str, body: Value, status: u16| -> Reply {
        let key = format!("Bearer {key}");
        let mut headers = vec![("Content-Type", "application/json")];
        if key != "Bearer " {
            headers.push(("Authorization", &key));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = client.send(method, &format!("/notes/v1{path}"), &headers, body);
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        reply
    };
    let parsed = |reply: Reply| serde_json::from_slice::<Value>(&reply.body).unwrap();
    let said = |password: &str| json!({"user": "ann", "password": password});
    send("POST", "/login", "", said("letmein"), 401);
    // The first token is not used.
    send("POST", "/login", "", said("hunter2"), 200);
    let reply = parsed(send("POST", "/login", "", said("hunter2"), 200));
    token.push_str(reply["access_token"].as_str().unwrap());
    send("GET", "/notes", "", Value::Null, 401);
    send("GET", "/notes", "nobodys", Value::Null, 401);
    let made = parsed(send("POST", "/notes", &token, json!({"text": "Buy bread"}), 201));
    let own = format!("/notes/{}", made["id"]);
    send("GET", &own, &token, Value::Null, 200);
    send("PATCH", &own, &token, json!({"text": "Buy milk"}), 200);
    send("GET", "/notes", &token, Value::Null, 200);
    for refused in [json!({}), json!({"text": 5}), json!({"text": ""})] {
        send("POST", "/notes", &token, refused, 422);
    }
    send("GET", "/notes/999999", &token, Value::Null, 404);
    send("DELETE", &own, &token, Value::Null, 204);
    send("GET", &own, &token, Value::Null, 404);
    for name in ["Ann", "Bob"] {
        send("POST", "/greetings", "", json!({"name": name}), 200);
    }
}

fn run(folder: &Folder, more: &[&str]) -> (Option<i32>, String) {
    let mut runner = folder.runner(&[&["run"], more].concat());
    let output = runner.env("NOTES_PASSWORD", "hunter2").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_login_and_what_is_made_behind_it() {
    let folder = Folder::new("record-drafted", &[]);
    let there = notes(100);
    let upstream = format!("notes={}/v1", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    note(&recorder);
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/notes/recorded.yaml");
    let spec = folder.read("specs/notes.yaml");
    for secret in ["hunter2", "letmein", "nobodys"] {
        assert!(!format!("{scenario}{spec}").contains(secret), "{secret}: {scenario}{spec}");
    }
    for part in ["required: [text]", "token_type: bearer", "access_token: notes-key"] {
        assert!(spec.contains(part), "{part}: {spec}");
    }
    let check = command(&folder, &["check", "--strict"]).output().unwrap();
    assert!(check.status.success(), "{}\n{spec}", String::from_utf8_lossy(&check.stderr));
    let target = |there: &Canned| format!("notes={}/v1", there.url());
    for there in [&there, &there, &notes(7000)] {
        let (code, said) = run(&folder, &["--allow-destructive", "--target", &target(there)]);
        assert_eq!(code, Some(0), "{said}\n{scenario}");
    }
    let (code, said) = run(&folder, &[]);
    assert_eq!(code, Some(0), "{said}\n{scenario}\n{spec}");
}

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// A service of loans, which refuses by faults.
fn loans() -> Canned {
    let count = Mutex::new(40_u32);
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let inside = |name: &str| {
            let (_, rest) = request.split_once(&format!("<{name}>"))?;
            rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.to_owned())
        };
        let fault = |code: &str, text: &str, more: &str| {
            format!(
                "<e:Fault><faultcode>e:{code}</faultcode><faultstring>{text}</faultstring>{more}\
                 </e:Fault>"
            )
        };
        let mut count = count.lock().unwrap();
        let detail = "<faultactor/><detail><reason>unknown</reason></detail>";
        let body = match () {
            () if request.contains("<Burn ") => Err(fault("Server", "not today", "")),
            () if request.contains("<Lend ") => {
                match inside("title").unwrap_or_default().as_str() {
                    "" => Err(fault("Client.NoTitle", "a title is needed", "<faultactor/>")),
                    title => {
                        *count += 1;
                        Ok(format!(
                            "<LendResponse xmlns=\"urn:loans/\"><LendResult><id>{count}</id>\
                        <title>{title}</title></LendResult></LendResponse>"
                        ))
                    }
                }
            }
            () if inside("id").is_some_and(|id| id != "7") => Ok(format!(
                "<ReadResponse xmlns=\"urn:loans/\"><ReadResult><id>{}</id></ReadResult>\
                 </ReadResponse>",
                inside("id").unwrap()
            )),
            () => Err(fault("Client", "no such loan", detail)),
        };
        let (status, body) = match body {
            Ok(body) => ("200 OK", body),
            Err(body) => ("500 Internal Server Error", body),
        };
        let answer =
            format!("<e:Envelope xmlns:e=\"{SOAP11}\"><e:Body>{body}</e:Body></e:Envelope>");
        let kind = [("Content-Type", "text/xml; charset=utf-8")];
        stream.write_all(&whole(status, &kind, answer.as_bytes())).ok();
    })
}

#[test]
fn faults_are_errors_of_what_is_refused_with_them() {
    let folder = Folder::new("record-faults", &[]);
    let there = loans();
    let upstream = format!("loans={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(&folder, &arguments));
    let mut client = Client::new(recorder.address());
    let mut send = |name: &str, inside: &str, status: u16| {
        let body = format!(
            "<e:Envelope xmlns:e=\"{SOAP11}\"><e:Body><{name} xmlns=\"urn:loans/\">{inside}</{name}>\
             </e:Body></e:Envelope>"
        );
        let headers = [("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", "\"\"")];
        let reply = client.send("POST", "/loans/desk", &headers, body);
        assert_eq!(reply.status, status, "{name}: {}", reply.text());
        reply.text()
    };
    let made = send("Lend", "<title>Pan</title>", 200);
    let id = made.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    send("Lend", "<title></title>", 500);
    send("Lend", "<title>Sult</title>", 200);
    send("Read", &format!("<id>{id}</id>"), 200);
    send("Read", "<id>7</id>", 500);
    send("Burn", "<id>7</id>", 500);
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    let scenario = folder.read("scenarios/loans/recorded.yaml");
    let spec = folder.read("specs/loans.yaml");
    for part in [
        "fault: {code: sender, reason: no such loan, detail: {reason: unknown}}",
        "fault: {code: sender, reason: a title is needed}",
        "fault: {code: receiver, reason: not today}",
        "title: \"${parameters.title}\"",
    ] {
        assert!(spec.contains(part), "{part}: {spec}");
    }
    for part in ["faultcode: e:Server", "faultstring: a title is needed", "reason: unknown"] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    let check = command(&folder, &["check", "--strict"]).output().unwrap();
    assert!(check.status.success(), "{}\n{spec}", String::from_utf8_lossy(&check.stderr));
    let target = format!("loans={}", there.url());
    for more in [&["--target", &*target][..], &["--target", &*target], &[]] {
        let (code, said) = run(&folder, more);
        assert_eq!(code, Some(0), "{said}\n{scenario}\n{spec}");
    }
}
