//! Names of headers go out as the spec writes them.

use crate::{library, raw};

fn names(answer: &str) -> Vec<&str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().skip(1).map(|line| line.split(':').next().unwrap()).collect()
}

#[test]
fn each_answer_spells_its_headers_as_its_spec_does() {
    let mock = library();
    let of = |path: &str| {
        raw(&mock, format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
    };
    let cases: &[(&str, &[&str])] = &[
        ("/library/books/1", &["WWW-Authenticate", "content-TYPE"]),
        ("/library/books/a@b.example", &["X-REQUEST-ID", "Content-Type"]),
        ("/library/nowhere", &["ETag", "x-lower-Case", "Content-Type"]),
        ("/nowhere", &["Content-Type"]),
        ("/_counterpart/health", &["Content-Type"]),
    ];
    for (path, expected) in cases {
        let answer = of(path);
        let names = names(&answer);
        for name in expected.iter().chain(&["Content-Length", "Date", "Connection"]) {
            assert!(names.contains(name), "{path}: {name}: {answer}");
        }
        if path.starts_with("/library") {
            assert!(names.contains(&"X-RateLimit-Remaining"), "{answer}");
        }
        if path.starts_with("/library/books") {
            assert!(names.contains(&"X-Counterpart-Operation"), "{answer}");
        }
    }
}

#[test]
fn spellings_do_not_run_into_each_other_on_one_connection() {
    let mock = library();
    let answers = raw(
        &mock,
        "GET /library/books/1 HTTP/1.1\r\nHost: h\r\n\r\n\
         GET /library/books/a@b.example HTTP/1.1\r\nHost: h\r\n\r\n\
         GET /library/books/2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(answers.matches("\r\ncontent-TYPE: ").count(), 2, "{answers}");
    assert_eq!(answers.matches("\r\nContent-Type: ").count(), 1, "{answers}");
}
