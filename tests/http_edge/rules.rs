//! The rules of RFC 9112 (messages) and RFC 9110 (their meaning) that a server must hold to, each
//! with bytes that put it to the test.

use crate::{explanation, library, raw};

/// Ends a request so that the server closes after it.
const CLOSE: &str = "Connection: close\r\n\r\n";

struct Rule {
    /// The section.
    section: &'static str,
    sent: String,
    /// The statuses of the answers, in order.
    statuses: &'static [u16],
    /// What the journal says of a refusal.
    says: &'static str,
}

fn rule(section: &'static str, sent: impl Into<String>, statuses: &'static [u16]) -> Rule {
    Rule { section, sent: sent.into(), statuses, says: "" }
}

fn refused(
    section: &'static str,
    sent: impl Into<String>,
    statuses: &'static [u16],
    says: &'static str,
) -> Rule {
    Rule { section, sent: sent.into(), statuses, says }
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: h\r\n{CLOSE}")
}

fn with(lines: &str) -> String {
    format!("GET /library/books/1 HTTP/1.1\r\n{lines}{CLOSE}")
}

fn post(lines: &str, body: &str) -> String {
    format!(
        "POST /library/say HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n{lines}\r\n{body}"
    )
}

fn hosts() -> Vec<Rule> {
    let bad = "is not valid";
    vec![
        refused("9112 3.2", with(""), &[400], "is missing"),
        refused("9112 3.2", with("Host: a\r\nHost: a\r\n"), &[400], "more than once"),
        refused("9112 3.2", with("Host: a\r\nX: y\r\nhOST: b\r\n"), &[400], "more than once"),
        refused("9112 3.2", with("Host: a b\r\n"), &[400], bad),
        refused("9112 3.2", with("Host: a/b\r\n"), &[400], bad),
        refused("9112 3.2", with("Host: a@b\r\n"), &[400], bad),
        refused("9112 3.2", with("Host: a:b\r\n"), &[400], bad),
        refused("9112 3.2", with("Host: a, b\r\n"), &[400], bad),
        refused("9112 3.2", with("Host: http://a\r\n"), &[400], bad),
        refused("9112 3.2", with("Host: \u{e4}\r\n"), &[400], bad),
        rule("9112 3.2", with("Host:\r\n"), &[200]),
        rule("9112 3.2", with("Host: [::1]:80\r\n"), &[200]),
        rule("9112 3.2", "GET /library/books/1 HTTP/1.0\r\n\r\n", &[200]),
        refused(
            "9112 3.2",
            "GET /library/books/1 HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
            &[400],
            "more than once",
        ),
        refused(
            "9112 3.2.2",
            format!("GET http://h/library/books/1 HTTP/1.1\r\n{CLOSE}"),
            &[400],
            "is missing",
        ),
    ]
}

