//! What stands in headers: of answers, where later requests send it back, and of requests.

use std::io::Write as _;
use std::sync::Mutex;

use super::support::canned::{Canned, whole};
use super::support::client::{Client, Reply};
use super::support::folder::Folder;
use super::support::serving::{Serving, command};

/// What a server answers: status, headers and body.
pub(super) type Said = (&'static str, Vec<(&'static str, String)>, String);

/// A server with a state of its own.
pub(super) fn server<S: Send + 'static>(
    state: S,
    answer: fn(&mut S, &str, &str, &str) -> Said,
) -> Canned {
    let state = Mutex::new(state);
    Canned::behaving(move |stream, request| {
        let request = String::from_utf8_lossy(request).into_owned();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let line = head.lines().next().unwrap().rsplit_once(' ').unwrap().0.to_owned();
        let (status, headers, text) = answer(&mut state.lock().unwrap(), &line, head, body);
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, &**value)).collect();
        stream.write_all(&whole(status, &headers, text.as_bytes())).ok();
    })
}

/// The value of a header.
pub(super) fn header<'h>(head: &'h str, name: &str) -> &'h str {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let own = fields.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    own.map(|(_, value)| value).next().unwrap_or_default()
}

/// What a client does is recorded; gives the scenario.
pub(super) fn recorded(
    folder: &Folder,
    there: &Canned,
    client: impl FnOnce(&mut dyn FnMut(&str, &[(&str, &str)], &str) -> Reply),
) -> String {
    let upstream = format!("own={}", there.url());
    let arguments = ["record", "--listen", "127.0.0.1:0", "--upstream", &upstream];
    let mut recorder = Serving::of(command(folder, &arguments));
    let mut sender = Client::new(recorder.address());
    client(&mut |line, headers, body| {
        let (method, path) = line.split_once(' ').unwrap();
        sender.send(method, &format!("/own{path}"), headers, body)
    });
    let (code, said) = recorder.stop("-INT");
    assert_eq!(code, Some(0), "{said}");
    folder.read("scenarios/own/recorded.yaml")
}

