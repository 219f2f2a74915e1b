//! What requests carry and where they lead: files, cookies, redirects, other servers.

mod support;

use std::io::Write;

use counterpart::unstable::run::Options;
use counterpart::unstable::run::event::Verdict;
use support::canned::{Canned, whole};
use support::library::{Library, on, run_all, told};

/// A server that sets a cookie, redirects, and says what it was sent.
fn elsewhere() -> Canned {
    Canned::behaving(|stream, request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let line = text.lines().next().unwrap_or_default().to_owned();
        let path = line.split(' ').nth(1).unwrap_or_default();
        let answer = match path {
            "/login" => whole(
                "302 Found",
                &[("Set-Cookie", "sid=so-secret-1; Path=/"), ("Location", "/second")],
                b"",
            ),
            "/second" => whole("303 See Other", &[("Location", "home?x=1")], b""),
            "/loop" => whole("302 Found", &[("Location", "/loop")], b""),
            _ => whole("200 OK", &[("Content-Type", "text/plain")], text.as_bytes()),
        };
        stream.write_all(&answer).ok();
    })
}

#[test]
fn files_are_sent_as_parts_of_a_form() {
    let (library, server) = (Library::new("requests-multipart"), elsewhere());
    library.folder.write("data/cover.bin", "counterpart-part-1");
    let suite = library.suite(&format!(
        "  - name: x\n    variables: {{title: Pan}}\n    steps:\n      \
         - request:\n          method: POST\n          url: {}/upload\n          \
           multipart:\n            title: '${{title}}'\n            number: [1, 2]\n            \
             cover: {{file: data/cover.bin, mediaType: image/png}}\n            \
             meta: {{json: {{a: '${{title}}'}}, filename: 'm\"eta.json'}}\n        \
           expect: {{status: 200}}\n",
        server.url()
    ));
    for runner in [on(&library.mock, Options::default()), library.endpoint(Options::default())] {
        let result = &run_all(&runner, &suite)[0];
        assert_eq!(result.verdict, Verdict::Passed, "{}", told(result));
    }
    let asked = server.asked();
    let (head, body) = asked[0].split_once("\r\n\r\n").unwrap_or_default();
    assert!(
        head.contains("Content-Type: multipart/form-data; boundary=counterpart-part-2"),
        "{head}"
    );
    assert!(!head.contains("Authorization"), "{head}");
    let field = |name: &str, text: &str| {
        format!(
            "--counterpart-part-2\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        )
    };
    let files = "--counterpart-part-2\r\nContent-Disposition: form-data; name=\"cover\"; filename=\"cover.bin\"\r\n\
        Content-Type: image/png\r\n\r\ncounterpart-part-1\r\n\
        --counterpart-part-2\r\nContent-Disposition: form-data; name=\"meta\"; filename=\"m%22eta.json\"\r\n\
        Content-Type: application/json\r\n\r\n{\"a\":\"Pan\"}\r\n--counterpart-part-2--\r\n";
    let expected =
        [field("title", "Pan"), field("number", "1"), field("number", "2")].concat() + files;
    assert_eq!(body, expected);
}

#[test]
fn redirects_are_followed_with_the_cookies_that_they_set() {
    let (library, server) = (Library::new("requests-redirects"), elsewhere());
    let suite = |cookies: &str, hops: &str, most: usize| {
        library.suite(&format!(
            "  - name: x\n    cookies: {cookies}\n    steps:\n      \
             - request: {{method: POST, url: \"{}/login\", json: {{a: 1}}}}\n        \
               redirects: {most}\n        hops: {hops}\n        \
               expect: {{status: 200, text: {{$contains: 'GET /home?x=1 '}}}}\n      \
             - request: {{method: GET, url: \"{}/again\"}}\n        \
               expect: {{text: {{$regex: 'Cookie: sid=so-secret'}}}}\n",
            server.url(),
            server.url()
        ))
    };
    let runner = on(&library.mock, Options::default());
    let hops = "[{status: 302, headers: {Location: /second}}, {status: 303}]";
    let result = &run_all(&runner, &suite("kept", hops, 2))[0];
    assert_eq!(result.verdict, Verdict::Passed, "{}", told(result));
    let names: Vec<&str> = result.steps.iter().map(|step| &*step.name).collect();
    let sent = [
        ("POST", "/login (redirect 1)"),
        ("POST", "/login (redirect 2)"),
        ("POST", "/login"),
        ("GET", "/again"),
    ];
    let sent = sent.map(|(method, rest)| format!("{method} {}{rest}", server.url()));
    assert_eq!(names, sent);
    let shown = format!("{:?}", result.steps);
    assert!(!shown.contains("so-secret") && shown.contains("${COOKIE}"), "{shown}");
    let failed = [
        (suite("ignored", hops, 2), "`text` is"),
        (suite("kept", "[{status: 301}]", 2), "the status is 302, not 301"),
        (suite("kept", "[{}]", 1), "there are more than 1 redirects"),
        (suite("kept", "[{}, {}, {}]", 3), "there were 2 redirects, not 3"),
    ];
    for (suite, message) in failed {
        let result = &run_all(&runner, &suite)[0];
        assert_eq!(result.verdict, Verdict::Failed, "{message}");
        assert!(told(result).contains(message), "{message}: {}", told(result));
    }
}

/// References as RFC 3986 section 5.2 has them; what no request can have is encoded.
#[test]
fn locations_and_links_are_resolved_and_written_as_requests_have_them() {
    const LOCATIONS: [(&str, &str); 9] = [
        ("//HOST/zz", "/zz"),
        ("http://HOST?a=1", "/?a=1"),
        ("../up", "/d/up"),
        ("./next", "/d/e/next"),
        ("../../../top", "/top"),
        ("/frag#x y", "/frag"),
        ("?only=1#f", "/d/e/7?only=1"),
        ("/a b?q=é|x", "/a%20b?q=%C3%A9%7Cx"),
        ("mailto:a@b", ""),
    ];
    let server = Canned::behaving(|stream, request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        let host = text.lines().find_map(|line| line.strip_prefix("Host: "));
        let number = path.strip_prefix("/d/e/").and_then(|number| number.parse::<usize>().ok());
        let answer = match number {
            Some(number) => {
                let location = LOCATIONS[number - 1].0.replace("HOST", host.unwrap_or_default());
                whole("302 Found", &[("Location", &location)], b"")
            }
            None => whole("200 OK", &[("Content-Type", "text/plain")], text.as_bytes()),
        };
        stream.write_all(&answer).ok();
    });
    let library = Library::new("requests-references");
    let runner = library.endpoint(Options::default());
    let url = server.url();
    for (at, (location, expected)) in LOCATIONS.into_iter().enumerate() {
        let number = at + 1;
        let suite = library.suite(&format!(
            "  - name: x\n    steps:\n      \
             - request: {{method: GET, url: '{url}/d/e/{number}'}}\n        redirects: 1\n        \
               expect: {{status: 200, text: {{$contains: 'GET {expected} HTTP'}}}}\n"
        ));
        let result = &run_all(&runner, &suite)[0];
        if expected.is_empty() {
            assert_eq!(result.verdict, Verdict::Failed);
            let told = told(result);
            assert!(told.contains("`mailto:a@b` is neither an http nor an https URL"), "{told}");
        } else {
            assert_eq!(result.verdict, Verdict::Passed, "{location}: {}", told(result));
        }
    }
    for (link, expected) in [("/f/é?x=a b#y", "/f/%C3%A9?x=a%20b"), ("/f/../g", "/g")] {
        let suite = library.suite(&format!(
            "  - name: x\n    variables: {{link: '{url}{link}'}}\n    steps:\n      \
             - follow: '${{link}}'\n        \
               expect: {{status: 200, text: {{$contains: 'GET {expected} HTTP'}}}}\n"
        ));
        let result = &run_all(&runner, &suite)[0];
        assert_eq!(result.verdict, Verdict::Passed, "{link}: {}", told(result));
    }
}

