//! Ways to an endpoint: through proxies, and behind Unix sockets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use counterpart::MockServer;
use support::canned::{Canned, whole};
use support::folder::Folder;
use support::serving::Serving;

const SPEC: &str = "counterpart: 1
vendor: shelf
servers: [{url: \"https://shelf.example/v1\"}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
operations:
- {operationId: list_books, method: GET, path: /books, steps: [{respond: {status: 200, body: {titles: [Pan]}}}]}
- operationId: add_book
  method: POST
  path: /books
  consumes: [application/json]
  requestBody: {schema: {type: object, additionalProperties: true}}
  steps: [{respond: {status: 201, body: {title: \"${body.title}\"}}}]
";

const SCENARIOS: &str = "counterpart: 1
vendor: shelf
scenarios:
- name: books
  steps:
  - {call: list_books, expect: {status: 200, body: {titles: [Pan]}}}
  - {call: add_book, with: {body: {title: Jenny}}, expect: {status: 201, body: {title: Jenny}}}
  - {call: list_books, expect: {status: 200}}
";

fn folder(name: &str) -> Folder {
    let name = format!("ways-{name}");
    Folder::new(&name, &[("specs/shelf.yaml", SPEC), ("scenarios/shelf.yaml", SCENARIOS)])
}

/// The runner, with nothing of the environment that is about proxies but these variables.
fn run(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = folder.runner(arguments);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[track_caller]
fn told((code, all): &(Option<i32>, String), wanted: i32, words: &[&str]) {
    assert_eq!(*code, Some(wanted), "{all}");
    for word in words {
        assert!(all.contains(word), "{word} is not in {all}");
    }
}

/// Copies what comes, until its end.
fn copy(mut from: impl Read, mut to: impl Write, end: impl FnOnce()) {
    io::copy(&mut from, &mut to).ok();
    end();
}

fn join(client: TcpStream, server: TcpStream) {
    let (from_client, to_client) = (client.try_clone().unwrap(), client);
    let (from_server, to_server) = (server.try_clone().unwrap(), server);
    let back = to_client.try_clone().unwrap();
    thread::spawn(move || {
        let end = to_server.try_clone().unwrap();
        copy(from_client, to_server, || _ = end.shutdown(Shutdown::Write));
    });
    copy(from_server, to_client, || _ = back.shutdown(Shutdown::Both));
}

/// A proxy as those of companies are: it tunnels, forwards, and may ask for credentials.
struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(credentials: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let known = seen.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let known = known.clone();
                thread::spawn(move || serve(client, credentials, &known));
            }
        });
        Self { address, seen }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

fn serve(mut client: TcpStream, credentials: Option<&str>, seen: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match client.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let (line, fields) = head.split_once("\r\n").unwrap();
    seen.lock().unwrap().push(line.to_owned());
    let shown = credentials.is_none_or(|it| fields.contains(&format!("Proxy-Authorization: {it}")));
    if !shown {
        let refused = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
        client.write_all(refused.as_bytes()).ok();
        return;
    }
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, _] = *parts else { return };
    if method == "CONNECT" {
        match TcpStream::connect(target) {
            Ok(server) => {
                client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
                join(client, server);
            }
            Err(_) => _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"),
        }
        return;
    }
    let rest = target.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut server = TcpStream::connect(host).unwrap();
    let fields = fields.lines().filter(|field| !field.starts_with("Proxy-"));
    let fields: String = fields.flat_map(|field| [field, "\r\n"]).collect();
    write!(server, "{method} {path} HTTP/1.1\r\nConnection: close\r\n{fields}").unwrap();
    join(client, server);
}

#[test]
fn endpoints_are_asked_through_a_proxy() {
    let folder = folder("proxy");
    let vendor = MockServer::builder().spec_text("shelf", SPEC).start().unwrap();
    let url = vendor.url("shelf");
    let target = format!("shelf={url}");
    let proxy = Proxy::start(None);
    let lines = || proxy.seen().iter().map(|it| it.replace(&url, "URL")).collect::<Vec<_>>();
    let through = ["GET URL/books HTTP/1.1", "POST URL/books HTTP/1.1", "GET URL/books HTTP/1.1"];
    let given = ["run", "--target", &target, "--proxy", &proxy.url()];
    told(&run(&folder, &given, &[]), 0, &["1 passed"]);
    assert_eq!(lines(), through);
    // What NO_PROXY has is asked without one, and by the environment what is on this machine.
    told(&run(&folder, &given, &[("NO_PROXY", "127.0.0.1")]), 0, &["1 passed"]);
    let usual = ["run", "--target", &target];
    told(&run(&folder, &usual, &[("HTTP_PROXY", &proxy.url())]), 0, &["1 passed"]);
    // A mock in this process never has one between.
    let mock = ["run", "--proxy", &proxy.url()];
    told(&run(&folder, &mock, &[]), 0, &["1 passed"]);
    assert_eq!(lines(), Vec::<String>::new());
    let compared = [
        "compare",
        "--left",
        "mock",
        "--right",
        &target,
        "--proxy",
        &proxy.url(),
        "--test-threads",
        "1",
    ];
    told(&run(&folder, &compared, &[]), 0, &[]);
    assert_eq!(lines(), through);
}

#[test]
fn what_speaks_tls_is_reached_through_a_tunnel() {
    let folder = folder("tunnel");
    let served = Serving::start(&folder, &["--tls", "--tls-ca-out", "ca.pem"]);
    let port = served.address().port();
    let target = format!("shelf=https://localhost:{port}/shelf/v1");
    let proxy = Proxy::start(Some("Basic YW5uOnMzY3I6dA=="));
    let authority = format!("ann:s3cr%3At@{}", proxy.address);
    let given = ["run", "--target", &target, "--cacert", "ca.pem", "--proxy"];
    let with = |proxy: &str| run(&folder, &[&given[..], &[proxy]].concat(), &[]);
    told(&with(&format!("http://{authority}")), 0, &["1 passed"]);
    assert_eq!(proxy.seen().first().unwrap(), &format!("CONNECT localhost:{port} HTTP/1.1"));
    let refused = with(&proxy.url());
    let words = [
        &*format!("the proxy {} failed: CONNECT localhost:{port} got 407", proxy.url()),
        "--proxy http://USER:PASSWORD@HOST:PORT gives some",
    ];
    told(&refused, 1, &words);
    let wrong = with(&format!("http://ann:wrong@{}", proxy.address));
    told(&wrong, 1, &["PORT gives others"]);
    assert!(!wrong.1.contains("wrong"), "{}", wrong.1);
}

#[test]
fn failures_of_a_proxy_are_told_as_its_own() {
    let folder = folder("failing");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let silent = Canned::behaving(|stream, _| _ = stream.read(&mut [0; 1]));
    let broken = Canned::answering("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    let odd = Canned::answering("SSH-2.0-x\r\n\r\n");
    let locked = Canned::answering(whole("407 No", &[], b"who?"));
    for (scheme, proxy, words) in [
        ("https", closed.clone(), "refused the connection"),
        ("http", closed.clone(), "refused the connection"),
        ("https", silent.url(), "CONNECT shelf.invalid:443 was not answered within 0.3 s"),
        ("http", silent.url(), "waiting for the head of the answer, its own or the server's"),
        ("https", broken.url(), "CONNECT shelf.invalid:443 got `HTTP/1.1 502 Bad Gateway`"),
        ("https", odd.url(), "got what is not HTTP: `SSH-2.0-x`"),
        ("http", locked.url(), "GET http://shelf.invalid got 407"),
        ("http", "http://proxy.invalid:3128".to_owned(), "the name `proxy.invalid` has no address"),
    ] {
        let target = format!("shelf={scheme}://shelf.invalid/v1");
        let given = ["run", "--target", &target, "--proxy", &proxy, "--timeout", "PT0.3S"];
        let words = [&*format!("the proxy {proxy} failed: "), words];
        told(&run(&folder, &given, &[]), 1, &words);
    }
    let bad = ["run", "--target", "shelf=http://a", "--proxy", "socks5://a:1"];
    told(&run(&folder, &bad, &[]), 2, &["--proxy: `socks5` is not a supported kind of proxy"]);
    let bad = ["run", "--target", "shelf=https://a.example"];
    let words = ["https_proxy: `https` is not a supported kind of proxy"];
    told(&run(&folder, &bad, &[("https_proxy", "https://p:1")]), 2, &words);
}

#[cfg(unix)]
#[test]
fn an_endpoint_may_be_behind_a_unix_socket() {
    use std::os::unix::net::UnixListener;

    let folder = folder("socket");
    let vendor = MockServer::builder().spec_text("shelf", SPEC).start().unwrap();
    let url = vendor.url("shelf");
    let rest = url.strip_prefix("http://").unwrap();
    let (host, base) = rest.split_at(rest.find('/').unwrap());
    let path = std::env::temp_dir().join(format!("counterpart-{}.sock", std::process::id()));
    let target = format!("shelf=unix://{}:{base}", path.display());
    let given = ["run", "--target", &target];
    told(
        &run(&folder, &given, &[]),
        1,
        &["no connection could be made: there is no socket unix://"],
    );
    let listener = UnixListener::bind(&path).unwrap();
    let host = host.to_owned();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&host).unwrap();
            let (from_client, to_server) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || {
                let end = to_server.try_clone().unwrap();
                copy(from_client, to_server, || _ = end.shutdown(Shutdown::Write));
            });
            thread::spawn(move || {
                let end = client.try_clone().unwrap();
                copy(server, client, || _ = end.shutdown(Shutdown::Both));
            });
        }
    });
    told(&run(&folder, &given, &[("HTTP_PROXY", "http://proxy.invalid")]), 0, &["1 passed"]);
    let compared = ["compare", "--left", "mock", "--right", &target];
    told(&run(&folder, &compared, &[]), 0, &[]);
    // What failed can be done again by hand.
    folder.write("scenarios/shelf.yaml", &SCENARIOS.replace("[Pan]", "[Hunger]"));
    let socket = format!("--unix-socket '{}'", path.display());
    let failed = run(&folder, &given, &[]);
    told(&failed, 1, &["`$.titles[0]` is \"Pan\"", &socket]);
    std::fs::remove_file(&path).ok();
    let bad = ["run", "--target", "shelf=unix://run/a.sock:/v1"];
    told(&run(&folder, &bad, &[]), 2, &["is not a Unix socket such as unix:///run/api.sock:/v1"]);
}
