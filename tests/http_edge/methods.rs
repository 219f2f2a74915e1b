//! HEAD, OPTIONS and `Allow`; lists in several lines; sessions in an encoded path.

use crate::support::client::Client;
use crate::{library, raw};

/// The head of an answer without its date.
fn head(answer: &str) -> Vec<&str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().filter(|line| !line.starts_with("Date:")).collect()
}

#[test]
fn head_is_answered_as_get_is_but_for_the_body() {
    let mock = library();
    for path in [
        "/library/books/1",
        "/library/books/abc",
        "/library/books/a@b.example",
        "/library/nowhere",
        "/nowhere",
        "/library/shelves/x?y",
        "/_counterpart/health",
        "/_counterpart/nowhere",
    ] {
        let of = |method: &str| {
            raw(
                &mock,
                format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            )
        };
        let (get, headed) = (of("GET"), of("HEAD"));
        assert!(headed.ends_with("\r\n\r\n"), "{path}: {headed}");
        assert_eq!(head(&get), head(&headed), "{path}");
    }
}

#[test]
fn allowed_methods_are_told() {
    let mock = library();
    let mut client = Client::new(mock.address());
    let reply = client.send("PATCH", "/library/books/1", &[], "");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("DELETE, GET, HEAD, OPTIONS")));
    let reply = client.send("HEAD", "/library/say", &[], "");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("OPTIONS, POST")));
    for (path, allow) in [
        ("/library/books/1", Some("DELETE, GET, HEAD, OPTIONS")),
        ("/library/say", Some("OPTIONS, POST")),
        ("/_counterpart/clock", Some("GET, HEAD, PUT, OPTIONS")),
        ("*", None),
    ] {
        let reply = client.send("OPTIONS", path, &[], "");
        assert_eq!((reply.status, reply.header("allow")), (204, allow), "{path}");
    }
    assert_eq!(client.send("OPTIONS", "/library/nowhere", &[], "").status, 404);
}

#[test]
fn lines_of_one_name_are_one_list() {
    let mock = library();
    let of = |lines: &str| {
        raw(
            &mock,
            format!(
                "GET /library/shelves/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{lines}\r\n"
            ),
        )
    };
    for (lines, expected) in [
        ("", "application/json"),
        ("Accept:\r\n", "application/json"),
        ("Accept: text/html\r\nAccept: application/xml\r\n", "application/xml"),
        ("Accept: application/json;q=0.1\r\nAccept: application/xml\r\n", "application/xml"),
        ("Accept: application/json;Q=0.1\r\nX: y\r\nAccept: */*\r\n", "application/xml"),
        ("Accept: application/xml; q=0\r\nAccept: */*\r\n", "application/json"),
    ] {
        let answer = of(lines);
        assert!(answer.contains(&format!("Content-Type: {expected}\r\n")), "{lines}: {answer}");
    }
    let answer = raw(
        &mock,
        "POST /library/say HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Tag: a\r\nx-tag: b\r\n\
         Content-Length: 0\r\n\r\n",
    );
    assert!(answer.contains(r#""tag":"a, b""#), "{answer}");
}

#[test]
fn the_mark_of_a_session_may_be_encoded() {
    let mock = library();
    let mut client = Client::new(mock.address());
    for path in ["/%40one", "/@one", "/@%6Fne", "/%40o%6ee"] {
        let reply = client.send("GET", &format!("{path}/library/books/1"), &[], "");
        assert_eq!(reply.status, 200, "{path}");
    }
    let journal = client.send("GET", "/%40one/_counterpart/requests", &[], "").text();
    assert_eq!(journal.matches(r#""operation":"find""#).count(), 4, "{journal}");
    for path in ["/%40", "/%40a%2Fb", "/%40a%20b", "/%40%ff"] {
        let reply = client.send("GET", &format!("{path}/library/books/1"), &[], "");
        assert_eq!(reply.status, 400, "{path}");
    }
}