fn targets() -> Vec<Rule> {
    let long = "a".repeat(70_000);
    vec![
        rule("9112 3.2.1", get("/library/books/1?"), &[200]),
        rule("9112 3.2.2", get("http://other/library/books/1"), &[200]),
        rule("9112 3.2.2", get("HTTP://other:80/library/books/1?a=b"), &[200]),
        rule("9112 3.2.2", get("http://other"), &[404]),
        refused("9110 4.2.4", get("http://user@h/library/books/1"), &[400], "names a user"),
        refused("9112 3.2.3", get("h:80"), &[400], "without a path"),
        refused(
            "9112 3.2.3",
            format!("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n{CLOSE}"),
            &[501],
            "CONNECT",
        ),
        refused("9112 3.2.4", get("*"), &[400], "only for the method OPTIONS"),
        rule("9112 3.2.4", format!("OPTIONS * HTTP/1.1\r\nHost: h\r\n{CLOSE}"), &[204]),
        rule("9112 3", get("library/books/1"), &[400]),
        rule("9112 3", get("/library/books/1 x"), &[400]),
        rule("9112 3", get("/library/\u{1}"), &[400]),
        rule("9112 3", get("/library/\0"), &[400]),
        rule("9112 3", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
        rule("9112 3", "\r\nGET /library/books/1 HTTP/1.0\r\n\r\n", &[200]),
        rule("9112 3", "GET\t/library/books/1 HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
        rule("9110 4.1", get(&format!("/{long}")), &[431]),
        rule("9112 2.3", "GET /library/books/1 HTTP/2.0\r\nHost: h\r\n\r\n", &[400]),
        rule("9112 2.3", "GET /library/books/1 http/1.1\r\nHost: h\r\n\r\n", &[400]),
        rule("9112 2.3", "GET /library/books/1\r\n\r\n", &[400]),
        rule("9110 9.1", format!("get /library/books/1 HTTP/1.1\r\nHost: h\r\n{CLOSE}"), &[405]),
        rule("9110 9.1", format!("BREW /library/books/1 HTTP/1.1\r\nHost: h\r\n{CLOSE}"), &[405]),
        rule("9110 9.3.8", format!("TRACE /library/say HTTP/1.1\r\nHost: h\r\n{CLOSE}"), &[405]),
        rule("9110 9.1", format!("G@T / HTTP/1.1\r\nHost: h\r\n{CLOSE}"), &[400]),
        rule("9110 9.1", format!(" GET / HTTP/1.1\r\nHost: h\r\n{CLOSE}"), &[400]),
        // A path is what was sent: only a vendor's parameter is decoded.
        rule("3986 2.2", get("/library/shelves/a%2Fb"), &[200]),
        rule("3986 2.2", get("/library/shelves/a/b"), &[404]),
        rule("3986 2.4", get("/library/shelves/%2e%2e"), &[200]),
        rule("3986 2.4", get("/library/shelves/%00"), &[200]),
        rule("3986 2.4", get("/library/shelves/%ff"), &[400]),
        rule("3986 2.4", get("/library/shelves/%4"), &[400]),
        rule("3986 6.2", get("/library/shelves/../books/1"), &[404]),
        rule("3986 6.2", get("//library/books/1"), &[404]),
    ]
}

fn fields() -> Vec<Rule> {
    let many = "X: y\r\n".repeat(120);
    let long = format!("Host: h\r\nX: {}\r\n", "y".repeat(70_000));
    vec![
        rule("9112 5", with("Host: h\r\n: empty\r\n"), &[400]),
        rule("9112 5", with("Host: h\r\nno colon\r\n"), &[400]),
        rule("9112 5.1", with("Host: h\r\nX-A : b\r\n"), &[400]),
        rule("9112 5.1", with("Host : h\r\n"), &[400]),
        rule("9112 5.1", with("Host: h\r\nContent-Length : 0\r\n"), &[400]),
        rule("9112 5.1", with("Host: h\r\nX\u{e4}: b\r\n"), &[400]),
        rule("9112 5.1", with("Host: h\r\nX\0: b\r\n"), &[400]),
        rule("9112 5.2", with("Host: h\r\nX: a\r\n b\r\n"), &[400]),
        rule("9112 5.2", with("Host: h\r\n X: a\r\n"), &[400]),
        rule("9112 2.2", with(" X: a\r\nHost: h\r\n"), &[400]),
        rule("9112 2.2", with("Host: h\r\nX: a\rb\r\n"), &[400]),
        rule("9112 2.2", with("Host: h\r\nX: a\r\r\n"), &[400]),
        rule("9110 5.5", with("Host: h\r\nX: a\0b\r\n"), &[400]),
        rule("9110 5.5", with("Host: h\r\nX: a\u{1}b\r\n"), &[400]),
        rule("9110 5.5", with("Host: h\r\nX: \u{e4}\r\n"), &[200]),
        rule("9110 5.5", with("Host:\t h \t\r\nX: \r\n"), &[200]),
        // A lone line feed may end a line.
        rule("9112 2.2", "GET /library/books/1 HTTP/1.0\nHost: h\n\n", &[200]),
        rule("9110 5.4", with(&format!("Host: h\r\n{many}")), &[431]),
        rule("9110 5.4", with(&long), &[431]),
        refused("9110 10.1.1", with("Host: h\r\nExpect: magic\r\n"), &[417], "Expect"),
        refused(
            "9110 10.1.1",
            with("Host: h\r\nExpect: 100-continue, magic\r\n"),
            &[417],
            "Expect",
        ),
        rule(
            "9110 10.1.1",
            post("Expect: 100-Continue\r\nContent-Length: 2\r\nConnection: close\r\n", "{}"),
            &[100, 200],
        ),
        rule(
            "9110 10.1.1",
            "POST /library/say HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
            &[200],
        ),
    ]
}

fn bodies() -> Vec<Rule> {
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\nConnection: close\r\n", body);
    let length =
        |length: &str| post(&format!("Content-Length: {length}\r\nConnection: close\r\n"), "{}");
    let coding = |coding: &str| {
        post(
            &format!("Transfer-Encoding: {coding}\r\nConnection: close\r\n"),
            "2\r\n{}\r\n0\r\n\r\n",
        )
    };
    let unknown = "a transfer coding but `chunked` is not implemented";
    let broken = "breaks the rules of its transfer coding";
    vec![
        rule("9112 6.2", length("2"), &[200]),
        rule("9112 6.3", length("2, 2"), &[400]),
        rule("9112 6.3", length("+2"), &[400]),
        rule("9112 6.3", length("-2"), &[400]),
        rule("9112 6.3", length("0x2"), &[400]),
        rule("9112 6.3", length("2 2"), &[400]),
        rule("9112 6.3", length(""), &[400]),
        rule("9112 6.3", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), &[400]),
        refused("9112 6.2", length("9223372036854775808"), &[413], "larger than"),
        refused("9112 6.2", length("18446744073709551613"), &[413], "larger than"),
        rule("9112 6.2", length("18446744073709551614"), &[413]),
        rule("9112 6.2", length("18446744073709551615"), &[413]),
        rule("9112 6.2", length("18446744073709551616"), &[400]),
        rule("9112 6.2", length("99999999999999999999999999"), &[400]),
        refused("9112 6.3", length("3"), &[400], "connection ended before the body did"),
        rule("9112 7.1", chunked("2\r\n{}\r\n0\r\n\r\n"), &[200]),
        rule("9112 7.1", chunked("002;a=b;c=\"d\"\r\n{}\r\n0;x\r\n\r\n"), &[200]),
        rule(
            "9112 7.1.2",
            chunked("2\r\n{}\r\n0\r\nTrailer: x\r\nContent-Length: 9\r\n\r\n"),
            &[200],
        ),
        refused("9112 7.1", chunked("x\r\n{}\r\n0\r\n\r\n"), &[400], broken),
        refused("9112 7.1", chunked("-2\r\n{}\r\n0\r\n\r\n"), &[400], broken),
        refused("9112 7.1", chunked("0x2\r\n{}\r\n0\r\n\r\n"), &[400], broken),
        refused("9112 7.1", chunked("2\r\n{}x\r\n0\r\n\r\n"), &[400], broken),
        refused("9112 7.1", chunked("ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"), &[400], broken),
        refused("9112 7.1", chunked("2\r\n{}\r\n"), &[400], "connection ended before the body did"),
        refused("9112 6.1", coding("gzip, chunked"), &[501], unknown),
        refused("9112 6.1", coding("identity, chunked"), &[501], unknown),
        refused("9112 6.1", coding("chunked, chunked"), &[400], "more than once"),
        rule("9112 6.3", coding("chunked, gzip"), &[400]),
        rule("9112 6.3", coding("gzip"), &[400]),
        rule("9112 6.1", coding("CHUNKED"), &[200]),
        // The length does not count, and nothing more is read on that connection.
        rule(
            "9112 6.3",
            post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")
                + &get("/"),
            &[200],
        ),
        rule(
            "9112 6.1",
            "POST /library/say HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            &[400],
        ),
    ]
}

fn connections() -> Vec<Rule> {
    let one = "GET /library/books/1 HTTP/1.1\r\nHost: h\r\n\r\n";
    let ends = |token: &str| {
        format!("GET /library/books/1 HTTP/1.1\r\nHost: h\r\nConnection: {token}\r\n\r\n{one}")
    };
    vec![
        rule("9112 9.3", format!("{one}{one}{one}"), &[200, 200, 200]),
        rule("9112 9.3", ends("close"), &[200]),
        rule("9112 9.6", ends("x, Close"), &[200]),
        rule("9112 9.6", ends("keep-alive"), &[200, 200]),
        rule("9112 9.3", format!("GET /library/books/1 HTTP/1.0\r\n\r\n{one}"), &[200]),
        rule(
            "9112 9.3",
            format!("GET /library/books/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n{one}"),
            &[200, 200],
        ),
        // Whatever follows what was refused may be anything.
        rule("9112 3.2", format!("GET / HTTP/1.1\r\n\r\n{one}"), &[400]),
        rule("9112 6.3", post("Content-Length: x\r\n", "") + one, &[400]),
        rule(
            "9110 15.3.5",
            format!("DELETE /library/books/1 HTTP/1.1\r\nHost: h\r\n\r\n{one}"),
            &[204, 200],
        ),
        rule(
            "9110 9.3.2",
            format!("HEAD /library/books/1 HTTP/1.1\r\nHost: h\r\n\r\n{one}"),
            &[200, 200],
        ),
        rule(
            "9112 6.3",
            format!(
                "GET /library/books/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc{one}"
            ),
            &[200, 200],
        ),
    ]
}

fn statuses(answer: &str) -> Vec<u16> {
    let lines = answer.match_indices("HTTP/1.").map(|(at, _)| &answer[at..]);
    lines.map(|line| line[9..12].parse().unwrap()).collect()
}

fn hold(rules: Vec<Rule>) {
    let mock = library();
    let mut wrong = Vec::new();
    for Rule { section, sent, statuses: expected, says } in rules {
        let shown: String = sent.chars().take(300).collect();
        let answer = raw(&mock, &sent);
        if statuses(&answer) != expected {
            wrong.push(format!("{section}: {shown:?}: not {expected:?}: {answer:?}"));
            continue;
        }
        if !says.is_empty() {
            let explained = explanation(&mock);
            if !explained.contains(says) {
                wrong.push(format!("{section}: {shown:?}: the journal says {explained}"));
            }
        }
        let final_ones = expected.iter().filter(|status| **status >= 200).count();
        let dates = answer.matches("\r\nDate: ").count();
        if dates != final_ones {
            wrong.push(format!("9110 6.6.1: {shown:?}: {dates} dates: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn of_hosts() {
    hold(hosts());
}

#[test]
fn of_targets() {
    hold(targets());
}

#[test]
fn of_fields() {
    hold(fields());
}

#[test]
fn of_bodies() {
    hold(bodies());
}

#[test]
fn of_connections() {
    hold(connections());
}

#[test]
fn answers_without_content_have_no_length_that_is_not_so() {
    let mock = library();
    let answer = raw(&mock, format!("DELETE /library/books/1 HTTP/1.1\r\nHost: h\r\n{CLOSE}"));
    let lower = answer.to_ascii_lowercase();
    assert!(!lower.contains("content-length") && !lower.contains("transfer-encoding"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
}