/// Runs what was recorded, with what comes from the environment.
pub(super) fn run(folder: &Folder, there: &Canned, given: &[(&str, &str)]) -> (bool, String) {
    let target = format!("own={}", there.url());
    let mut runner = folder.runner(&["run", "--allow-destructive", "--target", &target]);
    runner.envs(given.iter().copied());
    let output = runner.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// It passes there again, and again.
pub(super) fn passes(folder: &Folder, there: &Canned, given: &[(&str, &str)], scenario: &str) {
    for _ in 0..2 {
        let (passed, said) = run(folder, there, given);
        assert!(passed, "{said}\n{scenario}");
    }
}

fn json() -> (&'static str, String) {
    ("Content-Type", "application/json".to_owned())
}

#[test]
fn headers_that_are_sent_back_are_kept() {
    let folder = Folder::new("record-sent-back", &[]);
    // A note whose state is another one each time that it is written.
    let there = server(0, |writes: &mut u32, line, head, _| {
        let tag = format!("\"{}-v\"", *writes + 17);
        let token = format!("csrf{writes}abcdef");
        let answer = || vec![json(), ("etag", tag.clone()), ("X-CSRF-Token", token.clone())];
        match line {
            "PUT /note" if header(head, "X-CSRF-Token") != token => {
                ("403 Forbidden", vec![json()], "{\"error\":\"csrf\"}".to_owned())
            }
            "PUT /note" if header(head, "If-Match") != tag => {
                ("412 Precondition Failed", vec![json()], "{\"error\":\"stale\"}".to_owned())
            }
            "PUT /note" => {
                *writes += 1;
                ("200 OK", vec![json()], "{\"ok\":true}".to_owned())
            }
            _ if header(head, "If-None-Match") == tag => {
                ("304 Not Modified", vec![("etag", tag)], String::new())
            }
            _ => ("200 OK", answer(), "{\"text\":\"Buy bread\"}".to_owned()),
        }
    });
    let scenario = recorded(&folder, &there, |send| {
        let read = send("GET /note", &[], "");
        let tag = read.header("etag").unwrap().to_owned();
        let token = read.header("x-csrf-token").unwrap().to_owned();
        assert_eq!(send("GET /note", &[("If-None-Match", &tag)], "").status, 304);
        let given = [("If-Match", &*tag), ("X-CSRF-Token", &token)];
        assert_eq!(send("PUT /note", &given, "").status, 200);
        let again = send("GET /note", &[("If-None-Match", &tag)], "");
        let token = again.header("x-csrf-token").unwrap().to_owned();
        let given = [("If-Match", &*tag), ("X-CSRF-Token", &token)];
        assert_eq!(send("PUT /note", &given, "").status, 412);
    });
    for part in [
        "etag: {header: ETag}",
        "{header: X-Csrf-Token, mask: true}",
        "headers: {If-None-Match: \"${etag}\"}",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    assert!(!scenario.contains("abcdef"), "{scenario}");
    passes(&folder, &there, &[], &scenario);
}

#[test]
fn a_request_without_its_cookie_goes_without_it_again() {
    let folder = Folder::new("record-bare", &[]);
    let there = server(0, |_: &mut u32, line, head, _| match line {
        "POST /session" => {
            let cookie = "SID=5a1b2c3d4e5f60718293; Path=/; HttpOnly".to_owned();
            ("200 OK", vec![json(), ("Set-Cookie", cookie)], "{\"ok\":true}".to_owned())
        }
        _ if header(head, "Cookie").contains("SID=5a1b2c3d4e5f60718293") => {
            ("200 OK", vec![json()], "{\"notes\":[]}".to_owned())
        }
        _ => ("401 Unauthorized", vec![json()], "{\"error\":\"no session\"}".to_owned()),
    });
    let scenario = recorded(&folder, &there, |send| {
        assert_eq!(send("GET /notes", &[], "").status, 401);
        let set = send("POST /session", &[], "").header("set-cookie").unwrap().to_owned();
        let cookie = set.split(';').next().unwrap();
        assert_eq!(send("GET /notes", &[("Cookie", cookie)], "").status, 200);
        assert_eq!(send("GET /notes", &[], "").status, 401);
        assert_eq!(send("GET /notes", &[("Cookie", cookie)], "").status, 200);
    });
    // The first one had no cookie that it could have sent.
    assert_eq!(scenario.matches("Cookie: null").count(), 1, "{scenario}");
    passes(&folder, &there, &[], &scenario);
}

#[test]
fn short_names_of_secrets_are_known() {
    let folder = Folder::new("record-names", &[]);
    let there = server((), |(), _, head, body| {
        let known = body.contains("pass=hunter2&") && header(head, "X-Pass") == "letmein9";
        match known && header(head, "X-Auth") == "k3y-of-ann" {
            true => ("200 OK", vec![json()], "{\"ok\":true}".to_owned()),
            false => ("401 Unauthorized", vec![json()], "{\"ok\":false}".to_owned()),
        }
    });
    let scenario = recorded(&folder, &there, |send| {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let headers = [form, ("X-Auth", "k3y-of-ann"), ("X-Pass", "letmein9")];
        let reply = send("POST /login?sid=AC12&pinned=yes", &headers, "pass=hunter2&pin=4711");
        assert_eq!(reply.status, 200);
    });
    for secret in ["hunter2", "4711", "k3y-of-ann", "letmein9"] {
        assert!(!scenario.contains(secret), "{secret}: {scenario}");
    }
    assert!(scenario.contains("/login?sid=AC12&pinned=yes"), "{scenario}");
    let given = [
        ("OWN_PASS", "hunter2"),
        ("OWN_PIN", "4711"),
        ("OWN_X_AUTH", "k3y-of-ann"),
        ("OWN_X_PASS", "letmein9"),
    ];
    passes(&folder, &there, &given, &scenario);
}

/// Orders, each with its own URL; `lost` says which header is no longer there.
fn orders(count: &mut u32, line: &str, head: &str, lost: &str) -> Said {
    let host = header(head, "Host");
    let order = |id: u32| {
        let url = format!("http://{host}/orders/{id}");
        format!("{{\"id\":{id},\"url\":\"{url}\",\"items\":\"{url}/items\"}}")
    };
    let mut said: Said = match line {
        "POST /orders" => {
            *count += 1;
            let id = 500 + *count;
            let location = ("Location", format!("/orders/{id}"));
            ("201 Created", vec![json(), location], order(id))
        }
        "GET /orders" => (
            "401 Unauthorized",
            vec![("WWW-Authenticate", "Bearer realm=\"orders\"".to_owned())],
            String::new(),
        ),
        "GET /page" => {
            let xml = vec![("Content-Type", "text/html".to_owned())];
            ("200 OK", xml, format!("<html><a href=\"http://{host}/orders/501\">last</a></html>"))
        }
        "GET /feed" => {
            let xml = vec![("Content-Type", "application/xml".to_owned())];
            ("200 OK", xml, format!("<feed><note>see http://{host}/help</note></feed>"))
        }
        _ if line.starts_with("POST /orders/") => {
            let id = line.split('/').nth(2).unwrap();
            (
                "303 See Other",
                vec![("Location", format!("http://{host}/orders/{id}"))],
                String::new(),
            )
        }
        _ => {
            let id = line.rsplit('/').next().unwrap().parse().unwrap();
            ("200 OK", vec![json()], order(id))
        }
    };
    said.1.retain(|(name, _)| *name != lost);
    said
}

#[test]
fn headers_that_matter_are_expected_and_urls_hold_by_what_is_behind_the_host() {
    let folder = Folder::new("record-locations", &[]);
    let there = server(0, |count: &mut u32, line, head, _| orders(count, line, head, ""));
    let scenario = recorded(&folder, &there, |send| {
        assert_eq!(send("GET /orders", &[], "").status, 401);
        assert_eq!(send("POST /orders", &[], "").status, 201);
        assert_eq!(send("GET /orders/501", &[], "").status, 200);
        assert_eq!(send("POST /orders/501/pay", &[], "").status, 303);
        assert_eq!(send("GET /page", &[], "").status, 200);
        assert_eq!(send("GET /feed", &[], "").status, 200);
    });
    for part in [
        "WWW-Authenticate: 'Bearer realm=\"orders\"'",
        "Location: {$regex: \"/orders/[^/?&=#]+$\"}",
        "headers: {Location: {$regex: \"/orders/${order_id}$\"}}",
        "url: {$regex: \"/orders/${order_id}$\"}",
        "items: {$regex: \"/orders/${order_id}/items$\"}",
    ] {
        assert!(scenario.contains(part), "{part}: {scenario}");
    }
    assert_eq!(scenario.matches(there.url().as_str()).count(), 1, "{scenario}");
    // It has another port.
    let other = server(0, |count: &mut u32, line, head, _| orders(count, line, head, ""));
    passes(&folder, &other, &[], &scenario);
    let without = server(0, |count: &mut u32, line, head, _| orders(count, line, head, "Location"));
    let (passed, said) = run(&folder, &without, &[]);
    assert!(!passed && said.contains("Location"), "{said}");
}