/// What would reach the server as another request than the scenario says is not sent.
#[test]
fn values_that_mean_another_folder_or_more_items_are_refused() {
    type Values<'v> = [(&'v str, Option<&'v str>)];
    let library = Library::new("requests-dots");
    let folder = "as a segment it means another folder";
    let comma = "is sent with commas between its items, and `x,y` has one itself";
    let dots = [(".", Some(folder)), ("..", Some(folder)), ("...", None)];
    let items = [("x,y", Some(comma)), ("x.y", None)];
    let cases: [(&str, &Values<'_>); 4] = [
        ("request: {method: GET, path: '/x/${v}'}", &dots),
        ("request: {method: GET, path: '/x/${v}/y?a=b'}", &dots),
        ("call: read_scan\n        with: {path: {shelf: A, file: 'a/${v}/b'}}", &dots),
        ("call: read_book\n        with: {path: {id: 1}, query: {fields: ['${v}', z]}}", &items),
    ];
    for (step, values) in cases {
        for (value, refusal) in values {
            let suite = library.suite(&format!(
                "  - name: x\n    variables: {{v: '{value}'}}\n    steps:\n      - {step}\n"
            ));
            let result = &run_all(&library.endpoint(Options::default()), &suite)[0];
            let sent = result.steps[0].request.is_some();
            let told = told(result);
            assert_eq!(sent, refusal.is_none(), "{step} {value}: {told}");
            assert!(told.contains(refusal.unwrap_or_default()), "{step} {value}: {told}");
        }
    }
}
